"""The incident as numbers: requests and failures of every second, from which all the evidence is written.

The failures add up to the 40,000 of the report; their share reaches the 40 % of its summary.
"""

from datetime import UTC, datetime
from functools import cache
from itertools import accumulate

BEGIN = datetime(2025, 2, 9, 9, 30, tzinfo=UTC)
SECONDS = 85 * 60
FAILED = 40_000
STEP = 15
THRESHOLD = 0.02
"""HighErrorRate: the share of failed requests over a minute is above this for a minute."""
POOL = 20


def second(clock: str) -> int:
    """Seconds after BEGIN of a time of that day."""
    hour, minute, rest = clock.split(":")
    return (int(hour) - 9) * 3600 + (int(minute) - 30) * 60 + int(rest)


ROLLOUT = second("09:58:12")
FIRST_ERROR = second("10:05:23")
PEAK = second("10:06:00")
PENDING = second("10:05:45")
FIRING = second("10:06:45")
PAGED = second("10:08:12")
ACKNOWLEDGED = second("10:12:00")
EXHAUSTED = second("10:15:30")
SLOW_QUERY = second("10:18:45")
CACHE = second("10:22:10")
NORMAL = second("10:35:00")
RESOLVED = second("10:40:00")


def _between(at: int, start: int, end: int, low: float, high: float) -> float:
    return low + (high - low) * (at - start) / (end - start)


def rate(at: int) -> float:
    """Requests a second: three times the usual from 10:05 on, which is when it broke."""
    grown, busy = second("10:00:00"), second("10:05:00")
    if at < grown:
        return 25.0
    if at < busy:
        return _between(at, grown, busy, 25, 75)
    if at < NORMAL:
        return 75.0
    return max(38.0, _between(at, NORMAL, RESOLVED, 75, 38))


def share(at: int) -> float:
    """The share of requests that fail."""
    if at < FIRST_ERROR or at >= NORMAL:
        return 0.0
    if at < PEAK:
        return _between(at, FIRST_ERROR, PEAK, 0.05, 0.4)
    return 0.4 if at < CACHE else _between(at, CACHE, NORMAL, 0.4, 0.0)


@cache
def load() -> tuple[tuple[int, int], ...]:
    """(requests, failures) of every second; whole numbers that add up."""
    wanted = [rate(at) * share(at) for at in range(SECONDS)]
    scale = FAILED / sum(wanted)
    requests = _whole(rate(at) * scale for at in range(SECONDS))
    failures = _whole(each * scale for each in wanted)
    return tuple(zip(requests, failures, strict=True))


def _whole(numbers) -> list[int]:
    sums = [round(total) for total in accumulate(numbers)]
    return [after - before for before, after in zip([0, *sums], sums, strict=False)]


@cache
def totals() -> tuple[tuple[int, int], ...]:
    """(requests, failures) from the beginning up to and including every second: the server's counters."""
    return tuple(
        zip(
            accumulate(requests for requests, _ in load()),
            accumulate(failures for _, failures in load()),
            strict=True,
        )
    )


def over(at: int, seconds: int) -> tuple[float, float]:
    """(requests, failures) a second over the *seconds* up to *at*."""
    since = max(0, at - seconds)
    span = (at - since) or 1
    return tuple((totals()[at][n] - totals()[since][n]) / span for n in (0, 1))


def failing(at: int) -> float:
    """The share of failures over the last minute."""
    requests, failures = over(at, 60)
    return failures / requests if requests else 0.0


def pool_in_use(at: int) -> int:
    """Connections in use: they fill up from the first error on, and are all taken when the log says so."""
    if at < FIRST_ERROR:
        return 4 + (at // 60) % 3
    if at < EXHAUSTED:
        return round(_between(at, FIRST_ERROR, EXHAUSTED, 12, POOL))
    return POOL if at < CACHE else max(6, round(_between(at, CACHE, NORMAL, POOL, 6)))
