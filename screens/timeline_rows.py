"""The rows of the timeline as the grid shows them: made when they are looked at, never all at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import compress, count
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import Any, Final, overload

from app.review.durations import clock, spell
from app.review.facets import Facet, Places
from app.review.filter import EVERYTHING, Filter
from app.review.moments import show, show_moment
from app.review.people import people, shown_event
from app.review.plain import about
from app.review.records import Event, Gap, Session, Source
from app.review.rows import folded
from app.review.timeline import in_order, instant, silences
from app.review.vocabulary import KINDS, MILESTONES
from widgets.columns import Row

QUIET = timedelta(minutes=5)
"""How long a stretch without a row must be to be worth a question, unless the review says otherwise."""

_ID: Final = attrgetter("id")
_AS_ROLE: Final[Facet[bool]] = Facet(attrgetter("as_role"))
_PLACES: Final = Places()

LINE_BREAK = " ⏎ "
"""Stands for the end of a line in a cell, where a text of several lines is shown and edited on one."""


def time_width(session: Session, zone: tzinfo, first_day: date) -> int:
    """Cells that the widest time of the session may take."""
    global _widths
    if _widths[0] != (zone, first_day):
        _widths = (zone, first_day), Facet(_width_of(*_day(first_day, zone), first_day.year))
    return max(_widths[1].of(session.events), default=8)


def _width_of(begin: datetime, end: datetime, year: int) -> Callable[[Event], int]:
    """How wide the time of a row is on the day from *begin* to *end*."""

    def width(event: Event) -> int:
        if event.at is None:
            return 8
        cells = {"subsecond": 12, "day": 10}.get(event.precision, 8)
        if event.until is not None:
            cells = 2 * cells + 1
        if not begin <= event.at < end:
            cells += 11 if event.at.year != year else 6
        return cells + event.about

    return width


_widths: tuple[tuple[object, object], Facet[int]] = (("", ""), Facet(lambda _event: 8))
"""The zone and the day that widths were asked for last, and the widths."""


def _day(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first instant of a day in *zone*, and the first after it: cheaper to ask than the date of each row."""
    try:
        begin = datetime.combine(day, time(), zone).astimezone(UTC)
        return begin, datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    except OverflowError:
        return _never(), _never()


@dataclass(frozen=True)
class Hole:
    """A stretch that a source could not cover, standing in the timeline where it begins."""

    id: str
    source: Source
    gap: Gap


@dataclass(frozen=True)
class Quiet:
    """A line between two rows: nothing is recorded for this long."""

    id: str
    length: timedelta


Entry = Event | Hole | Quiet


@dataclass(frozen=True)
class Look:
    """How the person wants to see the timeline."""

    words: Filter = EVERYTHING
    """Only rows that meet what was typed."""
    stars: bool = False
    """Only starred rows."""
    quiet: timedelta = QUIET
    """Stretches without a row from this length on are pointed out."""
    written: bool = False
    """In the order as written, not in that of time."""
    sort: str = ""
    """The column that the rows are sorted by, for looking only; nothing for the order of time."""
    down: bool = False
    """Whether the greatest comes first."""
    drafts: tuple[tuple[str, str], ...] = ()
    """Rows that are being added: the id of each, and the id of the row it stands behind."""

    @property
    def narrowed(self) -> bool:
        """Whether rows are left out."""
        return bool(self.words) or self.stars


class MadeRows(Sequence[Row]):
    """Rows that are made when they are looked at; a subclass makes one."""

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, slice):
            return [self._row(place) for place in range(*index.indices(len(self)))]
        return self._row(index)

    def _row(self, place: int) -> Row:
        raise NotImplementedError


