"""Rows changed together and reshaped by keys: each is one step back, with a name a person understands."""

from datetime import timedelta
from pathlib import Path

from app.history import Desk
from app.review.records import Event, Session
from app.review.timeline import in_order
from tests.tui.driving import edits, refused, running, said, steps, type_text
from tests.tui.frames import frame, line_with
from tests.tui.reviews import at, saved

WIDE = (120, 30)


def kept(root: Path, *rows: Event) -> Path:
    with Desk.create(root / "rows", Session(events=rows)) as desk:
        return desk.folder


def queries() -> tuple[Event, ...]:
    return (
        *(
            Event(id=f"E{n}", at=at(f"10:05:{n:02d}"), text=f"slow query {n * 7} ms [x]", source="db")
            for n in range(1, 38)
        ),
        Event(id="E38", at=at("10:06:00"), text="pool is full", source="app"),
    )


def row(session: Session, key: str) -> Event:
    return next(event for event in session.events if event.id == key)


async def test_equal_rows_become_one_line_and_rows_again(tmp_path: Path) -> None:
    async with running(tmp_path, kept(tmp_path, *queries()), "timeline", WIDE) as (app, pilot):
        session = await edits(pilot, "f")
        assert "×37 slow query 7 ms [x]" in frame(app)
        assert [each.key for each in app.screen.grid.rows] == ["E1", "E38"]
        assert app.bench.desk.labels()[-1] == "Fold 36 equal rows"
        assert len(session.events) == 38
        # What is done to the line is done to all that it stands for.
        session = await edits(pilot, "asterisk")
        assert sum(each.starred for each in session.events) == 37
        session = await edits(pilot, "t", "=+42s", "enter")
        assert row(session, "E37").at == at("10:05:37") + timedelta(seconds=42)
        await edits(pilot, "f")
        assert app.bench.desk.labels()[-1] == "Unfold 36 rows from E1"
        assert len(app.screen.grid.rows) == 38
        await edits(pilot, "F")
        await edits(pilot, "F")
        app.screen.grid.move_cursor("E38")
        await refused(pilot, "No other row of this minute and source says the same", "f")


async def test_a_folded_row_is_found_by_the_filter(tmp_path: Path) -> None:
    async with running(tmp_path, kept(tmp_path, *queries()), "timeline", WIDE) as (app, pilot):
        await edits(pilot, "F")
        await steps(pilot, "slash", "=259")
        assert [each.key for each in app.screen.grid.rows] == ["E37"]


async def test_one_row_is_split_in_two(tmp_path: Path) -> None:
    folder = kept(tmp_path, Event(id="E1", at=at("10:05"), text="pool [full]; pager rang", kind="symptom"))
    async with running(tmp_path, folder, "timeline", WIDE) as (app, pilot):
        await steps(pilot, "vertical_line")
        assert "pool [full] || pager rang" in frame(app)
        await steps(pilot, "=no mark", "enter")
        assert "Type || where the row parts." in frame(app)
        await steps(pilot, "escape")
        session = await edits(
            pilot, "vertical_line", "=pool [full] || 10:07 pager rang @System #page", "enter"
        )
        assert [(each.text, each.at, each.kind) for each in session.events] == [
            ("pool [full]", at("10:05"), "symptom"),
            ("pager rang", at("10:07"), "page"),
        ]
        assert app.bench.desk.labels()[-1] == "Split E1 into 2 rows"
        # Merging is the way back, and keeps both.
        await steps(pilot, "ctrl+a")
        session = await edits(pilot, "M")
        assert session.events[0].text == "pool [full]; pager rang"


