"""What is worth a question about the tree: each rule speaks where it should, and is silent elsewhere."""

import pytest

from app.review.records import Factor, Pointer, Session
from app.review.remarks import remarks


def tree(**links: str) -> Session:
    """Factors with these parents, with evidence, and with something about detection and response."""
    factors = [
        Factor(id=name, text=f"text of {name}", parent=up, events=("E1",)) for name, up in links.items()
    ]
    return Session(factors=tuple(factors))


def said(session: Session, rule: str) -> list[str]:
    return [each.say for each in remarks(session) if each.rule == rule]


def test_no_factors_no_remarks() -> None:
    assert remarks(Session()) == ()


def test_one_chain_that_never_branches_asks_what_else_had_to_be_true() -> None:
    chain = tree(F1="", F2="F1", F3="F2", F4="F3")
    assert said(chain, "chain") == ["One chain only below “text of F1”: what else had to be true?"]
    assert said(tree(F1="", F2="F1", F3="F2", F4="F3", F5="F3"), "chain") == []
    assert said(tree(F1="", F2="F1", F3="F2"), "chain") == []
    both = tree(F1="", F2="F1", F3="F2", F4="F3", G1="", G2="G1", G3="G2", G4="G3")
    assert len(said(both, "chain")) == 2


def test_a_link_is_a_branch() -> None:
    chain = tree(F1="", F2="F1", F3="F2", F4="F3", F5="")
    linked = [
        each.model_copy(update={"also_under": ("F2",)}) if each.id == "F5" else each for each in chain.factors
    ]
    assert said(Session(factors=tuple(linked)), "chain") == []


def test_depth_is_never_asked_for() -> None:
    flat = tree(F1="", F2="", F3="", F4="")
    assert {each.rule for each in remarks(flat)} <= {"detection", "response"}


def test_few_factors_ask_for_more() -> None:
    assert said(tree(F1=""), "few") == ["1 factor so far: what else had to be true?"]
    assert said(tree(F1="", F2=""), "few") == ["2 factors so far: what else had to be true?"]
    assert said(tree(F1="", F2="", F3=""), "few") == []


def test_an_answer_that_stops_at_a_person_asks_what_made_the_step_sensible() -> None:
    blaming = Factor(id="F1", text="the engineer failed to check the plan", events=("E1",))
    (remark,) = (each for each in remarks(Session(factors=(blaming,))) if each.rule == "person")
    assert remark.say.startswith("F1 stops at a person (“the engineer failed to”)")
    assert remark.keys == ("F1",)
    # With an answer below it, hung or linked, it does not stop there.
    hung = Factor(id="F4", parent="F1", text="the procedure had no such step")
    linked = Factor(id="F4", also_under=("F1",), text="the procedure had no such step")
    for answer in (hung, linked):
        assert said(Session(factors=(blaming, answer)), "person") == []


def test_factors_without_evidence_are_counted_and_named() -> None:
    bare = Session(factors=tuple(Factor(id=f"F{n}", text="x") for n in (1, 2, 3)))
    (remark,) = (each for each in remarks(bare) if each.rule == "evidence")
    assert (remark.say, remark.keys) == ("No evidence yet for 3 factors.", ("F1", "F2", "F3"))
    pointed = bare.factors[0].model_copy(update={"evidence": (Pointer(source="S1"),)})
    assert said(Session(factors=(pointed, *bare.factors[1:])), "evidence") == [
        "No evidence yet for 2 factors."
    ]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"text": "the alert fires on total loss only"}, "detection"),
        ({"category": "Detection & alerting"}, "detection"),
        ({"text": "no runbook for the pool"}, "response"),
        ({"category": "Response & runbooks"}, "response"),
    ],
)
def test_detection_and_response_need_factors_of_their_own(change: dict[str, str], rule: str) -> None:
    session = tree(F1="", F2="", F3="")
    (remark,) = (each for each in remarks(session) if each.rule == rule)
    assert rule in remark.say
    assert remark.keys == ("F1",)
    changed = session.factors[2].model_copy(update=change)
    assert said(Session(factors=(*session.factors[:2], changed)), rule) == []


@pytest.mark.parametrize(
    ("text", "question", "asks"),
    [
        ("Who deployed this?", "", True),
        ("", "Who merged it?", True),
        ("", "Why did you not look at the plan?", True),
        ("", "Why didn’t @bob review it?", True),
        ("", "Why did the deploying developer forget the check?", True),
        ("It was merged. Why did she merge it?", "", True),
        ("", "Why did the pull request not test all code paths?", False),
        ("", "How was that possible?", False),
        ("whoever is on call decides", "", False),
        ("nobody knows who owns it", "", False),
        ("", "What made it hard to see, and for whom?", False),
    ],
)
def test_a_question_that_looks_for_somebody_is_spoken_of(text: str, question: str, asks: bool) -> None:
    session = Session(factors=(Factor(id="F1", text=text, question=question),))
    assert bool(said(session, "who")) is asks


def test_a_hundred_thousand_characters_do_not_make_it_wait() -> None:
    import time

    hostile = ["who " * 25_000, "why did the " * 8_000, "? " * 50_000, "roll" * 25_000, "a" * 100_000]
    session = Session(
        factors=tuple(Factor(id=f"F{n}", text=text, question=text) for n, text in enumerate(hostile))
    )
    remarks(session)  # the rules of language keep what they have read
    start = time.perf_counter()
    remarks(session)
    assert time.perf_counter() - start < 2  # a pattern that backtracks takes minutes
