"""The forms of dates, one pattern and one reader each: ``2025-02-09``, ``19. April``, ``Dec 17th``, ``2022-02-??``.

What is left out (the year, the month) stays open here; :mod:`app.review.timewords.settle` finds it in the
context. ``3/4/2019`` is 3 April unless only the other order is a date, or is near the document's date.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from app.review.timewords import tongues
from app.review.timewords.model import Precision

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# As they stand behind the day: German, French, Spanish, Portuguese, Italian, Dutch, Polish, Russian.
_OTHER_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "januar jänner janvier enero janeiro gennaio januari stycznia января",
            "februar feber février fevrier febrero fevereiro febbraio februari lutego февраля",
            "märz maerz mars marzo março maart marca марта",
            "avril abril aprile kwietnia апреля",
            "mai mayo maio maggio mei maja мая",
            "juni juin junio junho giugno czerwca июня",
            "juli juillet julio julho luglio lipca июля",
            "août aout agosto augustus sierpnia августа",
            "septembre septiembre setembro settembre września сентября",
            "oktober octobre octubre outubro ottobre października октября",
            "novembre noviembre novembro listopada ноября",
            "dezember décembre decembre diciembre dezembro dicembre grudnia декабря",
        ),
        1,
    )
    for name in names.split()
}
MONTH_NAMES = "|".join((*(name.title() for name in MONTHS), "Sept", *(name[:3].title() for name in MONTHS)))
_SMALL = "|".join(name for name in MONTHS if name not in {"march", "may"})
_MONTH = rf"(?P<month>{MONTH_NAMES}|{MONTH_NAMES.upper()}|{_SMALL})"
_DAYS = "|".join(
    (*(name.title() for name in WEEKDAYS), "Tues", "Thurs", "Thur", *(name[:3].title() for name in WEEKDAYS))
)
WEEKDAY = rf"(?P<weekday>{_DAYS})\b\.?"
# ``Aug 24 1800 UTC`` ends in a time of day.
YEAR = r"(?P<year>(?:19|20)[0-9]{2})(?!\d|:\d| ?(?:UTC|GMT|Z\b|h\b))"
DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
ORDINAL = r"(?:st|nd|rd|th)"
_OF_WEEK = rf"(?:{WEEKDAY}(?: morning| afternoon| evening| night)?(?:,| \|)? )?"
_OTHER_WEEKDAY = rf"(?:(?:{'|'.join(tongues.WEEKDAYS)})\b\.?,? (?:(?:den|dem|le|el|o) )?)?"
_PART = r"(?:(?P<part>[Ee]arly|[Mm]id|[Ll]ate)[ -](?:in )?)?"

ISO = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2}|[?xX]{2})"
    r"(?:-(?P<day>[0-9]{2}|[0-3][?xX]|[?xX]{2}|--))?(?![-–]?[0-9?]|-\w)(?: ?\((?P<part>early|mid|late)\))?"
)
_WEEK = re.compile(r"(?P<year>(?:19|20)[0-9]{2})-?W(?P<week>[0-5][0-9])(?:-?(?P<weekday>[1-7]))?(?![\w-])")
_RUN_ON = re.compile(
    r"(?P<year>(?:19|20)[0-9]{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12][0-9]|3[01])(?=[ _T][0-2][0-9]:?[0-5][0-9])"
)
SLASHED = re.compile(
    r"(?P<year>[0-9]{4})(?P<joint>[/.])(?P<month>[0-9]{1,2})(?P=joint)(?P<day>[0-9]{1,2})(?![\d/])"
)
LOCAL = re.compile(
    r"(?P<one>[0-9]{1,2})(?P<joint>[/.-])(?P<two>[0-9]{1,2})(?P=joint)(?P<year>[0-9]{4}|(?<=/)[0-9]{2})(?![\d/]|[:.-]\w)"
)
_SHORT = re.compile(
    r"(?P<one>[0-9]{1,2})(?P<joint>[/.])(?P<two>[0-9]{1,2})(?:(?<=/..)|(?<=/.)|\.)"
    r"(?=,? +(?:at |um |gegen |ca\. )?[0-9]{1,2}(?::| ?[aApP]\.?[mM]\b))"
)
_MONTH_DAY = re.compile(
    r"(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?=[ T]+(?:[~≈] ?|(?:ca?\.|circa|about|around) )?[0-9]{1,2}:)"
)
# The date of RFC 850: ``Sunday, 09-Feb-25 10:15:30``.
_SHORT_YEAR = re.compile(
    rf"(?:{WEEKDAY},? )?(?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}})(?=[ T][0-9]{{1,2}}:)"
)
_YEAR_FIRST = re.compile(
    rf"(?P<year>(?:19|20)[0-9]{{2}})[ -]{_MONTH}\b\.?[ -](?:the )?{DAY}{ORDINAL}?(?!\d|:\d|\.\d|/\d)"
)
_DAY_MONTH = re.compile(
    # "1. Feb 20" is the first item of a list, and no day.
    rf"{_OF_WEEK}(?:the )?(?!\d{{1,2}}\. [A-Za-z]{{3,9}}\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?![:.h]))"
    rf"{DAY}(?:{ORDINAL}|\.)?(?: of|[ -])? ?{_MONTH}\b\.?(?:,? ?-?{YEAR})?"
)
_MONTH_NAME_DAY = re.compile(
    rf"{_OF_WEEK}{_MONTH}\b\.?[ -](?:the )?{DAY}{ORDINAL}?(?!\d|:\d|\.\d|/\d)(?:(?:,? |-|/){YEAR})?"
)
_MONTH_YEAR = re.compile(rf"{_PART}{_MONTH}\b\.?,? {YEAR}")
_ONLY_MONTH = re.compile(
    rf"(?:[Ii]n {_PART}|(?P<alone>[Ee]arly|[Mm]id|[Ll]ate)[ -](?:in )?){_MONTH}\b(?!\.? ?[0-9]|['’]s?\b)"
)
_QUARTER = re.compile(r"Q(?P<quarter>[1-4])[ /-]?(?P<year>(?:19|20)[0-9]{2})\b")
_YEAR_PART = re.compile(r"(?P<part>[Ee]arly|[Mm]id|[Ll]ate)[ -](?P<year>(?:19|20)[0-9]{2})(?!:?\w|-\d)")
_ONLY_YEAR = re.compile(r"(?:[Ii]n )(?P<year>(?:19|20)[0-9]{2})(?=\s?(?:[:,;|–—]|[-.]\s|\Z))")
_OTHER_MONTH = re.compile(
    rf"{_OTHER_WEEKDAY}{DAY}(?:\.|er|º|°)? (?:de |di )?(?P<month>{'|'.join(_OTHER_MONTHS)})\b"
    rf"(?:,? (?:de |di )?{YEAR})?",
    re.IGNORECASE,
)
EASTERN_WEEKDAY = r"(?:\s?[(（][月火水木金土日一二三四五六화수목금토](?:曜日?)?[)）])?"
_EASTERN = re.compile(
    r"(?:(?P<year>[0-9]{4})\s?[年년]\s?)?(?P<month>[0-9]{1,2})\s?[月월]\s?(?P<day>[0-9]{1,2})\s?[日号號일]"
    + EASTERN_WEEKDAY
)


_PARTS: Final = {"early": (1, 10), "mid": (11, 20), "late": (21, 31)}


@dataclass(frozen=True)
class Day:
    """A date with what was left out. *first* and *last* bound the day of the month; *step* counts days from
    the context's day."""

    precision: Precision
    end: int
    year: int | None = None
    month: int | None = None
    first: int = 1
    last: int = 31
    step: int | None = None
    weekday: int | None = None
    swapped: "Day | None" = None
    """The same digits with month and day the other way round, where that is a date too."""
    joint: str = ""
    """``T`` where the time of day is joined to the date."""
    about: bool = False
    ordinal: bool = False
    """Whether *step* counts from the day on which it all began: "Day 2"."""
    more: int = 0
    """So many days beyond: "the week of 10 February" has six."""
    months: int = 1
    """So many months from *month* on: a quarter has three."""


