"""The timeline for other programs: nothing runs, nothing is torn, and the zone is always said."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings

from app.importing.document import Options
from app.importing.read import read
from app.importing.result import session_of
from app.report.formats import TIMELINE_FORMATS, TimelineFormat
from app.report.render import render
from app.report.timeline import timeline, without_place
from app.review import edits, rows
from app.review.records import Event, Incident, Pointer, Session
from app.text import csv_back, csv_cell, csv_kept
from tests.fakes.classic_review import classic_review
from tests.report_strategies import reported


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


UNSAID = ROW.model_copy(update={"zone": "undeclared", "written": "10:05"})


@pytest.mark.parametrize("form", TIMELINE_FORMATS)
def test_every_format_says_that_nobody_declared_the_zone(form: TimelineFormat) -> None:
    text = timeline(review(UNSAID), form)
    assert "as written, zone not declared" in text
    assert "all times UTC" not in text
    assert "zone not declared for 1 of 2 rows" in timeline(review(UNSAID, ROW), form)


@pytest.mark.parametrize("form", TIMELINE_FORMATS)
def test_a_timeline_is_exported_in_another_zone_and_says_so(form: TimelineFormat) -> None:
    def shown(row: Event) -> str:
        # Mermaid writes its signs as entities.
        text = timeline(review(row, zone="Europe/Berlin"), form, "America/New_York")
        return text.replace("#58;", ":").replace("#59;", ";")

    assert "America/New_York, UTC-05:00" in shown(ROW)
    assert "05:05" in shown(ROW)
    assert "America/New_York, UTC-05:00; zone not declared" in shown(UNSAID)


def test_json_keeps_the_zone_of_the_review_beside_that_of_its_clocks() -> None:
    found = json.loads(timeline(review(ROW, zone="Europe/Berlin"), "json", "America/New_York"))
    assert (found["timezone"], found["events"][0]["shown"]) == ("Europe/Berlin", "05:05")


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


def folded_review() -> Session:
    """Three equal rows folded into one that is starred, each with evidence of its own, and one other row."""
    equal = [
        ROW.model_copy(
            update={
                "text": f"slow query {number} ms",
                "starred": number == 1,
                "evidence": (Pointer(artifact="A1", line=number),),
            }
        )
        for number in (1, 2, 3)
    ]
    return rows.fold(review(*equal, ROW.model_copy(update={"starred": True})))


@pytest.mark.parametrize("form", TIMELINE_FORMATS)
def test_folded_rows_are_one_row_that_says_how_many(form: TimelineFormat) -> None:
    text = timeline(folded_review(), form)
    assert "slow query 1 ms" in text
    if form == "json":
        head, other = json.loads(text)["events"]
        assert [each["id"] for each in head["folded"]] == ["E2", "E3"]
        assert [each["evidence"][0]["line"] for each in (head, *head["folded"])] == [1, 2, 3]
        assert "folded" not in other
    else:
        assert "slow query 1 ms (×3)" in text.replace("\\", "")
        assert "slow query 2 ms" not in text


def test_an_exported_timeline_with_folded_rows_is_read_again_with_each_of_them() -> None:
    session = folded_review()
    again = session_of(read(timeline(session, "json"), Options(), "timeline.json"), "PM-1")
    assert {each.id: each for each in again.events} == {each.id: each for each in session.events}


def test_a_report_shows_folded_rows_as_one_and_is_read_again_with_each_of_them() -> None:
    session = folded_review()
    report = render(session, "md", exact=True)
    shown = report.partition("<!--")[0]
    assert "(×3)" in shown
    assert "slow query 2 ms" not in shown
    assert "(×3)" in render(session, "html")
    again = session_of(read(report, Options(), "report.md"), "PM-1")
    bare = [each.model_copy(update={"evidence": ()}) for each in session.events]
    assert [each.model_copy(update={"evidence": ()}) for each in again.events] == bare


def test_a_folded_row_that_was_changed_in_the_report_says_what_can_be_seen() -> None:
    report = render(folded_review(), "md", exact=True).replace("slow query 1 ms", "slow query 9 ms", 1)
    again = session_of(read(report, Options(), "report.md"), "PM-1")
    assert [each.text for each in again.events] == ["pool | exhausted", "slow query 9 ms (×3)"]


def same(events: Iterable[Event]) -> list[Event]:
    """Rows in which a zone that was declared as UTC is written in one way."""
    return [
        each.model_copy(update={"zone": each.zone or "UTC", "note": ""}) if each.written and each.at else each
        for each in events
    ]


@pytest.mark.parametrize("form", ["csv", "json", "timesketch"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(reported())
def test_an_exported_timeline_is_read_again_as_the_same_rows(form: TimelineFormat, session: Session) -> None:
    rows_there = [each for each, _ in rows.lines(session) if form != "timesketch" or each.at]
    name = "timeline.json" if form == "json" else "timeline.csv"
    draft = read(timeline(session, form), Options(), name)
    assert same(draft.events) == same(rows_there)
    assert not draft.remarks


def test_a_row_that_was_changed_in_a_spreadsheet_says_what_can_be_seen() -> None:
    text = timeline(review(ROW, ROW.model_copy(update={"text": "second"})), "csv")
    changed = text.replace("2025-02-09T10:05:00+00:00", "2025-02-09 11:07", 1)
    draft = read(changed, Options(), "timeline.csv")
    assert [(f"{each.at:%H:%M}", each.text) for each in draft.events] == [
        ("11:07", "pool | exhausted"),
        ("10:05", "second"),
    ]
    broken = read(text.replace(",minute,", ",fortnight,", 1), Options(), "timeline.csv")
    assert [each.text for each in broken.events] == ["pool | exhausted", "second"]
    assert broken.remarks == ["Line 2 was changed since it was written: what can be seen counts."]


@pytest.mark.parametrize(
    "text", ["=1", "'=1", "''=1", "' =1", "'", "-", "- a", "'- a'", "'tis", "＝1", " =1", "@bob", ""]
)
def test_an_apostrophe_in_a_cell_is_the_author_s_or_ours(text: str) -> None:
    cell = csv_cell(csv_kept(text))
    assert csv_back(cell) == text
    assert not cell.lstrip(" ").startswith(("=", "＝", "@")) or len(cell) == 1


def test_mermaid_has_a_day_for_every_row_and_a_text_for_rows_that_have_none() -> None:
    session = review(Event(text="; drop #1", precision="order-only"), ROW.model_copy(update={"text": ""}))
    lines = timeline(session, "mermaid").splitlines()
    assert "    section no date" in lines
    assert all(line.count(":") == 1 for line in lines[2:] if not line.startswith("    section"))
