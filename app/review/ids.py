"""Short stable names for records: ``E7``, ``F3``, ``AI-002``. A name is never given out twice.

A deleted record's number must not come back, or a link in somebody's notes would silently point to
something else. So the session remembers, per family, the highest number that was ever deleted.
"""

import re
from collections.abc import Iterable

from app.review.facets import Facet
from app.review.records import LISTS, Session

FAMILIES: dict[str, str] = {
    "impacts": "I",
    "sources": "S",
    "events": "E",
    "factors": "F",
    "actions": "AI-",
    "parked": "P",
    "distribution": "D",
}
"""The letters that begin the ids of each of the session's lists."""


def number(record_id: str, family: str) -> int:
    """The number in an id of *family*, or 0 if it is not one of ours (people may name records freely)."""
    match = re.fullmatch(re.escape(family) + r"([0-9]{1,18})", record_id)
    return int(match[1]) if match else 0


def name(family: str, value: int) -> str:
    """The id with this number: actions are written with three digits, as trackers and reports do."""
    return f"{family}{value:03d}" if family == "AI-" else f"{family}{value}"


def _numbers(family: str) -> Facet[int]:
    return Facet(lambda entry: number(entry.id, family))


_NUMBERS = {field: _numbers(family) for field, family in FAMILIES.items()}


def next_ids(session: Session, field: str, count: int = 1) -> list[str]:
    """The next *count* ids for the list *field* of *session* (``events``, ``actions`` …)."""
    family = FAMILIES[field]
    gone = max((number(each, family) for each in session.retired), default=0)
    highest = max(gone, *_NUMBERS[field].of(getattr(session, field)), 0)
    return [name(family, highest + step) for step in range(1, count + 1)]


def retire(session: Session, field: str, gone: Iterable[str]) -> tuple[str, ...]:
    """What *session.retired* becomes once the records *gone* have left the list *field*."""
    family = FAMILIES[field]
    highest = max((number(each, family) for each in (*session.retired, *gone)), default=0)
    others = tuple(each for each in session.retired if not number(each, family))
    return (*others, name(family, highest)) if highest else others


def by_id(session: Session, field: str) -> dict[str, int]:
    """Positions of the records of one list by id."""
    return {entry.id: position for position, entry in enumerate(getattr(session, field))}


def find_list(record_id: str, session: Session) -> str | None:
    """The name of the list that holds *record_id*, or None."""
    for field in LISTS:
        if any(entry.id == record_id for entry in getattr(session, field)):
            return field
    return None
