"""What can be done about what the gate says of an action."""

from datetime import date

import pytest

from app.review import edits, gate
from app.review.records import Action, Factor, Incident, Session
from app.review.remedies import decline, due_by_policy, remedies, split_action

TODAY = date(2025, 2, 10)
REVIEW = Session(
    incident=Incident(severity="P1", reviewed_on=TODAY), factors=(Factor(id="F1", text="no pool alert"),)
)
GOOD = Action(
    id="AI-001", text="Alert on-call when pool use is above 80 % for 5 min", done_when="fired in staging",
    owner="@bob", due=date(2025, 2, 16), priority="high", kind="detect", factors=("F1",),
)  # fmt: skip


def ways(**changes: object) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for each in remedies(edits.revise(GOOD, **changes), REVIEW, TODAY):
        found.setdefault(each.rule, []).append((each.way, each.column))
    return found


def test_an_action_that_is_ready_needs_nothing() -> None:
    assert remedies(GOOD, REVIEW, TODAY) == ()


@pytest.mark.parametrize(
    ("changes", "rule", "expected"),
    [
        ({"owner": "team"}, "A1", [("write", "owner")]),
        ({"due": None}, "A2", [("set", ""), ("write", "due")]),
        ({"priority": "", "kind": ""}, "A3", [("write", "priority"), ("write", "kind")]),
        ({"factors": ()}, "A9", [("link", "")]),
        ({"due": date(2025, 8, 1)}, "A10", [("split", ""), ("write", "due")]),
        ({"text": "Add a pool graph and write the runbook for api-db"}, "A13", [("split", "")]),
        ({"status": "declined"}, "A15", [("decline", "")]),
        ({"text": "Improve monitoring", "done_when": ""}, "A4", [("write", "text")]),
        ({"text": "Alert twice"}, "A5", [("write", "text")]),
    ],
)
def test_each_finding_has_its_way(
    changes: dict[str, object], rule: str, expected: list[tuple[str, str]]
) -> None:
    assert ways(**changes)[rule] == expected


def test_a_better_wording_fills_the_text_and_what_it_takes_to_be_done() -> None:
    (worded,) = (
        each for each in remedies(edits.revise(GOOD, text="Improve monitoring", done_when=""), REVIEW, TODAY)
        if each.rule == "A4"
    )  # fmt: skip
    assert worded.changes == {
        "text": "Alert … when … is above … for … minutes",
        "done_when": "it has fired in staging",
    }


def test_an_exploration_is_offered_a_date() -> None:
    found = remedies(edits.revise(GOOD, text="Investigate slow queries", done_when=""), REVIEW, TODAY)
    assert any(each.changes.get("text", "").startswith("Decide by 2025-02-16") for each in found)


def test_two_actions_are_made_of_one_and_share_what_is_known() -> None:
    session = edits.add(REVIEW, "actions", edits.revise(GOOD, events=("E1",)))
    session = split_action(session, "AI-001", "Add a graph", "Write the runbook")
    first, second = session.actions
    assert (first.text, second.text) == ("Add a graph", "Write the runbook")
    assert (second.owner, second.factors, second.events, second.done_when) == ("@bob", ("F1",), ("E1",), "")
    assert split_action(session, "AI-009", "a", "b") == session


@pytest.mark.parametrize(
    ("priority", "policy", "days"),
    [("high", "default", 14), ("Urgent", "default", 14), ("medium", "default", 30), ("low", "default", 60),
     ("", "default", 14), ("low", "PagerDuty", 30), ("medium", "Atlassian", 56), ("odd", "Dispatch", 7)],
)  # fmt: skip
def test_a_policy_counts_days_by_priority_else_by_severity(priority: str, policy: str, days: int) -> None:
    action = edits.revise(GOOD, priority=priority)
    due = gate.due_for(action, REVIEW, TODAY, policy)
    assert due is not None
    assert (due - TODAY).days == days


def test_a_policy_dates_the_chosen_actions_only() -> None:
    session = edits.add_all(REVIEW, "actions", [GOOD, edits.revise(GOOD, priority="low")])
    dated = due_by_policy(session, ("AI-002",), TODAY, "default")
    assert [str(each.due) for each in dated.actions] == ["2025-02-16", "2025-04-11"]
    silent = dated.model_copy(update={"incident": Incident()})
    bare = edits.change(silent, "actions", ("AI-001",), priority="")
    assert due_by_policy(bare, ("AI-001",), TODAY, "default") == bare


def test_deciding_not_to_do_it_keeps_the_reason_and_answers_the_factor() -> None:
    session = edits.add(REVIEW, "actions", GOOD)
    done = decline(session, ("AI-001",), "the pool goes away in March", TODAY)
    (action,) = done.actions
    assert (action.status, action.reason, action.closed_on) == (
        "declined",
        "the pool goes away in March",
        TODAY,
    )
    assert gate.factors_without_action(done) == ()
    assert gate.check(action, done, TODAY) == ()


def test_the_workload_counts_what_is_open_by_owner() -> None:
    owned = [
        GOOD, edits.revise(GOOD, priority="low", due=date(2025, 2, 1)), edits.revise(GOOD, owner="@eve"),
        edits.revise(GOOD, owner="tbd"), edits.revise(GOOD, status="done"),
    ]  # fmt: skip
    loads = gate.workload(edits.add_all(REVIEW, "actions", owned), TODAY)
    assert [(each.owner, each.open, each.high, each.late) for each in loads] == [
        ("@bob", 2, 1, 1), ("@eve", 1, 1, 0), ("", 1, 1, 0),
    ]  # fmt: skip
    assert loads[0].next_due == date(2025, 2, 1)
