"""Step 2 by keys: every column in place, rows alone and together, filter, suggestions, the person's editor."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import App

from app.review.records import Event, Session
from tests.tui.driving import edits, quiet, refused, running, said, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import at, saved, with_evidence

WIDE = (120, 24)


def row(session: Session, key: str) -> Event:
    return next(event for event in session.events if event.id == key)


async def test_every_cell_is_edited_in_place(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        grid = app.screen.query_one("#timeline")
        for column, typed, field, value in (
            ("time", "10:07:30", "at", at("10:07:30")),
            ("kind", "obs", "kind", "observation"),
            ("text", "pool is [full] 漢", "text", "pool is [full] 漢"),
            ("source", "db logs", "source", "db logs"),
            ("actor", "@bob", "actor", "@bob"),
            ("milestone", "mit", "milestone", "mitigated"),
        ):
            grid.move_cursor("E3", column)
            session = await edits(pilot, "enter", f"={typed}", "enter")
            assert getattr(row(session, "E3"), field) == value
            assert grid.cursor_key == "E3"
        assert "pool is [full] 漢" in frame(app)
        assert "TTM 2 min 7 s" in frame(app)


async def test_tab_goes_on_to_the_next_cell(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        app.screen.query_one("#timeline").move_cursor("E4", "kind")
        await steps(pilot, "enter", "=decision", "tab", "=cache rolled out", "enter")
        changed = row(app.bench.session, "E4")
        assert (changed.kind, changed.text) == ("decision", "cache rolled out")
        assert len(app.bench.desk.labels()) == 2


async def test_a_time_that_is_none_changes_nothing_and_says_what_would_be(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        app.screen.query_one("#timeline").move_cursor("E1", "time")
        await refused(pilot, "is not a time: type 10:15", "enter", "=25:99", "enter")
        await refused(pilot, "is not a time: type 10:15", "enter", "=[red]soon", "enter")
        session = await edits(pilot, "enter", "=", "enter")
        assert row(session, "E1").at is None
        assert row(session, "E1").precision == "order-only"


async def test_a_row_is_deleted_and_comes_back_by_a_key(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        before = app.bench.session
        app.screen.query_one("#timeline").move_cursor("E2")
        await steps(pilot, "d")
        assert [event.id for event in app.bench.session.events] == ["E1", "E3", "E4"]
        assert "u brings it back" in said(app)
        await steps(pilot, "u")
        assert app.bench.session == before
        assert "Undone: Delete E2" in said(app)
        await steps(pilot, "U")
        assert len(app.bench.session.events) == 3
        assert "Done again: Delete E2" in said(app)
        await steps(pilot, "ctrl+z", "u", "u")
        assert "Nothing to undo." in said(app)


async def test_rows_are_changed_together(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        grid = app.screen.query_one("#timeline")
        grid.move_cursor("E1")
        await steps(pilot, "space", "shift+down")
        assert set(grid.selected_keys) == {"E1", "E2"}
        session = await edits(pilot, "k", "=decis", "enter")
        assert [event.kind for event in session.events][:2] == ["decision", "decision"]
        session = await edits(pilot, "t", "=+42s", "enter")
        assert [event.at for event in session.events][:2] == [at("10:06:05"), at("10:07:27")]
        session = await edits(pilot, "asterisk")
        assert [event.starred for event in session.events] == [True, True, False, True]
        session = await edits(pilot, "asterisk")
        assert [event.starred for event in session.events] == [False, False, False, True]
        session = await edits(pilot, "D")
        assert len(session.events) == 6
        grid.select(("E3", "E4"))
        session = await edits(pilot, "M")
        merged = row(session, "E3")
        assert "pool is full" in merged.text
        assert "cache deployed" in merged.text
        assert (merged.source, merged.actor, merged.starred) == ("app logs", "@alice", True)
        session = await edits(pilot, "ctrl+a", "d")
        assert not session.events


async def test_a_shift_that_is_none_is_said_in_the_dialog(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        before = app.bench.session
        for typed in ("soon", "10:15", "+99999999h", "+9" * 30):
            await steps(pilot, "t", f"={typed}", "enter")
            assert "Type a sign, a number and a unit" in frame(app), typed
            await steps(pilot, "escape")
        await refused(pilot, "Select at least two rows", "M")
        assert app.bench.session == before


async def test_a_milestone_is_on_one_row_only(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        app.screen.query_one("#timeline").move_cursor("E3")
        session = await edits(pilot, "m", "=started", "enter")
        assert [event.milestone for event in session.events] == ["", "detected", "started", ""]
        session = await edits(pilot, "m", "=no mile", "enter")
        assert [event.milestone for event in session.events] == ["", "detected", "", ""]
        await steps(pilot, "m", "escape")
        assert app.bench.session == session


async def test_the_rows_are_narrowed_while_typing(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        grid = app.screen.query_one("#timeline")
        await steps(pilot, "slash", "=pool logs")
        assert [each.key for each in grid.rows] == ["E3"]
        await steps(pilot, "enter")
        assert grid.has_focus
        # A row that is added while the filter hides it is there when the filter goes.
        await steps(pilot, "n", "=10:20 all clear", "enter", "escape")
        await steps(pilot, "slash", "escape")
        assert len(grid.rows) == 6  # with the quiet stretch before the new row
        assert "without a row" in frame(app)
        await steps(pilot, "S")
        assert [each.key for each in grid.rows] == ["E4"]
        await steps(pilot, "S")
        assert len(grid.rows) == 6


async def test_suggestions_are_accepted_dismissed_and_looked_through(tmp_path: Path) -> None:
    async with running(tmp_path, with_evidence(tmp_path), "timeline") as (app, pilot):
        await quiet(pilot)
        offered = app.screen.suggestions.all
        assert [each.reason for each in offered]
        assert "1/2 The first line that declares an error." in frame(app)
        await steps(pilot, "full_stop")
        assert "2/2" in frame(app)
        await steps(pilot, "comma")
        await steps(pilot, "V")
        while not line_with(app, "▸  10:05:00"):
            await steps(pilot)
        assert "pool exhausted" in line_with(app, "▸  10:05:00")
        await steps(pilot, "escape")
        await steps(pilot, "a")
        assert app.screen.query_one("#timeline").cursor_key == "E5"
        await steps(pilot, "u")
        session = await edits(pilot, "a")
        accepted = session.events[-1] if session.events[-1].suggestion else session.events[0]
        assert accepted.suggestion == offered[0].key
        assert accepted.evidence == offered[0].event.evidence
        session = await edits(pilot, "x")
        assert session.dismissed == (offered[1].key,)
        assert "x dismiss" not in frame(app)
        await refused(pilot, "No suggestions", "a")
        await steps(pilot, "u", "s", "=last", "enter")
        assert len(app.bench.session.events) == 6


@pytest.fixture
def lent_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test has no terminal to lend to an editor: pretend."""

    @contextlib.contextmanager
    def suspend(self: App[None]) -> Iterator[None]:
        yield

    monkeypatch.setattr(App, "suspend", suspend)


@pytest.mark.usefixtures("lent_terminal")
async def test_a_text_is_edited_in_the_persons_editor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import pathlib, sys\npath = pathlib.Path(sys.argv[1])\n"
        "text = path.read_text()\npath.write_bytes(text.upper().encode() + b'\\n\\x1b]0;x\\x07 \\xff [red]\\n')\n"
    )
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        app.screen.query_one("#timeline").move_cursor("E2")
        monkeypatch.setenv("EDITOR", f"'{sys.executable}' '{editor}'")
        session = await edits(pilot, "ctrl+e")
        assert row(session, "E2").text == "ALERT FIRES\n^[]0;x^G \ufffd [red]"
        monkeypatch.setenv("EDITOR", "false")
        await refused(pilot, "ended with status 1: the text was left as it was", "ctrl+e")
        monkeypatch.setenv("EDITOR", "no-such-editor-here")
        await refused(pilot, "was not found: set EDITOR", "ctrl+e")
        monkeypatch.setenv("EDITOR", "true")
        await steps(pilot, "ctrl+e")
        assert app.bench.session == session


async def test_without_a_terminal_to_lend_it_says_so(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (_, pilot):
        await refused(pilot, "cannot be lent to an editor", "ctrl+e")
