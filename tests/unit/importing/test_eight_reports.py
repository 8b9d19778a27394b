"""Eight published reports, read: every timed line is a row with its date, zone and precision, and no line is lost.

The tables in ``tests/data/imported`` were checked against the reports by reading both, line by line.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.importing.document import Options
from app.importing.draft import Draft
from app.importing.read import read
from app.importing.result import session_of
from app.report.render import render
from app.review.records import Session
from app.review.timewords import named

DATA = Path(__file__).parents[2] / "data"
REPORTS = sorted((DATA / "incidents").glob("*.txt"))
LONDON = named("Europe/London")
assert LONDON is not None
OPTIONS = Options(undeclared=LONDON)


def draft_of(path: Path) -> Draft:
    return read(path.read_text("utf-8"), OPTIONS, path.name)


def session(path: Path) -> Session:
    return session_of(draft_of(path), "PM-1")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def row(draft: Draft, number: int) -> dict[str, str]:
    event = draft.events[number]
    return {
        "line": str(draft.event_lines[number]),
        "at": event.at.isoformat() if event.at else "",
        "until": event.until.isoformat() if event.until else "",
        "precision": event.precision,
        "about": "about" if event.about else "",
        "written": event.written,
        "zone": event.zone or "UTC" if event.at else event.zone,
        "milestone": event.milestone,
        "text": " ".join(event.text.split())[:40],
    }


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.name[:2])
def test_every_timed_line_is_a_row_with_its_date_zone_and_precision_in_the_order_it_was_written(
    path: Path,
) -> None:
    with (DATA / "imported" / f"{path.name[:2]}.tsv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    draft = draft_of(path)
    assert [row(draft, number) for number in range(len(draft.events))] == expected


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.name[:2])
def test_every_line_is_accounted_for_exactly_once(path: Path) -> None:
    draft = draft_of(path)
    lines = path.read_text("utf-8").split("\n")
    assert draft.lines == lines
    assert len(draft.uses) == len(lines)
    assert all(use is not None for use in draft.uses)
    blank = [number for number, use in enumerate(draft.uses) if use and use.became == "blank"]
    assert not [number for number in blank if lines[number].strip()]


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.name[:2])
def test_every_word_of_the_report_is_in_the_review(path: Path) -> None:
    draft = draft_of(path)
    known = set(re.findall(r"\w+", "\n".join(strings(session_of(draft).model_dump(mode="json")))))
    for line, use in zip(draft.lines, draft.uses, strict=True):
        assert use is not None
        if use.became in {"heading", "layout", "date"}:
            continue
        text = re.sub(r"^\s*\d+\.\s", "", line)
        if use.became == "action":
            # The words of a priority or a mark became a field.
            text = re.sub(r"\*\*(?:HIGH|MEDIUM|LOW)\*\*|\[Action Item\]", "", text)
        if use.became in {"impact", "header"}:
            text = re.sub(r"^- \*\*\w+\*\*:?", "", text)
        assert set(re.findall(r"\w+", text)) <= known, line


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.name[:2])
def test_the_exported_report_is_read_again_as_the_identical_review(path: Path) -> None:
    first = session(path)
    report = render(first, "md", exact=True)
    again = session_of(read(report, OPTIONS, "report.md"), "other")
    assert again == first
    assert render(again, "md", exact=True) == report


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.name[:2])
def test_what_can_be_seen_in_the_report_is_enough_for_rows_actions_and_text(path: Path) -> None:
    first = session(path)
    report = render(first, "md")
    again = session_of(read(report, OPTIONS, "report.md"), "PM-1")

    def texts(rows: Any) -> list[str]:
        return sorted(" ".join(each.text.split()) for each in rows)

    assert texts(again.events) == texts(first.events)
    assert texts(again.actions) == texts(first.actions)
    assert again.incident.title == first.incident.title
    assert again.narrative.summary == first.narrative.summary


def test_the_why_tree_branches_and_each_answer_knows_its_question() -> None:
    factors = session(REPORTS[0]).factors
    children: dict[str, list[str]] = {}
    for factor in factors:
        children.setdefault(factor.parent, []).append(factor.id)
    by_id = {factor.id: factor for factor in factors}

    def depth(name: str) -> int:
        return 1 + max((depth(each) for each in children.get(name, [])), default=0)

    top = children[""][0]
    assert by_id[top].text == "The redirect URLs for crate and readme downloads were broken in production."
    bug = children[top][0]
    assert [by_id[each].question for each in children[bug]] == [
        "Why was there a bug introduced in this pull request?",
        "Why was there a bug introduced in this pull request?",
        "Why did the bug make it into production?",
    ]
    assert depth(top) == 6
    assert len([each for each in factors if each.question]) == 14


def test_rows_of_several_incidents_in_one_report_know_theirs() -> None:
    tracks = {event.track for event in session(REPORTS[2]).events}
    assert len(tracks) == 4
    assert "October 24, 2025 - Rate Limiting Misconfiguration" in tracks


def test_actions_keep_priority_state_group_and_ticket() -> None:
    crates, posthog, binder = (session(REPORTS[place]).actions for place in (0, 2, 5))
    assert [each.priority for each in crates] == ["high", "medium", "medium"]
    assert [each.status for each in posthog[:8]] == [*["done"] * 7, "in-progress"]
    assert binder[1].group == "JupyterHub"
    assert binder[1].ticket is not None
    assert binder[1].ticket.url == "https://github.com/jupyterhub/jupyterhub/issues/1676"
    assert binder[0].text.startswith("launches that are rejected")
