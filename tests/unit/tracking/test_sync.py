"""The states of tickets read back: only those of open actions in the tracker that the review names."""

from types import TracebackType
from typing import Self

from app.review import edits
from app.review.records import Action, Session, Ticket, Tracking
from app.tracking.interface import TrackingProblem
from app.tracking.sync import states, tracked, with_states

URL = "https://t.example/{}"


class Tracker:
    """Answers that every ticket is closed, until the one named *failing*."""

    name = "github"

    def __init__(self, failing: str = "") -> None:
        self.failing = failing
        self.asked: list[str] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def fetch_state(self, ticket: Ticket) -> Ticket:
        self.asked.append(ticket.url)
        if ticket.url == self.failing:
            raise TrackingProblem("The tracker is asleep: try again later.")
        return ticket.model_copy(update={"state": "closed"})


def review() -> Session:
    def action(number: int, status: str = "open", tracker: str = "github") -> Action:
        ticket = Ticket(tracker=tracker, url=URL.format(number), state="open")
        return Action(id=f"AI-{number}", status=status, ticket=ticket)

    actions = (
        action(1),
        action(2, "done"),
        action(3, tracker="jira"),
        action(4, "in-progress"),
        Action(id="AI-5"),
    )
    return Session(tracking=Tracking(tracker="github"), action=actions)


async def test_only_open_actions_of_the_named_tracker_are_asked_for() -> None:
    tracker = Tracker()
    found, problem = await states(tracker, review())
    assert tracker.asked == [URL.format(1), URL.format(4)]
    assert ({key: ticket.state for key, ticket in found.items()}, problem) == (
        {"AI-1": "closed", "AI-4": "closed"},
        "",
    )
    assert tracked(Session(action=review().actions)) == []


async def test_what_was_read_before_a_failure_is_kept_and_the_failure_is_said() -> None:
    found, problem = await states(Tracker(failing=URL.format(4)), review())
    assert (list(found), problem) == (["AI-1"], "The tracker is asleep: try again later.")


async def test_an_action_that_got_another_ticket_meanwhile_keeps_it() -> None:
    session = review()
    found, _ = await states(Tracker(), session)
    other = Ticket(tracker="github", url=URL.format(99), state="open")
    session = edits.change(session, "actions", {"AI-4"}, ticket=other)
    fresh = {action.id: action.ticket for action in with_states(session, found).actions}
    assert fresh["AI-1"] is not None
    assert fresh["AI-1"].state == "closed"
    assert fresh["AI-4"] == other
