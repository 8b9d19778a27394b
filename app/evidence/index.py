"""What one pass over a log finds out, kept beside the artifact so that no screen reads it twice.

The cache is a hidden JSON file named after the artifact; it is worth nothing once the artifact's hash, the
zone or the version of this module differs, and is made anew then. It may be deleted at any time.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.evidence.artifacts import EvidenceProblem, blocks, locate
from app.evidence.levels import hints_in, is_error
from app.evidence.lines import Lines
from app.evidence.times import MINUTE, Clock, Reading, clock_for, moment
from app.review.records import Artifact, Session, Source
from app.text import decode

VERSION = 1
Cancelled = Callable[[], bool]
_building = threading.Lock()
"""Screens ask for the same log at the same moment; one of them reads it and the others wait."""
Found = tuple[int, int, str]
"""A line: its number from 1, its instant in microseconds since 1970, its text."""

SAMPLE = 500
"""Lines from the beginning of a log that decide which stamps it uses."""
_STARTS_KEPT = 50
_TEXT = 400
_NEVER = 2**62
_START_HINTS = (b"tart", b"isten", b"oot", b"ready", b"serving")
_START_HINT = re.compile(rb"tart|isten|oot|ready|serving")
_START = re.compile(
    rb"(?i)\b(?:start(?:ing|ed) (?:up\b|server|service|application|container|process|worker|\S+ v?\d+\.)"
    rb"|(?:server|service|application|process|container)(?: \S+)? (?:has )?started\b"
    rb"|started \S+ in [\d.]+ ?(?:s|ms|seconds)\b|listening (?:on|at)\b|booting\b|now serving\b"
    rb"|ready to accept connections|ready for start up)"
)


class Cancel(Exception):
    """The person stopped it."""


def never() -> bool:
    """Not cancelled, ever."""
    return False


@dataclass
class Index:
    """A log in numbers. Instants are raw: the source's clock correction is not in them.

    *minutes* maps the whole minute since 1970 to (lines, errors). *disorder_us* is how far back in time the
    log jumps at most: 0 means that it is sorted.
    """

    version: int = VERSION
    sha256: str = ""
    zone: str = ""
    near: str = ""
    style: str = ""
    zoneless: bool = False
    rows: int = 0
    timed: int = 0
    first_us: int | None = None
    last_us: int | None = None
    disorder_us: int = 0
    cut: int = 0
    invalid: int = 0
    damaged: str = ""
    errors: int = 0
    first_error: Found | None = None
    last_error: Found | None = None
    starts: list[Found] = field(default_factory=list)
    minutes: dict[int, tuple[int, int]] = field(default_factory=dict)


class _Tally:
    """The lines of one minute that came in a row."""

    __slots__ = ("begin", "errors", "lines")

    def __init__(self, begin: int = 0) -> None:
        self.begin = begin
        self.lines = self.errors = 0


class Scanner:
    """Builds an :class:`Index` from blocks of bytes as they pass by."""

    def __init__(self, reading: Reading, zone: str = "") -> None:
        self.index = Index(zone=zone, near=reading.near.isoformat())
        self._reading = reading
        self._lines = Lines()
        self._clock: Clock | None = None
        self._sample: list[bytes] | None = []

    def feed(self, block: bytes) -> None:
        """Take the next block."""
        self._take(self._lines.feed(block))

    def finish(self) -> Index:
        """The index, once everything was fed."""
        self._take(self._lines.finish())
        if self._sample is not None:
            self._begin()
        self.index.cut, self.index.invalid = self._lines.cut, self._lines.invalid
        return self.index

    def _take(self, lines: list[bytes]) -> None:
        if self._sample is not None:
            self._sample += lines
            if len(self._sample) >= SAMPLE:
                self._begin()
        else:
            self._count(lines)

    def _begin(self) -> None:
        sample, self._sample = self._sample or [], None
        self._clock = clock_for(sample[:SAMPLE], self._reading)
        if self._clock:
            self.index.style = self._clock.style
            self.index.zoneless = self._clock.zoneless
        self._count(sample)

    def _count(self, lines: list[bytes]) -> None:
        index = self.index
        number = index.rows
        index.rows += len(lines)
        if self._clock is None:
            return
        # The hot loop of the program: names are local, and a minute is written when it ends.
        read = self._clock.read
        together = b"\n".join(lines)
        error_hints = hints_in(together)
        starts_possible = len(index.starts) < _STARTS_KEPT and any(hint in together for hint in _START_HINTS)
        highest = -1 if index.last_us is None else index.last_us
        lowest = _NEVER if index.first_us is None else index.first_us
        minute_end, tally = 0, _Tally()
        for line in lines:
            number += 1
            at = read(line)
            if at is None:
                continue
            if not tally.begin <= at < minute_end:
                self._put(tally)
                tally = _Tally(at - at % MINUTE)
                minute_end = tally.begin + MINUTE
            tally.lines += 1
            if at >= highest:
                highest = at
            elif highest - at > index.disorder_us:
                index.disorder_us = highest - at
            if at < lowest:
                lowest = at
            if error_hints and is_error(line, error_hints):
                tally.errors += 1
                self._error(number, at, line)
            elif starts_possible and _START_HINT.search(line) and _START.search(line):
                index.starts.append((number, at, decode(line, _TEXT)))
                starts_possible = len(index.starts) < _STARTS_KEPT
        self._put(tally)
        if highest >= 0:
            index.first_us, index.last_us = lowest, highest

    def _put(self, tally: "_Tally") -> None:
        if tally.lines:
            self.index.timed += tally.lines
            minute = tally.begin // MINUTE
            lines, errors = self.index.minutes.get(minute, (0, 0))
            self.index.minutes[minute] = (lines + tally.lines, errors + tally.errors)

    def _error(self, number: int, at: int, line: bytes) -> None:
        index = self.index
        index.errors += 1
        if index.first_error is None or at < index.first_error[1]:
            index.first_error = (number, at, decode(line, _TEXT))
        if index.last_error is None or at >= index.last_error[1]:
            index.last_error = (number, at, decode(line, _TEXT))


def reading_of(session: Session, source: Source, artifact: Artifact) -> Reading:
    """How to read the stamps of *artifact*: the source's zone setting, and a time near to its own."""
    near = artifact.from_ or session.incident.started_at or artifact.collected_at
    return Reading(zone_of(source)[1], near.astimezone(UTC) if near else datetime(1970, 1, 1, tzinfo=UTC))


