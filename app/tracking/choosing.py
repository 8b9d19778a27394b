"""The trackers that are installed, by name, and the one that a review's and a person's settings name."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from app.review.plain import one_line
from app.review.records import Tracking
from app.tracking.interface import Tracker, TrackingProblem
from app.tracking.team import merged

if TYPE_CHECKING:
    from app.settings import Settings

GROUP: Final = "blamefree.trackers"


def kinds() -> list[str]:
    """The kinds of trackers that are installed."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def open_tracker(
    settings: Tracking, environment: Mapping[str, str], person: "Settings | None" = None
) -> Tracker:
    """The tracker that *settings* name, with what *person*'s settings add. Raises :class:`TrackingProblem`."""
    known = {entry.name: entry for entry in entry_points(group=GROUP)}
    names = sorted({*known, *(each.name for each in person.trackers)} if person else known)
    if not settings.tracker:
        raise TrackingProblem(f"No tracker is chosen: name one of {', '.join(names)}.")
    kind, whole, team = merged(settings, person)
    if kind not in known:
        raise TrackingProblem(
            f"There is no tracker “{one_line(settings.tracker)}”: name one of {', '.join(names)}."
            if kind == settings.tracker
            else f"[tracker.{one_line(settings.tracker)}] is of the kind “{kind}”, which there is not: "
            f"write one of {', '.join(sorted(known))}."
        )
    try:
        tracker: Tracker = known[kind].load()(whole, environment, team)
    except ImportError as error:
        raise TrackingProblem(
            f"The tracker “{settings.tracker}” cannot be loaded ({one_line(str(error))}): install it again."
        ) from error
    return tracker