class TimelineRows(MadeRows):
    """The timeline in reading order, narrowed by a filter, with holes in the data and quiet stretches."""

    def __init__(
        self,
        session: Session,
        zone: tzinfo,
        first_day: date,
        look: Look = Look(),
        warned: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """*warned* has the ids of rows that something is wrong about; they are marked."""
        self._session, self._zone, self._first_day, self._warned = session, zone, first_day, warned
        self._look = look
        # Most reviews correct no clock; then a row's own time is its time, and nothing needs looking up.
        self._corrected = any(source.clock_offset_s for source in session.sources)
        hidden = session.names_as_roles or any(_AS_ROLE.of(session.events))
        self._roles = people(session) if hidden else {}
        events = session.events if look.written else in_order(session)
        if look.narrowed:
            # Where rows are shown as they are, all of them can be asked at once.
            plain = not (hidden or self._corrected or look.stars)
            events = look.words.keep(events) if plain else tuple(filter(self._kept, events))
        if look.sort:
            events = self._sorted(events)
        self._folded = folded(session)
        if self._folded:
            shown = {event.id for event in events}
            events = tuple(event for event in events if event.fold not in shown)
        self.events: tuple[Event, ...] = _with_drafts(events, look.drafts)
        self._entries: list[Entry] = list(self.events)
        if not look.narrowed and not look.written and not look.sort:
            self._add_between(session, look.quiet)
        self._index: Mapping[str, int] | None = None

    def _add_between(self, session: Session, threshold: timedelta) -> None:
        quiet = {each.before: each.length for each in silences(session, threshold)} if threshold else {}
        holes = sorted(
            (
                Hole(f"gap:{source.id}:{number}", source, gap)
                for source in session.sources
                for number, gap in enumerate(source.gaps)
                if gap.from_ is not None
            ),
            key=lambda hole: hole.gap.from_ or _never(),
        )
        if not quiet and not holes:
            return
        if not holes:
            self._entries = _parted(self.events, quiet)
            return
        entries: list[Entry] = []
        for event in self.events:
            while holes and event.at is not None and (holes[0].gap.from_ or _never()) <= event.at:
                entries.append(holes.pop(0))
            if event.id in quiet:
                entries.append(Quiet(f"quiet:{event.id}", quiet[event.id]))
            entries.append(event)
        self._entries = [*entries, *holes]

    def _sorted(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """The rows by one column; of equals the order stays, and rows with nothing there come last."""
        key, down = _KEYS.get(self._look.sort, _at), self._look.down
        told = [(key(self.told(event), self._instant(event)), event) for event in events]
        full = [each for each in told if each[0] not in (None, "")]
        # Sorted twice the other way round, equals stay in their order.
        full = sorted(full[::-1] if down else full, key=itemgetter(0), reverse=down)
        return tuple(event for _, event in (*full, *(each for each in told if each[0] in (None, ""))))

    def _kept(self, event: Event) -> bool:
        if self._look.stars and not event.starred:
            return False
        if not self._look.words:
            return True
        # What is hidden on the screen is not found either.
        return self._look.words.matches(self.told(event), self._instant(event))

    def told(self, event: Event) -> Event:
        """The row as it is shown: with roles in the place of names where that is wanted."""
        return shown_event(event, self._roles) if event.as_role or self._session.names_as_roles else event

    def __len__(self) -> int:
        return len(self._entries)

    def index_of(self, key: str) -> int | None:
        """Where a row stands, by its key."""
        if self._index is None:
            # Most edits leave the keys and their order as they were.
            narrowed = self._look.narrowed
            self._index = (
                dict(zip(map(_ID, self._entries), count())) if narrowed else _PLACES.of(self._entries)
            )
        return self._index.get(key)

    def _row(self, place: int) -> Row:
        entry = self._entries[place]
        if isinstance(entry, Quiet):
            return Row(
                entry.id,
                (f"┄┄ {spell(entry.length)} without a row: what happened here? ┄┄",),
                "muted",
                banner=True,
            )
        if isinstance(entry, Hole):
            return self._hole_row(entry)
        return self._event_row(entry, self._before(place))

    def _before(self, place: int) -> Event | None:
        if self._look.sort:
            return None
        for earlier in reversed(self._entries[max(0, place - 8) : place]):
            if isinstance(earlier, Event) and earlier.at is not None:
                return earlier
        return None

    def _event_row(self, event: Event, before: Event | None) -> Row:
        when, then = self._instant(event), self._instant(before) if before else None
        delta = ""
        if when and then:
            sign = "+" if when >= then else ""
            delta = f"{sign}{clock(when - then)}"
        shown = event if when is None or not self._corrected else event.model_copy(update={"at": when})
        time = show(shown, self._zone, self._first_day)
        mark = "▲" if event.id in self._warned else ""
        many = f"×{len(twins) + 1} " if (twins := self._folded.get(event.id)) else ""
        star = f"★ {event.milestone}" if event.milestone else "★" if event.starred else ""
        sign = KINDS.get(event.kind, "")
        told = self.told(event)
        cells = (
            f"{mark}{time}",
            delta,
            f"{sign}{event.kind}" if event.kind else "",
            many + told.text.replace("\n", LINE_BREAK),
            event.source,
            told.actor,
            star,
        )
        edits = (
            time if event.at else "",
            "",
            event.kind,
            event.text.replace("\n", LINE_BREAK),
            event.source,
            event.actor,
            event.milestone or ("★" if event.starred else ""),
        )
        styles = ("problem",) if mark else ()
        return Row(event.id, cells, "strong" if event.starred else "", styles, edits)

    def _instant(self, event: Event) -> datetime | None:
        return instant(self._session, event) if self._corrected else event.at

    def _hole_row(self, hole: Hole) -> Row:
        begin, end = hole.gap.from_, hole.gap.to
        times = "–".join(
            show_moment(moment.astimezone(self._zone), "second")
            for moment in (begin, end)
            if moment is not None
        )
        name = hole.source.name or hole.source.id
        return Row(hole.id, (f"· gap {times}  {name}: {about(name, hole.gap.why)}",), "gap", banner=True)


def _at(_event: Event, at: datetime | None) -> Any:
    return at


_MARKS: Final = [*MILESTONES]
_KEYS: Final[Mapping[str, Callable[[Event, datetime | None], Any]]] = {
    "kind": lambda event, _at: event.kind.casefold(),
    "text": lambda event, _at: event.text.casefold(),
    "source": lambda event, _at: event.source.casefold(),
    "actor": lambda event, _at: event.actor.casefold(),
    "milestone": lambda event, _at: (
        _MARKS.index(event.milestone)
        if event.milestone in _MARKS
        else len(_MARKS) + (not event.milestone)
        if event.starred or event.milestone
        else None
    ),
}
"""What rows are sorted by in each column; time and the distance are the order of time."""


def _parted(events: tuple[Event, ...], quiet: Mapping[str, timedelta]) -> list[Entry]:
    """The rows, with a line before each of those in *quiet*: few are, and the rest is taken over as it is."""
    entries: list[Entry] = []
    done = 0
    for place in compress(count(), map(quiet.__contains__, map(_ID, events))):
        entries += events[done:place]
        entries.append(Quiet(f"quiet:{events[place].id}", quiet[events[place].id]))
        done = place
    return [*entries, *events[done:]]


def _with_drafts(events: tuple[Event, ...], drafts: tuple[tuple[str, str], ...]) -> tuple[Event, ...]:
    if not drafts:
        return events
    rows = list(events)
    for key, after in drafts:
        place = next((place for place, row in enumerate(rows) if row.id == after), len(rows) - 1)
        rows.insert(place + 1, Event(id=key, precision="order-only"))
    return tuple(rows)


def _never() -> datetime:
    return datetime.max.replace(tzinfo=UTC)
