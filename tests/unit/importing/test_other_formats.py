"""Tables, lines of JSON, pages and the exports of incident tools: rows, actions and facts, and every value kept."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.importing.account import account, warnings
from app.importing.document import Options
from app.importing.draft import Draft
from app.importing.read import read
from app.importing.result import Origin, add_to, pointing, session_of
from app.report.render import Shape, render
from app.report.timeline import timeline
from app.review import edits
from app.review.records import Event, Incident, Session
from app.review.timewords import named
from tests.fakes.classic_review import classic_review

FAKES = Path(__file__).parents[2] / "fakes"
UTC_OPTIONS = Options(name="notes")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def everything(draft: Draft) -> str:
    return "\n".join(strings(session_of(draft).model_dump(mode="json")))


def rows(draft: Draft) -> list[tuple[str, str]]:
    return [(event.at.isoformat() if event.at else "", event.text) for event in draft.events]


def test_plain_text_is_a_row_for_every_line_that_begins_with_a_time() -> None:
    draft = read(
        "Checkout broken\n\n2025-02-09\n10:05 errors\n  more of it\n~10:15: pool full\n23:50 fixed\n00:10 quiet\n",
        UTC_OPTIONS,
    )
    assert rows(draft)[-4:] == [
        ("2025-02-09T10:05:00+00:00", "errors more of it"),
        ("2025-02-09T10:15:00+00:00", "pool full"),
        ("2025-02-09T23:50:00+00:00", "fixed"),
        ("2025-02-10T00:10:00+00:00", "quiet"),
    ]
    assert "Checkout broken" in everything(draft)


def test_timesketch_csv_is_read_and_what_it_exports_comes_back() -> None:
    text = "message,datetime,timestamp_desc,host\nlogin failed,2025-02-09T10:05:23+00:00,Event Logged,web-1\n"
    draft = read(text, UTC_OPTIONS, "plaso.csv")
    assert rows(draft) == [("2025-02-09T10:05:23+00:00", "login failed")]
    assert draft.events[0].kind == "Event Logged"
    assert draft.events[0].note == "host: web-1"
    exported = timeline(classic_review(), "timesketch")
    assert [text for _, text in rows(read(exported, UTC_OPTIONS, "out.csv"))] == [
        event.text for event in classic_review().events
    ]


@pytest.mark.parametrize("form", ["csv", "json", "md"])
def test_a_timeline_that_was_exported_is_read_again(form: Any) -> None:
    session = classic_review()
    first = session.events[0].at
    assert first is not None
    draft = read(timeline(session, form), Options(day=first.date()), f"timeline.{form}")
    assert [(each.at, each.text) for each in draft.events] == [
        (each.at, each.text) for each in session.events
    ]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_zone_that_nobody_declared_stays_undeclared_through_an_export(form: Any) -> None:
    session = classic_review()
    unsaid = session.events[0].model_copy(update={"zone": "undeclared", "written": "10:05"})
    session = session.model_copy(update={"events": (unsaid, *session.events[1:])})
    draft = read(timeline(session, form), Options(), f"timeline.{form}")
    assert [each.zone for each in draft.events[:2]] == ["undeclared", ""]


def test_cells_with_line_breaks_quotes_and_formulas_are_read_whole() -> None:
    out = io.StringIO()
    csv.writer(out).writerows(
        [["time", "event", "who"], ["2025-02-09 10:05", 'two\nlines, "quoted"', "'=alice"]]
    )
    draft = read(out.getvalue(), UTC_OPTIONS, "t.csv")
    assert draft.events[0].text == 'two\nlines, "quoted"'
    assert draft.events[0].actor == "=alice"
    assert [use.became for use in draft.uses if use][:3] == ["layout", "event", "event"]


def test_a_table_of_actions_is_actions() -> None:
    head = "Action,Owner,Due,Priority,Status,Ticket"
    text = f"{head}\nAdd an index,@bob,2025-02-16,P1,In progress,https://github.com/acme/api/issues/41\n"
    (action,) = read(text, UTC_OPTIONS, "a.csv").actions
    assert (action.text, action.owner, str(action.due), action.priority, action.status) == (
        "Add an index", "@bob", "2025-02-16", "high", "in-progress",
    )  # fmt: skip
    assert action.ticket is not None
    assert (action.ticket.number, action.ticket.tracker) == (41, "github")


def test_lines_of_json_are_rows_and_a_line_that_is_none_is_kept() -> None:
    first = '{"ts": "2025-02-09T10:05:23Z", "msg": "x", "message": "errors", "level": "error"}'
    text = f'{first}\nnot json\n{{"time": "2025-02-09T10:06:00Z", "text": "paged"}}\n'
    draft = read(text, UTC_OPTIONS, "log.jsonl")
    assert [text for _, text in rows(draft)] == ["errors", "paged"]
    assert "not json" in everything(draft)
    assert "level: error" in draft.events[0].note


def test_a_page_is_read_by_its_headings_lists_and_tables_and_nothing_of_it_runs() -> None:
    page = """<!doctype html><html><head><title>x</title><script>alert(1)</script></head><body>
    <h1>Checkout broken</h1><p><b>Severity</b>: P1</p>
    <h2>Timeline (UTC)</h2><table><tr><th>Time</th><th>Event</th></tr>
    <tr><td>2025-02-09 10:05</td><td>errors &amp; <b>more</b></td></tr></table>
    <h2>Action Items</h2><ul><li>Add an index<ul><li>on orders</li></ul></li></ul>
    <h2>Notes</h2><p>Some <a href="https://example.com/x">words</a>.</p><pre>code\n  here</pre></body></html>"""
    draft = read(page, UTC_OPTIONS, "page.html")
    assert draft.incident["title"] == "Checkout broken"
    assert draft.incident["severity"] == "P1"
    assert rows(draft) == [("2025-02-09T10:05:00+00:00", "errors & **more**")]
    assert draft.actions[0].text == "Add an index\n\n- on orders"
    assert draft.passages[-1].text == "Some [words](https://example.com/x).\n\n```\ncode\n  here\n```"
    assert "alert(1)" not in everything(draft)


INCIDENT_IO = {
    "incident": {
        "id": "01FDAG", "reference": "INC-123", "name": "Our database is sad", "severity": {"name": "Minor"},
        "summary": "Really sad.", "created_at": "2025-02-09T10:05:23Z", "mode": "standard",
        "incident_role_assignments": [{"role": {"name": "Lead"}, "assignee": {"name": "Lisa"}}],
    },
    "incident_updates": [
        {"created_at": "2025-02-09T10:08:00Z", "message": "Looking", "updater": {"user": {"name": "Lisa"}}},
    ],
    "follow_ups": [
        {"title": "Cat therapy", "status": "outstanding", "priority": {"name": "high"}, "assignee": {"name": "Lisa"},
         "external_issue_reference": {"provider": "linear", "issue_permalink": "https://linear.app/x/issue/INC-1609/"}},
    ],
}  # fmt: skip
PAGERDUTY = {
    "incident": {"incident_number": 1234, "title": "Pool exhausted", "urgency": "high", "status": "resolved"},
    "log_entries": [
        {"type": "trigger_log_entry", "summary": "Triggered through the API.", "created_at": "2025-02-09T10:08:12Z",
         "agent": {"type": "service_reference", "summary": "api"}, "channel": {"type": "api"}},
        {"type": "acknowledge_log_entry", "summary": "Acknowledged by Bob.", "created_at": "2025-02-09T10:12:00Z"},
    ],
}  # fmt: skip
FIREHYDRANT = {
    "id": "fh-1", "name": "Checkout down", "severity": "SEV1", "started_at": "2025-02-09T10:05:00Z",
    "milestones": [{"type": "started", "occurred_at": "2025-02-09T10:05:00Z"}],
    "events": [
        {"occurred_at": "2025-02-09T10:06:00Z", "type": "chat", "data": {"body": "5xx"}, "author": {"name": "Al"}}
    ],
    "tasks": [{"title": "Roll back", "state": "done", "assignee": {"name": "Al"}}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("export", "title", "texts", "actions"),
    [
        (INCIDENT_IO, "Our database is sad", ["Looking"], ["Cat therapy"]),
        (PAGERDUTY, "Pool exhausted", ["Triggered through the API.", "Acknowledged by Bob."], []),
        (FIREHYDRANT, "Checkout down", ["started", "5xx"], ["Roll back"]),
    ],
    ids=["incident.io", "pagerduty", "firehydrant"],
)
def test_exports_of_incident_tools_are_recognised_by_their_shape_and_every_value_is_kept(
    export: dict[str, Any], title: str, texts: list[str], actions: list[str]
) -> None:
    """PagerDuty's is held to its published schema below, the other tools' in ``test_incident_tools``."""
    draft = read(json.dumps(export), UTC_OPTIONS, "export.json")
    assert draft.incident["title"] == title
    assert [event.text for event in draft.events] == texts
    assert [action.text for action in draft.actions] == actions
    assert all(event.at for event in draft.events)
    known = everything(draft)
    for value in strings(export):
        if not re.fullmatch(r"2025-\S+|outstanding|resolved|done", value):
            assert value in known, value


def test_the_export_of_pagerduty_is_one_by_its_published_schema() -> None:
    schemas = json.loads((FAKES / "pagerduty-openapi.json").read_text("utf-8"))["components"]["schemas"]

    def known(name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in schemas[name].get("allOf", [schemas[name]]):
            found |= known(part["$ref"].rsplit("/", 1)[1]) if "$ref" in part else part.get("properties", {})
        return found

    assert PAGERDUTY["incident"].keys() <= known("Incident").keys()
    for entry in PAGERDUTY["log_entries"]:
        assert entry.keys() <= known("LogEntry").keys()
        assert entry["type"] in known("LogEntry")["type"]["enum"]
        assert entry.get("agent", {}).keys() <= known("AgentReference").keys()
        assert entry.get("channel", {}).keys() <= known("Channel").keys()


def test_an_undeclared_zone_is_said_and_a_link_to_a_message_proposes_one() -> None:
    london = named("Europe/London")
    assert london is not None
    text = (
        "# Down\n\n## Timeline\n\n- 2023-07-25 15:21 Incident declared "
        "https://x.slack.com/archives/C514ETYJX/p1690294889724869\n"
        "- 2023-07-25 15:30 fixed\n"
    )
    draft = read(text, Options(), "a.md")
    said = " ".join(warnings(draft))
    assert draft.events[0].at is not None
    assert draft.events[0].at.utctimetuple().tm_hour == 14
    assert draft.events[1].zone == "undeclared"
    assert "names no zone" in said
    assert "give --zone UTC+01:00" in said


def test_rows_that_run_backwards_are_a_warning_and_stay_where_they_are() -> None:
    draft = read("## Timeline\n\n- 2025-02-09 11:08 mail\n- 2025-02-09 11:07 ticket\n", UTC_OPTIONS)
    assert [event.text for event in draft.events] == ["mail", "ticket"]
    assert any("earlier than line 3" in each for each in warnings(draft))


def test_a_cell_that_was_changed_by_hand_wins_over_what_the_comment_knew() -> None:
    session = classic_review()
    report = render(session, "md", exact=True).replace("| 10:15:30 | Database", "| 10:16:30 | The database")
    draft = read(report, UTC_OPTIONS, "report.md")
    changed = next(event for event in draft.events if event.text.startswith("The database"))
    assert changed.at is not None
    assert (changed.at.hour, changed.at.minute, changed.at.second) == (10, 16, 30)
    assert any("changed by hand" in each for each in draft.remarks)
    assert len(draft.events) == len(session.events)


def test_a_report_never_carries_notes_evidence_or_rows_that_it_does_not_show() -> None:
    session = edits.change(classic_review(), "events", {"E1"}, note="secret note", starred=True)
    session = edits.change(session, "events", {"E2"}, starred=False)
    report = render(session, "md", exact=True, shape=Shape(drop=("appendix",)))
    assert "secret note" not in report
    hidden = next(event for event in session.events if event.id == "E2")
    if any(event.starred for event in session.events):
        assert hidden.text not in report


def test_an_import_into_a_review_adds_and_overwrites_nothing() -> None:
    session = classic_review()
    draft = read(
        "# Other\n\n**Severity**: P4\n\n## Timeline\n\n- 2025-02-09 10:07 saw it\n\n## Lessons\n\n- one\n",
        UTC_OPTIONS,
    )
    grown = add_to(session, draft, tuple(draft.events), "other.md")
    assert grown.incident == session.incident
    assert len(grown.events) == len(session.events) + 1
    assert [event.text for event in grown.events][2] == "saw it"
    assert grown.narrative.lessons == (*session.narrative.lessons, "one")
    assert "severity: P4" in grown.narrative.passages[-1].text


def test_the_account_names_every_line_once() -> None:
    draft = read("# T\n\n## Timeline\n\n- 10:05 a\n- 10:06 b\n", Options(day=None))
    runs = account(draft)
    assert [line for run in runs for line in range(run["first"], run["last"] + 1)] == list(
        range(1, len(draft.lines) + 1)
    )


def carried(session: Session) -> Session:
    """What a report holds: no notes, and no factor without words."""

    def bare(records: Any) -> tuple[Any, ...]:
        return tuple(each.model_copy(update={"note": ""}) for each in records)

    said = [factor for factor in session.factors if factor.text.strip()]
    return session.model_copy(
        update={"events": bare(session.events), "actions": bare(session.actions), "factors": bare(said)}
    )


FRAGMENTS = st.sampled_from(
    [
        "# Title", "## Timeline", "## Action Items", "## Odd heading", "### 2025-02-09", "### 10:15", "- 10:05 errors",
        "- **HIGH** do it @bob", "  - nested words", "10:15-10:22 failover", "~10:30 [x](https://e.org/y) (maybe)",
        "| Time | Event |", "|---|---|", "| 10:05 | a \\| b |", "| x", "```", "    indented", "> quoted", "1. first",
        "**Why was it?**", "**Severity**: P1", "- **Impact**: lost words", "---", "+++", "<b>bold</b>", "", "",
        "T+5 min later", "2X:XX", "--:-- unknown", "plain words, and more", "[Action Item] do this",
        "{\"a\": 1}", "a,b,c",
    ]
)  # fmt: skip
DOCUMENTS = st.lists(FRAGMENTS | st.text(max_size=30), max_size=25).map("\n".join)


@settings(deadline=None)
@given(
    DOCUMENTS | st.text(max_size=400),
    st.sampled_from(["a.md", "a.txt", "a.csv", "a.jsonl", "a.json", "a.html", ""]),
)
@example("```\n```", "a.html")
@example("##", "a.md")
def test_any_text_is_read_without_a_failure_and_gives_a_review_that_can_be_kept(text: str, name: str) -> None:
    draft = read(text, UTC_OPTIONS, name)
    session = session_of(draft, "PM-1")
    assert Session.model_validate(session.model_dump(by_alias=True)) == session
    assert len(draft.uses) == len(draft.lines)
    assert all(use is not None for use in draft.uses)
    again = session_of(read(render(session, "md", exact=True), UTC_OPTIONS, "report.md"), "PM-1")
    assert again == carried(session)


@settings(deadline=None)
@given(DOCUMENTS)
def test_no_letter_or_digit_of_any_text_is_lost(text: str) -> None:
    draft = read(text, UTC_OPTIONS, "a.md")
    kept = Counter(each for each in everything(draft) if each.isalnum())
    taken = {"layout", "computed", "date"}
    for line, use in zip(draft.lines, draft.uses, strict=True):
        assert use is not None
        words = re.sub(r"^\s*(?:\d+[.)]\s)?", "", line)
        understood = use.became in taken or (use.became == "heading" and use.where not in everything(draft))
        if understood or re.search(r"HIGH|Impact|Action Item|<br|Severity|Title", words):
            continue
        need = Counter(each for each in words if each.isalnum())
        assert not need - kept, (line, use)


def test_the_zone_to_show_times_in_is_that_of_the_rows() -> None:
    draft = read("## Timeline (all times in CET)\n\n- 2025-02-09 10:05 a\n", UTC_OPTIONS)
    assert session_of(draft).incident.timezone == "CET"
    summer = read("## Timeline (all times in CET)\n\n- 2025-07-09 10:05 a\n", UTC_OPTIONS)
    assert session_of(summer).incident.timezone == "Etc/GMT-1"
    assert session_of(summer).events[0].zone == "CET"


def test_uncertain_ends_are_kept_as_the_last_instants_they_can_mean() -> None:
    draft = read(
        "- 2025-02-09 sometime between 14:00 and 14:30 restarted\n- 2025-02-09 02:3X quiet\n", UTC_OPTIONS
    )
    first, second = draft.events
    assert first.at_latest is not None
    assert first.at_latest.isoformat() == "2025-02-09T14:30:59+00:00"
    assert second.at_latest is not None
    assert second.at_latest.minute == 39


def test_a_day_whose_time_is_to_be_confirmed_keeps_the_reason() -> None:
    (event,) = read("## Timeline\n\n- 2023-01-04 (Time TBC) mail sent\n", UTC_OPTIONS).events
    assert (event.precision, event.time_reason, event.text) == ("day", "Time TBC", "mail sent")


def test_records_that_a_row_needs_survive_the_file() -> None:
    event = Event(text="x", zone="undeclared", time_reason="TBC", track="A", at_latest=None)
    session = Session(incident=Incident(title="t"), events=(event,))
    assert Session.model_validate(session.model_dump(by_alias=True)) == session


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("page.html", "<h2>Timeline</h2>\n\n\n<ul>\n<li>2025-02-09 10:05 errors</li>\n</ul>", 0),
        ("export.json", json.dumps(PAGERDUTY, indent=1), 0),
        ("notes.md", "# x\n\n## Timeline\n\n- 2025-02-09 10:05 errors\n", 5),
    ],
)
def test_a_row_points_at_a_line_only_where_that_is_one_of_the_file(name: str, text: str, line: int) -> None:
    draft = read(text, UTC_OPTIONS, name)
    (first, *_) = pointing(tuple(draft.events), draft, Origin("S1", "evidence/S1/x"))
    assert [(each.artifact, each.line) for each in first.evidence] == [("evidence/S1/x", line)]
