"""The timeline in tracks side by side: the same rows, the same cursor, the same editing."""

from pathlib import Path

from app.review.records import Event, Session
from tests.tui.driving import edits, refused, running, said, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import at, saved

WIDE = (120, 24)


def review() -> Session:
    return Session(
        events=(
            Event(id="E1", at=at("10:01"), text="errors [red]", source="nginx", tags=("web",)),
            Event(id="E2", at=at("10:02"), text="pool full", source="db", tags=("db", "web"), starred=True),
            Event(id="E3", at=at("10:03"), text="paged", actor="@alice", tags=("people",)),
            Event(id="E4", at=at("10:04"), text="restart", source="db", actor="@alice"),
            Event(id="E5", at=at("10:05"), text="quiet again", source="nginx"),
        )
    )


def cells(app, key: str) -> list[str]:
    grid = app.screen.query_one("#timeline")
    return list(grid.rows[grid.rows.index_of(key)].cells)


def titles(app) -> list[str]:
    return [column.title for column in app.screen.query_one("#timeline").columns]


async def test_each_source_has_a_column_and_goes_on_between_its_rows(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, review()), "timeline", WIDE) as (app, pilot):
        await steps(pilot, "T")
        assert titles(app) == ["time UTC", "kind", "nginx", "db", "(none)", "★"]
        assert cells(app, "E1")[2:5] == ["errors [red]", "", ""]
        assert cells(app, "E2")[2:5] == ["│", "★ pool full", ""]
        assert cells(app, "E3")[2:5] == ["│", "│", "paged"]
        assert cells(app, "E5")[2:5] == ["quiet again", "", ""]
        assert "Tracks by source" in said(app)
        head = line_with(app, "nginx")
        assert head.index("nginx") < head.index("db")


async def test_one_key_goes_through_the_kinds_of_tracks_and_back_to_one_list(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, review()), "timeline", WIDE) as (app, pilot):
        app.screen.query_one("#timeline").move_cursor("E3")
        before = titles(app)
        await steps(pilot, "T", "T")
        assert titles(app)[2:-1] == ["(none)", "@alice"]
        await steps(pilot, "T")
        assert titles(app)[2:-1] == ["web", "db", "people", "(none)"]
        # A row of two tracks stands in both.
        assert cells(app, "E2")[2:4] == ["★ pool full", "★ pool full"]
        await steps(pilot, "T")
        assert titles(app) == before
        assert app.screen.query_one("#timeline").cursor_key == "E3"


async def test_rows_are_edited_marked_and_filtered_in_their_tracks(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, review()), "timeline", WIDE) as (app, pilot):
        await steps(pilot, "T", "ctrl+home", "right", "right", "right", "right", "right")
        grid = app.screen.query_one("#timeline")
        grid.move_cursor("E2", "text")
        session = await edits(pilot, "enter", "=pool was full", "enter")
        assert session.events[1].text == "pool was full"
        await edits(pilot, "m", "=started", "enter")
        assert cells(app, "E2")[-1] == "★ started"
        await steps(pilot, "slash", "=source:db")
        assert titles(app)[2:-1] == ["db"]


async def test_tracks_that_find_no_room_share_a_column_and_say_which_they_are(tmp_path: Path) -> None:
    rows = tuple(Event(id=f"E{n}", at=at(f"10:0{n}"), text=f"row {n}", source=f"s{n}") for n in range(6))
    async with running(tmp_path, saved(tmp_path, Session(events=rows)), "timeline", (80, 24)) as (app, pilot):
        await steps(pilot, "T")
        assert titles(app)[2:-1] == ["s0", "s1", "4 others"]
        assert cells(app, "E5")[4] == "[s5] row 5"
        assert "[s5] row 5" in frame(app)
        await pilot.resize_terminal(160, 30)
        await steps(pilot)
        assert titles(app)[2:-1] == ["s0", "s1", "s2", "s3", "s4", "s5"]


async def test_names_shown_as_roles_are_no_titles(tmp_path: Path) -> None:
    session = review().model_copy(update={"names_as_roles": True})
    async with running(tmp_path, saved(tmp_path, session), "timeline", WIDE) as (app, pilot):
        await steps(pilot, "T", "T")
        assert "@alice" not in frame(app)


async def test_rows_that_nothing_tells_apart_are_one_track(tmp_path: Path) -> None:
    rows = (Event(id="E1", text="one"), Event(id="E2", text="two"))
    async with running(tmp_path, saved(tmp_path, Session(events=rows)), "timeline") as (_app, pilot):
        await refused(pilot, "All rows are of one track", "T")
