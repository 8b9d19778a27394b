"""Custom sections have a place and keep it; what a number is based on stands beside it."""

import csv
import io
import json

import pytest

from app.importing.document import Options
from app.importing.read import read
from app.importing.result import session_of
from app.report.render import ReportProblem, Shape, render
from app.review.claims import accept, check_claims
from app.review.records import Event, Impact, Narrative, Passage, Session
from app.review.sections import PLACES, moved
from tests.fakes.classic_review import classic_review

OPTIONS = Options(name="x")


def with_passages(*passages: Passage) -> Session:
    base = classic_review()
    return base.model_copy(update={"narrative": base.narrative.model_copy(update={"passages": passages})})


def headings(text: str) -> list[str]:
    return [line[3:] for line in text.split("\n") if line.startswith("## ")]


CUSTOM = (
    Passage(heading="Cost", text="About 5,000 EUR.", after="impact"),
    Passage(heading="Loose", text="Without a place."),
    Passage(heading="Impact", text="Named as a section is.", after="impact"),
    Passage(heading="Foreword", text="By the director.", after="header"),
    Passage(heading="Drawing", text="Behind the factors.", after="factors"),
)


def test_custom_sections_stand_behind_the_sections_that_they_have_their_place_after() -> None:
    found = headings(render(with_passages(*CUSTOM)))
    assert found[:5] == ["Foreword", "Summary", "Impact", "Cost", "Impact"]
    assert found[found.index("Drawing") - 1] == "Contributing Factors"
    assert found.index("Loose") > found.index("Prevention")


@pytest.mark.parametrize("form", ["html", "txt", "confluence"])
def test_they_stand_there_in_every_format(form: str) -> None:
    text = render(with_passages(*CUSTOM), form)
    marks = [
        "By the director.",
        "Named as a section is.",
        "Root Cause",
        "Behind the factors.",
        "Action Items",
        "Without a place.",
    ]
    places = [text.index(each) for each in marks]
    assert places == sorted(places)


def test_a_preset_says_which_it_takes_and_a_switch_says_otherwise() -> None:
    session = with_passages(*CUSTOM)
    short = headings(render(session, preset="short"))
    assert short[:5] == ["Foreword", "Summary", "Impact", "Cost", "Impact"]
    assert "Loose" not in short
    assert "Loose" in headings(render(session, shape=Shape("short", keep=("passages",))))
    assert "Cost" not in headings(render(session, shape=Shape("short", drop=("passages",))))
    assert "Cost" not in headings(render(session, preset="customer"))
    assert "Cost" in headings(render(session, shape=Shape("customer", keep=("passages",))))
    with pytest.raises(ReportProblem, match="There is no section “nothing” to choose"):
        render(session, shape=Shape(keep=("nothing",)))


def test_the_drawing_stays_with_its_factors_where_a_custom_section_follows_them() -> None:
    session = with_passages(*CUSTOM)
    session = session.model_copy(update={"analysis": session.analysis.model_copy(update={"fishbone": True})})
    text = render(session)
    assert text.index("## Contributing Factors") < text.index("### Fishbone") < text.index("## Drawing")


def test_places_survive_a_report_that_is_read_again() -> None:
    session = with_passages(*CUSTOM)
    again = session_of(read(render(session, exact=True), OPTIONS))
    assert again.narrative.passages == CUSTOM


def test_a_section_that_was_moved_in_the_file_stands_where_it_was_moved_to() -> None:
    session = with_passages(CUSTOM[0])
    text = render(session, exact=True)
    cost = "## Cost\n\nAbout 5,000 EUR.\n\n"
    cost = cost if cost in text else "## Cost\nAbout 5,000 EUR.\n\n"
    assert cost in text
    text = text.replace(cost, "").replace("## Lessons Learned", f"{cost}## Lessons Learned")
    (found,) = session_of(read(text, OPTIONS)).narrative.passages
    assert (found.heading, found.after) == ("Cost", "went_well")


def test_the_places_of_a_report_from_elsewhere_are_kept_through_ours() -> None:
    text = (
        "# Outage\n\n## Background\n\nWe sell shoes.\n\n## Summary\n\nIt was down.\n\n## Impact\n\n- 5 users\n\n"
        "## Money\n\nA lot.\n\n## Action Items\n\n- Fix it\n\n## Thanks\n\nTo all.\n"
    )
    first = session_of(read(text, OPTIONS))
    assert [(each.heading, each.after) for each in first.narrative.passages] == [
        ("Background", "header"), ("Money", "impact"), ("Thanks", "actions"),
    ]  # fmt: skip
    for exact in (True, False):
        again = session_of(read(render(first, exact=exact), OPTIONS))
        own = [each for each in again.narrative.passages if each.heading in {"Background", "Money", "Thanks"}]
        assert own == list(first.narrative.passages)


