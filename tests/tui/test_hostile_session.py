"""A review full of attacks, on every screen: shown as it is written, obeyed by nobody."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.app import App
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input

from app.review import edits
from app.review.plain import one_line
from app.tui import Blamefree
from screens.frame import StepScreen
from screens.workbench import STEPS
from tests.tui.driving import quiet, running, step, type_text
from tests.tui.frames import frame
from tests.tui.hostile import EVERYTHING, LONG, MARKUP, hostile_review
from tests.tui.reviews import saved


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("hostile"), hostile_review())


@pytest.fixture
async def attacked(hostile: Path, tmp_path: Path) -> AsyncIterator[tuple[Blamefree, Pilot[None]]]:
    import shutil

    folder = shutil.copytree(hostile, tmp_path / "[red]\\[review] 漢")
    async with running(tmp_path, folder, "collect", size=(100, 30)) as (app, pilot):
        yield app, pilot


def check_drawn(app: App[None]) -> None:
    """No cell of the screen runs an action that came out of data, and no character is left to be obeyed."""
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            meta = segment.style.meta if segment.style else {}
            assert "@click" not in meta, segment  # scroll bars have actions of their own
            assert not (segment.style and segment.style.link), segment
            assert segment.control is None
            assert one_line(segment.text) == segment.text, segment
    for widget in app.screen.walk_children():
        assert widget._tooltip is None or isinstance(widget._tooltip, Content), widget


async def test_it_is_one(hostile: Path) -> None:
    assert len(EVERYTHING) > 300
    text = (hostile / "session.toml").read_text("utf-8")
    assert all(mark.replace("\\", "\\\\") in text for mark in MARKUP)
    assert "^[]0;PWNED^G" in text


async def test_every_screen_shows_it_literally(attacked: tuple[Blamefree, Pilot[None]]) -> None:
    app, pilot = attacked
    for number, name in enumerate(STEPS, 1):
        await step(pilot, number)
        await quiet(pilot)
        assert app.current_mode == name
        check_drawn(app)
        shown = frame(app)
        assert "[red]" in shown, name
        assert "^[" in shown, name
        assert "漢" in shown, name
        # Under the mouse: tooltips are made when it comes to rest.
        for at in ((5, 0), (20, 4), (30, 24), (50, 28)):
            await pilot.hover(offset=at)
        check_drawn(app)
    for widget in list(app.screen.query("*")):
        if widget.tooltip is not None:
            await pilot.hover(type(widget))
    check_drawn(app)


async def test_every_view_of_the_whys_shows_it_literally_and_edits_it(
    attacked: tuple[Blamefree, Pilot[None]],
) -> None:
    app, pilot = attacked
    assert app.bench is not None
    await step(pilot, 3)
    for view in ("f", "c", "t"):
        await pilot.press(view)
        await quiet(pilot)
        for key in ("e", "escape", "down", "right", "end", "z", "escape", "x", "escape", "w"):
            await pilot.press(key)
            await pilot.pause()
            check_drawn(app)
        assert "[red]" in frame(app), view
    # Typed, too: an attack is a text like any other.
    await pilot.press("f", "enter")
    field = app.focused
    assert isinstance(field, Input)
    field.value = EVERYTHING
    await pilot.press("tab")
    field.value = LONG
    await pilot.press("enter", "escape")
    await quiet(pilot)
    check_drawn(app)
    typed = [factor.text for factor in app.bench.session.factors[-6:]]
    assert any("[@click=app.quit]" in text for text in typed)
    assert any(len(text) > 10_000 for text in typed)


async def test_every_dialog_shows_it_literally(attacked: tuple[Blamefree, Pilot[None]]) -> None:
    app, pilot = attacked
    assert app.bench is not None
    before = app.bench.session
    dialogs = {
        1: ("e", "o", "a"),
        2: ("m", "k", "t", "v", "l", "question_mark", "p"),
        3: ("m", "k", "C", "v", "r", "j", "o", "O", "G", "W", "i", "I"),
        4: ("b", "f", "k", "k enter"),
        5: ("w",),
        6: ("t", "d", "c", "f"),
    }
    literal = 0
    for number, keys in dialogs.items():
        await step(pilot, number)
        for each in keys:
            app._move_to(before.events[0].id)
            await pilot.press(*each.split())
            await pilot.pause()
            assert len(app.screen_stack) > 1, f"{each} on {number}: {frame(app)}"
            check_drawn(app)
            shown = frame(app)
            literal += "[red]" in shown
            # Whatever its text says, a dialog can be seen whole: its field, its list, its last line.
            for widget in app.screen.query("Input, OptionList, .hint"):
                if not widget.display:
                    continue
                assert widget.region in app.screen.region, f"{each} on {number}"
                assert not widget.styles.height or not widget.is_attached or widget.region.height, each
            dialog = app.screen.query(".dialog, #lines").first().region
            await pilot.hover(offset=(dialog.x + 20, dialog.y + 2))
            await pilot.click(offset=(dialog.x + 6, dialog.y + 1))
            await pilot.press("escape")
            while len(app.screen_stack) > 1:
                await pilot.press("escape")
    assert literal >= 8
    assert app.bench.session == before


async def test_the_palette_the_history_and_the_facts_show_it_literally(
    attacked: tuple[Blamefree, Pilot[None]],
) -> None:
    app, pilot = attacked
    assert app.bench is not None
    app.bench.edit(f"Edit {EVERYTHING}", lambda s: edits.set_follow_up(s, weekly="MO"), "track")
    screen = app.screen
    assert isinstance(screen, StepScreen)
    for open_it in (screen.show_history, screen.edit_incident, screen.choose_meeting):
        open_it()
        await pilot.pause()
        await pilot.pause()
        check_drawn(app)
        await pilot.press("escape")
    for typed in ("[red]", "hist[/]"):
        await pilot.press("ctrl+p")
        await type_text(pilot, typed)
        await quiet(pilot)
        check_drawn(app)
        assert typed in frame(app)
        await pilot.press("escape")
        await pilot.pause()


async def test_sentences_show_it_literally_and_leave_room_for_the_work(
    attacked: tuple[Blamefree, Pilot[None]],
) -> None:
    app, pilot = attacked
    screen = app.screen
    assert isinstance(screen, StepScreen)
    for severity in ("information", "warning", "error"):
        screen.say(f"{severity} {EVERYTHING}", severity)
    screen.say(LONG)
    await quiet(pilot)
    check_drawn(app)
    assert "[red]" in frame(app)
    assert screen.capture.region.y > max(toast.region.bottom for toast in app.screen.query("Toast")) - 1
    for toast in app.screen.query("Toast"):
        assert toast.region.height <= 9


async def test_what_is_typed_is_kept_and_shown_literally(attacked: tuple[Blamefree, Pilot[None]]) -> None:
    app, pilot = attacked
    assert app.bench is not None
    for number, name in enumerate(STEPS, 1):
        await step(pilot, number)
        screen = app.screen
        assert isinstance(screen, StepScreen)
        screen.capture.text = f"{EVERYTHING} \ud800"
        await pilot.pause()
        check_drawn(app)
        before = app.bench.session
        await pilot.press("n", "enter")
        await quiet(pilot)
        check_drawn(app)
        assert app.bench.session != before, name
        await pilot.press("escape")
    app.bench.desk.save()
    assert "<D800>" in (app.bench.desk.folder / "session.toml").read_text("utf-8")


async def test_cells_of_the_grids_can_be_edited_and_left(attacked: tuple[Blamefree, Pilot[None]]) -> None:
    app, pilot = attacked
    assert app.bench is not None
    before = app.bench.session
    for number in (2, 3, 4, 6):
        await step(pilot, number)
        await pilot.press("enter")
        for _ in range(5):
            await pilot.press("tab")
            check_drawn(app)
        await pilot.press("escape", "escape")
    assert app.bench.session == before
