"""Actions, factors and facts in the shapes that public reports have them: each is read as a person reads it.

The documents were written for this project after the shapes of published reports and templates (Flutter, PostHog, DFDS,
PagerDuty, mybinder, the SRE book and others); see docs/importing.md for how well unseen ones were read.
"""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.importing.draft import Draft
from app.importing.due import Dues
from app.importing.read import read
from app.importing.result import session_of
from app.report.render import render
from tests.unit.importing import test_shapes as shapes

PARTS = Path(__file__).parents[2] / "data" / "parts"
EXPECTED: dict[str, Any] = tomllib.loads((PARTS / "expected.toml").read_text("utf-8"))


@cache
def draft_of(name: str) -> Draft:
    path = next(PARTS.glob(f"{name}-*"))
    return read(path.read_text("utf-8"), shapes.OPTIONS, path.name)


@pytest.fixture(autouse=True)
def from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "EXPECTED", EXPECTED)
    monkeypatch.setattr(shapes, "draft_of", draft_of)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_document_says_what_a_person_reads_in_it(name: str) -> None:
    assert [fact for fact, right in shapes.facts(name) if not right] == []


@pytest.mark.parametrize("name", EXPECTED)
def test_every_line_is_accounted_for_exactly_once(name: str) -> None:
    draft = draft_of(name)
    assert len(draft.uses) == len(draft.lines)
    assert not [
        line
        for line, use in zip(draft.lines, draft.uses, strict=True)
        if line.strip() and (use is None or use.became == "blank")
    ]


@pytest.mark.parametrize("name", EXPECTED)
def test_its_report_is_read_again_as_the_identical_review(name: str) -> None:
    first = shapes.session(name)
    assert session_of(read(render(first, "md", exact=True), shapes.OPTIONS, "report.md"), "other") == first


def test_what_is_below_an_action_and_no_field_stays_with_its_words() -> None:
    action = shapes.session("p01").actions[1]
    assert action.text == "Write down how a lock is found\n\n- It is in the handbook now"


def test_what_an_action_is_done_by_is_its_own_field() -> None:
    assert shapes.session("p06").actions[0].done_when == "A test with one"


def test_a_date_that_may_be_either_is_read_by_the_other_dates_of_the_document() -> None:
    assert not draft_of("p04").remarks
    assert Dues(["by 03/28/2026"]).read("03/04/2026").day == date(2026, 3, 4)
    assert Dues(["by 28/03/2026"]).read("03/04/2026").day == date(2026, 4, 3)


def test_where_nothing_tells_both_readings_are_told_and_the_words_kept() -> None:
    draft = draft_of("p05")
    assert draft.remarks == [
        "The due date of “Renew the certificate by a job” is read as 2026-03-04; "
        "2026-04-03 would be another reading."
    ]
    assert "Due date: 03/04/2026" in draft.actions[0].text


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2026-04-03", date(2026, 4, 3)),
        ("3.4.2026", date(2026, 4, 3)),
        ("28/02/2026", date(2026, 2, 28)),
        ("02/28/2026", date(2026, 2, 28)),
        ("04/04/2026", date(2026, 4, 4)),
        ("31/31/2026", None),
        ("fri", None),
        ("Q3", None),
    ],
)
def test_a_due_date_is_what_it_can_only_be(written: str, read_as: date | None) -> None:
    assert Dues().read(written).day == read_as


def test_a_day_without_a_year_is_the_next_one_after_the_incident() -> None:
    assert Dues(day=date(2025, 12, 20)).read("Jan 9").day == date(2026, 1, 9)
    assert Dues().read("Jan 9").day is None


def test_what_a_heading_says_of_a_group_stands_before_each_entry_of_the_group() -> None:
    narrative = shapes.session("p07").narrative
    assert narrative.went_well == (
        "**Response:** ✅ The right person was awake",
        "**Tools:** ✅ The dashboard was right",
    )
    assert narrative.was_hard[0] == "❌ The alert went to a closed channel"


def test_a_heading_among_actions_says_what_kind_of_action_it_is() -> None:
    assert [each.kind for each in shapes.session("p07").actions][2:] == ["detect", ""]
    assert shapes.session("p08").actions[0].kind == "recover"


def test_what_a_heading_says_behind_a_dash_is_not_lost() -> None:
    kept = {each.heading: each.text for each in shapes.session("p07").narrative.passages}
    assert kept["Root cause"] == "Root cause — systemic"
