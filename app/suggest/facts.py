"""Suggestions that repeat what the evidence declares, and nothing else: no guess, no cause.

An alert fired, an alert was resolved, the first and the last error line of a source, a process or
container started; a deployment, a page, whatever else a source declares. Each says why it is offered and
points to the line or the query behind it.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.evidence.alerts import Episode, same_firing
from app.evidence.facts import FACTS
from app.evidence.index import Cancelled, never
from app.evidence.message import message
from app.evidence.query import FactRow, Row, alerts, errors, facts, starts
from app.evidence.series import QUERY_RANGE
from app.evidence.window import Window, incident_window
from app.review.records import Artifact, Event, Pointer, Session, Source
from app.text import cut

_SAME = timedelta(seconds=60)
"""Firings of one alert this close together are one fact, however many series or systems report it."""
_TEXT = 160


@dataclass(frozen=True)
class Suggestion:
    """A candidate for the timeline.

    *key* stays the same from run to run; it is what an accepted event carries in ``suggestion`` and what
    ``session.dismissed`` lists. *event* is complete but for its id. *reason* is one sentence. *also* are the
    keys of facts that were folded into this one, *before* those that it had before more was collected.
    """

    key: str
    event: Event
    reason: str
    also: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


def suggest(session: Session, folder: Path, *, cancelled: Cancelled = never) -> list[Suggestion]:
    """What the evidence offers, by time, without what people accepted or dismissed already.

    Only what lies in the incident's window, where the incident has a start. Raises
    :class:`app.evidence.query.Cancel`. May read a log for the first time: call it in a thread.
    """
    # Without an end, everything that was collected up to now is in the window.
    window = incident_window(session, datetime.max.replace(tzinfo=UTC))
    settled = {event.suggestion for event in session.events} | set(session.dismissed)
    found = [*_from_alerts(session, folder, window, cancelled)]
    for source in session.sources:
        found += [
            _fact(row, source)
            for row in facts(session, folder, window=window, sources=[source.id], cancelled=cancelled)
            if row.fact.notable
        ]
        found += _from_errors(session, folder, window, source, cancelled)
        found += _from_starts(session, folder, window, source, cancelled)
    fresh = [one for one in found if settled.isdisjoint((one.key, *one.also, *one.before))]
    return sorted(fresh, key=lambda one: (one.event.at or datetime.max.replace(tzinfo=UTC), one.key))


def _key(*parts: object) -> str:
    """A short name for a fact, the same in every run."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]


def _from_alerts(
    session: Session, folder: Path, window: Window | None, cancelled: Cancelled
) -> Iterator[Suggestion]:
    sources = {source.id: source for source in session.sources}
    episodes = alerts(session, folder, window=window, cancelled=cancelled)
    earlier = _earlier(session, folder, cancelled)
    fired = [
        _alert(episode, "fires", sources[episode.source], earlier)
        for episode in episodes
        if not episode.opened and _inside(window, episode.fired)
    ]
    resolved = [
        _alert(episode, "is resolved", sources[episode.source], earlier)
        for episode in episodes
        if episode.resolved and _inside(window, episode.resolved)
    ]
    yield from _folded(fired)
    yield from _folded(resolved)


def _earlier(session: Session, folder: Path, cancelled: Cancelled) -> list[Episode]:
    """The firings as they were seen before more was collected: a finer look at the same one moves its edges."""
    times = sorted(
        {
            artifact.collected_at
            for source in session.sources
            for artifact in source.artifacts
            if artifact.format == QUERY_RANGE and artifact.collected_at
        }
    )
    found: list[Episode] = []
    for until in times[:-1]:
        sources = tuple(
            source.model_copy(
                update={
                    "artifacts": tuple(
                        each
                        for each in source.artifacts
                        if each.format == QUERY_RANGE and each.collected_at and each.collected_at <= until
                    )
                }
            )
            for source in session.sources
        )
        found += alerts(session.model_copy(update={"sources": sources}), folder, cancelled=cancelled)
    return found


def _alert_key(episode: Episode, what: str, source: Source) -> str:
    at = episode.fired if what == "fires" else episode.resolved
    labels = sorted((name, value) for name, value in episode.labels.items() if name != "alertname")
    when = _uncorrected(at, source).isoformat() if at else ""
    return _key("alert", what, episode.source, episode.alert, labels, when)


def _alert(episode: Episode, what: str, source: Source, earlier: Iterable[Episode]) -> Suggestion:
    at, why = (
        (episode.fired, "first point of the alert in")
        if what == "fires"
        else (episode.resolved, "last point of the alert in")
    )
    key = _alert_key(episode, what, source)
    before = {_alert_key(one, what, source) for one in earlier if same_firing(one, episode)}
    name = source.name or source.id
    severity = episode.labels.get("severity", "")
    said = f" (“{cut(episode.summary, 80)}”)" if episode.summary else ""
    if episode.within:
        reason = f"The {why} {name}, exact to {episode.within.total_seconds():.0f} s{said}."
    else:
        reason = f"{name} says so{said}."
    text = f"Alert {episode.alert} {what}" + (f" ({severity})" if severity and what == "fires" else "")
    event = Event(
        at=at,
        text=text,
        kind="alert",
        source=name,
        tags=(episode.alert,),
        evidence=(Pointer(source=episode.source, artifact=episode.artifact, query=_selector(episode)),),
        suggestion=key,
    )
    return Suggestion(key, event, reason, before=tuple(sorted(before - {key})))


