"""The weekly look at the actions of several reviews: overdue, due soon, done since last time, and whose. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from app import markdown
from app.review.records import Action, Session
from app.review.vocabulary import PRIORITIES

SOON: Final = timedelta(days=7)
WEEK: Final = timedelta(days=7)
"""How far back what was done is shown, where nobody says otherwise."""
State = Literal["overdue", "soon", "later", "undated"]
_ORDER: Final[dict[str, int]] = {"overdue": 0, "soon": 1, "undated": 2, "later": 3}


class Known(NamedTuple):
    """A review with the title to show, and its folder for who wants to go there."""

    title: str
    session: Session
    folder: str = ""


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
    folder: str
    id: str
    text: str
    owner: str
    sponsor: str
    needs_sponsor: bool
    """High priority, and nobody with the standing to see it through: such items languish."""
    priority: str
    status: str
    due: date | None
    ticket_state: str
    url: str


@dataclass(frozen=True)
class ClosedAction:
    """An action that was done or declined since the last look."""

    status: str
    closed_on: date
    review: str
    session_id: str
    folder: str
    id: str
    text: str
    owner: str
    reason: str
    url: str


@dataclass(frozen=True)
class Load:
    """What one person has: how many open actions, and how many of them are overdue or due within seven days."""

    owner: str
    """Empty for actions that nobody has."""
    open: int
    overdue: int
    soon: int


@dataclass(frozen=True)
class Weekly:
    """Everything that the weekly review looks at."""

    since: date
    open: tuple[OpenAction, ...]
    closed: tuple[ClosedAction, ...]
    """Done or declined on *since* or later, the last first."""

    @property
    def loads(self) -> tuple[Load, ...]:
        """The open actions by owner: who has most overdue first, then who has most."""
        owners = dict.fromkeys(row.owner for row in self.open)
        loads = [_load(owner, [row for row in self.open if row.owner == owner]) for owner in owners]
        return tuple(sorted(loads, key=lambda load: (-load.overdue, -load.open, load.owner.casefold())))

    @property
    def unsponsored(self) -> tuple[OpenAction, ...]:
        """Open items of high priority without a sponsor."""
        return tuple(row for row in self.open if row.needs_sponsor)


def weekly(reviews: Iterable[Known], today: date, since: date | None = None) -> Weekly:
    """The weekly review of *reviews* on *today*; what was closed counts from *since*, else for seven days."""
    known = list(reviews)
    since = since or today - WEEK
    closed = [
        ClosedAction(
            status=action.status,
            closed_on=action.closed_on,
            review=review.title,
            session_id=review.session.id,
            folder=review.folder,
            id=action.id,
            text=action.text,
            owner=action.owner,
            reason=action.reason,
            url=action.ticket.url if action.ticket else "",
        )
        for review in known
        for action in review.session.actions
        if action.status in {"done", "declined"} and action.closed_on and action.closed_on >= since
    ]
    closed.sort(key=lambda row: row.closed_on, reverse=True)
    return Weekly(since, open_actions(known, today), tuple(closed))


def open_actions(reviews: Iterable[Known], today: date) -> tuple[OpenAction, ...]:
    """The open actions of *reviews*, the most pressing first.

    Overdue first (longest overdue on top), then due within seven days, then those without a date, which
    nobody will miss otherwise, then the rest; equals by priority, then by owner, then as written.
    """
    rows = [
        _row(review, action, today)
        for review in reviews
        for action in review.session.actions
        if action.status in {"open", "in-progress"}
    ]
    return tuple(
        sorted(
            rows,
            key=lambda row: (
                _ORDER[row.state],
                row.due or date.max,
                _rank(row.priority),
                row.owner.casefold(),
            ),
        )
    )


def by_owner(rows: Iterable[OpenAction]) -> tuple[OpenAction, ...]:
    """*rows* by owner, each owner's in the order they have; those that nobody has come first."""
    return tuple(sorted(rows, key=lambda row: row.owner.casefold()))


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


def spell_load(load: Load) -> str:
    """One owner's actions in a line: ``@bob 3 open, 1 overdue``."""
    parts = [f"{load.open} open"]
    parts += [f"{load.overdue} overdue"] if load.overdue else []
    parts += [f"{load.soon} due soon"] if load.soon else []
    return f"{load.owner or 'nobody'}: {', '.join(parts)}"


