"""What of the window a piece of evidence covers, and where it has holes.

A log that is silent may just have had nothing to say. Only a *busy* log is believed to have a hole: one that
has ten lines or more in half of its minutes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from app.evidence.index import Index
from app.evidence.series import Series, step_of
from app.evidence.times import MINUTE, SECOND, microseconds, moment
from app.evidence.window import Span, Window, uncovered
from app.review.records import Gap

BUSY = 10
_EDGE = timedelta(seconds=60)
"""Silence at an end of the window that is not worth a record."""
_STEPS = 5
"""Points that may be missing in a row before it is a hole: a scrape or two fail without anybody noticing."""


@dataclass(frozen=True)
class Coverage:
    """The spans that are covered, and a record for each hole; corrected times."""

    covered: tuple[Span, ...] = ()
    gaps: tuple[Gap, ...] = ()


def of_log(index: Index, name: str, window: Window | None, offset_s: float = 0.0) -> Coverage:
    """The coverage of a log called *name* whose clock is corrected by *offset_s*."""
    if index.first_us is None or index.last_us is None:
        return Coverage()
    offset = round(offset_s * SECOND)
    if window is None:
        window = Window(moment(index.first_us + offset), moment(index.last_us + offset))
    low, high = microseconds(window.start) - offset, microseconds(window.end) - offset
    present = sorted(minute for minute in index.minutes if low // MINUTE <= minute <= high // MINUTE)
    if not present:
        begin, end = moment(index.first_us + offset), moment(index.last_us + offset)
        held = f"{begin:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S}"
        return Coverage((), (Gap(from_=window.start, to=window.end, why=f"{name} holds only {held}"),))
    first = index.first_us if index.first_us // MINUTE == present[0] else present[0] * MINUTE
    last = index.last_us if index.last_us // MINUTE == present[-1] else (present[-1] + 1) * MINUTE
    start, end = max(moment(first + offset), window.start), min(moment(last + offset), window.end)
    usual = median(index.minutes[minute][0] for minute in present)
    gaps: list[Gap] = []
    if usual >= BUSY:
        if start - window.start > _EDGE:
            gaps.append(Gap(from_=window.start, to=start, why=f"{name} begins at {start:%H:%M:%S}"))
        for before, after in pairwise(present):
            if after - before > 2:
                hole = moment((before + 1) * MINUTE + offset), moment(after * MINUTE + offset)
                why = f"{name} has no line here, but about {usual:,.0f} a minute elsewhere"
                gaps.append(Gap(from_=hole[0], to=hole[1], why=why))
    if window.end - end > _EDGE and (usual >= BUSY or index.damaged):
        why = f"{name} is damaged after {end:%H:%M:%S}" if index.damaged else f"{name} ends at {end:%H:%M:%S}"
        gaps.append(Gap(from_=end, to=window.end, why=why))
    return Coverage(_without((start, end), gaps), tuple(gaps))


def of_series(
    series: Iterable[Series], name: str, window: Window | None, offset_s: float = 0.0, step: float = 0.0
) -> Coverage:
    """The coverage of the answer to a query called *name*; *step* is what was asked for, where that is known.

    ``ALERTS`` has points only while an alert is on: its silence says nothing and is no hole.
    """
    measured = [one for one in series if one.labels.get("__name__") not in ("ALERTS", "ALERTS_FOR_STATE")]
    points = sorted({at + offset_s for one in measured for at, _ in one.points})
    if window:
        points = [at for at in points if window.start.timestamp() <= at <= window.end.timestamp()]
    if not points:
        return Coverage()
    step = step or step_of(measured)
    spans: list[Span] = []
    begin = before = points[0]
    for at in points[1:]:
        if at - before > _STEPS * step:
            spans.append((_instant(begin), _instant(before)))
            begin = at
        before = at
    spans.append((_instant(begin), _instant(before)))
    if window is None:
        window = Window(spans[0][0], spans[-1][1])
    tolerance = max(_EDGE, timedelta(seconds=_STEPS * step))
    gaps = [
        Gap(from_=start, to=end, why=f"{name} has no points here")
        for start, end in uncovered(window, spans)
        if end - start > tolerance or window.start < start < end < window.end
    ]
    return Coverage(tuple(spans), tuple(gaps))


def corrected(gaps: Iterable[Gap], offset_s: float) -> tuple[Gap, ...]:
    """*gaps* that were found by a source's own clock, as they are with its correction of *offset_s* seconds."""
    delta = timedelta(seconds=offset_s)
    return tuple(
        gap.model_copy(update={"from_": gap.from_ + delta, "to": gap.to + delta})
        for gap in gaps
        if gap.from_ and gap.to
    )


def span_of_points(series: Iterable[Series]) -> Span | None:
    """From the first to the last point, raw."""
    ends = [at for one in series if one.points for at in (one.points[0][0], one.points[-1][0])]
    return (_instant(min(ends)), _instant(max(ends))) if ends else None


def _without(span: Span, gaps: Sequence[Gap]) -> tuple[Span, ...]:
    holes = [(gap.from_, gap.to) for gap in gaps if gap.from_ and gap.to]
    return uncovered(Window(*span), holes) if span[0] < span[1] else (span,)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
