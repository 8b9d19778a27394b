"""Reminders as an iCalendar file (RFC 5545): meeting, report due, weekly look at actions, due dates, follow-up.

Events only, because Google Calendar and Outlook ignore to-dos. Times are in UTC, so that the file needs no
zone tables. UIDs are stable and SEQUENCE grows with the clock, so that importing again updates instead of
doubling; the reminder of what was closed before its day is there once more as cancelled, so that it goes out of a
calendar that has it. No attendee, no attachment, no alarm: nothing is sent to anybody, nothing runs.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from app.redaction.session import masked
from app.review.checklist import FOLLOW_UP_AFTER, REPORT_WITHIN
from app.review.plain import one_line, visible
from app.review.records import Action, Session
from app.review.zones import zone_of

if TYPE_CHECKING:
    from icalendar import Event as Entry

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKLY = re.compile(
    r"(?P<day>MO|TU|WE|TH|FR|SA|SU)\w* +(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)", re.IGNORECASE
)
_MOST_WEEKS: Final = 53
_HALF_HOUR = timedelta(minutes=30)
_HOUR = timedelta(hours=1)
_DOMAIN: Final = "@blamefree"
_LOOK = timedelta(days=6)
"""A weekly look falls on one of the seven days from a due date on."""
_LONGEST_UID = 200
"""Outlook tells no longer UIDs apart: 202 bytes, says [MS-STANOICAL] 2.1.10."""
_SEQUENCE_START = datetime(2020, 1, 1, tzinfo=UTC)


class CalendarProblem(Exception):
    """The calendar cannot be made; ``str()`` is one sentence that says what to do."""


def calendar(session: Session, *, now: datetime, due_dates: bool = True) -> bytes:
    """The reminders of *session* as the bytes of an ``.ics`` file; *now* stamps them.

    Holds the review meeting, the report's due time (48 hours after the end), the weekly look at open actions
    until they are closed, each open action's due date (unless *due_dates* is off), and the follow-up; cancelled
    is what still lies ahead of actions that are closed. Where no day is set for the follow-up it is four weeks
    after the end; what else has no date is left out. Raises :class:`CalendarProblem`.
    """
    from icalendar import Calendar

    session = masked(session)
    file = Calendar()
    file.add("prodid", "-//blamefree//post-mortem reminders//EN")
    file.add("version", "2.0")
    # No METHOD: RFC 5546 wants an ORGANIZER beside one, and nobody organizes; without it the file is a snapshot of
    # a calendar (RFC 5545, 3.7.2), which is what it is.
    try:
        entries = list(_entries(session, now, due_dates=due_dates))
    except OverflowError as error:
        raise CalendarProblem("A date of the review is beyond the year 9999: correct it.") from error
    for entry in entries:
        entry.add("dtstamp", now.astimezone(UTC))
        entry.add("last-modified", now.astimezone(UTC))
        entry.add("sequence", max(0, int((now - _SEQUENCE_START).total_seconds() // 60)))
        file.add_component(entry)
    return bytes(file.to_ical())


def _entries(session: Session, now: datetime, *, due_dates: bool) -> Iterator["Entry"]:
    name = one_line(session.incident.title) or session.id or "post-mortem"
    yield from _meeting(session, name)
    end = _end(session)
    if end is not None:
        due = end.astimezone(UTC) + REPORT_WITHIN
        yield _entry(
            session,
            "report-due",
            f"Post-mortem report due: {name}",
            "Share the report within 48 hours of the end of the incident.",
            due - _HALF_HOUR,
            due,
        )
    yield from _weekly(session, name, now)
    for action in session.actions if due_dates else ():
        if action.due is not None and (action in _open(session) or _ahead(action, action.due)):
            entry = _due(session, action, action.due)
            yield entry if action in _open(session) else _cancelled(entry)
    day = session.follow_up.review_on or (
        end.astimezone(zone_of(session)).date() + FOLLOW_UP_AFTER if end else None
    )
    if day is not None:
        yield _all_day(
            session,
            "follow-up",
            f"Post-mortem follow-up: {name}",
            "Which actions are done, which were declined and why, and has anything like it happened again?",
            day,
        )


def _open(session: Session) -> list[Action]:
    return [action for action in session.actions if action.status in {"open", "in-progress"}]


def _ahead(action: Action, due: date) -> bool:
    """Whether a closed action's day was still ahead when it was closed: a calendar may have it."""
    return action.closed_on is None or action.closed_on <= due


