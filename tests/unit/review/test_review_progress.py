"""The state of the six steps: what is begun, what is done, and how much is still wrong."""

import tomllib
from pathlib import Path

from app.review.claims import accept, check_claims
from app.review.progress import progress
from app.review.records import Session

SAMPLE = next((Path(__file__).parents[3] / "sessions").glob("2025-02-09-*")) / "session.toml"


def sample() -> Session:
    return Session.model_validate(tomllib.loads(SAMPLE.read_text("utf-8")))


def report_of(session: Session) -> tuple[str, int]:
    [step] = [each for each in progress(session).steps if each.name == "report"]
    return step.state, step.problems


def test_claims_that_the_timeline_contradicts_are_problems_of_the_report() -> None:
    assert report_of(sample()) == ("started", 2)


def test_a_claim_with_a_stated_basis_is_no_problem() -> None:
    session = sample()
    for found in check_claims(session):
        session = accept(session, found, "support hours")
    assert report_of(session) == ("done", 0)


def test_words_that_blame_are_problems_beside_them() -> None:
    session = sample()
    blaming = session.narrative.model_copy(update={"trigger": "Bob carelessly broke the database."})
    assert report_of(session.model_copy(update={"narrative": blaming}))[1] > 2


def test_a_review_with_nothing_written_has_an_empty_report() -> None:
    assert report_of(Session()) == ("empty", 0)
