"""One point in time as it is written: a date, a time of day, a zone, in the orders in which people put them."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from app.review.timewords import phrases
from app.review.timewords.clockword import Clock, in_part_of_day
from app.review.timewords.clockword import match_clock as match_western
from app.review.timewords.dayforms import Day
from app.review.timewords.dayword import match_day
from app.review.timewords.eastern import match_eastern
from app.review.timewords.model import Zone
from app.review.timewords.stamps import Stamp, match_stamp
from app.review.timewords.tongues import DASHES, FILLER, HOUR_LEADS
from app.review.timewords.zonewords import match_ahead, match_offset, match_zone, of_offset

# Between a date and its time of day.
_DATE_GLUE = re.compile(
    # Marks that close what stood around the date: ``**2025-02-09** 10:15``, ``[2025-02-09] [10:15]``.
    r"[T_](?=[0-9?xX-])|[*_`\])]{0,3}"
    # ``January 04, 2021 / 10:11 PM``, ``09-OCT-2007@17:00``
    rf"(?:\s{{0,3}}[,:|]\s{{0,3}}|\s{{1,3}}[{DASHES}/]\s{{1,3}}|\s{{0,3}}@\s?|\s{{1,3}}|\s{{0,2}}\()[*_`\[]{{0,3}}"
    rf"(?:(?:at|from|time:?|{FILLER})\s{{1,3}}|@\s?)?"
    # Where words are not parted by spaces: ``2月9日の10時``.
    r"|(?<=[日号號일）)])の?\s?(?=[0-9午上下早晚凌오])",
    re.IGNORECASE,
)
# Between a time of day and its date, in a sentence; and as it must be where a sentence may follow.
_CLOCK_GLUE = re.compile(
    r"\s{1,2}(?:on|of|del?(?: día)?|di|du|da|am|vom)\s{1,2}|\s{0,2},\s{1,2}(?:on\s{1,2})?|\s{0,2}\(|\s{1,2}",
    re.IGNORECASE,
)
_CLOCK_GLUE_STRICT = re.compile(r"\s{1,2}on\s{1,2}|\s{0,2}\(|\s{1,2}(?=[0-9]{4}-)", re.IGNORECASE)
_BEGINS = re.compile(r"(?:starting|beginning)\b", re.IGNORECASE)
_LATE_YEAR = re.compile(r"(?:,\s?|(?<=\w)\s|(?<=[)\]])\s)(?P<year>(?:19|20)[0-9]{2})(?!:?\w|-\d|[.]\d|\s\w)")
_BARE_HOUR = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3])(?= ?[(\[]?[A-Z])")
_HOUR_UNIT = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3]) ?h\b(?! ?[0-9])")
_HOUR_LEAD = re.compile(rf"(?:^|\W)(?:{HOUR_LEADS})\s\Z", re.IGNORECASE)
_OR = re.compile(r"\s?/\s?|\s{1,2}or\s{1,2}")
_AGAIN = re.compile(r"\s?[/=]\s?|\s?\(\s?=?\s?")
_WORD_ENDS = re.compile(r"\s*(?:\Z|[,:;|)\]–—]|[-.](?=\s)|\()")
_CLOSING = re.compile(r"\s?[)\]]")
# "23:00 Friday night", and no "10:15 Friday deploys are stopped".
_DAY_ENDS = re.compile(r"\s?(?:[.,;:)]|\Z)|\s(?:morning|afternoon|evening|night)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Point:
    """A time as it stands in the text, before its day and zone are settled."""

    day: Day | None
    clock: Clock | None
    zone: Zone | None
    end: int
    about: bool = False
    log: bool = False
    reason: str = ""
    other: Clock | None = None
    """The second of two times of day: ``16:00/17:00``."""

    @property
    def dates(self) -> bool:
        """Whether only days, months or years are spoken of."""
        return self.clock is None


def match_point(text: str, place: int, *, strict: bool) -> Point | None:
    """The point in time at *place*; *strict* where a sentence may follow at once, as in the capture line."""
    if not strict and (stamp := match_stamp(text, place)):
        return of_stamp(stamp)
    day = match_day(text, place, loose=not strict)
    found = _from_day(text, day, strict=strict) if day else _from_clock(text, place, strict=strict)
    return _with_tail(text, found, strict=strict) if found else None


def match_clock(text: str, place: int, *, dated: bool) -> Clock | None:
    """The time of day at *place*, as people of any language write it."""
    return match_western(text, place, dated=dated) or match_eastern(text, place)


def match_hour(text: str, place: int) -> Point | None:
    """The hour of "around 10 UTC", "vers 15h": a number with its zone or unit, behind a word that speaks of time."""
    if (hour := _HOUR_UNIT.match(text, place)) and _HOUR_LEAD.search(text[:place]):
        first = timedelta(hours=int(hour["hour"]))
        clock = Clock(first, first + timedelta(minutes=59, seconds=59), "hour", hour.end())
        zone = match_zone(text, clock.end)
        return Point(None, clock, zone.zone if zone else None, zone.end if zone else clock.end)
    match = _BARE_HOUR.match(text, place)
    zone = match_zone(text, match.end()) if match else None
    if match is None or zone is None:
        return None
    first = timedelta(hours=int(match["hour"]))
    clock = Clock(first, first + timedelta(minutes=59, seconds=59), "hour", match.end())
    return Point(None, clock, zone.zone, zone.end)


def of_stamp(stamp: Stamp) -> Point:
    """The point of a machine's stamp."""
    return Point(stamp.day, stamp.clock, stamp.zone, stamp.end, log=stamp.log)


