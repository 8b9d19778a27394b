"""Edits: named functions from a session to a session. Nothing else changes a review.

Every function takes the session first and returns a new one; records that did not change are the same
objects, which is what makes history, saving and drawing cheap. Values pass the records' own validation, so
an edit cannot build a session that a load would refuse.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import Any, TypeVar, cast

from app.review.ids import next_ids, retire
from app.review.records import Entry, Event, Factor, Incident, Narrative, Record, Session

R = TypeVar("R", bound=Record)


def revise(record: R, **changes: Any) -> R:
    """*record* with some fields changed, validated like any other input; unknown keys stay."""
    fresh = type(record).model_validate(changes)
    return record.model_copy(update={name: getattr(fresh, name) for name in changes})


def add(session: Session, field: str, entry: Entry, position: int | None = None) -> Session:
    """Put *entry* into the list *field*, at its end or at *position*, with the next id of its family.

    Events go where their time says, behind those with the same instant.
    """
    return add_all(session, field, [entry], position)


def add_all(session: Session, field: str, entries: Iterable[Entry], position: int | None = None) -> Session:
    """Put several entries into the list *field*, each with an id of its own, as one edit."""
    fresh = list(entries)
    named = [
        entry.model_copy(update={"id": each})
        for entry, each in zip(fresh, next_ids(session, field, len(fresh)), strict=True)
    ]
    rows = list(getattr(session, field))
    for offset, entry in enumerate(named):
        if position is None and isinstance(entry, Event):
            rows.insert(_place(cast("list[Event]", rows), entry), entry)
        else:
            rows.insert(len(rows) if position is None else position + offset, entry)
    return session.model_copy(update={field: tuple(rows)})


def _place(rows: list[Event], event: Event) -> int:
    """Where *event* belongs in the written order: before the first later row that ends an ordered run."""
    if event.at is None:
        return len(rows)
    for position in range(len(rows), 0, -1):
        other = rows[position - 1].at
        if other is not None and other <= event.at:
            # Rows without a time belong to the one they were written behind: do not come between them.
            while position < len(rows) and rows[position].at is None:
                position += 1
            return position
    return next((position for position, row in enumerate(rows) if row.at is not None), len(rows))


def change(session: Session, field: str, ids: Collection[str], **changes: Any) -> Session:
    """Set fields of the records *ids* of one list. Events whose time changes move to their new place."""
    if field == "events" and "at" in changes:
        return _retime(session, ids, lambda event: revise(event, **changes))
    return replace(session, field, ids, lambda entry: revise(entry, **changes))


def replace(session: Session, field: str, ids: Collection[str], edit: Callable[[Any], Any]) -> Session:
    """Put *edit(record)* in the place of each of the records *ids* of one list."""
    rows = tuple(edit(row) if row.id in ids else row for row in getattr(session, field))
    return session.model_copy(update={field: rows})


def _retime(session: Session, ids: Collection[str], edit: Callable[[Event], Event]) -> Session:
    moving = [edit(event) for event in session.events if event.id in ids]
    rows = [event for event in session.events if event.id not in ids]
    for event in moving:
        rows.insert(_place(rows, event), event)
    return session.model_copy(update={"events": tuple(rows)})


def shift_events(session: Session, ids: Collection[str], by: timedelta) -> Session:
    """Move the times of some rows by a duration; rows without a time stay as they are."""

    def shifted(event: Event) -> Event:
        if event.at is None:
            return event
        return revise(event, at=event.at + by, until=event.until + by if event.until else None)

    return _retime(session, ids, shifted)


def delete(session: Session, field: str, ids: Collection[str]) -> Session:
    """Take records out of one list, and out of every link that named them. Their ids are not used again.

    The children of a deleted factor move up to its parent: an answer is not lost with its question.
    """
    gone = {row.id for row in getattr(session, field) if row.id in ids}
    if not gone:
        return session
    if field == "factors":
        session = _lift_children(session, gone)
    rows = tuple(row for row in getattr(session, field) if row.id not in gone)
    session = session.model_copy(update={field: rows, "retired": retire(session, field, gone)})
    if field == "events":
        return _unlink(session, "factors", "events", gone)
    if field == "factors":
        return _unlink(session, "actions", "factors", gone)
    return session


def _unlink(session: Session, field: str, links: str, gone: set[str]) -> Session:
    """Remove the ids *gone* from the tuple of links that records of the list *field* hold."""
    touched = {row.id for row in getattr(session, field) if gone.intersection(getattr(row, links))}
    return replace(
        session,
        field,
        touched,
        lambda row: row.model_copy(
            update={links: tuple(each for each in getattr(row, links) if each not in gone)}
        ),
    )


def _lift_children(session: Session, gone: set[str]) -> Session:
    parents = {factor.id: factor.parent for factor in session.factors}

    def heir(parent: str) -> str:
        steps = 0
        while parent in gone and steps <= len(parents):
            parent, steps = parents.get(parent, ""), steps + 1
        return parent

    orphans = {factor.id for factor in session.factors if factor.parent in gone}
    return replace(
        session, "factors", orphans, lambda factor: factor.model_copy(update={"parent": heir(factor.parent)})
    )


def duplicate(session: Session, field: str, ids: Collection[str]) -> Session:
    """Copy records, each copy right behind its original. A milestone, like a ticket, is not copied."""
    rows = list(getattr(session, field))
    chosen = [row for row in rows if row.id in ids]
    for original, new_id in zip(chosen, next_ids(session, field, len(chosen)), strict=True):
        update: dict[str, Any] = {"id": new_id}
        if isinstance(original, Event):
            update |= {"milestone": "", "suggestion": ""}
        if "ticket" in type(original).model_fields:
            update["ticket"] = None
        rows.insert(rows.index(original) + 1, original.model_copy(update=update))
    return session.model_copy(update={field: tuple(rows)})


def set_milestone(session: Session, event_id: str, milestone: str) -> Session:
    """Mark one row with a milestone and star it; the mark leaves the row that had it before."""
    if milestone:
        holders = {event.id for event in session.events if event.milestone == milestone}
        session = replace(session, "events", holders - {event_id}, lambda event: revise(event, milestone=""))
        return change(session, "events", {event_id}, milestone=milestone, starred=True)
    return change(session, "events", {event_id}, milestone="")


def merge_events(session: Session, ids: Collection[str]) -> Session:
    """Make one row of several: the earliest keeps its place, all texts, sources and evidence stay."""
    rows = [event for event in session.events if event.id in ids]
    if len(rows) < 2:
        return session
    first, others = rows[0], rows[1:]
    texts = list(dict.fromkeys(row.text for row in rows if row.text))
    merged = first.model_copy(
        update={
            "text": "; ".join(texts),
            "source": ", ".join(dict.fromkeys(row.source for row in rows if row.source)),
            "evidence": tuple(pointer for row in rows for pointer in row.evidence),
            "starred": any(row.starred for row in rows),
            "milestone": next((row.milestone for row in rows if row.milestone), ""),
            "note": "\n".join(dict.fromkeys(row.note for row in rows if row.note)),
        }
    )
    gone = {row.id for row in others}
    session = replace(session, "events", {first.id}, lambda _: merged)
    relinked = {factor.id for factor in session.factors if gone.intersection(factor.events)}
    session = replace(
        session,
        "factors",
        relinked,
        lambda factor: factor.model_copy(
            update={
                "events": tuple(dict.fromkeys(first.id if each in gone else each for each in factor.events))
            }
        ),
    )
    return delete(session, "events", gone)


def set_incident(session: Session, **changes: Any) -> Session:
    """Change the facts that head the report."""
    incident: Incident = revise(session.incident, **changes)
    return session.model_copy(update={"incident": incident})


def set_narrative(session: Session, **changes: Any) -> Session:
    """Change a part of the report that people write."""
    narrative: Narrative = revise(session.narrative, **changes)
    return session.model_copy(update={"narrative": narrative})


def set_follow_up(session: Session, **changes: Any) -> Session:
    """Change what happens after the report."""
    return session.model_copy(update={"follow_up": revise(session.follow_up, **changes)})


def set_tracking(session: Session, **changes: Any) -> Session:
    """Change where the tickets are made."""
    return session.model_copy(update={"tracking": revise(session.tracking, **changes)})


def accept(session: Session, event: Event) -> Session:
    """Make a suggestion a row of the timeline; it keeps its key, so that it is not suggested again."""
    return add(session, "events", event)


def dismiss(session: Session, keys: Iterable[str]) -> Session:
    """Remember suggestions that people decided against."""
    return session.model_copy(update={"dismissed": tuple(dict.fromkeys((*session.dismissed, *keys)))})


def add_factor(session: Session, factor: Factor, after: str = "") -> Session:
    """Add a factor: behind the factor *after* and everything below it, or at the end."""
    position = None
    if after:
        ids = [each.id for each in session.factors]
        family = subtree(session, after)
        position = max((ids.index(each) for each in family if each in ids), default=len(ids) - 1) + 1
    return add(session, "factors", factor, position)


def subtree(session: Session, factor_id: str) -> set[str]:
    """The ids of a factor and everything below it."""
    children: dict[str, list[str]] = {}
    for factor in session.factors:
        children.setdefault(factor.parent, []).append(factor.id)
    family, queue = set(), [factor_id]
    while queue:
        current = queue.pop()
        if current not in family:
            family.add(current)
            queue += children.get(current, [])
    return family


def set_parent(session: Session, factor_id: str, parent: str) -> Session:
    """Hang a factor, with all below it, under another; refused silently where that would make a ring."""
    if parent in subtree(session, factor_id):
        return session
    return change(session, "factors", {factor_id}, parent=parent)


def swap_factor(session: Session, factor_id: str, step: int) -> Session:
    """Move a factor up (-1) or down (+1) among its siblings."""
    rows = list(session.factors)
    place = {row.id: position for position, row in enumerate(rows)}
    if factor_id not in place:
        return session
    siblings = [row.id for row in rows if row.parent == rows[place[factor_id]].parent]
    target = siblings.index(factor_id) + step
    if not 0 <= target < len(siblings):
        return session
    here, there = place[factor_id], place[siblings[target]]
    rows[here], rows[there] = rows[there], rows[here]
    return session.model_copy(update={"factors": tuple(rows)})