def spell_sponsor(row: OpenAction) -> str:
    """Its sponsor, or that one is missing where one is needed."""
    return row.sponsor or ("none!" if row.needs_sponsor else "-")


def spell_tracker(row: OpenAction) -> str:
    """What the tracker says of it where that does not fit: it is closed there and open here."""
    return f"ticket {row.ticket_state}" if row.ticket_state.casefold() in CLOSED_WORDS else ""


CLOSED_WORDS: Final = frozenset(
    ("closed", "done", "completed", "resolved", "canceled", "cancelled", "rejected")
)
"""What trackers call a ticket that is not worked on any more."""


def as_markdown(found: Weekly) -> str:
    """The weekly review as Markdown for a stand-up: tables, and who has what; one sentence when all is done."""
    parts = [_open_table(found.open)]
    if found.unsponsored:
        names = ", ".join(f"{_name(row)} ({markdown.inline(row.review)})" for row in found.unsponsored)
        parts.append(f"**High priority without a sponsor:** {names}\n")
    if found.open:
        parts.append("".join(f"- {markdown.inline(spell_load(load))}\n" for load in found.loads))
    if found.closed:
        parts.append(f"**Closed since {found.since}**\n\n{_closed_table(found.closed)}")
    return "\n".join(parts)


def _open_table(rows: Iterable[OpenAction]) -> str:
    lines = [
        f"| {' | '.join(markdown.cell(value) for value in _cells(row))} | {_name(row)} |" for row in rows
    ]
    if not lines:
        return "No open actions.\n"
    head = ["| Due | Owner | Priority | Sponsor | Action | Review | Age | ID |", f"|{'---|' * 8}"]
    return "\n".join([*head, *lines]) + "\n"


def _closed_table(rows: Iterable[ClosedAction]) -> str:
    lines = [
        "| "
        + " | ".join(
            markdown.cell(value)
            for value in (f"{row.status} {row.closed_on}", row.owner or "-", row.text, row.review, row.reason)
        )
        + f" | {_name(row)} |"
        for row in rows
    ]
    return "\n".join(["| Closed | Owner | Action | Review | Why | ID |", f"|{'---|' * 6}", *lines]) + "\n"


def _cells(row: OpenAction) -> tuple[str, ...]:
    age = f"{row.age} d" if row.age is not None else "-"
    said = spell_tracker(row)
    due = spell_due(row) + (f" ({said})" if said else "")
    return due, row.owner or "-", row.priority or "-", spell_sponsor(row), row.text, row.review, age


def _name(row: OpenAction | ClosedAction) -> str:
    return markdown.link(row.id, row.url) if markdown.safe_url(row.url) else markdown.cell(row.id)


def _row(review: Known, action: Action, today: date) -> OpenAction:
    session = review.session
    days = (action.due - today).days if action.due else None
    ended = session.incident.ended_at
    begun = session.incident.reviewed_on or (ended.date() if ended else None)
    return OpenAction(
        state=_state(days),
        days=days,
        age=(today - begun).days if begun else None,
        review=review.title,
        session_id=session.id,
        folder=review.folder,
        id=action.id,
        text=action.text,
        owner=action.owner,
        sponsor=action.sponsor,
        needs_sponsor=action.priority.casefold() == PRIORITIES[0] and not action.sponsor.strip(" -"),
        priority=action.priority,
        status=action.status,
        due=action.due,
        ticket_state=action.ticket.state if action.ticket else "",
        url=action.ticket.url if action.ticket else "",
    )


def _load(owner: str, rows: list[OpenAction]) -> Load:
    states = [row.state for row in rows]
    return Load(owner, len(rows), states.count("overdue"), states.count("soon"))


def _state(days: int | None) -> State:
    if days is None:
        return "undated"
    if days < 0:
        return "overdue"
    return "soon" if days <= SOON.days else "later"


def _rank(priority: str) -> int:
    folded = priority.casefold()
    return PRIORITIES.index(folded) if folded in PRIORITIES else len(PRIORITIES)
