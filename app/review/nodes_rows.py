"""A row of the timeline made a factor, and a factor made a row of the timeline."""

from app.review import branches, edits
from app.review.records import Event, Factor, Session
from app.review.timeline import in_order

_KINDS = {"decision": "decision", "gap": "absence", "context": "condition"}
"""What a row of some kind is as a factor; every other one is something that happened."""
_ROWS = {"decision": "decision", "absence": "gap", "condition": "context"}


def factor_of_row(session: Session, event_id: str) -> Factor:
    """The factor that a row makes: its words, what it is, and the row as its evidence. KeyError if there is none."""
    rows = {row.id: row for row in session.events}
    row = rows[event_id]
    return Factor(text=row.text, kind=_KINDS.get(row.kind, "event"), events=(row.id,), evidence=row.evidence)


def rows_to_factors(session: Session, event_ids: tuple[str, ...], parent: str = "") -> Session:
    """Make rows of the timeline factors below *parent*, in the order of the timeline; the rows stay."""
    known = {row.id for row in session.events} & set(event_ids)
    for row in in_order(session):
        if row.id in known:
            factor = factor_of_row(session, row.id).model_copy(update={"parent": parent})
            session = branches.add_factor(session, factor, after=parent)
    return session


def row_of_factor(session: Session, factor_id: str, *, keep: bool) -> Session:
    """Make a factor a row of the timeline.

    The row has no time of its own: it stands behind the first row that the factor points to, or at the end,
    until somebody gives it one. With *keep* the factor stays, and points to the row; else it leaves the tree
    and what was below it moves up.
    """
    factor = branches.find(session, factor_id)
    if factor is None:
        return session
    shown = next((n for n, row in enumerate(session.events) if row.id in factor.events), None)
    row = Event(
        text=factor.text,
        kind=_ROWS.get(factor.kind, ""),
        precision="order-only",
        evidence=factor.evidence,
        note=factor.note,
    )
    before = {each.id for each in session.events}
    session = edits.add(session, "events", row, None if shown is None else shown + 1)
    if not keep:
        return edits.delete(session, "factors", {factor_id})
    (added,) = (each.id for each in session.events if each.id not in before)
    return edits.change(session, "factors", {factor_id}, events=(*factor.events, added))
