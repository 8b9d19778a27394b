"""The field for several lines."""

from textual import events

from tests.tui.frames import frame
from tests.tui.widgets.host import Host
from widgets.editor import Editor


async def test_ctrl_s_saves_what_was_changed_once():
    app = Host(Editor("first"))
    async with app.run_test(size=(40, 8), message_hook=app.hook) as pilot:
        await pilot.press("end", "enter", *"two", "ctrl+s", "ctrl+s")
        assert [message.text for message in app.posted(Editor.Saved)] == ["first\ntwo"]


async def test_leaving_saves():
    app = Host(Editor("first"))
    async with app.run_test(size=(40, 8), message_hook=app.hook) as pilot:
        await pilot.press("x")
        await pilot.click("#elsewhere")
        await pilot.pause()
        assert [message.text for message in app.posted(Editor.Saved)] == ["xfirst"]


async def test_looking_into_another_window_saves_nothing():
    app = Host(Editor("first"))
    async with app.run_test(size=(40, 8), message_hook=app.hook) as pilot:
        await pilot.press("x")
        app.post_message(events.AppBlur())
        await pilot.pause()
        assert not app.posted(Editor.Saved)


async def test_escape_gives_up_and_undo_brings_it_back():
    app = Host(Editor("first"))
    async with app.run_test(size=(40, 8), message_hook=app.hook) as pilot:
        await pilot.press(*"new ", "escape")
        assert app.widget.text == "first"
        assert [message.given_up for message in app.posted(Editor.Cancelled)] == ["new first"]
        await pilot.press("ctrl+z")
        assert app.widget.text == "new first"


async def test_a_paste_cannot_reach_the_terminal_and_markup_is_text():
    app = Host(Editor("[red]x[/red] \x1b]0;owned\x07"))
    async with app.run_test(size=(60, 8), message_hook=app.hook) as pilot:
        app.post_message(events.Paste("\x1b[2J\r\nnext"))
        await pilot.pause()
        assert "\x1b" not in frame(app)
        assert "[red]x[/red]" in frame(app)
        await pilot.press("ctrl+s")
        assert app.posted(Editor.Saved)[0].text.startswith("^[[2J\nnext")


async def test_another_text_can_be_shown():
    app = Host(Editor("first"))
    async with app.run_test(size=(40, 8), message_hook=app.hook) as pilot:
        app.widget.show("second")
        await pilot.press("ctrl+s", "escape")
        assert app.widget.text == "second"
        assert not app.posted(Editor.Saved)