def _cancelled(entry: "Entry") -> "Entry":
    entry.add("status", "CANCELLED")
    return entry


def _meeting(session: Session, name: str) -> Iterator["Entry"]:
    """The review meeting at its hour, else on its day."""
    title, text = f"Post-mortem review: {name}", "Blameless: what made it possible, and what will change."
    if session.follow_up.meeting is not None:
        start = session.follow_up.meeting.astimezone(UTC)
        yield _entry(session, "meeting", title, text, start, start + _HOUR)
    elif session.incident.reviewed_on is not None:
        yield _all_day(session, "meeting", title, text, session.incident.reviewed_on)


def _weekly(session: Session, name: str, now: datetime) -> Iterator["Entry"]:
    """The weekly review, one series per offset from UTC so that it keeps its local hour."""
    wanted = session.follow_up.weekly.strip()
    if not wanted:
        return
    match = _WEEKLY.fullmatch(wanted)
    if match is None:
        raise CalendarProblem(f"The weekly review is at “{wanted}”: write a day and a time such as MO 10:00.")
    zone = zone_of(session)
    occurrences = list(_occurrences(session, match, zone))
    closed = session.incident.status == "closed" or bool(session.actions and not _open(session))
    for number, (_, group) in enumerate(groupby(occurrences, key=lambda local: local.utcoffset()), 1):
        planned = [local.astimezone(UTC) for local in group]
        # Once everything is closed the series ends now; one that had not begun is cancelled.
        times = [each for each in planned if each <= now] if closed else planned
        over, times = not times, times or planned[:1]
        entry = _entry(
            session,
            "weekly-review" if number == 1 else f"weekly-review-{number}",
            f"Review open post-mortem actions: {name}",
            "Overdue first, then what is due within seven days.",
            times[0],
            times[0] + _HALF_HOUR,
        )
        if over:
            yield _cancelled(entry)
            continue
        entry.add("rrule", {"freq": "weekly", "until": times[-1]})
        yield entry


def _occurrences(session: Session, match: re.Match[str], zone: tzinfo) -> Iterator[datetime]:
    """The local times of the weekly review, from the day after the review as long as actions may be open.

    That is the later of the follow-up and the first look after the last due date, a year at most.
    """
    end = _end(session)
    start = session.incident.reviewed_on or (end.astimezone(zone).date() if end else None)
    if start is None:
        return
    last = session.follow_up.review_on or start + FOLLOW_UP_AFTER
    actions = _open(session) or session.actions
    last = max([last, *(action.due + _LOOK for action in actions if action.due)])
    day = start + timedelta(days=1)
    day += timedelta(days=(_DAYS.index(match["day"].upper()) - day.weekday()) % 7)
    for _ in range(_MOST_WEEKS):
        local = datetime(day.year, day.month, day.day, int(match["hour"]), int(match["minute"]), tzinfo=zone)
        if day > last:
            return
        yield local
        day += timedelta(days=7)


def _due(session: Session, action: Action, due: date) -> "Entry":
    owner = f" ({action.owner})" if action.owner else ""
    details = [f"Done when: {action.done_when}"] if action.done_when else []
    if action.ticket and action.ticket.url:
        details.append(f"Ticket: {action.ticket.url}")
    title = f"{action.id} due: {one_line(action.text)}{owner}"
    return _all_day(session, f"action-{action.id}", title, "\n".join(details), due)


def _all_day(session: Session, item: str, title: str, text: str, day: date) -> "Entry":
    entry = _entry(session, item, title, text, day, day + timedelta(days=1))
    entry.add("transp", "TRANSPARENT")
    return entry


def _entry(session: Session, item: str, title: str, text: str, start: Any, end: Any) -> "Entry":
    from icalendar import Event as Entry

    entry = Entry()
    # Percent signs keep a hostile id from breaking the UID and different ids from meeting in one.
    uid = f"{quote(session.id or session.incident.title, safe='')}/{quote(item, safe='')}"
    if len(uid) + len(_DOMAIN) > _LONGEST_UID:
        uid = sha256(uid.encode()).hexdigest()
    entry.add("uid", f"{uid}{_DOMAIN}")
    entry.add("summary", one_line(title))
    if text:
        entry.add("description", visible(text))
    entry.add("dtstart", start)
    entry.add("dtend", end)
    return entry


def _end(session: Session) -> datetime | None:
    """The end of the incident, else the row that is marked as resolved."""
    resolved = (event.at for event in session.events if event.milestone == "resolved" and event.at)
    return session.incident.ended_at or next(resolved, None)