def _from_day(text: str, day: Day, *, strict: bool) -> Point | None:
    part = None if strict else phrases.part_of_date(text, day.end)
    glue = _DATE_GLUE.match(text, part.end() if part else day.end)
    if glue and (not day.joint or glue[0][:1] in "Tt_"):
        lead = phrases.lead(text, glue.end())
        # "2025-02-09 by 10:15" speaks of a limit, which the range reader sees.
        begins = bool(_BEGINS.match(text, glue.end()))
        plain = not lead.limit and not lead.inside and not lead.side and (begins or not lead.open_ended)
        clock = match_clock(text, lead.end, dated=True) if plain else None
        if clock and not (strict and "|" in glue[0]):
            if part:
                clock = in_part_of_day(clock, part["part"].lower())
            clock = clock if strict else _halved(text, clock)
            found = _zoned(text, Point(day, clock, None, clock.end, lead.about or day.about), strict=strict)
            found = _dated_late(text, found)
            if "(" in glue[0] and (closing := _CLOSING.match(text, found.end)):
                found = replace(found, end=closing.end())
            return _second(text, found, strict=strict)
    if day.joint:
        return None
    found = Point(day, None, None, day.end, day.about)
    if why := phrases.reason(text, day.end):
        return replace(found, reason=why[0], end=why[1])
    if strict:
        if re.match(r"[:\w]", text[day.end : day.end + 1]):
            return None
        # "May 5 pods" and "today we saw" are sentences.
        words = not text[day.end - 1].isdigit() or day.year is None
        if words and text[day.end - 1] not in "?x-" and not _WORD_ENDS.match(text, day.end):
            return None
        if day.step is not None:
            return None
    if zone := match_zone(text, day.end):
        return replace(found, zone=zone.zone, end=zone.end)
    return found


def _from_clock(text: str, place: int, *, strict: bool) -> Point | None:
    clock = match_clock(text, place, dated=False)
    # "noon deploy" is a sentence.
    if clock is None or (strict and (clock.precision == "day" or _is_word(text[place]))):
        return None
    clock = clock if strict else _halved(text, clock)
    found = _zoned(text, Point(None, clock, None, clock.end), strict=strict)
    found = _second(text, found, strict=strict)
    if clock.precision == "day" and (why := phrases.reason(text, found.end)):
        found = replace(found, reason=why[0], end=why[1])
    glue = (_CLOCK_GLUE_STRICT if strict else _CLOCK_GLUE).match(text, found.end)
    day = match_day(text, glue.end(), loose=not strict) if glue else None
    if day is None or glue is None or day.joint or day.precision != "day":
        return found
    joined = any(sign in glue[0].lower() for sign in (",", "on", "("))
    if day.weekday is not None and not joined and not _DAY_ENDS.match(text, day.end):
        return found
    end = day.end
    if "(" in glue[0]:
        closing = _CLOSING.match(text, end)
        if closing is None:
            return found
        end = closing.end()
    # "10:15 2025-02-09 11:00" is not one time with a date behind it.
    after = _DATE_GLUE.match(text, end)
    again = match_clock(text, after.end(), dated=True) if glue[0].isspace() and after else None
    if again and not _dated(text, again.end):
        return found
    return _dated_late(text, _zoned(text, replace(found, day=day, end=end), strict=strict))


