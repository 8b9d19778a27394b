"""The calendar file: right times, stable names, and nothing that a title could smuggle in."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

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


def test_the_review_meeting_is_at_its_hour_else_on_its_day() -> None:
    assert entries(classic_review())["meeting"].start == date(2025, 2, 10)
    meeting = entries(changed(meeting=datetime(2025, 2, 11, 14, 0, tzinfo=timezone(timedelta(hours=1)))))[
        "meeting"
    ]
    assert (meeting.start, meeting.end) == (
        datetime(2025, 2, 11, 13, 0, tzinfo=UTC),
        datetime(2025, 2, 11, 14, 0, tzinfo=UTC),
    )


def with_statuses(*statuses: str) -> Session:
    session = classic_review()
    actions = (
        each.model_copy(update={"status": status})
        for each, status in zip(session.actions, statuses, strict=True)
    )
    return session.model_copy(update={"actions": tuple(actions)})


def until(session: Session, now: datetime = NOW) -> datetime:
    weekly = entries(session, now)["weekly-review"]
    assert weekly.start == datetime(2025, 2, 17, 10, 0, tzinfo=UTC)
    assert weekly["RRULE"]["FREQ"] == ["WEEKLY"]
    last = weekly["RRULE"]["UNTIL"][0]
    assert isinstance(last, datetime)
    return last


def test_the_weekly_review_runs_until_the_first_look_after_the_last_due_date() -> None:
    assert until(classic_review()) == datetime(2025, 3, 17, 10, 0, tzinfo=UTC)
    # only AI-004, due on 14 February, is open: then until the follow-up
    assert until(with_statuses("done", "done", "done", "open", "done", "declined")) == datetime(
        2025, 3, 3, 10, 0, tzinfo=UTC
    )


def test_the_weekly_review_ends_once_every_action_is_closed() -> None:
    session = with_statuses("done", "done", "done", "declined", "done", "done")
    assert until(session, datetime(2025, 2, 26, tzinfo=UTC)) == datetime(2025, 2, 24, 10, 0, tzinfo=UTC)
    # One that a calendar may have and that had not begun goes out of it.
    before = entries(session)["weekly-review"]
    assert (str(before["STATUS"]), "RRULE" in before) == ("CANCELLED", False)


def test_what_was_closed_before_its_day_is_cancelled_and_what_had_its_day_is_not() -> None:
    session = classic_review()
    closed = {
        "AI-001": ("done", date(2025, 2, 12)),  # due on the 16th
        "AI-002": ("declined", None),
        "AI-004": ("done", date(2025, 2, 20)),  # was due on the 14th
    }
    actions = tuple(
        each.model_copy(update=dict(zip(("status", "closed_on"), closed[each.id], strict=True)))
        if each.id in closed
        else each
        for each in session.actions
    )
    before, after = entries(session), entries(session.model_copy(update={"actions": actions}))
    assert {name for name, each in after.items() if "STATUS" in each} == {"action-AI-001", "action-AI-002"}
    assert str(after["action-AI-001"]["STATUS"]) == "CANCELLED"
    assert after["action-AI-001"]["UID"] == before["action-AI-001"]["UID"]
    assert "action-AI-004" in before
    assert "action-AI-004" not in after


def test_due_dates_can_be_left_out() -> None:
    read = icalendar.Calendar.from_ical(calendar(classic_review(), now=NOW, due_dates=False))
    assert {str(each["UID"]).split("/")[1].removesuffix("@blamefree") for each in read.walk("VEVENT")} == {
        "meeting",
        "report-due",
        "weekly-review",
        "follow-up",
    }


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
    assert [key for key, each in found.items() if key.startswith("action-") and "STATUS" not in each] == [
        f"action-AI-00{n}" for n in (3, 4, 5, 6)
    ]
    assert found["action-AI-003"].start == date(2025, 3, 1)
    assert found["action-AI-003"].end == date(2025, 3, 2)
    assert str(found["action-AI-003"]["SUMMARY"]) == "AI-003 due: Add DB query plan check to CI/CD (@charlie)"


def test_the_follow_up_is_on_its_day() -> None:
    assert entries(classic_review())["follow-up"].start == date(2025, 3, 9)


def test_a_follow_up_without_a_day_is_four_weeks_after_the_end() -> None:
    assert entries(changed())["follow-up"].start == date(2025, 3, 9)


def test_a_review_without_dates_has_no_reminder() -> None:
    assert entries(Session(action=(Action(id="AI-001", text="x"),))) == {}


def test_importing_again_updates_instead_of_doubling() -> None:
    early, late = entries(classic_review()), entries(classic_review(), NOW + timedelta(hours=1))
    assert early.keys() == late.keys()
    assert all(late[uid]["SEQUENCE"] > early[uid]["SEQUENCE"] for uid in early)
    assert all(each["DTSTAMP"].dt == NOW for each in early.values())


def test_nobody_is_invited_and_nothing_is_attached() -> None:
    text = calendar(classic_review(), now=NOW).decode()
    for forbidden in ("ATTENDEE", "ORGANIZER", "ATTACH", "VALARM", "TZID", "METHOD"):
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
        "BEGIN", "END", "VERSION", "PRODID", "SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID",
        "SEQUENCE", "DESCRIPTION", "LAST-MODIFIED", "TRANSP",
    }  # fmt: skip
    read = icalendar.Calendar.from_ical(calendar(session, now=NOW))
    assert len(read.walk("VEVENT")) == 4
    assert len({str(each["UID"]) for each in read.walk("VEVENT")}) == 4


def test_a_text_with_special_signs_reads_the_same_afterwards() -> None:
    session = Session(action=(Action(id="AI-001", text='a;b,c\\d \\n e: "f"', due=date(2025, 2, 16)),))
    assert str(entries(session)["action-AI-001"]["SUMMARY"]) == 'AI-001 due: a;b,c\\d \\n e: "f"'


# The rules of two clients, beside those of RFC 5545


def logical(session: Session, now: datetime = NOW) -> list[str]:
    return held_to_the_rules(calendar(session, now=now))


def test_outlook_takes_every_entry() -> None:
    """Outlook's rules, from Microsoft's open specifications.

    [MS-STANOICAL] 2.1.10: UIDs longer than 202 bytes may not be told apart; 2.2.84: one UID for each VEVENT.
    [MS-OXCICAL] 2.1.3.2.2.2: a weekly rule is ``FREQ=WEEKLY`` with BYDAY, INTERVAL, BYHOUR, BYMINUTE, UNTIL or COUNT,
    WKST and nothing else; 2.1.3.1.1.20.22: SEQUENCE at most once, an integer (of 32 bits, as MAPI keeps it).
    """
    for session in (classic_review(), classic_review().model_copy(update={"id": "ü" * 300})):
        lines = logical(session)
        entries_ = "\n".join(lines).split("BEGIN:VEVENT\n")[1:]
        assert len(entries_) == 10
        for entry in entries_:
            uids = re.findall(r"^UID[;:](.*)$", entry, re.MULTILINE)
            assert len(uids) == 1
            assert len(uids[0].encode()) <= 202
            assert len(re.findall(r"^SEQUENCE:(\d+)$", entry, re.MULTILINE)) == 1
            assert int(re.findall(r"^SEQUENCE:(\d+)$", entry, re.MULTILINE)[0]) < 2**31
        rules = [line.removeprefix("RRULE:") for line in lines if line.startswith("RRULE")]
        assert rules
        for rule in rules:
            assert re.fullmatch(
                r"FREQ=WEEKLY(;BYDAY=[A-Z,]+)?(;INTERVAL=\d+)?;UNTIL=\d{8}T\d{6}Z(;WKST=[A-Z]{2})?", rule
            )


def test_google_calendar_takes_every_entry() -> None:
    """Google's rules, from the Calendar API's reference (Events: import).

    iCalUID, start and end are required; the end is exclusive; the occurrences of a series share their iCalUID. Times
    are in UTC, so that no zone table is needed.
    """
    raw = calendar(classic_review(), now=NOW)
    assert b"TZID" not in raw
    assert b"VTODO" not in raw
    for entry in icalendar.Calendar.from_ical(raw).walk("VEVENT"):
        assert entry["UID"]
        assert entry.start < entry.end
        if isinstance(entry.start, datetime):
            assert entry.start.utcoffset() == timedelta(0)
        else:
            assert entry.end - entry.start == timedelta(days=1)
            assert entry["DTSTART"].params["VALUE"] == entry["DTEND"].params["VALUE"] == "DATE"
        assert "RECURRENCE-ID" not in entry