def _uncorrected(at: datetime, source: Source) -> datetime:
    """The time that the source itself gave: a fact stays the same one when its clock is corrected later."""
    return datetime.fromtimestamp(round(at.timestamp() - source.clock_offset_s, 3), UTC)


def _selector(episode: Episode) -> str:
    return f'ALERTS{{alertname="{episode.alert}",alertstate="firing"}}' if episode.within else ""


def _folded(found: Iterable[Suggestion]) -> Iterator[Suggestion]:
    """One suggestion for reports of the same alert at the same time; the earliest stands for all."""
    groups: list[Suggestion] = []
    latest: dict[str, int] = {}
    for one in sorted(found, key=_at):
        name = one.event.tags[0]
        position = latest.get(name)
        if position is not None and _at(one) - _at(groups[position]) <= _SAME:
            groups[position] = _joined(groups[position], one)
        else:
            latest[name] = len(groups)
            groups.append(one)
    for one in groups:
        count = len(one.also) + 1
        reason = (
            one.reason if count == 1 else f"{one.reason.removesuffix('.')}; {count} series or systems agree."
        )
        yield replace(one, event=one.event.model_copy(update={"tags": ()}), reason=reason)


def _joined(first: Suggestion, other: Suggestion) -> Suggestion:
    pointers = first.event.evidence
    pointers += tuple(pointer for pointer in other.event.evidence if pointer not in pointers)
    event = first.event.model_copy(update={"evidence": pointers})
    before = (*first.before, *other.before)
    return replace(first, event=event, also=(*first.also, other.key), before=before)


def _from_errors(
    session: Session, folder: Path, window: Window | None, source: Source, cancelled: Cancelled
) -> Iterator[Suggestion]:
    found = [
        errors(alone, folder, source.id, window=window, cancelled=cancelled)
        for _, alone in _one_by_one(session, source)
    ]
    first = min((first for first, _ in found if first and first.at), key=_moment, default=None)
    last = max((last for _, last in found if last and last.at), key=_moment, default=None)
    name = source.name or source.id
    if first:
        yield _line(
            first, source, "symptom", f"First error in {name}", "The first line that declares an error."
        )
    if last and last != first:
        yield _line(last, source, "symptom", f"Last error in {name}", "The last line that declares an error.")


def _from_starts(
    session: Session, folder: Path, window: Window | None, source: Source, cancelled: Cancelled
) -> Iterator[Suggestion]:
    seen: set[tuple[str, str]] = set()
    for artifact, alone in _one_by_one(session, source):
        for row in starts(alone, folder, source.id, window=window, cancelled=cancelled):
            fact = (artifact.query or artifact.path, row.text)
            if fact not in seen:
                seen.add(fact)
                reason = "The line says that a process or container started."
                yield _line(row, source, "change", "Start", reason)


def _fact(row: FactRow, source: Source) -> Suggestion:
    key = _key("fact", source.id, row.fact.key)
    name = source.name or source.id
    event = Event(
        at=row.at,
        until=row.until if row.until and row.until > row.at else None,
        text=cut(row.fact.text, _TEXT),
        kind=row.fact.kind,
        actor=row.fact.actor,
        source=name,
        evidence=(Pointer(source=source.id, artifact=row.artifact, line=row.line, url=row.fact.url),),
        suggestion=key,
    )
    return Suggestion(key, event, f"{name} says so{f' of {row.fact.object}' if row.fact.object else ''}.")


def _one_by_one(session: Session, source: Source) -> Iterator[tuple[Artifact, Session]]:
    """The session with one artifact of *source* at a time, in the order in which they were collected.

    A log that grew and was collected again holds the same lines twice. The first copy speaks for them: its
    suggestions may have been accepted already.
    """
    for artifact in (each for each in source.artifacts if each.format != FACTS):
        single = source.model_copy(update={"artifacts": (artifact,)})
        yield artifact, session.model_copy(update={"sources": (single,)})


def _moment(row: Row) -> datetime:
    if row.at is None:
        raise ValueError("a row without a time cannot be compared")
    return row.at


def _line(row: Row, source: Source, kind: str, what: str, reason: str) -> Suggestion:
    key = _key("line", what, source.id, row.artifact, row.line)
    event = Event(
        at=row.at,
        text=f"{what}: {cut(message(row.text), _TEXT)}",
        kind=kind,
        source=source.name or source.id,
        evidence=(Pointer(source=source.id, artifact=row.artifact, line=row.line),),
        suggestion=key,
    )
    return Suggestion(key, event, reason)


def _at(one: Suggestion) -> datetime:
    if one.event.at is None:
        raise ValueError("a fact has a time")
    return one.event.at


def _inside(window: Window | None, at: datetime) -> bool:
    return window is None or window.holds(at)
