"""Times of day as Japanese, Chinese and Korean write them: ``午後2時51分``, ``10時半``, ``下午3:15``, ``오전 10시``.

The half of the day stands before the hour, and the units behind the digits.
"""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Final

from app.review.timewords.clockword import Clock, match_clock

_HALF = r"(?P<half>午前|午後|上午|下午|凌晨|早上|晚上|오전|오후)"
_AFTERNOON: Final = frozenset({"午後", "下午", "晚上", "오후"})
_PREFIX = re.compile(rf"{_HALF}\s?(?=[0-9]{{1,2}}[:：])")
_UNITS = re.compile(
    rf"(?:{_HALF}\s?)?(?P<hour>[01]?[0-9]|2[0-4])\s?[時时点點시](?!間|间|间|台|간)"
    r"(?:\s?(?P<half_hour>半|반)|\s?(?P<minute>[0-5]?[0-9])\s?[分분](?:\s?(?P<second>[0-5]?[0-9])\s?[秒초])?)?"
)
_NOON: Final = timedelta(hours=12)


def match_eastern(text: str, place: int) -> Clock | None:
    """The time of day at *place* that is written with its units, or with its half of the day before it."""
    if prefix := _PREFIX.match(text, place):
        clock = match_clock(text, prefix.end(), dated=True)
        return _in_half(clock, prefix["half"]) if clock else None
    match = _UNITS.match(text, place)
    if match is None:
        return None
    hours = timedelta(hours=int(match["hour"]))
    if match["minute"] is None and match["half_hour"] is None:
        clock = Clock(hours, hours + timedelta(minutes=59, seconds=59), "hour", match.end())
    else:
        first = hours + timedelta(minutes=30 if match["half_hour"] else int(match["minute"]))
        if match["second"]:
            first += timedelta(seconds=int(match["second"]))
            clock = Clock(first, first + timedelta(milliseconds=999), "second", match.end())
        else:
            clock = Clock(first, first + timedelta(seconds=59), "minute", match.end())
    return _in_half(clock, match["half"]) if match["half"] else clock


def _in_half(clock: Clock, half: str) -> Clock:
    if clock.first >= timedelta(hours=13):
        return replace(clock, half=True)
    wanted = clock.first % _NOON + (_NOON if half in _AFTERNOON else timedelta())
    return clock.moved(wanted - clock.first)
