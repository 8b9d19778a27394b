"""The table of the timeline gives its room to what happened, and the whole row can be read below it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.review.records import Event, Incident, Session
from screens.timeline import TimelineScreen
from tests.tui.driving import quiet, running, steps
from tests.tui.frames import frame
from tests.tui.reviews import saved
from widgets.wrapped import Wrapped

AT = datetime(2025, 2, 9, 10, tzinfo=UTC)
LONG = (
    "The continuing anomaly was deemed unusual enough to trigger another message to the on-call engineers "
    * 2
)


def review(*events: Event) -> Session:
    return Session(incident=Incident(title="Downloads", started_at=AT), events=events)


def events(**more: str) -> tuple[Event, ...]:
    return tuple(
        Event(id=f"E{number}", at=AT + timedelta(minutes=number), text=f"{LONG}{number}", **more)
        for number in range(1, 4)
    )


def grid_of(app: object) -> TimelineScreen:
    screen = app.screen  # type: ignore[attr-defined]
    assert isinstance(screen, TimelineScreen)
    return screen


async def test_columns_without_any_text_leave_their_room_to_what_happened(tmp_path: Path) -> None:
    bare = saved(tmp_path / "bare", review(*events()))
    full = saved(tmp_path / "full", review(*events(kind="symptom", source="app logs", milestone="")))
    widths = []
    for folder in (bare, full):
        async with running(folder.parent, folder, "timeline", (100, 30)) as (app, pilot):
            await quiet(pilot)
            widths.append(grid_of(app).grid.width_of("text"))
    assert widths[0] >= widths[1] + 10


async def test_the_whole_row_is_below_the_table_on_as_many_lines_as_the_longest_needs(tmp_path: Path) -> None:
    folder = saved(
        tmp_path / "r", review(*events(), Event(id="E9", at=AT + timedelta(hours=1), text="Short"))
    )
    async with running(tmp_path, folder, "timeline", (100, 44)) as (app, pilot):
        await quiet(pilot)
        line = app.screen.query_one("#row", Wrapped)
        assert line.size.height == 3
        assert f"{LONG}1" in line.text
        assert "to the on-call engineers 1" in " ".join(frame(app).split())
        await steps(pilot, "ctrl+end")
        await quiet(pilot)
        assert line.text == "Short"
        assert line.size.height == 3, "nothing moves when the cursor does"


async def test_a_low_screen_has_one_line_for_it_and_says_that_there_is_more(tmp_path: Path) -> None:
    folder = saved(tmp_path / "r", review(*events()))
    async with running(tmp_path, folder, "timeline", (80, 24)) as (app, pilot):
        await quiet(pilot)
        line = app.screen.query_one("#row", Wrapped)
        assert line.size.height == 1
        assert line.text.endswith("…")
