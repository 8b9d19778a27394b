"""What is known of a document before its first row: its front matter, and what its name and its sentences prove."""

from datetime import date

from app.importing.blocks import Block, Head
from app.importing.draft import Draft
from app.importing.fields import Fields, day_of
from app.importing.heads import (
    day_in,
    first_year,
    front_values,
    front_zone,
    named_day,
    spoken_zone,
    titled_day,
    zero_hour,
)
from app.importing.times import Clock
from app.importing.words import role_of


def read_front(head: Head, draft: Draft, clock: Clock, fields: Fields) -> date | None:
    """Take the facts out of front matter; all of it is kept as text. The day that it names, which may be that of the
    report rather than that of the incident."""
    begin, end = head.notice, head.front
    if begin == end:
        return None
    inside = draft.lines[begin:end]
    while inside and inside[0].strip() != head.mark:
        inside, begin = inside[1:], begin + 1
    values = front_values(inside[1:-1], head.mark)
    if title := values.get("title"):
        draft.incident["title"] = str(title)
    authors = values.get("authors") or values.get("author")
    if authors:
        draft.incident["authors"] = (
            [str(each) for each in authors] if isinstance(authors, list) else [str(authors)]
        )
    titled, published = titled_day(str(values.get("title", "")), clock), None
    if clock.day is None and (day := titled or day_of(values)):
        clock.on(day)
        published = None if titled else day
        if published and (said := day_in(str(values.get("title", "")), clock, published)):
            clock.on(said)
            published = None
    if fields.zone is None and (zone := front_zone(values)):
        clock.in_zone(zone)
    for key, value in values.items():
        role = role_of(key.replace("_", " "))
        if role == "services":
            draft.incident["services"] = [
                str(each) for each in (value if isinstance(value, list) else [value])
            ]
        if role in {"severity", "status", "started", "ended", "id"} and not isinstance(value, date):
            fields.take(role, str(value))
    draft.use(begin, end, "header", "Front matter")
    draft.keep("Front matter", "\n".join(["```", *inside, "```"]))
    return published


def by_evidence(found: list[Block], draft: Draft, clock: Clock, name: str) -> None:
    """The day that only the *name* of the file says, the year of its dates, and the zone that all its zones are."""
    if clock.day is None and (day := named_day(name)):
        clock.on(day)
        draft.remarks.append(
            f"The date {day} is that in the name of the file: give --date if the rows are of another day."
        )
    clock.zero = zero_hour(found, clock)
    if clock.day is None and (year := first_year(found)):
        clock.in_year(year)
    if clock.zone is None and (zone := spoken_zone(found)):
        clock.in_zone(zone)
        draft.remarks.append(
            f"Where the document says a zone it is {zone.name}, and times without one are read so."
        )
