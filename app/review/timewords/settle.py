"""From what stands in the text to instants: the day, the zone, the hour that the clock repeats or leaves out."""

import calendar
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from app.review.timewords.clockword import Clock
from app.review.timewords.dayforms import Day
from app.review.timewords.model import Bounds, Context, Precision, Zone
from app.review.timewords.zonewords import MONTH_FIRST

_EVENING, _MORNING = timedelta(hours=18), timedelta(hours=6)
_HALF_DAY: Final = timedelta(hours=12)
_WHOLE_DAY: Final = timedelta(hours=23, minutes=59, seconds=59)


def fixed(moment: datetime) -> datetime:
    """*moment* with its offset instead of its zone, as a file holds it.

    Where a clock is set back, Python calls equal instants in two zones different; offsets have no such hour.
    Raises ValueError or OverflowError where that would leave the calendar.
    """
    offset = moment.utcoffset() or timedelta()
    whole = offset and not offset.seconds % 60
    return moment.astimezone(timezone(offset) if whole else UTC)


def local(moment: datetime, zone: Zone) -> datetime:
    """*moment* on the clock of *zone*; as it is where that would leave the calendar."""
    try:
        return moment.astimezone(zone.rule)
    except (OverflowError, ValueError):
        return moment


def day_bounds(day: Day, context: Context, zone: Zone) -> tuple[date, date] | None:
    """The first and the last date that *day* can mean; None where no calendar has it, or the context is silent."""
    base = base_day(context, zone)
    try:
        if day.more:
            return _longer(day, context, zone)
        if day.step is not None or day.weekday is not None:
            return _counted(day, (context.began or base) if day.ordinal else base)
        if day.swapped and day.year and base:
            day = _nearer(day, day.swapped, base)
        elif day.swapped and zone.name in MONTH_FIRST:
            day = day.swapped
        if day.year is not None:
            return _dates(day, day.year)
        if day.month is None and base:
            day = replace(day, month=base.month)
            return _dates(day, base.year)
        if context.year is not None and base is None:
            return _dates(day, context.year)
        if base is None:
            return None
        return _nearest(day, base)
    except (ValueError, OverflowError):
        return None


def _longer(day: Day, context: Context, zone: Zone) -> tuple[date, date] | None:
    """The days from *day* on, as many as it says."""
    found = day_bounds(replace(day, more=0), context, zone)
    return (found[0], found[1] + timedelta(days=day.more)) if found else None


def completed(day: Day, other: Day) -> Day:
    """*day* with the month and the year that only the other end of its range says."""
    if day.step is not None or day.weekday is not None:
        return day
    if day.month is None:
        return replace(day, month=other.month, year=other.year)
    if day.year is None and other.year is not None:
        before = (day.month, day.first) > (other.month or 12, other.first)
        return replace(day, year=other.year - before)
    return day


def base_day(context: Context, zone: Zone) -> date | None:
    """The date that the context gives; the year that it names apart wins over the date's."""
    if context.day is None:
        if context.anchor is None:
            return None
        return local(context.anchor, zone).date()
    if context.year is None or context.year == context.day.year:
        return context.day
    try:
        return context.day.replace(year=context.year)
    except ValueError:
        return context.day


def clock_day(clock: Clock, context: Context, zone: Zone) -> date | None:
    """The day of a bare time: the context's, or the anchor's where times follow it, across midnight when that is
    nearer."""
    if not context.follows or context.anchor is None:
        return base_day(context, zone)
    before = local(context.anchor, zone)
    since = before.replace(tzinfo=None) - datetime.combine(before.date(), time())
    if since - clock.first > _HALF_DAY:
        return later(before.date(), 1)
    if since < _MORNING and clock.first >= _EVENING:
        return later(before.date(), -1)
    return before.date()


def later(day: date, days: int) -> date:
    """The day *days* later; the same one where that would leave the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return day


def bounds(days: tuple[date, date], clock: Clock | None, zone: Zone, after: datetime | None) -> Bounds | None:
    """The instants between the first and the last that are meant; None outside the calendar.

    A clock that is set back shows an hour twice: the first is taken, unless the row before (*after*) says that
    it was over.
    """
    first, last = (clock.first, clock.last) if clock else (timedelta(), _WHOLE_DAY)
    try:
        lo = datetime.combine(days[0], time()) + first
        hi = datetime.combine(days[1], time()) + last
        aware = lo.replace(tzinfo=zone.rule)
        fold = 0
        if after is not None and aware.astimezone(UTC) < after <= lo.replace(
            tzinfo=zone.rule, fold=1
        ).astimezone(UTC):
            fold = 1
        return Bounds(
            fixed(lo.replace(tzinfo=zone.rule, fold=fold)), fixed(hi.replace(tzinfo=zone.rule, fold=fold))
        )
    except (ValueError, OverflowError):
        return None


def repeated(moment: datetime, zone: Zone) -> str:
    """What a clock change does to the naive time *moment*: "twice", "never", or nothing."""
    try:
        one = moment.replace(tzinfo=zone.rule, fold=0)
        two = moment.replace(tzinfo=zone.rule, fold=1)
        if one.utcoffset() == two.utcoffset():
            return ""
        back = one.astimezone(UTC).astimezone(zone.rule).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return ""
    return "twice" if back == moment else "never"


def precision_of(day: Day | None, clock: Clock | None) -> Precision:
    """The unit that was written, of date and time of day together."""
    if clock is None or clock.precision == "day":
        return day.precision if day else "day"
    return clock.precision if day is None or day.precision == "day" else day.precision


def _counted(day: Day, base: date | None) -> tuple[date, date] | None:
    if base is None:
        return None
    if day.weekday is not None:
        # The nearest day of that name: "Friday" in a report of a Saturday was yesterday.
        step = (day.weekday - base.weekday() + 3) % 7 - 3
    else:
        step = day.step or 0
    found = base + timedelta(days=step)
    return found, found


def _dates(day: Day, year: int) -> tuple[date, date]:
    """Raises ValueError for a day that no calendar has."""
    if day.month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day.months > 1:
        end = day.month + day.months - 1
        return date(year, day.month, 1), date(year, end, calendar.monthrange(year, end)[1])
    length = calendar.monthrange(year, day.month)[1]
    if day.first > length:
        raise ValueError(day)
    return date(year, day.month, day.first), date(year, day.month, min(day.last, length))


def _nearest(day: Day, base: date) -> tuple[date, date] | None:
    """A day without a year is the nearest one: on 2 January ``12-31`` was two days ago."""
    found = []
    for candidate in (day, day.swapped):
        for step in (-1, 0, 1):
            if candidate and 1 <= base.year + step <= 9999:
                try:
                    found.append(_dates(candidate, base.year + step))
                except ValueError:
                    continue
    return min(found, key=lambda each: abs(each[0] - base), default=None)


def _nearer(day: Day, other: Day, base: date) -> Day:
    def distance(each: Day) -> timedelta:
        return min((abs(one - base) for one in _dates(each, each.year or base.year)), default=timedelta.max)

    return other if distance(other) < distance(day) else day
