"""The timeline and the actions as CSV, for a spreadsheet: all fields, times by RFC 3339 in UTC."""

from collections.abc import Iterator
from datetime import UTC

from app.redaction.session import masked
from app.report.encode import csv_table
from app.review.records import Session
from app.review.rows import lines, times_folded
from app.review.timeline import instant


def timeline_csv(session: Session) -> str:
    """Every row of the timeline in reading order, starred or not; rows that were folded are one."""
    return csv_table(_timeline(masked(session)))


def actions_csv(session: Session) -> str:
    """Every action, declined ones included."""
    return csv_table(_actions(masked(session)))


def _timeline(session: Session) -> Iterator[tuple[str, ...]]:
    yield "id", "at", "until", "precision", "event", "kind", "milestone", "source", "actor", "starred"
    for event, hidden in lines(session):
        at = instant(session, event)
        yield (
            event.id,
            at.isoformat() if at else "",
            event.until.astimezone(UTC).isoformat() if event.until else "",
            event.precision,
            times_folded(event.text, hidden),
            event.kind,
            event.milestone,
            event.source,
            event.actor,
            "yes" if event.starred else "",
        )


def _actions(session: Session) -> Iterator[tuple[str, ...]]:
    yield (
        "id",
        "action",
        "done when",
        "owner",
        "due",
        "priority",
        "kind",
        "factors",
        "status",
        "reason",
        "ticket",
    )
    for action in session.actions:
        yield (
            action.id,
            action.text,
            action.done_when,
            action.owner,
            action.due.isoformat() if action.due else "",
            action.priority,
            action.kind,
            " ".join(action.factors),
            action.status,
            action.reason,
            action.ticket.url if action.ticket else "",
        )
