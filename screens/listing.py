"""What the opening list knows about every saved review."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.review.moments import Context, read_exactly
from app.review.progress import Progress, progress
from app.review.records import Incident, Session
from app.review.vocabulary import SEVERITIES
from app.store.catalogue import Card, free_id, new_folder, sessions
from app.store.errors import StoreError
from app.store.files import SESSION
from app.store.reading import load
from screens.dialogs import Entry
from widgets.columns import Row


@dataclass(frozen=True)
class Listed:
    """One line of the list."""

    card: Card
    step: str
    checklist: str
    open: int
    late: int

    @property
    def searched(self) -> str:
        """What the filter looks at."""
        card = self.card
        return f"{card.title} {card.id} {card.severity} {card.folder.name}".casefold()

    def row(self) -> Row:
        """The line as the grid draws it."""
        card = self.card
        date = f"{card.started:%Y-%m-%d}" if card.started else "-"
        key = str(card.folder)
        if card.problem:
            return Row(key, (f"✗ {card.folder.name}: {card.problem}", "", date, "", "", "", ""), "problem")
        late = str(self.late) if self.late else "-"
        cells = (
            card.title or card.folder.name,
            card.severity,
            date,
            self.step,
            self.checklist,
            str(self.open),
            late,
        )
        return Row(key, cells, "problem" if self.late else "")


def listed(root: Path, now: datetime) -> tuple[Listed, ...]:
    """Every review in *root*, newest first."""
    return tuple(_listed(card, now) for card in sessions(root))


def _listed(card: Card, now: datetime) -> Listed:
    try:
        session = load((card.folder / SESSION).read_bytes()).session
    except (StoreError, OSError):
        return Listed(card, "", "", 0, 0)
    found = progress(session)
    live = [action for action in session.actions if action.status in {"open", "in-progress"}]
    late = [action for action in live if action.due and action.due < now.date()]
    return Listed(card, _reached(found), f"{found.done}/{len(found.items)}", len(live), len(late))


def _reached(found: Progress) -> str:
    """The last step that somebody has begun."""
    begun = [step.name for step in found.steps if step.state != "empty"]
    return begun[-1] if begun else "new"


def new_entries(now: datetime) -> list[Entry]:
    """The form for a new review."""

    def check(text: str) -> str:
        fits = read_exactly(text, Context(now.date()))
        return "" if fits else f"“{text}” is not a time: type 2025-02-09 10:05, or 10:05 for today (UTC)."

    return [
        Entry("title", "Title", required=True, hint="API Service Degradation"),
        Entry("severity", "Severity", hint=", ".join(SEVERITIES)),
        Entry("started_at", "Started (UTC)", hint="2025-02-09 10:05", check=check),
        Entry("ended_at", "Ended (UTC)", hint="2025-02-09 10:40", check=check),
        Entry("services", "Services", hint="api-service, orders-db"),
    ]


def create(root: Path, values: dict[str, str], now: datetime) -> Path:
    """Write a new review and return its folder."""
    from app.history import Desk

    def moment(name: str) -> datetime | None:
        reading = read_exactly(values[name], Context(now.date())) if values[name] else None
        return reading.at if reading else None

    started = moment("started_at")
    session = Session(
        id=free_id(root, (started or now).date()),
        incident=Incident(
            title=values["title"],
            severity=values["severity"],
            started_at=started,
            ended_at=moment("ended_at"),
            services=tuple(part.strip() for part in values["services"].split(",") if part.strip()),
        ),
    )
    folder = new_folder(root, session)
    Desk.create(folder, session).close()
    return folder