def iso(match: re.Match[str]) -> Day | None:
    """The date of :data:`ISO`: digits may be left open, and a part of the month may stand behind."""
    year, month, day = int(match["year"]), match["month"], match["day"]
    behind = match.string[match.end() : match.end() + 5]
    joint = "T" if re.match(r"[Tt_](?:[0-9?xX-]{1,2}:|[0-9]{2}(?:[Zz]|[+-]\d))", behind) else ""
    if not month.isdigit():
        return Day("year", match.end(), year, joint=joint) if not (day or "").isdigit() else None
    if not 1 <= int(month) <= 12:
        return None
    found = _day_of(Day("month", match.end(), year, int(month), joint=joint), day)
    if not match["part"] or found is None:
        return found
    first, last = _PARTS[match["part"]]
    return replace(found, precision="10day", first=first, last=last, about=True) if not day else None


def _day_of(found: Day, day: str | None) -> Day | None:
    if day is None or not day[0].isdigit():
        return found
    if day.isdigit():
        return replace(found, precision="day", first=int(day), last=int(day)) if 1 <= int(day) <= 31 else None
    tens = int(day[0]) * 10
    return replace(found, precision="10day", first=max(tens, 1), last=min(tens + 9, 31))


def _week(match: re.Match[str]) -> Day | None:
    year, week = int(match["year"]), int(match["week"])
    try:
        at = date.fromisocalendar(year, week, int(match["weekday"] or 1))
    except ValueError:
        return None
    more = 0 if match["weekday"] else 6
    return Day("day", match.end(), at.year, at.month, at.day, at.day, about=bool(more), more=more)


