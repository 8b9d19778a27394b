"""Times of day as they are written: ``10:15:30.123``, ``3:15 pm``, ``02:3X``, ``--:--``, ``0050 UTC``, ``noon``.

A digit that was left open widens the bounds: ``23:5x:xx`` is 23:50:00 to 23:59:59.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from app.review.timewords.model import Precision
from app.review.timewords.tongues import EASTERN, MIDNIGHT, NOON, OF_EVENING, OF_MORNING
from app.review.timewords.zonewords import match_zone

_OPEN = r"(?:[xX]{2}|\?{1,2}|--|__)"
_CLOCK = re.compile(
    rf"(?P<hour>[01]?[0-9]|2[0-4]|[0-2][xX?]|{_OPEN})[:：](?P<minute>[0-5][0-9]|[0-5][xX?]|{_OPEN})"
    rf"(?:[:：](?P<second>[0-5][0-9]|[0-5][xX?]|{_OPEN})(?:[.,](?P<fraction>[0-9]{{1,9}}))?)?"
)
# ``?? -> 22:20``: when it began is not known.
_NO_BEGINNING = re.compile(
    r"(?<![^\W\d_] )(?<!\?)(?:\?{1,3}|[Uu]nknown)(?=\s?(?:-{1,2}>?|→|–|—|to|until|till)\s?[0-2]?[0-9]:[0-5])"
)
# ``4 PM``; ``10`` of ``10-11am``; ``1015am``.
_HALF_HOUR = re.compile(
    r"(?P<hour>1[0-2]|0?[1-9])(?P<minute>[0-5][0-9])?"
    r"(?=(?:\s?[-–]\s?(?:1[0-2]|0?[1-9])(?::?[0-5][0-9])?)? ?[aApP]\.?[mM]\b)"
)
_DOTTED = re.compile(
    r"(?P<hour>[01]?[0-9]|2[0-4])\.(?P<minute>[0-5][0-9])(?:\.(?P<second>[0-5][0-9]))?(?![\d.])"
)
# ``14.05:`` at the head of a row, and no number of a version or a section.
_DOTTED_ROW = re.compile(r"(?:[01][0-9]|2[0-3])\.[0-5][0-9](?=:\s|\s[-–—|]\s)")
_COMMA = re.compile(r"(?P<hour>[01]?[0-9]|2[0-4]),(?P<minute>[0-5][0-9])(?= ?Uhr\b)")
# ``2025-04-08 20-00-00``, as files are named.
_HYPHENED = re.compile(
    r"(?<=[0-9][ T_])(?P<hour>[01][0-9]|2[0-3])-(?P<minute>[0-5][0-9])-(?P<second>[0-5][0-9])(?![\w-])"
)
_FRENCH = re.compile(r"(?P<hour>[01]?[0-9]|2[0-4])(?:[hH]| h )(?P<minute>[0-5][0-9])\b(?! ?m)")
_UHR = re.compile(r"(?P<hour>[01]?[0-9]|2[0-4]) ?Uhr\b(?: (?P<minute>[0-5][0-9])\b)?")
# ``3 de la tarde``
_OTHER_HOUR = re.compile(rf"(?P<hour>1[0-2]|[1-9])(?= (?:{OF_MORNING}|{OF_EVENING})\b)")
_PLAIN = re.compile(r"(?P<hour>[01][0-9]|2[0-4]|[0-9](?= )) ?(?P<minute>[0-5][0-9])(?!\d|[:：]\d)")
# ``00 50 - 01 15 UTC``: the zone stands behind the end.
_PLAIN_START = re.compile(r"\s?(?:-|–|—|to|until)\s?[0-2][0-9] ?[0-5][0-9](?= ?(?:UTC|GMT|[A-Z]{2,3}T|Z)\b)")
# ``2024-04-01 0251: block``: no count begins with 0 or ends its sentence, so behind a date this is a time.
_PLAIN_ROW = re.compile(r"0[0-9]{3}(?!\d)|[0-9]{4}(?=\s?(?:[:|,;)\]]|\Z)|\s[-–—]\s)")
_JOINED_HOUR = re.compile(r"(?<=[Tt])(?P<hour>[01][0-9]|2[0-3])(?=[zZ]\b|[+-][0-9]{2}(?![\d:]))")
_HOURS = re.compile(r" ?(?:h|hrs?|hours|Uhr)\b(?!,? (?:later|after|before|ago|earlier))", re.IGNORECASE)
_WORD = re.compile(r"(?:12 ?)?(?P<word>noon|midday|mid-?night)\b", re.IGNORECASE)
_OTHER_WORD = re.compile(rf"(?:(?P<noon>{NOON})|(?:{MIDNIGHT}))(?![^\W{EASTERN}])")
_HOUR_NAMES: Final = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_SPOKEN = re.compile(
    r"(?:(?P<half>half past)|(?P<to>(?:a )?quarter (?:to|of))|(?:a )?(?P<past>quarter|five|ten|twenty-five|twenty)"
    rf"(?: minutes)? past) (?P<name>{'|'.join(_HOUR_NAMES)}|1[0-2]|[1-9])\b(?![:.]\d)",
    re.IGNORECASE,
)
_MINUTES: Final = {"quarter": 15, "five": 5, "ten": 10, "twenty": 20, "twenty-five": 25}
_MARKS_BEHIND = ("", *":,;|)]-–—")
_HALF = re.compile(r"[ \u00a0]?(?P<half>[ap])(?:\.m\.|\.?m\b\.?)", re.IGNORECASE)
_OTHER_HALF = re.compile(rf"(?: Uhr)? (?:(?P<early>{OF_MORNING})|{OF_EVENING})\b")
_SUFFIX = re.compile(r" ?(?:h|hrs?|Uhr|o['’]clock)\b", re.IGNORECASE)
_GOES_ON = re.compile(rf"(?!ish\b)[^\W_{EASTERN}]|:(?=\w)|\.\d")

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Clock:
    """A time of day, as time since midnight: the first and the last that the digits leave open."""

    first: timedelta
    last: timedelta
    precision: Precision
    end: int
    half: bool = False
    """Whether am or pm was said."""
    short: bool = False
    """Whether its hour has one digit: ``2:00``, which clocks of 24 hours write as 02:00."""
    midnight: bool = False
    """Whether it is the word, which ends a day as well as it begins one."""

    def moved(self, by: timedelta) -> "Clock":
        """The same clock at another hour."""
        return Clock(self.first + by, self.last + by, self.precision, self.end, half=True)


_UNKNOWN_LAST: Final = _DAY - timedelta(seconds=1)


def match_clock(text: str, place: int, *, dated: bool) -> Clock | None:
    """The time of day that stands at *place*.

    ``18.30`` is only one behind a date (*dated*) or before a zone, and ``0050`` before a zone: numbers are
    far more often something else.
    """
    if match := _WORD.match(text, place):
        midnight = match["word"][:3].lower() == "mid" and match["word"].lower() != "midday"
        return _at(0 if midnight else 12, 0, match.end(), midnight=midnight)
    if match := _OTHER_WORD.match(text, place):
        return _at(12 if match["noon"] else 0, 0, match.end(), midnight=not match["noon"])
    if match := _SPOKEN.match(text, place):
        return _spoken(text, match)
    if dated and (match := _JOINED_HOUR.match(text, place)):
        return _make(match, match.end(), int(match["hour"]), half=False)
    if match := _CLOCK.match(text, place):
        return _read(text, match)
    if dated and (match := _HYPHENED.match(text, place)):
        return _read(text, match)
    if match := _NO_BEGINNING.match(text, place):
        return Clock(timedelta(), _UNKNOWN_LAST, "day", match.end())
    if match := _HALF_HOUR.match(text, place):
        return _read(text, match)
    if match := _FRENCH.match(text, place) or _COMMA.match(text, place):
        return _read(text, match)
    if match := _UHR.match(text, place) or _OTHER_HOUR.match(text, place):
        return _read(text, match)
    if match := _DOTTED.match(text, place):
        end = match.end()
        certain = _HALF.match(text, end) or _HOURS.match(text, end) or match_zone(text, end)
        return _read(text, match) if certain or dated or _DOTTED_ROW.match(text, place) else None
    if match := _PLAIN.match(text, place):
        hours = _HOURS.match(text, match.end())
        ranged = _PLAIN_START.match(text, match.end())
        if hours or ranged or match_zone(text, match.end()) or (dated and _PLAIN_ROW.match(text, place)):
            return _read(text, match)
    return None


def in_part_of_day(clock: Clock, part: str) -> Clock:
    """*clock* in the half of the day that the words *part* ("in the afternoon", "at night") say."""
    noon = timedelta(hours=12)
    if clock.half or not timedelta(hours=1) <= clock.first < timedelta(hours=13):
        return clock
    early = clock.first % noon
    late = "afternoon" in part or "evening" in part or ("night" in part and early >= timedelta(hours=6))
    return clock.moved(early + noon * late - clock.first)


def _at(hour: int, minute: int, end: int, *, midnight: bool = False) -> Clock:
    first = timedelta(hours=hour, minutes=minute)
    return Clock(first, first + timedelta(seconds=59), "minute", end, half=True, midnight=midnight)


def _spoken(text: str, match: re.Match[str]) -> Clock:
    """Half past ten, as a clock of twelve hours: am or pm may follow."""
    name = match["name"].lower()
    hour = int(name) if name.isdigit() else _HOUR_NAMES.index(name) + 1
    minute = 30 if match["half"] else 45 if match["to"] else _MINUTES[match["past"].lower()]
    if match["to"]:
        hour = (hour - 2) % 12 + 1
    end, half = match.end(), _HALF.match(text, match.end())
    if half:
        hour, end = hour % 12 + 12 * (half["half"] in "pP"), half.end()
    clock = _at(hour, minute, end)
    return clock if half else replace(clock, half=False)


def _read(text: str, match: re.Match[str]) -> Clock | None:
    groups = match.groupdict()
    end, hour_digits, half = match.end(), groups["hour"], False
    if hour_digits[0].isdigit() and hour_digits[-1].isdigit():
        hour = int(hour_digits)
        if found := _HALF.match(text, end):
            afternoon = found["half"] in "pP"
            if hour <= 12:
                hour, end, half = hour % 12 + 12 * afternoon, found.end(), True
            elif _stray(text, found):
                end = found.end()
        elif 1 <= hour <= 12 and (found := _OTHER_HALF.match(text, end)):
            hour, end, half = hour % 12 + 12 * (not found["early"]), found.end(), True
    else:
        hour = -1
    if suffix := _SUFFIX.match(text, end):
        end = suffix.end()
    clock = _make(match, end, hour, half=half)
    if clock is None or (_GOES_ON.match(text, end) and not match_zone(text, end)):
        return None
    return replace(clock, short=len(hour_digits) == 1)


def _stray(text: str, found: re.Match[str]) -> bool:
    """Whether the "pm" of ``23:02pm UTC`` is a slip, and not the next word of the sentence."""
    attached = not found[0][0].isspace()
    behind = text[found.end() :].lstrip()
    return attached or match_zone(text, found.end()) is not None or behind[:1] in _MARKS_BEHIND


def _make(match: re.Match[str], end: int, hour: int, *, half: bool) -> Clock | None:
    """The clock of the digits; *hour* is -1 where it was left open, and what was written else."""
    groups = match.groupdict()
    minute, second, fraction = groups.get("minute"), groups.get("second"), groups.get("fraction")
    if hour < 0:
        return _open_hour(groups["hour"], end, minute or "")
    first = timedelta(hours=hour)
    if minute is None:
        return Clock(first, first + timedelta(minutes=59, seconds=59), "hour", end, half)
    if hour == 24 and (minute.strip("0xX?-_") or (second or "").strip("0xX?-_") or fraction):
        return None
    if not minute[0].isdigit():
        if second and second[0].isdigit():
            return None
        return Clock(first, first + timedelta(minutes=59, seconds=59), "hour", end, half)
    first += timedelta(minutes=int(minute[0]) * 10)
    if not minute[1].isdigit():
        if second and second[0].isdigit():
            return None
        return Clock(first, first + timedelta(minutes=9, seconds=59), "10min", end, half)
    first += timedelta(minutes=int(minute[1]))
    if second is None or not second[0].isdigit():
        return Clock(first, first + timedelta(seconds=59), "minute", end, half)
    first += timedelta(seconds=int(second[0]) * 10)
    if not second[1].isdigit():
        return Clock(first, first + timedelta(seconds=9, milliseconds=999), "10s", end, half)
    first += timedelta(seconds=int(second[1]))
    if fraction is None:
        return Clock(first, first + timedelta(milliseconds=999), "second", end, half)
    first += timedelta(microseconds=int(fraction.ljust(6, "0")[:6]))
    precision: Precision = "ms" if len(fraction) <= 3 else "us" if len(fraction) <= 6 else "ns"
    return Clock(first, first, precision, end, half)


def _open_hour(written: str, end: int, minute: str) -> Clock | None:
    if minute[:1].isdigit():
        return None
    if written[0].isdigit():
        tens = int(written[0]) * 10
        last = min(tens + 9, 23)
        return Clock(timedelta(hours=tens), timedelta(hours=last, minutes=59, seconds=59), "10h", end)
    return Clock(timedelta(), _UNKNOWN_LAST, "day", end)
