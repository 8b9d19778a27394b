"""Blameless language: every rule with its own cases, what is left alone, and that typing never waits."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review import edits
from app.review.language import Rule, blaming, check, check_session, rules
from app.review.records import Action, Event, Factor, Impact, Parked, Session
from tests.fakes.classic_review import classic_review

RULES = {rule.id: rule for rule in rules()}
HITS = [(rule.id, text) for rule in rules() for text in rule.hit]
NO_HITS = [(rule.id, text) for rule in rules() for text in rule.no_hit]


def found_by(text: str) -> set[str]:
    return {finding.rule.id for finding in check(text)}


def test_the_rules_are_all_there_and_each_can_be_tried() -> None:
    assert len(RULES) == len(rules()) == 21
    assert all(rule.hit for rule in rules())
    assert {rule.level for rule in rules()} == {"error", "warn", "info"}
    assert all(rule.say.endswith((".", "?", '"', ").")) for rule in rules())


@pytest.mark.parametrize(("rule", "text"), HITS)
def test_a_rule_finds_what_it_is_for(rule: str, text: str) -> None:
    assert rule in found_by(text)
    assert rule in found_by(f"Then, at 10:15, {text}; and so on.")
    assert rule in found_by(text.upper())


@pytest.mark.parametrize(("rule", "text"), NO_HITS)
def test_a_rule_leaves_its_neighbours_alone(rule: str, text: str) -> None:
    assert rule not in found_by(text)


@pytest.mark.parametrize(
    "text",
    [
        "She said “it was human error” at 10:15",
        "„it was human error“",
        "«it was human error»",
        'the page read "human error" and nothing else',
        "the log says `human error in field 3`",
        "```\nhuman error\n\nhuman error\n```",
        "```\nhuman error",
        "> it was human error\n",
        "see https://example.org/human error-free/human-error",
    ],
)
def test_quoted_speech_code_and_links_are_evidence_not_the_reports_own_words(text: str) -> None:
    assert "B02" not in found_by(text.replace("human error-free", "x"))


def test_what_follows_a_quotation_is_looked_at_again() -> None:
    for text in ("> quoted\nit was human error", "“quoted” it was human error", "`code` was human error"):
        (finding,) = check(text)
        assert text[finding.start : finding.end] == finding.words == "human error"


def test_a_single_quotation_mark_hides_nothing() -> None:
    assert "B02" in found_by('a 19" rack and human error')
    assert "B02" in found_by("a ` and human error")


def test_findings_stand_in_the_order_of_the_text() -> None:
    starts = [finding.start for finding in check("Clearly it was human error; we should have noticed.")]
    assert starts == sorted(starts)
    assert len(starts) == 3


@given(st.text(max_size=200))
def test_a_finding_is_always_a_place_in_the_text(text: str) -> None:
    for finding in check(text):
        assert text[finding.start : finding.end] == finding.words != ""


def test_the_sample_incident_blames_nobody() -> None:
    assert blaming(classic_review()) == ()


@pytest.mark.parametrize(
    ("change", "where", "screen"),
    [
        (lambda s: edits.set_narrative(s, summary="It was human error."), "summary", "report"),
        (
            lambda s: edits.set_narrative(s, went_well=("fine", "human error was found")),
            "went well",
            "report",
        ),
        (lambda s: edits.set_incident(s, title="Human error in prod"), "title", "report"),
        (lambda s: edits.add(s, "impacts", Impact(text="human error")), "impact", "report"),
        (lambda s: edits.add(s, "events", Event(text="human error")), "E1", "timeline"),
        (lambda s: edits.add(s, "factors", Factor(text="human error")), "F1", "whys"),
        (lambda s: edits.add(s, "actions", Action(text="avoid human error")), "AI-001", "actions"),
        (lambda s: edits.add(s, "actions", Action(done_when="no human error")), "AI-001", "actions"),
    ],
)
def test_a_finding_in_a_session_says_where_it_stands(change, where: str, screen: str) -> None:  # type: ignore[no-untyped-def]
    (place,) = check_session(change(Session()))
    assert (place.where, place.screen) == (where, screen)
    assert blaming(change(Session())) == (place,)


def test_the_parking_lot_is_left_alone() -> None:
    assert check_session(edits.add(Session(), "parked", Parked(text="was it human error?"))) == ()


def test_hints_do_not_keep_a_report_from_being_blameless() -> None:
    session = edits.set_narrative(Session(), summary="Unfortunately, in hindsight we did not check the plan.")
    assert {place.finding.rule.level for place in check_session(session)} == {"info"}
    assert blaming(session) == ()


LONG, SHORT = 20_000, 5_000


def nasty(rule: Rule, size: int) -> list[str]:
    """Texts that a careless pattern would walk again and again: many beginnings, and no end."""
    pieces = [f"{hit.rpartition(' ')[0] or hit[:-1]} " for hit in rule.hit]
    pieces += [f"{hit[:-1]} " for hit in rule.hit] + [
        "we ",
        "the on-call engineer ",
        "@a",
        "should have ",
        "had the ",
    ]
    texts = [piece * (size // len(piece)) for piece in pieces]
    texts += [piece + "l" * size for piece in pieces]
    texts += [piece + "ly " * (size // 3) for piece in pieces]
    return [text[:size] for text in texts]


def seconds(rule: Rule, text: str) -> float:
    best = 1.0
    for _ in range(3):
        start = time.process_time()
        for _ in rule.pattern.finditer(text):
            pass
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_four_times_the_text_costs_about_four_times_as_much(rule: Rule) -> None:
    # A pattern that goes back and forth would cost sixteen times as much. A millisecond hides the noise.
    for short, long in zip(nasty(rule, SHORT), nasty(rule, LONG), strict=True):
        assert seconds(rule, long) < 10 * (seconds(rule, short) + 0.001), long[:40]


@pytest.mark.parametrize("piece", ["“", "„", "«", '"', "`", "```", "\n", "> ", "https://", '“`"', " \n> “"])
def test_looking_for_quotations_stays_linear(piece: str) -> None:
    from app.review.language import _NOT_OURS

    def cost(size: int) -> float:
        text = piece * (size // len(piece))
        best = 1.0
        for _ in range(3):
            start = time.process_time()
            _NOT_OURS.sub("", text)
            best = min(best, time.process_time() - start)
        return best

    assert cost(LONG) < 10 * (cost(SHORT) + 0.001)


def test_only_the_beginning_of_a_huge_text_is_looked_at() -> None:
    assert check("x " * 20_000 + "human error") == ()