async def test_a_column_is_set_for_all_rows_of_the_filter(tmp_path: Path) -> None:
    async with running(tmp_path, kept(tmp_path, *queries()), "timeline", WIDE) as (app, pilot):
        await steps(pilot, "slash", "=slow", "enter", "ctrl+a")
        session = await edits(pilot, "b", "=source", "enter", "=pg [1]", "enter")
        assert [each.source for each in session.events].count("pg [1]") == 37
        assert session.events[-1].source == "app"
        assert app.bench.desk.labels()[-1] == "Set source “pg [1]” of 37 rows"
        session = await edits(pilot, "b", "=actor", "enter", "=@bob", "enter")
        assert {each.actor for each in session.events[:-1]} == {"@bob"}
        session = await edits(pilot, "b", "=kind", "enter", "=symptom", "enter")
        assert {each.kind for each in session.events[:-1]} == {"symptom"}
        session = await edits(pilot, "b", "=star", "enter")
        assert all(each.starred for each in session.events[:-1])
        session = await edits(pilot, "b", "=shift", "enter", "=-5m", "enter")
        assert session.events[0].at == at("10:00:01")
        # A milestone is for one row only.
        await steps(pilot, "b", "=milestone")
        assert "one row only" not in frame(app)
        await steps(pilot, "escape", "escape")
        session = await edits(pilot, "b", "=milestone", "enter", "=detected", "enter")
        assert [each.milestone for each in session.events].count("detected") == 1


async def test_a_row_without_a_time_is_dragged_by_keys(tmp_path: Path) -> None:
    rows = (
        Event(id="E1", at=at("10:05"), text="a"),
        Event(id="E2", at=at("10:06"), text="b"),
        Event(id="E3", precision="order-only", text="c"),
    )
    async with running(tmp_path, kept(tmp_path, *rows), "timeline", WIDE) as (app, pilot):
        grid = app.screen.grid
        grid.move_cursor("E3")
        session = await edits(pilot, "K")
        assert [each.id for each in in_order(session)] == ["E1", "E3", "E2"]
        assert grid.cursor_key == "E3"
        assert app.bench.desk.labels()[-1] == "Move E3 up"
        session = await edits(pilot, "alt+down")
        assert [each.id for each in in_order(session)] == ["E1", "E2", "E3"]
        session = await edits(pilot, "alt+up")
        await edits(pilot, "K")
        await refused(pilot, "E3 cannot go further up", "K")
        grid.move_cursor("E1")
        await refused(pilot, "stands where its time says", "J")


async def test_what_runs_backwards_is_marked_and_one_key_away(tmp_path: Path) -> None:
    rows = (
        Event(id="E1", at=at("11:08"), text="first [written]"),
        Event(id="E2", at=at("11:07"), text="second"),
        Event(id="E3", at=at("11:20"), text="fine"),
        Event(id="E4", at=at("11:30"), until=at("11:29"), text="span"),
    )
    async with running(tmp_path, kept(tmp_path, *rows), "timeline", WIDE) as (app, pilot):
        assert line_with(app, "▲11:07:00")
        before = app.bench.session
        await steps(pilot, "ctrl+end", "exclamation_mark")
        assert app.screen.grid.cursor_key == "E2"
        assert "1/2 E2 is written behind E1 but lies 1 min before it" in said(app)
        assert "▲ E2 is written behind E1" in frame(app)
        await steps(pilot, "exclamation_mark")
        assert app.screen.grid.cursor_key == "E4"
        assert "E4 ends before it begins." in said(app)
        await steps(pilot, "exclamation_mark")
        assert app.screen.grid.cursor_key == "E2"
        assert [each.key for each in app.screen.grid.rows if each.key[0] == "E"] == ["E2", "E1", "E3", "E4"]
        await steps(pilot, "O")
        assert [each.key for each in app.screen.grid.rows] == ["E1", "E2", "E3", "E4"]
        assert "-1:00" in line_with(app, "▲11:07:00")
        await steps(pilot, "O")
        assert app.bench.session == before, "nothing was sorted again"


