"""Edits of timeline rows as rows: fold equal ones, part one in two, move one that has no time.

Like all edits these are functions from a session to a session; see :mod:`app.review.edits`.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final

from app.review import edits
from app.review.facets import Facet
from app.review.ids import next_ids
from app.review.records import Event, Session
from app.review.timeline import in_order, instant

_FOLDS: Final[Facet[str]] = Facet(attrgetter("fold"))
_NUMBER = re.compile(r"\d+")


def twins(session: Session) -> tuple[tuple[Event, ...], ...]:
    """Groups of rows that say the same: same minute, same source, texts equal once numbers are masked.

    The first of each group stands for it: a milestone or a star makes a row the first. A second milestone keeps
    its row out of the group, as folding would hide it.
    """
    groups: dict[tuple[datetime, str, str], list[Event]] = {}
    for event in in_order(session):
        at = instant(session, event)
        if at is not None:
            minute = at.astimezone(UTC).replace(second=0, microsecond=0)
            groups.setdefault((minute, event.source, _NUMBER.sub("#", event.text)), []).append(event)
    found = []
    for rows in groups.values():
        # Sorting is stable: among equals the earliest stands for the group.
        first, *others = sorted(rows, key=lambda row: (not row.milestone, not row.starred))
        others = [row for row in others if not row.milestone]
        if others:
            found.append((first, *others))
    return tuple(found)


def fold(session: Session, ids: Collection[str] | None = None) -> Session:
    """Fold groups of equal rows into one line each; with *ids* only the groups that hold one of them."""
    heads: dict[str, str] = {}
    for first, *others in twins(session):
        if ids is None or first.id in ids or any(row.id in ids for row in others):
            heads |= {first.id: "", **{row.id: first.id for row in others}}
    changed = {row.id for row in session.events if row.id in heads and row.fold != heads[row.id]}
    return edits.replace(
        session, "events", changed, lambda row: row.model_copy(update={"fold": heads[row.id]})
    )


def unfold(session: Session, ids: Collection[str] | None = None) -> Session:
    """Show the rows that are folded into *ids*, or into any row, as lines of their own again."""
    hidden = {row.id for row in session.events if row.fold and (ids is None or row.fold in ids)}
    return edits.replace(session, "events", hidden, lambda row: row.model_copy(update={"fold": ""}))


def folded(session: Session) -> dict[str, tuple[str, ...]]:
    """The rows that other rows stand for: by the id of that row, the ids of those folded into it."""
    if not any(_FOLDS.of(session.events)):
        return {}
    known = {row.id for row in session.events if not row.fold}
    found: dict[str, list[str]] = {}
    for row in session.events:
        if row.fold in known:
            found.setdefault(row.fold, []).append(row.id)
    return {head: tuple(rows) for head, rows in found.items()}


def lines(session: Session) -> tuple[tuple[Event, tuple[Event, ...]], ...]:
    """The timeline in reading order as it is shown: each row that stands for itself, with those folded into it.

    A row that is folded into none that is there stands for itself.
    """
    by_id = {row.id: row for row in session.events}
    known = {head: tuple(by_id[each] for each in hidden) for head, hidden in folded(session).items()}
    return tuple((row, known.get(row.id, ())) for row in in_order(session) if row.fold not in known)


def times_folded(text: str, hidden: Collection[Event]) -> str:
    """*text* as one line says it for all of its rows: ``pool exhausted (×37)``."""
    return f"{text} (×{len(hidden) + 1})" if hidden else text


def split(session: Session, event_id: str, parts: Sequence[Event]) -> Session:
    """Make several rows of one: the first part stays the row, the others follow with what it knows.

    A part brings its text, and what else it says itself (a time, a kind, a source, an actor); evidence and tags
    are those of the row. A milestone and a suggestion stay with the first.
    """
    place = next((place for place, row in enumerate(session.events) if row.id == event_id), None)
    if place is None or len(parts) < 2:
        return session
    whole = session.events[place]
    fresh = next_ids(session, "events", len(parts) - 1)
    session = edits.replace(session, "events", {event_id}, lambda row: _part(row, parts[0]))
    # Backwards, each directly behind the row: a part with a time of its own goes where that says.
    for each, part in reversed(list(zip(fresh, parts[1:], strict=True))):
        row = _part(whole, part).model_copy(
            update={"id": each, "milestone": "", "suggestion": "", "fold": ""}
        )
        if part.at is not None:
            session = edits.insert_event(session, row, event_id)
        else:
            rows = list(session.events)
            at = next(place for place, other in enumerate(rows) if other.id == event_id)
            session = session.model_copy(update={"events": (*rows[: at + 1], row, *rows[at + 1 :])})
    return session


def _part(whole: Event, part: Event) -> Event:
    own = {name: getattr(part, name) for name in ("kind", "source", "actor") if getattr(part, name)}
    if part.at is not None:
        own |= {name: getattr(part, name) for name in ("at", "until", "precision", "about", "written")}
    return whole.model_copy(update={"text": part.text, **own})


def move(session: Session, event_id: str, step: int) -> Session:
    """Move a row one place up (-1) or down (+1) in reading order, as far as time leaves its place open.

    A row without a time stands behind whichever row it was put; one with a time can change places only with a
    row of the same instant. Otherwise nothing changes.
    """
    ordered = in_order(session)
    here = next((place for place, row in enumerate(ordered) if row.id == event_id), None)
    if here is None or not 0 <= here + step < len(ordered):
        return session
    row, other = ordered[here], ordered[here + step]
    if row.at is not None:
        if other.at is None or instant(session, row) != instant(session, other):
            return session
        # They change places as written, so that rows without a time stay where they are.
        swapped = {row.id: other, other.id: row}
        return session.model_copy(
            update={"events": tuple(swapped.get(each.id, each) for each in session.events)}
        )
    rest = [each for each in session.events if each.id != event_id]
    if step > 0:
        place = rest.index(other) + 1
    elif other.at is None:
        place = rest.index(other)
    else:
        # Above a row with a time is behind whatever is read before that row.
        place = rest.index(ordered[here - 2]) + 1 if here >= 2 else 0
    return session.model_copy(update={"events": (*rest[:place], row, *rest[place:])})


def with_folded(session: Session, ids: Iterable[str]) -> tuple[str, ...]:
    """*ids*, and those of the rows that are folded into them: what is done to the one line is done to all."""
    known = folded(session)
    return tuple(dict.fromkeys(each for head in ids for each in (head, *known.get(head, ()))))