def test_a_place_moves_one_section_at_a_time_and_stays_inside_the_report() -> None:
    place = Passage(heading="x", after="impact")
    assert moved(place, 1).after == "root_cause"
    assert moved(place, -9).after == PLACES[0]
    assert moved(Passage(heading="x"), 1).after == "questions"


def test_rows_without_a_star_are_read_again_from_the_appendix() -> None:
    base = classic_review()
    events = tuple(each.model_copy(update={"starred": number < 3}) for number, each in enumerate(base.events))
    session = base.model_copy(update={"events": events})
    again = session_of(read(render(session, exact=True), OPTIONS))
    assert [(each.id, each.at, each.text, each.starred) for each in again.events] == [
        (each.id, each.at, each.text, each.starred) for each in events
    ]
    plain = session_of(read(render(session), OPTIONS))
    assert [each.text for each in plain.events] == [each.text for each in events]


# What a number is based on


def accepted() -> Session:
    base = classic_review()
    session = base.model_copy(
        update={
            "impacts": (Impact(id="I1", text="40,000 failed requests over 1.5 hours"),),
            "narrative": Narrative(
                summary="It **lasted 1 h 35 min** and then\nsome.",
                went_well=("fast", "Mitigation deployed quickly (10 minutes from page to fix)"),
            ),
        }
    )
    for each in check_claims(session):
        session = accept(session, each, "support *hours*")
    return session


def test_three_claims_of_the_classic_review_were_accepted() -> None:
    assert len(check_claims(accepted())) == 3
    assert all(each.basis for each in check_claims(accepted()))


@pytest.mark.parametrize("form", ["md", "html", "txt", "confluence"])
@pytest.mark.parametrize("shape", [Shape(), Shape(public=True)])
def test_a_basis_stands_behind_its_number_in_every_format(form: str, shape: Shape) -> None:
    text = " ".join(render(accepted(), form, shape=shape).replace("\\", "").split())
    assert text.count("basis: support *hours*)") == 3
    assert "(10 minutes from page to fix; basis: support *hours*)" in text
    assert "failed requests over 1.5 hours (basis: support *hours*)" in text


def test_a_basis_is_in_the_table_the_summary_and_the_json() -> None:
    rows = list(csv.reader(io.StringIO(render(accepted(), "csv"))))
    assert sum("basis: support" in cell for row in rows for cell in row) == 3
    assert "over 1.5 hours (basis: support" in render(accepted(), "slack")
    bases = json.loads(render(accepted(), "json"))["bases"]
    assert [each["basis"] for each in bases] == ["support *hours*"] * 3


def test_a_basis_is_not_taken_for_a_persons_words_when_the_report_is_read_again() -> None:
    session = accepted()
    again = session_of(read(render(session, exact=True), OPTIONS))
    assert again.narrative == session.narrative
    assert [each.text for each in again.impacts] == [each.text for each in session.impacts]


def test_without_a_basis_nothing_is_added() -> None:
    assert "basis" not in render(classic_review())
    assert "(basis:" not in render(Session(event=(Event(id="E1", text="x"),)))


def test_what_is_known_of_the_review_itself_stands_where_a_preset_or_a_person_wants_it() -> None:
    session = classic_review()
    session = session.model_copy(
        update={"incident": session.incident.model_copy(update={"facilitator": "@zoe", "status": "reviewed"})}
    )
    for text in (render(session, preset="sre"), render(session, shape=Shape(keep=("facts",)))):
        facts = text.partition("## About This Review\n")[2].partition("\n\n")[0]
        assert facts.strip().split("\n") == [
            "- Id: PM-2025-02-09", "- Status: reviewed", "- Services: api-service", "- Facilitator: @zoe",
            "- Time zone: UTC",
        ]  # fmt: skip
    assert "About This Review" not in render(session)
    assert "About This Review" not in render(session, shape=Shape("sre", public=True))
    again = session_of(read(render(session, shape=Shape(keep=("facts",)), exact=True), OPTIONS))
    assert again.narrative.passages == ()
