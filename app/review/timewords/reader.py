"""The two ways to read: a time that a text begins with, and the time that a line speaks of."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from app.review.timewords import evidence, phrases, settle
from app.review.timewords.clockword import Clock
from app.review.timewords.model import Bounds, Context, Kind, Understood, Zone, ZoneFrom
from app.review.timewords.points import Point, of_stamp
from app.review.timewords.relatives import Relative, match_relative, settle_relative
from app.review.timewords.spans import Span, match_span, share_half
from app.review.timewords.stamps import field_values, match_epoch
from app.review.timewords.zonewords import declared, out_of_season

_READ_AT_MOST: Final = 4000
"""Characters of a line that are searched for its time: what comes later is not where a line says when."""

_LINKS = re.compile(r"\b[a-z][a-z+.-]{1,15}://[^\s|>)\]]+")
_PLACES = re.compile(r"(?<![^\W_])(?=[^\s.,;:!)\]}/\\'\"=_*|>])")
_WORTH = re.compile(
    r"[0-9]|noon|midnight|mid-night|midday|:(?:\?|x|-)|yesterday|tomorrow|today|day|hour|minute|T0",
    re.IGNORECASE,
)
_ON = re.compile(r"\W*on\b", re.IGNORECASE)
_SENTENCE_DAY = re.compile(
    r"(?:on|in|the|from|since|before|after|by|until|early|between)\s+\Z", re.IGNORECASE
)


def at_start(text: str, context: Context) -> Understood | None:
    """The time that *text* begins with; None when it does not begin with one.

    As in the capture line, a sentence may follow at once: what could be its first word is left to it.
    """
    place = len(text) - len(text.lstrip())
    lead = phrases.lead(text, place)
    if relative := match_relative(text, lead.end, strict=True):
        found = _relative(text, place, relative, context, about=lead.about)
        return found if found.start else None
    span = match_span(text, place, strict=True)
    found_at = _understood(text, span, context, in_line=False) if span else None
    return found_at if found_at and found_at.start else None


def find(text: str, context: Context) -> Understood:
    """The time that the line *text* speaks of. A line without one is *order*: it stands where it was put."""
    searched = text[:_READ_AT_MOST]
    best: tuple[int, Span] | None = None
    candidates = _candidates(searched) if _WORTH.search(searched) else []
    for score, span in candidates:
        if best is None or score > best[0]:
            best = score, span
    if best and (clock := _clock_of_sentence(searched, best[1], candidates)):
        best = clock
    if best:
        best = best[0], _with_day_before(best[1], [span for _, span in candidates])
    relative = _leading_relative(searched, context, best[0] if best else 0)
    if relative:
        return relative
    if best:
        found = _understood(text, best[1], context, in_line=True)
        others = _also_said(searched, best[1], [span for _, span in candidates])
        return replace(found, doubts=(*found.doubts, *others))
    return _without_time(searched, context)


# Candidates


def _candidates(text: str) -> "list[tuple[int, Span]]":
    found: list[tuple[int, Span]] = []
    for place in field_values(text):
        stamp = match_epoch(text, place)
        span = Span(of_stamp(stamp), place, stamp.end, phrases.Lead(place)) if stamp else None
        span = span or match_span(text, place, strict=False)
        if span:
            found.append((_score(text, span) + 6, span))
    links = [match.span() for match in _LINKS.finditer(text)]
    done = 0
    for match in _PLACES.finditer(text):
        place = match.start()
        if place < done or _within(place, links) or _inside_word(text, place):
            continue
        span = match_span(text, place, strict=False)
        if span and _is_said(text, span):
            found.append((_score(text, span), span))
            done = span.end
    return found


def _clock_of_sentence(text: str, span: Span, others: list[tuple[int, Span]]) -> tuple[int, Span] | None:
    """The time of day that a sentence names behind its date: "On 17 November the API failed (10:15-11:02)".

    A date that stands alone before its text ("2021-12-10 | planned for 15:40") is the whole time of the row.
    """
    if span.first.clock or span.second or not _ON.match(text, span.begin):
        return None
    clocks = [
        (score, each)
        for score, each in others
        if each.begin >= span.end and each.first.clock and not each.first.day and not each.first.log
    ]
    return max(clocks, key=lambda pair: pair[0], default=None)


def _also_said(text: str, span: Span, others: list[Span]) -> tuple[str, ...]:
    """A doubt where a sentence names a second time of day: "retired at 16:00, went down approx 16:03".

    A row that begins with its time has that time, whatever its text speaks of.
    """
    if span.first.clock is None or span.first.log or phrases.only_before(text[: span.begin]):
        return ()
    more = [
        text[each.begin : each.end].strip()
        for each in others
        if each.begin >= span.end and each.first.clock and not each.first.log
    ]
    return (f"The sentence also says “{more[0]}”: is it two rows?",) if more else ()


def _with_day_before(span: Span, others: list[Span]) -> Span:
    """The span with the date that the sentence named before it: "On 17 November the API failed (10:15-11:02)"."""
    if span.first.day or (span.second and span.second.day) or not span.first.clock or span.first.log:
        return span
    days = [
        each.first.day
        for each in others
        if each.end <= span.begin and not each.first.clock and not each.second
    ]
    named = [day for day in days if day and day.precision == "day" and day.month and not day.joint]
    return replace(span, first=replace(span.first, day=named[-1])) if named else span


def _within(place: int, links: list[tuple[int, int]]) -> bool:
    return any(begin <= place < end for begin, end in links)


def _inside_word(text: str, place: int) -> bool:
    """Whether the place is joined to a word before it: ``eks-2022-11-15``, ``v1.10:15``, ``#4711``."""
    before = text[place - 1 : place]
    if not before or before.isspace() or before in "([{\"'“‘*|>,;–—→~_":
        return False
    return before in "#@$%&/\\" or text[max(place - 2, 0) : place - 1].isalnum()


