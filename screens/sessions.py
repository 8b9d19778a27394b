"""The opening list: every saved review, newest first, and the open actions of all of them."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from app.store.errors import StoreError
from screens.opening_screen import OpeningScreen
from screens.room import Enlarge
from widgets.grid import Column, Grid
from widgets.keybar import KeyBar
from widgets.safe import content

if TYPE_CHECKING:
    from screens.listing import Listed


class SessionsScreen(OpeningScreen[None]):
    """Saved reviews; typing narrows the list, Enter resumes where it was left."""

    MAIN = "#sessions"
    OPEN_LABEL = "Resume"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New review", id="sessions.new"),
        Binding("d", "demo", "Sample", tooltip="Rehearse on a copy of the sample", id="sessions.demo"),
        Binding("o", "open_actions", "Open actions", id="sessions.actions"),
        Binding("slash", "filter", "Filter", key_display="/", id="sessions.filter"),
        Binding("question_mark,f1", "keys", "Keys", key_display="?", id="sessions.keys"),
        Binding("escape", "clear", "Show all", show=False),
        Binding("down", "to_list", show=False),
        Binding("q,ctrl+q", "app.quit", "Quit", id="sessions.quit"),
    ]

    DEFAULT_CSS = """
    SessionsScreen #head { height: 1; background: $panel; padding: 0 1; text-style: bold; color: $text-accent; }
    SessionsScreen Input { height: 1; border: none; padding: 0 1; background: $boost; }
    SessionsScreen #where { height: 1; text-wrap: nowrap; text-overflow: ellipsis; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root
        self._listed: tuple[Listed, ...] = ()
        self._wanted = ""

    def compose(self) -> ComposeResult:
        """The list, and what narrows it."""
        yield Static("blamefree   reviews", id="head")
        yield Input(placeholder="filter reviews", select_on_focus=False, id="filter")
        yield Grid(
            (
                Column("title", "review", grow=3, min_width=20, editable=False),
                Column("severity", "sev", 5, editable=False, priority=60),
                Column("date", "date", 10, editable=False),
                Column("step", "step", 9, editable=False, priority=40),
                Column("checklist", "checks", 6, editable=False, priority=50),
                Column("open", "open", 5, editable=False, priority=55),
                Column("late", "overdue", 7, editable=False, priority=55),
            ),
            empty="No reviews yet: press n for a new one, or d to rehearse on the sample",
            id="sessions",
        )
        yield Static(content(f"saved in {self._root}"), id="where")
        yield KeyBar()
        yield Enlarge()

    @property
    def grid(self) -> Grid:
        """The list."""
        return self.query_one("#sessions", Grid)

    def on_screen_resume(self) -> None:
        """The list may have changed while a review was open."""
        self.look()

    @work(exclusive=True, group="list", exit_on_error=False)
    async def look(self) -> None:
        """Read the saved reviews, in a thread."""
        import asyncio

        from screens.listing import listed

        self._listed = await asyncio.to_thread(listed, self._root, self.host.now())
        self._show()

    def _show(self) -> None:
        words = self._wanted.casefold().split()
        shown = [each for each in self._listed if all(word in each.searched for word in words)]
        self.grid.set_rows([each.row() for each in shown])
        left, late = sum(each.open for each in self._listed), sum(each.late for each in self._listed)
        overdue = f", ▲ {late} overdue" if late else ""
        weekly = f"{left} open action{'' if left == 1 else 's'}{overdue}: o   ·   " if left else ""
        self.query_one("#where", Static).update(content(f"{weekly}saved in {self._root}"))

    @on(Input.Changed, "#filter")
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self._wanted = event.value
        self._show()

    @on(Input.Submitted, "#filter")
    def _filter_kept(self, event: Input.Submitted) -> None:
        event.stop()
        self.grid.focus()
        if self.grid.cursor_key:
            self.open_selected()

    def action_filter(self) -> None:
        """Narrow the list while typing."""
        self.query_one("#filter", Input).focus()

    def action_to_list(self) -> None:
        """From the filter into the list."""
        self.grid.focus()

    def action_clear(self) -> None:
        """Show every review again."""
        self.query_one("#filter", Input).value = ""
        self.grid.focus()

    @on(Grid.RowActivated, "#sessions")
    def _activated(self, event: Grid.RowActivated) -> None:
        event.stop()
        self.open_selected()

    @work(exclusive=True, group="open")
    async def open_selected(self) -> None:
        """Resume the review under the cursor where it was left."""
        if self.grid.cursor_key:
            await self.host.open_review(Path(self.grid.cursor_key))

    @work(exclusive=True, group="open")
    async def action_new(self) -> None:
        """Begin a review; only the title is needed."""
        from screens.dialogs import Form
        from screens.listing import create, new_entries

        values = await self.app.push_screen_wait(Form("New review", new_entries(self.host.now())))
        if values is None:
            return
        try:
            folder = create(self._root, values, self.host.now())
        except (OSError, StoreError) as problem:
            self.notify(str(problem), severity="error", markup=False)
            return
        await self.host.open_review(folder)

    @work(exclusive=True, group="open")
    async def action_demo(self) -> None:
        """Rehearse on a fresh copy of the sample."""
        import asyncio

        from app.demo import SampleMissing, copy_sample

        try:
            folder = await asyncio.to_thread(copy_sample, self._root)
        except (OSError, SampleMissing) as problem:
            self.notify(str(problem), severity="error", markup=False)
            return
        await self.host.open_review(folder)

    def action_open_actions(self) -> None:
        """The open actions of all reviews, overdue ones first; one that is chosen is gone to."""
        from screens.open_actions import OpenActionsScreen

        def go(chosen: tuple[str, str] | None) -> None:
            if chosen is not None:
                self.go_to(*chosen)

        self.app.push_screen(OpenActionsScreen(self._root), go)

    @work(exclusive=True, group="open")
    async def go_to(self, folder: str, action_id: str) -> None:
        """Open a review at one of its actions."""
        await self.host.open_review(Path(folder), "actions", action_id)
