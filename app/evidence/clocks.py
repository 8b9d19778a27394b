"""Sources whose clocks disagree: a correction for each is proposed with its reason, and people decide.

Four things speak about a clock. A *server* told its time when it was asked. Stamps lie in the *future* of the
moment at which they were collected. *Ids* (of requests, of traces) stand in the lines of two sources, and in one of
them always by the same time earlier or later. Something stands *before its cause*: a commit is deployed before it was
made. A correction is ``clock_offset_s``: seconds to add; raw times stay.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path
from statistics import median, quantiles

from app.evidence.formats import LINES
from app.evidence.index import Cancel, Cancelled, never
from app.evidence.query import facts, rows
from app.evidence.series import QUERY_RANGE
from app.evidence.window import Window
from app.evidence.zones import needs_zone
from app.review.records import Session, Source

NOTICED = 5.0
"""Seconds of difference to a server, or into the future, that are worth a word: headers have whole seconds."""
LEAST = 2.0
"""Seconds between two sources that are worth a word: a slow request may take one."""
_SHARED = 5
"""Ids that two sources must share at least."""
_LINES = 50_000
"""Lines of each source that are searched for ids."""
_REPEATED = 20
"""An id that comes more often names something that lasts (a session, a pod), not a moment."""
_LASTING_S = 60.0
_ID = re.compile(
    r"(?<![0-9A-Za-z_-])(?:(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|(?P<hex>[0-9a-f]{32}|[0-9a-f]{16}))"
    r"(?![0-9A-Za-z_-])"
    r"|(?:request|req|trace|correlation)[-_]?id[\"']?\s{0,2}[=:]\s{0,2}[\"']?(?P<named>[0-9A-Za-z][0-9A-Za-z_.:-]{5,63})",
    re.IGNORECASE,
)
_LOOKED_AT = 4_096
_SHORT = 7
_COMMIT = re.compile(r"(?:Commit|Merge) ([0-9a-f]{7,40})\b")
_HASH = re.compile(r"(?<![0-9A-Za-z])(?=[0-9]*[a-f])[0-9a-f]{7,40}(?![0-9A-Za-z])")
"""A commit in the words of a fact; seven digits without a letter are a number more often."""


@dataclass(frozen=True)
class Proposal:
    """What the clock correction of a source should become. *reason* is one sentence for people.

    *now_s* is the correction as it is. *at_least* says that the true one may be larger.
    """

    source: str
    offset_s: float
    now_s: float
    reason: str
    at_least: bool = False


def proposals(
    session: Session, folder: Path, *, window: Window | None = None, cancelled: Cancelled = never
) -> list[Proposal]:
    """One proposal for each source whose clock disagrees, in the order of the sources.

    Reads logs: call it in a thread. Raises :class:`app.evidence.index.Cancel`. A source whose times still lack a
    zone is asked about that first; what looks like its clock may be its zone.
    """
    trusted = [source for source in session.sources if not needs_zone(source)]
    found: dict[str, Proposal] = {}
    for proposal in (
        *_from_servers(trusted),
        *_from_ids(session, folder, trusted, window, cancelled),
        *_before_its_cause(session, folder, trusted, cancelled),
        *_from_the_future(trusted),
    ):
        found.setdefault(proposal.source, proposal)
    return [found[source.id] for source in session.sources if source.id in found]


def _from_servers(sources: Iterable[Source]) -> Iterable[Proposal]:
    for source in sources:
        ahead = source.clock_ahead_s
        if ahead is None or abs(ahead + source.clock_offset_s) <= NOTICED:
            continue
        side = "ahead of" if ahead > 0 else "behind"
        reason = f"Its server's clock was {_spelt(abs(ahead))} {side} this machine's when it was asked."
        yield _proposal(source, -ahead - source.clock_offset_s, reason)


def _from_the_future(sources: Iterable[Source]) -> Iterable[Proposal]:
    for source in sources:
        beyond = 0.0
        for artifact in source.artifacts:
            if artifact.to and artifact.collected_at and artifact.format in (LINES, QUERY_RANGE):
                over = (artifact.to - artifact.collected_at).total_seconds() + source.clock_offset_s
                beyond = max(beyond, over)
        if beyond > NOTICED:
            reason = f"Its last stamp lies {_spelt(beyond)} after the moment at which it was collected."
            yield _proposal(source, -beyond, reason, at_least=True)


def _from_ids(
    session: Session,
    folder: Path,
    sources: Iterable[Source],
    window: Window | None,
    cancelled: Cancelled,
) -> Iterable[Proposal]:
    seen = {
        source.id: _ids(session, folder, source, window, cancelled)
        for source in sources
        if any(artifact.format == LINES for artifact in source.artifacts)
    }
    known = {source.id: source for source in sources}
    agree: dict[str, int] = dict.fromkeys(seen, 0)
    apart: list[tuple[str, str, float, float, float, int]] = []
    for first, second in combinations(seen, 2):
        shared = seen[first].keys() & seen[second].keys()
        if len(shared) < _SHARED:
            continue
        late = [(seen[second][each] - seen[first][each]).total_seconds() for each in shared]
        middle = median(late)
        tenths = quantiles(late, n=10, method="inclusive")
        if tenths[-1] - tenths[0] > max(1.0, abs(middle) / 10):
            continue
        if abs(middle) < LEAST:
            agree[first] += 1
            agree[second] += 1
        else:
            apart.append((first, second, middle, tenths[0], tenths[-1], len(shared)))
    for first, second, middle, low, high, count in sorted(apart, key=lambda pair: -pair[5]):
        wrong, other = second, first
        if _trust(known[second], agree) > _trust(known[first], agree):
            wrong, other, middle, low, high = first, second, -middle, -high, -low
        way = "later" if middle > 0 else "earlier"
        between = sorted((abs(low), abs(high)))
        reason = (
            f"{count:,} ids stand here and in {known[other].name or other}, and here always {_spelt(abs(middle))} "
            f"{way} ({between[0]:.1f} to {between[1]:.1f} s): its clock, or a delay that never changes."
        )
        yield _proposal(known[wrong], -middle, reason)


def _trust(source: Source, agree: dict[str, int]) -> tuple[int, bool]:
    """How much speaks for the clock of *source*: others that agree with it, and a server that was asked."""
    measured = source.clock_ahead_s is not None and abs(source.clock_ahead_s) <= NOTICED
    return agree[source.id], measured


def _before_its_cause(
    session: Session, folder: Path, sources: Iterable[Source], cancelled: Cancelled
) -> Iterable[Proposal]:
    """A commit that another source deploys before it was made: one of the two clocks is wrong, by that at least."""
    known = {source.id: source for source in sources}
    told = facts(session, folder, sources=known, cancelled=cancelled)
    made = {found[1][:_SHORT]: row for row in told if (found := _COMMIT.match(row.fact.text))}
    worst: dict[str, tuple[float, str]] = {}
    for row in told:
        if _COMMIT.match(row.fact.text) or row.fact.kind != "change":
            continue
        for word in _HASH.findall(row.fact.text):
            cause = made.get(word[:_SHORT])
            if cause is None or cause.source == row.source:
                continue
            early = (cause.at - row.at).total_seconds()
            # A server that told its time is believed; then it is the clock that the commit was made on.
            measured = _trust(known[row.source], {row.source: 0})[1]
            wrong, other = (cause.source, row.source) if measured else (row.source, cause.source)
            if early > NOTICED and early > abs(worst.get(wrong, (0.0, ""))[0]):
                reason = (
                    f"Commit {word[:_SHORT]} is deployed {_spelt(early)} before it was made, as this and "
                    f"{known[other].name or other} tell it."
                )
                worst[wrong] = (-early if measured else early, reason)
    for wrong, (change, reason) in worst.items():
        yield _proposal(known[wrong], change, reason, at_least=True)


def _ids(
    session: Session, folder: Path, source: Source, window: Window | None, cancelled: Cancelled
) -> dict[str, datetime]:
    """When each id that names a moment was first seen in the lines of *source*."""
    first: dict[str, datetime] = {}
    last: dict[str, tuple[datetime, int]] = {}
    for row in rows(session, folder, window=window, sources=[source.id], limit=_LINES, cancelled=cancelled):
        if cancelled():
            raise Cancel
        if row.at is None:
            continue
        for found in _ID.finditer(row.text, 0, _LOOKED_AT):
            name = (found["uuid"] or found["hex"] or found["named"]).lower()
            # Sixteen digits are a time more often than an id.
            if not name.isdigit():
                first.setdefault(name, row.at)
                last[name] = (row.at, last[name][1] + 1 if name in last else 1)
    return {
        name: at
        for name, at in first.items()
        if last[name][1] <= _REPEATED and (last[name][0] - at).total_seconds() <= _LASTING_S
    }


def _proposal(source: Source, change: float, reason: str, *, at_least: bool = False) -> Proposal:
    """The correction changed by *change*; what looks like hours is more likely a zone, and the reason says so."""
    quarters = round(change / 900)
    if quarters and abs(change - quarters * 900) <= 60:
        reason = f"{reason} That is close to {_hours(abs(quarters))}: look at its zone first."
    return Proposal(
        source.id, round(source.clock_offset_s + change, 1), source.clock_offset_s, reason, at_least
    )


def _hours(quarters: int) -> str:
    hours = quarters / 4
    return "an hour" if hours == 1 else f"{hours:g} hours"


def _spelt(seconds: float) -> str:
    return f"{seconds:,.1f} s" if seconds < 600 else f"{seconds / 60:,.1f} min"
