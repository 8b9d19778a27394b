"""Dates as they stand in a text: written out, as words ("yesterday", ``the 10th``), two in one (``29-30 October``)."""

import re
from dataclasses import replace
from datetime import date

from app.review.timewords import tongues
from app.review.timewords.dayforms import (
    DAY,
    EASTERN_WEEKDAY,
    FORMS,
    ISO,
    LOCAL,
    MONTH_NAMES,
    ORDINAL,
    SLASHED,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
    Day,
    iso,
    local,
    slashed,
)
from app.review.timewords.tongues import EASTERN

# What must follow a word of another language to make it a day.
_CLOCK_FOLLOWS = (
    rf"(?=(?:,| -)?(?: (?:{tongues.FILLER}|{tongues.ABOUT}))?\s?[0-9]{{1,2}}"
    r"(?:[:：.hH][0-9?xX]|時|시| Uhr)|の?[0-9])"
)

_EASTERN_DAY = re.compile(
    rf"(?P<day>[0-9]{{1,2}})[日号]{EASTERN_WEEKDAY}(?=\s?の?\s?(?:午前|午後|上午|下午|[0-9]{{1,2}}\s?[時时点:：]))"
)
_WEEK_OF = re.compile(
    r"(?:the )?(?:week (?:of|commencing|beginning|starting)|w/c)(?: on)? (?:the )?", re.IGNORECASE
)
_AWAY = re.compile(
    rf"(?P<count>[0-9]{{1,3}}|one|two|three|four|five|six|a|another) days? (?P<way>later|earlier|before|after)"
    rf"{_CLOCK_FOLLOWS.replace('(?: (?:', '(?: (?:at|')}",
    re.IGNORECASE,
)
_PLUS = re.compile(r"\+ ?(?P<count>[0-9]{1,2}) ?(?:d|days?)(?= [0-9]{1,2}:)")
_COUNTED = re.compile(
    r"(?:[Dd]ay|DAY) (?P<number>[0-9]{1,2})\b(?!\.\d|%|/)|D(?P<more>[+-][0-9]{1,2})\b(?![:.]\d)"
)
_OTHER_RELATIVE = re.compile(
    rf"(?P<word>{'|'.join(sorted(tongues.DAYS, key=len, reverse=True))}){_CLOCK_FOLLOWS}", re.IGNORECASE
)
_OTHER_NAMED = re.compile(rf"(?P<word>{'|'.join(tongues.WEEKDAYS)})\b{_CLOCK_FOLLOWS}", re.IGNORECASE)
_ONLY_DAY = re.compile(rf"the {DAY}{ORDINAL}\b", re.IGNORECASE)
_RELATIVE = re.compile(
    r"(?P<word>yesterday|today|tomorrow|(?:the )?same day"
    r"|(?:(?:on )?the )?(?:next|following) (?:day|morning|afternoon|evening)"
    r"|(?:on )?the (?:previous day|day before)|(?:the )?previous day|the day after)\b(?! (?:yesterday|tomorrow))",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"(?:(?:last|this|this past|past) )?{WEEKDAY}")
_WEEKDAY_BEFORE = re.compile(rf"{WEEKDAY}(?: ?[,|])? {{1,3}}(?:the )?(?=[0-9])")
# "The next day, on 14 April", "yesterday (9 Feb)".
_NAMELY = re.compile(r" ?[,(] ?(?:on )?(?:the )?")
_SPAN = re.compile(rf"[ ]?[-–—][ ]?{DAY}{ORDINAL}?(?![\d:/.-]\d|\d|:\w)(?:,? {YEAR})?")
_SPAN_FIRST = re.compile(
    rf"{DAY}{ORDINAL}?[ ]?[-–—][ ]?(?={DAY.replace('day', 'next')}{ORDINAL}?(?: of)? (?:{MONTH_NAMES})\b)"
)
_LAST = re.compile(r"(?:last|this|that) (?:week|night|month)(?= ?[,(])", re.IGNORECASE)
# ISO 8601 lets the end of an interval leave out what it shares with its beginning: 2007-11-13/15.
_ISO_SPAN = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<one>[0-9]{2})/(?P<two>[0-9]{2})(?![\d:/.-]|\w)"
)
_SLASHED_SPAN = re.compile(
    r"(?P<one>[0-9]{1,2})/(?P<two>[0-9]{1,2})(?P<year>/[0-9]{2,4})?\s?[-–—]\s?"
    r"(?P<three>[0-9]{1,2})/(?P<four>[0-9]{1,2})(?:(?:/|,? )(?P<last>(?:20)?[0-9]{2}))(?![\w/]|:\w)"
)
_GOES_ON = re.compile(rf"[^\W_{EASTERN}]")


