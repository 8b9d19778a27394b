"""Times as people type them into the capture line and the time column.

Read: ``10:15``, ``10:15:30.123``, ``3:15 pm``, ``14:??``, ``:15`` (in the hour of the
selected row), ``~10:15``, ``shortly after 10:15``, ``10:15-10:22``,
``+5m`` and ``-90s`` (from the selected row), ``yesterday 23:50``, ``02-09 10:15``, ``9 Feb 10:15``,
``2025-02-09 10:15``, ``2025-02-09``, ``2025-02``, and RFC 3339 with its own offset; docs/times.md has them all.
A time without a zone is in the context's zone. What was typed is kept beside what it was understood as. The
reading itself is in :mod:`app.review.timewords`.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from app.review.records import Event, Precision

_PRECISIONS: Final[dict[str, Precision]] = {
    "ns": "subsecond",
    "us": "subsecond",
    "ms": "subsecond",
    "second": "second",
    "10s": "minute",
    "minute": "minute",
    "10min": "hour",
    "hour": "hour",
    "10h": "day",
    "day": "day",
    "10day": "month",
    "month": "month",
}
"""The precision of a row that holds what was written; a row begins at the earliest instant that is meant."""


@dataclass(frozen=True)
class Context:
    """What a time is read against: the day and zone of the review, and the row it may be relative to."""

    day: date
    zone: tzinfo = UTC
    anchor: datetime | None = None
    """The time of the selected row: ``+5m`` counts from it, and days follow it across midnight."""
    zero: datetime | None = None
    """The start of the incident: ``T+5 min`` counts from it."""
    exact: Precision = "second"
    """How exact the selected row is: ``+5m`` from a row known to the minute is known to the minute."""


@dataclass(frozen=True)
class Reading:
    """A time that was understood, and where the rest of the text begins."""

    at: datetime
    precision: Precision
    written: str
    end: int
    until: datetime | None = None
    about: bool = False


def read(text: str, context: Context) -> Reading | None:
    """Read a time at the beginning of *text*; None when it does not begin with one."""
    if text.lstrip("~")[:1] == ":":
        return _read_in_hour(text, context)
    # The reader's patterns take longer to compile than a session to draw: they wait for something to read.
    from app.review import timewords

    zone = timewords.Zone(context.zone, str(context.zone))
    given = timewords.Context(context.day, zone=zone, anchor=context.anchor, zero=context.zero, follows=True)
    found = timewords.at_start(text, given)
    if found is None or found.start is None or found.precision not in _PRECISIONS:
        return None
    precision = _PRECISIONS[found.precision]
    if found.kind == "relative" and precision != "subsecond":
        # Counted from a row, it is as exact as that row; who counts seconds means seconds.
        counted = text.lstrip("~ ")[:1] in {"+", "-", "−"} and precision != "second"
        precision = context.exact if counted and context.exact == "minute" else "second"
    until = found.end.lo if found.end else None
    about = found.about or found.kind in {"after", "before"}
    return Reading(found.start.lo, precision, found.written, found.stop, until, about)


def _read_in_hour(text: str, context: Context) -> Reading | None:
    """Read ``:15`` or ``:15:30``: the hour is the one that comes nearest to the selected row, or to the start.

    People write forwards: a minute up to a quarter of an hour before the row is meant to lie before it, any
    other behind it.
    """
    near = context.anchor or context.zero
    found = re.match(r"(~?):([0-5]\d)(?!\d)", text)
    if near is None or found is None:
        return None
    local = in_zone(near, context.zone)
    moment = local.replace(minute=int(found[2]), second=0, microsecond=0)
    if moment + timedelta(minutes=1) <= local - timedelta(minutes=15):
        moment += timedelta(hours=1)
    elif moment > local + timedelta(minutes=45):
        moment -= timedelta(hours=1)
    head = f"{found[1]}{moment:%Y-%m-%d %H}"
    reading = read(head + text[len(found[1]) :], context)
    if reading is None:
        return None
    end = reading.end - len(head) + len(found[1])
    return replace(reading, written=text[:end], end=end) if end > 0 else None


def read_exactly(text: str, context: Context) -> Reading | None:
    """Read *text* as a time and nothing else, as in the time column; None when anything is left over."""
    reading = read(text, context)
    return reading if reading and not text[reading.end :].strip() else None


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """*moment* in *zone*; as it is where that would leave the calendar (the first day of the year 1)."""
    try:
        return moment.astimezone(zone)
    except (OverflowError, ValueError):
        return moment


def from_timestamp(seconds: float, zone: tzinfo) -> datetime:
    """The instant so many seconds after 1970, in *zone*; one outside of the calendar is its nearest end."""
    least, most = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
    try:
        return in_zone(datetime.fromtimestamp(seconds, UTC), zone)
    except (OverflowError, ValueError, OSError):
        return most if seconds > 0 else least


def show(event: Event, zone: tzinfo, first_day: date | None = None) -> str:
    """The time of a row: to its precision, ``~`` where about, the day where it is not *first_day*."""
    if event.at is None:
        return "--:--"
    local = in_zone(event.at, zone)
    text = show_moment(local, event.precision)
    dates = event.precision in {"day", "month"}
    if not dates and first_day is not None and local.date() != first_day:
        text = f"{_show_day(local.date(), first_day)} {text}"
    if event.until is not None:
        end = in_zone(event.until, zone)
        text += " - " if dates else "-"
        # An end within the next 24 hours needs no day: a range that seems to run backwards crosses midnight.
        if not dates and not timedelta() <= end - local < timedelta(days=1):
            text += f"{end.date().isoformat()} "
        text += show_moment(end, event.precision)
    return f"~{text}" if event.about else text


def _show_day(day: date, first_day: date) -> str:
    near = abs(day - first_day) < timedelta(days=180)
    return f"{day:%m-%d}" if near and day.year == first_day.year else day.isoformat()


def show_moment(local: datetime, precision: Precision) -> str:
    """One instant, already in the zone to show, to its precision."""
    if precision == "day":
        return local.date().isoformat()
    if precision == "month":
        return local.date().isoformat()[:7]
    if precision == "hour":
        return f"{local:%H}:??"
    # Tables ask for as many of these as they have rows; a format of one's own takes twice as long.
    if precision == "minute":
        return local.isoformat(timespec="minutes")[11:16]
    if precision == "subsecond":
        return local.isoformat(timespec="milliseconds")[11:23]
    return local.isoformat(timespec="seconds")[11:19]
