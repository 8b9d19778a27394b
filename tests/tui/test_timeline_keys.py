"""Every key of the timeline: named on the page of keys, and nothing but what its name says."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from textual import events
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input

from app.cli import cli
from app.history import Desk
from app.review.records import Event, Session
from app.text import visible
from app.tui import Blamefree
from screens import external
from screens.frame import StepScreen
from screens.frame_keys import keys_of
from tests.tui.driving import running, said, settle, steps, type_text
from tests.tui.frames import frame, line_with
from tests.tui.hostile import EVERYTHING, LONG, MARKUP
from tests.tui.reviews import at, saved, small_review
from tests.tui.test_hostile_session import check_drawn

WIDE = (120, 30)
COLUMNS = ("time", "kind", "text", "source", "actor", "milestone")
LEAVES = {"app.leave", "app.command_palette", "app.quit", "app.help_quit", "app.suspend_process", "quit"}
"""Actions that leave the review or the program; they have tests of their own."""


def row(session: Session, key: str) -> Event:
    return next(event for event in session.events if event.id == key)


async def back_to_the_table(app: Blamefree, pilot: Pilot[None]) -> None:
    """Close whatever a key opened."""
    for _ in range(5):
        if app.current_mode != "timeline":
            await pilot.press("alt+2")
        elif isinstance(app.screen, ModalScreen) or app.focused is not app.screen.grid:
            await pilot.press("escape")
        await settle(pilot)
        if not isinstance(app.screen, ModalScreen) and app.current_mode == "timeline":
            app.screen.grid.focus()
            await pilot.pause()
            return


async def test_every_key_is_on_the_page_of_keys_by_a_name(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, StepScreen)
        page = keys_of(screen).plain.splitlines()
        named = {line[:12].strip(): line[12:].strip() for line in page if line[:12].strip()}
        assert all(named.values())
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.system or not binding.description or binding.action.partition("(")[0] in MOVES:
                continue
            assert (binding.tooltip or binding.description) in named.values(), binding
        # In the capture line Tab is a key of its own, and the last line or the page says so.
        await pilot.press("n")
        await pilot.pause()
        assert "tab  Complete" in keys_of(screen).plain


MOVES = {"move", "page", "row_end", "to_row", "scroll_up", "scroll_down", "scroll_left", "scroll_right"} | {
    "page_up", "page_down", "page_left", "page_right", "scroll_home", "scroll_end", "app.step", "to",
}  # fmt: skip


async def test_no_key_of_the_table_fails_and_each_edit_is_one_step_with_a_name(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        desk = app.bench.desk
        pressed = 0
        for key, active in dict(app.screen.active_bindings).items():
            if active.binding.system or active.binding.action in LEAVES:
                continue
            await back_to_the_table(app, pilot)
            app.screen.grid.move_cursor("E3", "text")
            before, steps_before = desk.session, len(desk.labels())
            await pilot.press(key)
            await settle(pilot)
            assert app.is_running, key
            await back_to_the_table(app, pilot)
            made = len(desk.labels()) - steps_before
            assert made in {0, 1}, (key, desk.labels()[steps_before:])
            assert bool(made) == (desk.session != before), key
            if made:
                assert len(desk.labels()[-1].split()) >= 2, key
                desk.undo()
                assert desk.session == before, key
            pressed += 1
        assert pressed > 40


@pytest.mark.parametrize("key", ["i", "insert"])
async def test_the_keys_that_fill_in_begin_the_same_mode(tmp_path: Path, key: str) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        app.screen.grid.move_cursor("E3", "source")
        await pilot.press(key)
        await type_text(pilot, "db")
        await pilot.press("enter", "escape")
        await settle(pilot)
        assert row(app.bench.session, "E3").source == "db"
        assert not app.screen.grid.filling


@pytest.mark.parametrize("key", ["e", "enter", "f2"])
async def test_the_keys_that_edit_keep_what_stands_in_the_cell(tmp_path: Path, key: str) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        app.screen.grid.move_cursor("E3", "text")
        await pilot.press(key)
        await type_text(pilot, " now")
        await pilot.press("enter")
        await settle(pilot)
        assert row(app.bench.session, "E3").text == "pool is full now"


async def test_f2_in_a_cell_that_was_typed_over_gives_the_arrows_to_the_text(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        app.screen.grid.move_cursor("E3", "text")
        await pilot.press("i", "a", "c", "f2", "left", "b", "enter", "escape")
        await settle(pilot)
        assert row(app.bench.session, "E3").text == "abc"


async def test_your_editor_in_an_open_cell_begins_with_what_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []

    def edit_text(_app: object, text: str, _suffix: str = ".md") -> str:
        given.append(text)
        return f"{text}\nand a second line [b]x[/]"

    monkeypatch.setattr(external, "edit_text", edit_text)
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        before = app.bench.session
        app.screen.grid.move_cursor("E3", "text")
        await pilot.press("e")
        await type_text(pilot, " now")
        await pilot.press("ctrl+e")
        await settle(pilot)
        assert given == ["pool is full now"]
        assert row(app.bench.session, "E3").text == "pool is full now\nand a second line [b]x[/]"
        assert "pool is full now" in frame(app)
        await pilot.press("u", "u")
        await settle(pilot)
        assert app.bench.session == before


async def test_tab_in_the_capture_line_completes(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        await pilot.press("n")
        await type_text(pilot, "10:12 x @al")
        await pilot.press("tab")
        assert isinstance(app.focused, Input)
        assert app.focused.value.rstrip() == "10:12 x @alice"


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
@pytest.mark.parametrize("text", [EVERYTHING, LONG, "\u202egnp.exe ⁦abc⁩", "👩‍👩‍👧‍👦 漢字 e\u0301"])
async def test_any_text_can_stand_in_any_cell(tmp_path: Path, text: str, size: tuple[int, int]) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", size) as (app, pilot):
        grid = app.screen.grid
        for column in COLUMNS:
            before = app.bench.session
            # Filled in, all columns are there, however narrow the terminal is.
            await steps(pilot, "i")
            grid.move_cursor("E3", column)
            await steps(pilot, "enter", f"={text}", "enter", "escape")
            check_drawn(app)
            if app.bench.session == before:
                # A time, a kind or a milestone that is none is refused in a sentence, and what stood there stays.
                assert said(app), column
                app.clear_notifications()
            if app.screen.grid.filling:
                await steps(pilot, "escape")
            await back_to_the_table(app, pilot)
        stored = row(app.bench.session, "E3")
        for field in (stored.text, stored.source, stored.actor):
            assert len(field) >= len(text.strip()), field


@pytest.mark.parametrize(
    "keys", [("r",), ("slash",), ("n",), ("b", "down", "enter"), ("vertical_line",), ("p",)]
)
async def test_what_is_pasted_into_a_field_is_visible_before_it_gets_there(
    tmp_path: Path, keys: tuple[str, ...]
) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await steps(pilot, *keys)
        field = app.focused
        assert isinstance(field, Input)
        app.post_message(events.Paste("a\x1b]0;PWNED\x07 [red]\u202eb\x9b2J"))
        await settle(pilot)
        assert "a^[]0;PWNED^G [red]<202E>b<009B>2J" in field.value
        check_drawn(app)


async def test_a_box_that_is_ticked_is_told_from_an_empty_one_without_colour(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await steps(pilot, "r")
        assert "[x] event  [ ] source" in frame(app)
        await steps(pilot, "tab", "tab", "tab", "space")
        assert "[x] event  [x] source" in frame(app)


@pytest.mark.parametrize("year", [2025, 2023])
async def test_at_80_columns_every_column_can_be_filled_in(tmp_path: Path, year: int) -> None:
    # A row of another year has the widest time.
    review = small_review()
    far = Event(id="E9", at=at("10:30:00").replace(year=year), text="long before", about=True)
    folder = saved(tmp_path, review.model_copy(update={"events": (*review.events, far)}))
    async with running(tmp_path, folder, "timeline") as (app, pilot):
        assert "actor" not in line_with(app, "time UTC")
        await steps(pilot, "i")
        head = line_with(app, "time UTC")
        assert all(title in head for title in ("kind", "event", "source", "actor", "★"))
        app.screen.grid.move_cursor("E3", "actor")
        await pilot.press("at", "b", "o", "b", "enter", "escape")
        await settle(pilot)
        assert row(app.bench.session, "E3").actor == "@bob"
        assert "actor" not in line_with(app, "time UTC")


async def test_the_dialogs_that_reshape_show_any_text_literally_and_whole(tmp_path: Path) -> None:
    rows = tuple(
        Event(
            id=f"E{n}", at=at(f"10:05:0{n}"), text=f"{EVERYTHING} {LONG}", source=MARKUP[3], actor=MARKUP[0]
        )
        for n in range(1, 5)
    )
    with Desk.create(tmp_path / "rows", Session(events=rows)) as desk:
        folder = desk.folder
    async with running(tmp_path, folder, "timeline") as (app, pilot):
        for keys in (
            ("b",),
            ("b", "down", "enter"),
            ("b", "down", "down", "enter"),
            ("k",),
            ("t",),
            ("vertical_line",),
            ("r",),
            ("r", "=red"),
            ("r", "=red", "tab", f"={visible(EVERYTHING)}"),
            ("r", "=(", "tab", "tab"),
            ("m",),
        ):
            await steps(pilot, *keys)
            assert isinstance(app.screen, ModalScreen), keys
            check_drawn(app)
            for widget in app.screen.query("Input, OptionList, Checkbox, .hint, .title"):
                if widget.display and widget.region:
                    assert widget.region in app.screen.region, (keys, widget)
            await back_to_the_table(app, pilot)
        assert app.bench.session.events == rows
        await steps(pilot, "F")
        check_drawn(app)
        assert "×4" in frame(app)


async def test_v_on_a_row_of_an_imported_report_shows_its_line_there(tmp_path: Path) -> None:
    report = tmp_path / "notes.md"
    report.write_text(
        "# Outage\n\n## Timeline\n\n- 2025-02-09 10:05 errors [b]x[/] \x1b[2J\n- 2025-02-09 10:06 calm\n"
    )
    ran = CliRunner().invoke(cli, ["--sessions", str(tmp_path / "all"), "import", str(report)])
    assert ran.exit_code == 0, ran.output
    (folder,) = (tmp_path / "all").iterdir()
    async with running(tmp_path / "all", folder, "timeline", WIDE) as (app, pilot):
        await steps(pilot, "v")
        assert "notes.md" in frame(app)
        assert "5  - 2025-02-09 10:05 errors [b]x[/] ^[[2J" in line_with(app, "▌     5")
        check_drawn(app)
