"""What a time expression is read against, and what comes of it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, Literal

Kind = Literal["instant", "range", "after", "before", "relative", "order"]
"""The form of an expression.

*after* and *before*: the bounds are those of the instant that is named ("shortly after 11:30" has 11:30).
*relative*: counted from another moment; without that moment there are no bounds. *order*: no time at all,
the row stands where it was put.
"""

Precision = Literal[
    "ns", "us", "ms", "second", "10s", "minute", "10min", "hour", "10h",
    "day", "10day", "month", "year", "order-only",
]  # fmt: skip
"""The unit that was written; ``10min`` where a digit was left open (``02:3X``)."""

ZoneFrom = Literal["text", "context", "evidence", "log", "undeclared", ""]
"""Where a zone comes from: beside the time, the document, a proof in the line, the habit of logs; or nobody says it,
and it is only taken for something."""

DATES: Final[frozenset[Precision]] = frozenset({"day", "10day", "month", "year"})
"""Precisions that say nothing of the time of day."""


@dataclass(frozen=True)
class Zone:
    """A zone with the name it was written with."""

    rule: tzinfo
    name: str
    doubt: str = ""
    """What else the name could have meant; empty for a name with one meaning."""


UTC_ZONE: Final = Zone(UTC, "UTC")


@dataclass(frozen=True)
class Context:
    """What the document says beside the expression. Everything may be unknown."""

    day: date | None = None
    """The date that the heading, the document or the row before gives."""
    began: date | None = None
    """The day that "Day 1" is, where rows have moved on from it."""
    year: int | None = None
    """For dates without a year, where *day* is not known; also wins over the year of *day*."""
    zone: Zone | None = None
    """The zone that the document, the source or the row declares; none where it declares none."""
    undeclared: Zone = UTC_ZONE
    """What a clock is taken for where no zone is declared and nothing proves one."""
    log_zone: Zone = UTC_ZONE
    """The zone of machines' stamps that leave it out: servers log in UTC, whatever their people write."""
    anchor: datetime | None = None
    """The moment of the row before (or of the selected row): ``+5m`` and "later" count from it."""
    last: datetime | None = None
    """The moment of the row before, where that was a distance itself: "later" counts from it, ``+5m`` does not."""
    zero: datetime | None = None
    """The moment that ``T+5 min`` counts from."""
    event: datetime | None = None
    """The moment that "5 minutes after the alert" counts from, where the asker knows it."""
    events: bool = False
    """Whether such distances from an event are read at all: in a document they are prose."""
    follows: bool = False
    """Whether bare times are on the day of *anchor*, across midnight where that is nearer."""


@dataclass(frozen=True)
class Bounds:
    """The first and the last instant that can be meant, to the precision: ``10:15`` ends at 10:15:59."""

    lo: datetime
    hi: datetime


@dataclass(frozen=True)
class Understood:
    """A time expression and what it was understood as."""

    kind: Kind
    precision: Precision
    written: str
    begin: int
    stop: int
    start: Bounds | None = None
    end: Bounds | None = None
    about: bool = False
    """The author said so, or left more than one value."""
    zone: str = ""
    zone_from: ZoneFrom = ""
    offset: timedelta | None = None
    """Of a relative time: how long after the moment it counts from."""
    reason: str = ""
    """Why a time is missing, in the author's words: ``Time TBC``."""
    doubts: tuple[str, ...] = field(default=())
    """What a person should look at, one sentence each."""
    dated: bool = False
    """Whether the expression names its own date."""
    clock_first: timedelta | None = None
    """The time of day as it stood there, also where its day is not known."""
