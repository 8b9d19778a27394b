"""Step 4 by keys: every cell, several actions at once, sorting, the parking lot, factors without an action."""

from datetime import date
from pathlib import Path

import pytest

from app.review.records import Action, Parked, Session
from tests.tui.driving import edits, quiet, refused, running, said, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import saved, small_review

WIDE = (160, 24)


def action(session: Session, key: str) -> Action:
    return next(each for each in session.actions if each.id == key)


@pytest.mark.parametrize(
    ("column", "typed", "value"),
    [
        ("text", "Alert on [pool] use > 80 %", "Alert on [pool] use > 80 %"),
        ("done_when", "it fired in staging", "it fired in staging"),
        ("owner", "@carol", "@carol"),
        ("due", "fri", date(2025, 2, 14)),
        ("priority", "med", "medium"),
        ("kind", "det", "detect"),
        ("factors", "f3, F1", ("F3", "F1")),
        ("status", "in", "in-progress"),
    ],
)
async def test_every_cell_is_edited_in_place(tmp_path: Path, column: str, typed: str, value: object) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", WIDE) as (app, pilot):
        app.screen.grid.move_cursor("AI-001", column)
        session = await edits(pilot, "enter", f"={typed}", "enter")
        assert getattr(action(session, "AI-001"), column) == value


async def test_what_does_not_fit_a_cell_changes_nothing_and_says_what_would(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", WIDE) as (app, pilot):
        for column, typed, sentence in (
            ("due", "whenever", "is not a date: type fri, +2w, 16 feb or 2025-02-16"),
            ("due", "2025-02-31", "is not a date"),
            ("factors", "F9", "There is no factor F9: type ids such as F1"),
            ("status", "maybe", "is not a status: type open, in-progress, done or declined"),
        ):
            app.screen.grid.move_cursor("AI-001", column)
            await refused(pilot, sentence, "enter", f"={typed}", "enter")
        app.screen.grid.move_cursor("AI-001", "due")
        session = await edits(pilot, "enter", "=-", "enter")
        assert action(session, "AI-001").due is None


async def test_actions_are_changed_together(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions") as (app, pilot):
        app.screen.grid.select(("AI-001", "AI-003"))
        session = await edits(pilot, "b", "=priority", "enter", "=high", "enter")
        assert [each.priority for each in session.actions] == ["high", "high", "high"]
        session = await edits(pilot, "b", "=status", "enter", "=done", "enter")
        assert [(each.status, each.closed_on) for each in session.actions] == [
            ("done", date(2025, 2, 10)), ("open", None), ("done", date(2025, 2, 10)),
        ]  # fmt: skip
        before = session
        await steps(pilot, "b", "=due", "enter", "=whenever", "enter")
        assert "is not a date" in frame(app)
        await steps(pilot, "escape")
        assert app.bench.session == before
        session = await edits(pilot, "D")
        assert len(session.actions) == 5
        session = await edits(pilot, "d")
        assert "AI-001" not in [each.id for each in session.actions]


async def test_the_grid_is_sorted_by_key_and_by_its_header(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions") as (app, pilot):
        grid = app.screen.grid

        def order() -> list[str]:
            return [row.key[-1] for row in grid.rows]

        assert order() == ["1", "2", "3"]
        await steps(pilot, "o")
        assert order() == ["3", "1", "2"]
        assert "due ▴" in frame(app)
        await steps(pilot, "o")
        assert order() == ["3", "1", "2"]
        await steps(pilot, "o")
        assert order() == ["2", "3", "1"]
        header = frame(app).split("\n")[2]
        await pilot.click("#actions", offset=(header.index("owner") + 1, 0))
        await pilot.pause()
        assert order() == ["3", "1", "2"]
        assert not app.bench.desk.labels()


async def test_a_line_becomes_an_action(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", WIDE) as (app, pilot):
        session = await edits(
            pilot, "n", "=Dashboards for pools @dan +2w !low -> pool use can be seen", "enter"
        )
        added = session.actions[-1]
        assert (added.owner, added.due, added.priority) == ("@dan", date(2025, 2, 24), "low")
        assert added.done_when == "pool use can be seen"
        assert "no " not in line_with(app, added.id).split("Dashboards")[0]


@pytest.mark.parametrize("outcome", ["action", "question", "dropped"])
async def test_what_was_parked_is_decided(tmp_path: Path, outcome: str) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", WIDE) as (app, pilot):
        assert "parking lot (2): “read replica?”" in frame(app)
        reason = ("=too slow", "enter") if outcome == "dropped" else ()
        words = {"action": "make", "question": "keep", "dropped": "drop"}[outcome]
        session = await edits(pilot, "k", "=bigger", "enter", f"={words}", "enter", *reason)
        decided = session.parked[1]
        assert decided == Parked(
            id="P2", text="bigger pool", outcome=outcome, reason="too slow" if reason else ""
        )
        assert (session.actions[-1].text == "bigger pool") == (outcome == "action")
        assert "parking lot (1)" in frame(app)


async def test_an_empty_parking_lot_says_so(tmp_path: Path) -> None:
    bare = small_review().model_copy(update={"parked": (), "factors": ()})
    async with running(tmp_path, saved(tmp_path, bare), "actions") as (_, pilot):
        await refused(pilot, "The parking lot is empty", "k")
        await refused(pilot, "there are no factors yet", "f")


async def test_an_action_is_begun_from_a_factor(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", WIDE) as (app, pilot):
        before = app.bench.session.actions
        await steps(pilot, "f", "=index", "enter", "escape")
        assert app.bench.session.actions == before
        assert not app.bench.desk.labels()
        await steps(pilot, "f", "=index", "enter", "=Add the index", "enter")
        assert (app.bench.session.actions[-1].text, app.bench.session.actions[-1].factors) == (
            "Add the index", ("F2",),
        )  # fmt: skip
        # Leaving a cell of an older action is no reason to take anything back.
        await steps(pilot, "ctrl+home", "enter", "escape")
        assert len(app.bench.session.actions) == len(before) + 1


async def test_the_line_below_says_what_the_action_lacks(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions") as (app, pilot):
        await steps(pilot, "ctrl+home", "down")
        assert "AI-002 has no owner, no due date, no done-when" in frame(app)
        assert "F1 pool of 20 was full" in frame(app)
        await quiet(pilot)
        assert "4 Actions 2!" in frame(app)
        assert not said(app)
