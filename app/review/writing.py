"""Where the words of people stand in a session, and how to put others in their place.

Checks of language, better wordings and jumps all need to name one text among the records; a :class:`Spot`
does. The parking lot is no such place: what was said quickly there is left alone.
"""

from collections.abc import Iterator
from typing import NamedTuple

from app.review import edits
from app.review.records import Session

_TOLD = ("summary", "trigger", "detection", "response", "prevention")
_POINTS = ("went_well", "was_hard", "lucky", "surprises", "lessons")
_SCREENS = {"events": "timeline", "factors": "whys", "actions": "actions"}
_FIELDS = {"impacts": ("text",), "events": ("text",), "factors": ("text",), "actions": ("text", "done_when")}


class Spot(NamedTuple):
    """One text: the *field* of the record *id* in the list *place*, or of the narrative or the incident.

    *point* counts the points of a part that has several (``went_well``, ``lessons`` …).
    """

    place: str
    field: str
    id: str = ""
    point: int = -1

    @property
    def screen(self) -> str:
        """The step that shows it."""
        return _SCREENS.get(self.place, "report")

    @property
    def where(self) -> str:
        """What people call it: the record's id, or the part of the report."""
        if self.screen != "report":
            return self.id
        return "impact" if self.place == "impacts" else self.field.replace("_", " ")


def spots(session: Session) -> Iterator[tuple[Spot, str]]:
    """Every text that people wrote, in the order of the report."""
    yield Spot("incident", "title"), session.incident.title
    for field in _TOLD:
        yield Spot("narrative", field), getattr(session.narrative, field)
    for field in _POINTS:
        for point, text in enumerate(getattr(session.narrative, field)):
            yield Spot("narrative", field, point=point), text
    for place, fields in _FIELDS.items():
        for record in getattr(session, place):
            for field in fields:
                yield Spot(place, field, record.id), getattr(record, field)


def text_at(session: Session, spot: Spot) -> str:
    """The text that stands there now; nothing when the record or the point is gone."""
    if spot.place in {"incident", "narrative"}:
        value = getattr(getattr(session, spot.place), spot.field)
        if spot.point < 0:
            return str(value)
        return value[spot.point] if spot.point < len(value) else ""
    records = getattr(session, spot.place)
    place = edits.place_of(session, spot.place, spot.id)
    return "" if place is None else str(getattr(records[place], spot.field))


def with_text(session: Session, spot: Spot, text: str) -> Session:
    """The session with *text* at *spot*; unchanged when the place is gone."""
    if spot.place == "incident":
        return edits.set_incident(session, **{spot.field: text})
    if spot.place != "narrative":
        return edits.change(session, spot.place, {spot.id}, **{spot.field: text})
    if spot.point < 0:
        return edits.set_narrative(session, **{spot.field: text})
    points = list(getattr(session.narrative, spot.field))
    if spot.point >= len(points):
        return session
    points[spot.point] = text
    return edits.set_narrative(session, **{spot.field: tuple(points)})
