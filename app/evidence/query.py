"""Questions to the evidence of a session: lines by time, counts, errors, series, alerts.

All of it is synchronous and streams; call it in a thread and pass *cancelled*. Times are UTC with the clock
correction of their source in them. Evidence that is gone or damaged is passed over here:
:func:`problems` says which.
"""

import heapq
import math
import pickle
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO

from app.evidence.alerts import ALERTS_JSON, Episode, parse_alerts
from app.evidence.alerts import episodes as find_episodes
from app.evidence.artifacts import EvidenceProblem, blocks, content_hash, locate
from app.evidence.facts import FACTS, Fact, parse_facts, shifted
from app.evidence.formats import ATTACHMENT, LINES
from app.evidence.index import SAMPLE, Cancel, Cancelled, Found, Index, index_of, never, reading_of
from app.evidence.levels import level
from app.evidence.lines import batches
from app.evidence.series import QUERY_RANGE, Series, content_of, joined, parse_matrix
from app.evidence.times import MINUTE, SECOND, clock_for, microseconds, moment
from app.evidence.window import Window
from app.review.records import Artifact, Session, Source
from app.text import decode

__all__ = [
    "Cancel", "Episode", "FactRow", "Minute", "Row", "Series", "alerts", "around", "errors", "facts", "minutes",
    "problems", "rows", "series", "starts",
]  # fmt: skip

_SORTED_IN_MEMORY = 50_000
_SMALL_DISORDER = 120 * SECOND


