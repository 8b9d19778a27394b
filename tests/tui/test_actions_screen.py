"""Step 4 by keys: every cell, several actions at once, sorting, the parking lot, factors without an action."""

from datetime import date
from pathlib import Path

import pytest
from textual.widgets import Input

from app.review import edits as change
from app.review.records import Action, Parked, Session
from tests.tui.driving import edits, quiet, refused, running, said, steps, type_text
from tests.tui.frames import frame, line_with
from tests.tui.reviews import saved, small_review

WIDE = (160, 24)
HOSTILE = (
    "[red]x[/] [/] [ @click=app.quit]",
    "\x1b]0;pwned\x07 \x1b[2J",
    "\u202eevil\u2066",
    "👩‍🚒🏳️‍🌈 é",
    "x" * 10_000,
)


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
        session = await edits(pilot, "X")
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
        assert "parking lot (2)" in frame(app)
        assert "“read replica?”" in frame(app)
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


async def test_the_lines_below_say_what_the_gate_says(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions") as (app, pilot):
        await steps(pilot, "ctrl+home", "down")
        shown = frame(app)
        assert "✗ A1 Nobody owns it" in shown
        assert "✗ A2 It has no due date.  → Due 2025-02-24 (high)" in shown
        assert "r mends what it lacks (" in shown
        assert "5! M" in line_with(app, "AI-002")
        await steps(pilot, "i")
        assert "F1 pool of 20 was full" in frame(app)
        assert "@bob: 1 open, next 02-16" in frame(app)
        await steps(pilot, "escape")
        await quiet(pilot)
        assert "4 Actions 2!" in frame(app)
        assert not said(app)


async def test_the_gate_follows_every_key(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", (160, 48)) as (app, pilot):
        app.screen.grid.move_cursor("AI-001", "text")
        await steps(pilot, "enter", "=Be more careful")
        assert "A8 It only asks people" in frame(app)
        assert "weak: it asks people" in frame(app)
        await steps(pilot, "=Alert on-call when pool use is above 80 %")
        assert "A8" not in frame(app)
        await steps(pilot, "escape", "n", "=Improve monitoring @bob")
        assert "has no end" in frame(app)


async def test_what_the_gate_says_is_mended_by_one_choice(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", WIDE) as (app, pilot):
        app.screen.grid.move_cursor("AI-002", "text")
        session = await edits(pilot, "r", "=Due 2025", "enter")
        assert action(session, "AI-002").due == date(2025, 2, 24)
        await steps(pilot, "r", "=owner", "enter", "=@dan", "enter")
        assert action(app.bench.session, "AI-002").owner == "@dan"


async def test_a_better_wording_is_put_into_the_cell_with_the_gap_selected(tmp_path: Path) -> None:
    review = change.change(small_review(), "actions", {"AI-001"}, text="Improve monitoring")
    async with running(tmp_path, saved(tmp_path, review), "actions", WIDE) as (app, pilot):
        app.screen.grid.move_cursor("AI-001", "text")
        await steps(pilot, "r", "=Alert", "enter")
        field = app.focused
        assert isinstance(field, Input)
        assert field.value == "Alert … when … is above … for … minutes"
        await type_text(pilot, "ops")
        assert field.value.startswith("Alert ops when …")
        await steps(pilot, "enter")
        assert action(app.bench.session, "AI-001").done_when == "it has fired in staging"
        app.bench.desk.undo()
        app.bench.desk.undo()
        assert app.bench.session == review


async def test_done_when_is_asked_for(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", WIDE) as (app, pilot):
        await steps(pilot, "ctrl+home")
        session = await edits(pilot, "d", "=it [fired] in staging", "enter")
        assert action(session, "AI-001").done_when == "it [fired] in staging"
        await steps(pilot, "d", "escape")
        assert app.bench.session == session


async def test_an_action_with_two_verbs_is_split(tmp_path: Path) -> None:
    review = change.change(
        small_review(), "actions", {"AI-001"}, text="Add a pool graph and write the runbook for api-db"
    )
    async with running(tmp_path, saved(tmp_path, review), "actions", WIDE) as (app, pilot):
        await steps(pilot, "ctrl+home", "s")
        assert app.focused.value == "Add a pool graph / Write the runbook for api-db"
        await steps(pilot, "=only one", "enter")
        assert "Write both, with / between them." in frame(app)
        session = await edits(pilot, "=Add a graph / Write the runbook", "enter")
        assert [each.text for each in session.actions[:2]] == ["Add a graph", "Write the runbook"]
        assert session.actions[1].owner == "@bob"


async def test_deciding_not_to_do_it_needs_a_reason_and_is_an_outcome(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", WIDE) as (app, pilot):
        app.screen.grid.select(("AI-001", "AI-003"))
        await steps(pilot, "x", "=", "enter")
        assert "A reason is needed" in frame(app)
        session = await edits(pilot, "=the pool goes away", "enter")
        assert [(each.status, each.reason) for each in session.actions] == [
            ("declined", "the pool goes away"), ("open", ""), ("declined", "the pool goes away"),
        ]  # fmt: skip
        app.screen.grid.move_cursor("AI-001")
        await pilot.pause()
        assert "declined: the pool goes away" in frame(app)


async def test_factors_are_linked_and_unlinked(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", WIDE) as (app, pilot):
        assert "actions without a factor (2)" in frame(app)
        await steps(pilot, "ctrl+home")
        session = await edits(pilot, "v", "=index", "enter")
        assert action(session, "AI-001").factors == ("F2",)
        assert "actions without a factor (1)" in frame(app)
        session = await edits(pilot, "v", "=index", "enter")
        assert action(session, "AI-001").factors == ()


async def test_dates_come_from_a_policy(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", WIDE) as (app, pilot):
        session = await edits(pilot, "t", "=default", "enter")
        assert [str(each.due) for each in session.actions] == ["2025-02-16", "2025-02-24", "2025-02-14"]
        await refused(pilot, "Every open action has a date", "t")
        app.screen.grid.select(("AI-003",))
        session = await edits(pilot, "t", "=Dispatch", "enter")
        assert str(action(session, "AI-003").due) == "2025-02-17"


async def test_an_action_is_made_out_of_a_row_and_keeps_the_link(tmp_path: Path) -> None:
    review = change.change(small_review(), "factors", {"F1"}, events=("E3",))
    async with running(tmp_path, saved(tmp_path, review), "actions", WIDE) as (app, pilot):
        before = app.bench.session.actions
        await steps(pilot, "E", "=pool", "enter", "escape")
        assert app.bench.session.actions == before
        await steps(pilot, "E", "=pool", "enter", "=Alert on the pool", "enter")
        made = app.bench.session.actions[-1]
        assert (made.text, made.events, made.factors) == ("Alert on the pool", ("E3",), ("F1",))
        assert "from E3" in frame(app)


async def test_all_weak_and_too_many_are_said_of_all_together(tmp_path: Path) -> None:
    review = small_review().model_copy(update={"actions": ()})
    review = change.add_all(review, "actions", [Action(text=f"Remind everybody {n}") for n in range(11)])
    async with running(tmp_path, saved(tmp_path, review), "actions", WIDE) as (app, _):
        assert "All actions are weak" in frame(app)
        assert "There are 11 items" in frame(app)


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_text_is_only_text_in_every_field(tmp_path: Path, hostile: str) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", WIDE) as (app, pilot):
        app.screen.grid.move_cursor("AI-001", "text")
        for column in ("text", "done_when", "owner"):
            app.screen.grid.move_cursor("AI-001", column)
            await steps(pilot, "enter", f"={hostile}", "enter")
        await steps(
            pilot, "d", f"={hostile}", "enter", "x", f"={hostile}", "enter", "i", "escape", "r", "escape"
        )
        kept = action(app.bench.session, "AI-001")
        assert kept.reason == kept.done_when
        assert "\x1b" not in frame(app)
        assert app.is_running
