"""Any time that can be held, written out, reads as itself: every kind, precision, end, zone and distance."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from app.review.timewords import UTC_ZONE, Bounds, Context, Understood, Zone, find

SECOND = timedelta(seconds=1)
DATES = ("day", "10day", "month", "year")
CLOCKS = ("ns", "us", "ms", "second", "10s", "minute", "10min", "hour", "10h")
NAMES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland")
OFFSETS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
MOMENTS = st.datetimes(datetime(1971, 1, 2), datetime(2098, 12, 30))


@dataclass(frozen=True)
class Said:
    """One point in time as it is written, and the first and last moment of it on its own clock."""

    text: str
    first: datetime
    last: datetime


def said(at: datetime, precision: str) -> Said:
    """*at* to *precision*, with the digits that are left open."""
    day, clock = f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}"
    start = at.replace(microsecond=0)
    match precision:
        case "ns":
            return Said(f"{day} {clock}.{at:%f}000", at, at)
        case "us":
            return Said(f"{day} {clock}.{at:%f}", at, at)
        case "ms":
            whole = at.replace(microsecond=at.microsecond // 1000 * 1000)
            return Said(f"{day} {clock}.{at:%f}"[:-3], whole, whole)
        case "second":
            return Said(f"{day} {clock}", start, start + timedelta(milliseconds=999))
        case "10s":
            start = start.replace(second=start.second // 10 * 10)
            return Said(f"{day} {clock[:-1]}x", start, start + timedelta(seconds=9, milliseconds=999))
        case "minute":
            start = start.replace(second=0)
            return Said(f"{day} {clock[:5]}", start, start + timedelta(seconds=59))
        case "10min":
            start = start.replace(minute=start.minute // 10 * 10, second=0)
            return Said(f"{day} {clock[:4]}x", start, start + timedelta(minutes=10) - SECOND)
        case "hour":
            start = start.replace(minute=0, second=0)
            return Said(f"{day} {clock[:2]}:xx", start, start + timedelta(hours=1) - SECOND)
        case "10h":
            start = start.replace(hour=start.hour // 10 * 10, minute=0, second=0)
            end = start.replace(hour=min(start.hour + 9, 23), minute=59, second=59)
            return Said(f"{day} {clock[0]}x:xx", start, end)
    start = datetime(at.year, at.month, at.day)
    if precision == "day":
        return Said(day, start, start + timedelta(days=1) - SECOND)
    next_month = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    if precision == "10day":
        first = start.replace(day=max(start.day // 10 * 10, 1))
        last = min(first.replace(day=1) + timedelta(days=start.day // 10 * 10 + 9), next_month)
        return Said(f"{day[:-1]}x", first, last - SECOND)
    if precision == "month":
        return Said(day[:7], start.replace(day=1), next_month - SECOND)
    return Said(f"{day[:4]}-??-??", start.replace(month=1, day=1), datetime(at.year, 12, 31, 23, 59, 59))


@dataclass(frozen=True)
class Clock:
    """A zone as it stands behind a time, or as the context has it."""

    rule: tzinfo
    suffix: str
    context: Zone


@st.composite
def clocks(draw: st.DrawFn, dates: bool) -> Clock:
    """A zone behind the time (where it has a time of day), or in the context only."""
    other = Zone(timezone(timedelta(hours=draw(st.integers(-11, 13)))), "elsewhere")
    named = draw(st.none() | st.sampled_from(NAMES))
    rule: tzinfo = ZoneInfo(named) if named else draw(OFFSETS)
    if dates or draw(st.booleans()):
        return Clock(rule, "", Zone(rule, "there"))
    if named:
        return Clock(rule, f" {named}", other)
    length = rule.utcoffset(None) or timedelta()
    minutes = round(length / timedelta(minutes=1))
    hours = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    if not minutes:
        return Clock(UTC, draw(st.sampled_from([" UTC", " GMT", "Z", " (UTC)"])), other)
    behind = [f" UTC{hours}"] if minutes > 0 else []
    return Clock(
        rule,
        draw(st.sampled_from([f" {hours.replace(':', '')}", f" {hours.replace(':', '')}", *behind])),
        other,
    )


def plain(moment: datetime, rule: tzinfo) -> bool:
    """Whether a clock of *rule* shows this time once: it is neither left out nor shown twice."""
    there = [moment.replace(tzinfo=rule, fold=fold).utcoffset() for fold in (0, 1)]
    return there[0] == there[1]


def found_of(text: str, clock: Clock) -> Understood:
    return find(text, Context(zone=clock.context))


def bounds(point: Said, rule: tzinfo) -> Bounds:
    return Bounds(
        point.first.replace(tzinfo=rule).astimezone(UTC), point.last.replace(tzinfo=rule).astimezone(UTC)
    )


def same(one: Bounds | None, other: Bounds) -> bool:
    return one is not None and (one.lo.astimezone(UTC), one.hi.astimezone(UTC)) == (other.lo, other.hi)


@settings(max_examples=400)
@given(st.data(), MOMENTS, st.sampled_from((*CLOCKS, *DATES)))
def test_a_moment_reads_as_itself(data: st.DataObject, at: datetime, precision: str) -> None:
    clock = data.draw(clocks(precision in DATES))
    point = said(at, precision)
    if not plain(point.first, clock.rule) or not plain(point.last, clock.rule):
        return
    lead, kind, about = data.draw(
        st.sampled_from(
            [
                *(("", "instant", False), ("~", "instant", True), ("approx. ", "instant", True)),
                *(("after ", "after", False), ("shortly after ", "after", True), ("by ", "before", False)),
                *(("just before ", "before", True), ("On ", "instant", False)),
            ]
        )
    )
    # A zone of letters at once behind an open digit would be one word with it.
    text = lead + point.text + (" UTC" if clock.suffix == "Z" and point.text[-1] == "x" else clock.suffix)
    found = found_of(text, clock)
    assert (found.kind, found.precision, found.about, found.written) == (kind, precision, about, text)
    assert same(found.start, bounds(point, clock.rule))
    assert found.end is None


@settings(max_examples=400)
@given(
    st.data(), MOMENTS, st.timedeltas(timedelta(), timedelta(days=400)), st.sampled_from((*CLOCKS, *DATES))
)
def test_a_range_reads_as_itself(
    data: st.DataObject, at: datetime, length: timedelta, precision: str
) -> None:
    clock = data.draw(clocks(precision in DATES))
    one, two = said(at, precision), said(min(at + length, datetime(2099, 1, 1)), precision)
    ends = (one.first, one.last, two.first, two.last)
    if not all(plain(moment, clock.rule) for moment in ends) or two.first < one.first:
        return
    joint = data.draw(st.sampled_from([" - ", " – ", " to ", " -> ", " until "]))
    about = data.draw(st.booleans())
    text = ("~" if about else "") + one.text + clock.suffix.replace("Z", " UTC") + joint + two.text
    found = found_of(text, clock)
    assert (found.kind, found.precision, found.about, found.written) == ("range", precision, about, text)
    assert same(found.start, bounds(one, clock.rule))
    assert same(found.end, bounds(two, clock.rule))


@given(
    st.data(),
    MOMENTS,
    st.sampled_from(CLOCKS),
    st.sampled_from([" - ?", " - ongoing", " until now", "-??:??"]),
)
def test_a_range_without_an_end_reads_as_itself(
    data: st.DataObject, at: datetime, precision: str, end: str
) -> None:
    clock = data.draw(clocks(dates=True))
    point = said(at, precision)
    if not plain(point.first, clock.rule) or not plain(point.last, clock.rule):
        return
    found = found_of(point.text + end, clock)
    assert (found.kind, found.precision, found.written) == ("range", precision, point.text + end)
    assert same(found.start, bounds(point, clock.rule))
    assert found.end is None


@given(
    st.data(),
    MOMENTS,
    st.timedeltas(timedelta(seconds=1), timedelta(days=400)),
    st.sampled_from((*CLOCKS, *DATES)),
)
def test_one_moment_between_two_reads_as_itself(
    data: st.DataObject, at: datetime, length: timedelta, precision: str
) -> None:
    clock = data.draw(clocks(dates=True))
    one, two = said(at, precision), said(min(at + length, datetime(2099, 1, 1)), precision)
    if not all(plain(moment, clock.rule) for moment in (one.first, two.last)) or two.first < one.first:
        return
    text = f"sometime between {one.text} and {two.text}"
    found = found_of(text, clock)
    assert (found.kind, found.precision, found.about, found.end) == ("instant", precision, True, None)
    assert same(found.start, bounds(Said("", one.first, two.last), clock.rule))


UNITS = {
    "ms": 0.001,
    "s": 1,
    "sec": 1,
    "m": 60,
    "min": 60,
    "minutes": 60,
    "h": 3600,
    "hours": 3600,
    "d": 86_400,
    "days": 86_400,
}


@given(
    st.sampled_from(["T+", "T-", "T + ", "+", "-"]),
    st.integers(0, 9999),
    st.sampled_from(sorted(UNITS)),
    st.sampled_from(["", " "]),
    st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)),
)
def test_a_distance_reads_as_itself(sign: str, amount: int, unit: str, gap: str, zero: datetime) -> None:
    text = f"{sign}{amount}{gap}{unit}"
    moment = zero.replace(tzinfo=UTC)
    found = find(text, Context(zone=UTC_ZONE, anchor=moment, zero=moment))
    offset = timedelta(seconds=amount * UNITS[unit]) * (-1 if "-" in sign else 1)
    assert (found.kind, found.offset, found.written) == ("relative", offset, text)
    assert found.start is not None
    assert found.start.lo == moment + offset


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_a_distance_in_several_units_reads_as_itself(hours: int, minutes: int, seconds: int) -> None:
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    for text in (f"T+{hours}h{minutes:02}m{seconds:02}s", f"T+{hours}:{minutes:02}:{seconds:02}"):
        assert find(text, Context()).offset == length


@given(MOMENTS, st.sampled_from(["Time TBC", "time unknown", "TBD", "no timestamp"]))
def test_a_day_with_the_reason_for_its_missing_time_reads_as_itself(at: datetime, reason: str) -> None:
    found = find(f"{at:%Y-%m-%d} ({reason})", Context(zone=UTC_ZONE))
    assert (found.kind, found.precision, found.reason) == ("instant", "day", reason)
    assert same(found.start, bounds(said(at, "day"), UTC))
