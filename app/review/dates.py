"""Due dates as people say them: ``fri``, ``+2w``, ``in 3 weeks``, ``16 feb``, ``2025-02-16``."""

import calendar
import re
from datetime import date, timedelta

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_UNITS = {"d": "day", "w": "week", "m": "month"}

_LEADING = re.compile(r"\A(?:by|due|on|until) ")
_AHEAD = re.compile(r"\+ ?([0-9]{1,3}) ?([dwm])")
_IN = re.compile(r"in ([0-9]{1,3}|[a-z]+) (day|week|month)s?")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})?")
_DAY_NAME = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|\.)? ?([a-z]{3,9})\.?(?:,? ([0-9]{4}))?")
_NAME_DAY = re.compile(r"([a-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?(?:,? ([0-9]{4}))?")

_OVERDUE = timedelta(days=31)
"""A date without a year may lie this far back before next year's is meant."""


def read_due(text: str, today: date) -> date | None:
    """The day that *text* names, seen from *today*; None when it names none.

    A weekday is the next one after today. ``+2w`` counts from today, with d, w, or m for calendar months.
    The day always comes before the month in ``3.4.``, as in ISO-minded teams; ``3/4`` is not read at all,
    because half of the world would read it the other way round.
    """
    words = _plain(text)
    try:
        return _counted(words, today) or _written(words, today) or _weekday(words, today)
    except (ValueError, OverflowError):
        return None


def is_unmistakable(text: str) -> bool:
    """Whether *text* can be nothing but a date: ``+2w`` and ``2025-02-16``, but not ``may`` or ``3 days``."""
    words = _plain(text)
    return bool(_AHEAD.fullmatch(words) or _ISO.fullmatch(words))


def _plain(text: str) -> str:
    return _LEADING.sub("", " ".join(text.casefold().split()), count=1)


def _counted(words: str, today: date) -> date | None:
    """A day by its distance from today."""
    fixed = {
        "today": ("day", 0),
        "tomorrow": ("day", 1),
        "next week": ("week", 1),
        "next month": ("month", 1),
    }
    if words in fixed:
        return _ahead(today, *fixed[words])
    if words in {"end of month", "eom"}:
        return _ahead(today.replace(day=1), "month", 1) - timedelta(days=1)
    if match := _AHEAD.fullmatch(words):
        return _ahead(today, _UNITS[match[2]], int(match[1]))
    if match := _IN.fullmatch(words):
        count = int(match[1]) if match[1].isdecimal() else _COUNTS.get(match[1])
        return None if count is None else _ahead(today, match[2], count)
    return None


def _ahead(day: date, unit: str, count: int) -> date:
    if unit != "month":
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    # The same day, or the last one of a shorter month.
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _written(words: str, today: date) -> date | None:
    """A day by its name or number. Raises ValueError for a day that no calendar has."""
    if _ISO.fullmatch(words):
        return date.fromisoformat(words)
    if match := _MONTH_DAY.fullmatch(words):
        return _dated(today, int(match[1]), int(match[2]), None)
    if match := _DOTTED.fullmatch(words):
        return _dated(today, int(match[2]), int(match[1]), match[3])
    if (match := _DAY_NAME.fullmatch(words)) and (month := _month(match[2])):
        return _dated(today, month, int(match[1]), match[3])
    if (match := _NAME_DAY.fullmatch(words)) and (month := _month(match[1])):
        return _dated(today, month, int(match[2]), match[3])
    return None


def _month(word: str) -> int | None:
    word = "sep" if word == "sept" else word
    hits = [number for number, name in enumerate(_MONTHS, 1) if name.startswith(word)]
    return hits[0] if len(hits) == 1 else None


def _dated(today: date, month: int, day: int, year: str | None) -> date | None:
    """The day of that year; without one, this year's or the next: a due date lies ahead."""
    if year:
        return date(int(year), month, day)
    # 29 February may be up to eight years away.
    for ahead in range(9):
        try:
            found = date(today.year + ahead, month, day)
        except ValueError:
            continue
        if found >= today - _OVERDUE:
            return found
    return None


def _weekday(words: str, today: date) -> date | None:
    words = words.removeprefix("next ")
    hits = [place for place, name in enumerate(_WEEKDAYS) if name.startswith(words)]
    if len(words) < 3 or len(hits) != 1:
        return None
    return today + timedelta(days=(hits[0] - today.weekday() - 1) % 7 + 1)
