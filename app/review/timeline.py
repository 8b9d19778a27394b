"""The timeline as it is read: sorted, with its milestones, and with what is wrong about it.

Order as written (the order in the file) and order in time are both kept. Reading order is by instant;
an event without an instant stands after the one it was written behind.
"""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from app.review.moments import in_zone
from app.review.records import Event, Precision, Session, Source
from app.review.vocabulary import MILESTONES

_FIRST = datetime.min.replace(tzinfo=UTC)
# A time to the second is taken as that second: neighbours in one second are in order either way.
_SLACK: dict[Precision, timedelta] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "month": timedelta(days=31),
}


def instant(session: Session, event: Event) -> datetime | None:
    """The event's time in UTC, corrected by the clock offset of the source its evidence comes from."""
    if event.at is None:
        return None
    return corrected(in_zone(event.at, UTC), clock_offset(session, event))


def corrected(at: datetime, seconds: float) -> datetime:
    """*at* moved by a clock's correction; one that would leave the calendar corrects nothing."""
    try:
        return at + timedelta(seconds=seconds) if seconds else at
    except OverflowError:
        return at


def latest(event: Event, at: datetime) -> datetime:
    """The last instant that *at* can mean: ``10:15`` may have been 10:15:59, a bare day its last second."""
    slack = _SLACK.get(event.precision)
    return corrected(at, slack.total_seconds()) if slack else at


def clock_offset(session: Session, event: Event) -> float:
    """Seconds to add to the event's raw time: the correction of the first source its evidence names."""
    if not event.evidence:
        return 0.0
    wanted = event.evidence[0].source
    return next((source.clock_offset_s for source in session.sources if source.id == wanted), 0.0)


def in_order(session: Session) -> tuple[Event, ...]:
    """The events in reading order: by corrected instant, equal instants as written. Stable."""
    # Asked several times between an edit and its frame: of the same rows the answer is the same.
    known = _Sorted.last
    if known.events is not session.events or known.sources is not session.sources:
        known = _Sorted.last = _Sorted(session.events, session.sources, _sorted(session))
    return known.rows


@dataclass(frozen=True)
class _Sorted:
    """The rows that were sorted last. Replaced as a whole, so that threads may ask, too."""

    events: tuple[Event, ...] = ()
    sources: tuple[Source, ...] = ()
    rows: tuple[Event, ...] = ()
    last: "ClassVar[_Sorted]"


_Sorted.last = _Sorted()


def _sorted(session: Session) -> tuple[Event, ...]:
    offsets = {source.id: source.clock_offset_s for source in session.sources if source.clock_offset_s}
    keyed: list[tuple[datetime, Event]] = []
    last = _FIRST
    for event in session.events:
        if event.at is not None:
            last = event.at
            if offsets and event.evidence and (shift := offsets.get(event.evidence[0].source)):
                last = corrected(event.at, shift)
        keyed.append((last, event))
    keyed.sort(key=lambda pair: pair[0])
    return tuple(event for _, event in keyed)


def milestones(session: Session) -> dict[str, Event]:
    """The row of each milestone that is set; the first in reading order where two claim the same."""
    found: dict[str, Event] = {}
    for event in in_order(session):
        if event.milestone:
            found.setdefault(event.milestone, event)
    return found


def backwards(session: Session) -> tuple[tuple[Event, Event], ...]:
    """Neighbours whose written order runs against time: a question to the room, never a silent re-sort.

    A row known to the hour or the day only is where its author put it, unless no instant of it fits there.
    """
    timed = [event for event in session.events if event.at is not None]
    return tuple(
        (earlier, later)
        for earlier, later in itertools.pairwise(timed)
        if earlier.at is not None
        and later.at is not None
        and later.at < earlier.at
        # Only now the dearer question.
        and latest(later, later.at) <= earlier.at
    )


@dataclass(frozen=True)
class Silence:
    """A stretch between two rows in which nothing is recorded."""

    before: str
    """Id of the row that the stretch ends at."""
    length: timedelta


def silences(session: Session, threshold: timedelta) -> tuple[Silence, ...]:
    """Stretches of at least *threshold* that no row covers, from the first effect to the end.

    Outside the incident silence says nothing: rows before ``started`` are context, rows behind ``resolved``
    what came of it.
    """
    marks = milestones(session)
    start = instant(session, marks["started"]) if "started" in marks else None
    finish = instant(session, marks["resolved"]) if "resolved" in marks else None
    offsets = {source.id: source.clock_offset_s for source in session.sources if source.clock_offset_s}
    found = []
    covered: datetime | None = None
    for event in in_order(session):
        if event.at is None:
            continue
        # Asked at every edit: what most rows do not have, a correction, must cost them nothing.
        shift = offsets.get(event.evidence[0].source, 0.0) if offsets and event.evidence else 0.0
        at = corrected(in_zone(event.at, UTC), shift) if shift else event.at
        if finish is not None and at > finish:
            break
        if covered is not None and at - covered >= threshold and (start is None or at > start):
            found.append(Silence(event.id, at - covered))
        if event.until is not None:
            end = corrected(in_zone(event.until, UTC), shift)
            at = max(at, end)
        if covered is None or at > covered:
            covered = at
    return tuple(found)


def problems(session: Session) -> tuple[str, ...]:
    """What keeps the timeline from being complete and accurate, one sentence each."""
    found: list[str] = []
    events = session.events
    if not events:
        return ("The timeline is empty: type a time and what happened.",)
    seen: dict[str, str] = {}
    for event in events:
        if event.milestone:
            if event.milestone in seen:
                found.append(f"{seen[event.milestone]} and {event.id} are both marked “{event.milestone}”.")
            seen.setdefault(event.milestone, event.id)
        if event.at and event.until and event.until < event.at:
            found.append(f"{event.id} ends before it begins.")
        if not event.text.strip():
            found.append(f"{event.id} does not say what happened.")
    found += [
        f"No row is marked “{needed}” ({MILESTONES[needed]})."
        for needed in ("started", "detected", "mitigated", "resolved")
        if needed not in seen and not (needed == "mitigated" and "recovered" in seen)
    ]
    return tuple(found)


def warnings(session: Session) -> dict[str, str]:
    """What is wrong about single rows, by id; each sentence names the rows it is about."""
    found: dict[str, list[str]] = {}
    for earlier, later in backwards(session):
        if earlier.at is not None and later.at is not None:
            by = _length(in_zone(earlier.at, UTC) - in_zone(later.at, UTC))
            found.setdefault(later.id, []).append(
                f"{later.id} is written behind {earlier.id} but lies {by} before it: check both times."
            )
    seen: dict[str, str] = {}
    for event in session.events:
        if event.at and event.until and event.until < event.at:
            found.setdefault(event.id, []).append(f"{event.id} ends before it begins.")
        if not event.text.strip():
            found.setdefault(event.id, []).append(f"{event.id} does not say what happened.")
        if event.milestone and seen.setdefault(event.milestone, event.id) != event.id:
            found.setdefault(event.id, []).append(
                f"{seen[event.milestone]} and {event.id} are both marked “{event.milestone}”."
            )
    return {key: " ".join(sentences) for key, sentences in found.items()}


def _length(length: timedelta) -> str:
    """Roughly how long: what is a minute or a day off is found by other eyes."""
    seconds = length.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
