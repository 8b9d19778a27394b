"""Times as people type them into the capture line and the time column.

Read: ``10:15``, ``10:15:30``, ``10:15:30.123``, ``3:15 pm``, ``14:??``, ``~10:15``, ``about 10:15``,
``10:15-10:22``, ``+5m`` and ``-90s`` (from the selected row), ``yesterday 23:50``, ``02-09 10:15``,
``2025-02-09 10:15``, ``2025-02-09``, ``2025-02``, and RFC 3339 with its own offset. A time without a zone is
in the context's zone. What was typed is kept beside what it was understood as.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from app.review.records import Event, Precision

_TIME = re.compile(
    r"(?:(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}-[0-9]{2}|yesterday|today|tomorrow)(?P<joint>T| +))?"
    r"(?P<hour>[01]?[0-9]|2[0-4]):"
    r"(?:\?\?|(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9])(?:[.,](?P<fraction>[0-9]{1,9}))?)?)",
    re.IGNORECASE,
)
_HALF = re.compile(r" ?(?P<half>[ap])\.?m\b\.?", re.IGNORECASE)
_DATE = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})(?:-(?:(?P<day>[0-9]{2})|\?\?))?"
    r"(?: (?:--:--|\?\?:\?\?))?(?![\w:]|-[0-9])"
)
_ABOUT = re.compile(r"(?:~|≈|about |around |approx\.? |ca\.? |circa )\s*", re.IGNORECASE)
_RELATIVE = re.compile(
    r"(?P<sign>[+-])(?P<amount>[0-9]{1,5}) ?(?P<unit>ms|s|sec|m|min|h|d)(?![\w:]|-\w)", re.IGNORECASE
)
_RANGE = re.compile(r"\s+(?:to|until)\s+|\s*(?:->|→|–|—|-)\s*", re.IGNORECASE)

_GOES_ON = re.compile(r"[^\W_]|:(?=\S)")

# A zone ends its word: "10:15 UTC-based" and "10:15z-index" name none.
_ZONE_ENDS = r"(?![\w:]|-[^\W\d])"
# ``UTC-5`` is an offset, but ``10:00 UTC-10:30 UTC`` is a range of two times.
_UTC = re.compile(
    rf"(?:Z| ?(?:UTC|GMT)(?P<offset>\+[0-9]{{1,2}}(?::?[0-9]{{2}})?|-[0-9]{{1,2}}(?![0-9:]))?){_ZONE_ENDS}",
    re.IGNORECASE,
)
_OFFSET = re.compile(r" ?(?P<offset>[+-][0-9]{2}(?P<colon>:?)[0-9]{2})(?![\w:]|-\w)")

_UNITS = {"ms": 0.001, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
_EVENING, _MORNING = 18, 6


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


@dataclass(frozen=True)
class _Point:
    """A time as it stands in the text, before its day and zone are settled."""

    day: date | None
    clock: time
    days_later: int
    zone: tzinfo | None
    precision: Precision
    end: int


def read(text: str, context: Context) -> Reading | None:
    """Read a time at the beginning of *text*; None when it does not begin with one."""
    place = begin = len(text) - len(text.lstrip())
    about = _ABOUT.match(text, place)
    if about:
        place = about.end()
    if relative := _RELATIVE.match(text, place):
        return _relative(text, relative, context, begin, bool(about))
    first = _point(text, place, context)
    if first is None:
        return None
    day = first.day or _nearby_day(first.clock, context)
    end, until = first.end, None
    second = _range_end(text, first, context)
    # A zone that is written once, on either side, holds for both.
    zone = first.zone or (second.zone if second else None) or context.zone
    at = _resolve(day, first, zone)
    if at is None:
        return None
    if second:
        until = _resolve(second.day or day, second, second.zone or zone)
        if until is not None and until < at and second.day is None:
            # A range that seems to run backwards crosses midnight.
            until = _resolve(_later(day, 1), second, second.zone or zone)
        end = second.end if until is not None else end
    return Reading(at, first.precision, text[begin:end].strip(), end, until, bool(about))


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


def _relative(text: str, match: re.Match[str], context: Context, begin: int, about: bool) -> Reading | None:
    if context.anchor is None:
        return None
    unit = match["unit"].lower()
    length = timedelta(seconds=int(match["amount"]) * _UNITS[unit])
    try:
        # Counted in UTC: on the clock of a zone five minutes may be an hour and five.
        base = context.anchor.astimezone(UTC)
        at = _fixed((base + length if match["sign"] == "+" else base - length).astimezone(context.zone))
    except (OverflowError, ValueError):
        return None
    precision: Precision = "subsecond" if unit == "ms" else "second"
    return Reading(at, precision, text[begin : match.end()].strip(), match.end(), None, about)


def _point(text: str, place: int, context: Context) -> _Point | None:
    match = _TIME.match(text, place)
    if match is None:
        return _date_only(text, place)
    day = None
    if match["day"] and (day := _day(match["day"], context.day)) is None:
        return None
    hour, end = int(match["hour"]), match.end()
    if 1 <= hour <= 12 and (half := _HALF.match(text, end)):
        hour, end = hour % 12 + (12 if half["half"] in "pP" else 0), half.end()
    minute, second = int(match["minute"] or 0), int(match["second"] or 0)
    micro = int((match["fraction"] or "0").ljust(6, "0")[:6])
    if hour == 24 and (minute or second or micro):
        return None
    zone, end = _zone(text, end, match)
    if _GOES_ON.match(text, end):
        return None
    precision: Precision = "hour"
    if match["minute"]:
        precision = "subsecond" if match["fraction"] else "second" if match["second"] else "minute"
    return _Point(day, time(hour % 24, minute, second, micro), hour // 24, zone, precision, end)


def _date_only(text: str, place: int) -> _Point | None:
    match = _DATE.match(text, place)
    if match is None:
        return None
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"] or 1))
    except ValueError:
        return None
    return _Point(day, time(), 0, None, "day" if match["day"] else "month", match.end())


def _range_end(text: str, first: _Point, context: Context) -> _Point | None:
    """The second time of a range: of the same kind as the first, a clock or a date."""
    dash = _RANGE.match(text, first.end)
    second = _point(text, dash.end(), context) if dash else None
    dates = {"day", "month"}
    return second if second and (second.precision in dates) == (first.precision in dates) else None


def _zone(text: str, end: int, match: re.Match[str]) -> tuple[tzinfo | None, int]:
    """The zone behind a time, and where it ends.

    A bare offset is only one behind a full date: ``10:15-10:22`` is a range of two times. Even there
    ``-10:30`` could be either, so it needs the shape of RFC 3339: a ``T``, seconds, or no colon.
    """
    if named := _UTC.match(text, end):
        zone = _offset(named["offset"]) if named["offset"] else UTC
        return (zone, named.end()) if zone else (None, end)
    offset = _OFFSET.match(text, end) if len(match["day"] or "") == len("2025-02-09") else None
    if offset is None:
        return None, end
    certain = offset["offset"][0] == "+" or not offset["colon"] or match["second"] or match["joint"] in "tT"
    zone = _offset(offset["offset"]) if certain else None
    return (zone, offset.end()) if zone else (None, end)


def _offset(written: str) -> tzinfo | None:
    """The zone of an offset that exists somewhere: at most 14 hours, in quarters of an hour."""
    digits = written[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    if hours > 14 or minutes not in {0, 15, 30, 45}:
        return None
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(-length if written[0] == "-" else length)


def _day(word: str, today: date) -> date | None:
    try:
        if steps := {"yesterday": -1, "tomorrow": 1}.get(word.lower()):
            return today + timedelta(days=steps)
        if word.lower() == "today":
            return today
        if len(word) == len("2025-02-09"):
            return date.fromisoformat(word)
    except (ValueError, OverflowError):
        return None
    # A day without a year is the nearest one: on 2 January ``12-31`` was two days ago.
    found = [each for step in (-1, 0, 1) if (each := _month_day(today.year + step, word))]
    return min(found, key=lambda each: abs(each - today), default=None)


def _month_day(year: int, word: str) -> date | None:
    try:
        return date(year, int(word[:2]), int(word[3:]))
    except ValueError:
        return None


def _nearby_day(clock: time, context: Context) -> date:
    """The day of a bare time: the selected row's; across midnight, when one of them is at night."""
    if context.anchor is None:
        return context.day
    local = in_zone(context.anchor, context.zone)
    if local.hour >= _EVENING and clock.hour < _MORNING:
        return _later(local.date(), 1)
    if local.hour < _MORNING and clock.hour >= _EVENING:
        return _later(local.date(), -1)
    return local.date()


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return day


def _resolve(day: date, point: _Point, zone: tzinfo) -> datetime | None:
    try:
        return _fixed(datetime.combine(day + timedelta(days=point.days_later), point.clock, zone))
    except (ValueError, OverflowError):
        return None


def _fixed(moment: datetime) -> datetime:
    """*moment* with its offset instead of its zone, as a file holds it.

    Where a clock is set back, Python calls equal instants in two zones different; offsets have no such hour.
    """
    offset = moment.utcoffset() or timedelta()
    whole = offset and not offset.seconds % 60
    return moment.astimezone(timezone(offset) if whole else UTC)


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
    if precision == "minute":
        return f"{local:%H:%M}"
    if precision == "subsecond":
        return f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"
    return f"{local:%H:%M:%S}"
