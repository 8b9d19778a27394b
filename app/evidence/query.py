"""Questions to the evidence of a session: lines by time, counts, errors, series, alerts.

All of it is synchronous; call it in a thread and pass *cancelled*. Times are UTC with the clock
correction of their source in them. Evidence that is gone or damaged is passed over here:
:mod:`app.evidence.verify` says which.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from app.evidence.alerts import ALERTS_JSON, Episode, parse_alerts
from app.evidence.alerts import episodes as find_episodes
from app.evidence.artifacts import EvidenceProblem, locate
from app.evidence.browse import Row, as_rows, browse
from app.evidence.current import artifacts
from app.evidence.engine import WRONG, collect, lines_of
from app.evidence.facts import FACTS, Fact, parse_facts, shifted
from app.evidence.formats import ATTACHMENT
from app.evidence.index import Cancel, Cancelled, never
from app.evidence.kept import table_of
from app.evidence.rules import RULES, Rule, described, parse_rules
from app.evidence.series import QUERY_RANGE, Series, content_of, joined, parse_matrix
from app.evidence.tables import tables
from app.evidence.times import MINUTE, microseconds, moment
from app.evidence.window import Window
from app.review.records import Artifact, Session, Source

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "Cancel", "Episode", "FactRow", "Minute", "Row", "Series", "alerts", "around", "errors", "facts", "minutes",
    "rows", "series", "starts",
]  # fmt: skip

_STARTS_KEPT = 50


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
    browser = browse(
        session,
        folder,
        window=window,
        sources=sources,
        errors_only=errors_only,
        contains=contains,
        cancelled=cancelled,
    )
    return islice(browser.all(), limit)


def around(
    session: Session, folder: Path, artifact: str, line: int, before: int = 5, after: int = 5
) -> list[Row]:
    """The lines about number *line* of *artifact* (a path in the session); empty when it is not there."""
    import polars as pl

    for source, record in artifacts(session, None):
        if record.path == artifact and record.format != ATTACHMENT:
            try:
                table = table_of(session, folder, source, record)
            except EvidenceProblem:
                return []
            near = pl.col("line").is_between(line - before, line + after)
            return as_rows(collect(lines_of(table).filter(near)).sort("line"))
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

    Lines without a time of their own belong to the line before them and are not counted. Corrections finer
    than a minute shift the counts by whole minutes only.
    """
    counts: dict[int, tuple[int, int]] = {}
    for table in tables(session, folder, sources, cancelled):
        shift = round(table.source.clock_offset_s / 60)
        for minute, (lines, wrong) in table.index.minutes.items():
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
    import polars as pl

    firsts: list[Row] = []
    lasts: list[Row] = []
    for table in tables(session, folder, [source_id], cancelled):
        if not table.index.errors:
            continue
        wrong = _stamped(lines_of(table), window).filter(pl.col("level").is_in(WRONG))
        # The instants first: whole lines are read where the answer is, and nowhere else.
        time = pl.col("time")
        ends = collect(wrong.select(time.min().alias("first"), time.max().alias("last")), cancelled)
        for name, found, at in (("first", firsts, 0), ("last", lasts, -1)):
            if ends[name][0] is not None:
                there = collect(wrong.filter(time == pl.lit(ends[name][0])), cancelled).sort("line")
                found.append(as_rows(there)[at])
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
    import polars as pl

    found: list[Row] = []
    for table in tables(session, folder, [source_id], cancelled):
        started = _stamped(lines_of(table), window).filter(pl.col("start"))
        found += as_rows(collect(started.bottom_k(_STARTS_KEPT, by="line"), cancelled))
    return sorted(found, key=_when)


def _stamped(lines: "pl.LazyFrame", window: Window | None) -> "pl.LazyFrame":
    """The lines that have a time of their own, in *window*."""
    import polars as pl

    # Those have a zone, too, and a zone is much less to read than a stamp.
    stamped = lines.filter(pl.col("zone").is_not_null())
    if window is None:
        return stamped
    return stamped.filter(pl.col("time").is_between(pl.lit(window.start), pl.lit(window.end)))


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
    for source, artifact in artifacts(session, sources):
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
    rules = _rules(session, folder, wanted)
    found = [described(episode, rules.get(episode.source, ())) for episode in found]
    for source, artifact in artifacts(session, wanted):
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


def _rules(session: Session, folder: Path, sources: Iterable[str] | None) -> dict[str, list[Rule]]:
    """The alerting rules of each source, the newest answer first."""
    found: dict[str, list[Rule]] = {}
    for source, artifact in artifacts(session, sources):
        if artifact.format == RULES:
            with suppress(EvidenceProblem):
                rules = parse_rules(content_of(locate(folder, artifact))) or []
                found[source.id] = rules + found.get(source.id, [])
    return found


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
    for source, artifact in artifacts(session, sources):
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


def _matrix(folder: Path, artifact: Artifact) -> tuple[Series, ...]:
    try:
        return parse_matrix(content_of(locate(folder, artifact))) or ()
    except EvidenceProblem:
        return ()


def _reach(session: Session) -> dict[str, tuple[float, float]]:
    """From where to where the series of each source go, in seconds since 1970, corrected."""
    reach: dict[str, tuple[float, float]] = {}
    for source, artifact in artifacts(session, None):
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


def _when(row: Row) -> tuple[datetime, str, int]:
    if row.at is None:
        raise ValueError("a row without a time cannot be compared")
    return row.at, row.artifact, row.line
