"""What a tracker is: it plans, finds, creates and reads tickets. One module per tracker, found by name.

A tracker comes from the entry points of the group ``blamefree.trackers``, so that a team can ship its own
as a package. Its class is called with the review's :class:`~app.review.records.Tracking` settings and the
environment, and is an asynchronous context manager around its connection; planning needs no connection.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from types import TracebackType
from typing import Any, Final, Literal, Protocol, Self

from app.review.plain import one_line
from app.review.records import Session, Ticket, Tracking

GROUP: Final = "blamefree.trackers"
GONE: Final = "not found"
"""The state of a ticket that is not there any more, or that may not be seen."""
PlanState = Literal["create", "exists", "changed", "skip"]


class TrackingProblem(Exception):
    """Something went wrong with the tracker; ``str()`` is one sentence that says what to do.

    *unclear*: a ticket may have been made all the same. *stops*: the next ticket would fail as well.
    """

    def __init__(self, sentence: str, *, unclear: bool = False, stops: bool = True) -> None:
        super().__init__(sentence)
        self.unclear = unclear
        self.stops = stops


@dataclass(frozen=True)
class Planned:
    """What would happen to one action, with the request exactly as it would be sent.

    *key* names the action over all reviews; it is in the ticket's hidden marker. *digest* tells whether the
    words of the ticket have changed.
    """

    action_id: str
    state: PlanState
    reason: str
    key: str = ""
    digest: str = ""
    method: str = ""
    url: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """A ticket as the tracker answered it, and what differs from what was asked."""

    ticket: Ticket
    title: str
    remarks: tuple[str, ...] = ()


class Tracker(Protocol):
    """One place where tickets are made. Every call may raise :class:`TrackingProblem`."""

    @property
    def name(self) -> str:
        """The tracker's name in the settings, such as ``github``."""

    @property
    def target(self) -> str:
        """Where tickets go, as people know it and as the journal remembers it."""

    async def __aenter__(self) -> Self:
        """Log in and connect."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""

    def plan(self, session: Session) -> list[Planned]:
        """One entry per action, without any request."""

    async def find(self, keys: Collection[str], since: datetime | None) -> dict[str, list[Made]]:
        """The tickets that carry the marker of one of *keys* and changed after *since*, oldest first."""

    async def create(self, planned: Planned) -> Made:
        """Create one ticket; the request that creates is never repeated after an unclear answer."""

    async def fetch_state(self, ticket: Ticket) -> Ticket:
        """*ticket* with the state that the tracker has now, :data:`GONE` where it has none."""


def open_tracker(settings: Tracking, environment: Mapping[str, str]) -> Tracker:
    """The tracker that *settings* name. Raises :class:`TrackingProblem`."""
    known = {entry.name: entry for entry in entry_points(group=GROUP)}
    if not settings.tracker:
        raise TrackingProblem(f"No tracker is chosen: name one of {', '.join(sorted(known))}.")
    if settings.tracker not in known:
        raise TrackingProblem(
            f"There is no tracker “{one_line(settings.tracker)}”: name one of {', '.join(sorted(known))}."
        )
    try:
        tracker: Tracker = known[settings.tracker].load()(settings, environment)
    except ImportError as error:
        raise TrackingProblem(
            f"The tracker “{settings.tracker}” cannot be loaded ({one_line(str(error))}): install it again."
        ) from error
    return tracker
