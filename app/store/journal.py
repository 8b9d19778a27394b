"""The journal: one line per change, durable before the change is called saved.

A line is ``crc32 length json``: eight hex digits, a decimal number, and ASCII JSON of that length. Reading
stops at the first line that does not fit. Records, by their key ``t``:

- ``start``: the first one. ``name`` of the journal, ``seq`` and ``sha`` of the session file it begins with.
- ``past``, ``future``: changes that can be undone or redone as of ``start``, oldest first.
- ``edit``, ``undo``, ``redo``: what changed the session, numbered by ``seq`` without a gap, with ``at``,
  ``who``, ``screen``, ``label`` and ``delta``; ``whole`` where an edit became one with the one before.
- ``snapshot``: a session file with ``seq`` and ``sha`` is about to be put in place; ``saved``: it is;
  ``file``: one that somebody else put there, or a backup.
- ``note``: ``kind`` and ``data``, free for those who need to remember something durably.
- ``draft``: ``key`` and ``text`` of what is being typed.
"""

import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from app.review.delta import Delta
from app.store.disk import Disk, replace, write_all
from app.store.errors import Unreadable

FORMAT = 1
SIZE_LIMIT = 64 * 1024 * 1024
"""Bytes of the largest journal that is read."""
KEEP_CHANGES = 200
"""Changes that stay undoable when a journal is compacted."""
CHANGES = frozenset({"edit", "undo", "redo"})

_HEAD = re.compile(rb"([0-9a-f]{8}) ([0-9]{1,9}) ")

JournalRecord = dict[str, Any]


def frame(record: JournalRecord) -> bytes:
    """A record as a line of the journal."""
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
    return b"%08x %d %s\n" % (zlib.crc32(text), len(text), text)


class Scan(NamedTuple):
    """What could be read of a journal."""

    records: list[JournalRecord]
    good: int
    """Bytes up to the end of the last good line."""
    fault: str
    """What is wrong behind that, or nothing."""
    torn: bool
    """The fault is only that the last line is not complete: it had not been called saved."""


def scan(data: bytes) -> Scan:
    """Read the lines of a journal up to the first that does not fit, or that leaves a gap in the numbers."""
    records: list[JournalRecord] = []
    good, seq = 0, None
    while good < len(data):
        record, end = _line(data, good)
        if record is None:
            # What a crash leaves is at most one line without its end, or zeros where it should be.
            rest = data[good:].rstrip(b"\0")
            torn = b"\n" not in rest
            what = "the last line is not complete" if torn else f"byte {good} is damaged"
            return Scan(records, good, what, torn)
        if record["t"] == "start":
            seq = record["seq"]
        elif record["t"] in CHANGES:
            if seq is None or record["seq"] != seq + 1:
                return Scan(records, good, f"change {(seq or 0) + 1} is missing", torn=False)
            seq = record["seq"]
        records.append(record)
        good = end
    return Scan(records, good, "", torn=False)


def _line(data: bytes, start: int) -> tuple[JournalRecord | None, int]:
    head = _HEAD.match(data, start)
    if head is None:
        return None, start
    end = head.end() + int(head[2])
    text = data[head.end() : end]
    if data[end : end + 1] != b"\n" or zlib.crc32(text) != int(head[1], 16):
        return None, start
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None, start
    valid = isinstance(record, dict) and isinstance(record.get("t"), str)
    if valid and record["t"] in {"start", *CHANGES}:
        valid = type(record.get("seq")) is int
    return (record if valid else None), end + 1


@dataclass(frozen=True)
class Change:
    """One undoable step."""

    label: str
    delta: Delta
    at: str = ""
    who: str = ""
    screen: str = ""

    def __bool__(self) -> bool:
        return bool(self.delta)

    def record(self, kind: str) -> JournalRecord:
        """As a record of the journal."""
        return {"t": kind, **self._facts(), "delta": self.delta.parts}

    def _facts(self) -> JournalRecord:
        facts = {"label": self.label, "at": self.at, "who": self.who, "screen": self.screen}
        return {key: value for key, value in facts.items() if value}

    @staticmethod
    def read(record: JournalRecord) -> "Change":
        """The step that an ``edit``, ``past`` or ``future`` record holds."""
        return Change(
            record.get("label", ""),
            Delta(record["whole"] if "whole" in record else record["delta"]),
            record.get("at", ""),
            record.get("who", ""),
            record.get("screen", ""),
        )


class KnownFile(NamedTuple):
    """A session file that the journal knows: with *patch* applied it is the session as of change *seq*."""

    seq: int
    sha: str
    patch: Delta = Delta({})

    def record(self, kind: str) -> JournalRecord:
        """As a record of the journal."""
        patch = {"patch": self.patch.parts} if self.patch else {}
        return {"t": kind, "seq": self.seq, "sha": self.sha, **patch}

    @staticmethod
    def read(record: JournalRecord) -> "KnownFile":
        """The file that a ``start``, ``snapshot`` or ``file`` record names."""
        return KnownFile(record["seq"], record["sha"], Delta(record.get("patch", {})))


