"""Reports in the shapes that are found in public collections: each is read as a person would read it.

The documents were written for this project after the shapes of published ones (Chia, IoTeX, Kroma, the SRE book,
mybinder, Wire, certificate authorities' mails, GitLab's, Atlassian's and PagerDuty's templates and others in five more
languages); ``expected.toml`` was written before they were imported, in four sets, each of which measured the
rules before it.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.importing.document import Options
from app.importing.draft import Draft
from app.importing.read import read
from app.importing.result import session_of
from app.report.render import render
from app.review.records import Event, Session
from app.review.timewords import named

SHAPES = Path(__file__).parents[2] / "data" / "shapes"
EXPECTED: dict[str, Any] = tomllib.loads((SHAPES / "expected.toml").read_text("utf-8"))
LONDON = named("Europe/London")
assert LONDON is not None
OPTIONS = Options(undeclared=LONDON)


@cache
def draft_of(name: str) -> Draft:
    path = next(SHAPES.glob(f"{name}-*"))
    return read(path.read_text("utf-8"), OPTIONS, path.name)


def session(name: str) -> Session:
    return session_of(draft_of(name), "PM-1")


def facts(name: str) -> Iterator[tuple[str, bool]]:
    """Every fact that a person reads out of the document, and whether it was read."""
    wanted, got = EXPECTED[name], session(name)
    incident, narrative = got.incident, got.narrative
    for field in ("title", "severity"):
        if field in wanted:
            yield field, getattr(incident, field) == wanted[field]
    for field in ("authors", "services"):
        if field in wanted:
            yield field, list(getattr(incident, field)) == wanted[field]
    for field in ("started_at", "ended_at"):
        if field in wanted:
            yield field, _utc(getattr(incident, field)) == wanted[field]
    for field in ("summary", "trigger", "detection"):
        if field in wanted:
            yield field, getattr(narrative, field).startswith(wanted[field])
    yield "number of rows", len(got.events) == len(wanted.get("rows", ()))
    for number, row in enumerate(wanted.get("rows", ())):
        yield f"row {row}", number < len(got.events) and _is_row(got.events[number], row)
    if "zone" in wanted:
        yield "zone", {each.zone or "UTC" for each in got.events} == {wanted["zone"]}
    for number, actor in enumerate(wanted.get("actors", ())):
        yield f"actor {actor}", number < len(got.events) and got.events[number].actor == actor
    yield "number of actions", len(got.actions) == len(wanted.get("actions", ()))
    for number, (text, *fields) in enumerate(wanted.get("actions", ())):
        action = got.actions[number] if number < len(got.actions) else None
        for field, value in zip(("owner", "due", "priority", "status", "ticket"), fields, strict=True):
            there = getattr(action, field, None)
            said = there.url if field == "ticket" and there else str(there or "")
            yield f"{field} of {text}", action is not None and said == value
        yield f"action {text}", action is not None and action.text.startswith(text)
    yield "number of factors", len(got.factors) == len(wanted.get("factors", ()))
    depths = {"": -1}
    for factor in got.factors:
        depths[factor.id] = depths[factor.parent] + 1
    for number, words in enumerate(wanted.get("factors", ())):
        depth, text, question = re.fullmatch(r"(\d) (.*?)(?: \? (.*))?", words).groups()  # type: ignore[union-attr]
        factor = got.factors[number] if number < len(got.factors) else None
        yield f"factor {text}", factor is not None and factor.text.startswith(text)
        yield f"place of {text}", factor is not None and depths[factor.id] == int(depth)
        if question:
            yield f"question {question}", factor is not None and factor.question == question
    for field, count in wanted.get("lists", {}).items():
        yield field, len(getattr(narrative, field)) == count
    if "impacts" in wanted:
        yield "impacts", len(got.impacts) == wanted["impacts"]
    headings = {passage.heading for passage in narrative.passages}
    for heading in wanted.get("passages", ()):
        yield f"passage {heading}", heading in headings


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _utc(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") if at else ""


def _is_row(event: Event, row: str) -> bool:
    found = re.fullmatch(r"(\S+?)(?:/(\S+))? (~?)([a-z-]+) (.*?)(\$?)", row)
    assert found
    at, until, about, precision, text, whole = found.groups()
    there = event.at.astimezone(UTC).isoformat()[: len(at)] if event.at else "-"
    ends = event.until.astimezone(UTC).strftime("%H:%M") if event.until else None
    words = event.text == text if whole else event.text.startswith(text)
    return (there, ends, event.about, event.precision) == (at, until, bool(about), precision) and words


@pytest.mark.parametrize("name", EXPECTED)
def test_a_document_says_what_a_person_reads_in_it(name: str) -> None:
    assert [fact for fact, right in facts(name) if not right] == []


@pytest.mark.parametrize("name", EXPECTED)
def test_no_word_of_it_is_lost(name: str) -> None:
    draft = draft_of(name)
    known = set(
        re.findall(r"[^\W_]+", "\n".join(_strings(session_of(draft).model_dump(mode="json"))).casefold())
    )
    for line, use in zip(draft.lines, draft.uses, strict=True):
        assert use is not None
        if use.became in {"heading", "layout", "date", "action", "header"}:
            continue
        if line.lstrip().startswith("<"):
            # Of HTML, its words.
            line = re.sub(r"<[^>]+>", " ", line)
        # Of a shortcode, its value.
        line = re.sub(r"\{\{< \w+ (.*?) >\}\}", r"\1", line)
        # The label of a part is its heading.
        line = re.sub(r"^\*\*[\w ]+:\*\*", "", line)
        if use.became == "impact" or use.where == "trigger":
            line = re.sub(r"^(?:[*-] )?(?:\*\*)?[A-Z][\w ]+(?:\*\*)?: ", "", line)
        words = set(re.findall(r"[^\W_]+", line.casefold()))
        said = set(re.findall(r"[^\W_]+", " ".join(event.written for event in draft.events).casefold()))
        assert {each for each in words - known - said if not each.isdigit()} == set(), line


@pytest.mark.parametrize("name", EXPECTED)
def test_its_report_is_read_again_as_the_identical_review(name: str) -> None:
    first = session(name)
    report = render(first, "md", exact=True)
    assert session_of(read(report, OPTIONS, "report.md"), "other") == first


def test_the_share_of_facts_that_are_read_is_printed() -> None:
    told = [right for name in EXPECTED for _, right in facts(name)]
    print(f"\n{sum(told)} of {len(told)} facts of {len(EXPECTED)} documents, {sum(told) / len(told):.1%}")
    assert sum(told) / len(told) > 0.95
