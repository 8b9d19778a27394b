"""Rows that come from any shell while a review may be open: an inbox beside the journal.

A review has one writer, and it may be another program. So a note is a line in ``session.inbox``, on disk before it is
called noted. Whoever has the review open, or opens it next, renames the file, makes an edit of each line, waits until
those are durable, and removes the file. A line carries a key of its own that becomes the row's: a row with that key
is not added again, whatever was killed in between.
"""

import contextlib
import errno
import fcntl
import os
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from app.review import edits
from app.review.records import Event, Session
from app.review.tables import as_table, pack, unpack
from app.store import files
from app.store.disk import FILE_MODE
from app.store.errors import StoreError
from app.store.journal import frame, scan

INBOX: Final = "session.inbox"
TAKEN: Final = "session.inbox.taken"
KEY: Final = "note:"
"""What begins the key of a row that came through the inbox."""
_SIZE_LIMIT: Final = 16 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
_PATIENCE_S: Final = 5.0


class Note(NamedTuple):
    """A row as it waits in the inbox."""

    key: str
    event: Event
    who: str


class Holds(Protocol):
    """What folds notes in: an open review."""

    folder: Path
    session: Session

    def apply(
        self, label: str, edit: Callable[[Session], Session], *, screen: str = ..., merge: str | None = ...
    ) -> bool:
        """Do an edit."""
        ...

    def flush(self, timeout: float = ...) -> None:
        """Wait until every edit is durable."""
        ...


def put(folder: Path, events: list[Event]) -> list[str]:
    """Write rows into the inbox of the review in *folder*; they are on disk when this returns. Returns their keys.

    Raises StoreError with one sentence.
    """
    who, at = files.person(), datetime.now(UTC).isoformat(timespec="milliseconds")
    keys = [f"{KEY}{uuid.uuid4().hex}" for _ in events]
    lines = b"".join(
        frame({"t": "row", "key": key, "event": pack(as_table(event)), "who": who, "at": at})
        for key, event in zip(keys, events, strict=True)
    )
    path = folder / INBOX
    try:
        with _locked(path) as handle:
            end = os.lseek(handle, 0, os.SEEK_END)
            if end + len(lines) > _SIZE_LIMIT:
                raise StoreError(f"{path} is full of notes that nobody has taken in: open the review once")
            if end and os.pread(handle, 1, end - 1) != b"\n":
                # A writer was killed in the middle of its line: that line was never called noted.
                lines = b"\n" + lines
            try:
                _write_all(handle, lines)
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, end)
                raise
        _sync_folder(folder)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written to ({error.strerror}); free some space, or look at its permissions"
        ) from error
    return keys


def waiting(folder: Path) -> bool:
    """Whether there are notes to take in; cheap enough for every second."""
    return any(_size(folder / name) for name in (TAKEN, INBOX))


def fold(desk: Holds) -> int:
    """Take the notes in: an edit each, durable when this returns. How many rows were added.

    Raises NotSaved where they could not be made durable; the notes then stay where they are.
    """
    added = 0
    for _ in range(2):
        # Those that a program was killed over come first.
        path = _take(desk.folder)
        if path is None:
            break
        fresh = [note for note in _read(path) if add(desk, note)]
        added += len(fresh)
        desk.flush(10)
        done(desk.folder)
    return added


def welcome(desk: Holds) -> None:
    """Take in what waits, where that can be done; else it stays, and a row that is there is known by its key."""
    with contextlib.suppress(StoreError, OSError):
        if waiting(desk.folder):
            fold(desk)


def add(desk: Holds, note: Note) -> bool:
    """Make the edit of one note; False where the row is there already."""
    event = note.event.model_copy(update={"suggestion": note.key, "id": ""})
    text = event.text[:40] or "a row"
    label = f"Note “{text}” from {note.who}" if note.who else f"Note “{text}”"
    return desk.apply(label, lambda session: _accepted(session, event), screen="timeline")


def _accepted(session: Session, event: Event) -> Session:
    if event.milestone and any(row.milestone == event.milestone for row in session.events):
        # The moment is marked on another row already: a note does not take it away unseen.
        event = event.model_copy(update={"milestone": "", "tags": (*event.tags, event.milestone)})
    return edits.accept(session, event)


def take(folder: Path) -> list[Note]:
    """The notes that wait, moved out of the way of new ones until :func:`done`."""
    path = _take(folder)
    return _read(path) if path else []


def done(folder: Path) -> None:
    """The notes that were taken are durable rows: forget them."""
    with contextlib.suppress(FileNotFoundError):
        (folder / TAKEN).unlink()
        _sync_folder(folder)


def _take(folder: Path) -> Path | None:
    taken = folder / TAKEN
    if _size(taken) is None:
        try:
            (folder / INBOX).rename(taken)
        except FileNotFoundError:
            return None
        _sync_folder(folder)
    return taken


def _read(path: Path) -> list[Note]:
    """The notes of a file. Lines that no program finished writing are left out, and kept aside."""
    with _locked(path, create=False) as handle:
        data = b"".join(iter(lambda: os.read(handle, _CHUNK), b""))
    notes: list[Note] = []
    broken: list[bytes] = []
    for line in data.split(b"\n"):
        if not line:
            continue
        records = scan(line + b"\n").records
        note = _note(records[0]) if records else None
        if note:
            notes.append(note)
        else:
            broken.append(line)
    if broken:
        with contextlib.suppress(OSError):
            aside = files.aside(path.with_name("session.inbox"), "damaged")
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, FILE_MODE)
            with os.fdopen(handle, "wb") as file:
                file.write(b"\n".join(broken) + b"\n")
    return notes


def _note(record: dict[str, Any]) -> Note | None:
    key, table = record.get("key"), record.get("event")
    if (
        record["t"] != "row"
        or not isinstance(key, str)
        or not key.startswith(KEY)
        or not isinstance(table, dict)
    ):
        return None
    try:
        return Note(key, Event.model_validate(unpack(table)), str(record.get("who") or ""))
    except ValueError:
        return None


@contextlib.contextmanager
def _locked(path: Path, *, create: bool = True) -> Iterator[int]:
    """The file, open and locked, and still the one of that name: a taker renames it."""
    until = time.monotonic() + _PATIENCE_S
    flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_CREAT if create else 0)
    while True:
        handle = os.open(path, flags, FILE_MODE)
        try:
            _lock(handle, until)
            if _same(handle, path):
                yield handle
                return
        finally:
            os.close(handle)


def _lock(handle: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise OSError(errno.EAGAIN, "another program is writing to it and does not end") from None
            time.sleep(0.01)


def _same(handle: int, path: Path) -> bool:
    try:
        here, there = os.fstat(handle), path.stat()
    except FileNotFoundError:
        return False
    return (here.st_ino, here.st_dev) == (there.st_ino, there.st_dev)


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _size(path: Path) -> int | None:
    """Bytes of the file; None where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