@dataclass
class Memory:
    """What a journal remembers: the steps back and forth, notes, drafts, and the session files it knows."""

    name: str = ""
    seq: int = 0
    past: list[Change] = field(default_factory=list)
    future: list[Change] = field(default_factory=list)
    notes: list[JournalRecord] = field(default_factory=list)
    drafts: dict[str, str] = field(default_factory=dict)
    files: list[KnownFile] = field(default_factory=list)
    """The session file that is in place, and behind it those that may have taken its place."""
    known: dict[str, KnownFile] = field(default_factory=dict)
    """All session files and backups that the changes can bring up to date, by SHA-256."""
    kept: list[JournalRecord] = field(default_factory=list)
    """The steps that were there before the first of *changes*."""
    changes: list[JournalRecord] = field(default_factory=list)

    def take(self, record: JournalRecord) -> None:
        """Take in the next record."""
        kind = record["t"]
        if kind == "start":
            self.name, self.seq = record["name"], record["seq"]
        if kind in ("start", "snapshot", "file"):
            self._file(kind, KnownFile.read(record))
        elif kind == "saved":
            self.files = self.files[-1:]
        elif kind in ("past", "future"):
            self.kept.append(record)
            getattr(self, kind).append(Change.read(record))
        elif kind in CHANGES:
            self.seq = record["seq"]
            self.changes.append(record)
            self._move(kind, record)
            if "onto" in record:
                self._file("file", KnownFile.read({"seq": self.seq, **record["onto"]}))
        elif kind == "note":
            self.notes.append(record)
        elif kind == "draft":
            if record["text"]:
                self.drafts[record["key"]] = record["text"]
            else:
                self.drafts.pop(record["key"], None)

    def _file(self, kind: str, file: KnownFile) -> None:
        # A snapshot is announced before it is put in place: until it is called saved, either may be there.
        self.files = [*self.files, file] if kind == "snapshot" else [file]
        self.known[file.sha] = file

    def _move(self, kind: str, record: JournalRecord) -> None:
        if kind == "undo":
            # Steps older than those kept may be missing; the record says enough to go forth again.
            step = Change(record.get("label", ""), Delta(record["delta"]).inverse())
            self.future.append(self.past.pop() if self.past else step)
        elif kind == "redo":
            step = Change(record.get("label", ""), Delta(record["delta"]))
            self.past.append(self.future.pop() if self.future else step)
        else:
            if "whole" in record and self.past:
                self.past.pop()
            # Typing and taking it back within one step leaves no step.
            if step := Change.read(record):
                self.past.append(step)
            self.future.clear()

    def since(self, seq: int, until: int | None = None) -> list[Delta] | None:
        """What was done after change *seq* (up to *until*), or None where the journal does not reach."""
        end = self.seq if until is None else until
        deltas = [Delta(record["delta"]) for record in self.changes if seq < record["seq"] <= end]
        return deltas if seq <= end and len(deltas) == end - seq else None

    def records(self, needed: int) -> list[JournalRecord]:
        """A journal that remembers the same in fewer records.

        Changes after *needed* stay as they are, for they may have to bring a backup up to date; of the steps
        that were undoable then the last 200 stay.
        """
        first = min(needed, self.seq)
        folded = [record for record in self.changes if record["seq"] <= first]
        then = remember([*self.kept, *folded])
        # Stepping back and forth since then must not leave fewer than 200.
        kinds = [record["t"] for record in self.changes[len(folded) :]]
        past = then.past[-KEEP_CHANGES - kinds.count("undo") :]
        future = then.future[-KEEP_CHANGES - kinds.count("redo") :]
        older = [each for each in self.known.values() if each.seq >= first and each not in self.files]
        return [
            {"t": "start", "v": FORMAT, "name": self.name, "seq": first, "sha": ""},
            *(change.record("past") for change in past),
            *(change.record("future") for change in future),
            *self.changes[len(folded) :],
            *(each.record("file") for each in older),
            *(each.record("snapshot" if index else "file") for index, each in enumerate(self.files)),
            *self.notes,
            *({"t": "draft", "key": key, "text": text} for key, text in self.drafts.items()),
        ]


def remember(records: Iterable[JournalRecord]) -> Memory:
    """Everything that the records of a journal say."""
    memory = Memory()
    for record in records:
        memory.take(record)
    return memory


class Journal:
    """The open file. Every method may raise OSError."""

    def __init__(self, disk: Disk, path: Path, good: int):
        self._disk, self.path = disk, path
        self._handle: int | None = None
        self.size = good
        self.usable = good > 0
        """Whether lines may be added. After a failed sync nobody knows what the file holds, and trying
        again would only pretend: it must be begun anew."""

    def begin(self, frames: bytes) -> None:
        """Put a new journal in the place of the old one, if any, durably."""
        self.close()
        replace(self._disk, self.path, frames)
        self.size, self.usable = len(frames), True

    def append(self, frames: bytes, sync: bool = True) -> None:
        """Add lines: durable when it returns, absent if it raises."""
        try:
            if self._handle is None:
                self._handle = self._disk.open_end(self.path)
                # Cuts off what a crash left behind the last good line.
                self._disk.truncate(self._handle, self.size)
            write_all(self._disk, self._handle, frames)
        except OSError:
            self._cut()
            raise
        if sync:
            try:
                self._disk.sync_data(self._handle)
            except OSError:
                self.usable = False
                self._cut()
                raise
        self.size += len(frames)

    def _cut(self) -> None:
        """Take away what a failed call may have left behind the last good line."""
        if self._handle is None:
            self.usable = False
            return
        try:
            self._disk.truncate(self._handle, self.size)
        except OSError:
            self.usable = False

    def close(self) -> None:
        """Let go of the file."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            self._disk.close(handle)


def read(path: Path) -> bytes:
    """The bytes of a journal; nothing where there is none."""
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise Unreadable(
                f"{path} is larger than {SIZE_LIMIT:,} bytes; move it away to open the session without it"
            )
        return path.read_bytes()
    except FileNotFoundError:
        return b""
