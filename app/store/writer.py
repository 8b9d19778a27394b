"""The one writer of an open session: a thread that makes changes durable, in order, and says when they are.

Lines of the journal are written first; the session file follows after a second of quiet or fifty changes.
A failure loses nothing: what could not be written stays queued and is tried again with growing pauses.
"""

import contextlib
import errno
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Literal

from app.review.records import Session
from app.store import files
from app.store.disk import Disk, replace, write_new
from app.store.errors import NotSaved
from app.store.journal import KEEP_CHANGES, Journal, JournalRecord, KnownFile, Memory, frame
from app.store.reading import check_line
from app.store.toml import Renderer

IDLE_S = 1.0
"""Seconds without a change after which the session file is written."""
CHANGES_PER_FILE = 50
"""Changes after which the session file is written even while more come."""
JOURNAL_LIMIT = 4 * 1024 * 1024
"""Bytes of journal above which old changes are dropped from it."""
SLOWEST_RETRY_S = 15.0

StateKind = Literal["saved", "saving", "failed", "read-only"]
_WAITING = f"{files.SESSION} was changed outside; edits wait in {files.JOURNAL} until that is taken in"


@dataclass(frozen=True)
class SaveState:
    """What the save light shows. *at* is when the last change became durable."""

    kind: StateKind
    at: datetime | None = None
    message: str = ""


