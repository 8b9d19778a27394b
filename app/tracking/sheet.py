"""A CSV file as a tracker: one row per action, for teams whose tracker imports files, and for none at all.

The file lies in the folder that the settings name (``[tracker.csv] folder``), else in the working folder; a review
names it without any folder, because reviews come from others. Rows that people have changed, and columns that they
have added, stay; the state of a ticket is what stands in its column. Written whole, under a lock, and flushed.
"""

import csv
import hashlib
import io
import os
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from app.review.plain import one_line
from app.review.records import Action, Session, Ticket, Tracking
from app.text import FORMULA, csv_cell
from app.tracking import wording
from app.tracking.interface import GONE, Draft, Made, Planned, Team, TrackingProblem
from app.tracking.planner import NOBODY, Planner

_COLUMNS: Final = (
    "key", "title", "description", "labels", "assignee", "due", "priority", "milestone", "state",
)  # fmt: skip
_LOCK_S: Final = 10.0


class CsvTracker(Planner):
    """Adds one row per action to one file."""

    name = "csv"
    asks = ("File", "tickets.csv")
    said_as = ("title", "description")
    dated_as = ("labels", "assignee", "due", "priority", "milestone")
    sure = True

    def __init__(self, settings: Tracking, environment: Mapping[str, str], team: Team = NOBODY) -> None:
        super().__init__(settings, environment, team)
        name = self.repo or "tickets.csv"
        if name != Path(name).name or name.startswith(".") or not name.lower().endswith(".csv"):
            raise TrackingProblem(
                f"“{one_line(name)}” is not the name of a file for tickets: write it like tickets.csv; its folder "
                "stands in the settings, under [tracker.csv]."
            )
        self.path = Path(team.option("folder") or ".").expanduser().resolve() / name

    @property
    def target(self) -> str:
        """The file."""
        return str(self.path)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def words(self, session: Session, action: Action) -> str:
        """Plain lines; the key has a column of its own."""
        facts = wording.facts(session, action, self.report(session))
        return "\n".join(f"{name}: {value}" for name, value in facts)

    def request(self, draft: Draft) -> Planned:
        """The row."""
        return Planned("", "create", "", method="ADD", url=self.path.as_uri(), body=_row(draft))

    def change(self, draft: Draft, ticket: Ticket) -> Planned:
        """The row's new cells; its state is the team's."""
        row = _row(draft)
        del row["state"]
        return Planned("", "changed", "", method="CHANGE", url=self.path.as_uri(), body=row)

    async def prepare(self, planned: Planned) -> Planned:
        """A change is made of what the row says by now."""
        if planned.state != "changed" or not planned.open:
            return planned
        row = next((each for each in self._read()[1] if each.get("key") == planned.body["key"]), None)
        if row is None:
            raise TrackingProblem(
                f"{self.path} has no row {planned.body['key']} any more: take the link off {planned.action_id}.",
                stops=False,
            )
        return self.changing(planned, {name: _bare(cell) for name, cell in row.items()})

    def value(self, given: Any) -> str:
        """A cell, by its fingerprint: it may be long, and hold anything."""
        return hashlib.sha256(str(given).encode()).hexdigest()[:8]

    async def find(self, keys: Collection[str], since: datetime | None) -> dict[str, list[Made]]:
        """The rows with one of *keys*."""
        found: dict[str, list[Made]] = {}
        for number, row in enumerate(self._read()[1], 1):
            if (key := row.get("key", "")) in keys:
                found.setdefault(key, []).append(Made(self._ticket(row, number), _bare(row.get("title", ""))))
        return found

    async def create(self, planned: Planned) -> Made:
        """Add the row, unless one has the key already."""
        return self._change(planned, dict(planned.body))

    async def update(self, planned: Planned) -> Made:
        """Give the row its new cells; one that was taken out stays out."""
        return self._change(planned, dict(planned.body), add=False)

    async def fetch_state(self, ticket: Ticket) -> Ticket:
        """*ticket* with what stands in its row."""
        now = datetime.now(UTC)
        key = ticket.url.partition("#")[2]
        for row in self._read()[1]:
            if row.get("key") == key:
                state = one_line(row.get("state", "")) or "open"
                return ticket.model_copy(update={"state": state, "synced_at": now})
        return ticket.model_copy(update={"state": GONE, "synced_at": now})

    def _ticket(self, row: Mapping[str, str], number: int) -> Ticket:
        return Ticket(
            tracker="csv",
            url=f"{self.path.as_uri()}#{row['key']}",
            number=number,
            state=one_line(row.get("state", "")) or "open",
            synced_at=datetime.now(UTC),
        )

    def _change(self, planned: Planned, cells: dict[str, str], *, add: bool = True) -> Made:
        from filelock import FileLock, Timeout

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=_LOCK_S):
                columns, rows = self._read()
                place = next((n for n, row in enumerate(rows) if row.get("key") == cells["key"]), None)
                if place is None:
                    if not add:
                        raise TrackingProblem(f"{self.path} has no row {cells['key']} any more.", stops=False)
                    rows.append({name: csv_cell(value) for name, value in cells.items()})
                    place = len(rows) - 1
                elif not add:
                    rows[place] |= {name: csv_cell(value) for name, value in cells.items()}
                self._write(columns, rows)
        except Timeout as error:
            raise TrackingProblem(f"{self.path} is being written by another program: try again.") from error
        except OSError as error:
            raise TrackingProblem(
                f"{self.path} cannot be written ({error.strerror}): allow writing there.", unclear=True
            ) from error
        return self.made(
            planned, self._ticket(rows[place], place + 1), planned.draft.title if planned.draft else ""
        )

    def _read(self) -> tuple[list[str], list[dict[str, str]]]:
        """Columns and rows; those of a fresh file where there is none."""
        try:
            text = self.path.read_text("utf-8-sig")
        except FileNotFoundError:
            return list(_COLUMNS), []
        except (OSError, UnicodeDecodeError) as error:
            raise TrackingProblem(
                f"{self.path} cannot be read ({one_line(str(error))[:99]}): save it as UTF-8, or name another."
            ) from error
        if not text.strip():
            return list(_COLUMNS), []
        try:
            reader = csv.DictReader(io.StringIO(text, newline=""), restval="", strict=True)
            columns = [str(each) for each in reader.fieldnames or ()]
            rows = [{name: value for name, value in row.items() if name is not None} for row in reader]
        except csv.Error as error:
            raise TrackingProblem(
                f"{self.path} is not CSV ({one_line(str(error))}): name another file."
            ) from error
        if "key" not in columns:
            raise TrackingProblem(
                f"{self.path} has no column “key”: it is not a file of tickets, name another."
            )
        return [*columns, *(each for each in _COLUMNS if each not in columns)], rows

    def _write(self, columns: list[str], rows: list[dict[str, str]]) -> None:
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        with fresh.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore", lineterminator="\r\n")
            writer.writeheader()
            writer.writerows(rows)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self.path)
        if os.name == "posix":
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _row(draft: Draft) -> dict[str, Any]:
    return {
        "key": draft.key,
        "title": draft.title,
        "description": draft.body,
        "labels": ", ".join(draft.labels),
        "assignee": draft.account,
        "due": draft.due.isoformat() if draft.due else "",
        "priority": draft.priority,
        "milestone": draft.milestone,
        "state": "open",
    }


def _bare(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:].lstrip().startswith(FORMULA) else text
