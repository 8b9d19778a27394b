"""The language that rows are filtered in, as it is typed: words, columns, times.

``pool exhausted`` rows that hold both words, in whatever column; ``"pool exhausted"`` the two together;
``kind:alert,page`` ``actor:oncall`` ``source:"app logs"`` ``tag:db`` ``track:cause`` ``milestone:detected``
one column (``-`` for an empty one); ``star:`` starred rows; ``>10:15`` from then on, ``<10:30`` before then,
``10:15..10:30`` the rows between; a dash before any of these turns it round: ``-kind:gap``. What is none of
these is a word: no text is wrong.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import compress, repeat
from operator import attrgetter, contains, not_, or_
from typing import Final

from app.review.facets import Facet
from app.review.moments import Context, in_zone, read_exactly, show, show_moment
from app.review.records import Event
from app.review.timeline import corrected, latest

_COLUMNS: Final[dict[str, Callable[[Event], tuple[str, ...]]]] = {
    "kind": lambda event: (event.kind,),
    "actor": lambda event: (event.actor,),
    "source": lambda event: (event.source,),
    "tag": lambda event: event.tags,
    "track": lambda event: (event.track,),
    "milestone": lambda event: (event.milestone,),
    "text": lambda event: (event.text,),
    "id": lambda event: (event.id,),
}
COLUMNS: Final = (*_COLUMNS, "star")
"""The words that may stand before a colon."""
_NO: Final = frozenset({"no", "n", "0", "false", "off", "-"})
_EMPTY: Final = "-"
_TOKEN: Final = re.compile(r'(?:[^\s"]|"[^"]*(?:"|$))+')
_COLUMN: Final = re.compile(rf"({'|'.join(COLUMNS)}):(.*)", re.IGNORECASE | re.DOTALL)
_COMMAS: Final = re.compile(r'(?:[^,"]|"[^"]*(?:"|$))+')


@dataclass(frozen=True)
class Term:
    """One condition: a row meets it or not."""

    said: str
    """The condition in words."""
    meets: Callable[[Event, datetime | None], bool]
    """Told the row, and its time with its clock corrected."""
    negated: bool = False
    sift: "Callable[[Sequence[Event]], Iterable[bool]] | None" = None
    """The same of all rows at once, with their own times: what does not depend on what is typed is known."""


@dataclass(frozen=True)
class Filter:
    """What was typed, as conditions that a row must all meet."""

    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    def matches(self, event: Event, at: datetime | None = None) -> bool:
        """Whether the row is shown; *at* is its time as it is shown, where that is not :attr:`Event.at`."""
        when = event.at if at is None else at
        # A loop, for it is run for every row at every key.
        for term in self.terms:  # noqa: SIM110
            if term.meets(event, when) is term.negated:
                return False
        return True

    def keep(self, rows: Sequence[Event]) -> tuple[Event, ...]:
        """The rows that are shown, where each has its own time: the same as :meth:`matches` of each, and quick."""
        kept: Iterable[Event] = rows
        sifted = [(term, term.sift(rows)) for term in self.terms if term.sift is not None]
        if sifted:
            masks = [map(not_, mask) if term.negated else mask for term, mask in sifted]
            kept = compress(rows, masks[0] if len(masks) == 1 else map(all, zip(*masks, strict=True)))
        rest = Filter(tuple(term for term in self.terms if term.sift is None))
        return tuple(row for row in kept if rest.matches(row)) if rest else tuple(kept)

    def understood(self) -> str:
        """What was understood, in words: ``kind alert or page · not “nginx” · from 10:15``."""
        return " · ".join(f"{'not ' if term.negated else ''}{term.said}" for term in self.terms)


EVERYTHING: Final = Filter()
"""The filter that leaves nothing out."""


def parse(text: str, context: Context) -> Filter:
    """Read a filter; its times are in the zone of *context*, on its day where they name none. Never raises."""
    found: list[Term] = []
    for token in _TOKEN.findall(text):
        negated = token.startswith("-") and len(token) > 1
        term = _term(token[1:] if negated else token, context)
        if term is not None:
            found.append(replace(term, negated=negated))
    return Filter(tuple(found))


def _term(token: str, context: Context) -> Term | None:
    column = _COLUMN.fullmatch(token)
    if column:
        return _column(column[1].lower(), column[2])
    return _time(token, context) or _word(_unquoted(token), context)


def _column(name: str, typed: str) -> Term | None:
    wanted = [word for each in _COMMAS.findall(typed) if (word := _unquoted(each).casefold())]
    if name == "star":
        if wanted and wanted[0] in _NO:
            return Term(
                "no star",
                lambda event, _at: not event.starred,
                sift=lambda rows: map(not_, _STARRED.of(rows)),
            )
        return Term("starred", lambda event, _at: event.starred, sift=_STARRED.of)
    if not wanted:
        # Nothing is typed behind the colon yet.
        return None
    values = _COLUMNS[name]
    # Thousands of rows share a handful of kinds, sources and actors: each is looked at once.
    answers: dict[tuple[str, ...], bool] = {}

    def answer(said: tuple[str, ...]) -> bool:
        known = answers.get(said)
        if known is None:
            held = [value.casefold() for value in said if value]
            known = answers[said] = any(
                not held if each == _EMPTY else any(each in value for value in held) for each in wanted
            )
        return known

    return Term(
        f"{name} {' or '.join('none' if each == _EMPTY else f'“{each}”' for each in wanted)}",
        lambda event, _at: answer(values(event)),
        sift=lambda rows: map(answer, _VALUES[name].of(rows)),
    )


def _word(word: str, context: Context) -> Term | None:
    wanted = word.casefold()
    if not wanted:
        return None
    # Only what could stand in a time is worth writing the times of all rows out for.
    clock = bool(re.fullmatch(r"[\d:~.?+ -]+", wanted)) and any(each.isdigit() for each in wanted)

    def meets(event: Event, at: datetime | None) -> bool:
        if wanted in _searched(event):
            return True
        return clock and at is not None and wanted in _shown(event, at, context)

    def sift(rows: Sequence[Event]) -> Iterable[bool]:
        held = map(contains, _SEARCHED.of(rows), repeat(wanted))
        return map(or_, held, map(contains, _times(context).of(rows), repeat(wanted))) if clock else held

    return Term(f"“{word}”", meets, sift=sift)


def warm(rows: Sequence[Event], context: Context) -> None:
    """Put together what words are looked for in, so that the first key of a filter need not; safe in a thread."""
    _SEARCHED.of(rows)
    _times(context).of(rows)


def _searched(event: Event) -> str:
    """What a plain word is looked for in: every column but the time."""
    said = (event.text, event.kind, event.source, event.actor, event.milestone, event.id, event.track)
    return "\n".join((*said, *event.tags)).casefold()


_SEARCHED: Final = Facet(_searched)
_STARRED: Final[Facet[bool]] = Facet(attrgetter("starred"))
_VALUES: Final = {name: Facet(values) for name, values in _COLUMNS.items()}


def _times(context: Context) -> Facet[str]:
    """The times of rows as they are shown in the zone of *context*, on its day."""
    global _written
    if _written[0] != (context.zone, context.day):
        _written = (
            (context.zone, context.day),
            Facet(lambda event: "" if event.at is None else _shown(event, event.at, context)),
        )
    return _written[1]


_written: tuple[tuple[object, ...], Facet[str]] = ((), Facet(lambda _event: ""))
"""The zone and the day that times were written out for last, and the times."""


def _shown(event: Event, at: datetime, context: Context) -> str:
    return show(event if event.at == at else event.model_copy(update={"at": at}), context.zone, context.day)


def _time(token: str, context: Context) -> Term | None:
    low, dots, high = token.partition("..")
    if dots:
        begin, end = _bound(low, context), _bound(high, context)
        if (begin or end) and (begin or not low) and (end or not high):
            return _between(begin and begin[0], end and end[1], context)
        return None
    for sign in (">=", "<=", ">", "<"):
        if token.startswith(sign):
            bound = _bound(token[len(sign) :], context)
            if bound is None:
                return None
            if sign[0] == ">":
                return _between(bound[0], None, context)
            return _between(None, bound[1] if sign == "<=" else bound[0], context)
    return None


def _bound(text: str, context: Context) -> tuple[datetime, datetime] | None:
    """The first instant that a time means, and the first after it."""
    reading = read_exactly(_unquoted(text), context) if text else None
    if reading is None:
        return None
    event = Event(at=reading.at, precision=reading.precision)
    return in_zone(reading.at, UTC), in_zone(latest(event, reading.at), UTC)


def _between(low: datetime | None, high: datetime | None, context: Context) -> Term:
    """Rows of which some instant that they can mean lies from *low* on and before *high*."""

    def meets(event: Event, at: datetime | None) -> bool:
        if at is None:
            return False
        return (low is None or at >= low or reach(event, at) > low) and (high is None or at < high)

    said = [f"from {_clock(low, context)}"] if low else []
    if high:
        said.append(f"before {_clock(high, context)}")
    return Term(" ".join(said), meets)


def reach(event: Event, at: datetime) -> datetime:
    """The last instant that a row at *at* can mean, its end included where it is a span."""
    last = latest(event, at)
    shift = (at - event.at).total_seconds() if event.at is not None else 0.0
    for each in (event.at_latest, event.until, event.until_latest):
        if each is not None:
            moved = corrected(in_zone(each, UTC), shift)
            last = max(last, latest(event, moved) if each is event.until else moved)
    return last


def _clock(at: datetime, context: Context) -> str:
    local = in_zone(at, context.zone)
    exact = "subsecond" if local.microsecond else "second" if local.second else "minute"
    day = "" if local.date() == context.day else f"{local:%Y-%m-%d} "
    return day + show_moment(local, exact)  # type: ignore[arg-type]


def _unquoted(text: str) -> str:
    return text.replace('"', "")
