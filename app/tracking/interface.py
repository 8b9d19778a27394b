"""What a tracker is: it plans, finds, creates, changes and reads tickets. One module per tracker, found by name.

A tracker comes from the entry points of the group ``blamefree.trackers``, so that a team can ship its own
as a package. Its class is called with the review's :class:`~app.review.records.Tracking` settings, the
environment and the person's :class:`Team` settings, and is an asynchronous context manager around its
connection; planning needs no connection.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, Self

from app.review.plain import one_line
from app.review.records import Session, Ticket

if TYPE_CHECKING:
    from app.tracking.standing import Change, Standing

GONE: Final = "not found"
"""The state of a ticket that is not there any more, or that may not be seen."""
PlanState = Literal["create", "exists", "changed", "skip"]


class TrackingProblem(Exception):
    """Something went wrong with the tracker; ``str()`` is one sentence that says what to do.

    *unclear*: a ticket may have been made all the same. *stops*: the next ticket would fail as well.
    *retry_after*: seconds that the tracker asks to wait; nothing was made. *whole*: nothing can be asked of that
    server at all, for no review.
    """

    def __init__(
        self,
        sentence: str,
        *,
        unclear: bool = False,
        stops: bool = True,
        retry_after: float | None = None,
        whole: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.unclear = unclear
        self.stops = stops
        self.retry_after = retry_after
        self.whole = whole


@dataclass(frozen=True)
class Team:
    """What the settings of the person who makes the tickets say: of people, and of this tracker.

    *people* leads from a handle (``@bob``) to an account at this tracker. *options* is the table
    ``[tracker.NAME]``; *own* are the servers that the settings name, which get this person's tokens.
    """

    people: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    own: frozenset[str] = frozenset()

    def option(self, name: str) -> str:
        """The option *name* as text; empty where it is not set."""
        value = self.options.get(name, "")
        return one_line(str(value)).strip() if isinstance(value, str | int) else ""


@dataclass(frozen=True)
class Draft:
    """What a ticket should say and have, by names that people use; a tracker makes its own request of it."""

    key: str
    title: str
    body: str
    account: str = ""
    labels: tuple[str, ...] = ()
    due: date | None = None
    priority: str = ""
    milestone: str = ""


@dataclass(frozen=True)
class Planned:
    """What would happen to one action, with the request exactly as it would be sent.

    *key* names the action over all reviews; it is in the ticket's hidden marker. *digest* tells whether the
    words of the ticket have changed. *open* names what is still looked up at the tracker before anything is
    sent (numbers of people and labels); *remarks* say what was not found there. *ticket* is the one to change.
    """

    action_id: str
    state: PlanState
    reason: str
    key: str = ""
    digest: str = ""
    method: str = ""
    url: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    draft: Draft | None = None
    open: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    ticket: Ticket | None = None
    overwrite: bool = False
    """Whether the change may be written over what people have changed in the ticket."""
    edited: bool = False
    """Whether people have changed in the ticket what was written, so that nothing may be sent."""
    change: "Change | None" = None
    """What of the words may be written, once the ticket was read."""


@dataclass(frozen=True)
class Made:
    """A ticket as the tracker answered it, and what differs from what was asked; what it says, where that is known."""

    ticket: Ticket
    title: str
    remarks: tuple[str, ...] = ()
    standing: "Standing | None" = None


class Tracker(Protocol):
    """One place where tickets are made. Every call may raise :class:`TrackingProblem`."""

    @property
    def name(self) -> str:
        """The tracker's name in the settings, such as ``github``."""

    @property
    def target(self) -> str:
        """Where tickets go, as people know it and as the journal remembers it."""

    @property
    def sure(self) -> bool:
        """Whether :meth:`find` is known to show a ticket as soon as it is made: its list reads what was written.

        Where it is not known, an action whose request was cut off and that the list does not show is asked about,
        and never made again without an answer.
        """

    async def __aenter__(self) -> Self:
        """Log in and connect."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""

    def plan(self, session: Session) -> list[Planned]:
        """One entry per action, without any request."""

    async def prepare(self, planned: Planned) -> Planned:
        """*planned* with everything looked up that its request needs; only reads.

        A change is made of what the ticket says by now: people's words there are theirs.
        """

    async def find(self, keys: Collection[str], since: datetime | None) -> dict[str, list[Made]]:
        """The tickets that carry the marker of one of *keys* and changed after *since*, oldest first."""

    async def create(self, planned: Planned) -> Made:
        """Create one prepared ticket; the request that creates is never repeated after an unclear answer."""

    async def update(self, planned: Planned) -> Made:
        """Give the ticket of a prepared, changed action its new words; the same again does no harm."""

    async def fetch_state(self, ticket: Ticket) -> Ticket:
        """*ticket* with the state that the tracker has now, :data:`GONE` where it has none."""
