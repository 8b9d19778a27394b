"""Times on the screen: in the session's zone, in UTC, in the person's own; typed times are read there."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.review.records import Event, Pointer, Session
from app.review.zones import local_zone
from tests.tui.driving import edits, refused, running, said, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import at, saved, small_review


def berlin(root: Path) -> Path:
    session = small_review()
    incident = session.incident.model_copy(update={"timezone": "Europe/Berlin"})
    return saved(root, session.model_copy(update={"incident": incident}))


@pytest.fixture(autouse=True)
def new_york(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")


async def test_one_key_shows_every_time_in_another_zone_and_says_in_which(tmp_path: Path) -> None:
    async with running(tmp_path, berlin(tmp_path), "timeline", (120, 24)) as (app, pilot):
        before = app.bench.session
        for title, head, clock, says in (
            ("time Europe/Berlin", "11:05–11:40 Europe/Berlin", "11:05:23", ""),
            ("time UTC", "10:05–10:40 UTC", "10:05:23", "shown and read in UTC."),
            (
                "time America/New_York",
                "05:05–05:40 America/New_York",
                "05:05:23",
                "America/New_York, this machine",
            ),
            ("time Europe/Berlin", "11:05–11:40 Europe/Berlin", "11:05:23", "the session's zone"),
        ):
            if says:
                await steps(pilot, "z")
                assert says in said(app)
                app.clear_notifications()
            assert line_with(app, title)
            assert line_with(app, head)
            assert clock in line_with(app, "errors appear")
        assert app.bench.session == before


async def test_times_are_read_in_the_zone_that_is_shown(tmp_path: Path) -> None:
    async with running(tmp_path, berlin(tmp_path), "timeline", (120, 24)) as (app, pilot):
        await steps(pilot, "z", "n", "=10:20 in utc", "enter", "escape")
        assert next(row for row in app.bench.session.events if row.text == "in utc").at == at("10:20")
        app.screen.query_one("#timeline").focus()
        await steps(pilot, "z", "slash", "=>05:15")
        assert [row.text for row in app.screen.rows.events] == ["in utc"]
        await steps(pilot, "escape", "z")
        app.screen.query_one("#timeline").move_cursor("E3", "time")
        session = await edits(pilot, "enter", "=11:09", "enter")
        assert next(row for row in session.events if row.id == "E3").at == at("10:09")


async def test_a_copy_says_in_which_zone_its_times_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, berlin(tmp_path), "timeline", (120, 24)) as (app, pilot):
        copied: list[str] = []
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
        await steps(pilot, "z", "z", "y")
        assert "America/New_York" in copied[0]
        assert "05:05:23" in copied[0]
        assert "America/New_York" in said(app)


async def test_the_length_of_quiet_stretches_is_typed_and_stays_in_the_review(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    async with running(tmp_path, folder, "timeline") as (app, pilot):
        assert "without a row" not in frame(app)
        await refused(pilot, "", "g", "=soon", "enter", "escape")
        session = await edits(pilot, "g", "=1m 22s", "enter")
        assert session.display.quiet_s == 82
        assert line_with(app, "1 min 22 s without a row")
        assert line_with(app, "2 min without a row")
        assert "Show stretches of 1 min 22 s without a row" in app.bench.desk.labels()
    async with running(tmp_path, folder, "timeline") as (app, pilot):
        assert line_with(app, "1 min 22 s without a row")
        await edits(pilot, "g", "=never", "enter")
        assert "without a row" not in frame(app)


def test_the_zone_of_the_machine_is_found_by_name_or_asked_of_the_system(tmp_path: Path) -> None:
    assert local_zone("Europe/Paris") == (ZoneInfo("Europe/Paris"), "Europe/Paris")
    assert local_zone(":Asia/Tokyo")[1] == "Asia/Tokyo"
    assert local_zone("Etc/UTC") == (UTC, "UTC")
    zone, name = local_zone("", tmp_path / "localtime")
    assert name == "local time"
    for month in (1, 7):
        moment = datetime(2025, month, 9, 10, 5, tzinfo=UTC)
        assert moment.astimezone(zone) == moment
        assert moment.astimezone(zone).utcoffset() == moment.astimezone().utcoffset()
    assert Event(at=datetime(2025, 2, 9, tzinfo=UTC).astimezone(zone)).at == datetime(2025, 2, 9, tzinfo=UTC)


async def test_rows_that_name_no_zone_say_so_and_are_read_anew_once_it_is_declared(tmp_path: Path) -> None:
    url = f"https://acme.slack.com/archives/C0AB/p{int(at('10:15:20').timestamp())}000100"
    rows = (
        Event(
            id="E1",
            at=at("11:15"),
            precision="minute",
            zone="undeclared",
            evidence=(Pointer(url=url),),
            text="a",
        ),
        Event(id="E2", at=at("11:20"), precision="minute", zone="undeclared", text="b"),
        Event(id="E3", at=at("11:30"), precision="minute", text="c"),
    )
    folder = saved(tmp_path, Session(events=rows))
    async with running(tmp_path, folder, "timeline", (120, 30)) as (app, pilot):
        assert line_with(app, "no zone, read as UTC (Z)")
        await steps(pilot, "Z")
        assert "+01:00" in line_with(app, "+01:00")
        assert "permalinks beside the times of E1" in frame(app)
        session = await edits(pilot, "enter")
        assert [(row.at, row.zone) for row in session.events][:2] == [
            (at("10:15"), "+01:00"),
            (at("10:20"), "+01:00"),
        ]
        assert session.events[2] == rows[2]
        assert "Read 2 rows in +01:00" in app.bench.desk.labels()
        assert "no zone, read as" not in frame(app)
        assert "zone not declared" not in frame(app)
        await refused(pilot, "Every row's zone is declared.", "Z")
