"""A log that was collected again is kept twice and counted once."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from app.evidence.query import minutes, rows
from app.review.records import Incident, Session, Source
from collectors.outcome import with_outcome
from collectors.runner import run


def _collected(session: Session, folder: Path) -> Session:
    for key, outcome in asyncio.run(run(session, folder)).items():
        session = with_outcome(session, key, outcome)
    return session


def _line(minute: int) -> str:
    return f"2025-02-09T10:{minute:02d}:00Z ERROR pool exhausted\n"


def test_a_log_that_grew_is_asked_in_its_last_copy(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    session = Session(
        incident=Incident(
            started_at=datetime(2025, 2, 9, 10, tzinfo=UTC), ended_at=datetime(2025, 2, 9, 10, 30, tzinfo=UTC)
        ),
        sources=(Source(id="S1", kind="file", settings={"path": str(log)}),),
    )
    log.write_text("".join(_line(minute) for minute in range(5)))
    session = _collected(session, tmp_path)
    log.write_text("".join(_line(minute) for minute in range(8)))
    session = _collected(session, tmp_path)
    assert len(session.sources[0].artifacts) == 2
    assert sum(minute.errors for minute in minutes(session, tmp_path)) == 8
    assert len(list(rows(session, tmp_path))) == 8


def test_a_log_that_was_rotated_is_asked_in_both_copies(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    session = Session(
        incident=Incident(
            started_at=datetime(2025, 2, 9, 10, tzinfo=UTC), ended_at=datetime(2025, 2, 9, 10, 30, tzinfo=UTC)
        ),
        sources=(Source(id="S1", kind="file", settings={"path": str(log)}),),
    )
    log.write_text("".join(_line(minute) for minute in range(5)))
    session = _collected(session, tmp_path)
    log.write_text("".join(_line(minute) for minute in range(10, 13)))
    session = _collected(session, tmp_path)
    assert len(list(rows(session, tmp_path))) == 8