@dataclass(frozen=True, slots=True)
class Row:
    """A line of evidence. *at* is in UTC, corrected; nothing where no line before it had a time."""

    at: datetime | None
    level: str
    text: str
    source: str
    artifact: str
    line: int


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact that a source declares. *at* and *until* have the clock correction of the source in them."""

    fact: Fact
    at: datetime
    until: datetime | None
    source: str
    artifact: str
    line: int


@dataclass(frozen=True, slots=True)
class Minute:
    """How many lines fell into the minute that begins at *at*, and how many of them declare an error."""

    at: datetime
    lines: int
    errors: int


def rows(
    session: Session,
    folder: Path,
    *,
    window: Window | None = None,
    sources: Iterable[str] | None = None,
    errors_only: bool = False,
    contains: str = "",
    limit: int | None = None,
    cancelled: Cancelled = never,
) -> Iterator[Row]:
    """The lines of all logs, merged by time; *contains* ignores case.

    Lines without a time of their own (a stack trace) follow the line before them.
    """
    needle = contains.encode("utf-8", "replace").lower()

    def wanted(line: bytes) -> bool:
        return not needle or needle in line.lower()

    streams = [
        _sorted(session, folder, source, artifact, window, wanted, errors_only, cancelled)
        for source, artifact in _logs(session, sources)
    ]
    merged = heapq.merge(*streams, key=lambda raw: raw[:4])
    made = (_row(raw) for raw in merged)
    return islice(made, limit) if limit is not None else made


def around(
    session: Session, folder: Path, artifact: str, line: int, before: int = 5, after: int = 5
) -> list[Row]:
    """The lines about number *line* of *artifact* (a path in the session); empty when it is not there."""
    for source, record in _artifacts(session, None):
        if record.path != artifact:
            continue
        offset = round(source.clock_offset_s * SECOND)
        found: list[Row] = []
        for number, at, raw in _read(session, folder, source, record, never):
            if number > line + after:
                break
            if number >= line - before:
                when = moment(at + offset) if at is not None else None
                found.append(Row(when, level(raw), decode(raw), source.id, record.path, number))
        return found
    return []


def minutes(
    session: Session,
    folder: Path,
    *,
    window: Window | None = None,
    sources: Iterable[str] | None = None,
    cancelled: Cancelled = never,
) -> list[Minute]:
    """Lines and errors per minute, every minute from the first to the last (or of *window*), zeros included.

    Corrections finer than a minute shift the counts by whole minutes only.
    """
    counts: dict[int, tuple[int, int]] = {}
    for source, _, index in _indexes(session, folder, sources, cancelled):
        shift = round(source.clock_offset_s / 60)
        for minute, (lines, wrong) in index.minutes.items():
            known = counts.get(minute + shift, (0, 0))
            counts[minute + shift] = (known[0] + lines, known[1] + wrong)
    if window:
        first, last = microseconds(window.start) // MINUTE, microseconds(window.end) // MINUTE
    elif counts:
        first, last = min(counts), max(counts)
    else:
        return []
    # A single line with a date of another decade must not make a list of millions.
    if last - first > 366 * 24 * 60:
        return [Minute(moment(key * MINUTE), *counts[key]) for key in sorted(counts)]
    return [Minute(moment(key * MINUTE), *counts.get(key, (0, 0))) for key in range(first, last + 1)]


def errors(
    session: Session,
    folder: Path,
    source_id: str,
    *,
    window: Window | None = None,
    cancelled: Cancelled = never,
) -> tuple[Row | None, Row | None]:
    """First and last line of a source that declares an error, in *window* where one is given."""
    firsts: list[Row] = []
    lasts: list[Row] = []
    for source, artifact, index in _indexes(session, folder, [source_id], cancelled):
        first, last = (_found_row(found, source, artifact) for found in (index.first_error, index.last_error))
        if window and not (_holds(window, first) and _holds(window, last)):
            if not _any_error(index, source, window):
                continue
            single = session.model_copy(
                update={"sources": (source.model_copy(update={"artifacts": (artifact,)}),)}
            )
            hits = rows(single, folder, window=window, errors_only=True, cancelled=cancelled)
            first = next(hits, None)
            last = next(iter(deque(hits, maxlen=1)), first)
        firsts += [first] if first else []
        lasts += [last] if last else []
    return min(firsts, key=_when, default=None), max(lasts, key=_when, default=None)


def starts(
    session: Session,
    folder: Path,
    source_id: str,
    *,
    window: Window | None = None,
    cancelled: Cancelled = never,
) -> list[Row]:
    """Lines of a source that say a process or container started: the first 50 of each artifact."""
    found = [
        _found_row(entry, source, artifact)
        for source, artifact, index in _indexes(session, folder, [source_id], cancelled)
        for entry in index.starts
    ]
    return sorted((row for row in found if row and (window is None or _holds(window, row))), key=_when)


def series(
    session: Session,
    folder: Path,
    *,
    window: Window | None = None,
    sources: Iterable[str] | None = None,
    cancelled: Cancelled = never,
) -> list[Series]:
    """All series of numbers, the pieces of one query joined; ``ALERTS`` is among them."""
    parts: list[Series] = []
    for source, artifact in _artifacts(session, sources):
        if artifact.format != QUERY_RANGE:
            continue
        if cancelled():
            raise Cancel
        for one in _matrix(folder, artifact):
            offset = source.clock_offset_s
            points = tuple((at + offset, value) for at, value in one.points) if offset else one.points
            if window:
                start, end = window.start.timestamp(), window.end.timestamp()
                points = tuple(point for point in points if start <= point[0] <= end)
            parts.append(Series(one.labels, points, artifact.note or one.name, source.id, artifact.path))
    return joined(parts)


def alerts(
    session: Session,
    folder: Path,
    *,
    window: Window | None = None,
    sources: Iterable[str] | None = None,
    cancelled: Cancelled = never,
) -> list[Episode]:
    """Every firing of every alert that the evidence shows, by time; those that touch *window* only."""
    wanted = None if sources is None else list(sources)
    found = find_episodes(series(session, folder, sources=wanted, cancelled=cancelled), _reach(session))
    for source, artifact in _artifacts(session, wanted):
        if artifact.format != ALERTS_JSON:
            continue
        try:
            listed = parse_alerts(content_of(locate(folder, artifact))) or []
        except EvidenceProblem:
            continue
        delta = timedelta(seconds=source.clock_offset_s)
        found += [_placed(episode, delta, source, artifact) for episode in listed]
    found = [
        episode
        for episode in found
        if window is None
        or (episode.fired <= window.end and (episode.resolved is None or episode.resolved >= window.start))
    ]
    return sorted(found, key=lambda episode: (episode.fired, episode.alert, episode.source))


def facts(
    session: Session,
    folder: Path,
    *,
    window: Window | None = None,
    sources: Iterable[str] | None = None,
    cancelled: Cancelled = never,
) -> list[FactRow]:
    """What sources declare, by time, each fact once however often it was collected; the newest copy speaks."""
    found: dict[tuple[str, str], FactRow] = {}
    for source, artifact in _artifacts(session, sources):
        if artifact.format != FACTS:
            continue
        if cancelled():
            raise Cancel
        try:
            content = content_of(locate(folder, artifact))
        except EvidenceProblem:
            continue
        for line, fact in parse_facts(content):
            at, until = shifted(fact, source.clock_offset_s)
            if window is None or window.holds(at):
                row = FactRow(fact, at, until, source.id, artifact.path, line)
                found[source.id, fact.key] = row
    return sorted(found.values(), key=lambda row: (row.at, row.source, row.fact.key))


def problems(session: Session, folder: Path, *, hashes: bool = False) -> list[str]:
    """One sentence for each artifact that is missing or, with *hashes*, no longer what was collected."""
    found: list[str] = []
    for source, artifact in _artifacts(session, None):
        try:
            path = locate(folder, artifact)
            if not path.is_file():
                raise EvidenceProblem(
                    f"{artifact.path} of {source.name or source.id} is gone: collect it again."
                )
            if hashes and content_hash(path) != artifact.sha256:
                raise EvidenceProblem(
                    f"{artifact.path} ({source.id}) is not what was collected: its hash differs."
                )
        except EvidenceProblem as problem:
            found.append(str(problem))
    return found


Raw = tuple[int, str, str, int, bytes]
"""Microseconds since 1970 (corrected), source, artifact, line number, the line: sorts by time."""


def _artifacts(session: Session, sources: Iterable[str] | None) -> Iterator[tuple[Source, Artifact]]:
    wanted = None if sources is None else set(sources)
    for source in session.sources:
        if wanted is None or source.id in wanted:
            for artifact in source.artifacts:
                yield source, artifact


def _current(source: Source) -> list[Artifact]:
    """The artifacts to ask: of a log that was collected again, only the copy that holds all of the earlier one.

    Every copy is kept on disk; but a line that two of them hold happened once.
    """
    current: list[Artifact] = []
    for artifact in (each for each in source.artifacts if each.format in ("", LINES, FACTS)):
        current = [earlier for earlier in current if not _holds_all_of(artifact, earlier)]
        current.append(artifact)
    return current


def _holds_all_of(later: Artifact, earlier: Artifact) -> bool:
    if later.query != earlier.query:
        return False
    if later.sha256 == earlier.sha256:
        return True
    spans = (later.from_, later.to, earlier.from_, earlier.to)
    if later.rows < earlier.rows or None in spans:
        return False
    begin, end, first, last = (moment for moment in spans if moment is not None)
    return begin <= first and last <= end


def _logs(session: Session, sources: Iterable[str] | None) -> Iterator[tuple[Source, Artifact]]:
    wanted = None if sources is None else set(sources)
    for source in session.sources:
        if wanted is None or source.id in wanted:
            for artifact in _current(source):
                yield source, artifact


def _indexes(
    session: Session, folder: Path, sources: Iterable[str] | None, cancelled: Cancelled
) -> Iterator[tuple[Source, Artifact, Index]]:
    for source, artifact in _logs(session, sources):
        try:
            index = index_of(session, folder, source, artifact, cancelled)
        except EvidenceProblem:
            continue
        yield source, artifact, index


def _matrix(folder: Path, artifact: Artifact) -> tuple[Series, ...]:
    try:
        return parse_matrix(content_of(locate(folder, artifact))) or ()
    except EvidenceProblem:
        return ()


def _reach(session: Session) -> dict[str, tuple[float, float]]:
    """From where to where the series of each source go, in seconds since 1970, corrected."""
    reach: dict[str, tuple[float, float]] = {}
    for source, artifact in _artifacts(session, None):
        if artifact.format == QUERY_RANGE and artifact.from_ and artifact.to:
            begin, end = reach.get(source.id, (math.inf, -math.inf))
            offset = source.clock_offset_s
            reach[source.id] = (
                min(begin, artifact.from_.timestamp() + offset),
                max(end, artifact.to.timestamp() + offset),
            )
    return reach


def _placed(episode: Episode, delta: timedelta, source: Source, artifact: Artifact) -> Episode:
    return Episode(
        episode.alert,
        episode.labels,
        episode.fired + delta,
        episode.resolved + delta if episode.resolved else None,
        summary=episode.summary,
        source=source.id,
        artifact=artifact.path,
    )


def _read(
    session: Session, folder: Path, source: Source, artifact: Artifact, cancelled: Cancelled
) -> Iterator[tuple[int, int | None, bytes]]:
    """Number, raw instant and bytes of every line; a damaged end is the end."""
    if artifact.format == ATTACHMENT:
        return
    try:
        incoming = batches(blocks(locate(folder, artifact)))
        head: list[bytes] = []
        for batch in incoming:
            head += batch
            if len(head) >= SAMPLE:
                break
        clock = clock_for(head[:SAMPLE], reading_of(session, source, artifact))
        number, last = 0, None
        for batch in _chained(head, incoming):
            if cancelled():
                raise Cancel
            for line in batch:
                number += 1
                at = clock.read(line) if clock else None
                if at is not None:
                    last = at
                yield number, last, line
    except EvidenceProblem:
        return


def _chained(head: list[bytes], rest: Iterator[list[bytes]]) -> Iterator[list[bytes]]:
    yield head
    yield from rest


def _sorted(
    session: Session,
    folder: Path,
    source: Source,
    artifact: Artifact,
    window: Window | None,
    wanted: Callable[[bytes], bool],
    errors_only: bool,
    cancelled: Cancelled,
) -> Iterator[Raw]:
    """The timed lines of one log in the window, in order of time, in bounded memory."""
    try:
        index = index_of(session, folder, source, artifact, cancelled)
    except EvidenceProblem:
        return
    offset = round(source.clock_offset_s * SECOND)
    start = microseconds(window.start) - offset if window else -(2**62)
    end = microseconds(window.end) - offset if window else 2**62
    if index.first_us is None or index.last_us is None or index.first_us > end or index.last_us < start:
        return

    def chosen() -> Iterator[Raw]:
        for number, at, line in _read(session, folder, source, artifact, cancelled):
            if at is None or at < start:
                continue
            if at > end:
                if at > end + index.disorder_us:
                    return
                continue
            if wanted(line) and (not errors_only or level(line) in ("error", "fatal")):
                yield at + offset, source.id, artifact.path, number, line

    if index.disorder_us == 0:
        yield from chosen()
    elif index.disorder_us <= _SMALL_DISORDER:
        yield from _reordered(chosen(), index.disorder_us)
    else:
        yield from _spilled(chosen())


def _reordered(incoming: Iterator[Raw], disorder: int) -> Iterator[Raw]:
    """Sort what is out of order by at most *disorder* microseconds, holding that much time in memory."""
    waiting: list[Raw] = []
    for raw in incoming:
        heapq.heappush(waiting, raw)
        while waiting[0][0] < raw[0] - disorder:
            yield heapq.heappop(waiting)
    while waiting:
        yield heapq.heappop(waiting)


def _spilled(incoming: Iterator[Raw]) -> Iterator[Raw]:
    """Sort any order, runs going to temporary files (logs of several pods come one after the other)."""
    runs: list[IO[bytes]] = []
    try:
        while run := sorted(islice(incoming, _SORTED_IN_MEMORY)):
            if not runs and len(run) < _SORTED_IN_MEMORY:
                yield from run
                return
            file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed below, when the runs were merged
            runs.append(file)
            for raw in run:
                pickle.dump(raw, file, pickle.HIGHEST_PROTOCOL)
            file.seek(0)
        yield from heapq.merge(*(_unspilled(file) for file in runs))
    finally:
        for opened in runs:
            opened.close()


def _unspilled(file: IO[bytes]) -> Iterator[Raw]:
    while True:
        try:
            # Our own bytes, from a nameless file that nobody else can open.
            yield pickle.load(file)  # noqa: S301
        except EOFError:
            return


def _row(raw: Raw) -> Row:
    at, source, artifact, number, line = raw
    return Row(moment(at), level(line), decode(line), source, artifact, number)


def _found_row(found: Found | None, source: Source, artifact: Artifact) -> Row | None:
    if found is None:
        return None
    number, at, text = found
    when = moment(at + round(source.clock_offset_s * SECOND))
    return Row(when, level(text.encode()), text, source.id, artifact.path, number)


def _any_error(index: Index, source: Source, window: Window) -> bool:
    shift = source.clock_offset_s
    first = (microseconds(window.start) - round(shift * SECOND)) // MINUTE
    last = (microseconds(window.end) - round(shift * SECOND)) // MINUTE
    return any(wrong for minute, (_, wrong) in index.minutes.items() if first <= minute <= last and wrong)


def _holds(window: Window, row: Row | None) -> bool:
    return row is None or (row.at is not None and window.holds(row.at))


def _when(row: Row) -> tuple[datetime, str, int]:
    if row.at is None:
        raise ValueError("a row without a time cannot be compared")
    return row.at, row.artifact, row.line
