"""Times as people type them into the capture line and the time column.

Read: ``10:15``, ``10:15:30``, ``10:15:30.123``, ``~10:15``, ``about 10:15``, ``10:15-10:22``, ``+5m`` and
``-90s`` (from the selected row), ``yesterday 23:50``, ``02-09 10:15``, ``2025-02-09 10:15``, and RFC 3339
with its own offset. A time without a zone is in the context's zone. What was typed is kept beside what it
was understood as.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from app.review.records import Event, Precision

_DAY = r"(?:(?P<day>\d{4}-\d{2}-\d{2}|\d{2}-\d{2}|yesterday|today|tomorrow)[T ]+)?"
_CLOCK = (
    r"(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
)
# An offset is only one behind a full date: ``10:15-10:22`` is a range of two times.
_ZONE = r"(?: ?(?P<zone>Z|UTC|GMT|(?(day)[+-]\d{2}:?\d{2}|Z))(?![\w:]))?"
_TIME = re.compile(_DAY + _CLOCK + _ZONE, re.IGNORECASE)
_ABOUT = re.compile(r"(?:~|≈|about |around |approx\.? |ca\.? |circa )\s*", re.IGNORECASE)
_RELATIVE = re.compile(
    r"(?P<sign>[+-])(?P<amount>\d{1,5})\s?(?P<unit>ms|s|sec|m|min|h|d)(?![\w:])", re.IGNORECASE
)
_RANGE = re.compile(r"\s*(?:-|–|—|->|→|to|until)\s*", re.IGNORECASE)
_DAY_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}(?![\dT:-])")

_UNITS = {"ms": 0.001, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True)
class Context:
    """What a time is read against: the day and zone of the review, and the row it may be relative to."""

    day: date
    zone: tzinfo = UTC
    anchor: datetime | None = None
    """The time of the selected row: ``+5m`` counts from it, and days follow it across midnight."""


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
    place = len(text) - len(text.lstrip())
    begin = place
    about = _ABOUT.match(text, place)
    if about:
        place = about.end()
    if relative := _RELATIVE.match(text, place):
        return _relative(text, relative, context, begin, bool(about))
    first = _TIME.match(text, place)
    if first is None:
        return _day_only(text, place, begin, context, bool(about))
    at = _moment(first, context, context.day)
    if at is None or not _ends_word(text, first.end()):
        return None
    end, until = first.end(), None
    if dash := _RANGE.match(text, end):
        second = _TIME.match(text, dash.end())
        if second and _ends_word(text, second.end()):
            until = _moment(second, context, at.astimezone(context.zone).date())
            if until is not None:
                # A range that seems to run backwards crosses midnight.
                if until < at and not second["day"]:
                    until += timedelta(days=1)
                end = second.end()
    return Reading(at, _precision(first), text[begin:end].strip(), end, until, bool(about))


def read_exactly(text: str, context: Context) -> Reading | None:
    """Read *text* as a time and nothing else, as in the time column; None when anything is left over."""
    reading = read(text, context)
    return reading if reading and not text[reading.end :].strip() else None


def _ends_word(text: str, end: int) -> bool:
    return end == len(text) or not (text[end].isalnum() or text[end] == ":")


def _relative(text: str, match: re.Match[str], context: Context, begin: int, about: bool) -> Reading | None:
    if context.anchor is None:
        return None
    seconds = int(match["amount"]) * _UNITS[match["unit"].lower()]
    at = context.anchor + timedelta(seconds=seconds if match["sign"] == "+" else -seconds)
    return Reading(at, "second", text[begin : match.end()].strip(), match.end(), None, about)


def _day_only(text: str, place: int, begin: int, context: Context, about: bool) -> Reading | None:
    match = _DAY_ONLY.match(text, place)
    if match is None:
        return None
    try:
        day = date.fromisoformat(match[0])
    except ValueError:
        return None
    at = datetime(day.year, day.month, day.day, tzinfo=context.zone)
    return Reading(at, "day", text[begin : match.end()].strip(), match.end(), None, about)


def _moment(match: re.Match[str], context: Context, default_day: date) -> datetime | None:
    day = _day(match["day"], context, default_day)
    if day is None:
        return None
    hour, minute = int(match["hour"]), int(match["minute"])
    second = int(match["second"] or 0)
    micro = int((match["fraction"] or "0").ljust(6, "0")[:6])
    zone = _zone(match["zone"]) or context.zone
    if hour == 24:
        if minute or second or micro:
            return None
        hour, day = 0, day + timedelta(days=1)
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second, micro, tzinfo=zone)
    except (ValueError, OverflowError):
        return None


def _day(word: str | None, context: Context, default: date) -> date | None:
    if not word:
        return default
    steps = {"yesterday": -1, "today": 0, "tomorrow": 1}.get(word.lower())
    try:
        if steps is not None:
            return context.day + timedelta(days=steps)
        return date.fromisoformat(word if len(word) == 10 else f"{context.day.year}-{word}")
    except (ValueError, OverflowError):
        return None


def _zone(word: str | None) -> tzinfo | None:
    if not word:
        return None
    if word.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    return datetime.strptime(word.replace(":", ""), "%z").tzinfo


def _precision(match: re.Match[str]) -> Precision:
    if match["fraction"]:
        return "subsecond"
    return "second" if match["second"] else "minute"


def show(event: Event, zone: tzinfo, first_day: date | None = None) -> str:
    """The time of a row: to its precision, ``~`` where about, the day where it is not *first_day*."""
    if event.at is None:
        return "--:--"
    local = event.at.astimezone(zone)
    text = show_moment(local, event.precision)
    if event.until is not None:
        end = event.until.astimezone(zone)
        text += f"-{show_moment(end, event.precision)}"
    if event.precision not in {"day", "month"} and first_day is not None and local.date() != first_day:
        text = f"{local:%m-%d} {text}" if local.year == first_day.year else f"{local:%Y-%m-%d} {text}"
    return f"~{text}" if event.about else text


def show_moment(local: datetime, precision: Precision) -> str:
    """One instant, already in the zone to show, to its precision."""
    if precision == "day":
        return f"{local:%Y-%m-%d}"
    if precision == "month":
        return f"{local:%Y-%m}"
    if precision == "hour":
        return f"{local:%H}:??"
    if precision == "minute":
        return f"{local:%H:%M}"
    if precision == "subsecond":
        return f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"
    return f"{local:%H:%M:%S}"