def _is_said(text: str, span: Span) -> bool:
    """Whether a day without a month is spoken of as a day: "on the 10th", not "the 2nd attempt"."""
    day = span.first.day
    if span.first.clock or day is None or span.second:
        return True
    if day.month is None and day.year is None and not day.step:
        return (
            span.lead.end > span.begin or bool(_SENTENCE_DAY.search(text[: span.begin])) or _alone(text, span)
        )
    return True


def _alone(text: str, span: Span) -> bool:
    before, after = text[: span.begin], text[span.end :]
    return phrases.only_before(before) and not re.match(r"\s*\w", after)


def _score(text: str, span: Span) -> int:
    first = span.first
    day = first.day or (span.second.day if span.second else None)
    score = 4 if first.clock else 0
    if day:
        score += 2 if day.month or day.year or day.step is not None else 1
    score += bool(first.zone) + bool(span.second)
    if phrases.only_before(text[: span.begin]):
        score += 5
    return score


# Understanding


def _understood(text: str, span: Span, context: Context, *, in_line: bool) -> Understood:
    first, second = span.first, span.second
    one, two = first.clock, second.clock if second else None
    if one and two:
        one, two = share_half(one, two)
    zone, zone_from, doubts = _zone(text, span, context, in_line=in_line)
    days = _first_days(first, second, one, two, context, zone)
    start = end = None
    if days:
        start = _bounds(first, one, days, zone, context)
    stop = span.end
    if second and days and start:
        end = _end(second, two, days, start, context, second.zone or zone)
        if end is None:
            stop, second = first.end, None
    if days and one and zone_from != "text":
        doubts += _clock_change(days[0], one, zone)
    if start and (season := out_of_season(zone, start.lo)):
        doubts += (season,)
    kind: Kind = "range" if second or span.open_ended else span.lead.side or "instant"
    about = span.lead.about or first.about or bool(second and second.about)
    if span.inside and start and end:
        kind, about, start, end = "instant", True, Bounds(start.lo, end.hi), None
    return Understood(
        kind=kind,
        precision=settle.precision_of(first.day, one),
        written=text[span.begin : stop].strip(),
        begin=span.begin,
        stop=stop,
        start=start,
        end=end,
        about=about,
        zone=zone.name,
        zone_from=zone_from,
        reason=first.reason,
        doubts=doubts if days else (*doubts, "The date is not known."),
        dated=bool(first.day or (second and second.day)),
        clock_first=one.first if one and one.precision != "day" else None,
    )


def _zone(
    text: str, span: Span, context: Context, *, in_line: bool
) -> tuple[Zone, ZoneFrom, tuple[str, ...]]:
    """The zone of a span, where it comes from, and what is doubtful about it."""
    first, second = span.first, span.second
    said = first.zone or (second.zone if second else None)
    if said is None and in_line:
        said = declared(text)
    if said:
        return said, "text", (said.doubt,) if said.doubt else ()
    if first.log:
        return _log_zone(first, context), "log", ()
    proved = _proved(text, first, context) if in_line else None
    if context.zone:
        doubts: tuple[str, ...] = (context.zone.doubt,) if context.zone.doubt else ()
        local = _naive(first, context, context.zone)
        if proved and local and proved.rule.utcoffset(local) != context.zone.rule.utcoffset(local):
            doubts += (
                f"The linked message was sent at a time that fits {proved.name}, not {context.zone.name}.",
            )
        return context.zone, "context", doubts
    if proved:
        return proved, "evidence", ()
    return context.undeclared, "undeclared", ()


def _log_zone(point: Point, context: Context) -> Zone:
    """The zone of a log's stamp: of the two that it may be, the one that is nearer to the row it stands under."""
    if context.zone is None or context.anchor is None:
        return context.log_zone
    anchor = context.anchor

    def distance(zone: Zone) -> timedelta:
        days = settle.day_bounds(point.day, context, zone) if point.day else None
        found = settle.bounds(days, point.clock, zone, None) if days else None
        return abs(found.lo - anchor) if found else timedelta.max

    return min((context.log_zone, context.zone), key=distance)


