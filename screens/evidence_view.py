"""The raw lines of all sources on a screen: asked for in threads, drawn when they come, told where they stand.

One list, merged by corrected time. What is on the screen is asked for in threads and drawn when it comes;
nothing here waits for a disk.
"""

import asyncio
from asyncio import Lock
from collections.abc import Callable
from datetime import datetime
from threading import Event as Flag
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from app.review.records import Event, Pointer, Session
from app.text import cell_len, cut, one_line
from screens.evidence_lines import Answer, Asker, Found, Lines, Wanted
from screens.frame import StepScreen
from screens.frame_keys import shown_keys
from widgets.columns import Column
from widgets.grid import Grid
from widgets.grid_view import GridView
from widgets.keybar import KeyBar
from widgets.safe import content
from widgets.still import Still, Words
from widgets.wrapped import Wrapped


class LineTable(Grid, inherit_bindings=False):
    """Lines to look at and to choose from; nothing in them can be edited."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *GridView.BINDINGS,
        Binding("enter", "open", "Timeline here"),
        Binding("space", "toggle_row", "Select", show=False),
        Binding("shift+up", "extend(-1)", "Select up", show=False),
        Binding("shift+down", "extend(1)", "Select down", show=False),
        Binding("escape", "clear_selection", "Clear selection", show=False),
    ]


class EvidenceView(Still, ModalScreen[str | None]):
    """Shows the lines; what is done with them is in :mod:`screens.evidence_pane`."""

    DEFAULT_CSS = """
    EvidenceView { background: $background; }
    EvidenceView #about { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    EvidenceView Input { display: none; height: 1; border: none; background: $boost; padding: 0 1; }
    EvidenceView Input:focus { border: none; }
    EvidenceView Input.-open { display: block; }
    EvidenceView #pointed { height: auto; max-height: 2; padding: 0 1; color: $text-muted; display: none; }
    EvidenceView #pointed.-some { display: block; }
    EvidenceView #whole { height: 3; background: $panel; }
    """

    def __init__(self, step: StepScreen, pointers: tuple[Pointer, ...], at: datetime | None) -> None:
        """Begin at the first of *pointers* that is there, or at the moment *at*, or at the beginning."""
        super().__init__()
        self._step, self._pointers, self._at = step, pointers, at
        self._gone = Flag()
        self._building = Asker(self._over)
        self._found: Found | None = None
        self._all: Found | None = None
        """All lines, for narrowing them."""
        self._lines: Lines | None = None
        self._wanted = Wanted()
        self._raw = False
        self._one = Lock()
        """What is on the screen is asked for by one thread at a time."""
        self._asked_for: list[int] = []
        self._loading = False
        self._busy = ""
        self._pointing: tuple[tuple[Event, ...] | None, dict[tuple[str, int], str]] = (None, {})
        """The rows of the timeline, and which of them point to lines."""

    def _over(self) -> bool:
        return self._gone.is_set() or self._step.bench.stopping.is_set()

    def compose(self) -> ComposeResult:
        """What is shown, a field for words, the lines, and the whole of the one under the cursor."""
        yield Words(id="about")
        yield Input(
            id="search", placeholder="search; Enter keeps the match, n and N go on", select_on_focus=False
        )
        yield Input(
            id="narrow", placeholder="only lines that hold …; Enter keeps them", select_on_focus=False
        )
        yield Words(id="pointed")
        yield LineTable(self._columns(), empty="Reading the evidence …", id="lines")
        yield Wrapped(id="whole")
        yield KeyBar()

    def on_mount(self) -> None:
        """Open the evidence where it is wanted."""
        self.grid.focus()
        self.bindings_updated_signal.subscribe(self, lambda _: self._show_keys())
        self.call_after_refresh(self._show_keys)
        self._step.bench.changed.subscribe(self, lambda _: self._mark())
        said = [each.query or each.url for each in self._pointers if each.query or each.url]
        pointed = self.query_one("#pointed", Static)
        pointed.set_class(bool(said), "-some")
        pointed.update(content("\n".join(f"▸ {one_line(each)}" for each in said[:2])))
        self._open_lines()

    def on_unmount(self) -> None:
        """Nobody waits for an answer any more."""
        self._gone.set()

    @property
    def grid(self) -> Grid:
        """The table of lines."""
        return self.query_one("#lines", Grid)

    @property
    def _session(self) -> Session:
        return self._step.bench.session

    def _columns(self) -> tuple[Column, ...]:
        bench = self._step.bench
        dates = {at.astimezone(bench.zone).date() for at in (self._found.span if self._found else ())}
        width = 12 if dates <= {bench.first_day} else 23
        title = f"time {bench.zone_name}"
        return (
            Column("mark", "", 1, editable=False),
            Column("time", title, max(width, cell_len(title)), editable=False),
            Column("source", "source", 12, min_width=8, editable=False, priority=50),
            Column("level", "level", 6, editable=False, priority=30),
            Column("text", "line", grow=4, min_width=30, editable=False),
            Column("object", "about", grow=1, min_width=14, editable=False, priority=20),
            Column("number", "no.", 9, align="right", editable=False, priority=10),
        )

    def show_line(self, place: int) -> None:
        """Put the cursor on a line, with as much before it as behind it: a moment is read with what came before."""
        if self._lines is not None and 0 <= place < len(self._lines):
            self.grid.move_cursor(str(min(len(self._lines) - 1, place + self.grid.size.height // 2)))
            self.grid.move_cursor(str(place))

    @property
    def busy(self) -> bool:
        """Whether an answer is waited for."""
        return bool(self._busy or self._loading)

    def holder(self, wanted: Wanted) -> Found | None:
        """An answer in memory that holds what is wanted now; clocks may have been corrected since another."""
        known = (self._found, self._all)
        return next((each for each in known if each and each.can_answer(self._session, wanted)), None)

    # Lines come in stretches

    @work(exclusive=False, group="evidence-lines", exit_on_error=False)
    async def _open_lines(self, near: datetime | None = None) -> None:
        """Ask for the lines that are wanted now, and show those about the moment *near*."""
        bench, wanted = self._step.bench, self._wanted
        session, folder = bench.session, bench.desk.folder
        pointers, at = ((), near) if near is not None else (self._pointers, self._at)

        within = self.holder(wanted)

        def question(cancelled: Callable[[], bool]) -> tuple[Found, int]:
            found = Found(session, folder, wanted, cancelled, within)
            places = (found.place_of(pointer) for pointer in pointers if pointer.line)
            place = next((each for each in places if each is not None), None)
            if place is None:
                place = found.browser.position(at) if at is not None else 0
            return found, place

        self._say_busy("reading")
        answer = await self._asked(self._building, question)
        if answer is None:
            return
        self._found, place = answer
        self._found.cancelled = self._over
        if not wanted.narrowed:
            self._all = self._found
        self._asked_for.clear()
        self._lines = Lines(session, self._found.count, bench.zone, bench.first_day, self._want)
        self._lines.raw = self._raw
        self._lines.searched = self.query_one("#search", Input).value
        self.grid.select(())
        self.grid.set_columns(self._columns())
        self.grid.set_empty(
            "No line of evidence here." if wanted.narrowed else "No evidence: collect it on step 1."
        )
        self.grid.set_rows(self._lines, keep_cursor=False)
        self._mark()
        place = min(place, self._found.count - 1)
        self.show_line(place)
        if not self.grid.show_vertical_scrollbar:
            # A table that was short until now can be scrolled only once it was laid out.
            self.call_after_refresh(self.show_line, place)
        self._say_busy("")
        if self._all is not None and self._all.browser.held is None:
            # What is typed into the filter is answered from memory, where there is room for it.
            async with self._one:
                await asyncio.to_thread(self._all.browser.hold)

    async def _asked(self, asker: Asker, question: Callable[[Callable[[], bool]], Answer]) -> Answer | None:
        try:
            return await asker.ask(question)
        except Exception as problem:
            self._step.say(f"The evidence cannot be read: {problem}", "error")
            self._say_busy("")
            return None

    def _want(self, number: int) -> None:
        """A stretch is looked at that is not there yet: it is asked for, those wanted last first.

        Where all lines are in memory it is there at once: a frame of blanks would cost more than the lines.
        """
        if self._found is not None and self._lines is not None and self._found.in_memory:
            self._lines.put(number, self._found.chunk(number))
            return
        if number in self._asked_for:
            self._asked_for.remove(number)
        self._asked_for.append(number)
        if not self._loading:
            self._loading = True
            self._load()

    @work(group="evidence-load", exit_on_error=False)
    async def _load(self) -> None:
        from app.evidence.index import Cancel

        try:
            while self._asked_for and self._found is not None and self._lines is not None:
                number, found, lines = self._asked_for.pop(), self._found, self._lines
                del self._asked_for[:-8]  # what was scrolled past long ago is asked for again when seen
                if lines.has(number):
                    continue
                async with self._one:
                    stretches = await asyncio.to_thread(found.chunks, number)
                for each, stretch in stretches.items():
                    lines.put(each, stretch)
                if lines is self._lines:
                    self.grid.refresh()
                    self._show_whole()
        except Cancel:
            pass
        finally:
            self._loading = False

    # What stands above and below

    def _say_busy(self, what: str) -> None:
        self._busy = what
        self._show_about()

    def _show_about(self) -> None:
        names = {source.id: source.name or source.id for source in self._session.sources}
        wanted = self._wanted
        facts = ["Evidence"]
        if self._found is not None:
            number = self._found.count
            facts.append(f"{number:,} line{'' if number == 1 else 's'}")
        if wanted.source:
            facts.append(f"only {names.get(wanted.source, wanted.source)}")
        facts += ["errors only"] if wanted.errors else []
        facts += [f"only with “{wanted.contains}”"] if wanted.contains else []
        facts.append(f"clocks corrected, in {self._step.bench.zone_name}")
        busy = f"  ⠶ {self._busy} … Esc stops it" if self._busy else ""
        line = cut(" · ".join(facts), max(10, self.size.width - 2 - cell_len(busy))) + busy
        self.query_one("#about", Static).update(content(line))

    @on(Grid.RowHighlighted, "#lines")
    def _highlighted(self, event: Grid.RowHighlighted) -> None:
        event.stop()
        self._show_whole()

    def _show_whole(self) -> None:
        """The whole of the line under the cursor, and where it stands."""
        line = self._lines.line(self.grid.cursor_row) if self._lines else None
        where = ""
        if line is not None:
            row = self._rows_of().get((line.artifact, line.line))
            on = f" · on the timeline as {row}" if row else ""
            where = f"{line.artifact} line {line.line:,}{on}\n{one_line(line.text[:4000])}"
        self.query_one("#whole", Wrapped).show(where)

    def _rows_of(self) -> dict[tuple[str, int], str]:
        """The rows of the timeline that point to lines, by artifact and number."""
        events = self._session.events
        if self._pointing[0] is not events:
            pointing = {
                (pointer.artifact, pointer.line): event.id
                for event in events
                for pointer in event.evidence
                if pointer.line
            }
            self._pointing = events, pointing
        return self._pointing[1]

    def _mark(self) -> None:
        """Lines that are rows already have a sign; the one that was asked for another."""
        if self._lines is None:
            return
        came = {(pointer.artifact, pointer.line): "▸" for pointer in self._pointers if pointer.line}
        self._lines.marked = {**dict.fromkeys(self._rows_of(), "●"), **came}
        self.grid.forget_lines()
        self.grid.refresh()
        self._show_whole()

    def on_resize(self) -> None:
        """The line above is cut where there is no room for it."""
        self._show_about()

    def _show_keys(self) -> None:
        if self.is_current:
            self.query_one(KeyBar).show(shown_keys(self))

    @on(KeyBar.Chosen)
    async def _key_chosen(self, event: KeyBar.Chosen) -> None:
        event.stop()
        await self.run_action(event.action)
