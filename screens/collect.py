"""Step 1: gather the evidence. All sources run at once, each with its own progress, its own fate, its own gaps."""

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from app.review import edits
from app.review.moments import show_moment
from app.review.records import Gap, Session, Source
from app.text import cut
from screens.frame import READ_ONLY, StepScreen
from screens.gathering import Gathering
from screens.suggestions import LOOK_AFTER
from screens.workbench import Workbench
from widgets.grid import Column, Grid, Row
from widgets.safe import content

if TYPE_CHECKING:
    from collectors.interface import Command, Progress

BAR, WIDE_BAR = 22, 56
"""Cells of a coverage bar, and where there is room for more; all bars share one time axis."""

MOST_OFFSET = 366 * 86_400
"""Seconds by which a clock can be corrected: more than a year is a typing mistake."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SIGNS = {"queued": "…", "running": "▸", "done": "✓", "failed": "✗", "cancelled": "■", "": "·"}


class CollectScreen(StepScreen):
    """The sources, their state, and how much of the window they cover."""

    STEP = "collect"
    MAIN = "#sources"
    PLACEHOLDER = "a file or folder to read, or http://prometheus:9090"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add a source", id="collect.add"),
        Binding("r", "run_one", "Run", id="collect.run"),
        Binding("R", "run_all", "Run all", id="collect.run-all"),
        Binding("x", "cancel", "Cancel", id="collect.cancel"),
        Binding("e", "edit_source", "Settings", id="collect.edit"),
        Binding("d,delete", "delete", "Delete", show=False, id="collect.delete"),
        Binding("v", "evidence", "Look at the evidence", show=False, id="collect.evidence"),
        Binding("o", "offset", "Correct the source's clock", show=False, id="collect.offset"),
    ]

    DEFAULT_CSS = """
    CollectScreen #detail { height: auto; max-height: 3; padding: 0 1; display: none; background: $panel; }
    CollectScreen #detail.-some { display: block; }
    CollectScreen #detail.-problem { color: $text-error; }
    CollectScreen #evidence { height: auto; max-height: 6; padding: 0 1; background: $panel; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.gathering = Gathering.of(bench)

    def body(self) -> ComposeResult:
        """The table of sources, and what their evidence shows."""
        yield Grid(
            _columns(BAR),
            empty="No sources yet: press a to add one, or n and type a file name",
            id="sources",
        )
        yield Static(id="detail")
        yield Static(id="evidence")

    def on_mount(self) -> None:
        """Follow the collection as well as the session."""
        super().on_mount()
        self.bench.collecting.subscribe(self, lambda _id: self._show_sources())
        self.bench.suggested.subscribe(self, lambda _count: self.look_at_evidence())
        self.set_timer(LOOK_AFTER, self.look_at_evidence)

    @property
    def grid(self) -> Grid:
        """The table of sources."""
        return self.query_one("#sources", Grid)

    def show_session(self, session: Session) -> None:
        """Show the sources."""
        self._show_sources()

    def on_unmount(self) -> None:
        """The review is closed: nothing goes on that could not be kept any more."""
        self.gathering.cancel()

    def on_resize(self) -> None:
        """A longer bar where there is room for it."""
        super().on_resize()
        columns = _columns(self._bar)
        if columns != self.grid.columns:
            self.grid.set_columns(columns)
            self._show_sources()

    @property
    def _bar(self) -> int:
        return WIDE_BAR if self.size.width >= 140 else BAR

    def _show_sources(self) -> None:
        self.grid.set_rows([self._row(source) for source in self.bench.session.sources])
        self._show_detail()

    @on(Grid.RowHighlighted, "#sources")
    def _highlighted(self, event: Grid.RowHighlighted) -> None:
        event.stop()
        self._show_detail()

    def _show_detail(self) -> None:
        """The whole sentence of a source that failed, or what one could not cover: cells are too short."""
        source = self._current()
        progress = self.gathering.progress.get(source.id) if source else None
        failed = progress is not None and progress.state == "failed"
        text = ""
        if source and progress and failed:
            text = f"✗ {cut(source.name or source.id, 30)}: {cut(progress.message, 200)}  r tries again"
        elif progress and progress.state == "done" and progress.message:
            text = f"· {cut(progress.message, 300)}"
        elif source and source.gaps:
            known = [f"{self._span(gap)} {cut(gap.why, 60)}".strip() for gap in source.gaps[:3]]
            more = f" (+{len(source.gaps) - 3})" if len(source.gaps) > 3 else ""
            text = f"░ not covered: {' · '.join(known)}{more}"
        line = self.query_one("#detail", Static)
        line.set_class(bool(text), "-some")
        line.set_class(failed, "-problem")
        line.update(content(text))

    def _span(self, gap: Gap) -> str:
        ends = [
            each and show_moment(each.astimezone(self.bench.zone), "second") for each in (gap.from_, gap.to)
        ]
        return "–".join(each or "?" for each in ends) if any(ends) else ""

    def _row(self, source: Source) -> Row:
        from widgets.coverage import coverage_bar

        progress = self.gathering.progress.get(source.id)
        state = (
            progress.state if progress else "done" if source.artifacts else "failed" if source.gaps else ""
        )
        window = self.gathering.window()
        covered = self._covered(source, progress)
        gaps = [(gap.from_, gap.to) for gap in source.gaps if gap.from_ and gap.to]
        drawn = coverage_bar(covered, gaps, (window.start, window.end), self._bar) if window else ""
        running = progress is not None and progress.state in {"queued", "running"}
        rows = progress.rows if progress and running else sum(artifact.rows for artifact in source.artifacts)
        style = "problem" if state == "failed" else ""
        return Row(
            source.id,
            (
                _SIGNS.get(state, "·"),
                source.name or source.kind,
                self._status(source, progress),
                drawn,
                f"{rows:,}" if rows else "-",
            ),
            style,
            # Full blocks at full brightness outshine everything else on a projector.
            cell_styles=("ok" if state == "done" else "", "", "", "muted", ""),
        )

    def _covered(self, source: Source, progress: "Progress | None") -> list[tuple[datetime, datetime]]:
        spans = [(each.from_, each.to) for each in source.artifacts if each.from_ and each.to]
        return [*spans, *(progress.covered if progress else ())]

    def _status(self, source: Source, progress: "Progress | None") -> str:
        if progress is None or progress.state == "done":
            if not source.artifacts and source.gaps:
                return f"failed: {source.gaps[-1].why}"
            if not source.artifacts:
                return "not collected yet: r runs it"
            gaps = f", {len(source.gaps)} gap{'s' if len(source.gaps) > 1 else ''}" if source.gaps else ""
            files = f"{len(source.artifacts)} file{'s' if len(source.artifacts) > 1 else ''}"
            clock = f", clock {source.clock_offset_s:+g} s" if source.clock_offset_s else ""
            note = f" · {progress.message}" if progress and progress.message else ""
            return f"done    {files}{gaps}{clock}{note}"
        if progress.state == "failed":
            return progress.message or "failed"
        if progress.state == "cancelled":
            return "cancelled: r runs it again"
        part = f"{progress.done:4.0%}" if progress.done is not None else "…"
        eta = f"   ETA {progress.eta_s:.0f} s" if progress.eta_s else ""
        size = f"   {progress.bytes / 1e6:,.1f} MB" if progress.bytes else ""
        return f"{part}    {progress.step}{size}{eta}" if progress.state == "running" else "waiting"

    # The capture line: a path or an address adds a source

    def understand(self, text: str) -> str:
        """Say which source a line would add."""
        kind, settings = _source_from(text)
        problem = (
            self.gathering.collectors()[kind].check(settings) if kind in self.gathering.collectors() else ""
        )
        return f"{kind}: {problem or 'Enter adds it and reads it'}"

    def enter(self, text: str) -> None:
        """Add the source and read it."""
        kind, settings = _source_from(text)
        problem = self.gathering.collectors()[kind].check(settings)
        if problem and kind != "file":
            self.say(problem, "warning")
            self.capture.text = text
            return
        self._add(kind, settings)

    def _add(self, kind: str, settings: dict[str, object]) -> None:
        collector = self.gathering.collectors()[kind]
        name = collector.describe(settings)
        source = Source(kind=kind, name=name, settings=settings)
        if self.edit(f"Add source {name}", lambda session: edits.add(session, "sources", source)):
            added = self.bench.session.sources[-1].id
            self._show_sources()
            self.grid.move_cursor(added)
            if not collector.check(settings):
                self._start([added])

    @work
    async def action_add(self) -> None:
        """Choose a kind of source, and fill in its settings."""
        from screens.dialogs import Choice, Choose

        known = self.gathering.collectors()
        kind = await self.app.push_screen_wait(
            Choose(
                "Add which kind of source?",
                [Choice(name, name, each.title) for name, each in sorted(known.items())],
            )
        )
        if kind:
            settings = await self._ask_settings(kind, {})
            if settings is not None:
                self._add(kind, settings)

    async def _ask_settings(self, kind: str, settings: dict[str, object]) -> dict[str, object] | None:
        from collectors.interface import settings_from_text, text_from_settings
        from screens.dialogs import Entry, Form

        collector = self.gathering.collectors()[kind]
        shown = text_from_settings(collector.fields, settings)
        # One line holds a list of queries: they are separated by “;;”, which no query language uses.
        entries = [
            Entry(
                field.name,
                field.label,
                shown.get(field.name, "").replace("\n", " ;; "),
                field.example.replace("\n", " ;; "),
                field.required,
            )
            for field in collector.fields
        ]

        def typed(values: dict[str, str]) -> dict[str, object]:
            lines = {key: text.replace(" ;; ", "\n") for key, text in values.items()}
            return settings_from_text(collector.fields, lines)

        values = await self.app.push_screen_wait(
            Form(collector.title, entries, check=lambda values: collector.check(typed(values)))
        )
        return None if values is None else typed(values)

    @on(Grid.RowActivated, "#sources")
    def _activated(self, event: Grid.RowActivated) -> None:
        event.stop()
        self.action_edit_source()

    @on(Grid.CellEdited, "#sources")
    def _renamed(self, event: Grid.CellEdited) -> None:
        event.stop()
        key, name = event.row_key, event.new
        self.edit(f"Rename source {key}", lambda session: edits.change(session, "sources", {key}, name=name))

    @work
    async def action_edit_source(self) -> None:
        """Change a source's settings."""
        source = self._current()
        if source is None:
            return
        if source.kind not in self.gathering.collectors():
            self.say(
                f"Nothing here knows sources of the kind “{source.kind}”: install its package.", "warning"
            )
            return
        settings = await self._ask_settings(source.kind, source.settings)
        if settings is not None:
            name = self.gathering.collectors()[source.kind].describe(settings)
            changes = {"settings": settings} | (
                {"name": name} if not source.name or settings != source.settings else {}
            )
            self.edit(
                f"Edit source {source.id}", lambda s: edits.change(s, "sources", {source.id}, **changes)
            )

    def _current(self) -> Source | None:
        key = self.grid.cursor_key
        return next((source for source in self.bench.session.sources if source.id == key), None)

    def action_delete(self) -> None:
        """Take the source out of the review; its files stay in the evidence folder."""
        source = self._current()
        if source and self.edit(
            f"Delete source {source.id}", lambda s: edits.delete(s, "sources", {source.id})
        ):
            self.gathering.cancel(source.id)
            self.say(
                f"Removed {source.name or source.id}; its files stay in the evidence folder. u brings it back."
            )

    @work
    async def action_offset(self) -> None:
        """Correct the clock of a source: seconds to add to its times; raw times are kept."""
        from screens.dialogs import Ask

        source = self._current()
        if source is None:
            return

        def check(text: str) -> str:
            try:
                fits = abs(float(text)) <= MOST_OFFSET
            except ValueError:
                fits = False
            return "" if fits else "Type seconds, such as -42 when the host was 42 s ahead."

        text = await self.app.push_screen_wait(
            Ask(
                f"Seconds to add to the times of {source.name}",
                f"{source.clock_offset_s:g}",
                "-42 when its clock was 42 s ahead",
                check,
            )
        )
        if text is not None:
            offset = float(text)
            self.edit(
                f"Correct the clock of {source.id} by {offset:+g} s",
                lambda session: edits.change(session, "sources", {source.id}, clock_offset_s=offset),
            )

    # Running

    def action_run_one(self) -> None:
        """Collect from this source, again if it was done."""
        source = self._current()
        if source:
            self._start([source.id])

    def action_run_all(self) -> None:
        """Collect from all sources at once."""
        if self.bench.session.sources:
            self._start(None)

    def _start(self, source_ids: list[str] | None) -> None:
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        asking = self.gathering.unconfirmed(source_ids)
        held = {source.id for source, _ in asking}
        chosen = [source.id for source in self.gathering.chosen(source_ids) if source.id not in held]
        if chosen:
            self.gathering.start(chosen)
        if asking:
            self._ask_to_run(asking)

    @work
    async def _ask_to_run(self, asking: "list[tuple[Source, Command]]") -> None:
        """A review may come from somebody else: nothing in it runs before the person here has seen it."""
        from collectors.confirmed import confirm
        from collectors.interface import CollectProblem
        from screens.dialogs import Confirm

        for source, command in asking:
            words = "\n".join(f"{number:3}  {word}" for number, word in enumerate(command.argv, 1))
            text = (
                f"{source.id} {source.name} runs this on your machine, with your rights, word for word:\n\n{words}\n\n"
                f"in the folder {command.folder}"
            )
            if not await self.app.push_screen_wait(Confirm("Run this command?", text, "Run it")):
                self.say(f"{source.name or source.id} was not run. r asks again.")
                continue
            try:
                confirm(command)
            except CollectProblem as problem:
                self.say(str(problem), "warning")
            else:
                self.gathering.start([source.id])

    def action_cancel(self) -> None:
        """Stop collecting from this source; what was read is kept."""
        source = self._current()
        if source:
            self.gathering.cancel(source.id)

    # What the evidence shows

    @work(exclusive=True, group="evidence", exit_on_error=False)
    async def look_at_evidence(self) -> None:
        """Errors over the window and the first of them, computed in a thread."""
        import asyncio

        from screens.evidence import summary

        pane = self.query_one("#evidence", Static)
        if not any(source.artifacts for source in self.bench.session.sources):
            pane.display = False
            return
        text = await asyncio.to_thread(
            summary,
            self.bench.session,
            self.bench.desk.folder,
            self.gathering.window(),
            self.bench.zone,
            self.size.width,
            self.bench.stopping.is_set,
        )
        pane.display = bool(text)
        pane.update(content(text))

    @work
    async def action_evidence(self) -> None:
        """Show the lines of the source around its first error."""
        from screens.evidence import show_evidence

        source = self._current()
        if source:
            await show_evidence(self, (), source.id)


def _columns(bar: int) -> tuple[Column, ...]:
    return (
        Column("state", "", 2, editable=False),
        Column("name", "source", grow=2, min_width=16),
        Column("status", "state", grow=3, min_width=16, editable=False),
        Column("window", "window covered", bar, editable=False, priority=60),
        Column("rows", "rows", 11, min_width=8, align="right", editable=False, priority=70),
    )


def _source_from(text: str) -> tuple[str, dict[str, object]]:
    """What a line means as a source: an address is a Prometheus server, anything else a path."""
    words = text.strip()
    for prefix in ("prometheus ", "file "):
        if words.startswith(prefix):
            words = words.removeprefix(prefix).strip()
    # Anything that looks like an address is one: a file called “htp:” is not what was meant.
    if _ADDRESS.match(words) and not words.startswith("file://"):
        return "prometheus", {"url": words}
    path = Path(words.strip("'\"").removeprefix("file://")).expanduser()
    return "file", {"path": str(path.absolute())}
