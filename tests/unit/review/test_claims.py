"""What a report claims is held against its own records; what contradicts them names both sources."""

import csv
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.importing.document import Options
from app.importing.read import read
from app.importing.result import session_of
from app.review.claims import Judgement, accept, check_claims, judged, open_claims
from app.review.claims.lengths import lengths
from app.review.records import (
    Action,
    Distribution,
    Event,
    FollowUp,
    Impact,
    Incident,
    Narrative,
    Passage,
    Session,
)  # fmt: skip
from app.review.writing import Spot

SAMPLE = Path(__file__).parents[3] / "sessions" / "2025-02-09-api-service-degradation" / "session.toml"
INCIDENTS = Path(__file__).parents[2] / "data" / "incidents"
START = datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC)
CLASSIC = {
    "started": "10:05:23", "detected": "10:06:45", "paged": "10:08:12", "acknowledged": "10:12:00",
    "mitigated": "10:22:10", "recovered": "10:35:00", "resolved": "10:40:00",
}  # fmt: skip


def review(text: str = "", **more: object) -> Session:
    events = tuple(
        Event(id=f"E{number}", at=datetime.fromisoformat(f"2025-02-09T{clock}Z"), text=name, milestone=name)
        for number, (name, clock) in enumerate(CLASSIC.items(), 1)
    )
    return Session(events=events, narrative=Narrative(went_well=(text,) if text else ()), **more)  # type: ignore[arg-type]


def only(session: Session) -> Judgement:
    found = judged(session)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "holds", "say"),
    [
        ("Alert fired within 90 seconds of first errors", True, "at most 1 min 30 s is 1 min 22 s"),
        ("Alert fired within 60 seconds of first errors", False, "at most 1 min is not 1 min 22 s"),
        ("Mitigation deployed quickly (10 minutes from page to fix)", False, "10 min is not 13 min 58 s"),
        ("14 minutes from page to fix", True, "14 min is 13 min 58 s"),
        ("From acknowledgement to fix took 10 minutes.", True, "10 min is 10 min 10 s"),
        ("The incident lasted 1h 35min.", False, "1 h 35 min is not 34 min 37 s"),
        ("The incident lasted about 35 minutes.", True, "about 35 min is 34 min 37 s"),
        ("The outage lasted half an hour", True, "29 min 37 s"),
        ("The error rate was back to normal 13 minutes after mitigation", True, "13 min is 12 min 50 s"),
        ("The alert came 5 minutes after the first errors", False, "5 min is not 1 min 22 s"),
        ("It took 80 seconds to detect", True, "1 min 20 s is 1 min 22 s"),
        ("Time to resolve: 2 hours", False, "2 h is not 34 min 37 s"),
        ("The page was acknowledged within 4 minutes", True, "at most 4 min is 3 min 48 s"),
        ("The page was acknowledged within two minutes", False, "at most 2 min is not 3 min 48 s"),
        ("We were down for more than 20 minutes", True, "20 min is 28 min 15 s"),
    ],
)
def test_a_length_is_compared_with_the_rows_that_it_is_between(text: str, holds: bool, say: str) -> None:
    found = only(review(text))
    assert (found.holds, found.kind) == (holds, "length")
    assert say in found.say
    assert "E" in found.say.partition("which")[2], "the rows are named"


@pytest.mark.parametrize(
    "text",
    [
        "Alerts are evaluated every 5 minutes",
        "Alert when pool use is above 80 % for 5 min",
        "3 requests per second were refused",
        "The last 5 minutes of logs were lost",
        "The replica was 20 minutes old",
        "The query took 8 s",
        "We waited 10 minutes",
        "Retention is 14 days",
        "The web page took 10 s to load",
        "Communication to customers was clear and timely",
    ],
)
def test_a_length_of_something_else_is_left_alone(text: str) -> None:
    assert judged(review(text)) == ()


def test_both_contradictions_of_the_classic_report_are_named_and_the_third_claim_is_right() -> None:
    found = judged(Session.model_validate(tomllib.loads(SAMPLE.read_text("utf-8"))))
    told = {each.words: each.holds for each in found if each.kind == "length"}
    assert told["10 minutes from page to fix"] is False
    assert told["Alert fired within 90 seconds of first errors"] is True
    assert any("1.5 hours" in words and not holds for words, holds in told.items())


def test_the_classic_document_contradicts_its_own_timeline_by_its_duration() -> None:
    text = (
        "# Post-Mortem: API (2025-02-09)\n\n**Duration**: 1h 35min (10:05 - 11:40 UTC)\n\n"
        "## Timeline (all times UTC)\n\n| Time | Event |\n|---|---|\n| 10:05:23 | First 5xx errors appear |\n"
        "| 10:35:00 | Error rate returns to normal |\n| 10:40:00 | Incident marked resolved |\n"
    )
    [wrong] = check_claims(session_of(read(text, Options(name="x"))))
    assert "1 h 35 min is not 34 min 37 s" in wrong.say
    assert "E1 (started, by its words) at 10:05:23 to E3 (resolved, by its words) at 10:40:00" in wrong.say


