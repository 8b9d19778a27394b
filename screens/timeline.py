"""Step 2: the timeline. Half of a review happens here, so everything is one key away."""

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from app.review import capture, edits
from app.review.durations import Duration, durations, spell
from app.review.records import Event, Pointer, Session
from app.review.vocabulary import KINDS, MILESTONES
from app.text import cell_len, cut
from screens.editing import NotUnderstood, reading_context, time_changes, word_of
from screens.frame import StepScreen
from screens.room import ROOMY
from screens.suggestions import LOOK_AFTER, SuggestionLine
from screens.timeline_rows import QUIET, TimelineRows, time_width
from widgets.grid import Column, Grid
from widgets.safe import content
from widgets.spark import SparkLine


class TimelineScreen(StepScreen):
    """Rows of what happened, edited in place; milestones and durations follow at once."""

    STEP = "timeline"
    MAIN = "#timeline"
    PLACEHOLDER = "10:15:30 connection pool exhausted @oncall #symptom <app logs>"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit_cell", "Edit", show=False, id="timeline.edit"),
        Binding("d,delete", "delete", "Delete", id="timeline.delete"),
        Binding("a", "accept", "Accept", id="timeline.accept"),
        Binding("x", "dismiss_suggestion", "Dismiss", show=False, id="timeline.dismiss"),
        Binding("s", "all_suggestions", "All suggestions", show=False, id="timeline.suggestions"),
        Binding("comma", "suggestion(-1)", "Previous suggestion", key_display=",", show=False),
        Binding("full_stop", "suggestion(1)", "Next suggestion", key_display=".", show=False),
        Binding("slash", "filter", "Filter", key_display="/", id="timeline.filter"),
        Binding("asterisk", "star", "Star", key_display="*", show=False, id="timeline.star"),
        Binding("m", "milestone", "Milestone", id="timeline.milestone"),
        Binding("k", "kind", "Kind of the selected rows", show=False, id="timeline.kind"),
        Binding("D", "duplicate", "Duplicate", show=False, id="timeline.duplicate"),
        Binding("M", "merge", "Merge the selected rows", show=False, id="timeline.merge"),
        Binding("t", "shift", "Shift the selected rows in time", show=False, id="timeline.shift"),
        Binding("g", "quiet", "Which quiet stretches are shown", show=False, id="timeline.quiet"),
        Binding("S", "stars_only", "Starred rows only", show=False, id="timeline.stars"),
        Binding("v", "evidence", "Evidence behind the row", show=False, id="timeline.evidence"),
        Binding("ctrl+e", "external", "Edit the row's text in $EDITOR", show=False, id="timeline.editor"),
    ]

    DEFAULT_CSS = """
    TimelineScreen #filter { display: none; height: 1; border: none; background: $boost; padding: 0 1; }
    TimelineScreen #filter.-open { display: block; }
    TimelineScreen #row { height: 1; padding: 0 1; background: $panel; display: none; }
    TimelineScreen #row.-some { display: block; }
    TimelineScreen #errors { padding: 0 1; background: $panel; display: none; }
    TimelineScreen #errors.-some { display: block; }
    TimelineScreen #durations { height: auto; max-height: 3; padding: 0 1; color: $text; background: $panel; }
    TimelineScreen.-low #row, TimelineScreen.-low #errors { display: none; }
    TimelineScreen.-low #durations, TimelineScreen.-low SuggestionLine { max-height: 1; }
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._filter = ""
        self._stars = False
        self._quiet = QUIET[0]
        self._rows: TimelineRows | None = None
        self._durations: tuple[Duration, ...] = ()

    def body(self) -> ComposeResult:
        """The rows, the durations between them, and what the evidence suggests."""
        yield Input(
            id="filter",
            placeholder="filter all columns; Enter keeps it, Esc shows everything",
            select_on_focus=False,
        )
        yield Grid(
            self._columns(),
            empty="No rows yet: press n and type 10:15 what happened, or a to accept a suggestion",
            id="timeline",
        )
        yield Static(id="row")
        yield SparkLine(id="errors")
        yield Static(id="durations")
        yield SuggestionLine(self.bench)

    def on_mount(self) -> None:
        """Follow the evidence as well as the session."""
        super().on_mount()
        self.bench.suggested.subscribe(self, lambda _count: self.look_at_errors())
        self.set_timer(LOOK_AFTER, self.look_at_errors)

    @work(exclusive=True, group="errors", exit_on_error=False)
    async def look_at_errors(self) -> None:
        """Errors a minute over the incident, computed in a thread."""
        import asyncio

        line = self.query_one("#errors", SparkLine)
        line.remove_class("-some")
        if not any(source.artifacts for source in self.bench.session.sources):
            return
        from screens.evidence import errors_by_minute

        bench = self.bench
        counts = await asyncio.to_thread(
            errors_by_minute, bench.session, bench.desk.folder, bench.now(), bench.stopping.is_set
        )
        if any(counts):
            line.add_class("-some")
            line.show("errors/min ", counts, f" peak {max(counts):,.0f}")

    def _columns(self) -> tuple[Column, ...]:
        title = f"time {self.bench.zone_name}"
        roomy = self.size.width >= ROOMY
        width = max(cell_len(title), time_width(self.bench.session, self.bench.zone, self.bench.first_day))
        return (
            Column("time", title, width, min_width=width),
            Column("delta", "Δ", 7, align="right", editable=False, priority=30),
            Column("kind", "kind", 14 if roomy else 10, min_width=9, priority=60, suggestions=tuple(KINDS)),
            Column("text", "event", grow=4, min_width=26),
            Column("source", "source", grow=1, min_width=10, priority=20, suggestions=self._used("source")),
            Column("actor", "actor", 10, min_width=8, priority=10, suggestions=self._used("actor")),
            Column("milestone", "★", 14, min_width=14, priority=70, suggestions=tuple(MILESTONES)),
        )

    def _used(self, field: str) -> tuple[str, ...]:
        return tuple(sorted({getattr(event, field) for event in self.bench.session.events} - {""}))

    @property
    def grid(self) -> Grid:
        """The table of rows."""
        return self.query_one("#timeline", Grid)

    def show_session(self, session: Session) -> None:
        """Show the rows and the durations between the milestones."""
        self._rows = TimelineRows(
            session, self.bench.zone, self.bench.first_day, self._filter, self._stars, self._quiet
        )
        columns = self._columns()
        if columns != self.grid.columns:
            self.grid.set_columns(columns)
        self.grid.set_rows(self._rows)
        self._show_row()
        self._durations = durations(session)
        self._show_durations()
        meaning = "\n".join(f"{each.label} = {each.formula}" for each in self._durations)
        self.query_one("#durations", Static).tooltip = content(meaning)

    def on_resize(self) -> None:
        """Words are cut where there is no room for them, and whole where there is."""
        super().on_resize()
        columns = self._columns()
        if columns != self.grid.columns:
            self.grid.set_columns(columns)
        self._show_durations()
        self._show_row()

    @on(Grid.RowHighlighted, "#timeline")
    def _highlighted(self, event: Grid.RowHighlighted) -> None:
        event.stop()
        self._show_row()

    def _show_row(self) -> None:
        """The whole row under the cursor, where the grid has no room for all of it."""
        key = self.grid.cursor_key
        row = next((event for event in self.bench.session.events if event.id == key), None)
        line = self.query_one("#row", Static)
        line.set_class(bool(self.bench.session.events) and self.size.width < ROOMY, "-some")
        if row is None:
            line.update("")
        else:
            whence = " · ".join(each for each in (row.source, row.actor) if each not in {"", "-"})
            room = self.size.width - 2
            tail = f"   {cut(whence, room // 2)}" if whence else ""
            line.update(content(f"{cut(row.text, room - cell_len(tail))}{tail}"))

    def _show_durations(self) -> None:
        pieces = _duration_pieces(self._durations)
        self.query_one("#durations", Static).update(content(_lines(pieces, self.size.width - 2)))

    # The capture line

    def understand(self, text: str) -> str:
        """Say which row a line would become."""
        found = capture.event(text, reading_context(self.bench, self.grid.cursor_key))
        return capture.describe_event(found, self.bench.zone, self.bench.zone_name, self.bench.first_day)

    def enter(self, text: str) -> None:
        """Add the row, and put the cursor on it."""
        found = capture.event(text, reading_context(self.bench, self.grid.cursor_key))
        self._add(found, f"Add “{found.text[:40]}”")

    def _add(self, found: Event, label: str) -> None:
        before = {event.id for event in self.bench.session.events}

        def change(session: Session) -> Session:
            session = edits.add(session, "events", found)
            if found.milestone:
                new = next(event.id for event in session.events if event.id not in before)
                session = edits.set_milestone(session, new, found.milestone)
            return session

        if self.edit(label, change):
            new = next(event.id for event in self.bench.session.events if event.id not in before)
            self.show_session(self.bench.session)
            self.grid.move_cursor(new)

    # Cells

    @on(Grid.CellEdited, "#timeline")
    def _cell_edited(self, event: Grid.CellEdited) -> None:
        event.stop()
        key, column, new = event.row_key, event.column_key, event.new
        try:
            if column == "time":
                changes = time_changes(new, self.bench)
            elif column == "kind":
                changes = {"kind": word_of(new, tuple(KINDS))}
            elif column == "milestone":
                self._set_milestone(key, word_of(new, tuple(MILESTONES)))
                return
            else:
                changes = {column: new}
        except NotUnderstood as problem:
            self.say(str(problem), "warning")
            return
        self.edit(
            f"Edit {column} of {key}", lambda session: edits.change(session, "events", {key}, **changes)
        )

    def _set_milestone(self, key: str, milestone: str) -> None:
        label = f"Mark {key} as {milestone}" if milestone else f"Take the milestone from {key}"
        self.edit(label, lambda session: edits.set_milestone(session, key, milestone))

    # Rows

    def _rows_meant(self) -> tuple[str, ...]:
        """The selected rows, or the one under the cursor; only real rows count."""
        known = {event.id for event in self.bench.session.events}
        picked = self.grid.selected_keys or (self.grid.cursor_key,)
        return tuple(key for key in picked if key in known)

    def action_edit_cell(self) -> None:
        """Edit the cell under the cursor."""
        self.grid.action_open()

    def action_delete(self) -> None:
        """Delete the selected rows; u brings them back."""
        keys = self._rows_meant()
        if keys and self.edit(_named("Delete", keys), lambda session: edits.delete(session, "events", keys)):
            self.say(f"Deleted {_count(keys, 'row')}. u brings {'them' if len(keys) > 1 else 'it'} back.")

    def action_duplicate(self) -> None:
        """Copy the selected rows, each behind its original."""
        keys = self._rows_meant()
        if keys:
            self.edit(_named("Duplicate", keys), lambda session: edits.duplicate(session, "events", keys))

    def action_merge(self) -> None:
        """Make one row of the selected ones; texts, sources and evidence of all stay."""
        keys = self._rows_meant()
        if len(keys) < 2:
            self.say("Select at least two rows with space, then press M.")
            return
        self.edit(_named("Merge", keys), lambda session: edits.merge_events(session, keys))

    def action_star(self) -> None:
        """Star the selected rows, or take their stars away: starred rows go into the report."""
        keys = self._rows_meant()
        if not keys:
            return
        starred = all(event.starred for event in self.bench.session.events if event.id in keys)
        self.edit(
            _named("Unstar" if starred else "Star", keys),
            lambda session: edits.change(session, "events", keys, starred=not starred),
        )

    @work
    async def action_milestone(self) -> None:
        """Mark the row with a milestone."""
        from screens.dialogs import Choice, Choose

        keys = self._rows_meant()
        if not keys:
            return
        row = next(event for event in self.bench.session.events if event.id == keys[0])
        choices = [Choice(name, name, meaning) for name, meaning in MILESTONES.items()]
        picked = await self.app.push_screen_wait(
            Choose(f"{row.id} is the moment when …", [Choice("-", "no milestone"), *choices], row.milestone)
        )
        if picked is not None:
            self._set_milestone(row.id, "" if picked == "-" else picked)

    @work
    async def action_kind(self) -> None:
        """Set the kind of all selected rows."""
        from screens.dialogs import Choice, Choose

        keys = self._rows_meant()
        if not keys:
            return
        picked = await self.app.push_screen_wait(
            Choose(
                f"Kind of {_count(keys, 'row')}",
                [Choice(name, f"{sign} {name}") for name, sign in KINDS.items()],
            )
        )
        if picked:
            self.edit(
                _named(f"Set kind {picked} of", keys),
                lambda session: edits.change(session, "events", keys, kind=picked),
            )

    @work
    async def action_shift(self) -> None:
        """Move the selected rows in time by a duration: +42s, -5m, +1h."""
        from datetime import UTC, datetime

        from app.review.moments import Context, read_exactly
        from screens.dialogs import Ask

        keys = self._rows_meant()
        if not keys:
            return
        zero = datetime(2000, 1, 1, tzinfo=UTC)

        def length(text: str) -> object:
            reading = read_exactly(text, Context(zero.date(), UTC, zero)) if text[:1] in {"+", "-"} else None
            return reading.at - zero if reading else None

        text = await self.app.push_screen_wait(
            Ask(
                f"Shift {_count(keys, 'row')} by",
                hint="+42s, -5m, +1h",
                check=lambda typed: (
                    "" if length(typed) is not None else "Type a sign, a number and a unit: +42s, -5m, +1h."
                ),
            )
        )
        if text and (reading := read_exactly(text, Context(zero.date(), UTC, zero))):
            by = reading.at - zero
            self.edit(_named(f"Shift by {text}", keys), lambda session: edits.shift_events(session, keys, by))

    def action_external(self) -> None:
        """Edit the text of the row in the person's own editor."""
        from screens.external import NoEditor, edit_text

        row = next((event for event in self.bench.session.events if event.id == self.grid.cursor_key), None)
        if row is None:
            return
        try:
            text = edit_text(self.app, row.text)
        except NoEditor as problem:
            self.say(str(problem), "warning")
            return
        if text is not None:
            self.edit(
                f"Edit text of {row.id}", lambda session: edits.change(session, "events", {row.id}, text=text)
            )

    # Filter

    def action_filter(self) -> None:
        """Narrow the rows while typing."""
        field = self.query_one("#filter", Input)
        field.add_class("-open")
        field.focus()

    def action_stars_only(self) -> None:
        """Show starred rows only, or all again."""
        self._stars = not self._stars
        self.show_session(self.bench.session)
        self.say("Starred rows only." if self._stars else "All rows.")

    def action_quiet(self) -> None:
        """Choose how long a stretch without a row must be to be pointed out."""
        self._quiet = QUIET[(QUIET.index(self._quiet) + 1) % len(QUIET)]
        self.show_session(self.bench.session)
        self.say(
            f"Stretches of {spell(self._quiet)} without a row are shown."
            if self._quiet
            else "Quiet stretches are not shown."
        )

    @on(Input.Changed, "#filter")
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self._filter = event.value
        self.show_session(self.bench.session)

    @on(Input.Submitted, "#filter")
    def _filter_kept(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value:
            event.input.remove_class("-open")
        self.grid.focus()

    def key_escape(self) -> None:
        """Show everything again."""
        field = self.query_one("#filter", Input)
        if field.has_class("-open"):
            field.value = ""
            field.remove_class("-open")
            self.grid.focus()

    # Suggestions

    @property
    def suggestions(self) -> SuggestionLine:
        """What the evidence offers."""
        return self.query_one(SuggestionLine)

    def action_suggestion(self, step: int) -> None:
        """Look at another suggestion."""
        self.suggestions.step(step)

    def action_accept(self) -> None:
        """Make the suggestion a row; it keeps the pointer to its evidence."""
        found = self.suggestions.current
        if found is None:
            self.say("No suggestions: collect evidence on step 1 first.")
            return
        self._add(found.event, f"Accept “{found.event.text[:40]}”")

    def action_dismiss_suggestion(self) -> None:
        """Decide against the suggestion; u brings it back."""
        found = self.suggestions.current
        if found is not None:
            self.edit(
                f"Dismiss “{found.event.text[:40]}”", lambda session: edits.dismiss(session, [found.key])
            )

    @work
    async def action_all_suggestions(self) -> None:
        """Choose among all suggestions."""
        from screens.dialogs import Choice, Choose

        known = self.suggestions.all
        if not known:
            self.say("No suggestions: collect evidence on step 1 first.")
            return
        picked = await self.app.push_screen_wait(
            Choose(
                f"{len(known)} suggestions: Enter accepts one",
                [Choice(each.key, self.suggestions.describe(each), each.reason) for each in known],
            )
        )
        found = next((each for each in known if each.key == picked), None)
        if found is not None:
            self._add(found.event, f"Accept “{found.event.text[:40]}”")

    @work
    async def action_evidence(self) -> None:
        """The raw lines behind the row, or behind the suggestion when the row has none."""
        from screens.evidence import show_evidence

        row = next((event for event in self.bench.session.events if event.id == self.grid.cursor_key), None)
        pointers: tuple[Pointer, ...] = row.evidence if row else ()
        if not pointers and self.suggestions.current:
            pointers = self.suggestions.current.event.evidence
        await show_evidence(self, pointers)


def _duration_pieces(found: tuple[Duration, ...]) -> list[str]:
    """The durations that are known, and what stands in the way of the others."""
    known = [
        f"{each.name if each.name.isupper() else each.label} {'~' if each.about else ''}{spell(each.value)}"
        for each in found
        if each.value is not None and each.name not in {"recover", "response"}
    ]
    wrong = [each.problem for each in found if " is before " in each.problem]
    if not known and not wrong:
        return [
            "Durations are unknown: press m on a row to mark it as started, detected, mitigated, resolved"
        ]
    return [*known, *(f"▲ {problem}" for problem in dict.fromkeys(wrong))]


def _lines(pieces: list[str], width: int) -> str:
    """The pieces on as few lines as they need; none is torn apart where a line ends."""
    lines = [""]
    for piece in pieces:
        joined = f"{lines[-1]}   {piece}" if lines[-1] else piece
        if cell_len(joined) > width and lines[-1]:
            lines.append(piece)
        else:
            lines[-1] = joined
    return "\n".join(lines)


def _count(keys: tuple[str, ...], noun: str) -> str:
    return f"{len(keys)} {noun}{'' if len(keys) == 1 else 's'}"


def _named(verb: str, keys: tuple[str, ...]) -> str:
    return f"{verb} {keys[0]}" if len(keys) == 1 else f"{verb} {len(keys)} rows"
