"""Due dates of actions, and which of day and month comes first in ``03/04/2026``.

The other dates of the document tell: one that can only be read in one way shows how its author writes. Where there is
none, the day of the incident decides by the rule of :mod:`app.review.timewords`; both readings are told then.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final, Literal, NamedTuple

from app.review.dates import read_due
from app.review.timewords import Context, find

Order = Literal["day", "month"]
"""What comes first."""

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
        day_first, month_first = _both(found)
        if found[2] == "." or day_first is None or month_first is None or day_first == month_first:
            # With dots the day comes first everywhere.
            return Due(day_first or (month_first if found[2] == "/" else None))
        if self._order:
            return Due(day_first if self._order == "day" else month_first)
        if self.day is None:
            return Due(None)
        looked = find(found[0], Context(day=self.day))
        chosen = looked.start.lo.date() if looked.start else day_first
        return Due(chosen, month_first if chosen == day_first else day_first)

    @cached_property
    def _order(self) -> Order | None:
        """What comes first in the dates of the document that can be read in one way only."""
        told: set[Order] = set()
        for line in self.lines:
            for found in _SLASHED.finditer(line):
                day_first, month_first = _both(found)
                if found[2] == "/" and (day_first is None) != (month_first is None):
                    told.add("day" if day_first else "month")
        return told.pop() if len(told) == 1 else None


def _both(found: re.Match[str]) -> tuple[date | None, date | None]:
    """The date with the day first, and with the month first; None where there is no such day."""
    year, one, two = int(found[4]), int(found[1]), int(found[3])
    return _date(year, two, one), _date(year, one, two)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
