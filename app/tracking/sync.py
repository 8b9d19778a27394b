"""The states of tickets, read back from the trackers. Reads only: nothing there is changed."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Protocol, Self

from app.review import edits
from app.review.records import Action, Session, Ticket
from app.tracking.interface import TrackingProblem


class Reader(Protocol):
    """The part of a tracker that reads."""

    @property
    def name(self) -> str:
        """The kind of tracker."""

    async def __aenter__(self) -> Self:
        """Log in and connect."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""

    async def fetch_state(self, ticket: Ticket) -> Ticket:
        """*ticket* with the state that the tracker has now."""


def tracked(session: Session) -> list[tuple[Action, Ticket]]:
    """The open actions that have a ticket, in a review that names its tracker."""
    return [
        (action, action.ticket)
        for action in session.actions
        if session.tracking.tracker
        and action.status in {"open", "in-progress"}
        and action.ticket
        and action.ticket.url
    ]


async def states(
    tracker: Reader, session: Session, on_step: Callable[[str], None] = lambda _text: None
) -> tuple[dict[str, Ticket], TrackingProblem | None]:
    """The tickets of the open actions of *session* as *tracker* has them now, by action.

    Also the problem where that ended early; what was read until then is returned all the same.
    """
    found: dict[str, Ticket] = {}
    try:
        async with tracker:
            for action, ticket in tracked(session):
                if ticket.tracker not in {"", tracker.name}:
                    continue  # made in another tracker before this one was chosen
                on_step(f"reading the ticket of {action.id}")
                found[action.id] = await tracker.fetch_state(ticket)
    except TrackingProblem as problem:
        return found, problem
    return found, None


def with_states(session: Session, found: Mapping[str, Ticket]) -> Session:
    """*session* with the tickets *found*; an action that has another ticket by now keeps that."""
    urls = {action.id: action.ticket.url for action in session.actions if action.ticket}
    fresh = {key: ticket for key, ticket in found.items() if urls.get(key) == ticket.url}
    return edits.replace(
        session, "actions", fresh, lambda action: edits.revise(action, ticket=fresh[action.id])
    )
