"""The capture line."""

import pytest
from textual import events

from tests.tui.frames import frame, line_with
from tests.tui.widgets.host import Host
from widgets.capture import CaptureLine
from widgets.line_input import PASTE_LIMIT


def hosted(**options: object) -> Host:
    return Host(CaptureLine(lambda text: f"understood <{text}> [red]", placeholder="10:15 what", **options))


def submitted(app: Host) -> list[str]:
    return [message.text for message in app.posted(CaptureLine.Submitted)]


async def test_what_was_understood_is_shown_under_the_line_while_typing():
    app = hosted()
    async with app.run_test(size=(60, 8)) as pilot:
        app.widget.focus()
        assert "10:15 what" in frame(app)
        await pilot.press(*"10:15")
        await pilot.pause()
        lines = frame(app).split("\n")
        assert lines[0].strip() == "> 10:15"
        assert lines[1].strip() == "understood <10:15> [red]"
        await pilot.press(*["backspace"] * 5)
        await pilot.pause()
        assert "understood" not in frame(app)


async def test_enter_posts_the_line_and_the_next_one_can_be_typed():
    app = hosted()
    async with app.run_test(size=(60, 8), message_hook=app.hook) as pilot:
        app.widget.focus()
        await pilot.press(*"one", "enter", *"two", "enter", "enter")
        assert submitted(app) == ["one", "two"]
        assert app.widget.has_caret
        assert app.widget.text == ""


async def test_a_burst_of_lines_stays_apart():
    app = hosted()
    async with app.run_test(size=(60, 8), message_hook=app.hook) as pilot:
        app.widget.focus()
        app.burst(*"one", "enter", *"two", "enter", *"three")
        await pilot.pause()
        assert submitted(app) == ["one", "two"]
        assert app.widget.text == "three"


async def test_up_and_down_walk_through_what_was_typed_and_the_draft_waits():
    app = hosted()
    async with app.run_test(size=(60, 8)) as pilot:
        app.widget.focus()
        await pilot.press(*"one", "enter", *"two", "enter", *"draft", "up")
        assert app.widget.text == "two"
        await pilot.press("up", "up")
        assert app.widget.text == "one"
        await pilot.press("down", "down", "down")
        assert app.widget.text == "draft"


async def test_escape_leaves_and_loses_nothing():
    app = hosted()
    async with app.run_test(size=(60, 8), message_hook=app.hook) as pilot:
        app.widget.focus()
        await pilot.press(*"half", "escape")
        assert len(app.posted(CaptureLine.Left)) == 1
        assert app.widget.text == "half"


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [("10:15 a\n10:16 b", "10:15 a 10:16 b"), ("\x1b[2Jx", "^[[2Jx"), ("[red]x", "[red]x")],
)
async def test_a_paste_is_kept_whole_on_one_line_and_made_visible(pasted, kept):
    app = hosted()
    async with app.run_test(size=(60, 8), message_hook=app.hook) as pilot:
        app.widget.focus()
        app.post_message(events.Paste(pasted))
        await pilot.pause()
        assert "\x1b" not in frame(app)
        await pilot.press("enter")
        assert submitted(app) == [kept]


async def test_a_paste_that_is_too_long_is_refused_with_its_size():
    app = hosted()
    async with app.run_test(size=(60, 8), message_hook=app.hook) as pilot:
        app.widget.focus()
        await pilot.press("a")
        app.post_message(events.Paste("é" * (PASTE_LIMIT // 2)))
        await pilot.pause()
        assert app.widget.text.startswith("aé")
        app.post_message(events.Paste("é" * (PASTE_LIMIT // 2 + 1)))
        await pilot.pause()
        assert [message.size for message in app.posted(CaptureLine.TooLong)] == [PASTE_LIMIT + 2]


async def test_the_reading_can_change_while_text_stands_there():
    app = hosted(complete=lambda _text: ("rollback done",))
    async with app.run_test(size=(60, 8)) as pilot:
        app.widget.focus()
        await pilot.press(*"roll")
        app.widget.set_understand(lambda text: "a why")
        await app.workers.wait_for_complete()
        await pilot.press("right")
        await pilot.pause()
        assert app.widget.text == "rollback done "
        assert line_with(app, "a why")
