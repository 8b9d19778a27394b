"""Edits: named functions from a session to a session. Nothing else changes a review.

Every function takes the session first and returns a new one; records that did not change are the same
objects, which is what makes history, saving and drawing cheap. Values pass the records' own validation, so
an edit cannot build a session that a load would refuse.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from app.review.facets import Places
from app.review.ids import next_ids, retire
from app.review.records import LISTS, Entry, Event, Factor, Incident, Narrative, Record, Session
from app.review.timeline import clock_offset, corrected, in_order

R = TypeVar("R", bound=Record)

_PLACES = {field: Places() for field in LISTS}


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


def free_id(session: Session, field: str, taken: Iterable[str] = ()) -> str:
    """The next id for the list *field* that is not among *taken* either."""
    known = frozenset(taken)
    ids = next_ids(session, field, len(known) + 1)
    return next(each for each in ids if each not in known)


def insert_event(session: Session, event: Event, after: str) -> Session:
    """Put *event* where its time says, or without one behind the row *after*.

    It keeps its id, which was promised to whoever is filling the row in; an id that is taken becomes a new one.
    """
    if not event.id or any(row.id == event.id for row in session.events):
        event = event.model_copy(update={"id": next_ids(session, "events")[0]})
    rows = list(session.events)
    behind = next((place for place, row in enumerate(rows, 1) if row.id == after), len(rows))
    rows.insert(behind if event.at is None else _place(rows, event), event)
    return session.model_copy(update={"events": tuple(rows)})


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


def place_of(session: Session, field: str, key: str) -> int | None:
    """Where the record with this id stands in the list *field*; nothing when there is none."""
    return _PLACES[field].of(getattr(session, field)).get(key)


def change(session: Session, field: str, ids: Collection[str], **changes: Any) -> Session:
    """Set fields of the records *ids* of one list. Events whose time changes move to their new place."""
    if field == "events" and "at" in changes:
        return _retime(session, ids, lambda event: revise(event, **changes))
    return replace(session, field, ids, lambda entry: revise(entry, **changes))


def replace(session: Session, field: str, ids: Collection[str], edit: Callable[[Any], Any]) -> Session:
    """Put *edit(record)* in the place of each of the records *ids* of one list."""
    wanted = frozenset(ids)
    rows = list(getattr(session, field))
    places = _PLACES[field].of(getattr(session, field))
    for place in sorted(places[each] for each in wanted if each in places):
        rows[place] = edit(rows[place])
    return session.model_copy(update={field: tuple(rows)})


def _retime(session: Session, ids: Collection[str], edit: Callable[[Event], Event]) -> Session:
    """Edit events; those whose time changed move, with the rows without a time that stand behind them.

    A row that loses its time stays where it is: it belongs to the row before it from then on.
    """
    wanted = frozenset(ids)
    rows: list[Event] = []
    moving: list[list[Event]] = []
    block: list[Event] | None = None
    for event in session.events:
        fresh = edit(event) if event.id in wanted else event
        if fresh.at is not None:
            block = None
            if fresh.at != event.at:
                block = []
                moving.append(block)
        (rows if block is None else block).append(fresh)
        if event.at is None:
            # What stood behind a row that had no time did not belong to it.
            block = block if fresh.at is None else None
    for block in moving:
        place = _place(rows, block[0])
        rows[place:place] = block
    return session.model_copy(update={"events": tuple(rows)})


def shift_events(session: Session, ids: Collection[str], by: timedelta) -> Session:
    """Move the times of some rows by a duration; rows without a time stay behind the row they belong to."""

    def shifted(event: Event) -> Event:
        if event.at is None:
            return event
        at, until = _moved(event.at, by), event.until and _moved(event.until, by)
        return revise(event, at=at, until=until)

    return _retime(session, ids, shifted)


def _moved(moment: datetime, by: timedelta) -> datetime:
    """*moment* a duration later, with the offset it had; one that would leave the calendar stays."""
    try:
        # Counted in UTC: on the clock of a zone an hour may be two.
        return (moment.astimezone(UTC) + by).astimezone(moment.tzinfo)
    except OverflowError:
        return moment


def delete(session: Session, field: str, ids: Collection[str]) -> Session:
    """Take records out of one list, and out of every link that named them. Their ids are not used again.

    The children of a deleted factor move up to its parent: an answer is not lost with its question. What
    an event says about where it was seen stays, also when its source goes.
    """
    wanted = frozenset(ids)
    gone = {row.id for row in getattr(session, field) if row.id in wanted}
    if not gone:
        return session
    if field == "factors":
        session = _lift_children(session, gone)
    rows = tuple(row for row in getattr(session, field) if row.id not in gone)
    session = session.model_copy(update={field: rows, "retired": retire(session, field, gone)})
    if field == "events":
        # What was folded into a row that goes is seen again.
        hidden = {row.id for row in session.events if row.fold in gone}
        session = replace(session, "events", hidden, lambda row: row.model_copy(update={"fold": ""}))
        return _unlink(session, "factors", "events", gone)
    if field == "factors":
        session = _unlink(session, "factors", "also_under", gone)
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

    def lifted(factor: Factor) -> Factor:
        parent = heir(factor.parent)
        links = tuple(each for each in factor.also_under if each != parent)
        return factor.model_copy(update={"parent": parent, "also_under": links})

    return replace(session, "factors", orphans, lifted)


def duplicate(session: Session, field: str, ids: Collection[str]) -> Session:
    """Copy records, each copy right behind its original. A milestone, like a ticket, is not copied."""
    wanted = frozenset(ids)
    chosen = [row for row in getattr(session, field) if row.id in wanted]
    fresh = iter(next_ids(session, field, len(chosen)))
    rows = []
    for row in getattr(session, field):
        rows.append(row)
        if row.id in wanted:
            update: dict[str, Any] = {"id": next(fresh)}
            if isinstance(row, Event):
                update |= {"milestone": "", "suggestion": "", "fold": ""}
            if "ticket" in type(row).model_fields:
                update["ticket"] = None
            rows.append(row.model_copy(update=update))
    return session.model_copy(update={field: tuple(rows)})


def set_milestone(session: Session, event_id: str, milestone: str) -> Session:
    """Mark one row with a milestone and star it; the mark leaves the row that had it before."""
    if not any(event.id == event_id for event in session.events):
        return session
    if milestone:
        holders = {event.id for event in session.events if event.milestone == milestone}
        session = replace(session, "events", holders - {event_id}, lambda event: revise(event, milestone=""))
        return change(session, "events", {event_id}, milestone=milestone, starred=True)
    return change(session, "events", {event_id}, milestone="")


def merge_events(session: Session, ids: Collection[str]) -> Session:
    """Make one row of several: the earliest keeps its place and time, and nothing that was known is lost.

    Texts, sources, actors, tags and evidence are joined. What has room for one value only (time, kind,
    milestone) goes into the note where the others differ.
    """
    wanted = frozenset(ids)
    rows = [event for event in in_order(session) if event.id in wanted]
    if len(rows) < 2:
        return session
    first, others = rows[0], rows[1:]
    merged = first.model_copy(update=_joined(session, rows))
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
    # The suggestions behind the rows that go are answered: they must not be made again.
    session = dismiss(session, (row.suggestion for row in others if row.suggestion))
    return delete(session, "events", gone)


def _joined(session: Session, rows: list[Event]) -> dict[str, Any]:
    """The fields of the row that *rows* become; the first of them keeps its time."""
    first = rows[0]
    update: dict[str, Any] = {}
    for row in reversed(rows):
        update |= row.model_extra or {}
    update |= {
        "text": "; ".join(_each(row.text for row in rows)),
        "kind": next(iter(_each(row.kind for row in rows)), ""),
        "milestone": next(iter(_each(row.milestone for row in rows)), ""),
        "source": ", ".join(_each(row.source for row in rows)),
        "actor": ", ".join(_each(row.actor for row in rows if row.actor != "-")) or first.actor,
        "starred": any(row.starred for row in rows),
        "tags": _each(tag for row in rows for tag in row.tags),
        "evidence": tuple(dict.fromkeys(pointer for row in rows for pointer in row.evidence)),
    }
    notes = [row.note for row in rows]
    notes += [_remainder(row, first, update) for row in rows[1:]]
    update["note"] = "\n".join(_each(notes))
    if first.at is not None:
        # The evidence of another source may bring the correction of that source's clock: the row stays put.
        shift = clock_offset(session, first) - clock_offset(session, first.model_copy(update=update))
        update["at"] = corrected(first.at, shift)
    return update


def _each(words: Iterable[str]) -> tuple[str, ...]:
    """Every word once, in order, empty ones left out."""
    return tuple(dict.fromkeys(word for word in words if word))


def _remainder(row: Event, first: Event, merged: dict[str, Any]) -> str:
    """What is known of *row* that the merged row has no field for, as a line of its note."""
    parts = []
    if row.at is not None and (row.at, row.until) != (first.at, first.until):
        parts.append(row.at.isoformat(" ") + (f" to {row.until.isoformat(' ')}" if row.until else ""))
    parts += [
        getattr(row, name) for name in ("kind", "milestone") if getattr(row, name) not in {"", merged[name]}
    ]
    return f"{row.id} was {', '.join(parts)}" if parts else ""


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


def set_analysis(session: Session, **changes: Any) -> Session:
    """Change how the review asks, and how it groups what it finds."""
    return session.model_copy(update={"analysis": revise(session.analysis, **changes)})


def set_display(session: Session, **changes: Any) -> Session:
    """Change how the team looks at its timeline."""
    return session.model_copy(update={"display": revise(session.display, **changes)})


def accept(session: Session, event: Event) -> Session:
    """Make a suggestion a row of the timeline; it keeps its key, so that it is not suggested again.

    A suggestion has the clock correction of its source in its times; a row has the raw ones, and is corrected
    whenever it is shown. Accepting it a second time changes nothing.
    """
    if event.suggestion and any(row.suggestion == event.suggestion for row in session.events):
        return session
    shift = -clock_offset(session, event)
    raw = {
        "at": event.at and corrected(event.at, shift),
        "until": event.until and corrected(event.until, shift),
    }
    return add(session, "events", event.model_copy(update=raw) if shift else event)


def dismiss(session: Session, keys: Iterable[str]) -> Session:
    """Remember suggestions that people decided against."""
    return session.model_copy(update={"dismissed": tuple(dict.fromkeys((*session.dismissed, *keys)))})
