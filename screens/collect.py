"""Step 1: gather the evidence. All sources run at once, each with its own progress, its own fate, its own gaps."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from app.review import edits
from app.review.records import Source
from screens.collect_table import BAR, source_columns
from screens.collect_team import TeamSources
from screens.suggestions import LOOK_AFTER
from widgets.coverage import LEGEND
from widgets.grid import Grid
from widgets.safe import content

if TYPE_CHECKING:
    from collectors.interface import Collector

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class CollectScreen(TeamSources):
    """The sources, their state, and how much of the window they cover."""

    STEP = "collect"
    MAIN = "#sources"
    PLACEHOLDER = "a file or folder to read, or http://prometheus:9090"
    LEGEND = LEGEND
    """Shown with all keys: what the bars mean."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add a source", id="collect.add"),
        Binding("r", "run_one", "Run", id="collect.run"),
        Binding("R", "run_all", "Run all", id="collect.run-all"),
        Binding("x", "cancel", "Cancel", id="collect.cancel"),
        Binding("X", "cancel_all", "Cancel all", show=False, id="collect.cancel-all"),
        Binding("e", "edit_source", "Settings", id="collect.edit"),
        Binding("c", "examine", "Check", id="collect.examine"),
        Binding("d,delete", "delete", "Delete", show=False, id="collect.delete"),
        Binding("o", "offset", "Correct the source's clock", show=False, id="collect.offset"),
        Binding("z", "zone", "Say the zone of its times", show=False, id="collect.zone"),
        Binding("v", "evidence", "Look at the evidence", show=False, id="collect.evidence"),
    ]

    DEFAULT_CSS = """
    CollectScreen #detail { height: auto; max-height: 3; padding: 0 1; display: none; background: $panel; }
    CollectScreen #detail.-some { display: block; }
    CollectScreen #detail.-problem { color: $text-error; }
    CollectScreen #evidence { height: auto; max-height: 6; padding: 0 1; background: $panel; }
    """

    def body(self) -> ComposeResult:
        """The table of sources, and what their evidence shows."""
        yield Grid(
            source_columns(BAR),
            empty="No sources yet: press a to add one, or n and type a file name",
            id="sources",
        )
        yield Static(id="detail")
        yield Static(id="evidence")

    def on_mount(self) -> None:
        """Follow the collection as well as the session."""
        self.bench.collecting.subscribe(self, lambda _: self._show_sources())
        self.bench.suggested.subscribe(self, lambda _count: self.look_at_evidence())
        self.set_timer(LOOK_AFTER, self.look_at_evidence)

    def on_unmount(self) -> None:
        """The review is closed: nothing goes on that could not be kept any more."""
        self.gathering.cancel()

    # The capture line: a path or an address adds a source

    def understand(self, text: str) -> str:
        """Say which source a line would add."""
        kind, settings = _source_from(text, self.gathering.collectors())
        problem = (
            self.gathering.collectors()[kind].check(settings) if kind in self.gathering.collectors() else ""
        )
        return f"{kind}: {problem or 'Enter adds it and reads it'}"

    def enter(self, text: str) -> None:
        """Add the source and read it."""
        kind, settings = _source_from(text, self.gathering.collectors())
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
        """Choose one of the team's sources, or a kind of source and fill in its settings."""
        from app.settings import load_settings
        from screens.dialogs import Choice, Choose

        known = self.gathering.collectors()
        own = {f"own:{each.name}": each for each in load_settings().profiles if each.kind in known}
        kind = await self.app.push_screen_wait(
            Choose(
                "Add which kind of source?",
                [
                    *(
                        Choice(key, each.name, f"{each.kind}, from your settings")
                        for key, each in own.items()
                    ),
                    *(Choice(name, name, each.title) for name, each in sorted(known.items())),
                ],
            )
        )
        if kind in own:
            self._add(own[kind].kind, dict(own[kind].settings))
        elif kind:
            settings = await self._ask_settings(kind, {})
            if settings is not None:
                self.gathering.confirm_own(kind, settings)
                self._add(kind, settings)

    async def _ask_settings(self, kind: str, settings: dict[str, object]) -> dict[str, object] | None:
        from collectors.interface import settings_from_text, text_from_settings
        from collectors.own_window import WINDOW_FIELDS, check_window
        from screens.dialogs import Entry, Form

        collector = self.gathering.collectors()[kind]
        fields = (*collector.fields, *WINDOW_FIELDS)
        shown = text_from_settings(fields, settings)
        # One line holds a list of queries: they are separated by “;;”, which no query language uses.
        entries = [
            Entry(
                field.name,
                field.label,
                shown.get(field.name, "").replace("\n", " ;; "),
                field.example.replace("\n", " ;; "),
                field.required,
            )
            for field in fields
        ]

        def typed(values: dict[str, str]) -> dict[str, object]:
            lines = {key: text.replace(" ;; ", "\n") for key, text in values.items()}
            return settings_from_text(fields, lines)

        def check(values: dict[str, str]) -> str:
            meant = typed(values)
            return collector.check(meant) or check_window(meant)

        values = await self.app.push_screen_wait(Form(collector.title, entries, check=check))
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
            from collectors.own_window import WINDOW_FIELDS

            fields = (*self.gathering.collectors()[source.kind].fields, *WINDOW_FIELDS)
            asked_for = {field.name for field in fields}
            # What the form does not ask for stays: a setting of a later version, say.
            kept = {key: value for key, value in source.settings.items() if key not in asked_for}
            settings = kept | settings
            self.gathering.confirm_own(source.kind, settings, source.settings)
            name = self.gathering.collectors()[source.kind].describe(settings)
            changes = {"settings": settings} | (
                {"name": name} if not source.name or settings != source.settings else {}
            )
            if settings.get("zone") != source.settings.get("zone") and source.artifacts:
                await self.read_in(source, str(settings.get("zone") or ""), **changes)
                return
            self.edit(
                f"Edit source {source.id}", lambda s: edits.change(s, "sources", {source.id}, **changes)
            )

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


def _source_from(text: str, known: "Mapping[str, Collector]") -> tuple[str, dict[str, object]]:
    """What a line means as a source: an address is a Prometheus server, a clone is asked for its history.

    Behind a kind of source stands its first setting that is needed: ``loki http://…``, ``github acme/api``,
    ``command journalctl -u api``. Anything else is a path.
    """
    words = text.strip()
    kind, _, rest = words.partition(" ")
    if kind == "file" and rest:
        words = rest.strip()
    elif rest and kind in known and known[kind].fields:
        from collectors.interface import settings_from_text

        fields = known[kind].fields
        first = next((each for each in fields if each.required), fields[0])
        settings = settings_from_text(fields, {first.name: rest})
        if first.kind == "path":
            settings[first.name] = str(Path(rest.strip().strip("'\"")).expanduser().absolute())
        return kind, settings
    # Anything that looks like an address is one: a file called “htp:” is not what was meant.
    if _ADDRESS.match(words) and not words.startswith("file://"):
        return "prometheus", {"url": words}
    path = Path(words.strip("'\"").removeprefix("file://")).expanduser()
    kind = "git" if (path / ".git").exists() else "file"
    return kind, {"path": str(path.absolute())}