def _naive(point: Point, context: Context, zone: Zone) -> datetime | None:
    if point.clock is None:
        return None
    days = settle.day_bounds(point.day, context, zone) if point.day else None
    day = days[0] if days else settle.base_day(context, zone) if point.day is None else None
    try:
        return datetime.combine(day, time()) + point.clock.first if day else None
    except OverflowError:
        return None


def _proved(text: str, point: Point, context: Context) -> Zone | None:
    local = _naive(point, context, context.undeclared)
    return evidence.proved_zone(local, text) if local else None


def _first_days(
    first: Point, second: Point | None, one: Clock | None, two: Clock | None, context: Context, zone: Zone
) -> tuple[date, date] | None:
    if first.day is not None:
        day = first.day
        if second and second.day and second.day.month:
            day = settle.completed(day, second.day)
        return settle.day_bounds(day, context, zone)
    clock_day = settle.clock_day(one, context, zone) if one else None
    # "22:14 to 04:00 on 25 August" has its date for both; "22:14 - 08-25 04:00" has not, where another is known.
    shared = second and second.day and two and (clock_day is None or second.day.end > two.end)
    if second and second.day and one and two and shared:
        days = settle.day_bounds(second.day, context, zone)
        if days is None:
            return None
        # It began the evening before.
        begins = settle.later(days[0], -1) if one.first > two.first else days[0]
        return begins, begins
    return (clock_day, clock_day) if clock_day else None


def _bounds(
    point: Point, clock: Clock | None, days: tuple[date, date], zone: Zone, context: Context
) -> Bounds | None:
    after = context.anchor if context.follows else None
    found = settle.bounds(days, clock, zone, after)
    if found and point.other:
        other = settle.bounds(days, point.other, zone, after)
        return Bounds(found.lo, other.hi) if other else found
    return found


def _end(
    second: Point, clock: Clock | None, days: tuple[date, date], start: Bounds, context: Context, zone: Zone
) -> Bounds | None:
    if second.day is not None:
        inner = Context(day=days[0], year=None, zone=context.zone)
        found = settle.day_bounds(second.day, inner, zone)
        return settle.bounds(found, clock, zone, None) if found else None
    end = settle.bounds(days, clock, zone, None)
    if end and end.lo < start.lo:
        # A range that seems to run backwards crosses midnight.
        end = settle.bounds((settle.later(days[0], 1), settle.later(days[1], 1)), clock, zone, None)
    return end


def _clock_change(day: date, clock: Clock, zone: Zone) -> tuple[str, ...]:
    try:
        change = settle.repeated(datetime.combine(day, time()) + clock.first, zone)
    except OverflowError:
        return ()
    if change == "twice":
        return (f"The clock of {zone.name} showed this time twice that night.",)
    return (f"The clock of {zone.name} never showed this time: it was set forward.",) if change else ()


# Without a clock of its own


def _leading_relative(text: str, context: Context, best: int) -> Understood | None:
    """A distance from another moment that the line begins with, or that is all there is."""
    for match in _PLACES.finditer(text):
        lead = phrases.lead(text, match.start())
        found = match_relative(text, lead.end, strict=False)
        if found is None or _inside_word(text, match.start()):
            continue
        leads = phrases.only_before(text[: match.start()])
        if leads or (best < 4 and (found.origin == "zero" or text[lead.end].isalnum())):
            return _relative(text, match.start(), found, context, about=lead.about)
    return None


def _relative(text: str, begin: int, found: Relative, context: Context, *, about: bool) -> Understood:
    zone = context.zone or context.undeclared
    return Understood(
        kind="relative",
        precision=found.precision,
        written=text[begin : found.end].strip(),
        begin=begin,
        stop=found.end,
        start=settle_relative(found, context, zone),
        about=about,
        zone=zone.name,
        zone_from="context" if context.zone else "undeclared",
        offset=found.offset,
    )


def _without_time(text: str, context: Context) -> Understood:
    """No time at all; with a reason, and a day that the context knows, it is that day."""
    place = len(text) - len(text.lstrip(" \t-–—*•|>"))
    why = phrases.reason(text, place)
    begin, stop, words = (place, why[1], why[0]) if why else (0, 0, "")
    written = text[begin:stop].strip()
    zone = context.zone or context.undeclared
    day = settle.base_day(context, zone)
    if why and day and context.day:
        return Understood(
            "instant",
            "day",
            *(written, begin, stop),
            start=settle.bounds((day, day), None, zone, None),
            zone=zone.name,
            zone_from="context" if context.zone else "undeclared",
            reason=words,
        )
    return Understood("order", "order-only", written, begin, stop, reason=words)
