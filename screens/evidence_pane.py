"""The raw lines around a moment, over the timeline: looked through, searched, narrowed, made rows of."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widgets import Input

from app.review import edits
from app.review.moments import Context, read_exactly
from app.review.records import Pointer
from app.review.timeline import in_order, instant
from app.text import cut
from screens.evidence_lines import Asker, Found, Wanted, as_event
from screens.evidence_view import EvidenceView
from screens.frame import StepScreen
from screens.frame_keys import keys_of
from widgets.grid import Grid

LOOK_AFTER = 0.08
"""Seconds after a key at which the lines are narrowed: a word that is being typed is one question."""


class EvidencePane(EvidenceView):
    """Answers with the id of the row of the timeline to go to; nothing to stay where one was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "keys", "Keys", key_display="?"),
        Binding("a", "take", "Make a row"),
        Binding("w", "why", "Shows a factor", show=False),
        Binding("slash", "search", "Search", key_display="/"),
        Binding("n", "next(1)", "Next match"),
        Binding("N", "next(-1)", "Previous match", show=False),
        Binding("f", "narrow", "Only lines with"),
        Binding("e", "errors", "Errors only", show=False),
        Binding("s", "source", "Only this source, or all", show=False),
        Binding("r", "raw", "Lines as they were written, or their gist", show=False),
        Binding("g", "go", "Go to a time"),
        Binding("b", "back", "Back to where you came from", show=False),
        Binding("u,ctrl+z", "undo", "Undo", show=False),
        Binding("escape,v,q", "leave", "Back", key_display="esc"),
    ]

    def __init__(self, step: StepScreen, pointers: tuple[Pointer, ...], at: datetime | None) -> None:
        """Begin at the first of *pointers* that is there, or at the moment *at*, or at the beginning."""
        super().__init__(step, pointers, at)
        self._searching = Asker(self._over)
        self._looked: tuple[Wanted, Found] | None = None
        """The lines as the search asks for them: it must not hold up what is on the screen."""
        self._later: Timer | None = None
        self._came_from: list[int] = []
        self._origin = 0

    # Moving

    def _jump(self, place: int, remember: bool = False) -> None:
        if remember:
            self._came_from.append(self.grid.cursor_row)
        self.show_line(place)

    def action_back(self) -> None:
        """Go back to where a jump began; at last to where the pane was opened."""
        if self._came_from:
            self._jump(self._came_from.pop())

    @work
    async def action_go(self) -> None:
        """Go to the first line at a time or later."""
        from screens.dialogs import Ask

        bench = self._step.bench
        here = self._here()
        context = Context(bench.first_day, bench.zone, here, zero=bench.session.incident.started_at)

        def check(text: str) -> str:
            return (
                ""
                if read_exactly(text, context)
                else "Type 10:15, 10:15:30, +5m from here, or 2025-02-09 10:15."
            )

        text = await self.app.push_screen_wait(
            Ask(f"Go to (times in {bench.zone_name})", hint="10:15 · +5m · 2025-02-09 10:15", check=check)
        )
        reading = read_exactly(text, context) if text else None
        found = self._found
        if reading is None or found is None:
            return
        async with self._one:
            place = await asyncio.to_thread(found.browser.position, reading.at)
        self._jump(min(place, found.count - 1), remember=True)

    def _here(self) -> datetime | None:
        line = self._lines.line(self.grid.cursor_row) if self._lines else None
        return line.at if line else None

    # Searching

    def action_search(self) -> None:
        """Search while typing, from here on."""
        self._origin = self.grid.cursor_row
        self._open_field("#search")

    def action_narrow(self) -> None:
        """Show only the lines that hold some words."""
        self._open_field("#narrow")

    def _open_field(self, selector: str) -> None:
        field = self.query_one(selector, Input)
        field.add_class("-open")
        field.focus()

    @on(Input.Changed, "#search")
    def _search_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._lines is None:
            return
        self._lines.searched = event.value
        self.grid.forget_lines()
        self.grid.refresh()
        self._find(self._origin, False)

    def action_next(self, step: int) -> None:
        """The next match, or the one before."""
        if not self.query_one("#search", Input).value:
            self.action_search()
        else:
            self._find(self.grid.cursor_row + step, step < 0, said=True)

    @work(group="evidence-search", exit_on_error=False)
    async def _find(self, start: int, backwards: bool, said: bool = False) -> None:
        """Look for the words from a line on, and from the other end when there is none."""
        text, wanted, count = self.query_one("#search", Input).value, self._wanted, len(self._lines or ())
        session, folder = self._session, self._step.bench.desk.folder
        within = self.holder(wanted)
        if not text or not count:
            self._searching.stop()
            self._say_busy("")
            return

        def question(cancelled: Callable[[], bool]) -> tuple[int | None, bool]:
            if self._looked is None or self._looked[0] != wanted:
                self._looked = (wanted, Found(session, folder, wanted, cancelled, within))
            found = self._looked[1]
            found.cancelled = cancelled
            hit = found.browser.find(text, start, backwards=backwards)
            if hit is not None:
                return hit, False
            return found.browser.find(text, found.count - 1 if backwards else 0, backwards=backwards), True

        self._say_busy(f"searching “{cut(text, 20)}”")
        answer = await self._asked(self._searching, question)
        if answer is None:
            return
        self._say_busy("")
        hit, round_ = answer
        if hit is None:
            self._step.say(f"No line holds “{text}”.")
            return
        if round_ and said:
            self._step.say("From the other end.")
        self._jump(hit)

    @on(Input.Submitted, "#search")
    def _search_kept(self, event: Input.Submitted) -> None:
        event.stop()
        self._came_from.append(self._origin)
        self._close_field(event.input)

    @on(Input.Changed, "#narrow")
    def _narrow_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._later is not None:
            self._later.stop()
        self._later = self.set_timer(LOOK_AFTER, self._narrow_now)

    def _narrow_now(self) -> None:
        typed = self.query_one("#narrow", Input).value
        self._show_only(Wanted(typed, self._wanted.source, self._wanted.errors))

    @on(Input.Submitted, "#narrow")
    def _narrow_kept(self, event: Input.Submitted) -> None:
        event.stop()
        self._close_field(event.input)

    def _close_field(self, field: Input) -> None:
        if not field.value:
            field.remove_class("-open")
        self.grid.focus()

    def action_errors(self) -> None:
        """Show only lines that declare an error, or all."""
        self._show_only(Wanted(self._wanted.contains, self._wanted.source, not self._wanted.errors))

    def action_source(self) -> None:
        """Show only the source of the line under the cursor, or all sources."""
        line = self._lines.line(self.grid.cursor_row) if self._lines else None
        source = "" if self._wanted.source or line is None else line.source
        self._show_only(Wanted(self._wanted.contains, source, self._wanted.errors))

    def action_raw(self) -> None:
        """Show lines as they were written, or what they say besides time, level and pod."""
        self._raw = not self._raw
        if self._lines is not None:
            self._lines.raw = self._raw
            self.grid.forget_lines()
            self.grid.refresh()

    def _show_only(self, wanted: Wanted) -> None:
        if wanted != self._wanted:
            near = self._here() or self._at
            self._at = near
            self._wanted = wanted
            self._open_lines(near)

    # Rows

    def action_take(self) -> None:
        """Make the line, or each of the selected lines, a row of the timeline that points back to it."""
        if self._lines is None:
            return
        picked = sorted(int(key) for key in self.grid.selected_keys) or [self.grid.cursor_row]
        lines = [line for place in picked if (line := self._lines.line(place)) is not None]
        there = self._rows_of()
        new = [as_event(self._session, line) for line in lines if (line.artifact, line.line) not in there]
        if not new:
            known = [there[key] for line in lines if (key := (line.artifact, line.line)) in there]
            self._step.say(
                f"This line is on the timeline as {known[0]}." if known else "There is no line here."
            )
            return
        label = f"Add “{new[0].text[:40]}”" if len(new) == 1 else f"Add {len(new)} lines of evidence"
        before = {event.id for event in self._session.events}
        if self._step.edit(label, lambda session: edits.add_all(session, "events", new)):
            added = [event.id for event in self._session.events if event.id not in before]
            self.grid.select(())
            self._step.say(f"Added {', '.join(added[:5])}{' …' if len(added) > 5 else ''}. u takes it back.")

    @work
    async def action_why(self) -> None:
        """Point a factor to the line, or to each of the selected lines: they show that it was so."""
        from screens.dialogs import Choice, Choose

        factors = self._session.factors
        picked = sorted(int(key) for key in self.grid.selected_keys) or [self.grid.cursor_row]
        lines = [line for place in picked if self._lines and (line := self._lines.line(place)) is not None]
        if not factors or not lines:
            self._step.say(
                "There are no factors yet: step 3 grows them." if lines else "There is no line here."
            )
            return
        key = await self.app.push_screen_wait(
            Choose(
                f"Which factor {'does this line' if len(lines) == 1 else 'do these lines'} show?",
                [Choice(each.id, each.text, each.id) for each in factors],
            )
        )
        chosen = next((each for each in factors if each.id == key), None)
        if chosen is None:
            return
        pointers = (Pointer(source=line.source, artifact=line.artifact, line=line.line) for line in lines)
        shown = tuple(dict.fromkeys((*chosen.evidence, *pointers)))
        if shown == chosen.evidence:
            self._step.say(f"{chosen.id} points there already.")
        elif self._step.edit(
            f"Point {chosen.id} to the evidence",
            lambda session: edits.change(session, "factors", {chosen.id}, evidence=shown),
        ):
            self.grid.select(())
            self._step.say(
                f"{chosen.id} points to {len(lines)} line{'s' if len(lines) > 1 else ''}. u takes it back."
            )

    def action_undo(self) -> None:
        """Take the last edit back."""
        self._step.action_undo()

    @on(Grid.RowActivated, "#lines")
    def _to_timeline(self, event: Grid.RowActivated) -> None:
        """Go to the row that this line is, or to the one nearest before its moment."""
        event.stop()
        line = self._lines.line(self.grid.cursor_row) if self._lines else None
        if line is None:
            return
        row = self._rows_of().get((line.artifact, line.line), "")
        if not row and line.at is not None:
            session = self._session
            timed = [
                (at, event.id) for event in in_order(session) if (at := instant(session, event)) is not None
            ]
            row = next((key for at, key in reversed(timed) if at <= line.at), timed[0][1] if timed else "")
        self.dismiss(row or None)

    def action_leave(self) -> None:
        """Stop what is being looked for; close the field; else go back to the timeline where it was."""
        if self._busy and self._found is not None:
            self._building.stop()
            self._searching.stop()
            self._say_busy("")
            return
        for field in self.query(Input):
            if field.has_focus or (field.id == "narrow" and field.has_class("-open")):
                field.value = ""
                field.remove_class("-open")
                self.grid.focus()
                return
        self.dismiss(None)

    def action_keys(self) -> None:
        """Every key that works here."""
        from screens.dialogs import Reader

        self.app.push_screen(Reader("Keys", keys_of(self)))
