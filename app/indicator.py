"""Which series can be drawn over the timeline, its points for the screen and for a report: asked in a thread."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.report.strip import COUNTED, Indicator
from app.review.records import Session

if TYPE_CHECKING:
    from app.evidence.series import Series

Point = tuple[float, float]
"""Seconds since 1970, value."""
ERRORS = "errors"
"""The indicator that there is without any collected series: lines a minute that declare an error."""
NONE = "-"
"""The indicator of a team that wants to see none."""


def key_of(series: "Series") -> str:
    """What a series is remembered by: the same when it is collected again."""
    return f"{series.source}:{series.name}:{series.title}"


def named(series: "Series") -> str:
    """A series for people: what was asked, and the labels that tell it from others."""
    title = series.title
    return f"{series.name} {title}".strip() if series.name and series.name != title else title or "series"


def points(
    session: Session, folder: Path, wanted: str, cancelled: Callable[[], bool]
) -> tuple[str, tuple[Point, ...]]:
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
    return COUNTED, found_points if any(value for _, value in found_points) else ()


def choices(session: Session, folder: Path, cancelled: Callable[[], bool]) -> list[tuple[str, str]]:
    """The series to choose from: the key and the name of each. What an alert's state was is none."""
    from app.evidence.query import series

    return [
        (key_of(one), named(one))
        for one in series(session, folder, cancelled=cancelled)
        if one.points and not one.labels.get("__name__", "").startswith("ALERTS")
    ]


def drawn(session: Session, folder: Path, cancelled: Callable[[], bool] = lambda: False) -> Indicator | None:
    """The indicator of a report; None where there is no evidence, or none that can be read."""
    from app.evidence.artifacts import EvidenceProblem

    if not any(source.artifacts for source in session.sources):
        return None
    try:
        label, found = points(session, folder, session.display.indicator, cancelled)
    except (EvidenceProblem, OSError):
        return None
    if not found:
        return None
    if label == COUNTED:
        return Indicator(
            label, "lines of the collected logs that declare an error, counted per minute", found
        )
    return Indicator(label, "as collected; the highest value where points are close", found)
