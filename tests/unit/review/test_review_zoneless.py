"""Rows whose zone nobody declared: a proposal from permalinks, and their clocks read anew once one is declared."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.review.records import Event, Pointer, Session
from app.review.zoneless import declare, propose, undeclared

POSTED = datetime(2025, 2, 9, 10, 15, 20, tzinfo=UTC)


def link(at: datetime) -> str:
    return f"https://acme.slack.com/archives/C012AB3CD/p{int(at.timestamp())}000100"


def row(key: str, clock: str, url: str = "", zone: str = "undeclared") -> Event:
    evidence = (Pointer(url=url),) if url else ()
    at = datetime.fromisoformat(f"2025-02-09T{clock}+00:00")
    return Event(id=key, at=at, zone=zone, evidence=evidence, precision="minute")


def test_a_permalink_beside_a_written_time_tells_the_offset() -> None:
    found = propose(Session(events=(row("E1", "11:15", link(POSTED)), row("E2", "11:20"))))
    assert found is not None
    assert (found.offset, found.rows) == (timedelta(hours=1), ("E1",))


def test_a_row_whose_link_proved_its_zone_tells_it_for_the_others() -> None:
    proved = row("E1", "11:15", link(POSTED)).model_copy(
        update={
            "at": datetime.fromisoformat("2025-02-09T11:15+01:00"),
            "zone": "UTC+01:00",
            "written": "11:15",
        }
    )
    found = propose(Session(events=(proved, row("E2", "11:20"))))
    assert found is not None
    assert (found.offset, found.rows) == (timedelta(hours=1), ("E1",))
    said = proved.model_copy(update={"written": "11:15 UTC+01:00"})
    assert propose(Session(events=(said, row("E2", "11:20")))) is None
    assert propose(Session(events=(proved,))) is None


def test_permalinks_that_disagree_or_tell_of_something_else_propose_nothing() -> None:
    far = row("E1", "11:22", link(POSTED))
    assert propose(Session(events=(far,))) is None
    both = (row("E1", "11:15", link(POSTED)), row("E2", "12:15", link(POSTED)))
    assert propose(Session(events=both)) is None
    assert propose(Session(events=(row("E1", "11:15", link(POSTED), zone="UTC"),))) is None


def test_a_declared_zone_moves_instants_and_leaves_clocks() -> None:
    session = Session(
        events=(row("E1", "11:15"), row("E2", "11:20", zone="UTC"), Event(id="E3", zone="undeclared"))
    )
    assert [event.id for event in undeclared(session)] == ["E1"]
    after = declare(session, {"E1", "E2"}, ZoneInfo("Europe/Berlin"), "Europe/Berlin")
    assert after.events[0].at == datetime(2025, 2, 9, 10, 15, tzinfo=UTC)
    assert after.events[0].at.hour == 11
    assert after.events[0].zone == "Europe/Berlin"
    assert after.events[1:] == session.events[1:]
