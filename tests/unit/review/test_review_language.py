"""Blameless language: every rule with its own cases, what is left alone, and that typing never waits."""

import re
import time
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review import edits
from app.review.language import Rule, accept, all_places, blaming, check, check_session, findings, rules
from app.review.language_text import layout, read
from app.review.records import Accepted, Action, Event, Factor, Impact, Parked, Session
from app.store.reading import load
from app.store.toml import Renderer
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


def test_names_of_the_session_are_persons_and_other_capitals_are_not() -> None:
    session = edits.add(
        Session(), "events", Event(text="Alice broke production; Istio broke it too.", actor="@alice")
    )
    (place,) = check_session(session)
    assert (place.finding.rule.id, place.finding.words) == ("B03", "Alice broke")
    assert check_session(edits.change(session, "events", {"E1"}, actor="alice")) == ()
    assert check_session(edits.change(session, "events", {"E1"}, actor="@bob")) == ()


@pytest.mark.parametrize("owner", ["", "@", "on-call", "team", "a|b)(", "@x"])
def test_what_is_no_name_makes_nobody_a_person(owner: str) -> None:
    session = edits.add(Session(), "actions", Action(text="On-call broke, Team broke, a broke", owner=owner))
    assert {place.finding.words.casefold() for place in check_session(session)} <= {
        "on-call broke",
        "team broke",
    }


# Accepting


def test_a_sentence_is_accepted_once_with_a_reason_and_asked_about_again_when_it_changes() -> None:
    session = edits.set_narrative(
        Session(), summary="All was fine. It was human error, they said. Human error!"
    )
    first, second = check_session(session)
    kept = accept(session, first.finding, "their words", by="@ann")
    assert kept.accepted == (
        Accepted(rule="B02", text="It was human error, they said.", reason="their words", by="@ann"),
    )
    assert check_session(kept) == blaming(kept) == (second,)
    assert all_places(kept) == (first, second)
    changed = edits.set_narrative(kept, summary="All was fine. It was human error, I said.")
    assert len(check_session(changed)) == 1
    assert accept(kept, first.finding, "a better reason").accepted[0].reason == "a better reason"
    assert len(accept(kept, first.finding, "a better reason").accepted) == 1


def test_what_is_accepted_by_one_rule_is_still_asked_by_another() -> None:
    session = edits.set_narrative(Session(), summary="Clearly it was human error.")
    blame = next(place for place in check_session(session) if place.finding.rule.id == "B02")
    assert [place.finding.rule.id for place in check_session(accept(session, blame.finding, "yes"))] == [
        "H01"
    ]


def test_what_is_accepted_is_saved_with_the_review() -> None:
    session = edits.set_narrative(Session(id="PM-1"), summary="It was human error.")
    kept = accept(session, check_session(session)[0].finding, "their words", by="@ann")
    data = Renderer().render(kept, 1, "0", lambda _: None).data
    assert b'[[accepted]]\nrule = "B02"\ntext = "It was human error."\n' in data
    assert load(data).session == kept


# Speed: every text that a careless pattern would walk again and again


LONG, SHORT = 100_000, 20_000


def nasty(rule: Rule, size: int) -> list[str]:
    """Texts that a careless pattern would walk again and again: many beginnings, and no end."""
    pieces = [f"{hit.rpartition(' ')[0] or hit[:-1]} " for hit in rule.hit]
    pieces += [f"{hit[:-1]} " for hit in rule.hit]
    pieces += ["we ", "the on-call engineer ", "@a", "should have ", "had the "]
    pieces += [f"{need} " for need in rule.needs[:3]]
    texts = [piece * (size // len(piece)) for piece in pieces]
    texts += [piece + "l" * size for piece in pieces]
    texts += [piece + "ly " * (size // 3) for piece in pieces]
    return [text[:size] for text in texts]


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def grows_evenly(short: Callable[[], object], long: Callable[[], object]) -> bool:
    """Whether five times the text costs about five times as much; going back and forth costs 25 times."""
    # Two milliseconds hide the noise of a busy machine; one quiet run out of three is enough.
    return any(seconds(long) < 12 * (seconds(short) + 0.002) for _ in range(3))


def test_the_measure_notices_a_pattern_that_goes_back_and_forth() -> None:
    short, long = ("a" * size for size in (3_000, 15_000))
    assert not grows_evenly(partial(re.search, "a*b", short), partial(re.search, "a*b", long))
    assert grows_evenly(partial(re.search, "ab", short * 100), partial(re.search, "ab", long * 100))


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_five_times_the_text_costs_a_rule_about_five_times_as_much(rule: Rule) -> None:
    def walk(text: str) -> int:
        return len(findings(text, layout(text).spans, [rule]))

    for short, long in zip(nasty(rule, SHORT), nasty(rule, LONG), strict=True):
        assert grows_evenly(partial(walk, short), partial(walk, long)), long[:40]


PIECES = ["“", "„", "«", "»", '"', "'", "‘", "`", "``", "```", '“`"', ">", "<!--", "<a", "[", "](", "](a"]
PIECES += ["_", "*", "\\", "|", "=-", "-", "https://", "x'", "](x)", "[x]", "<!--blamefree:"]
PIECES += [' "a', " 'a", "```\n", "\n", "> ", " \n> “", "- - ", " ", "\t", "a. ", "…A "]


@pytest.mark.parametrize("piece", PIECES)
def test_looking_for_what_is_not_ours_stays_linear(piece: str) -> None:
    def walk(size: int) -> int:
        text = piece * (size // len(piece))
        return sum(len(read(text, *span).text) for span in layout(text, document=True).spans)

    assert grows_evenly(partial(walk, SHORT), partial(walk, LONG))


def test_only_the_beginning_of_a_huge_text_is_looked_at() -> None:
    assert check("x " * 100_000 + "human error") == ()
