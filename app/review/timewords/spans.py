"""Expressions of one or two points: ranges, "between … and …", ends that are cut short, limits."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from app.review.timewords import phrases, tongues
from app.review.timewords.clockword import Clock, in_part_of_day
from app.review.timewords.dayforms import Day
from app.review.timewords.dayword import match_day, match_days
from app.review.timewords.phrases import Lead
from app.review.timewords.points import Point, match_clock, match_hour, match_point
from app.review.timewords.tongues import DASHES

_SEPARATOR = re.compile(
    rf",?\s+(?:and\s+(?:continu|last)(?:ing|ed)\s+)?(?:to|until|till?|up to|through|thru|{tongues.TO})\s+"
    r"(?:(?:at|on|around|about)\s+)?"
    rf"|\s*(?:-{{1,2}}>|=>|→|⇒|➔|[{DASHES}]{{1,3}}|…|\.{{2,3}}|~|〜|～|から|부터|至|到)\s*(?:approx\.? |ca\.? |~)?",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"[^.\n]{0,80}?\b(?:and|,)\s{1,3}(?:(?:was|were)\s+)?(?:then\s+)?"
    r"(?:ended|ending|finished|resolved|recovered|(?:lasted |lasting )?until|(?:was )?fixed|stopped|closed)\s+"
    r"(?:(?:at|on|by)\s+)?"
    # The other half of a line with a start and an end.
    r"|\s{0,3}[,;|/]?\s{0,3}\(?(?:and )?(?:end(?:ed|s|ing)?|finish(?:ed)?|stop(?:ped)?|to|until)"
    r"(?: time| date| at)?\s?[:=]\s{0,3}",
    re.IGNORECASE,
)
_AND = re.compile(rf",?\s+(?:and|&|{tongues.AND})\s+|\s*[{DASHES}]\s*", re.IGNORECASE)
_BETWEEN = re.compile(
    rf"(?:(?:some ?(?:time|where)|at some point)\s+)?(?:(?:in )?between|{tongues.BETWEEN})\s+", re.IGNORECASE
)
_BEFORE_BETWEEN = re.compile(r"\s*[,:]?\s+(?=between\b|from\b)", re.IGNORECASE)
_FROM = re.compile(r"from\s+", re.IGNORECASE)
_BRACKETS = re.compile(r"[\[(]\s?")
_SOON: Final = 15
_CLOSING: Final = {"[": "]", "(": ")"}
# The same range again, on the clock of another zone; and the days of a range.
_AGAIN = re.compile(r"\s?[/(=]\s?=?\s?")
_BEHIND = re.compile(r"\s?(?:,\s?)?(?:on\s|\()", re.IGNORECASE)
_SHORT_END = re.compile(rf"\s?[{DASHES}]\s?(?P<tail>[0-9]{{1,2}})(?=\s*(?:\Z|[\])|,;:]|\.(?!\d)))")
_SHORT_END_LOOSE = re.compile(rf"[{DASHES}](?P<tail>[0-9]{{1,2}})(?![:.]?\w|\s?%)")


@dataclass(frozen=True)
class Span:
    """What was read at a place: one point, or two, and how they are meant."""

    first: Point
    begin: int
    end: int
    lead: Lead
    second: Point | None = None
    inside: bool = False
    """One moment somewhere between the two points, not the time from one to the other."""
    open_ended: bool = False


def match_span(text: str, place: int, *, strict: bool) -> Span | None:
    """The expression at *place*, with its brackets and the words before it; None where there is none."""
    begin = place
    bracket = _BRACKETS.match(text, place)
    lead = phrases.lead(text, place)
    if lead.about and lead.end > place:
        # "[approx] 10:15" is a remark, not a time in brackets.
        bracket = None
    elif bracket:
        lead = phrases.lead(text, bracket.end())
    found = None if strict and lead.side else _between(text, lead, begin, strict=strict)
    found = found or _simple(text, lead, begin, strict=strict)
    if found is None and bracket:
        # A machine's stamp may begin with the bracket itself.
        point = None if strict else match_point(text, place, strict=False)
        return Span(point, begin, point.end, lead) if point else None
    if found is None or not bracket:
        return found
    closing = re.compile(r"\s?" + re.escape(_CLOSING[bracket[0][0]])).match(text, found.end)
    if closing:
        return replace(found, end=closing.end())
    # An unclosed bracket is not part of what is written.
    return None if strict else replace(found, begin=bracket.end())


def _between(text: str, lead: Lead, begin: int, *, strict: bool) -> Span | None:
    place, base = lead.end, None
    if (day := match_day(text, place, loose=not strict)) and (glue := _BEFORE_BETWEEN.match(text, day.end)):
        base, place = day, glue.end()
    word = _BETWEEN.match(text, place)
    if word is None:
        opened = _FROM.match(text, place) if base else None
        inner = _simple(text, phrases.lead(text, opened.end()), begin, strict=strict) if opened else None
        return _based(inner, base) if inner and base and inner.second else None
    inner_lead = phrases.lead(text, word.end())
    first = match_point(text, inner_lead.end, strict=False)
    joint = _AND.match(text, first.end) if first else None
    if first is None or joint is None:
        return None
    second_lead = phrases.lead(text, joint.end())
    second = match_point(text, second_lead.end, strict=False)
    if second is None:
        second = _short_second(text, first, joint.end())
    if second is None or first.dates != second.dates:
        return None
    lasting = phrases.lasted(text[second.end :])
    inside = lead.inside or "some" in word[0].lower() or (first.dates and not lasting)
    about = lead.about or inner_lead.about or second_lead.about
    found = Span(
        first, begin, second.end, replace(lead, about=about, side="", open_ended=False), second, inside
    )
    return _based(found, base) if base else found


def _short_second(text: str, first: Point, place: int) -> Point | None:
    """The second day of "between the 10th and 16th of May"."""
    match = re.compile(r"(?:the )?(?P<day>[0-9]{1,2})(?:st|nd|rd|th)\b").match(text, place)
    if match is None or first.day is None or not 1 <= int(match["day"]) <= 31:
        return None
    day = int(match["day"])
    return Point(replace(first.day, first=day, last=day, end=match.end()), None, None, match.end())


def _based(span: Span, base: Day) -> Span:
    """The span with the day that stands before it."""
    if span.first.day is not None:
        return span
    return replace(span, first=replace(span.first, day=base))


def _simple(text: str, lead: Lead, begin: int, *, strict: bool) -> Span | None:
    days = match_days(text, lead.end)
    if days and not strict:
        first, second = (Point(day, None, None, day.end) for day in days)
        return Span(first, begin, second.end, lead, second)
    point = match_point(text, lead.end, strict=strict)
    if point is None and lead.end > begin and not strict:
        point = match_hour(text, lead.end)
    if point is None:
        return None
    if lead.part and point.clock and not point.log:
        point = replace(point, clock=in_part_of_day(point.clock, lead.part))
    span = Span(point, begin, point.end, lead)
    if lead.open_ended and (end := phrases.still(text, point.end)):
        return replace(span, end=end, open_ended=True)
    if end := phrases.open_end(text, point.end):
        return replace(span, end=end, open_ended=True)
    if other := _second(text, point, strict=strict):
        return _dated_behind(text, replace(span, second=other, end=other.end), strict=strict)
    return span


def _dated_behind(text: str, span: Span, *, strict: bool) -> Span:
    """The range with what may stand behind both its ends: itself on another clock, and its day or two days.

    "23:15-02:43 UTC / 16:15-19:43 PDT (August 18-19)"
    """
    first, second = span.first, span.second
    if strict or second is None or second.clock is None or second.zone is None or first.day or second.day:
        return span
    end = second.end
    if again := _AGAIN.match(text, end):
        restated = match_point(text, again.end(), strict=False)
        last = _second(text, restated, strict=False) if restated and restated.clock else None
        if last and last.clock and last.zone:
            closing = re.compile(r"\s?\)").match(text, last.end) if "(" in again[0] else None
            end = closing.end() if closing else last.end
            span = replace(span, end=end)
            second = replace(second, day=last.day)
    glue = _BEHIND.match(text, end)
    days = match_days(text, glue.end()) if glue else None
    if glue and days:
        closing = re.compile(r"\s?\)").match(text, days[1].end) if "(" in glue[0] else None
        first, second = replace(first, day=days[0]), replace(second, day=days[1])
        return replace(span, first=first, second=second, end=closing.end() if closing else days[1].end)
    return replace(span, second=second)


def _second(text: str, first: Point, *, strict: bool) -> Point | None:
    """The second point of a range: of the same kind as the first."""
    joint = _SEPARATOR.match(text, first.end)
    if joint:
        second = match_point(text, joint.end(), strict=strict)
        if second and second.dates == first.dates and not second.log:
            written_about = any(sign in joint[0] for sign in ("approx", "ca", "around", "about")) or (
                "~" in joint[0] and joint[0].strip() != "~"
            )
            return replace(second, about=second.about or written_about)
        lead = phrases.lead(text, joint.end())
        if (
            (lead.about or lead.side or lead.inside)
            and (second := match_point(text, lead.end, strict=strict))
            and second.dates == first.dates
        ):
            return replace(second, about=True)
    if first.day and first.day.joint and text[first.end : first.end + 1] == "/":
        # An interval as ISO 8601 has it.
        second = match_point(text, first.end + 1, strict=strict)
        if second and second.day and second.day.joint:
            return second
    if first.clock is not None and (short := _cut_short(text, first, strict=strict)):
        return short
    if not strict and first.clock is not None and (joint := _ENDED.match(text, first.end)):
        second = match_point(text, joint.end(), strict=False)
        if second and second.clock is not None:
            return second
    return None


def _cut_short(text: str, first: Point, *, strict: bool) -> Point | None:
    """The end of ``17:44-7`` and ``17:44-52``: its last digits, the rest as in the beginning."""
    match = (_SHORT_END if strict else _SHORT_END_LOOSE).match(text, first.end) or _SHORT_END.match(
        text, first.end
    )
    clock = first.clock
    if match is None or clock is None or clock.precision not in {"minute", "second"} or first.zone:
        return None
    unit = timedelta(minutes=1) if clock.precision == "minute" else timedelta(seconds=1)
    digits = match["tail"]
    step = 10 ** len(digits)
    value = clock.first // unit % 60
    whole = value - value % step + int(digits) if step < 60 else int(digits)
    if whole < value and 60 <= whole + 60 < value + _SOON and len(digits) == 2 and first.day is None:
        # ``17:58-02`` ends in the next hour.
        whole += 60
    elif whole >= 60 or whole <= value:
        return None
    end = clock.moved((whole - value) * unit)
    return Point(None, replace(end, half=clock.half, end=match.end()), None, match.end())


def share_half(first: Clock, second: Clock) -> tuple[Clock, Clock]:
    """Both ends of ``5:30 - 11:30 AM`` and ``11:30 PM - 1:15`` in the half of the day that was written once."""
    noon, afternoon = timedelta(hours=12), timedelta(hours=13)
    if not first.half and not second.half and second.short and second.first < first.first < afternoon:
        # "11:30 - 1:15", "12:00 - 2:00": a clock of twelve hours.
        return first, second.moved(noon)
    # A clock that shows 00 is one of 24 hours.
    if second.half and not first.half and timedelta(hours=1) <= first.first < afternoon:
        base = first.first % noon
        fits = [start for start in (base + noon, base) if start < second.first]
        return (first.moved(fits[0] - first.first), second) if fits else (first, second)
    if first.half and not second.half and second.first < afternoon:
        base = second.first % noon
        fits = [end for end in (base, base + noon) if end > first.first]
        return (first, second.moved(fits[0] - second.first)) if fits else (first, second)
    return first, second


def find_clock(text: str) -> Clock | None:
    """A time of day that *text* is, and nothing else; used for values of a context."""
    clock = match_clock(text.strip(), 0, dated=True)
    return clock if clock and clock.end == len(text.strip()) else None
