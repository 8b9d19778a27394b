"""The timeline as it is read: sorted, with its milestones, and with what is wrong about it.

Order as written (the order in the file) and order in time are both kept. Reading order is by instant;
an event without an instant stands after the one it was written behind.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import compress, islice
from operator import attrgetter, le
from typing import ClassVar, Final

from app.review.facets import Facet, Places, stretch
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
        known = _Sorted.last = _sorted(session, known)
    return known.rows


@dataclass(frozen=True)
class _Sorted:
    """The rows that were sorted last. Replaced as a whole, so that threads may ask, too."""

    events: tuple[Event, ...] = ()
    sources: tuple[Source, ...] = ()
    rows: tuple[Event, ...] = ()
    times: tuple[tuple[datetime | None, str], ...] = ()
    offsets: dict[str, float] = field(default_factory=dict)
    order: tuple[int, ...] | None = None
    """Which of the events stands where; nothing where they are in order as written."""
    last: "ClassVar[_Sorted]"


_Sorted.last = _Sorted()

_TIMES: Final[Facet[tuple[datetime | None, str]]] = Facet(
    lambda event: (event.at, event.evidence[0].source if event.evidence else "")
)


def _sorted(session: Session, known: _Sorted) -> _Sorted:
    """Sort the rows; where no time differs from what is *known*, their order is known, too."""
    offsets = {source.id: source.clock_offset_s for source in session.sources if source.clock_offset_s}
    times = _TIMES.of(session.events)
    order = known.order
    if times is not known.times or offsets != known.offsets:
        instants: list[datetime] = []
        last = _FIRST
        for at, source in times:
            if at is not None:
                shift = offsets.get(source) if offsets and source else None
                last = corrected(at, shift) if shift else at
            instants.append(last)
        if all(map(le, instants, islice(instants, 1, None))):
            order = None
        else:
            order = tuple(sorted(range(len(instants)), key=instants.__getitem__))
    rows = session.events if order is None else tuple(map(session.events.__getitem__, order))
    return _Sorted(session.events, session.sources, rows, times, offsets, order)


def _sorted_anew(session: Session) -> tuple[Event, ...]:
    """What :func:`in_order` must give: nothing known is used."""
    return _sorted(session, _Sorted(times=((None, "?"),))).rows


_moments: tuple[tuple[tuple[datetime | None, str], ...], dict[str, float], tuple[datetime | None, ...]]
_moments = ((), {}, ())
"""The times of rows, the corrections of clocks, and the instants that follow from them."""


def instants(session: Session) -> tuple[datetime | None, ...]:
    """What :func:`instant` says of each row, in the order as written: the very same tuple while no time changes."""
    global _moments
    times = _TIMES.of(session.events)
    offsets = {source.id: source.clock_offset_s for source in reversed(session.sources)}
    known = _moments
    if known[0] is not times or known[1] != offsets:
        found = tuple(
            None if at is None else corrected(in_zone(at, UTC), offsets.get(source, 0.0) if source else 0.0)
            for at, source in times
        )
        known = _moments = times, offsets, found
    return known[2]


_PLACES: Final = Places()


def event_by_id(session: Session, key: str) -> Event | None:
    """The row with this id."""
    place = _PLACES.of(session.events).get(key)
    return None if place is None else session.events[place]


def added(before: Session, after: Session) -> str:
    """The id of the first row of *after* that is not in *before*; nothing where there is none."""
    known = _PLACES.of(before.events)
    start, end = stretch(before.events, after.events)
    fresh = after.events[start : len(after.events) - end]
    return next((event.id for event in fresh if event.id not in known), "")


_MILESTONES: Final[Facet[str]] = Facet(attrgetter("milestone"))
_marks: tuple[tuple[str, ...], tuple[tuple[str, int], ...]] = ((), ())
"""The milestones of the rows in reading order, and where the first row of each stands."""


def milestones(session: Session) -> dict[str, Event]:
    """The row of each milestone that is set; the first in reading order where two claim the same."""
    global _marks
    rows = in_order(session)
    said = _MILESTONES.of(rows)
    known = _marks
    if known[0] is not said:
        first: dict[str, int] = {}
        for place, name in compress(enumerate(said), said):
            first.setdefault(name, place)
        known = _marks = said, tuple(first.items())
    return {name: rows[place] for name, place in known[1]}


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


_SPANS: Final[Facet[tuple[str, datetime | None, datetime | None, str]]] = Facet(
    lambda event: (
        event.id,
        event.at,
        event.until,
        event.evidence[0].source if event.evidence else "",
    )
)
_silent: tuple[tuple[object, ...], tuple[Silence, ...]] = ((), ())
"""What the answer that was given last depends on, and that answer."""


def silences(session: Session, threshold: timedelta) -> tuple[Silence, ...]:
    """Stretches of at least *threshold* that no row covers, from the first effect to the end.

    Outside the incident silence says nothing: rows before ``started`` are context, rows behind ``resolved``
    what came of it.
    """
    global _silent
    marks = milestones(session)
    start = instant(session, marks["started"]) if "started" in marks else None
    finish = instant(session, marks["resolved"]) if "resolved" in marks else None
    offsets = {source.id: source.clock_offset_s for source in session.sources if source.clock_offset_s}
    spans = _SPANS.of(in_order(session))
    # Asked at every edit, and most edits change no time: then the answer stands.
    known, depends = _silent, (spans, start, finish, offsets, threshold)
    if len(known[0]) != len(depends) or known[0][0] is not spans or known[0][1:] != depends[1:]:
        known = _silent = depends, _silences(spans, start, finish, offsets, threshold)
    return known[1]


def _silences(
    spans: tuple[tuple[str, datetime | None, datetime | None, str], ...],
    start: datetime | None,
    finish: datetime | None,
    offsets: dict[str, float],
    threshold: timedelta,
) -> tuple[Silence, ...]:
    found = []
    covered: datetime | None = None
    for key, raw, until, source in spans:
        if raw is None:
            continue
        # What most rows do not have, a correction, must cost them nothing.
        shift = offsets.get(source, 0.0) if offsets and source else 0.0
        at = corrected(in_zone(raw, UTC), shift) if shift else raw
        if finish is not None and at > finish:
            break
        if covered is not None and at - covered >= threshold and (start is None or at > start):
            found.append(Silence(key, at - covered))
        if until is not None:
            at = max(at, corrected(in_zone(until, UTC), shift))
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


_Fault = tuple[str, datetime | None, datetime | None, str, bool, str]

_FAULTS: Final[Facet[_Fault]] = Facet(
    lambda event: (event.id, event.at, event.until, event.precision, not event.text.strip(), event.milestone)
)
_warned: tuple[tuple[object, ...], dict[str, str]] = ((), {})
"""What the answer that was given last depends on, and that answer."""


def warnings(session: Session) -> dict[str, str]:
    """What is wrong about single rows, by id; each sentence names the rows it is about."""
    global _warned
    faults = _FAULTS.of(session.events)
    known = _warned
    if known[0] is not faults:
        known = _warned = faults, _warnings(session, faults)
    return dict(known[1])


def _warnings(session: Session, faults: Sequence[_Fault]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for earlier, later in backwards(session):
        if earlier.at is not None and later.at is not None:
            by = _length(in_zone(earlier.at, UTC) - in_zone(later.at, UTC))
            found.setdefault(later.id, []).append(
                f"{later.id} is written behind {earlier.id} but lies {by} before it: check both times."
            )
    seen: dict[str, str] = {}
    # Ten thousand rows are looked at for one that was typed: what is asked of them was unpacked before.
    for key, at, until, _precision, silent, milestone in faults:
        if until is not None and at is not None and until < at:
            found.setdefault(key, []).append(f"{key} ends before it begins.")
        if silent:
            found.setdefault(key, []).append(f"{key} does not say what happened.")
        if milestone and seen.setdefault(milestone, key) != key:
            found.setdefault(key, []).append(f"{seen[milestone]} and {key} are both marked “{milestone}”.")
    return {key: " ".join(sentences) for key, sentences in found.items()}


def _length(length: timedelta) -> str:
    """How long, in the two greatest units: what is a minute or a day off is found by other eyes."""
    seconds = length.total_seconds()
    if seconds < 10:
        return f"{seconds:.3g} s"
    rest, parts = int(seconds), []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2])
