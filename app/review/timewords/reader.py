"""The two ways to read: a time that a text begins with, and the time that a line speaks of."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from app.review.timewords import evidence, phrases, settle
from app.review.timewords.candidates import (
    PLACES,
    also_said,
    candidates,
    clock_of_sentence,
    inside_word,
    with_day_before,
)
from app.review.timewords.clockword import Clock
from app.review.timewords.model import UTC_ZONE, Bounds, Context, Kind, Understood, Zone, ZoneFrom
from app.review.timewords.points import Point, of_stamp
from app.review.timewords.relatives import Relative, match_relative, settle_relative
from app.review.timewords.spans import Span, match_span, share_half
from app.review.timewords.stamps import match_epoch
from app.review.timewords.tongues import MIDNIGHT, NOON
from app.review.timewords.zonewords import declared, out_of_season

_READ_AT_MOST: Final = 4000
"""Characters of a line that are searched for its time: what comes later is not where a line says when."""

_NEAR_EPOCH: Final = timedelta(days=400)
"""A number at the head of a line is a moment when it is within about a year of the document's date."""

_FIRST_YEAR: Final = 1000
"""Before this no machine and no incident had a clock."""

_HYPHENS: Final = {0x2010: "-", 0x2011: "-"}
"""Hyphens that editors put into dates so that they do not break: ``2025‑05‑20``."""

