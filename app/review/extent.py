"""Which stretch of time an incident is drawn over, and a series cut into equal parts of it."""

import itertools
import math
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.review.records import Session
from app.review.timeline import instants

_NEAR = timedelta(hours=2)
"""Rows so far outside of the incident are context; a strip that holds them would show nothing of it."""


def span(session: Session) -> tuple[float, float] | None:
    """The stretch of time that the strip shows: the incident with the rows near it, and a little air."""
    global _known
    depends = (instants(session), session.incident.started_at, session.incident.ended_at)
    if _known[0][0] is not depends[0] or _known[0][1:] != depends[1:]:
        # Asked at every edit; few of them change a time.
        _known = depends, _span(*depends)
    return _known[1]


def _span(
    instants: tuple[datetime | None, ...], begin: datetime | None, end: datetime | None
) -> tuple[float, float] | None:
    rows = [at for at in instants if at is not None]
    first, last = begin or min(rows, default=None), end or max(rows, default=None)
    if first is None or last is None:
        return None
    low, high = _from(first, -_NEAR), _from(last, _NEAR)
    near = [at for at in rows if low <= at <= high]
    first, last = min([first, *near]), max([last, *near])
    length = max(60.0, (last - first).total_seconds())
    return first.timestamp() - length / 20, first.timestamp() + length * 21 / 20


_known: tuple[
    tuple[tuple[datetime | None, ...], datetime | None, datetime | None], tuple[float, float] | None
] = (((), None, None), None)
"""What the stretch that was asked for last depends on, and that stretch."""


def _from(at: datetime, by: timedelta) -> datetime:
    try:
        return at + by
    except OverflowError:
        return at


def buckets(
    points: Sequence[tuple[float, float]], span: tuple[float, float], width: int
) -> list[float | None]:
    """The highest value of each of *width* equal parts of *span*; a value lasts until the next one is due.

    How long that is follows from the points: half of their neighbours are no further apart. Points are in order.
    """
    start, end = span
    known = [(at, value) for at, value in points if math.isfinite(value)]
    if width <= 0 or end <= start or not known:
        return [None] * max(0, width)
    steps = sorted(after[0] - before[0] for before, after in itertools.pairwise(known))
    period = steps[len(steps) // 2] if steps else 0.0
    times = [at for at, _ in known]
    size = (end - start) / width
    found: list[float | None] = []
    for cell in range(width):
        low, high = start + cell * size, start + (cell + 1) * size
        first, last = bisect_left(times, low), bisect_left(times, high)
        if first < last:
            found.append(max(value for _, value in known[first:last]))
        elif first and low - times[first - 1] < period:
            found.append(known[first - 1][1])
        else:
            found.append(None)
    return found
