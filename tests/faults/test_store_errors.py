"""Each operation on the disk fails once, with each kind of error: nothing is lost, and nothing in silence."""

import contextlib
import errno
import re
from pathlib import Path

import pytest

from app.history import Desk, SaveState
from app.review import edits
from app.review.records import Event, Session
from app.review.tables import identical
from app.store.errors import NotSaved, StoreError
from app.store.reading import load
from tests.faults.disks import FailingDisk

START = Session(id="PM-1", incident={"title": "start"}, events=[Event(id="E1", text="first")])
FORGIVEN = {"close", "link", "remove"}
"""Operations whose failure costs nothing: a copy is made instead of a link, an old backup stays."""


def title(desk: Desk, text: str) -> None:
    desk.apply("title", lambda session: edits.set_incident(session, title=text))


def work(folder: Path, disk: FailingDisk) -> tuple[Session, list[SaveState]]:
    """Edits, an undo, saves and a close; the session as it was last, and what the save light showed."""
    states: list[SaveState] = []
    desk = Desk.open(folder, disk=disk, on_state=states.append)
    for number in range(4):
        title(desk, f"edit {number}")
        desk.flush()
    desk.save()
    desk.undo()
    desk.note("intent", {"action": "AI-001"})
    desk.save()
    title(desk, "last")
    desk.close()
    return desk.session, states


def made(folder: Path) -> Path:
    Desk.create(folder, START).close()
    return folder


def operations(tmp_path: Path) -> int:
    disk = FailingDisk()
    work(made(tmp_path / "counted"), disk)
    return disk.count


@pytest.mark.parametrize(
    "error",
    [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, 0],
    ids=lambda e: errno.errorcode.get(e, "short"),
)
def test_no_single_failure_loses_an_edit_or_stays_unsaid(tmp_path: Path, error: int) -> None:
    total = operations(tmp_path)
    assert total > 40
    for nth in range(1, total + 1):
        disk = FailingDisk(nth, error, short=not error)
        folder = made(tmp_path / f"{nth}")
        session, states = work(folder, disk)
        if error and disk.hit not in FORGIVEN:
            assert any(state.message for state in states), f"{disk.hit} number {nth} failed in silence"
        with Desk.open(folder) as desk:
            assert identical(desk.session, session), f"{disk.hit} number {nth}"
            assert desk.notices == [], f"{disk.hit} number {nth}"
            assert [note["action"] for note in desk.notes("intent")] == ["AI-001"]
            assert desk.labels()[-1] == "title"


def test_a_session_that_cannot_be_made_says_so_and_can_be_made_later(tmp_path: Path) -> None:
    counted = FailingDisk()
    Desk.create(tmp_path / "counted", START, disk=counted).close()
    for nth in range(1, counted.count + 1):
        folder, disk = tmp_path / f"{nth}", FailingDisk(nth, errno.ENOSPC)
        with contextlib.suppress(StoreError):
            Desk.create(folder, START, disk=disk).close()
        if not (folder / "session.toml").exists():
            Desk.create(folder, START).close()
        with Desk.open(folder) as desk:
            assert identical(desk.session, START)


def test_a_full_disk_is_said_edits_go_on_and_are_saved_once_there_is_room(tmp_path: Path) -> None:
    disk, states = FailingDisk(error=errno.ENOSPC), []
    desk = Desk.open(made(tmp_path / "review"), disk=disk, on_state=states.append)
    disk.broken = {"write", "create"}
    title(desk, "one")
    with pytest.raises(NotSaved, match="the disk is full; free some space"):
        desk.flush()
    title(desk, "two")
    assert desk.session.incident.title == "two"
    assert states[-1].kind == "failed"
    assert "kept in memory" in states[-1].message
    disk.broken = set()
    desk.flush()
    assert desk.state.kind == "saved"
    assert states[-1].message == ""
    desk.close()
    with Desk.open(tmp_path / "review") as again:
        assert again.session.incident.title == "two"


def test_closing_while_nothing_can_be_written_leaves_a_copy_elsewhere_and_says_where(tmp_path: Path) -> None:
    disk = FailingDisk(error=errno.EROFS)
    folder = made(tmp_path / "review")
    desk = Desk.open(folder, disk=disk)
    title(desk, "one")
    desk.flush()
    disk.broken = {"write", "create", "open_end", "truncate"}
    title(desk, "two")
    with pytest.raises(NotSaved, match="read-only") as caught:
        desk.close()
    place = re.search(r"an emergency copy is (\S+)", str(caught.value))
    assert place is not None
    copy = Path(place[1])
    assert load(copy.read_bytes()).session.incident.title == "two"
    assert copy.stat().st_mode & 0o777 == 0o600
    copy.unlink()
    copy.parent.rmdir()
    with Desk.open(folder) as again:
        assert again.session.incident.title == "one"


def test_after_a_failed_sync_the_same_file_is_never_trusted_again(tmp_path: Path) -> None:
    folder, disk = made(tmp_path / "review"), FailingDisk(error=errno.EIO)
    desk = Desk.open(folder, disk=disk)
    title(desk, "one")
    desk.flush()
    before = (folder / "session.journal").stat().st_ino
    disk.broken = {"sync_data"}
    title(desk, "two")
    desk.flush()
    disk.broken = set()
    assert (folder / "session.journal").stat().st_ino != before
    desk.close()
    with Desk.open(folder) as again:
        assert again.session.incident.title == "two"
        assert again.labels() == ["title", "title"]
