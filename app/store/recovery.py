"""Opening a session: what the file, the journal and the backups together say the session is.

The session file as of its last save, plus the changes in the journal since then, is the session. Where the
file is not the one that was saved last, it was changed outside (by an editor, by git) or damaged, and
nothing is ever guessed: a change outside becomes a named change, damage is repaired from the newest good
backup and the journal, and what does not fit together is refused with both sides kept. Every repair is told.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from app.review.delta import Delta, DeltaError, apply, diff
from app.review.records import SCHEMA, Session
from app.review.tables import identical
from app.store import files
from app.store.errors import ChangedOutside, StoreError, Unreadable
from app.store.journal import JournalRecord, KnownFile, Memory, Scan, remember, scan
from app.store.reading import SIZE_LIMIT, Loaded, check_line, load
from app.store.toml import Renderer

NOTHING = Delta({})
OUTSIDE = "changed outside"
"""The name of the step that takes in what somebody else did to the file."""


@dataclass
class Opened:
    """A session as it was found."""

    session: Session
    memory: Memory
    good: int = 0
    """Bytes of the journal to go on behind; 0 to begin it anew."""
    notices: list[str] = field(default_factory=list)
    record: JournalRecord | None = None
    """A change that has to be written to the journal before any other."""
    renew: bool = False
    """The session file should be written again soon."""
    aside: list[tuple[Path, Path]] = field(default_factory=list)
    """Files to be kept under another name before anything is written."""
    found: str = ""
    """SHA-256 of a session file that may be replaced although the journal does not know it."""
    newer: bool = False
    """Written by a newer version of the program: only to be looked at."""


class BothChanged(ChangedOutside):
    """Theirs and ours do not fit together; *ours* is the session as it is here, if that can be told."""

    def __init__(self, message: str, ours: Session | None):
        super().__init__(message)
        self.ours = ours


def fresh_memory(seq: int, sha: str, patch: Delta = NOTHING) -> Memory:
    """The memory of a journal that begins with a session file, and *patch* done to it."""
    start = KnownFile(seq, sha, patch).record("start")
    return remember([{**start, "name": os.urandom(4).hex()}])


def replay(session: Session, deltas: Iterable[Delta]) -> Session:
    """*session* with several changes done to it."""
    for delta in deltas:
        session = apply(session, delta)
    return session


def examine(folder: Path, journal: bytes, *, read_only: bool = False) -> Opened:
    """Work out the session in *folder*; writes nothing. *journal* holds the bytes of its journal.

    Raises Unreadable, NewerSchema or ChangedOutside with one sentence.
    """
    path = folder / files.SESSION
    read = scan(journal)
    memory = remember(read.records)
    try:
        data = _bytes(path)
        loaded = load(data)
    except Unreadable as error:
        opened = _recovered(folder, read, memory, str(error))
        opened.found = check_line(path.read_bytes()).sha256 if path.exists() else ""
        return opened
    if loaded.newer:
        opened = Opened(loaded.session, fresh_memory(loaded.check.seq, loaded.check.sha256), newer=True)
    elif not memory.name:
        opened = _journal_lost(folder, loaded, read.fault) if read.fault else _without_journal(loaded)
    else:
        opened = _with_journal(folder, data, loaded, read, memory, read_only)
    opened.notices[:0] = loaded.notices
    return _migrated(path, loaded, opened) if loaded.migrated_from else opened


def _migrated(path: Path, loaded: Loaded, opened: Opened) -> Opened:
    """Begin anew from a file of an older version: the steps in its journal speak of older keys."""
    old = opened.memory
    opened.memory = fresh_memory(old.seq, loaded.check.sha256, diff(loaded.session, opened.session))
    opened.memory.notes, opened.memory.drafts = old.notes, old.drafts
    opened.good, opened.record, opened.renew = 0, None, True
    backup = path.with_name(f"{path.name}.v{loaded.migrated_from}.bak")
    opened.aside.append((path, backup))
    opened.notices.append(
        f"brought from schema {loaded.migrated_from} to {SCHEMA}; the file as it was is kept as {backup.name}"
    )
    return opened


def _kept(path: Path, why: str = "damaged") -> tuple[Path, Path]:
    return path, files.aside(path, why)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise Unreadable(f"it has more than {SIZE_LIMIT:,} bytes")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Unreadable("it is missing") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}); see to its permissions") from error


def _without_journal(loaded: Loaded) -> Opened:
    check = loaded.check
    opened = Opened(loaded.session, fresh_memory(check.seq, check.sha256))
    if not check.present:
        opened.notices.append(
            f"{files.SESSION} has no check line: written by hand, or its end is missing; look it through"
        )
    elif not check.fits:
        opened.notices.append(
            f"{files.SESSION} does not fit its check line: it was changed by hand or damaged; look it through"
        )
    return opened


def _with_journal(
    folder: Path, data: bytes, loaded: Loaded, read: Scan, memory: Memory, read_only: bool
) -> Opened:
    check = loaded.check
    if check.fits and check.journal == memory.name and check.seq > memory.seq:
        return _journal_lost(folder, loaded, read.fault or "its end is missing")
    notices = []
    if read.torn:
        notices.append("a change that had not been called saved was not completely written and is left out")
    file = next((each for each in memory.files if each.sha == check.sha256), None)
    if file is None and read_only:
        # The one who has it open may have saved in between.
        file = memory.known.get(check.sha256)
    deltas = memory.since(file.seq) if file else None
    if file is not None and deltas is not None:
        try:
            session = replay(loaded.session, [file.patch, *deltas])
        except (DeltaError, ValidationError) as error:
            return _journal_lost(folder, loaded, f"its changes do not fit the file: {error}")
        if read.fault and not read.torn:
            notices.append(
                f"{files.JOURNAL} is damaged ({read.fault}): changes behind that place could not be read; "
                f"the damaged file is kept"
            )
            return Opened(session, memory, 0, notices, None, True, [_kept(folder / files.JOURNAL)])
        return Opened(session, memory, read.good, notices)
    if read.fault and not read.torn:
        return _journal_lost(folder, loaded, read.fault)
    opened = _outside(folder, data, loaded, memory, read_only)
    opened.notices[:0] = notices
    opened.good = read.good if opened.good else 0
    return opened


def _journal_lost(folder: Path, loaded: Loaded, why: str) -> Opened:
    check = loaded.check
    opened = Opened(loaded.session, fresh_memory(check.seq, check.sha256), renew=True)
    opened.aside.append(_kept(folder / files.JOURNAL))
    checked = "" if check.fits else ", which does not fit its check line: look it through"
    opened.notices.append(
        f"{files.JOURNAL} could not be used ({why}); the session is as {files.SESSION} has it{checked}; "
        "the undo history is gone, the journal is kept as it was"
    )
    return opened


def _outside(folder: Path, data: bytes, loaded: Loaded, memory: Memory, read_only: bool) -> Opened:
    """The file is not one of ours: take it in as a change, unless it is only our own cut short."""
    path = folder / files.SESSION
    base = base_of(folder, memory)
    if base is not None and not loaded.check.present and _is_cut(base, memory, data):
        return Opened(
            base.now,
            memory,
            1,
            [f"the end of {files.SESSION} was missing: recovered from {base.path.name} and the journal"],
            renew=True,
            aside=[_kept(path)],
            found=loaded.check.sha256,
        )
    same = base is not None and identical(base.now, loaded.session)
    merged = loaded.session if same else merge(loaded.session, memory)
    if merged is None:
        if read_only:
            return Opened(
                loaded.session, memory, 1, [f"{files.SESSION} was changed outside; edits here wait"]
            )
        raise BothChanged(
            f"{path} was changed outside in places that also changed here since the last save "
            f"({where(memory)}); to keep theirs, move {files.JOURNAL} away",
            base.now if base else None,
        )
    if base is None:
        patch = diff(loaded.session, merged)
        opened = Opened(merged, fresh_memory(memory.seq, loaded.check.sha256, patch), renew=True)
        opened.memory.notes, opened.memory.drafts = memory.notes, memory.drafts
        opened.aside.append(_kept(folder / files.JOURNAL, "before"))
        opened.notices.append(
            f"{files.SESSION} was changed outside, and no backup says what it was before: "
            "look it through; the undo history begins anew"
        )
        return opened
    record, places = outside_change(base.now, merged, loaded)
    notice = f"{files.SESSION} was changed outside{_doubt(loaded)}: {_few(places) or 'nothing but its form'}"
    return Opened(merged, memory, 1, [notice], record)


def _doubt(loaded: Loaded) -> str:
    return " (its check line is missing)" if not loaded.check.present else ""


def outside_change(ours: Session, merged: Session, loaded: Loaded) -> tuple[JournalRecord, list[str]]:
    """The record that takes a changed file in, and the places that changed."""
    delta = diff(ours, merged)
    onto = KnownFile(0, loaded.check.sha256, diff(loaded.session, merged)).record("file")
    known = {key: onto[key] for key in onto if key in ("sha", "patch")}
    return {"t": "edit", "label": OUTSIDE, "delta": delta.parts, "onto": known}, list(delta.places())


def merge(theirs: Session, memory: Memory) -> Session | None:
    """*theirs* with our changes since the last save, or None where both touched the same."""
    for file in memory.files:
        deltas = memory.since(file.seq)
        if deltas is None:
            continue
        try:
            return replay(theirs, [file.patch, *deltas])
        except (DeltaError, ValidationError):
            continue
    return None


def where(memory: Memory) -> str:
    """What changed here since the last save, for people."""
    deltas = memory.since(memory.files[0].seq) or []
    return _few(list(dict.fromkeys(place for delta in deltas for place in delta.places())))


def _few(places: list[str]) -> str:
    more = f" and {len(places) - 5} more" if len(places) > 5 else ""
    return ", ".join(places[:5]) + more


@dataclass(frozen=True)
class Base:
    """A backup that the journal can bring up to date."""

    session: Session
    seq: int
    path: Path
    now: Session


def base_of(folder: Path, memory: Memory) -> Base | None:
    """The newest backup from which the journal leads to the present, if there is one."""
    for backup in files.backups(folder):
        try:
            data = backup.path.read_bytes()
            known = memory.known.get(check_line(data).sha256)
            deltas = memory.since(known.seq) if known else None
            if known is not None and deltas is not None:
                session = apply(load(data).session, known.patch)
                return Base(session, known.seq, backup.path, replay(session, deltas))
        except (OSError, StoreError, DeltaError, ValidationError):
            continue
    return None


def _is_cut(base: Base, memory: Memory, data: bytes) -> bool:
    """Whether *data* is the beginning of the file that was saved last."""
    for file in memory.files:
        deltas = memory.since(base.seq, file.seq)
        if deltas is not None:
            whole = Renderer().render(replay(base.session, deltas), file.seq, memory.name, lambda _: None)
            if whole.data.startswith(data):
                return True
    return False


def _recovered(folder: Path, read: Scan, memory: Memory, why: str) -> Opened:
    """The session file cannot be read: the newest good backup, brought up to date where that is possible."""
    path = folder / files.SESSION
    aside = [_kept(path)] if path.exists() else []
    kept = "; the damaged file is kept" if aside else ""
    base = base_of(folder, memory) if memory.name else None
    if base is not None:
        lost = "" if not read.fault or read.torn else f"; {files.JOURNAL} is damaged too ({read.fault})"
        if lost:
            aside.append(_kept(folder / files.JOURNAL))
        notice = f"{files.SESSION} could not be read ({why}): recovered from {base.path.name} and the journal"
        return Opened(
            base.now, memory, read.good if not lost else 0, [notice + lost + kept], None, True, aside
        )
    for backup in files.backups(folder):
        try:
            loaded = load(backup.path.read_bytes())
        except (OSError, StoreError):
            continue
        if not loaded.check.fits:
            continue
        opened = Opened(loaded.session, fresh_memory(loaded.check.seq, loaded.check.sha256), renew=True)
        opened.aside = [*aside, *([_kept(folder / files.JOURNAL)] if memory.name or read.fault else [])]
        opened.notices.append(
            f"{files.SESSION} could not be read ({why}): this is the backup {backup.path.name}; "
            f"later changes could not be recovered{kept}"
        )
        return opened
    last = next((f"; the last backup is {backup.path}" for backup in files.backups(folder)), "")
    raise Unreadable(f"{path} cannot be read: {why}{last}; nothing was changed")
