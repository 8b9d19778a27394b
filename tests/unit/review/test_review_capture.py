"""The capture line: one line of typing becomes a record, and every word of it is somewhere in there."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.review import capture
from app.review.moments import Context
from app.review.plain import one_line
from app.review.records import Action, Event, Factor

DAY = date(2025, 2, 9)
TODAY = date(2025, 2, 10)
CONTEXT = Context(DAY, UTC, datetime(2025, 2, 9, 10, 12, tzinfo=UTC))


def at(clock: str, day: int = 9) -> datetime:
    return datetime.fromisoformat(f"2025-02-{day:02d}T{clock}Z")


def kept(record: Event | Factor | Action, **expected: object) -> None:
    """The record holds exactly this; every other field has its default."""
    assert record == type(record).model_validate(expected)


def test_an_event_with_everything() -> None:
    kept(
        capture.event("10:15:30 connection pool exhausted @oncall #symptom <app logs>", CONTEXT),
        at=at("10:15:30"),
        written="10:15:30",
        text="connection pool exhausted",
        actor="@oncall",
        kind="symptom",
        source="app logs",
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "~10:15 someone restarted the pooler",
            {"at": at("10:15"), "about": True, "precision": "minute", "text": "someone restarted the pooler"},
        ),
        ("+5m error rate halves", {"at": at("10:17"), "precision": "second", "text": "error rate halves"}),
        (
            "10:15-10:22 failover",
            {"at": at("10:15"), "until": at("10:22"), "precision": "minute", "text": "failover"},
        ),
        ("yesterday 23:50 rollout", {"at": at("23:50", 8), "precision": "minute", "text": "rollout"}),
    ],
)
def test_the_other_ways_to_say_when(line: str, expected: dict[str, object]) -> None:
    found = capture.event(line, CONTEXT)
    kept(found, written=found.written, **expected)
    assert line.startswith(found.written)


def test_an_event_without_a_time_stays_in_this_order() -> None:
    kept(
        capture.event("somebody saw it first", CONTEXT), precision="order-only", text="somebody saw it first"
    )


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("10:15 - pool full", "pool full"),
        ("10:15: pool full", "pool full"),
        ("10:15, pool full", "pool full"),
        ("10:15 – pool full", "pool full"),
        ("10:15 -5 % traffic", "-5 % traffic"),
        ("10:15 --force was used, then --", "--force was used, then --"),
        ("10:15 use is > 80 %", "use is > 80 %"),
        ("10:15 mail to @bob about #4 went out", "mail to @bob about #4 went out"),
        ("10:15 fixed by #4711", "fixed by #4711"),
        ("10:15 told @bob @alice", "told @alice"),
        ("10:15 status < > ", "status < >"),
        ("10:15 a<b>", "a<b>"),
        ("10:15 wow !!", "wow !!"),
    ],
)
def test_a_sign_that_is_no_mark_is_part_of_the_sentence(line: str, text: str) -> None:
    assert capture.event(line, CONTEXT).text == text


def test_a_milestone_stars_its_row_and_a_beginning_of_a_word_will_do() -> None:
    found = capture.event("10:06:45 alert fires #alert #detected", CONTEXT)
    assert (found.kind, found.milestone, found.starred) == ("alert", "detected", True)
    assert capture.event("10:06 x #sym", CONTEXT).kind == "symptom"
    assert capture.event("10:06 x #ack", CONTEXT).milestone == "acknowledged"
    # Two kinds and a milestone begin with "a", so it says nothing; it stays where it was typed.
    assert capture.event("10:06 x #a", CONTEXT).text == "x #a"


def test_a_factor_with_its_category() -> None:
    kept(
        capture.factor("pool size unchanged since traffic tripled %capacity"),
        text="pool size unchanged since traffic tripled",
        category="Data & capacity",
    )
    kept(
        capture.factor("no query plan was shown #absence #systemic %process"),
        text="no query plan was shown",
        kind="absence",
        mark="systemic",
        category="Process & review",
    )


def test_a_category_of_the_teams_own_is_kept_as_typed() -> None:
    assert capture.factor("x %Weather").category == "Weather"
    assert capture.factor("80 % of it %event").kind == ""


def test_an_action_with_everything() -> None:
    kept(
        capture.action("Alert on pool use > 80 % for 5 min @bob fri !high -> fires in staging", TODAY),
        text="Alert on pool use > 80 % for 5 min",
        owner="@bob",
        due=date(2025, 2, 14),
        priority="high",
        done_when="fires in staging",
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Split the pool !med 16 feb @dan #limit", {"priority": "medium", "kind": "limit", "due": date(2025, 2, 16)}),
        ("Split the pool by 2025-02-16", {"due": date(2025, 2, 16)}),
        ("Split the pool, +2w", {"due": date(2025, 2, 24)}),
        ("Split the pool -> done in staging @dan fri", {"due": date(2025, 2, 14), "done_when": "done in staging"}),
    ],
)  # fmt: skip
def test_marks_stand_at_the_end_in_any_order(line: str, expected: dict[str, object]) -> None:
    found = capture.action(line, TODAY)
    assert found.text == "Split the pool"
    assert {name: getattr(found, name) for name in expected} == expected
    assert found.owner == ("@dan" if "@dan" in line else "")


@pytest.mark.parametrize(
    "line",
    [
        *("Alert after 5 minutes", "Keep logs for 10 days", "Agree what we may", "Reduce the range to 10-20"),
        *(
            "Look at it again next week",
            "Ship what was agreed in may -> it is out",
            "Rotate keys in 3 months",
        ),
        *("Retry 3 times @bob", "Wait 30 seconds !high", "Rename #4711"),
    ],
)
def test_a_sentence_that_ends_like_a_date_has_no_due_date(line: str) -> None:
    found = capture.action(line, TODAY)
    assert found.due is None
    assert found.text == line.partition(" -> ")[0].removesuffix(" @bob").removesuffix(" !high")


# What people type, and what they mistype: marks at odds, dates, signs, spaces, any characters.
WORDS = st.sampled_from(
    [
        *(
            "pool",
            "exhausted",
            "@oncall",
            "@bob",
            "#symptom",
            "#detected",
            "#a",
            "#",
            "<app logs>",
            "<",
            ">",
            "< >",
        ),
        *(
            "%capacity",
            "%",
            "%%",
            "!high",
            "!",
            "!!",
            "fri",
            "may",
            "+2w",
            "2025-02-16",
            "16",
            "feb",
            "by",
            "->",
        ),
        *(
            "10:15",
            "~10:15",
            "10:15-10:22",
            "+5m",
            "-",
            "--",
            ",",
            ":",
            "-5",
            "yesterday",
            "\t",
            "  ",
            "é",
            "漢字",
        ),
    ]
)
LINES = st.lists(WORDS | st.text(max_size=6), max_size=12).map(" ".join)
# Between a time and the sentence; between an action, its date and what it takes to be done.
JOINTS = {"-", "--", ",", ":", "–", "—", "->", "by", "due", "on", "until", "<", ">"}


def words_of(record: Event | Factor | Action) -> str:
    values = [value for value in record.model_dump().values() if isinstance(value, str)]
    return " ".join(values).casefold()


def missing(line: str, record: Event | Factor | Action) -> list[str]:
    """The words of the line that are nowhere in the record. A mark may stand there completed, or split."""
    known = words_of(record)
    lost = []
    for word in one_line(line).replace("<", " < ").replace(">", " > ").casefold().split():
        bare = word.strip(",:-–—")
        if not (
            {word, bare, bare[1:]} & JOINTS or bare in known or (bare[:1] in "@#!%<" and bare[1:] in known)
        ):
            lost.append(word)
    return lost


@settings(max_examples=300)
@given(LINES)
def test_every_word_of_an_event_is_in_the_record(line: str) -> None:
    assert missing(line, capture.event(line, CONTEXT)) == []


@settings(max_examples=300)
@given(LINES)
def test_every_word_of_a_factor_is_in_the_record(line: str) -> None:
    assert missing(line, capture.factor(line)) == []


@settings(max_examples=300)
@given(LINES)
def test_every_word_of_an_action_is_in_the_record_or_its_due_date(line: str) -> None:
    found = capture.action(line, TODAY)
    lost = missing(line, found)
    # The words of one due date, which have become a date.
    assert lost == [] or (found.due is not None and len(lost) <= 3)


def test_a_line_of_nothing_but_marks_is_quick_to_read() -> None:
    # Twice as many marks cost twice as many steps, not four times: the line is read on every key.
    import sys

    def steps(count: int) -> int:
        calls = 0

        def counter(*_: object) -> None:
            nonlocal calls
            calls += 1

        line = "x" + " @a" * count
        sys.setprofile(counter)
        try:
            capture.event(line, CONTEXT)
        finally:
            sys.setprofile(None)
        return calls

    assert steps(400) < 2.5 * steps(200)


def test_what_was_understood_is_said_in_words() -> None:
    found = capture.event("10:06:45 alert fires @oncall #alert #detected <Prometheus>", CONTEXT)
    said = capture.describe_event(found, UTC, "UTC", DAY)
    assert said == "10:06:45 UTC · ★ detected · alert · @oncall · from Prometheus · “alert fires”"
    assert capture.describe_event(capture.event("", CONTEXT), UTC, "UTC", DAY).endswith("what happened?")
    assert "(a span)" in capture.describe_event(capture.event("10:15-10:22 x", CONTEXT), UTC, "UTC", DAY)
    assert capture.describe_factor(capture.factor("no index %data")).endswith("“no index”")
    assert capture.describe_action(capture.action("Add an index @bob fri", TODAY)) == (
        "“Add an index” · @bob · due Fri 2025-02-14 · no priority · done when? (-> …)"
    )
