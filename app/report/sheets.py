"""The timeline and the actions as CSV, for a spreadsheet: all fields, times by RFC 3339 in UTC."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.redaction.session import masked
from app.report.encode import csv_table
from app.review.records import Session
from app.review.rows import lines, times_folded
from app.review.timeline import instant

if TYPE_CHECKING:
    from app.report.view import Report


def timeline_csv(session: Session) -> str:
    """Every row of the timeline in reading order, starred or not; rows that were folded are one."""
    return csv_table(_timeline(masked(session)))


def actions_csv(session: Session) -> str:
    """Every action, declined ones included."""
    return csv_table(_actions(masked(session)))


def report_csv(session: Session, report: "Report") -> str:
    """The whole report as one table: what it is, and a definition beside each number that was computed."""
    rows: list[tuple[str, ...]] = [
        ("part", "id", "text", "value", "from", "until", "owner", "due", "definition")
    ]
    rows += [("header", "", name, value, "", "", "", "", "") for name, value in report.header]
    rows.append(("header", "", "Times", report.zone, "", "", "", "", ""))
    for name in ("summary", "trigger", "detection", "response", "prevention"):
        if text := getattr(session.narrative, name):
            rows.append((name, "", text, "", "", "", "", "", ""))
    for name in ("went_well", "was_hard", "lucky", "surprises", "lessons"):
        rows += [(name, "", text, "", "", "", "", "", "") for text in getattr(session.narrative, name)]
    rows += [
        ("passage", each.heading, each.text, "", "", "", "", "", "") for each in session.narrative.passages
    ]
    for impact in session.impacts:
        number = "" if impact.value is None else f"{impact.value} {impact.unit}".strip()
        note = "estimated" if impact.estimated else ""
        rows.append(
            ("impact", impact.id, impact.text, number, _utc(impact.from_), _utc(impact.to), "", "", note)
        )
    for event, _ in lines(session):
        at = instant(session, event)
        rows.append(
            ("event", event.id, event.text, event.milestone, _utc(at), _utc(event.until), event.actor, "", "")
        )
    for factor in session.factors:
        text = f"{factor.label}: {factor.text}" if factor.label else factor.text
        rows.append(("factor", factor.id, text, factor.mark, "", "", "", "", ""))
    for action in session.actions:
        due = action.due.isoformat() if action.due else ""
        rows.append(
            ("action", action.id, action.text, action.status, "", "", action.owner, due, action.done_when)
        )
    rows += [
        ("duration", "", each.label, each.value, "", "", "", "", each.formula) for each in report.measures
    ]
    return csv_table(rows)


def _utc(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""


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
