"""Times that count from another moment: ``T+5 min``, ``+90s``, ``+00:05``, "10 minutes later", "an hour earlier"."""

import re
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Final, Literal

from app.review.timewords.model import Bounds, Context, Precision, Zone
from app.review.timewords.settle import fixed

_UNIT_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_UNITS = (
    r"(?:(?P<ms>ms|milliseconds?)|(?P<s>s|secs?|seconds?)|(?P<m>m|mins?|minutes?)|(?P<h>h|hrs?|hours?)"
    r"|(?P<d>d|days?))"
)
_AMOUNT = re.compile(rf"(?P<amount>[0-9]{{1,5}}) ?{_UNITS}(?!:?\w|-\w)", re.IGNORECASE)
_PART = re.compile(rf"(?P<amount>[0-9]{{1,5}}) ?{_UNITS}(?![a-z]|:\w|-\w)", re.IGNORECASE)
# ``T+1h30``
_SHORT_MINUTES = re.compile(r"(?<=[hH])[0-5][0-9](?!:?\w)")
_SIGN = re.compile(
    r"(?P<zero>[tT]0? ?(?=[+–−-]|plus |minus ))(?P<far>[+–−-]|plus|minus) ?"
    # "+ 5 min" alone; with more behind it a plus is the bullet of a list.
    r"|(?P<alone>[+]) (?=[0-9:]{1,6} ?(?:[smhd]|secs?|seconds?|mins?|minutes?|hrs?|hours?)?\s*(?:\Z|[|:,;–—]|[-.]\s))"
    r"|(?P<sign>[+-])",
    re.IGNORECASE,
)
# ``T+15``: launches are counted in minutes.
_BARE_MINUTES = re.compile(r"(?P<minutes>[0-9]{1,3})(?![\w%]|[:.]\d| ?[0-9])")
_ZERO = re.compile(r"[tT] ?[=+-]? ?0(?![:.]?\w)(?: ?(?:s|m|min|h)\b)?")
_CLOCK = re.compile(r"(?P<hours>[0-9]{1,3}):(?P<minutes>[0-5][0-9])(?::(?P<seconds>[0-5][0-9]))?(?!:?\w)")
_COUNTS: Final = {
    name: float(count)
    for name, count in re.findall(
        r"(\S[^=]*)=(\S+)",
        "a=1 an=1 one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 fifteen=15 twenty=20"
        " thirty=30",
    )
} | {"half an": 0.5, "half a": 0.5}
_LATER = re.compile(
    rf"(?P<count>[0-9]{{1,5}}(?:\.[0-9])?|{'|'.join(sorted(_COUNTS, key=len, reverse=True))})"
    rf"(?P<half> and a half)?[ -]?{_UNITS}\b(?P<more> and a half\b)?",
    re.IGNORECASE,
)
_JOINT = re.compile(r",? and |,? ")
_EVENT = re.compile(
    r" (?P<way>after|before) (?:the |that |its |our |we |it |they )?(?=[^\W\d_]{2})"
    r"(?!the \d|the (?:day|night)\b|noon|mid)",
    re.IGNORECASE,
)
_WAY = re.compile(
    r" (?P<way>later|earlier|ago|thereafter|(?:after(?:wards?)?|before)(?= ?(?:that|this|\Z|[,:;.|–—]|-\s)))\b"
    r"(?: that| this)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Relative:
    """A distance from another moment, which the context may know."""

    offset: timedelta
    precision: Precision
    end: int
    origin: Literal["anchor", "last", "zero", "event"]


def match_relative(text: str, place: int, *, strict: bool, events: bool = False) -> Relative | None:
    """The distance at *place*; *strict* for the capture line, where ``+00:05`` is not one.

    With *events* also the distance from an event that is named: "5 minutes after the alert".
    """
    if found := _later(text, place, events=events):
        return found
    sign = _SIGN.match(text, place)
    if sign and (found := _signed(text, sign, strict=strict)):
        return found
    match = _ZERO.match(text, place)
    return Relative(timedelta(), "minute", match.end(), "zero") if match else None


def _signed(text: str, sign: re.Match[str], *, strict: bool) -> Relative | None:
    origin: Literal["anchor", "zero"] = "zero" if sign["zero"] else "anchor"
    written = sign["far"] or sign["sign"] or sign["alone"]
    factor = 1 if written.lower() in {"+", "plus"} else -1
    if (clock := _CLOCK.match(text, sign.end())) and (sign["zero"] or not strict):
        return _clock(clock, factor, origin)
    if found := _amounts(text, sign.end(), factor, origin):
        return found
    bare = _BARE_MINUTES.match(text, sign.end()) if (sign["zero"] or "").startswith("T") else None
    if bare is None or re.match(r" (?:weeks?|months?|years?)\b", text[bare.end() :]):
        return None
    return Relative(timedelta(minutes=int(bare["minutes"])) * factor, "minute", bare.end(), origin)


def settle_relative(found: Relative, context: Context, zone: Zone) -> Bounds | None:
    """The instants that are meant; None where the moment it counts from is unknown, or outside the calendar."""
    last = context.last or context.anchor
    base = {"anchor": context.anchor, "last": last, "zero": context.zero, "event": context.event}[
        found.origin
    ]
    if base is None:
        return None
    try:
        # Counted in UTC: on the clock of a zone five minutes may be an hour and five.
        at = fixed((base.astimezone(UTC) + found.offset).astimezone(zone.rule))
        if found.precision == "day":
            whole = fixed(at.replace(hour=0, minute=0, second=0, microsecond=0))
            return Bounds(whole, whole + timedelta(hours=23, minutes=59, seconds=59))
        return Bounds(at, at + _WIDTH[found.precision])
    except (OverflowError, ValueError):
        return None


def _amounts(text: str, place: int, factor: int, origin: Literal["anchor", "zero"]) -> Relative | None:
    total, unit, end = timedelta(), "", place
    while match := _PART.match(text, place):
        lesser = not unit or _ORDER.index(_unit(match)) > _ORDER.index(unit)
        if unit and (not lesser or int(match["amount"]) >= _FULL[_unit(match)]):
            # "+5m 502s rise": what follows is no part of the length.
            place = end
            break
        unit = _unit(match)
        total += timedelta(seconds=int(match["amount"]) * _UNIT_SECONDS[unit])
        place = end = match.end()
        # "+1h30m", "+1 h 30 min"
        spaced = 1 if text[place : place + 1] == " " and _AMOUNT.match(text, place + 1) else 0
        if not _PART.match(text, place + spaced):
            break
        place += spaced
    if unit == "h" and (short := _SHORT_MINUTES.match(text, place)):
        total, unit, place = total + timedelta(minutes=int(short[0])), "m", short.end()
    if not unit or re.match(r"[^\W_]", text[place : place + 1]):
        return None
    return Relative(total * factor, _PRECISIONS[unit], place, origin)


def _clock(match: re.Match[str], factor: int, origin: Literal["anchor", "zero"]) -> Relative:
    length = timedelta(
        hours=int(match["hours"]), minutes=int(match["minutes"]), seconds=int(match["seconds"] or 0)
    )
    return Relative(length * factor, "second" if match["seconds"] else "minute", match.end(), origin)


def _later(text: str, place: int, *, events: bool) -> Relative | None:
    """A length in words and which way it goes: "an hour and a half later", "1 hour 20 minutes earlier"."""
    total, unit = timedelta(), ""
    while match := _LATER.match(text, place):
        if unit and _ORDER.index(_unit(match)) <= _ORDER.index(unit):
            return None
        unit = _unit(match)
        count = match["count"].lower()
        amount = _COUNTS[count] if count in _COUNTS else float(count)
        amount += 0.5 * bool(match["half"] or match["more"])
        total += timedelta(seconds=amount * _UNIT_SECONDS[unit])
        if way := _WAY.match(text, match.end()):
            factor = -1 if way["way"].lower() in {"earlier", "before", "ago"} else 1
            # "Two days later" is a day; +2d is that clock two days on.
            precision: Precision = "day" if unit == "d" else _PRECISIONS[unit]
            return Relative(total * factor, precision, way.end(), "last")
        if events and (way := _EVENT.match(text, match.end())):
            factor = 1 if way["way"].lower() == "after" else -1
            return Relative(total * factor, _PRECISIONS[unit], way.end("way"), "event")
        joint = _JOINT.match(text, match.end())
        if joint is None:
            return None
        place = joint.end()
    return None


def _unit(match: re.Match[str]) -> str:
    return next(name for name in _UNIT_SECONDS if match[name])


_ORDER: Final = ("d", "h", "m", "s", "ms")
_FULL: Final = {"h": 24, "m": 60, "s": 60, "ms": 1000}
"""Of a unit, what makes the next greater one."""
_PRECISIONS: Final[dict[str, Precision]] = {
    "ms": "ms",
    "s": "second",
    "m": "minute",
    "h": "minute",
    "d": "minute",
}
_WIDTH: Final[dict[Precision, timedelta]] = {
    "ms": timedelta(),
    "second": timedelta(milliseconds=999),
    "minute": timedelta(seconds=59),
}
