"""What can be done about what the gate says of an action: one choice for each finding.

A remedy changes fields at once where nothing has to be thought about (a due date by policy), and begins an
edit with the better wording where it does. Nothing is done by itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from app.review import edits, gate
from app.review.records import Action, Session

Way = Literal["set", "write", "split", "link", "decline"]

_DONE = re.compile(r";? ?\bdone when ", re.IGNORECASE)
_FIELDS = {"A1": "owner", "A2": "due", "A3": "priority", "A6": "done_when"}


@dataclass(frozen=True)
class Remedy:
    """One thing to do about one finding.

    *way* says how: ``set`` changes fields to *changes*; ``write`` opens *column* with the text in *changes*
    for it (a better wording, with ``…`` where a fact is missing); ``split`` makes two actions; ``link`` asks
    for a factor; ``decline`` asks for a reason.
    """

    rule: str
    label: str
    way: Way
    column: str = ""
    changes: Mapping[str, object] = field(default_factory=dict)


def remedies(action: Action, session: Session, today: date) -> tuple[Remedy, ...]:
    """What can be done about *action*, the most urgent first; splitting and declining are always possible."""
    day = session.incident.reviewed_on or today
    found: list[Remedy] = []
    for finding in gate.check(action, session, today):
        found += _for(finding, action, session, day)
    found.sort(key=lambda remedy: remedy.way != "set")
    return tuple({remedy.label: remedy for remedy in reversed(found)}.values())[::-1]


def _for(finding: gate.Finding, action: Action, session: Session, day: date) -> list[Remedy]:
    rule = finding.rule
    if rule == "A2":
        wanted = gate.due_for(action, session, day)
        offered = [Remedy(rule, finding.better, "set", changes={"due": wanted})] if wanted else []
        return [*offered, Remedy(rule, "another date", "write", "due")]
    if rule == "A3":
        return [
            Remedy(rule, f"choose its {name}", "write", name)
            for name in ("priority", "kind")
            if not getattr(action, name).strip()
        ]
    if rule == "A9":
        return [Remedy(rule, "link the factor that it answers", "link")]
    if rule == "A13":
        return [Remedy(rule, f"make two: {finding.better}", "split")]
    if rule == "A15":
        return [Remedy(rule, "say why it was decided not to do it", "decline")]
    if rule == "A10":
        first = day + timedelta(days=90)
        return [
            Remedy(rule, f"a first part by {first}", "split"),
            Remedy(rule, "an earlier date", "write", "due"),
        ]
    if finding.better:
        return [_worded(finding, action)]
    column = _FIELDS.get(rule, "text")
    return [Remedy(rule, f"edit its {column.replace('_', ' ')}", "write", column)]


def _worded(finding: gate.Finding, action: Action) -> Remedy:
    text, *rest = _DONE.split(finding.better, maxsplit=1)
    changes: dict[str, object] = {"text": text.rstrip(" ;.")}
    if rest and not action.done_when.strip():
        changes["done_when"] = rest[0].strip().rstrip(".")
    return Remedy(finding.rule, finding.better, "write", "text", changes)


def split_action(session: Session, key: str, first: str, second: str) -> Session:
    """Make two actions of one: the new one stands behind it and keeps owner, priority, kind, factors and rows.

    Its done-when and date are its own to find; the ticket stays with the first.
    """
    place = next((number for number, each in enumerate(session.actions) if each.id == key), None)
    if place is None:
        return session
    whole = session.actions[place]
    fresh = Action(
        text=second,
        owner=whole.owner,
        due=whole.due,
        priority=whole.priority,
        kind=whole.kind,
        factors=whole.factors,
        events=whole.events,
    )
    session = edits.change(session, "actions", {key}, text=first)
    return edits.add(session, "actions", fresh, place + 1)


def due_by_policy(session: Session, keys: tuple[str, ...], start: date, policy: str) -> Session:
    """Give the actions *keys* the date that a policy wants; those about which it says nothing keep theirs."""
    wanted = {
        action.id: due
        for action in session.actions
        if action.id in keys and (due := gate.due_for(action, session, start, policy))
    }
    return edits.replace(
        session, "actions", wanted, lambda action: edits.revise(action, due=wanted[action.id])
    )


def decline(session: Session, keys: tuple[str, ...], reason: str, today: date) -> Session:
    """Decide not to do the actions *keys*; the reason is kept, and answers their factors."""
    return edits.change(session, "actions", keys, status="declined", reason=reason, closed_on=today)