_WORTH = re.compile(
    r"[0-9]|noon|midnight|mid-night|midday|:(?:\?|x|-)|yesterday|tomorrow|today|day|hour|minute|T0"
    rf"|(?:past|quarter) [a-z]|{NOON}|{MIDNIGHT}"
    r"|\b(?:in|early|mid|late)[ -](?:\w{2,5}[ -])?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
# Behind a time: at the latest, or later.
_LIMIT = re.compile(
    r",? (?:at the|or) (?P<side>(?<=the )(?:latest|earliest)|(?<=or )(?:later|earlier))\b", re.IGNORECASE
)
# "Just after" and "just before" as Japanese has them, behind the time: 午後1時すぎ, 午前10時前.
_BEHIND = re.compile(r"(?:すぎ|過ぎ|(?P<before>(?<=[時分])前(?!後)))")
# The emphasis of ``_10:15 CET_``, whose marks would be letters of the zone.
_UNDERLINED = re.compile(r"(?<!\w)(_{1,3})(?=[^\s_])[^\n]{1,80}?(?<=[^\s_])\1(?!\w)")
# Stars between a time and what belongs to it: "around **10:15** (CET)", "**10:15** to **10:20**".
_BOLD = re.compile(r"(?<=[a-z] )\*\*(?=[\w~])|(?<=\w)\*\*(?= (?:\(|to |until |and \*\*))")
_SIGNED = re.compile(r"(?:^|[|(\s])(?P<sign>[<≤]=?\s?|[>≥]=?)\Z")


def at_start(text: str, context: Context) -> Understood | None:
    """The time that *text* begins with; None when it does not begin with one.

    As in the capture line, a sentence may follow at once: what could be its first word is left to it.
    """
    found = _at_start(text.translate(_HYPHENS), context)
    return _as_written(found, text) if found else None


def find(text: str, context: Context) -> Understood:
    """The time that the line *text* speaks of. A line without one is *order*: it stands where it was put."""
    searched = text[:_READ_AT_MOST].translate(_HYPHENS)
    if "_" in searched:
        searched = _UNDERLINED.sub(_as_stars, searched)
    searched = _BOLD.sub("  ", searched)
    return _as_written(_find(searched, context), text)


def _as_stars(pair: re.Match[str]) -> str:
    wide = len(pair[1])
    return "*" * wide + pair[0][wide:-wide] + "*" * wide


def _as_written(found: Understood, text: str) -> Understood:
    return replace(found, written=text[found.begin : found.stop].strip())


def _at_start(text: str, context: Context) -> Understood | None:
    place = len(text) - len(text.lstrip())
    lead = phrases.lead(text, place)
    span = match_span(text, place, strict=True)
    # "+1d 05:00" is that time a day later.
    days_on = span and span.first.clock and span.first.day and span.first.day.step is not None
    if not days_on and (relative := match_relative(text, lead.end, strict=True)):
        found = _relative(text, place, relative, context, about=lead.about)
        return found if found.start else None
    found_at = _understood(text, span, context, in_line=False) if span else None
    return found_at if found_at and found_at.start else None


def _find(searched: str, context: Context) -> Understood:
    best: tuple[int, Span] | None = None
    given = candidates(searched) if _WORTH.search(searched) else []
    spans = [span for _, span in given]
    for score, span in given:
        if best is None or score > best[0]:
            best = score, span
    if best and (clock := clock_of_sentence(searched, best[1], given)):
        best = clock
    if best:
        best = best[0], with_day_before(best[1], spans)
    relative = _leading_relative(searched, context, best[0] if best else 0)
    # "Two days earlier, 10:15" has its time of day.
    timed = best and best[1].first.clock and best[1].first.day and best[1].first.day.step is not None
    if best and timed and relative and (relative.precision == "day" or best[1].begin <= relative.begin):
        relative = None
    if relative and not _said_exactly(searched, relative, best):
        return relative
    if best:
        found = _understood(searched, best[1], context, in_line=True)
        if found.dated and found.start and found.start.lo.year < _FIRST_YEAR:
            # ``0001-01-01T00:00:00Z`` is how Go writes that something has not happened.
            return Understood(
                "order", "order-only", found.written, found.begin, found.stop, reason=found.written
            )
        others = also_said(searched, best[1], spans)
        return _signed(searched, replace(found, doubts=(*found.doubts, *others)))
    return _bare_epoch(searched, context) or _without_time(searched, context)


def _said_exactly(text: str, relative: Understood, best: tuple[int, Span] | None) -> bool:
    """Whether a time of day follows a distance at once: "12 hours later, at 4:11 AM UTC", "T0 = 10:15"."""
    if best is None or best[1].first.clock is None or best[1].begin < relative.stop:
        return False
    begin = best[1].begin
    glue = text[relative.stop : begin + (text[begin] in "([")]
    # The zero itself is written with its time: "T0 (10:15 UTC)", "T0 = 10:15".
    from_zero = re.match(r"[tT][ 0=+-]", relative.written)
    return bool(re.fullmatch(r"\s?[,(]\s?|\s?[=:]\s|\s[–—-]\s" if from_zero else r"\s?[,(]\s?", glue))


# Understanding


def _understood(text: str, span: Span, context: Context, *, in_line: bool) -> Understood:
    first, second = span.first, span.second
    one, two = first.clock, second.clock if second else None
    if one and two:
        one, two = share_half(one, two)
    if one and one.midnight and span.lead.side == "before":
        # What comes before midnight is on the day that it ends.
        one = one.moved(timedelta(days=1))
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
    if kind == "instant" and (limit := _LIMIT.match(text, stop)):
        kind, stop = "before" if limit["side"].lower() in {"latest", "earlier"} else "after", limit.end()
    if kind == "instant" and (behind := _BEHIND.match(text, stop)):
        kind, stop, near = ("before" if behind["before"] else "after"), behind.end(), True
    else:
        near = False
    about = near or span.lead.about or first.about or bool(second and second.about)
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
    # "20:57 -> 22:20, next day" begins on this one.
    next_day = bool(second and second.day and second.day.step and second.day.step > 0)
    shared = (
        second and second.day and two and not next_day and (clock_day is None or second.day.end > two.end)
    )
    if second and second.day and one and two and shared:
        days = settle.day_bounds(second.day, context, zone)
        if days is None:
            return None
        # It began the evening before; but "17:20 to 00:00 on 31 January" ends with that day.
        before = one.first > two.first > timedelta()
        begins = settle.later(days[0], -1) if before else days[0]
        return begins, begins
    return (clock_day, clock_day) if clock_day else None


def _bounds(
    point: Point, clock: Clock | None, days: tuple[date, date], zone: Zone, context: Context
) -> Bounds | None:
    found = settle.bounds(days, clock, zone, context.anchor)
    if found and point.other:
        other = settle.bounds(days, point.other, zone, context.anchor)
        return Bounds(found.lo, other.hi) if other else found
    return found


def _end(
    second: Point, clock: Clock | None, days: tuple[date, date], start: Bounds, context: Context, zone: Zone
) -> Bounds | None:
    if second.day is not None:
        inner = Context(day=days[0], year=None, zone=context.zone)
        found = settle.day_bounds(second.day, inner, zone)
        if found and clock and not clock.first and _ends_before(found, clock, zone, start):
            # The midnight that ends the day.
            found = settle.later(found[0], 1), settle.later(found[1], 1)
        return settle.bounds(found, clock, zone, None) if found else None
    end = settle.bounds(days, clock, zone, None)
    if end and end.lo < start.lo:
        # A range that seems to run backwards crosses midnight.
        end = settle.bounds((settle.later(days[0], 1), settle.later(days[1], 1)), clock, zone, None)
    return end


def _ends_before(days: tuple[date, date], clock: Clock, zone: Zone, start: Bounds) -> bool:
    end = settle.bounds(days, clock, zone, None)
    return end is not None and end.lo < start.lo


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
    for match in PLACES.finditer(text):
        lead = phrases.lead(text, match.start())
        found = match_relative(text, lead.end, strict=False, events=context.events)
        if found is None or inside_word(text, match.start()):
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


def _signed(text: str, found: Understood) -> Understood:
    """The time with the sign before it: ``>10:15`` is after, ``< 10:15`` before. ``> 10:15`` is a quotation."""
    match = _SIGNED.search(text[: found.begin]) if found.kind == "instant" else None
    if match is None:
        return found
    return replace(found, kind="before" if match["sign"][0] in "<≤" else "after")


def _bare_epoch(text: str, context: Context) -> Understood | None:
    """Seconds since 1970 that a line begins with, where they are near the document's date."""
    place = len(text) - len(text.lstrip(' \t-*•|[(`"'))
    stamp = match_epoch(text, place)
    if stamp is None or not re.match(r"[\s:;|,\])`*\"<]|\.\s|\Z", text[stamp.end :]):
        return None
    span = Span(of_stamp(stamp), place, stamp.end, phrases.Lead(place))
    found = _understood(text, span, context, in_line=True)
    base = settle.base_day(context, UTC_ZONE)
    near = found.start is not None and (base is None or abs(found.start.lo.date() - base) < _NEAR_EPOCH)
    return found if near else None


def _without_time(text: str, context: Context) -> Understood:
    """No time at all; with a reason, and a day that the context knows, it is that day."""
    place = len(text) - len(text.lstrip(" \t-–—*•|>"))
    why = phrases.reason(text, place)
    begin, stop, words = (place, why[1], why[0]) if why else (0, 0, "")
    part = phrases.alone(text)
    if part and not why:
        begin, stop = part.span("words")
    written = text[begin:stop].strip()
    zone = context.zone or context.undeclared
    day = settle.base_day(context, zone)
    if (why or part) and day and context.day:
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