class Writer:
    """Takes records, writes them in its thread. All methods may be called from any thread."""

    def __init__(
        self,
        folder: Path,
        session: Session,
        memory: Memory,
        good: int,
        *,
        disk: Disk,
        on_state: Callable[[SaveState], None] | None,
        found: str = "",
        renew: bool = False,
    ):
        self.folder, self.memory = folder, memory
        self.state = SaveState("saved")
        self.outside = False
        """The session file was changed by somebody else: it is not written until that is settled."""
        self._path = folder / files.SESSION
        self._disk, self._on_state = disk, on_state
        self._found = found
        """SHA-256 of a damaged session file that may be replaced."""
        self._journal = Journal(disk, folder / files.JOURNAL, good)
        self._compacted_size = 0
        self._renderer = Renderer()
        self._identity = files.identity(self._path)
        self._session = session
        self._written = (session, memory.seq)
        """The session as of the last line that is durable."""
        self._file_seq = -1 if renew else memory.files[-1].seq
        self._pending: list[bytes] = []
        self._taken = self._durable = self._attempts = 0
        self._hurry_seq = memory.seq if renew else -1
        """The session file is written without waiting for quiet until it has this change."""
        self._quiet_at = self._retry_at = self._pause = 0.0
        self._problem = ""
        self._closing = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    # What others ask for ------------------------------------------------------------------------

    def put(self, record: JournalRecord, session: Session | None = None) -> None:
        """Queue a record, with the session as it is after it if it changed. Returns at once."""
        data = frame(record)
        with self._changed:
            self.memory.take(record)
            self._pending.append(data)
            self._taken += 1
            if session is not None:
                self._session = session
                self._quiet_at = monotonic() + IDLE_S
            self.state = SaveState("saving", self.state.at, self._problem)
            self._wake()

    def start(self) -> None:
        """Begin with what is due already: a repaired session file."""
        with self._changed:
            self._wake()

    def flush(self, timeout: float) -> None:
        """Wait until everything put so far is durable. Raises NotSaved."""
        with self._changed:
            target = self._taken
            self._await(lambda: self._durable >= target, timeout)

    def save(self, timeout: float) -> None:
        """Like :meth:`flush`, and the session file is written. Raises NotSaved."""
        with self._changed:
            self._hurry_seq = self.memory.seq
            target, seq = self._taken, self.memory.seq
            self._await(lambda: self._durable >= target and (self._file_seq >= seq or self.outside), timeout)

    def close(self, timeout: float) -> None:
        """Write everything, shorten the journal, and stop; it is closed even if it raises NotSaved."""
        try:
            if self._pending or self._file_seq != self.memory.seq:
                self.save(timeout)
        except NotSaved as error:
            raise NotSaved(f"{error}; {self._emergency_copy()}") from error
        finally:
            self._stop(timeout)

    def _stop(self, timeout: float) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout)
            if self._thread.is_alive():
                return
        with contextlib.suppress(OSError):
            if not self._pending and len(self.memory.changes) > 2 * KEEP_CHANGES:
                self._journal.begin(self._lines())
            self._journal.close()

    def changed_outside(self) -> bool:
        """Whether the session file is another than those this program knows. Cheap while it is not."""
        now = files.identity(self._path)
        if now != self._identity:
            sha = self._sha_in_place()
            if sha not in ("", self._found) and self._known(sha) is None:
                self.outside = True
            else:
                self._identity = now
        return self.outside

    def settled(self) -> None:
        """The change outside was taken in: the session file may be written again."""
        with self._changed:
            self.outside = False
            self._hurry_seq = self.memory.seq
            self._identity = files.identity(self._path)
            self._wake()

    # The thread ---------------------------------------------------------------------------------

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="blamefree-writer", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _await(self, done: Callable[[], bool], timeout: float) -> None:
        """Wait for *done*, or for an attempt that began after this call and failed."""
        attempts, until = self._attempts, monotonic() + timeout
        while not done():
            # One attempt may have been under way already.
            if self._problem and self._attempts > attempts + 1:
                raise NotSaved(self._problem)
            left = until - monotonic()
            if left <= 0:
                raise NotSaved(self._problem or "not saved: the disk does not answer")
            self._retry_at = 0.0
            self._wake()
            self._changed.wait(left)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due():
                    if self._closing:
                        return
                    self._changed.wait(self._wait_s())
            try:
                self._write_lines()
                self._write_file()
            except Exception as error:  # a writer that dies takes every later change with it
                self._failed(error)
            else:
                with self._changed:
                    self._problem, self._pause = "", 0.0
                    self._attempts += 1
                    self._changed.notify_all()

    def _due(self) -> bool:
        if self._closing:
            return False
        return (bool(self._pending) or self._file_due()) and monotonic() >= self._retry_at

    def _file_due(self) -> bool:
        if self.outside or self._file_seq == self._written[1]:
            return False
        many = self._written[1] - self._file_seq >= CHANGES_PER_FILE
        return self._hurry() or many or monotonic() >= self._quiet_at

    def _hurry(self) -> bool:
        return self._file_seq < self._hurry_seq

    def _wait_s(self) -> float | None:
        if self._pending:
            return max(0.0, self._retry_at - monotonic())
        if self._file_seq != self._written[1] and not self.outside:
            quiet = 0.0 if self._hurry() else self._quiet_at
            return max(0.0, quiet - monotonic(), self._retry_at - monotonic())
        return None

    def _write_lines(self) -> None:
        with self._changed:
            batch, self._pending = self._pending, []
            target, written = self._taken, (self._session, self.memory.seq)
            # A journal begun anew holds everything that the memory holds, the batch included.
            anew = None if self._journal.usable else self._lines()
        if not batch and anew is None:
            return
        self._tell("saving", self._problem)
        try:
            if anew is None:
                self._journal.append(b"".join(batch))
            else:
                self._first_backup()
                self._journal.begin(anew)
        except OSError:
            with self._changed:
                self._pending[:0] = batch
            raise
        with self._changed:
            self._durable, self._written = target, written
            # After a failure not even the session file is trusted to be as it was.
            if self._problem:
                self._hurry_seq = written[1]
            self._problem = ""
            self._changed.notify_all()
        if not self._pending:
            self._tell("saved", _WAITING if self.outside else "", datetime.now(UTC))

    def _first_backup(self) -> None:
        """Copy the session file that a new journal begins with: its changes can then always be told.

        A link would not do, for some editors write into the file itself.
        """
        old = self._known(self._sha_in_place())
        if old is None or any(old.sha.startswith(each.sha) for each in files.backups(self.folder)):
            return
        backup = self._backup_path(old)
        write_new(self._disk, backup, self._path.read_bytes())
        self._disk.sync_folder(backup.parent)

    def _backup_path(self, old: KnownFile) -> Path:
        path = files.backup_path(self.folder, old.seq, old.sha, datetime.now(UTC).date())
        if not path.parent.exists():
            self._disk.make_folder(path.parent)
        return path

    def _lines(self) -> bytes:
        return b"".join(map(frame, self.memory.records(self._needed())))

    def _needed(self) -> int:
        """The change before which a journal may forget: the newest two backups must lead to the present."""
        shas = [backup.sha for backup in files.backups(self.folder)[:2]]
        seqs = [each.seq for sha, each in self.memory.known.items() if sha[: files.SHA_LENGTH] in shas]
        return min([*seqs, *(each.seq for each in self.memory.files)])

    def _write_file(self) -> None:
        with self._changed:
            if not self._file_due():
                return
            session, seq = self._written
        rendered = self._renderer.render(session, seq, self.memory.name, self._meanwhile)
        sha = self._sha_in_place()
        old = self._known(sha)
        if old is None and sha not in ("", self._found):
            self.outside = True
            self._tell("saved", _WAITING, self.state.at)
            return
        # Announced first, so that a file which is in place without ``saved`` is known as ours.
        self._note_file(KnownFile(seq, rendered.sha256).record("snapshot"), sync=True)
        self._put_in_place(rendered.data, old)
        self._note_file({"t": "saved"}, sync=False)
        with self._changed:
            self._file_seq = seq
            self._changed.notify_all()
        if self._journal.size > max(JOURNAL_LIMIT, 2 * self._compacted_size):
            self._compact()

    def _meanwhile(self, seconds: float) -> None:
        """While a long file is made: let the screen go on, and do not let changes wait."""
        self._write_lines()
        sleep(seconds)

    def _put_in_place(self, data: bytes, old: KnownFile | None) -> None:
        replace(self._disk, self._path, data, self._backup_path(old) if old is not None else None)
        self._identity = files.identity(self._path)
        with contextlib.suppress(OSError):
            files.prune(self._disk, self.folder)

    def _note_file(self, record: JournalRecord, sync: bool) -> None:
        """Write a record about the session file ahead of those that are queued."""
        self._journal.append(frame(record), sync)
        with self._changed:
            self.memory.take(record)

    def _sha_in_place(self) -> str:
        try:
            return check_line(self._path.read_bytes()).sha256
        except FileNotFoundError:
            return ""

    def _known(self, sha: str) -> KnownFile | None:
        """The session file with this hash, if it is the last one that this program put there or took in."""
        with self._changed:
            return next((each for each in reversed(self.memory.files) if each.sha == sha), None)

    def _compact(self) -> None:
        with self._changed:
            batch, self._pending = self._pending, []
            target, written, lines = self._taken, (self._session, self.memory.seq), self._lines()
        try:
            self._journal.begin(lines)
        except OSError:
            with self._changed:
                self._pending[:0] = batch
            raise
        with self._changed:
            self._durable, self._written = target, written
            self._compacted_size = len(lines)
            self._changed.notify_all()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, OSError):
            logging.getLogger(__name__).error("the writer failed", exc_info=error)
        with self._changed:
            self._pause = min(max(0.25, self._pause * 2), SLOWEST_RETRY_S)
            self._retry_at = monotonic() + self._pause
            self._attempts += 1
            if lost := bool(self._pending):
                self._problem = f"not saved: {_why(error)}; edits are kept in memory and tried again"
            else:
                self._problem = (
                    f"{files.SESSION} is not up to date: {_why(error)}; edits are safe in {files.JOURNAL}"
                )
            self._changed.notify_all()
        self._tell("failed" if lost else "saved", self._problem)

    def _tell(self, kind: StateKind, message: str = "", at: datetime | None = None) -> None:
        self.state = SaveState(kind, at or self.state.at, message)
        if self._on_state is not None:
            try:
                self._on_state(self.state)
            except Exception as error:  # a screen that is gone must not stop the writing
                logging.getLogger(__name__).error("telling the save state failed", exc_info=error)

    def _emergency_copy(self) -> str:
        """Write the session somewhere else, and say where."""
        import tempfile  # needed on the worst of days only

        name = f"{self.folder.name}-{files.SESSION}"
        try:
            path = Path(tempfile.mkdtemp(prefix="blamefree-")) / name
            data = self._renderer.render(
                self._session, self.memory.seq, self.memory.name, lambda _: None
            ).data
            write_new(Disk(), path, data)
        except OSError as error:
            return f"an emergency copy failed as well ({error.strerror})"
        return f"an emergency copy is {path}"


def _why(error: Exception) -> str:
    if not isinstance(error, OSError):
        return f"an internal error ({error})"
    reasons = {
        errno.ENOSPC: "the disk is full; free some space",
        errno.EDQUOT: "your disk quota is used up; free some space",
        errno.EROFS: "the disk is read-only",
        errno.EACCES: "writing to the folder is not permitted",
        errno.EPERM: "writing to the folder is not permitted",
        errno.EIO: "the disk reports an error",
        errno.ENOENT: "the folder is gone",
    }
    return reasons.get(error.errno or 0, (error.strerror or "unknown error").lower())
