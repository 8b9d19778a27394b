"""Dates that cannot be, dates before what they follow from, and phases out of order."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from app.review.claims.anchors import moments
from app.review.claims.model import Judgement, line
from app.review.claims.spoken import texts
from app.review.moments import in_zone
from app.review.records import Session
from app.review.vocabulary import MILESTONES
from app.review.writing import Spot
from app.review.zones import zone_of

_MONTHS: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = r"(?:(?P<day>Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,?\s+(?:the )?)?"
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_ISO: Final = re.compile(
    rf"{_DAY}(?<![\d/-])(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?![\d-])", re.IGNORECASE
)
_LONG: Final = re.compile(
    rf"{_DAY}\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH},? (?P<y>(?:19|20)\d\d)\b", re.IGNORECASE
)
_LONG_US: Final = re.compile(
    rf"{_DAY}\b{_MONTH} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>(?:19|20)\d\d)\b", re.IGNORECASE
)
_ORDER: Final = ("started", "detected", "acknowledged", "mitigated", "recovered", "resolved")
_FAR: Final = timedelta(days=180)


def judged(session: Session) -> Iterator[Judgement]:
    """Every date in the texts, right or wrong; of the records only what is wrong."""
    yield from _written(session)
    yield from _records(session)
    yield from _order(session)


def _written(session: Session) -> Iterator[Judgement]:
    for text in texts(session):
        for pattern in (_ISO, _LONG, _LONG_US):
            for found in pattern.finditer(text.text):
                words = line(found[0])
                groups = found.groupdict()
                month = (
                    int(groups["m"]) if groups.get("m") else _MONTHS.index(found["month"][:3].casefold()) + 1
                )
                try:
                    day = date(int(found["y"]), month, int(found["d"]))
                except ValueError:
                    say = f"“{words}” ({text.where}): the calendar has no such day."
                    yield Judgement("date", False, text.spot, words, say, text.where)
                    continue
                if found["day"]:
                    name = _DAYS[day.weekday()]
                    holds = name.startswith(found["day"].casefold()[:3])
                    say = f"“{words}” ({text.where}): {day:%Y-%m-%d} {'is' if holds else 'was'} a {name.capitalize()}."
                    yield Judgement("date", holds, text.spot, words, say, text.where)


def _records(session: Session) -> Iterator[Judgement]:
    incident = session.incident
    zone = zone_of(session)
    rows = moments(session)
    start = incident.started_at or (rows["started"].at if "started" in rows else None)
    end = incident.ended_at
    if start and end and end < start:
        yield _wrong(
            "incident",
            "ended_at",
            "",
            "end of the incident",
            f"The incident ends at {_at(end)}, before it starts at {_at(start)}.",
        )
    day = start.astimezone(zone).date() if start else None
    if day and incident.reviewed_on and incident.reviewed_on < day:
        yield _wrong(
            "incident",
            "reviewed_on",
            "",
            "reviewed",
            f"The review of {incident.reviewed_on} is before the incident of {day}.",
        )
    for action in session.actions:
        if day and action.due and action.due < day:
            yield _wrong(
                "actions",
                "due",
                action.id,
                action.id,
                f"{action.id} is due on {action.due}, before the incident of {day}.",
            )
        if day and action.closed_on and action.closed_on < day:
            yield _wrong(
                "actions",
                "closed_on",
                action.id,
                action.id,
                f"{action.id} was closed on {action.closed_on}, before the incident of {day}.",
            )
    for impact in session.impacts:
        if impact.from_ and impact.to and impact.to < impact.from_:
            yield _wrong(
                "impacts",
                "text",
                impact.id,
                "impact",
                f"The impact {impact.id} ends at {_at(impact.to)}, before it begins at {_at(impact.from_)}.",
            )
    for event in session.events:
        if event.at and event.until and event.until < event.at:
            yield _wrong(
                "events",
                "text",
                event.id,
                event.id,
                f"{event.id} ends at {_at(event.until)}, before it begins at {_at(event.at)}.",
            )
        if event.at and start and event.kind != "context" and abs(in_zone(event.at, UTC) - start) > _FAR:
            yield _wrong(
                "events",
                "text",
                event.id,
                event.id,
                f"{event.id} is dated {event.at:%Y-%m-%d}, half a year or more from the incident of {day}: is it the right year?",
            )
    for each in session.distribution:
        if each.sent_at and start and each.sent_at < start:
            yield _wrong(
                "incident",
                "title",
                each.id,
                "sent",
                f"The report went to {each.to} at {_at(each.sent_at)}, before the incident began at {_at(start)}.",
            )
    follow = session.follow_up.review_on
    if follow and incident.reviewed_on and follow < incident.reviewed_on:
        yield _wrong(
            "incident",
            "title",
            "",
            "follow-up",
            f"The follow-up of {follow} is before the review of {incident.reviewed_on}.",
        )


def _order(session: Session) -> Iterator[Judgement]:
    """Milestones that stand before the one they follow from, but for those that may be either way round."""
    rows = moments(session)
    known = [rows[name] for name in _ORDER if name in rows]
    for number, two in enumerate(known):
        one = next((each for each in known[:number] if two.at + two.slack < each.at), None)
        if one is not None:
            say = (
                f"{two.told} at {_at(two.at)} is before {one.told} at {_at(one.at)}:"
                f" {two.name} means that {MILESTONES[two.name]}."
            )
            spot = Spot("events", "text", two.event.id)
            yield Judgement("order", False, spot, f"{two.told} before {one.told}", say, two.event.id)


def _wrong(place: str, field: str, key: str, where: str, say: str) -> Judgement:
    return Judgement("date", False, Spot(place, field, key), line(say), say, where)


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S%z}".replace("+0000", " UTC")
