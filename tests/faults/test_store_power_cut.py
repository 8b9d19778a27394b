"""Every state in which a power cut may leave the files, opened by the real loader (after ALICE, OSDI'14).

What was not synced may be absent, torn or zeroed; names that were not synced may be old or new, in any
combination. The controls leave out one promise each and must be caught: a test that cannot fail proves nothing.
"""

from pathlib import Path

import pytest

from app.history import Desk
from app.review import edits
from app.review.records import Event, Session
from app.review.tables import identical
from app.store import files
from app.store.errors import StoreError
from app.store.recovery import examine
from tests.faults.disks import Cut, RecordingDisk

START = Session(id="PM-1", incident={"title": "start"})


def step(session: Session, number: int) -> Session:
    session = edits.set_incident(session, title=str(number))
    if number % 3 == 0 and session.events:
        return edits.delete(session, "events", {session.events[0].id})
    return edits.add(session, "events", Event(text=f"row {number}"))


def recorded(folder: Path, disk: RecordingDisk) -> list[Session]:
    """Edits, undo and saves on *disk*; every session that there was, in order."""
    sessions = [START]
    desk = Desk.create(folder, START, disk=disk)
    disk.mark("ack", 0)
    for number in range(1, 13):
        disk.mark("edit", number)
        if number in (5, 9):
            desk.undo()
        else:
            desk.apply("edit", lambda session, number=number: step(session, number))
        sessions.append(desk.session)
        if number % 3:
            desk.flush()
            disk.mark("ack", number)
        if number % 4 == 0:
            desk.save()
    desk.close()
    return sessions


def explore(root: Path, disk: RecordingDisk) -> tuple[int, list[str]]:
    """Open every legal state of the log; how many there were, and what was wrong."""
    sessions = recorded(root / "made" / "review", disk)
    cut, seen, problems = Cut(), set(), []
    acked = issued = -1
    scratch = root / "cut"
    for place, entry in enumerate(disk.log):
        if entry[0] == "ack":
            acked = int(str(entry[1]))
        elif entry[0] == "edit":
            issued = int(str(entry[1]))
        else:
            cut.play(entry)
        for state in cut.states():
            key = (acked, hash(tuple(sorted(state.items()))))
            if key in seen:
                continue
            seen.add(key)
            problem = judged(scratch / str(len(seen)), root / "made", state, sessions, acked, issued)
            if problem:
                problems.append(f"after operation {place} {entry[0]}: {problem}")
    return len(seen), problems


def judged(
    scratch: Path,
    root: Path,
    state: dict[Path, bytes | None],
    sessions: list[Session],
    acked: int,
    issued: int,
) -> str:
    for path, data in sorted(state.items()):
        place = scratch / path.relative_to(root)
        place.mkdir(parents=True) if data is None else place.write_bytes(data)
    folder = scratch / "review"
    journal = folder / files.JOURNAL
    try:
        session = examine(folder, journal.read_bytes() if journal.exists() else b"").session
    except StoreError as error:
        return f"{acked} edits were saved, but: {error}" if acked >= 0 else ""
    # The last one first: after an undo the session is one that there was before.
    found = [number for number in range(max(issued, 0), -1, -1) if identical(sessions[number], session)]
    return "" if found and found[0] >= acked else f"{acked} edits were saved, found {found or 'none of them'}"


def test_no_state_after_a_power_cut_loses_an_edit_that_was_called_saved(tmp_path: Path) -> None:
    states, problems = explore(tmp_path, RecordingDisk())
    assert problems == []
    assert states > 80


@pytest.mark.parametrize("promise", ["sync", "sync_data", "sync_folder"])
def test_the_explorer_notices_when_a_promise_is_left_out(tmp_path: Path, promise: str) -> None:
    _, problems = explore(tmp_path, RecordingDisk(without=(promise,)))
    assert problems
