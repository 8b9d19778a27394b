"""Which series can be drawn over the timeline, and its points: asked in a thread."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.review.records import Session
from app.review.timeline import instants

if TYPE_CHECKING:
    from app.evidence.series import Series
    from widgets.strip_chart import Point

ERRORS = "errors"
"""The indicator that there is without any collected series: lines a minute that declare an error."""
NONE = "-"
"""The indicator of a team that wants to see none."""
_NEAR = timedelta(hours=2)
"""Rows so far outside of the incident are context; a strip that holds them would show nothing of it."""


def key_of(series: "Series") -> str:
    """What a series is remembered by: the same when it is collected again."""
    return f"{series.source}:{series.name}:{series.title}"


def named(series: "Series") -> str:
    """A series for people: what was asked, and the labels that tell it from others."""
    title = series.title
    return f"{series.name} {title}".strip() if series.name and series.name != title else title or "series"


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


def points(
    session: Session, folder: Path, wanted: str, cancelled: Callable[[], bool]
) -> tuple[str, tuple["Point", ...]]:
    """The label and the points of the indicator *wanted*; errors a minute where it is not there any more."""
    from app.evidence.query import minutes, series

    if wanted == NONE:
        return "", ()
    if wanted not in {"", ERRORS}:
        found = next(
            (one for one in series(session, folder, cancelled=cancelled) if key_of(one) == wanted), None
        )
        if found is not None:
            return found.name or found.title, found.points
    counted = minutes(session, folder, cancelled=cancelled)
    # A minute's count stands where the minute begins, and lasts until the next one.
    found_points = tuple((each.at.timestamp(), float(each.errors)) for each in counted)
    return "errors/min", found_points if any(value for _, value in found_points) else ()


def choices(session: Session, folder: Path, cancelled: Callable[[], bool]) -> list[tuple[str, str]]:
    """The series to choose from: the key and the name of each. What an alert's state was is none."""
    from app.evidence.query import series

    return [
        (key_of(one), named(one))
        for one in series(session, folder, cancelled=cancelled)
        if one.points and not one.labels.get("__name__", "").startswith("ALERTS")
    ]
