"""Due dates as people say them: ``fri``, ``+2w``, ``in 3 weeks``, ``16 feb``, ``2025-02-16``."""

import re
from datetime import date, datetime, timedelta

_UNITS = {"d": 1, "w": 7}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# What may be handed to the general reader: it finds dates in almost anything, so it is only asked about
# text that has a month, a relative word or a written date in it.
_WORDS = re.compile(
    r"in (?:\d{1,3}|a|one|two|three|four) (?:day|week|month)s?|(?:next|this) (?:week|month)|today|tomorrow"
    r"|\d{1,2}\.? ?[a-z]{3,9}(?: \d{4})?|[a-z]{3,9} \d{1,2}(?:,? \d{4})?|\d{1,2}\.\d{1,2}\.(?:\d{4})?"
)


def read_due(text: str, today: date) -> date | None:
    """The day that *text* names, seen from *today*; None when it names none.

    A weekday is the next one after today. ``+2w`` counts from today, with d, w, or m for calendar months.
    The day always comes before the month in ``3.4.``, as in ISO-minded teams; ``3/4`` is not read at all,
    because half of the world would read it the other way round.
    """
    words = " ".join(text.casefold().split())
    if not words:
        return None
    if match := re.fullmatch(r"\+\s?(\d{1,3})\s?([dwm])", words):
        amount = int(match[1])
        if match[2] == "m":
            return _add_months(today, amount)
        return today + timedelta(days=amount * _UNITS[match[2]])
    if (weekday := _weekday(words)) is not None:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    try:
        return date.fromisoformat(words)
    except ValueError:
        pass
    if match := re.fullmatch(r"(\d{2})-(\d{2})", words):
        return _in_future(today, int(match[1]), int(match[2]))
    if words in {"end of month", "eom"}:
        return _add_months(today.replace(day=1), 1) - timedelta(days=1)
    return _read_words(words, today) if _WORDS.fullmatch(words) else None


def _weekday(words: str) -> int | None:
    words = words.removeprefix("next ").removeprefix("on ")
    if len(words) < 3:
        return None
    hits = [place for place, name in enumerate(_NAMES) if name.startswith(words)]
    return hits[0] if len(hits) == 1 else None


def _add_months(day: date, months: int) -> date:
    """The same day some months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    return day


def _in_future(today: date, month: int, day: int) -> date | None:
    """This year's day, or next year's when it has long passed (a due date lies ahead)."""
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today - timedelta(days=31):
            return found
    return None


def _read_words(words: str, today: date) -> date | None:
    import dateparser

    found: datetime | None = dateparser.parse(
        words,
        languages=["en"],
        settings={
            "RELATIVE_BASE": datetime(today.year, today.month, today.day),  # noqa: DTZ001 - a calendar day
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
        },
    )
    return found.date() if found else None
