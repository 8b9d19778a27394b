"""The timeline as it is read: sorted, with its milestones, and with what is wrong about it.

Order as written (the order in the file) and order in time are both kept. Reading order is by instant;
an event without an instant stands after the one it was written behind.
"""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.review.records import Event, Session
from app.review.vocabulary import MILESTONES

_FIRST = datetime.min.replace(tzinfo=UTC)


def instant(session: Session, event: Event) -> datetime | None:
    """The event's time in UTC, corrected by the clock offset of the source its evidence comes from."""
    if event.at is None:
        return None
    offset = clock_offset(session, event)
    return event.at.astimezone(UTC) + timedelta(seconds=offset) if offset else event.at.astimezone(UTC)


def clock_offset(session: Session, event: Event) -> float:
    """Seconds to add to the event's raw time: the correction of the first source its evidence names."""
    if not event.evidence:
        return 0.0
    wanted = event.evidence[0].source
    return next((source.clock_offset_s for source in session.sources if source.id == wanted), 0.0)


def in_order(session: Session) -> tuple[Event, ...]:
    """The events in reading order: by corrected instant, equal instants as written. Stable."""
    offsets = {source.id: source.clock_offset_s for source in session.sources if source.clock_offset_s}
    keyed: list[tuple[datetime, Event]] = []
    last = _FIRST
    for event in session.events:
        if event.at is not None:
            last = event.at
            if offsets and event.evidence and (shift := offsets.get(event.evidence[0].source)):
                last = event.at + timedelta(seconds=shift)
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
    """Neighbours whose written order runs against time: a question to the room, never a silent re-sort."""
    timed = [event for event in session.events if event.at is not None]
    return tuple(
        (earlier, later)
        for earlier, later in itertools.pairwise(timed)
        if earlier.at is not None and later.at is not None and later.at < earlier.at
    )


@dataclass(frozen=True)
class Silence:
    """A stretch between two rows in which nothing is recorded."""

    before: str
    """Id of the row that the stretch ends at."""
    length: timedelta


def silences(session: Session, threshold: timedelta) -> tuple[Silence, ...]:
    """Stretches of at least *threshold* between neighbouring rows, from the first effect to the end.

    Outside the incident silence says nothing: rows before ``started`` are context.
    """
    ordered = [event for event in in_order(session) if event.at is not None]
    marks = milestones(session)
    start = marks["started"].at if "started" in marks else None
    found = []
    for earlier, later in itertools.pairwise(ordered):
        begin = earlier.until or earlier.at
        if begin is None or later.at is None or (start is not None and later.at <= start):
            continue
        if later.at - begin >= threshold:
            found.append(Silence(later.id, later.at - begin))
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