def slashed(match: re.Match[str]) -> Day | None:
    """The date of :data:`SLASHED`, which begins with its year."""
    return _plain(match.end(), int(match["year"]), int(match["month"]), int(match["day"]))


def local(match: re.Match[str]) -> Day | None:
    """The date of :data:`LOCAL`, in one order or the other."""
    year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
    return _either(match, year)


def _short(match: re.Match[str]) -> Day | None:
    return _either(match, None)


def _either(match: re.Match[str], year: int | None) -> Day | None:
    one, two = int(match["one"]), int(match["two"])
    day_first, month_first = _plain(match.end(), year, two, one), _plain(match.end(), year, one, two)
    if day_first and month_first and one != two and match["joint"] != ".":
        return replace(day_first, swapped=month_first)
    # ``02.29.2020``, but no version such as 1.29.3.
    return day_first or (month_first if match["joint"] != "." or (year and len(match[0]) == 10) else None)


def _month_day(match: re.Match[str]) -> Day | None:
    return _plain(match.end(), None, int(match["month"]), int(match["day"]))


def _named_day(match: re.Match[str]) -> Day | None:
    year = int(match["year"]) if match["year"] else None
    return _plain(match.end(), year, _month(match["month"]), int(match["day"]))


def _short_year(match: re.Match[str]) -> Day | None:
    return _plain(match.end(), 2000 + int(match["year"]), _month(match["month"]), int(match["day"]))


def _eastern(match: re.Match[str]) -> Day | None:
    return _plain(
        match.end(), int(match["year"]) if match["year"] else None, int(match["month"]), int(match["day"])
    )


def _other_month(match: re.Match[str]) -> Day | None:
    year = int(match["year"]) if match["year"] else None
    return _plain(match.end(), year, _OTHER_MONTHS[match["month"].casefold()], int(match["day"]))


def _month_year(match: re.Match[str]) -> Day:
    first, last = _PARTS.get((match["part"] or "").lower(), (1, 31))
    return Day(
        "10day" if match["part"] else "month",
        *(match.end(), int(match["year"]), _month(match["month"]), first, last),
        about=bool(match["part"]),
    )


def _only_month(match: re.Match[str]) -> Day:
    part = match["part"] or match["alone"] or ""
    first, last = _PARTS.get(part.lower(), (1, 31))
    return Day(
        "10day" if part else "month",
        *(match.end(), None, _month(match["month"]), first, last),
        about=bool(part),
    )


def _plain(end: int, year: int | None, month: int, day: int) -> Day | None:
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    return Day("day", end, year, month, day, day)


def _quarter(match: re.Match[str]) -> Day:
    first = int(match["quarter"]) * 3 - 2
    return Day("month", match.end(), int(match["year"]), first, months=3, about=True)


def _year_part(match: re.Match[str]) -> Day:
    first = {"early": 1, "mid": 5, "late": 9}[match["part"].lower()]
    return Day("year", match.end(), int(match["year"]), first, months=4, about=True)


def _only_year(match: re.Match[str]) -> Day:
    return Day("year", match.end(), int(match["year"]))


def _month(word: str) -> int:
    return next(number for number, name in enumerate(MONTHS, 1) if name.startswith(word[:3].lower()))


FORMS = (
    (ISO, iso),
    (_WEEK, _week),
    (_RUN_ON, slashed),
    (SLASHED, slashed),
    (LOCAL, local),
    (_SHORT_YEAR, _short_year),
    (_YEAR_FIRST, _named_day),
    (_DAY_MONTH, _named_day),
    (_MONTH_NAME_DAY, _named_day),
    (_OTHER_MONTH, _other_month),
    (_EASTERN, _eastern),
    (_MONTH_YEAR, _month_year),
    (_ONLY_MONTH, _only_month),
    (_QUARTER, _quarter),
    (_YEAR_PART, _year_part),
    (_ONLY_YEAR, _only_year),
    (_MONTH_DAY, _month_day),
    (_SHORT, _short),
)
