"""The open actions of all reviews, for the weekly look at them; Enter goes to one in its review."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from app.text import cut
from app.tracking.review import (
    ClosedAction,
    Known,
    OpenAction,
    Weekly,
    as_markdown,
    by_owner,
    overdue,
    spell_due,
    spell_load,
    spell_sponsor,
    spell_tracker,
    weekly,
)
from screens.opening_screen import OpeningScreen
from screens.room import Enlarge
from widgets.grid import Column, Grid, Row
from widgets.keybar import KeyBar
from widgets.safe import content

if TYPE_CHECKING:
    from app.store.shelf import Shelved

_GROUPS = {
    "overdue": "overdue",
    "soon": "due within seven days",
    "undated": "without a date",
    "later": "later",
}


@dataclass(frozen=True)
class Looked:
    """What was read: the weekly review, and the reviews that could not be read, as sentences."""

    found: Weekly
    problems: tuple[str, ...]


def look(root: Path, now: datetime) -> Looked:
    """Read every review below *root*. Blocks."""
    from app.store.shelf import shelf

    shelved = list(shelf(root))
    return looked(shelved, now)


def looked(shelved: "list[Shelved]", now: datetime) -> Looked:
    """The weekly review of what was read."""
    from app.redaction.session import masked

    # What is copied from here leaves: secrets are masked as in every other list.
    known = [
        Known(each.title, masked(each.session), str(each.folder)) for each in shelved if not each.problem
    ]
    problems = tuple(f"{each.folder.name}: {each.problem}" for each in shelved if each.problem)
    return Looked(weekly(known, now.astimezone().date()), problems)


class OpenActionsScreen(OpeningScreen[tuple[str, str] | None]):
    """Overdue first; what was closed since last week, who has what, and what lacks a sponsor below."""

    MAIN = "#open-actions"
    OPEN_LABEL = "Go there"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Reviews", key_display="esc", id="open-actions.back"),
        Binding("o", "by_owner", "By owner", id="open-actions.owner"),
        Binding(
            "s", "sync", "Sync", tooltip="Read the tickets' states from the trackers", id="open-actions.sync"
        ),
        Binding("y", "copy", "Copy", tooltip="Copy as Markdown for a stand-up", id="open-actions.copy"),
        Binding("question_mark,f1", "keys", "Keys", key_display="?", id="open-actions.keys"),
    ]

    DEFAULT_CSS = """
    OpenActionsScreen #head { height: 1; background: $panel; padding: 0 1; text-style: bold; color: $text-accent; }
    OpenActionsScreen #below { height: auto; max-height: 7; padding: 0 1; background: $panel; }
    """

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root
        self._looked = Looked(Weekly(date.min, (), ()), ())
        self._by_owner = False
        self._here = ""
        self._places: dict[str, tuple[str, str]] = {}

    def compose(self) -> ComposeResult:
        """The list, and what is to be said about all of it."""
        yield Static("blamefree   open actions of all reviews", id="head")
        yield Grid(
            (
                Column("due", "due", 16, editable=False),
                Column("owner", "owner", 10, min_width=7, editable=False),
                Column("priority", "priority", 8, editable=False, priority=60),
                Column("sponsor", "sponsor", 9, min_width=7, editable=False, priority=50),
                Column("age", "age", 6, align="right", editable=False, priority=30),
                Column("text", "action", grow=3, min_width=20, editable=False),
                Column("id", "id", 7, editable=False, priority=55),
                Column("review", "review", grow=1, min_width=12, editable=False, priority=40),
            ),
            empty="No open actions",
            id="open-actions",
        )
        yield Static(id="below")
        yield KeyBar()
        yield Enlarge()

    @property
    def grid(self) -> Grid:
        """The list."""
        return self.query_one("#open-actions", Grid)

    def on_mount(self) -> None:
        """Read the reviews."""
        super().on_mount()
        self.read()

    @work(exclusive=True, group="list", exit_on_error=False)
    async def read(self) -> None:
        """Read every review, in a thread."""
        import asyncio

        self._looked = await asyncio.to_thread(look, self._root, self.host.now())
        self._show()

    def _show(self) -> None:
        found = self._looked.found
        self._places = {}
        rows = by_owner(found.open) if self._by_owner else found.open
        lines: list[Row] = []
        group = None
        for row in rows:
            here = (row.owner or "nobody") if self._by_owner else _GROUPS[row.state]
            if here != group:
                group = here
                alike = (
                    sum((each.owner or "nobody") == here for each in rows)
                    if self._by_owner
                    else sum(_GROUPS[each.state] == here for each in rows)
                )
                lines.append(Row(f"\n{here}", (f"{here} ({alike})",), "strong", banner=True))
            lines.append(self._line(row, _open_cells(row), "problem" if row.state == "overdue" else ""))
        if found.closed:
            title = f"closed since {found.since} ({len(found.closed)})"
            lines.append(Row("\nclosed", (title,), "strong", banner=True))
            lines += [self._line(row, _closed_cells(row), "muted") for row in found.closed]
        self.grid.set_rows(lines)
        self.query_one("#below", Static).update(content("\n".join(self._below())))

    def _line(self, row: OpenAction | ClosedAction, cells: tuple[str, ...], style: str) -> Row:
        key = _key(row)
        self._places[key] = (row.folder, row.id)
        return Row(key, cells, style)

    @on(Grid.RowHighlighted, "#open-actions")
    def _highlighted(self, event: Grid.RowHighlighted) -> None:
        event.stop()
        self._here = event.row_key
        self.query_one("#below", Static).update(content("\n".join(self._below())))

    def _below(self) -> list[str]:
        """The action under the cursor in full, because its cell may be cut; then what all of them come to."""
        found = self._looked.found
        late = overdue(found.open)
        lines = [
            f"{len(found.open)} open, {late} overdue · {' · '.join(spell_load(each) for each in found.loads)}"
        ]
        if found.unsponsored:
            names = ", ".join(f"{row.id} {cut(row.text, 40)}" for row in found.unsponsored[:3])
            more = f" and {len(found.unsponsored) - 3} more" if len(found.unsponsored) > 3 else ""
            lines.append(f"▲ high priority without a sponsor ({len(found.unsponsored)}): {names}{more}")
        lines += [f"✗ {problem}" for problem in self._looked.problems]
        rows: list[OpenAction | ClosedAction] = [*found.open, *found.closed]
        here = next((row for row in rows if _key(row) == self._here), None)
        if here is not None:
            lines.insert(0, f"{here.id} {cut(here.text, 240)} · {cut(here.review, 60)}")
        return lines if found.open or found.closed or self._looked.problems else []

    @on(Grid.RowActivated, "#open-actions")
    def _activated(self, event: Grid.RowActivated) -> None:
        event.stop()
        # The list behind this one opens the review: it stays when this screen is gone.
        if place := self._places.get(event.row_key):
            self.dismiss(place)

    def action_by_owner(self) -> None:
        """One owner after the other, or by when they are due."""
        self._by_owner = not self._by_owner
        self._show()

    def action_copy(self) -> None:
        """Copy the list as Markdown for a stand-up."""
        self.app.copy_to_clipboard(as_markdown(self._looked.found))
        self.notify("Copied as Markdown.", markup=False)

    @work(exclusive=True, group="list", exit_on_error=False)
    async def action_sync(self) -> None:
        """Read the states of the tickets from the trackers, review by review; nothing there is changed."""
        import asyncio

        from app.store.shelf import shelf
        from screens.syncing import synced, told

        head = self.query_one("#head", Static)
        shelved = await asyncio.to_thread(lambda: list(shelf(self._root)))
        silent: dict[str, str] = {}
        read = []
        for each in shelved:
            head.update(content(f"blamefree   reading tickets of {each.title} …"))
            read.append(await synced(each, silent))
        head.update("blamefree   open actions of all reviews")
        said = told(read)
        self._looked = looked([one for one, _ in read], self.host.now())
        self._show()
        for problem in said:
            self.notify(problem, severity="warning", timeout=12, markup=False)
        if not said:
            self.notify("The tickets' states are those of the trackers now.", markup=False)


def _key(row: OpenAction | ClosedAction) -> str:
    return f"{row.folder}\n{row.id}"


def _open_cells(row: OpenAction) -> tuple[str, ...]:
    said = spell_tracker(row)
    return (
        spell_due(row),
        row.owner or "-",
        row.priority or "-",
        spell_sponsor(row),
        "-" if row.age is None else f"{row.age} d",
        row.text.replace("\n", " ⏎ ") + (f"  ({said}: done here, too?)" if said else ""),
        row.id,
        row.review,
    )


def _closed_cells(row: ClosedAction) -> tuple[str, ...]:
    why = f": {row.reason}" if row.reason else ""
    text = f"{row.text}{why}".replace("\n", " ⏎ ")
    return (f"{row.status} {row.closed_on:%m-%d}", row.owner or "-", "", "", "", text, row.id, row.review)