def test_a_length_beside_a_window_is_held_against_it() -> None:
    right = Session(
        narrative=Narrative(passages=(Passage(heading="Duration", text="21:45 to 23:28 UTC (103 minutes)"),))
    )
    assert only(right).holds
    wrong = Session(
        narrative=Narrative(passages=(Passage(heading="Duration", text="23:45 to 00:28 UTC (103 minutes)"),))
    )
    assert "1 h 43 min is not 43 min" in only(wrong).say


def test_an_impact_is_held_against_its_own_window() -> None:
    impact = Impact(
        id="I1", text="failed requests over 1.5 hours", from_=START, to=START + timedelta(minutes=30)
    )
    assert "1 h 30 min is not 30 min, which this impact has" in only(review(impacts=(impact,))).say


def test_parts_that_do_not_make_their_total_are_named() -> None:
    parts = "Two incidents, over 5 hours in all.\n\n- one (100 minutes)\n- two (80 minutes)"
    found = only(Session(narrative=Narrative(summary=parts)))
    assert not found.holds
    assert "the parts make 1 h 40 min + 1 h 20 min = 3 h, not 5 h" in found.say
    assert only(Session(narrative=Narrative(summary=parts.replace("5 hours", "2 hours")))).holds


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("20 of 80 pods (25 %) were lost", True),
        ("20 of 80 pods (40 %) were lost", False),
        ("1,200 + 800 = 2,000 tickets", True),
        ("1,200 + 800 = 2,100 tickets", False),
    ],
)
def test_shares_and_sums_are_reckoned_again(text: str, holds: bool) -> None:
    assert only(Session(narrative=Narrative(summary=text))).holds is holds


def test_impacts_that_do_not_make_their_total() -> None:
    impacts = (
        Impact(id="I1", text="300 customers affected in Europe"),
        Impact(id="I2", text="200 customers affected in Asia"),
        Impact(id="I3", text="In total 600 customers affected"),
    )  # fmt: skip
    found = only(Session(impacts=impacts))
    assert "the parts make 300 + 200 = 500, not 600" in found.say


def test_another_number_for_the_same_thing_is_named_with_both_places() -> None:
    session = Session(
        impacts=(Impact(id="I1", text="failed requests", value=40000),),
        narrative=Narrative(summary="About 90,000 failed requests."),
    )
    found = only(session)
    assert not found.holds
    assert "the impact says “40,000 failed requests”" in found.say
    assert only(
        session.model_copy(update={"narrative": Narrative(summary="About 41,000 failed requests.")})
    ).holds


def test_actions_that_are_counted_are_counted_again() -> None:
    session = Session(
        actions=(Action(id="AI-001"), Action(id="AI-002")),
        narrative=Narrative(summary="It led to six action items."),
    )
    assert "the review has 2 actions, not 6" in only(session).say


@pytest.mark.parametrize(
    ("text", "say"),
    [
        ("It began on 2025-02-30.", "the calendar has no such day"),
        ("It began on 31 June 2025.", "the calendar has no such day"),
        ("It began on Monday 2025-02-09.", "2025-02-09 was a Sunday"),
        ("It began on Friday, November 29th, 2019.", ""),
    ],
)
def test_dates_that_cannot_be_are_named(text: str, say: str) -> None:
    found = only(Session(narrative=Narrative(summary=text)))
    assert found.holds is not bool(say)
    assert say in found.say


def test_dates_before_what_they_follow_from_are_named() -> None:
    session = Session(
        incident=Incident(
            started_at=START, ended_at=START - timedelta(hours=1), reviewed_on=date(2025, 1, 1)
        ),
        actions=(Action(id="AI-001", due=date(2025, 2, 1)), Action(id="AI-002", closed_on=date(2024, 2, 1))),
        impacts=(Impact(id="I1", from_=START, to=START - timedelta(hours=1)),),
        events=(
            Event(id="E1", at=START, until=START - timedelta(minutes=1), text="x"),
            Event(id="E2", at=START.replace(year=2024), text="x"),
            Event(id="E3", at=START.replace(year=2024), text="x", kind="context"),
        ),
        distribution=(Distribution(id="D1", to="all", sent_at=START - timedelta(days=1)),),
        follow_up=FollowUp(review_on=date(2024, 12, 1)),
    )
    said = " ".join(each.say for each in check_claims(session))
    for part in (
        "The incident ends at", "The review of 2025-01-01 is before", "AI-001 is due on", "AI-002 was closed on",
        "The impact I1 ends at", "E1 ends at", "E2 is dated 2024-02-09", "The report went to all",
        "The follow-up of 2024-12-01",
    ):  # fmt: skip
        assert part in said, part
    assert "E3" not in said


