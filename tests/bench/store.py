"""From an edit to the disk, in a review of 10,000 events, against writing the same bytes to a bare file."""

import os
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.history import Desk
from app.review import edits
from app.review.records import Event, Incident, Session

EVENTS = 10_000
EDITS = 300
FRAME = b"0" * 420
"""About what one edit of a text takes in the journal."""


def _session(count: int) -> Session:
    start = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)
    events = tuple(
        Event(
            id=f"E{number}", at=start + timedelta(seconds=number), text=f"event {number}", source="app logs"
        )
        for number in range(1, count + 1)
    )
    return Session(id="PM-2025-02-09", incident=Incident(title="bench", started_at=start), events=events)


def _bare(folder: Path) -> list[float]:
    """Seconds to append a frame to a bare file and have it on the disk."""
    handle = os.open(folder / "bare", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    times = []
    for _ in range(EDITS):
        begun = time.perf_counter()
        os.write(handle, FRAME)
        os.fdatasync(handle)
        times.append(time.perf_counter() - begun)
    os.close(handle)
    return times


def _desk(folder: Path) -> list[float]:
    """Seconds from an edit until it is on the disk; snapshots are written meanwhile, as in the application."""
    times = []
    with Desk.create(folder / "review", _session(EVENTS)) as desk:
        for number in range(EDITS):
            key = f"E{number * 31 % EVENTS + 1}"
            text = f"edited {number}"

            def change(session: Session, key: str = key, text: str = text) -> Session:
                return edits.change(session, "events", {key}, text=text)

            begun = time.perf_counter()
            desk.apply(f"Edit {key}", change)
            desk.flush()
            times.append(time.perf_counter() - begun)
    return times


def _spread(times: list[float]) -> tuple[float, float]:
    return statistics.median(times) * 1000, statistics.quantiles(times, n=20)[-1] * 1000


def run() -> None:
    """Measure both in one folder and print the medians, the 95th percentiles and their ratio."""
    folder = Path(tempfile.mkdtemp(prefix="blamefree-bench-"))
    try:
        bare = _spread(_bare(folder))
        ours = _spread(_desk(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"Edit to disk in a review of {EVENTS:,} events ({EDITS} edits, snapshots included)")
    print(f"  bare append + fdatasync   p50 {bare[0]:6.2f} ms   p95 {bare[1]:6.2f} ms")
    print(
        f"  blamefree                 p50 {ours[0]:6.2f} ms   p95 {ours[1]:6.2f} ms   ratio p95 {ours[1] / bare[1]:.1f}"
    )


if __name__ == "__main__":
    run()
