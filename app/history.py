"""One open session: its present value, the way back and forth, and its place on disk.

An edit is done in memory at once and is durable a moment later; :attr:`Desk.state` says when. Undo and redo
survive a restart. All methods belong to one thread; ``on_state`` is called from the writer's.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from app.review.delta import Delta, DeltaError, apply, diff
from app.review.plain import visible
from app.review.records import Session
from app.review.tables import NotStorable, pack, unpack
from app.store import files, inbox, journal
from app.store.disk import DISK, Disk, keep, replace, write_new
from app.store.errors import ChangedOutside, InvalidEdit, NotSaved, ReadOnly, StoreError, Unreadable
from app.store.journal import Change, JournalRecord, Memory
from app.store.reading import load, sentence, with_ids
from app.store.recovery import BothChanged, Opened, examine, fresh_memory, merge, outside_change, where
from app.store.toml import Renderer
from app.store.writer import SaveState, Writer

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["Desk", "OutsideChange", "SaveState"]

MERGE_S = 1.0
"""Edits with the same *merge* key at most this far apart are one step back."""

Listener = Callable[[Session, Session], None]
StateListener = Callable[[SaveState], None]


class OutsideChange(str):
    """A sentence about a session file that somebody else changed while it was open."""


class Desk:
    """An open session. Close it, or use it in a ``with`` statement: the lock is held until then."""

    def __init__(
        self,
        folder: Path,
        opened: Opened,
        *,
        guard: "BaseFileLock | None",
        who: str,
        on_state: StateListener | None,
        disk: Disk,
        clock: Callable[[], float],
    ):
        """Use :meth:`open` or :meth:`create`."""
        self.folder = folder
        self.session = opened.session
        self.notices = opened.notices
        self._guard, self._who, self._disk, self._clock = guard, who, disk, clock
        self._listeners: list[Listener] = []
        self._merging: tuple[str, float, Session] | None = None
        self._memory = opened.memory
        self._writer: Writer | None = None
        if guard is not None:
            self._writer = Writer(
                folder,
                opened.session,
                opened.memory,
                opened.good,
                disk=disk,
                on_state=on_state,
                found=opened.found,
                renew=opened.renew,
            )
            if opened.renew:
                self._writer.start()
            if opened.record is not None:
                self._put(opened.record, opened.session)

    # Opening and closing ------------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        folder: Path,
        session: Session,
        *,
        on_state: StateListener | None = None,
        who: str = "",
        disk: Disk = DISK,
        clock: Callable[[], float] = monotonic,
    ) -> "Desk":
        """Write a new session into *folder*, which may exist but must not hold a session, and open it."""
        try:
            if not folder.exists():
                folder.parent.mkdir(parents=True, exist_ok=True)
                disk.make_folder(folder)
                disk.sync_folder(folder.parent)
            folder = folder.resolve()
            who = who or files.person()
            guard = files.lock(folder, who)
        except OSError as error:
            raise StoreError(f"{folder} cannot be made ({error.strerror}); choose another place") from error
        try:
            if (folder / files.SESSION).exists():
                raise StoreError(f"{folder} holds a session already; open it, or choose another name")
            opened = _first(folder, _valid(with_ids(session)), disk)
            return cls(folder, opened, guard=guard, who=who, on_state=on_state, disk=disk, clock=clock)
        except OSError as error:
            files.unlock(folder, guard)
            raise NotSaved(
                f"{folder} cannot be written to ({error.strerror}); choose another place"
            ) from error
        except BaseException:
            files.unlock(folder, guard)
            raise

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        read_only: bool = False,
        on_state: StateListener | None = None,
        who: str = "",
        disk: Disk = DISK,
        clock: Callable[[], float] = monotonic,
    ) -> "Desk":
        """Open the session in *folder* (or the folder of a given ``session.toml``).

        Raises Locked, Unreadable, NewerSchema or ChangedOutside, each with one sentence.
        """
        folder = folder.resolve()
        if folder.is_file():
            folder = folder.parent
        if not folder.is_dir():
            raise Unreadable(f"there is no session folder {folder}")
        who = who or files.person()
        guard = None if read_only else files.lock(folder, who)
        try:
            opened = examine(folder, journal.read(folder / files.JOURNAL), read_only=read_only)
            if guard is not None and opened.newer:
                files.unlock(folder, guard)
                guard = None
            if guard is not None:
                for path, name in opened.aside:
                    keep(disk, path, name)
            desk = cls(folder, opened, guard=guard, who=who, on_state=on_state, disk=disk, clock=clock)
        except BaseException as error:
            message = _kept_conflict(folder, error, disk) if guard is not None else ""
            if guard is not None:
                files.unlock(folder, guard)
            if message:
                raise ChangedOutside(message) from error
            if isinstance(error, OSError):
                raise StoreError(f"{folder} cannot be read ({error.strerror})") from error
            raise
        if not desk.read_only:
            inbox.welcome(desk)
        return desk

    def __enter__(self) -> "Desk":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self, timeout: float = 10) -> None:
        """Save and let go of the session; it is closed even if it raises NotSaved, which names a copy."""
        writer, self._writer = self._writer, None
        guard, self._guard = self._guard, None
        try:
            if writer is not None:
                writer.close(timeout)
        finally:
            if guard is not None:
                files.unlock(self.folder, guard)

    @property
    def read_only(self) -> bool:
        """Whether edits are refused: opened so, written by a newer version, or closed."""
        return self._writer is None

    @property
    def state(self) -> SaveState:
        """What the save light shows."""
        return self._writer.state if self._writer is not None else SaveState("read-only")

    # Edits --------------------------------------------------------------------------------------

    def apply(
        self, label: str, edit: Callable[[Session], Session], *, screen: str = "", merge: str | None = None
    ) -> bool:
        """Do *edit*, a step back named *label*; False if it changed nothing.

        Edits with the same *merge* key within a second are one step. Raises InvalidEdit for a session that
        could not be opened again; nothing is changed then.
        """
        writer = self._writable()
        before = self.session
        try:
            delta = diff(before, edit(before))
            # What replaying the journal would give, validated, is what the session becomes.
            after = apply(before, delta)
        except (DeltaError, NotStorable) as error:
            raise InvalidEdit(f"the edit was not made: {error}") from error
        except ValidationError as error:
            raise InvalidEdit(f"the edit was not made: {sentence(error)}") from error
        if not delta:
            return False
        record: JournalRecord = {"t": "edit", "label": visible(label), "screen": screen, "delta": delta.parts}
        now = self._clock()
        origin = before
        if merge and self._merging and self._merging[0] == merge and now - self._merging[1] <= MERGE_S:
            origin = self._merging[2]
            record["whole"] = diff(origin, after).parts
        self._put(record, after, writer)
        self._merging = (merge, now, origin) if merge else None
        return True

    def undo(self) -> str | None:
        """Take the last step back; its name, or None where there is none."""
        past = self._memory.past
        return self._step("undo", past[-1].label, past[-1].delta.inverse()) if past else None

    def redo(self) -> str | None:
        """Do the step again that was last taken back; its name, or None."""
        future = self._memory.future
        return self._step("redo", future[-1].label, future[-1].delta) if future else None

    def _step(self, kind: str, label: str, delta: Delta) -> str:
        writer = self._writable()
        try:
            after = apply(self.session, delta)
        except (DeltaError, ValidationError) as error:
            raise InvalidEdit(
                f"{kind} of “{label}” does not fit the session as it is now ({error})"
            ) from error
        self._put({"t": kind, "label": label, "delta": delta.parts}, after, writer)
        return label

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._memory.past) and not self.read_only

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return bool(self._memory.future) and not self.read_only

    def labels(self) -> list[str]:
        """The names of the steps that can be taken back, the newest last."""
        return [change.label for change in self._memory.past]

    def changes(self) -> list[Change]:
        """The steps that can be taken back, with who made them and when, the newest last."""
        return list(self._memory.past)

    def undone(self) -> list[Change]:
        """The steps that were taken back and can be done again, the next one last."""
        return list(self._memory.future)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call *listener(old, new)* after every change; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _put(self, record: JournalRecord, session: Session, writer: Writer | None = None) -> None:
        writer = writer or self._writable()
        stamped = {**record, "seq": self._memory.seq + 1, "at": _now(), "who": self._who}
        old, self.session = self.session, session
        self._merging = None
        writer.put(stamped, session)
        for listener in list(self._listeners):
            listener(old, session)

    def _writable(self) -> Writer:
        if self._writer is None:
            raise ReadOnly(f"{self.folder.name} is open for reading only; nothing was changed")
        return self._writer

    # Things to remember -------------------------------------------------------------------------

    def note(self, kind: str, data: dict[str, Any]) -> None:
        """Remember *data* durably: it is on disk when this returns. Raises NotSaved."""
        writer = self._writable()
        writer.put({"t": "note", "kind": kind, "at": _now(), "who": self._who, "data": pack(data)})
        writer.flush(10)

    def notes(self, kind: str) -> list[dict[str, Any]]:
        """Everything remembered under *kind*, the oldest first."""
        return [unpack(note["data"]) for note in self._memory.notes if note.get("kind") == kind]

    def draft(self, key: str, text: str) -> None:
        """Keep *text* that is being typed, under *key*; empty text forgets it."""
        if self._memory.drafts.get(key, "") != text:
            self._writable().put({"t": "draft", "key": key, "text": text})

    def drafts(self) -> dict[str, str]:
        """Texts that were being typed when the session was last open, or still are."""
        return dict(self._memory.drafts)

    # The disk -----------------------------------------------------------------------------------

    def flush(self, timeout: float = 10) -> None:
        """Wait until every edit so far is durable. Raises NotSaved with the reason."""
        if self._writer is not None:
            self._writer.flush(timeout)

    def save(self, timeout: float = 10) -> None:
        """Like :meth:`flush`, and ``session.toml`` is up to date. Raises NotSaved with the reason."""
        if self._writer is not None:
            self._writer.save(timeout)

    def check_outside(self) -> OutsideChange | None:
        """Whether somebody else changed ``session.toml``; cheap enough for every few seconds."""
        if self._writer is None or not self._writer.changed_outside():
            return None
        return OutsideChange(f"{files.SESSION} was changed outside while it was open here")

    def adopt_outside(self) -> list[str]:
        """Take in what somebody else wrote, with our changes since the last save on top; say what changed.

        It is one step back, named ``changed outside``. Raises ChangedOutside where both changed the same; ours
        is then kept beside the file.
        """
        writer = self._writable()
        path = self.folder / files.SESSION
        writer.flush(10)
        try:
            theirs = load(path.read_bytes())
            if theirs.newer:
                raise StoreError("a newer version wrote it")
            merged = merge(theirs.session, self._memory)
            if merged is None:
                raise BothChanged(where(self._memory), self.session)
            record, places = outside_change(self.session, merged, theirs)
        except OSError as error:
            raise ChangedOutside(f"{path} cannot be read ({error.strerror})") from error
        except (StoreError, DeltaError, ValidationError) as error:
            message = f"{path} was changed outside, and that does not fit the changes here ({error})"
            raise ChangedOutside(_keep_ours(self.folder, self.session, message, self._disk)) from error
        self._put(record, merged, writer)
        writer.settled()
        return places


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _valid(session: Session) -> Session:
    """*session* as a load would give it. Raises InvalidEdit."""
    try:
        return load(Renderer().render(session, 0, "", lambda _: None).data).session
    except (ValueError, Unreadable) as error:
        raise InvalidEdit(f"the session cannot be saved: {error}") from error


def _first(folder: Path, session: Session, disk: Disk) -> Opened:
    """Write the first files of a session: a backup as well, from which the journal can always start."""
    memory: Memory = fresh_memory(0, "")
    rendered = Renderer().render(session, 0, memory.name, lambda _: None)
    memory = journal.remember([{"t": "start", "name": memory.name, "seq": 0, "sha": rendered.sha256}])
    backup = files.backup_path(folder, 0, rendered.sha256, datetime.now(UTC).date())
    if not backup.parent.exists():
        disk.make_folder(backup.parent)
    if not backup.exists():
        write_new(disk, backup, rendered.data)
        disk.sync_folder(backup.parent)
    frames = b"".join(map(journal.frame, memory.records(0)))
    replace(disk, folder / files.JOURNAL, frames)
    replace(disk, folder / files.SESSION, rendered.data)
    return Opened(session, memory, len(frames))


def _kept_conflict(folder: Path, error: BaseException, disk: Disk) -> str:
    if not isinstance(error, BothChanged) or error.ours is None:
        return ""
    return _keep_ours(folder, error.ours, str(error), disk)


def _keep_ours(folder: Path, ours: Session, message: str, disk: Disk) -> str:
    """Write *ours* beside the session file, once, and add to *message* where it is."""
    data = Renderer().render(ours, 0, "", lambda _: None).data
    path = folder / files.SESSION
    try:
        kept = next(
            (each for each in path.parent.glob("session.conflict-*.toml") if each.read_bytes() == data), None
        )
        if kept is None:
            kept = files.aside(path, "conflict")
            write_new(disk, kept, data)
    except OSError as error:
        return f"{message}; ours could not be written ({error.strerror}) but is in {files.JOURNAL}"
    return f"{message}; ours is kept as {kept.name}: compare the two"