def match_day(text: str, place: int, *, loose: bool) -> Day | None:
    """The date that stands at *place*; *loose* also takes ``the 10th`` and ``Friday``, for the middle of a line."""
    if (named := _WEEKDAY_BEFORE.match(text, place)) and (found := _of_weekday(text, named)):
        return found
    for pattern, read in FORMS:
        match = pattern.match(text, place)
        if match and (found := read(match)) and _ends(text, found):
            return found
    if match := _RELATIVE.match(text, place):
        return _namely(text, match.end()) or Day("day", match.end(), step=_step(match["word"].lower()))
    if match := _AWAY.match(text, place):
        return Day("day", match.end(), step=_away(match))
    if match := _PLUS.match(text, place):
        return Day("day", match.end(), step=int(match["count"]))
    if match := _OTHER_RELATIVE.match(text, place):
        return Day("day", match.end(), step=tongues.DAYS.get(match["word"].lower(), 1))
    if match := _COUNTED.match(text, place):
        step = int(match["more"]) if match["more"] else max(int(match["number"]) - 1, 0)
        return Day("day", match.end(), step=step, ordinal=True)
    if match := _EASTERN_DAY.match(text, place):
        return Day("day", match.end(), first=int(match["day"]), last=int(match["day"]))
    if match := _OTHER_NAMED.match(text, place):
        return Day("day", match.end(), weekday=tongues.WEEKDAYS[match["word"].lower()])
    if (match := _WEEK_OF.match(text, place)) and (first := match_day(text, match.end(), loose=True)):
        single = first.precision == "day" and not first.more
        return replace(first, more=6, about=True) if single else None
    if loose and (match := _ONLY_DAY.match(text, place)):
        return Day("day", match.end(), first=int(match["day"]), last=int(match["day"]))
    if loose and (match := _LAST.match(text, place)) and (day := _namely(text, match.end())):
        return day
    if loose and (match := _NAMED.match(text, place)):
        return _namely(text, match.end()) or Day("day", match.end(), weekday=_weekday(match["weekday"]))
    return None


def _of_weekday(text: str, named: re.Match[str]) -> Day | None:
    """A date in digits behind the day of its week, which decides between day and month: Wednesday 03.04.2020."""
    for pattern, read in ((ISO, iso), (SLASHED, slashed), (LOCAL, local)):
        match = pattern.match(text, named.end())
        if match and (found := read(match)) and _ends(text, found):
            other = found.swapped or (
                replace(found, month=found.first, first=found.month, last=found.month)
                if pattern is LOCAL and found.month and found.first <= 12
                else None
            )
            weekday = _weekday(named["weekday"])
            return other if other and not _is_on(found, weekday) and _is_on(other, weekday) else found
    return None


def _is_on(day: Day, weekday: int) -> bool:
    try:
        return bool(day.year and day.month and date(day.year, day.month, day.first).weekday() == weekday)
    except ValueError:
        return False


def _namely(text: str, place: int) -> Day | None:
    """The date that says which day a word such as "the next day" was."""
    glue = _NAMELY.match(text, place)
    day = match_day(text, glue.end(), loose=False) if glue else None
    return day if day and day.month and day.precision == "day" and not day.joint else None


def match_days(text: str, place: int) -> tuple[Day, Day] | None:
    """Two dates in one: ``October 29-30, 2025`` and ``29-30 October``."""
    if match := _SPAN_FIRST.match(text, place):
        last = match_day(text, match.end(), loose=False)
        if last and last.month:
            return replace(last, first=int(match["day"]), last=int(match["day"])), last
        return None
    if match := _SLASHED_SPAN.match(text, place):
        return _slashed_days(match)
    first = match_day(text, place, loose=False)
    if first and (match := _ISO_SPAN.match(text, place)) and int(match["two"]) > first.first:
        return first, replace(first, first=int(match["two"]), last=int(match["two"]), end=match.end())
    if first is None or first.precision != "day" or not first.month:
        return None
    if not re.match(r"[A-Za-z]", text[place:]):
        return None
    match = _SPAN.match(text, first.end)
    if match is None or int(match["day"]) <= first.first:
        return None
    year = int(match["year"]) if match["year"] else first.year
    day = int(match["day"])
    return replace(first, year=year), replace(first, year=year, first=day, last=day, end=match.end())


def _slashed_days(match: re.Match[str]) -> tuple[Day, Day] | None:
    """The days of ``10/28-10/31 2021``: in the order of month and day that makes the shorter time of it."""
    year = int(match["last"][-2:]) + 2000
    begun = int(match["year"][-2:]) + 2000 if match["year"] else year
    found = []
    for one, two, three, four in (("two", "one", "four", "three"), ("one", "two", "three", "four")):
        days = [int(match[name]) for name in (one, two, three, four)]
        try:
            first, last = date(begun, days[0], days[1]), date(year, days[2], days[3])
        except ValueError:
            continue
        if first <= last:
            found.append((last - first, first, last))
    if not found:
        return None
    _, first, last = min(found)
    days_of = (Day("day", match.end(), each.year, each.month, each.day, each.day) for each in (first, last))
    return next(days_of), next(days_of)


def _ends(text: str, found: Day) -> bool:
    return bool(found.joint) or not _GOES_ON.match(text, found.end)


def _away(match: re.Match[str]) -> int:
    word = match["count"].lower()
    words = {"a": 1, "another": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
    count = words[word] if word in words else int(word)
    return -count if match["way"].lower() in {"earlier", "before"} else count


def _weekday(word: str) -> int:
    return next(number for number, name in enumerate(WEEKDAYS) if name.startswith(word[:3].lower()))


def _step(word: str) -> int:
    if "same" in word or word == "today":
        return 0
    return -1 if "before" in word or "previous" in word or word == "yesterday" else 1