def test_phases_out_of_order_name_both_rows() -> None:
    session = review()
    events = tuple(
        each.model_copy(update={"at": START - timedelta(minutes=9)})
        if each.milestone == "mitigated"
        else each
        for each in session.events
    )
    [found] = check_claims(session.model_copy(update={"events": events}))
    assert found.kind == "order"
    assert found.say.startswith("E5 (mitigated) at 2025-02-09 09:56:23 UTC is before E1 (started)")


def test_a_claim_stands_with_its_basis_until_its_words_change() -> None:
    session = review("The incident lasted 1h 35min.")
    stands = accept(session, only(session), "support hours")
    assert only(stands).basis == "support hours"
    assert open_claims(judged(stands)) == ()
    changed = stands.model_copy(update={"narrative": Narrative(went_well=("The incident lasted 2h 35min.",))})
    assert open_claims(judged(changed))
    with pytest.raises(ValueError, match="based on"):
        accept(session, only(session), "  ")


def test_every_finding_leads_to_its_place() -> None:
    assert only(review("The incident lasted 1h 35min.")).spot == Spot("narrative", "went_well", point=0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h 35min", 5700), ("1 h 35 min", 5700), ("34 min 37 s", 2077), ("90 seconds", 90), ("1.5 hours", 5400),
        ("an hour and a half", 5400), ("half an hour", 1800), ("two and a half hours", 9000), ("27m", 1620),
        ("0h 55m", 3300), ("1h50m", 6600), ("3 days", 259_200), ("90-minute", 5400), ("1 hour and 20 minutes", 4800),
        ("7 hours 9 minutes", 25_740), ("1,200 seconds", 1200), ("two weeks", 1_209_600),
    ],
)  # fmt: skip
def test_lengths_are_read_as_people_write_them(text: str, seconds: int) -> None:
    [found] = lengths(f"it took {text} in all")
    assert found.value == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["v2.3.0", "10:05:23", "p99", "5xx", "10.0.0.7", "$5m", "8s/req", "2025-02-09", "ms 5"]
)
def test_what_is_no_length_is_not_read_as_one(text: str) -> None:
    assert list(lengths(f"about {text} and")) == []


@given(st.text(), st.text())
def test_no_text_can_make_the_check_fail(one: str, two: str) -> None:
    session = review(f"{one} 10 minutes {two}", impacts=(Impact(id="I1", text=f"{two} 5 {one} 2025-13-45"),))
    judged(session)


# Eight published reports


def reports() -> dict[str, Session]:
    found = {}
    for path in sorted(INCIDENTS.glob("*.txt")):
        text = path.read_text("utf-8").partition("raw text follows, unchanged ----\n")[2]
        found[path.stem] = session_of(read(text, Options(name=path.stem), path.name))
    return found


def test_what_is_said_of_the_published_reports_is_what_was_read_by_hand() -> None:
    with (INCIDENTS / "claims.tsv").open(encoding="utf-8", newline="") as file:
        known = [tuple(row.values())[:4] for row in csv.DictReader(file, delimiter="\t")]
    said = [
        (name, each.kind, "holds" if each.holds else "contradicted", each.words)
        for name, session in reports().items()
        for each in judged(session)
    ]
    assert said == known


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("The outage lasted 2 hours, starting at 3:00 PM and ending at 5:00 PM EDT.", True),
        ("The outage lasted 5 hours, starting at 3:00 PM and ending at 5:00 PM EDT.", False),
        ("Duration: 3 hours and 45 minutes of chaos, from 1:15 PM to 5:00 PM.", True),
        ("The outage lasted 1 hour: it started at 11:45 AM and was resolved by 12:45 PM.", True),
        ("The outage lasted 75 minutes, 11:45 to 1:00 PM.", True),
        ("The outage lasted 105 minutes (1:15-3:00 p.m.).", True),
        ("The outage lasted 45 minutes (1:15-3:00 p.m.).", False),
    ],
)
def test_windows_by_the_clock_of_twelve_hours_are_windows(text: str, holds: bool) -> None:
    (found,) = judged(Session(narrative=Narrative(summary=text)))
    assert found.holds is holds, found.say


def test_a_length_that_fits_its_own_window_is_still_held_against_the_rows() -> None:
    text = (
        "# Outage\n\n## Summary\n\n"
        "The outage lasted 2 minutes, starting at 2:20 PM and ending at 2:22 PM (UTC) on May 8, 2024.\n\n"
        "## Timeline\n\n- 2:20 PM: issue detected\n- 2:31 PM: servers went down\n- 4:00 PM: full service restoration\n"
    )
    (found,) = check_claims(session_of(read(text, Options(name="x"))))
    assert "2 min is not 1 h 40 min" in found.say
