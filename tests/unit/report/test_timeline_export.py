"""The timeline for other programs: nothing runs, nothing is torn, and the zone is always said."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.report.timeline import TIMELINE_FORMATS, TimelineFormat, timeline, without_place
from app.review import edits
from app.review.records import Event, Incident, Session
from tests.fakes.classic_review import classic_review


def review(*events: Event, zone: str = "UTC") -> Session:
    session = Session(id="PM-1", incident=Incident(title="Pool: out #1", timezone=zone))
    for event in events:
        session = edits.add(session, "events", event)
    return session


AT = datetime(2025, 2, 9, 10, 5, tzinfo=UTC)
ROW = Event(at=AT, precision="minute", text="pool | exhausted", source="app", actor="@alice", kind="symptom")


@pytest.mark.parametrize("form", TIMELINE_FORMATS)
def test_every_format_says_the_zone_of_its_clocks(form: TimelineFormat) -> None:
    assert "Europe/Berlin" in timeline(review(ROW, zone="Europe/Berlin"), form)


@pytest.mark.parametrize("form", TIMELINE_FORMATS)
def test_every_row_is_there_starred_or_not(form: TimelineFormat) -> None:
    session = classic_review()
    text = timeline(session, form).replace("\\", "")
    assert all(event.text in text for event in session.events)


def test_times_are_in_the_session_zone_and_carry_their_offset() -> None:
    rows = list(csv.DictReader(io.StringIO(timeline(review(ROW, zone="Europe/Berlin"), "csv"))))
    assert rows[0]["at"] == "2025-02-09T11:05:00+01:00"
    assert rows[0]["time (Europe/Berlin, UTC+01:00)"] == "11:05"


@pytest.mark.parametrize("form", ["csv", "timesketch"])
def test_no_cell_is_a_formula(form: TimelineFormat) -> None:
    text = timeline(review(ROW.model_copy(update={"text": "=HYPERLINK(1)", "actor": "@SUM(1)"})), form)
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert not any(cell[:1] in {"=", "@", "+"} for cell in cells)


def test_timesketch_gets_the_three_columns_that_its_import_asks_for_and_rows_with_a_time_only() -> None:
    session = review(ROW, Event(text="somebody saw it first", precision="order-only"))
    rows = list(csv.DictReader(io.StringIO(timeline(session, "timesketch"))))
    assert [(row["message"], row["datetime"]) for row in rows] == [
        ("pool | exhausted", "2025-02-09T10:05:00+00:00")
    ]
    assert rows[0]["timestamp_desc"] == "symptom (to the minute)"
    assert without_place(session, "timesketch") == 1


def test_a_cell_of_markdown_cannot_end_its_table() -> None:
    last = timeline(review(ROW), "md").splitlines()[-1]
    assert last == "| 10:05 | pool \\| exhausted | app | @alice |"


def test_mermaid_sees_two_colons_per_row_at_most_one_of_them_a_separator() -> None:
    session = review(ROW.model_copy(update={"text": "error: 50%; see #12\nsecond line"}))
    lines = timeline(session, "mermaid").splitlines()
    assert lines[0] == "timeline"
    assert lines[1] == "    title Pool#58; out #35;1 (all times UTC)"
    assert lines[2] == "    section 2025-02-09"
    assert lines[3].count(":") == 1
    assert len(lines) == 4


def test_json_holds_all_fields_and_what_was_shown() -> None:
    found = json.loads(timeline(review(ROW, zone="Europe/Berlin"), "json"))
    assert found["timezone"] == "Europe/Berlin"
    assert found["events"][0]["shown"] == "11:05"
    assert found["events"][0]["instant"] == "2025-02-09T10:05:00+00:00"


def test_both_hours_of_a_clock_that_is_set_back_can_be_told_apart() -> None:
    before = ROW.model_copy(update={"at": datetime(2024, 10, 27, 0, 30, tzinfo=UTC)})
    after = ROW.model_copy(update={"at": datetime(2024, 10, 27, 2, 30, tzinfo=timezone(timedelta(hours=1)))})
    text = timeline(review(before, after, zone="Europe/Berlin"), "md")
    assert "02:30 +0200" in text
    assert "02:30 +0100" in text
