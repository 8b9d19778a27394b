"""Open actions over several reviews: what is overdue, what is due soon, and whose it is. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from app import markdown
from app.review.records import Action, Session
from app.review.vocabulary import PRIORITIES

SOON: Final = timedelta(days=7)
State = Literal["overdue", "soon", "later", "undated"]
_ORDER: Final[dict[str, int]] = {"overdue": 0, "soon": 1, "undated": 2, "later": 3}


@dataclass(frozen=True)
class OpenAction:
    """An action that is not done, as the weekly review looks at it."""

    state: State
    days: int | None
    """Days until it is due; negative when overdue; None without a date."""
    age: int | None
    """Days since its incident was reviewed, or ended where no review date is set; None where neither is."""
    review: str
    """Title of the review it comes from."""
    session_id: str
    id: str
    text: str
    owner: str
    priority: str
    due: date | None
    url: str


def open_actions(sessions: Iterable[tuple[str, Session]], today: date) -> tuple[OpenAction, ...]:
    """The open actions of *sessions* (each with the title to show), the most pressing first.

    Overdue first (longest overdue on top), then due within seven days, then those without a date, which
    nobody will miss otherwise, then the rest; equals by priority, then as written.
    """
    rows = [
        _row(title, session, action, today)
        for title, session in sessions
        for action in session.actions
        if action.status in {"open", "in-progress"}
    ]
    return tuple(sorted(rows, key=lambda row: (_ORDER[row.state], row.due or date.max, _rank(row.priority))))


def overdue(rows: Iterable[OpenAction]) -> int:
    """How many of *rows* are overdue."""
    return sum(row.state == "overdue" for row in rows)


def spell_due(row: OpenAction) -> str:
    """When it is due, in words: ``3 days overdue``, ``due today``, ``due in 5 days``, ``no date``."""
    if row.days is None:
        return "no date"
    if row.days == 0:
        return "due today"
    amount = f"{abs(row.days)} day{'' if abs(row.days) == 1 else 's'}"
    return f"{amount} overdue" if row.days < 0 else f"due in {amount}"


def as_markdown(rows: Iterable[OpenAction]) -> str:
    """*rows* as a Markdown table for a stand-up; one sentence when there are none."""
    lines = [
        f"| {' | '.join(markdown.cell(value) for value in _cells(row))} | {_name(row)} |" for row in rows
    ]
    if not lines:
        return "No open actions.\n"
    head = ["| Due | Owner | Priority | Action | Review | Age | ID |", "|---|---|---|---|---|---|---|"]
    return "\n".join([*head, *lines]) + "\n"


def _cells(row: OpenAction) -> tuple[str, ...]:
    age = f"{row.age} d" if row.age is not None else "-"
    return spell_due(row), row.owner or "-", row.priority or "-", row.text, row.review, age


def _name(row: OpenAction) -> str:
    return markdown.link(row.id, row.url) if markdown.safe_url(row.url) else markdown.cell(row.id)


def _row(title: str, session: Session, action: Action, today: date) -> OpenAction:
    days = (action.due - today).days if action.due else None
    ended = session.incident.ended_at
    begun = session.incident.reviewed_on or (ended.date() if ended else None)
    return OpenAction(
        state=_state(days),
        days=days,
        age=(today - begun).days if begun else None,
        review=title,
        session_id=session.id,
        id=action.id,
        text=action.text,
        owner=action.owner,
        priority=action.priority,
        due=action.due,
        url=action.ticket.url if action.ticket else "",
    )


def _state(days: int | None) -> State:
    if days is None:
        return "undated"
    if days < 0:
        return "overdue"
    return "soon" if days <= SOON.days else "later"


def _rank(priority: str) -> int:
    folded = priority.casefold()
    return PRIORITIES.index(folded) if folded in PRIORITIES else len(PRIORITIES)