def _dated(text: str, place: int) -> bool:
    """Whether a date stands behind the time of day that ends here, as in "22:00 Feb 9 - 02:00 Feb 10"."""
    glue = _CLOCK_GLUE.match(text, place)
    return bool(glue and match_day(text, glue.end(), loose=False))


def _is_word(letter: str) -> bool:
    return letter.isalpha() and letter.isascii()


def _halved(text: str, clock: Clock) -> Clock:
    """The clock with the part of the day that is said behind it: "3:15 in the afternoon"."""
    part = phrases.part_of_day(text, clock.end)
    return replace(in_part_of_day(clock, part[0].lower()), end=part.end()) if part else clock


def _dated_late(text: str, point: Point) -> Point:
    """The point with a year that stands behind all else: "Monday May 10th (UTC), 2021"."""
    day = point.day
    if day is None or day.year is not None or day.month is None:
        return point
    match = _LATE_YEAR.match(text, point.end)
    if match is None or (point.zone is None and not match[0].startswith(",")):
        return point
    year = int(match["year"])
    swapped = replace(day.swapped, year=year) if day.swapped else None
    return replace(point, day=replace(day, year=year, swapped=swapped), end=match.end())


def _zoned(text: str, point: Point, *, strict: bool) -> Point:
    """The point with the zone that stands behind it."""
    if point.zone:
        return point
    full = point.day is not None and point.day.year is not None and point.day.precision == "day"
    rfc = (point.day is not None and point.day.joint != "") or (
        point.clock is not None and point.clock.precision in {"second", "ms", "us", "ns"}
    )
    found = match_zone(text, point.end)
    if found and point.clock:
        # "10:15 UTC-05:00" is an offset, "10:15 UTC-10:30" a range: the end of a range comes later.
        found = match_ahead(text, point.end, point.clock.first) or found
    if found is None and point.clock is not None and not (strict and not full):
        found = match_offset(text, point.end, full_date=full, rfc=rfc)
    return replace(point, zone=found.zone, end=found.end) if found else point


def _restated(text: str, point: Point) -> Point | None:
    """The point whose moment is written again in another zone: ``16:29 CET (15:29 UTC)``, ``16:29 (15:29 UTC)``.

    A time without a zone has the one that the second stamp proves.
    """
    match = _AGAIN.match(text, point.end)
    clock = match_clock(text, match.end(), dated=True) if match else None
    zone = match_zone(text, clock.end) if clock else None
    if match is None or clock is None or zone is None or point.clock is None:
        return None
    bracket = "(" in match[0]
    if not bracket and point.zone is None:
        return None
    end = zone.end
    if bracket and (closing := _CLOSING.match(text, end)):
        end = closing.end()
    if point.zone:
        return replace(point, end=end)
    ahead = point.clock.first - clock.first
    ahead -= timedelta(days=1) * round(ahead / timedelta(days=1))
    if ahead % timedelta(minutes=15) or clock.precision != point.clock.precision:
        return None
    there = zone.zone.rule.utcoffset(None)
    if there is None:
        return None
    offset = there + ahead
    if not timedelta(hours=-12) <= offset <= timedelta(hours=14):
        # The other stamp is of the day before, or behind: no clock is as far from UTC.
        offset -= timedelta(days=1) if offset > timedelta() else timedelta(days=-1)
    return replace(point, zone=of_offset(offset), end=end)


def _second(text: str, point: Point, *, strict: bool) -> Point:
    """The point with its alternative: ``16:00/17:00``, "16:00 or 17:00"."""
    if point.clock and not strict and (again := _restated(text, point)):
        return again
    match = _OR.match(text, point.end)
    if match and point.zone and "/" in match[0]:
        # What follows is the same time on another clock: "23:15 UTC / 16:15-19:43 PDT".
        return point
    other = match_clock(text, match.end(), dated=False) if match and point.clock else None
    if (
        other is None
        or point.clock is None
        or other.first <= point.clock.first
        or ":" not in text[point.end : other.end]
    ):
        return point
    return _zoned(text, replace(point, other=other, end=other.end, about=True), strict=strict)


def _with_tail(text: str, point: Point, *, strict: bool) -> Point:
    end = phrases.tail_about(text, point.end)
    if end > point.end:
        point = replace(point, about=True, end=end)
        if not strict:
            point = _zoned(text, point, strict=strict)
    return point
