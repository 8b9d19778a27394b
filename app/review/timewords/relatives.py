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
_AMOUNT = re.compile(rf"(?P<amount>[0-9]{{1,5}}) ?{_UNITS}(?![\w:]|-\w)", re.IGNORECASE)
_PART = re.compile(rf"(?P<amount>[0-9]{{1,5}}) ?{_UNITS}(?![a-z:]|-\w)", re.IGNORECASE)
# ``T+1h30``
_SHORT_MINUTES = re.compile(r"(?<=[hH])[0-5][0-9](?![\w:])")
_SIGN = re.compile(r"(?P<zero>[tT] ?)?(?P<sign>[+-]|(?<=[tT] )[–−]|(?<=[tT])[–−])(?(zero) ?)")
_ZERO = re.compile(r"[tT] ?[=+]? ?0(?!\d|:|\w|\.)(?: ?(?:s|m|min|h)\b)?")
_CLOCK = re.compile(r"(?P<hours>[0-9]{1,3}):(?P<minutes>[0-5][0-9])(?::(?P<seconds>[0-5][0-9]))?(?![\w:])")
_COUNTS: Final = {
    name: float(count)
    for name, count in re.findall(
        r"(\S[^=]*)=(\S+)",
        "a=1 an=1 one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 fifteen=15 twenty=20"
        " thirty=30",
    )
} | {"half an": 0.5, "half a": 0.5}
_LATER = re.compile(
    rf"(?P<count>[0-9]{{1,5}}(?:\.[0-9])?|{'|'.join(sorted(_COUNTS, key=len, reverse=True))})[ -]?{_UNITS}"
    r" (?P<way>later|earlier|ago|thereafter|(?:after(?:wards?)?|before)(?= ?(?:that|this|\Z|[,:;.])))\b"
    r"(?: that| this)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Relative:
    """A distance from another moment, which the context may know."""

    offset: timedelta
    precision: Precision
    end: int
    origin: Literal["anchor", "zero"]


def match_relative(text: str, place: int, *, strict: bool) -> Relative | None:
    """The distance at *place*; *strict* for the capture line, where ``+00:05`` is not one."""
    if match := _LATER.match(text, place):
        return _later(match)
    if match := _ZERO.match(text, place):
        return Relative(timedelta(), "minute", match.end(), "zero")
    sign = _SIGN.match(text, place)
    if sign is None:
        return None
    origin: Literal["anchor", "zero"] = "zero" if sign["zero"] else "anchor"
    factor = 1 if sign["sign"] == "+" else -1
    if (clock := _CLOCK.match(text, sign.end())) and (sign["zero"] or not strict):
        return _clock(clock, factor, origin)
    return _amounts(text, sign.end(), factor, origin)


def settle_relative(found: Relative, context: Context, zone: Zone) -> Bounds | None:
    """The instants that are meant; None where the moment it counts from is unknown, or outside the calendar."""
    base = context.anchor if found.origin == "anchor" else context.zero
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
    total, unit = timedelta(), ""
    while match := _PART.match(text, place):
        if unit and _ORDER.index(_unit(match)) <= _ORDER.index(unit):
            return None
        unit = _unit(match)
        total += timedelta(seconds=int(match["amount"]) * _UNIT_SECONDS[unit])
        place = match.end()
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


def _later(match: re.Match[str]) -> Relative:
    count = match["count"].lower()
    amount = _COUNTS[count] if count in _COUNTS else float(count)
    unit = _unit(match)
    factor = -1 if match["way"].lower() in {"earlier", "before", "ago"} else 1
    length = timedelta(seconds=amount * _UNIT_SECONDS[unit]) * factor
    # "Two days later" is a day; +2d is that clock two days on.
    return Relative(length, "day" if unit == "d" else _PRECISIONS[unit], match.end(), "anchor")


def _unit(match: re.Match[str]) -> str:
    return next(name for name in _UNIT_SECONDS if match[name])


_ORDER: Final = ("d", "h", "m", "s", "ms")
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
