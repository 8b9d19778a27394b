"""Hypothesis strategies for reviews as a report in Markdown carries them, with hostile and odd words in every field."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

from hypothesis import strategies as st

from app.review.plain import one_line, visible
from app.review.records import (
    Action,
    Event,
    Factor,
    Impact,
    Incident,
    Narrative,
    Parked,
    Passage,
    Precision,
    Session,
    Ticket,
)
from app.review.sections import HEADINGS, PLACES
from app.review.vocabulary import ACTION_KINDS, KINDS, MILESTONES

PIECES = (
    *(
        "|",
        "\\|",
        "\\",
        "[",
        "](http://x)",
        "[a](b)",
        "`",
        "``",
        "```",
        "~~~",
        "<b>",
        "</td>",
        "<br>",
        "<!--",
        "-->",
    ),
    *(
        "&amp;",
        "&lt;",
        "# ",
        "## Summary",
        "## Timeline (all times UTC)",
        "### Immediate Cause",
        "- ",
        "1. ",
        "* ",
        "> ",
    ),
    *(
        "**",
        "__",
        "_",
        "*",
        "**Date**: 2025-02-09",
        "10:15",
        "2025-02-09",
        "(2025-02-09)",
        "—",
        "-",
        "---",
        "| a | b |",
    ),
    *(
        "*No row yet.*",
        "No row yet.",
        "*Not written yet.*",
        "None named yet.",
        "Post-Mortem: ",
        "(basis: x)",
        "x" * 90,
    ),
    *(
        "😀",
        "שלום",
        "\u202e",
        "é",
        "e\u0301",
        "漢字",
        "ﬁ",
        "\u00a0",
        "\u2028",
        "=1+1",
        "@bob",
        "#tag",
        "+x",
        "~10:15",
    ),
    *(
        "a",
        "b c",
        "Pool: full",
        "http://acme.example/x?a=b|c",
        "{{ x }}",
        "{% raw %}",
        "$HOME",
        "%d",
        ";",
        ":",
        "\t",
    ),
    *(
        "blamefree 1:",
        "(×3)",
        "AI-001",
        "(no reason recorded)",
        "E1",
        "  ",
        "[x] ",
        "[ ] ",
        "``` md",
        "!",
        "^",
        "&",
    ),
)
LINE = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=5).map("".join).map(visible)
WORDS = st.lists(LINE | st.just(""), max_size=4).map("\n".join).filter(lambda text: bool(text.strip()))
PROSE = st.just("") | WORDS
"""Nothing, or words: a text of blank lines alone is nothing in a report."""
NAME = LINE.map(one_line)
OFFSET = st.sampled_from([0, 60, -300, 330, 765]).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENT = st.datetimes(datetime(1990, 1, 2), datetime(2060, 1, 1), timezones=st.just(UTC) | OFFSET)
DAY = st.dates(date(1990, 1, 1), date(2060, 1, 1))
PRECISIONS = get_args(Precision)


def _some(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """A few of *fields*: most fields of most records are left alone, as in real reviews."""
    cells = [st.tuples(st.just(name), value) for name, value in fields.items()]
    return st.lists(st.one_of(cells), max_size=5).map(dict)


INCIDENT = _some(
    {
        "title": NAME, "severity": NAME, "severity_note": NAME, "status": st.sampled_from(["draft", "closed"]),
        "started_at": MOMENT, "ended_at": MOMENT, "timezone": st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"]),
        "services": st.lists(NAME, max_size=2).map(tuple), "authors": st.lists(NAME, max_size=2).map(tuple),
        "reviewed_on": DAY,
    }
).map(Incident.model_validate)  # fmt: skip
EVENT = _some(
    {
        "at": MOMENT, "until": MOMENT, "about": st.booleans(), "at_latest": MOMENT, "written": NAME, "zone": NAME,
        "time_reason": NAME, "track": NAME, "kind": st.sampled_from(sorted(KINDS)) | NAME, "source": NAME,
        "actor": NAME, "starred": st.booleans(), "tags": st.lists(NAME, max_size=2).map(tuple),
        "milestone": st.sampled_from(sorted(MILESTONES)), "precision": st.sampled_from(PRECISIONS),
    }
)  # fmt: skip
FACTOR = _some({"question": NAME, "kind": NAME, "mark": st.sampled_from(["immediate", "contributing", "systemic"]),
                "category": NAME, "label": NAME})  # fmt: skip
TICKET = _some({"tracker": NAME, "url": NAME, "number": st.integers(0, 99), "state": NAME}).map(
    Ticket.model_validate
)
ACTION = _some(
    {
        "done_when": PROSE, "owner": NAME, "sponsor": NAME, "due": DAY,
        "priority": st.sampled_from(["high", "low"]) | NAME,
        "kind": st.sampled_from(sorted(ACTION_KINDS)), "group": NAME, "reason": PROSE, "closed_on": DAY,
        "ticket": TICKET,         "status": st.sampled_from(["open", "in-progress", "done", "declined"]),
    }
)  # fmt: skip
IMPACT = _some(
    {"value": st.integers(-9, 10**7), "unit": NAME, "from": MOMENT, "to": MOMENT, "estimated": st.booleans()}
)
PASSAGE = st.tuples(
    NAME | st.sampled_from(sorted(HEADINGS.values())), PROSE, st.sampled_from(("", *PLACES))
).map(lambda parts: Passage(heading=parts[0], text=parts[1], after=parts[2]))
LISTED = st.lists(WORDS, max_size=3).map(tuple)
NARRATIVE = _some(
    {
        **dict.fromkeys(("summary", "trigger", "detection", "response", "prevention"), PROSE),
        **dict.fromkeys(("went_well", "was_hard", "lucky", "surprises", "lessons"), LISTED),
        "passage": st.lists(PASSAGE, max_size=3).map(tuple),
    }
).map(Narrative.model_validate)  # fmt: skip


@st.composite
def reported(draw: st.DrawFn) -> Session:
    """A review of which a classic report shows everything: no notes, no evidence, no settled ideas."""
    rows = [
        Event.model_validate({**draw(EVENT), "id": f"E{number}", "text": draw(PROSE)})
        for number in range(1, 1 + draw(st.integers(0, 4)))
    ]
    factors: list[Factor] = []
    for number in range(1, 1 + draw(st.integers(0, 4))):
        parents = ["", *(each.id for each in factors)]
        events = (
            draw(st.lists(st.sampled_from([each.id for each in rows]), max_size=2, unique=True))
            if rows
            else []
        )
        factors.append(
            Factor.model_validate(
                {**draw(FACTOR), "id": f"F{number}", "parent": draw(st.sampled_from(parents)), "text": draw(WORDS),
                 "events": tuple(events)}
            )
        )  # fmt: skip
    actions = [
        Action.model_validate({**draw(ACTION), "id": f"AI-{number:03d}", "text": draw(PROSE)})
        for number in range(1, 1 + draw(st.integers(0, 3)))
    ]
    return Session(
        id=draw(st.sampled_from(["PM-1", "PM-2025-02-09"])),
        incident=draw(INCIDENT),
        narrative=draw(NARRATIVE),
        impacts=tuple(
            Impact.model_validate({**draw(IMPACT), "id": f"I{number}", "text": draw(WORDS)})
            for number in range(1, 1 + draw(st.integers(0, 2)))
        ),
        events=tuple(rows),
        factors=tuple(factors),
        actions=tuple(actions),
        parked=tuple(
            Parked(id=f"P{number}", text=draw(WORDS), outcome="question")
            for number in range(1, 1 + draw(st.integers(0, 2)))
        ),
    )
