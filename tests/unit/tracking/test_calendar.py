"""The calendar file: right times, stable names, and nothing that a title could smuggle in."""

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.review.records import Action, FollowUp, Incident, Session
from app.tracking.calendar import CalendarProblem, calendar
from tests.fakes.classic_review import at, classic_review

NOW = datetime(2025, 2, 10, 9, 0, tzinfo=UTC)


def entries(session: Session, now: datetime = NOW) -> dict[str, icalendar.Event]:
    """The events by the item in their UID, read back by icalendar."""
    read = icalendar.Calendar.from_ical(calendar(session, now=now))
    return {str(each["UID"]).split("/")[1].removesuffix("@blamefree"): each for each in read.walk("VEVENT")}


def changed(**follow_up: object) -> Session:
    return classic_review().model_copy(update={"follow_up": FollowUp.model_validate(follow_up)})


def test_the_report_is_due_48_hours_after_the_end() -> None:
    assert entries(classic_review())["report-due"].end == at("10:40:00") + timedelta(hours=48)


def test_the_weekly_review_runs_until_the_follow_up() -> None:
    weekly = entries(classic_review())["weekly-review"]
    assert weekly.start == datetime(2025, 2, 17, 10, 0, tzinfo=UTC)
    assert weekly["RRULE"] == {"FREQ": ["WEEKLY"], "UNTIL": [datetime(2025, 3, 3, 10, 0, tzinfo=UTC)]}


def test_the_weekly_review_keeps_its_local_hour_when_the_clocks_change() -> None:
    session = changed(weekly="MO 10:00", review_on=date(2025, 4, 14))
    berlin = session.model_copy(
        update={"incident": session.incident.model_copy(update={"timezone": "Europe/Berlin"})}
    )
    found = entries(berlin)
    assert found["weekly-review"].start == datetime(2025, 2, 17, 9, 0, tzinfo=UTC)
    assert found["weekly-review"]["RRULE"]["UNTIL"] == [datetime(2025, 3, 24, 9, 0, tzinfo=UTC)]
    assert found["weekly-review-2"].start == datetime(2025, 3, 31, 8, 0, tzinfo=UTC)
    assert found["weekly-review-2"]["RRULE"]["UNTIL"] == [datetime(2025, 4, 14, 8, 0, tzinfo=UTC)]


def test_each_open_action_has_its_day_and_the_others_none() -> None:
    session = classic_review()
    states = ("done", "declined", "in-progress", "open", "open", "open")
    actions = tuple(
        each.model_copy(update={"status": state}) for each, state in zip(session.actions, states, strict=True)
    )
    found = entries(session.model_copy(update={"actions": actions}))
    assert [each for each in found if each.startswith("action-")] == [
        f"action-AI-00{n}" for n in (3, 4, 5, 6)
    ]
    assert found["action-AI-003"].start == date(2025, 3, 1)
    assert found["action-AI-003"].end == date(2025, 3, 2)
    assert str(found["action-AI-003"]["SUMMARY"]) == "AI-003 due: Add DB query plan check to CI/CD (@charlie)"


def test_the_follow_up_is_on_its_day() -> None:
    assert entries(classic_review())["follow-up"].start == date(2025, 3, 9)


def test_a_review_without_dates_has_no_reminder() -> None:
    assert entries(Session(action=(Action(id="AI-001", text="x"),))) == {}


def test_importing_again_updates_instead_of_doubling() -> None:
    early, late = entries(classic_review()), entries(classic_review(), NOW + timedelta(hours=1))
    assert early.keys() == late.keys()
    assert all(late[uid]["SEQUENCE"] > early[uid]["SEQUENCE"] for uid in early)
    assert all(each["DTSTAMP"].dt == NOW for each in early.values())


def test_nobody_is_invited_and_nothing_is_attached() -> None:
    text = calendar(classic_review(), now=NOW).decode()
    for forbidden in ("ATTENDEE", "ORGANIZER", "ATTACH", "VALARM", "TZID", "METHOD:REQUEST"):
        assert forbidden not in text


@pytest.mark.parametrize("weekly", ["monday", "10:00", "MO 25:00", "MO", "every week"])
def test_a_weekly_time_that_cannot_be_read_is_named(weekly: str) -> None:
    with pytest.raises(CalendarProblem, match="write a day and a time such as MO 10:00"):
        calendar(changed(weekly=weekly), now=NOW)


def test_a_follow_up_in_the_far_future_does_not_hang() -> None:
    found = entries(changed(weekly="MO 10:00", review_on=date(9000, 1, 1)))
    assert found["weekly-review"]["RRULE"]["UNTIL"] == [datetime(2026, 2, 16, 10, 0, tzinfo=UTC)]


def test_a_date_past_the_end_of_time_is_named() -> None:
    with pytest.raises(CalendarProblem, match="beyond the year 9999"):
        calendar(changed(review_on=date.max), now=NOW)


HOSTILE = [
    "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nATTACH:https://evil.example/x",
    "x\nATTENDEE:mailto:a@b.example",
    "x\\nBEGIN:VALARM",
    "semi;colon,comma\\back",
    "x\u2028END:VCALENDAR\u0085BEGIN:VCALENDAR",
    "\x1b]0;t\x07",
    "字" * 200,
    "👩‍🚀" * 60,
    "a" * 5_000,
]


def held_to_the_rules(raw: bytes) -> list[str]:
    """Check RFC 5545's line rules by hand; return the unfolded lines."""
    assert raw.endswith(b"\r\n")
    physical = raw.split(b"\r\n")[:-1]
    assert all(len(line) <= 75 for line in physical)
    assert not any(b"\r" in line or b"\n" in line for line in physical)
    for line in physical:
        line.decode("utf-8")  # folded between characters, never inside one
    return raw.decode("utf-8").replace("\r\n ", "").split("\r\n")[:-1]


@given(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=80)))
@settings(max_examples=100, deadline=None)
def test_no_text_breaks_out_of_its_line(text: str) -> None:
    # built past the gates that clean what comes in, as if one of them had a hole
    session = Session.model_construct(
        id=text,
        incident=Incident.model_construct(title=text, ended_at=at("10:40:00"), timezone=text),
        actions=(
            Action.model_construct(id=text, text=text, owner=text, done_when=text, due=date(2025, 2, 16)),
            Action.model_construct(id="AI-002", text=text, due=date(2025, 2, 16)),
        ),
        follow_up=FollowUp(review_on=date(2025, 3, 9)),
    )
    lines = held_to_the_rules(calendar(session, now=NOW))
    names = [line.split(":")[0].split(";")[0] for line in lines]
    assert names.count("BEGIN") == names.count("END") == 5
    assert set(names) <= {
        "BEGIN", "END", "VERSION", "PRODID", "METHOD", "SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID",
        "SEQUENCE", "DESCRIPTION", "LAST-MODIFIED", "TRANSP",
    }  # fmt: skip
    read = icalendar.Calendar.from_ical(calendar(session, now=NOW))
    assert len(read.walk("VEVENT")) == 4
    assert len({str(each["UID"]) for each in read.walk("VEVENT")}) == 4


def test_a_text_with_special_signs_reads_the_same_afterwards() -> None:
    session = Session(action=(Action(id="AI-001", text='a;b,c\\d \\n e: "f"', due=date(2025, 2, 16)),))
    assert str(entries(session)["action-AI-001"]["SUMMARY"]) == 'AI-001 due: a;b,c\\d \\n e: "f"'
