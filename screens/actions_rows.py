"""The rows of the action grid."""

from datetime import date

from app.review import gate
from app.review.records import Action, Session
from app.review.vocabulary import ACTION_STATUSES, PRIORITIES
from screens.actions_detail import LETTER
from widgets.columns import Row

SORTS = ("id", "due", "owner", "priority", "status")
"""What the grid can be sorted by, in the order the key goes through them."""


def action_rows(session: Session, today: date, sort: str, year: int) -> list[Row]:
    """Every action as a row; *year* is left out of due dates that lie in it."""
    return [_row(action, session, today, year) for action in ordered(session.actions, sort)]


def ordered(actions: tuple[Action, ...], sort: str) -> list[Action]:
    """The actions sorted by one field; equal ones as written, empty values last."""
    if sort == "due":
        return sorted(actions, key=lambda action: action.due or date.max)
    if sort == "owner":
        return sorted(actions, key=lambda action: (not action.owner, action.owner.casefold()))
    if sort == "priority":
        rank = {name: place for place, name in enumerate(PRIORITIES)}
        return sorted(actions, key=lambda action: rank.get(action.priority.casefold(), len(rank)))
    if sort == "status":
        return sorted(actions, key=lambda action: ACTION_STATUSES.index(action.status))
    return list(actions)


def gate_mark(action: Action, session: Session, today: date) -> str:
    """What the gate says in a few cells: how many problems, and what the action is worth (S, M, W)."""
    if action.status == "done":
        return "✓"
    problems = sum(each.level != "info" for each in gate.check(action, session, today))
    worth = LETTER[gate.strength(action)] if action.status != "declined" and action.text.strip() else ""
    return f"{f'{problems}!' if problems else '✓'} {worth}".rstrip()


def _row(action: Action, session: Session, today: date, year: int) -> Row:
    due = (
        "-"
        if action.due is None
        else f"{action.due:%m-%d}"
        if action.due.year == year
        else f"{action.due:%Y-%m-%d}"
    )
    late = action.due is not None and action.due < today and action.status in {"open", "in-progress"}
    cells = (
        action.id,
        action.text.replace("\n", " ⏎ "),
        action.done_when.replace("\n", " ⏎ ") or "-",
        action.owner or "-",
        f"{due} late" if late else due,
        action.priority or "-",
        action.kind or "-",
        gate_mark(action, session, today),
        " ".join(action.factors) or "-",
        action.status,
    )
    edit = (
        action.id,
        action.text,
        action.done_when,
        action.owner,
        action.due.isoformat() if action.due else "",
        action.priority,
        action.kind,
        "",
        " ".join(action.factors),
        action.status,
    )
    style = "muted" if action.status in {"done", "declined"} else "problem" if late else ""
    return Row(action.id, cells, style, edit_cells=edit)
