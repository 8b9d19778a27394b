"""The seven items: each is flipped by exactly the edit that it asks for."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from app.review import edits
from app.review.checklist import Item, checklist
from app.review.records import Action, Distribution, Session, Ticket
from tests.fakes.classic_review import at, classic_review

Edit = Callable[[Session], Session]
NAMES = ("timeline", "factors", "actions", "language", "distributed", "tracked", "follow-up")


def items(session: Session) -> dict[str, Item]:
    return {item.name: item for item in checklist(session)}


def open_items(session: Session) -> set[str]:
    return {item.name for item in checklist(session) if not item.done}


def complete_review() -> Session:
    """The classic review with everything done."""
    session = classic_review()
    ids = {action.id for action in session.actions}
    session = edits.change(
        session, "actions", ids, ticket=Ticket(tracker="github", url="https://example.org/1")
    )
    ended = session.incident.ended_at
    assert ended is not None
    sent = Distribution(to="all@example.org", sent_at=ended + timedelta(hours=20))
    session = edits.delete(session, "distribution", {each.id for each in session.distribution})
    session = edits.add(session, "distribution", sent)
    return edits.set_follow_up(session, review_on=date(2025, 3, 9))


def test_there_are_seven_items_in_the_order_of_a_review() -> None:
    assert tuple(items(Session())) == NAMES
    assert open_items(Session()) == set(NAMES)


def test_a_review_with_everything_done_lacks_nothing() -> None:
    assert open_items(complete_review()) == set()
    assert all(item.missing == "" for item in checklist(complete_review()))


BREAKING: list[tuple[str, str, str, Edit]] = [
    ("timeline", "timeline", "No row is marked “resolved”", lambda s: edits.set_milestone(s, "E9", "")),
    ("timeline", "timeline", "E5 does not say what happened", lambda s: edits.change(s, "events", {"E5"}, text="")),
    (
        "timeline",
        "timeline",
        "time to detect: E2 (detected) is before E1 (started)",
        lambda s: edits.change(s, "events", {"E2"}, at=at("10:01:00")),
    ),
    (
        "timeline",
        "timeline",
        "E6 is written after E5 but is earlier",
        lambda s: s.model_copy(
            update={
                "events": tuple(
                    event.model_copy(update={"at": at("10:15:00")}) if event.id == "E6" else event for event in s.events
                )
            }
        ),
    ),
    (
        "factors",
        "whys",
        "Only one factor: what else had to be true?",
        lambda s: edits.delete(s, "factors", {each.id for each in s.factors[1:]}),
    ),
    (
        "factors",
        "whys",
        "No factor yet",
        lambda s: edits.change(s, "factors", {each.id for each in s.factors}, kind="saver"),
    ),
    ("actions", "actions", "AI-001 has no owner.", lambda s: edits.change(s, "actions", {"AI-001"}, owner=" ")),
    (
        "actions",
        "actions",
        "AI-002 has no due date and no priority.",
        lambda s: edits.change(s, "actions", {"AI-002"}, due=None, priority=""),
    ),
    (
        "language",
        "whys",
        "F1: “human error”",
        lambda s: edits.change(s, "factors", {"F1"}, text="Human error".lower()),
    ),
    ("language", "report", "summary: “@alice broke”", lambda s: edits.set_narrative(s, summary="@alice broke prod")),
    (
        "distributed",
        "track",
        "The report went out 2 d 1 h after the end.",
        lambda s: edits.change(s, "distribution", {s.distribution[0].id}, sent_at=at("10:40:00") + timedelta(hours=49)),
    ),
    (
        "distributed",
        "track",
        "Nobody has received the report yet.",
        lambda s: edits.delete(s, "distribution", {s.distribution[0].id}),
    ),
    ("distributed", "track", "The incident has no end", lambda s: edits.set_incident(s, ended_at=None)),
    ("tracked", "track", "No ticket yet for AI-003.", lambda s: edits.change(s, "actions", {"AI-003"}, ticket=None)),
    ("follow-up", "track", "No date for the follow-up", lambda s: edits.set_follow_up(s, review_on=None)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "screen", "missing", "edit"), BREAKING, ids=[each[2] for each in BREAKING])
def test_one_edit_opens_exactly_one_item_and_its_undoing_closes_it(
    name: str, screen: str, missing: str, edit: Edit
) -> None:
    before = complete_review()
    after = edit(before)
    assert open_items(after) == {name}
    item = items(after)[name]
    assert item.screen == screen
    assert item.missing.startswith(missing)


def test_a_declined_action_needs_no_owner_and_no_ticket() -> None:
    session = edits.add(complete_review(), "actions", Action(text="Rewrite it all", status="declined"))
    assert open_items(session) == set()


def test_several_things_missing_are_counted_behind_the_first() -> None:
    session = edits.change(complete_review(), "actions", {"AI-001", "AI-002", "AI-003"}, owner="")
    assert items(session)["actions"].missing == "AI-001 has no owner. (+2 more)"


def test_without_actions_there_is_nothing_to_track() -> None:
    session = complete_review()
    session = edits.delete(session, "actions", {each.id for each in session.actions})
    assert open_items(session) == {"actions", "tracked"}
