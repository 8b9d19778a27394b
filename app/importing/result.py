"""From what was read to a review: a new one, or more of one that is there."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from app.importing.draft import LISTS, Draft
from app.importing.times import UNDECLARED
from app.review import edits
from app.review.ids import next_ids
from app.review.records import Event, Incident, Narrative, Passage, Pointer, Session
from app.review.zones import find_zone


@dataclass(frozen=True)
class Origin:
    """The file that a document was kept as, in the review that it goes into."""

    source: str
    artifact: str


def session_of(draft: Draft, review_id: str = "") -> Session:
    """A new review of a document: rows in the order in which they were written."""
    values = dict(draft.incident)
    values.setdefault("timezone", zone_name(draft))
    return Session(
        id=draft.review_id or review_id,
        incident=Incident.model_validate(values),
        narrative=Narrative(
            **draft.prose,
            **{name: tuple(entries) for name, entries in draft.listed.items()},
            passages=tuple(draft.passages),
        ),
        impacts=tuple(draft.impacts),
        events=tuple(draft.events),
        factors=tuple(draft.factors),
        actions=tuple(draft.actions),
        parked=tuple(draft.parked),
        accepted=tuple(draft.accepted),
    )


def pointing(events: tuple[Event, ...], draft: Draft, origin: Origin) -> tuple[Event, ...]:
    """The events of a document, each with a pointer to the line of the file that it was read from.

    What was read out of a page or of JSON points at the file as a whole: its lines are not those that were read.
    """
    lines = {event.id: line for event, line in zip(draft.events, draft.event_lines, strict=True)}
    return tuple(
        event.model_copy(
            update={
                "evidence": (
                    *event.evidence,
                    Pointer(
                        source=origin.source,
                        artifact=origin.artifact,
                        line=lines[event.id] if draft.placed else 0,
                    ),
                )
            }
        )
        for event in events
    )


def zone_name(draft: Draft) -> str:
    """The zone to show the times in: that of most rows, by a name that shows all of them as they were written."""
    named = [event for event in draft.events if event.at]
    zones = [event.zone or "UTC" for event in named]
    if not zones:
        return "UTC"
    usual = max(dict.fromkeys(zones), key=zones.count)
    own = [event.at for event, zone in zip(named, zones, strict=True) if zone == usual and event.at]
    names = ["Europe/London"] if usual == UNDECLARED else [usual, usual.split(" ")[0]]
    for name in names:
        zone = find_zone(name)
        if zone and all(each.astimezone(zone).utcoffset() == each.utcoffset() for each in own):
            return name
    offsets = {each.utcoffset() or timedelta() for each in own}
    return _fixed(offsets.pop()) if len(offsets) == 1 else "UTC"


def _fixed(offset: timedelta) -> str:
    hours, rest = divmod(offset, timedelta(hours=1))
    # The names of this family have the sign of the other side: Etc/GMT-1 is an hour ahead.
    return "UTC" if rest or not hours else f"Etc/GMT{-hours:+d}"


def add_to(session: Session, draft: Draft, events: tuple[Event, ...], name: str) -> Session:
    """Add what a document says to a review; what has one place only and is taken goes under the document's name."""
    session = _add_incident(session, draft, name)
    session = _add_narrative(session, draft)
    for field, entries in (("impacts", draft.impacts), ("parked", draft.parked)):
        session = edits.add_all(session, field, entries)
    fresh = tuple(each for each in draft.accepted if each not in session.accepted)
    session = session.model_copy(update={"accepted": (*session.accepted, *fresh)}) if fresh else session
    session = _add_events(session, events)
    session, factors = _add_factors(session, draft)
    actions = [
        each.model_copy(
            update={"factors": tuple(factors.get(name, "") for name in each.factors if name in factors)}
        )
        for each in draft.actions
    ]
    return edits.add_all(session, "actions", actions)


def _add_incident(session: Session, draft: Draft, name: str) -> Session:
    incident = session.incident
    fresh: dict[str, Any] = {}
    kept: list[str] = []
    for field, value in draft.incident.items():
        if field == "timezone":
            continue
        there = getattr(incident, field, None)
        if not there or (field == "status" and there == "draft"):
            fresh[field] = value
        elif there != value and field != "title":
            kept.append(f"{field.replace('_', ' ')}: {value}")
    if fresh:
        session = edits.set_incident(session, **fresh)
    if kept:
        passages = (
            *session.narrative.passages,
            Passage(heading=name, text="\n".join(f"- {each}" for each in kept)),
        )
        session = edits.set_narrative(session, passages=passages)
    return session


def _add_narrative(session: Session, draft: Draft) -> Session:
    narrative = session.narrative
    changes: dict[str, Any] = {
        name: "\n\n".join(each for each in (getattr(narrative, name), text) if each)
        for name, text in draft.prose.items()
    }
    changes |= {
        name: (*getattr(narrative, name), *draft.listed[name]) for name in LISTS if name in draft.listed
    }
    if draft.passages:
        changes["passages"] = (*narrative.passages, *draft.passages)
    return edits.set_narrative(session, **changes) if changes else session


def _add_events(session: Session, events: tuple[Event, ...]) -> Session:
    timed = [event.at for event in events if event.at]
    ordered = all(one <= two for one, two in pairwise(timed))
    taken = {event.milestone for event in session.events} - {""}
    fresh = [
        each.model_copy(update={"milestone": ""}) if each.milestone in taken else each for each in events
    ]
    # Rows that run backwards stay as their author put them: behind one another.
    all_timed = ordered and len(timed) == len(events)
    return edits.add_all(session, "events", fresh, None if all_timed else len(session.events))


def _add_factors(session: Session, draft: Draft) -> tuple[Session, dict[str, str]]:
    names = dict(
        zip(
            (each.id for each in draft.factors), next_ids(session, "factors", len(draft.factors)), strict=True
        )
    )
    factors = [each.model_copy(update={"parent": names.get(each.parent, "")}) for each in draft.factors]
    return edits.add_all(session, "factors", factors), names
