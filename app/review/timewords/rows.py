"""Rows one after another: each begins with the date of the one before, and a clock that falls back far has
passed midnight."""

from dataclasses import replace
from datetime import datetime, timedelta

from app.review.timewords.model import Bounds, Context, Understood, Zone
from app.review.timewords.settle import fixed

_DAYS = frozenset({"day", "10day", "month", "year"})
_MIDNIGHT = timedelta(hours=12)
"""A clock that falls back by more than this has passed midnight; by less, its row is out of order."""


def follow(context: Context, found: Understood) -> tuple[Context, Understood]:
    """What the next row is read against, and *found* on the day that it must have been.

    A row that does not name its date is moved to the next day where its clock falls back from 23:50 to 00:10.
    Rows that run backwards by less stay as they are: that is a question to their author.
    """
    if found.start is None:
        return context, found
    if found.kind == "relative":
        return replace(context, last=found.start.lo), found
    zone = context.zone or context.undeclared
    before = context.anchor
    start = found.start
    whole_day = found.precision in _DAYS
    if not found.dated and before is not None and before - start.lo > _MIDNIGHT and not whole_day:
        start = _next_day(start, zone)
        found = replace(found, start=start, end=_next_day(found.end, zone) if found.end else None)
    # The day on the clock that the row was written by, which need not be the document's.
    day = start.lo.date()
    # "Late morning" is no earlier than the row before on the same day.
    anchor = max(before, start.lo) if whole_day and before and before <= start.hi else start.lo
    return replace(
        context, day=day, began=context.began or context.day or day, year=None, anchor=anchor, last=None
    ), found


def _next_day(bounds: Bounds, zone: Zone) -> Bounds:
    """The same clock a day later, also where the zone's clock is set in between."""
    try:
        lo, hi = (_moved(moment, zone) for moment in (bounds.lo, bounds.hi))
    except (OverflowError, ValueError):
        return bounds
    return Bounds(lo, hi)


def _moved(moment: datetime, zone: Zone) -> datetime:
    there = moment.astimezone(zone.rule).replace(tzinfo=None) + timedelta(days=1)
    return fixed(there.replace(tzinfo=zone.rule))