async def test_the_history_is_a_list_to_go_back_and_forth_in(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", WIDE) as (app, pilot):
        states = [app.bench.session]
        for line in ("10:20 one [/x]", "10:21 two", "10:22 three"):
            app.screen.enter(line)
            states.append(app.bench.session)
        await steps(pilot, "ctrl+p")
        await type_text(pilot, "undo one")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.3)
        assert "Undo 3 edits, with: Add “one [/x]”" in frame(app)
        await steps(pilot, "down", "enter")
        await pilot.pause()
        assert app.bench.session == states[0]
        assert "Undone: Add “one [/x]”, and 2 more" in said(app)
        app.clear_notifications()
        app.screen.show_history()
        await pilot.pause()
        await steps(pilot, "=redo 2 edits", "enter")
        assert app.bench.session == states[2]
        assert "Done again: Add “two”, and 1 more" in said(app)


async def test_words_are_found_and_replaced_with_a_count_before(tmp_path: Path) -> None:
    async with running(tmp_path, kept(tmp_path, *queries()), "timeline", WIDE) as (app, pilot):
        await steps(pilot, "r", "=slow query")
        assert "Find and replace in 38 shown rows" in frame(app)
        assert "37 places in 37 rows" in frame(app)
        await steps(pilot, "tab", "=[slow] [/q] 漢")
        assert "slow query 7 ms [x] → [slow] [/q] 漢 7 ms [x]" in frame(app)
        session = await edits(pilot, "enter")
        assert row(session, "E1").text == "[slow] [/q] 漢 7 ms [x]"
        assert app.bench.desk.labels() == ["Replace “slow query” by “[slow] [/q] 漢” in 37 rows"]
        await steps(pilot, "ctrl+f", "=nowhere")
        assert "Nothing would change." in frame(app)
        await steps(pilot, "enter", "enter", "escape")
        assert app.bench.session == session


async def test_patterns_and_columns_are_chosen_by_keys(tmp_path: Path) -> None:
    async with running(tmp_path, kept(tmp_path, *queries()), "timeline", WIDE) as (app, pilot):
        await steps(pilot, "space", "shift+down")
        await steps(pilot, "r", "=(d)(b)", "tab", "=\\2\\1")
        assert "Find and replace in 2 selected rows" in frame(app)
        assert "Nothing would change." in frame(app)
        # Event off, source on; the regular expression stands behind actor, kind, note and the case.
        await steps(pilot, "tab", "space", "tab", "space", *["tab"] * 5, "space")
        assert "2 places in 2 rows" in frame(app)
        await edits(pilot, "ctrl+s")
        assert [each.source for each in app.bench.session.events][:3] == ["bd", "bd", "db"]
        await steps(pilot, "r", "=(", *["tab"] * 8, "space")
        assert "This is no pattern" in frame(app)
        await steps(pilot, "ctrl+s", "escape")
        assert len(app.bench.desk.labels()) == 1


async def test_the_rows_can_be_looked_at_sorted_by_any_column(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        before, grid = app.bench.session, app.screen.grid

        def order() -> list[str]:
            return [each.key for each in grid.rows]

        grid.move_cursor("E2", "text")
        by_text = sorted(before.events, key=lambda each: each.text.casefold())
        await steps(pilot, "greater_than_sign")
        assert order() == [each.id for each in by_text]
        assert "event ↑" in line_with(app, "time UTC")
        assert grid.cursor_key == "E2", "the cursor stays on its row"
        await steps(pilot, "greater_than_sign")
        assert order() == [each.id for each in reversed(by_text)]
        assert "event ↓" in line_with(app, "time UTC")
        await steps(pilot, "J")
        assert "in the order of time" in said(app)
        await steps(pilot, "greater_than_sign")
        assert order() == ["E1", "E2", "E3", "E4"]
        assert "In the order of time." in said(app)
        head = line_with(app, "time UTC")
        await pilot.click("#timeline", offset=(head.index("actor"), 0))
        await steps(pilot)
        assert order() == ["E4", "E1", "E2", "E3"], "what has nothing there comes last"
        await pilot.click("#timeline", offset=(head.index("★"), 0))
        await steps(pilot)
        assert order()[:3] == ["E1", "E2", "E4"], "milestones in their order, then stars"
        await steps(pilot, "home", "greater_than_sign")
        assert order() == ["E1", "E2", "E3", "E4"]
        assert app.bench.session == before
        assert app.bench.desk.labels() == []
