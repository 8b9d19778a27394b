"""Due dates of actions, and which of day and month comes first in ``03/04/2026``.

The other dates of the document tell: one that can only be read in one way shows how its author writes. Where there is
none, the day of the incident decides by the rule of :mod:`app.review.timewords`; both readings are told then.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple

from app.importing.heads import month_first
from app.review.dates import read_due
from app.review.timewords import Context, find

_SLASHED: Final = re.compile(r"(?<![\d/.])([0-9]{1,2})([/.])([0-9]{1,2})\2((?:19|20)[0-9]{2})(?![\d/])")
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_DAY_OF_MONTH: Final = re.compile(r"(?:[^\W\d_]{3,9}\.? \d{1,2}|\d{1,2}\.? [^\W\d_]{3,9}\.?)(?:st|nd|rd|th)?")


class Due(NamedTuple):
    """A due date as it was read."""

    day: date | None
    other: date | None = None
    """What it could mean as well, where nothing tells."""


@dataclass
class Dues:
    """Reads the due dates of one document."""

    lines: list[str] = field(default_factory=list)
    day: date | None = None
    """That of the incident."""

    def read(self, text: str) -> Due:
        """The day that *text* names."""
        text = text.strip()
        try:
            return Due(date.fromisoformat(text[:10]))
        except ValueError:
            if slashed := _SLASHED.fullmatch(text):
                return self._slashed(slashed)
        if _YEAR.search(text):
            found = read_due(text, date(2000, 1, 1))
            return Due(found if found and str(found.year) in text else None)
        # Words such as "fri" count from a day that a document does not give; a day of a month is the next one.
        if self.day and _DAY_OF_MONTH.fullmatch(text):
            found = read_due(text, self.day)
            return Due(found if found and found >= self.day else None)
        return Due(None)

    def _slashed(self, found: re.Match[str]) -> Due:
        by_day, by_month = _both(found)
        if found[2] == "." or by_day is None or by_month is None or by_day == by_month:
            # With dots the day comes first everywhere.
            return Due(by_day or (by_month if found[2] == "/" else None))
        if self._month_first is not None:
            return Due(by_month if self._month_first else by_day)
        if self.day is None:
            return Due(None)
        looked = find(found[0], Context(day=self.day))
        chosen = looked.start.lo.date() if looked.start else by_day
        return Due(chosen, by_month if chosen == by_day else by_day)

    @cached_property
    def _month_first(self) -> bool | None:
        """What the dates of the document tell that can be read in one way only; None where there are none."""
        return month_first("\n".join(self.lines))


def _both(found: re.Match[str]) -> tuple[date | None, date | None]:
    """The date with the day first, and with the month first; None where there is no such day."""
    year, one, two = int(found[4]), int(found[1]), int(found[3])
    return _date(year, two, one), _date(year, one, two)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
