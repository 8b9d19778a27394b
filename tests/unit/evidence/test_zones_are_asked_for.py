"""Times without a zone: nobody guesses in silence, and the answer moves what was made of them."""

from datetime import UTC, datetime, timedelta

import pytest

from app.evidence import query
from app.evidence.window import Window
from app.evidence.zones import needs_zone, reread, with_zone
from app.review import edits
from app.suggest import suggest
from tests.unit.collectors.test_file_collector import WINDOW, collect, session_for

BUSY = "".join(
    f"2025-02-09 {(WINDOW.start + timedelta(seconds=3600 + 5 * step)):%H:%M:%S} INFO served\n"
    for step in range(896)
)
"""Written on a clock of Berlin: what it calls 10:35 was 9:35 in UTC."""


async def read(tmp_path, content, **settings):
    (tmp_path / "a.log").write_text(content)
    _, session = await collect(session_for(tmp_path / "a.log", **settings), tmp_path / "s")
    return session, tmp_path / "s"


async def test_a_source_whose_times_name_no_zone_asks_until_somebody_answers(tmp_path):
    session, _ = await read(tmp_path, BUSY)
    assert session.sources[0].artifacts[0].zoneless
    assert needs_zone(session.sources[0])
    named, _ = await read(tmp_path, BUSY, zone="Europe/Berlin")
    assert not needs_zone(named.sources[0])


@pytest.mark.parametrize(
    "line",
    [
        "2025-02-09T10:06:00Z x",
        "2025-02-09 10:06:00+01:00 x",
        "1739095560 x",
        '{"ts": 1739095560.5, "msg": "x"}',
    ],
)
async def test_times_that_name_their_zone_are_not_asked_about(tmp_path, line):
    session, _ = await read(tmp_path, f"{line}\n" * 5)
    assert not needs_zone(session.sources[0])


async def test_an_answer_moves_rows_coverage_gaps_and_what_was_accepted(tmp_path):
    error = BUSY + "2025-02-09 11:06:00 ERROR pool exhausted\n"
    session, folder = await read(tmp_path, error)
    assert [gap.artifact for gap in session.sources[0].gaps] == ["evidence/S1/a.log.gz"]
    (offer,) = [one for one in suggest(session, folder) if "pool" in one.event.text] or [None]
    assert offer is None, "an hour too late, it lies outside of the window"
    wide = Window(WINDOW.start, WINDOW.end + timedelta(hours=2))
    row = query.errors(session, folder, "S1", window=wide)[0]
    event = edits.Event(
        at=row.at,
        text="pool exhausted",
        suggestion="k",
        evidence=({"source": "S1", "artifact": row.artifact},),
    )
    typed = event.model_copy(update={"suggestion": "", "written": "11:06"})
    session = edits.add(edits.add(session, "events", event), "events", typed)
    answered = with_zone(session, reread(session, folder, "S1", "Europe/Berlin", WINDOW))
    (source,) = answered.sources
    assert source.settings["zone"] == "Europe/Berlin"
    assert (source.artifacts[0].from_, source.artifacts[0].to) == (
        WINDOW.start,
        datetime(2025, 2, 9, 10, 49, 58, tzinfo=UTC),
    )
    assert "as Europe/Berlin" in source.artifacts[0].note
    assert source.gaps == ()
    assert {event.suggestion: event.at.hour for event in answered.events} == {"k": 10, "": 11}
    assert next(query.rows(answered, folder)).at == WINDOW.start
    assert [one.event.at.hour for one in suggest(answered, folder) if "pool" in one.event.text] == [10]
    assert with_zone(answered, reread(answered, folder, "S1", "UTC", WINDOW)).sources[0].gaps != ()


async def test_a_source_that_is_gone_meanwhile_changes_nothing(tmp_path):
    session, folder = await read(tmp_path, BUSY)
    fresh = reread(session, folder, "S1", "Europe/Berlin", WINDOW)
    empty = session.model_copy(update={"sources": ()})
    assert with_zone(empty, fresh) == empty


async def test_evidence_that_is_gone_keeps_what_is_known_of_it(tmp_path):
    session, folder = await read(tmp_path, BUSY)
    for path in (folder / "evidence" / "S1").iterdir():
        path.unlink()
    fresh = reread(session, folder, "S1", "Europe/Berlin", WINDOW)
    answered = with_zone(session, fresh)
    assert answered.sources[0].artifacts == session.sources[0].artifacts
    assert answered.sources[0].settings["zone"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("stamps", "start", "years"),
    [
        (["Dec 31 23:59:58", "Jan  1 00:00:02"], datetime(2025, 1, 1, 0, 5, tzinfo=UTC), [2024, 2025]),
        (["Dec 31 23:59:58", "Jan  1 00:00:02"], datetime(2024, 12, 31, 23, 50, tzinfo=UTC), [2024, 2025]),
        (["Jan  1 00:30:00"], datetime(2024, 12, 31, 23, 50, tzinfo=UTC), [2025]),
        (["Dec 31 12:00:00"], datetime(2025, 1, 2, tzinfo=UTC), [2024]),
        (["Feb 29 12:00:00"], datetime(2024, 3, 1, tzinfo=UTC), [2024]),
        (["Feb 29 12:00:00"], datetime(2025, 3, 1, tzinfo=UTC), [2024]),
    ],
)
async def test_a_stamp_without_year_gets_that_of_the_window_around_new_year(tmp_path, stamps, start, years):
    (tmp_path / "a.log").write_text("".join(f"{stamp} host app: x\n" for stamp in stamps))
    session = session_for(tmp_path / "a.log", zone="UTC")
    incident = session.incident.model_copy(
        update={"started_at": start + timedelta(minutes=30), "ended_at": start + timedelta(hours=1)}
    )
    _, session = await collect(session.model_copy(update={"incident": incident}), tmp_path / "s")
    assert [row.at.year for row in query.rows(session, tmp_path / "s")] == years


async def test_new_year_comes_at_midnight_of_the_log_s_own_zone(tmp_path):
    (tmp_path / "a.log").write_text("Dec 31 23:30:00 host app: x\nJan  1 00:30:00 host app: y\n")
    session = session_for(tmp_path / "a.log", zone="America/New_York")
    incident = session.incident.model_copy(
        update={"started_at": datetime(2025, 1, 1, 5, 15, tzinfo=UTC), "ended_at": None}
    )
    _, session = await collect(session.model_copy(update={"incident": incident}), tmp_path / "s")
    assert [row.at for row in query.rows(session, tmp_path / "s")] == [
        datetime(2025, 1, 1, 4, 30, tzinfo=UTC),
        datetime(2025, 1, 1, 5, 30, tzinfo=UTC),
    ]
