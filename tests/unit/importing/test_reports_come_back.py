"""A report of this program is read again as the identical review, whatever words stand in it."""

import pytest
from hypothesis import HealthCheck, Phase, assume, example, given, settings

from app.importing.document import Options
from app.importing.read import read
from app.importing.result import session_of
from app.redaction.session import masked
from app.report.render import PRESETS, render
from app.review.claims import accept, check_claims
from app.review.records import (
    Action,
    Event,
    Factor,
    Impact,
    Incident,
    Narrative,
    Parked,
    Passage,
    Session,
)
from tests.fakes.classic_review import classic_review
from tests.report_strategies import reported

HOSTILE = settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def again(session: Session, format: str = "md") -> Session:
    return session_of(read(render(session, format, exact=True), Options(), f"report.{format}"), "other")


def told(**parts: object) -> Session:
    return Session(id="PM-1", narrative=Narrative.model_validate(parts))


@HOSTILE
@given(reported())
@example(told(summary="*No row yet.*"))
@example(
    told(went_well=("|", "```")).model_copy(
        update={"parked": (Parked(id="P1", text="a", outcome="question"),)}
    )
)
@example(told(passage=(Passage(),)))
@example(told(lucky=("|",), prevention="|", passage=(Passage(heading="Where We Were Lucky"),)))
@example(told(lessons=("a",), passage=(Passage(heading="Lessons Learned", text="- a", after="lessons"),)))
@example(Session(id="PM-1", actions=(Action(id="AI-001", status="declined", reason="\n|"),)))
@example(
    Session(id="PM-1", incident=Incident(title="Down (2026-03-16)"), factors=(Factor(id="F1", text="# a"),))
)
@example(
    Session(
        id="PM-1", impacts=(Impact(id="I1", text="-->\n## Impact"),), events=(Event(id="E1", text="| a |"),)
    )
)
def test_any_review_comes_back_from_its_report_as_it_was(session: Session) -> None:
    # Words put together at random can look like a password; a secret leaves as a mask.
    assume(masked(session) == session)
    assert again(session) == session


@settings(HOSTILE, max_examples=20)
@given(reported())
def test_any_review_comes_back_from_its_json_as_it_was(session: Session) -> None:
    assume(masked(session) == session)
    assert again(session, "json") == session


def test_a_review_in_utc_stays_so_whatever_offsets_its_rows_have() -> None:
    row = Event.model_validate({"id": "E1", "at": "2025-02-09T10:15:00+01:00"})
    session = Session(id="PM-1", events=(row,))
    assert again(session).incident.timezone == "UTC"


def test_what_a_number_stands_on_comes_back_with_it() -> None:
    session = classic_review().model_copy(
        update={"impacts": (Impact(id="I1", text="40,000 failed requests over 1.5 hours"),)}
    )
    for each in check_claims(session):
        session = accept(session, each, "support *hours*")
    assert session.accepted
    assert again(session).accepted == session.accepted
    # The words decide: without the basis in them there is none.
    report = render(session, "md", exact=True).replace("basis: support", "of support")
    assert session_of(read(report, Options(), "report.md"), "other").accepted == ()


def test_what_was_accepted_of_the_language_is_not_in_a_report() -> None:
    session = Session.model_validate(
        {"id": "PM-1", "accepted": [{"rule": "B1", "text": "He failed.", "reason": "x"}]}
    )
    assert "He failed" not in render(session, "md", exact=True)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_report_without_its_comment_brings_no_placeholder_back(preset: str) -> None:
    session = Session(id="PM-1", incident=Incident(title="Down"))
    text = render(session, "md", preset=preset)
    assert "yet.*" in text
    found = session_of(read(text, Options(), "report.md"), "PM-1")
    assert "yet." not in found.model_dump_json()
    assert (found.events, found.actions, found.factors, found.impacts) == ((), (), (), ())
    assert found.narrative.summary == found.narrative.trigger == ""


def test_durations_that_were_computed_are_no_words_of_the_review() -> None:
    text = render(classic_review(), "md")
    assert "## Definitions of Durations" in text
    found = session_of(read(text, Options(), "report.md"), "PM-1")
    assert "Definitions of Durations" not in {each.heading for each in found.narrative.passages}