def is_zone(name: str) -> bool:
    """Whether there is a zone of that name."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return False
    return True


def zone_of(source: Source) -> tuple[str, tzinfo]:
    """The zone that stamps without one are read in: the source's ``zone`` setting, else UTC."""
    name = source.settings.get("zone")
    return (name, ZoneInfo(name)) if isinstance(name, str) and name and is_zone(name) else ("", UTC)


def index_of(
    session: Session, folder: Path, source: Source, artifact: Artifact, cancelled: Cancelled = never
) -> Index:
    """The index of a log, from its cache or made now.

    Raises :class:`Cancel`, or :class:`EvidenceProblem` when the artifact cannot be read at all.
    """
    path = locate(folder, artifact)
    zone, _ = zone_of(source)
    known = _known(path, artifact, zone)
    if known:
        return known
    while not _building.acquire(timeout=0.05):
        if cancelled():
            raise Cancel
    try:
        # Another thread may have made it while this one waited.
        known = _known(path, artifact, zone)
        if known:
            return known
        scanner = Scanner(reading_of(session, source, artifact), zone)
        damaged = scan(blocks(path), scanner, cancelled)
        index = scanner.finish()
        index.damaged = damaged
        index.sha256 = artifact.sha256
        save(path, index)
        return index
    finally:
        _building.release()


def _known(path: Path, artifact: Artifact, zone: str) -> Index | None:
    cached = _load(path)
    fits = cached is not None and artifact.sha256 and (cached.sha256, cached.zone) == (artifact.sha256, zone)
    return cached if fits else None


def scan(incoming: Iterable[bytes], scanner: Scanner, cancelled: Cancelled = never) -> str:
    """Feed *scanner*; returns a sentence when the file broke off after something was read."""
    began = False
    try:
        for block in incoming:
            if cancelled():
                raise Cancel
            scanner.feed(block)
            began = True
    except EvidenceProblem as problem:
        if not began:
            raise
        return str(problem)
    return ""


def save(path: Path, index: Index) -> None:
    """Put the cache beside the artifact; a folder that cannot be written to just has none."""
    content = asdict(index) | {"minutes": [[minute, *pair] for minute, pair in sorted(index.minutes.items())]}
    cache = _cache(path)
    part = cache.with_suffix(f".{threading.get_ident()}.part")
    with suppress(OSError):
        part.touch(mode=0o600)
        part.write_text(json.dumps(content, separators=(",", ":")), "utf-8")
        part.replace(cache)


def _cache(path: Path) -> Path:
    return path.with_name(f".{path.name}.index")


def _load(path: Path) -> Index | None:
    try:
        content: dict[str, Any] = json.loads(_cache(path).read_bytes())
        if content["version"] != VERSION:
            return None
        content["minutes"] = {
            int(minute): (int(rows), int(errors)) for minute, rows, errors in content["minutes"]
        }
        for name in ("first_error", "last_error"):
            content[name] = _found(content[name]) if content[name] else None
        content["starts"] = [_found(entry) for entry in content["starts"]]
        index = Index(**content)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return index


def _found(entry: Any) -> Found:
    line, at, text = entry
    return int(line), int(at), str(text)


def span_of(index: Index) -> tuple[datetime, datetime] | None:
    """First and last instant of the log, raw."""
    if index.first_us is None or index.last_us is None:
        return None
    return moment(index.first_us), moment(index.last_us)
