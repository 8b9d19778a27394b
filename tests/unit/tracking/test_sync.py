"""The states of tickets read back: only those of open actions in the tracker that the review names."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from app.history import Desk
from app.review import edits
from app.review.records import Action, Session, Ticket, Tracking
from app.store.shelf import shelf
from app.tracking.interface import TrackingProblem
from app.tracking.sync import states, tracked, with_states
from screens.syncing import synced, told

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
        None,
    )
    assert tracked(Session(action=review().actions)) == []


async def test_what_was_read_before_a_failure_is_kept_and_the_failure_is_said() -> None:
    found, problem = await states(Tracker(failing=URL.format(4)), review())
    assert (list(found), str(problem)) == (["AI-1"], "The tracker is asleep: try again later.")


async def test_an_action_that_got_another_ticket_meanwhile_keeps_it() -> None:
    session = review()
    found, _ = await states(Tracker(), session)
    other = Ticket(tracker="github", url=URL.format(99), state="open")
    session = edits.change(session, "actions", {"AI-4"}, ticket=other)
    fresh = {action.id: action.ticket for action in with_states(session, found).actions}
    assert fresh["AI-1"] is not None
    assert fresh["AI-1"].state == "closed"
    assert fresh["AI-4"] == other


async def test_a_server_that_does_not_answer_is_asked_once_for_all_reviews_and_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Silent(Tracker):
        def __init__(self, host: str) -> None:
            super().__init__()
            self.host = host

        async def fetch_state(self, ticket: Ticket) -> Ticket:
            asked.append(self.host)
            if self.host == "dead.example":
                raise TrackingProblem("dead.example was silent for 15 s.", whole=True)
            return ticket.model_copy(update={"state": "closed"})

    monkeypatch.setattr("app.tracking.choosing.open_tracker", lambda settings, *_: Silent(settings.base_url))
    for number in range(7):
        host = "dead.example" if number < 5 else "alive.example"
        session = review().model_copy(update={"tracking": Tracking(tracker="github", base_url=host)})
        Desk.create(tmp_path / f"review-{number}", session).close()
    silent: dict[str, str] = {}
    read: list[Any] = [await synced(each, silent) for each in shelf(tmp_path)]
    assert asked.count("dead.example") == 1
    assert asked.count("alive.example") == 4
    (sentence,) = told(read)
    assert sentence.endswith(" and 4 more: dead.example was silent for 15 s.")
