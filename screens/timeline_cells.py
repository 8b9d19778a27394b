"""Editing the timeline cell by cell, in place or in the person's own editor."""

from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from app.review import edits
from app.review.records import Event, Session
from app.review.vocabulary import KINDS, MILESTONES
from app.text import cut
from screens.editing import NotUnderstood, time_changes, word_of
from screens.frame_base import READ_ONLY
from screens.timeline_rows import LINE_BREAK
from screens.timeline_table import TimelineTable
from screens.timeline_understood import star_of, understood
from screens.workbench import Workbench
from widgets.grid import Grid
from widgets.sheet import Sheet

FILLING = "FILLING IN: type to replace, Enter to edit, Tab and arrows to move, Esc ends"
"""What is said while cells are filled in and none is being typed into."""


class TimelineCells(TimelineTable):
    """One cell at a time, and rows that are filled in cell by cell."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit_cell", "Edit", show=False, id="timeline.edit", tooltip="Edit the cell"),
        Binding(
            "i,insert",
            "fill",
            "Fill in",
            key_display="i",
            id="timeline.fill",
            tooltip="Fill cells in like a spreadsheet: typing replaces",
        ),
        Binding("o", "new_row", "New row below, filled in cell by cell", show=False, id="timeline.row"),
        Binding(
            "m",
            "milestone",
            "Milestone",
            id="timeline.milestone",
            tooltip="Milestone: the row is when it started, was detected …",
        ),
        Binding("ctrl+e", "external", "Edit the row's text in $EDITOR", show=False, id="timeline.editor"),
    ]

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._added: set[str] = set()
        """Ids of the rows that were added cell by cell: behind them another one may follow."""
        self._typed: Grid.Typing | None = None
        """What stands in the field of the cell that is edited."""

    def on_mount(self) -> None:
        """A row that is filled in asks for the next one; a cell, whether a text fits it."""
        self.grid.past_end = self._next_row
        self.grid.judge = self._judge
        self.grid.fills_at_once = self.bench.type_to_replace and not self.bench.desk.read_only

    def mode(self) -> str:
        """What the keys do while cells are filled in, and what the text in hand would mean."""
        filling, typed = self.grid.filling, self._typed
        if self.grid.editing and typed is not None:
            said = understood(typed.column_key, typed.text, self.bench, self._anchor(typed.row_key))
            if said:
                # One line: what is above must not move with every letter.
                return cut(f"FILLING IN: {said}" if filling else said, max(8, self.size.width - 4))
        return FILLING if filling else ""

    @property
    def mode_is_brief(self) -> bool:
        """One cell is edited: the rows stay where they are meanwhile."""
        return not self.grid.filling

    @on(Grid.Typing, "#timeline")
    def _typing_in_cell(self, event: Grid.Typing) -> None:
        event.stop()
        self._typed = event
        self._show_prompt()

    @on(Grid.EditRefused, "#timeline")
    def _edit_refused(self, event: Grid.EditRefused) -> None:
        event.stop()
        self.say(f"{event.why} Esc gives up.", "warning")

    @on(Grid.EditCancelled, "#timeline")
    def _edit_cancelled(self, event: Grid.EditCancelled) -> None:
        event.stop()
        self._typed_no_more()

    def _typed_no_more(self) -> None:
        if not self.grid.editing:
            self._typed = None
            self._show_prompt()

    def _anchor(self, key: str) -> str:
        """The row that times in the row *key* are counted from: itself, or the one a new row stands behind."""
        return dict(self.look.drafts).get(key, key)

    def _judge(self, key: str, column: str, text: str) -> str:
        """Why a text does not fit its cell; nothing where it does."""
        try:
            self._cell_changes(self._anchor(key), column, text)
        except NotUnderstood as problem:
            return str(problem)
        return ""

    @on(Sheet.ModeChanged, "#timeline")
    def _mode_changed(self, event: Sheet.ModeChanged) -> None:
        event.stop()
        if not event.filling and self.look.drafts:
            # What nothing was typed into was never there.
            before = dict(self.look.drafts).get(self.grid.cursor_key)
            self.show_as(drafts=())
            if before is not None:
                self.grid.move_cursor(before)
        self.grid.set_columns(self._columns())
        self._typed_no_more()

    def action_fill(self) -> None:
        """Fill cells in as in a spreadsheet: every printable key is text until Esc."""
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
        elif not self.grid.rows:
            self.action_new_row()
        else:
            self.grid.fill()

    def action_new_row(self) -> None:
        """Fill a row in behind the one under the cursor."""
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        self._begin_row(self.row.id if self.row else "")
        self.grid.fill()

    def _next_row(self, after: str) -> bool:
        """A row behind *after*, if that is the last one, or was just added itself."""
        last = not self.grid.rows or self.grid.rows[len(self.grid.rows) - 1].key == after
        if not last and after not in self._added:
            return False
        self._begin_row(after)
        return True

    def _begin_row(self, after: str) -> None:
        drafts = self.look.drafts
        key = edits.free_id(self.bench.session, "events", (key for key, _ in drafts))
        self._added.add(key)
        self.show_as(drafts=(*drafts, (key, after)))
        self.grid.move_cursor(key, "time")

    def show_session(self, session: Session) -> None:
        """Show the rows; those that are being added get other ids where somebody else took theirs."""
        renamed: dict[str, str] = {}
        drafts: list[tuple[str, str]] = []
        known = {event.id for event in session.events} if self.look.drafts else set()
        for key, after in self.look.drafts:
            if key in known:
                taken = (*known, *(each for each, _ in self.look.drafts), *renamed.values())
                renamed[key] = edits.free_id(session, "events", taken)
                self._added.add(renamed[key])
            drafts.append((renamed.get(key, key), renamed.get(after, after)))
        self.look = replace(self.look, drafts=tuple(drafts))
        self._renamed = renamed
        super().show_session(session)

    @on(Grid.CellEdited, "#timeline")
    def _cell_edited(self, event: Grid.CellEdited) -> None:
        event.stop()
        self._typed_no_more()
        key, column, new = event.row_key, event.column_key, event.new
        anchor = dict(self.look.drafts).get(key)
        try:
            changes = self._cell_changes(self._anchor(key), column, new)
        except NotUnderstood as problem:
            self.say(str(problem), "warning")
            return
        milestone = changes.pop("milestone", None)
        if anchor is not None:
            self._write_draft(key, anchor, changes, milestone)
        elif milestone is not None:
            self._set_star(key, str(milestone), bool(changes["starred"]))
        else:
            self.edit(
                f"Edit {column} of {key}", lambda session: edits.change(session, "events", {key}, **changes)
            )

    def _cell_changes(self, anchor: str, column: str, new: str) -> dict[str, object]:
        """The fields that a cell's text sets. Raises NotUnderstood."""
        if column == "time":
            return time_changes(new, self.bench, anchor)
        if column == "kind":
            return {"kind": word_of(new, tuple(KINDS))}
        if column == "milestone":
            return star_of(new)
        return {column: new.replace(LINE_BREAK, "\n") if column == "text" else new}

    def _write_draft(self, key: str, after: str, changes: dict[str, object], milestone: object) -> None:
        """The first cell of a new row was filled in: from now on it is one."""
        found = Event.model_validate({"id": key, "precision": "order-only", **changes})

        def change(session: Session) -> Session:
            session = edits.insert_event(session, found, after)
            return edits.set_milestone(session, key, str(milestone)) if milestone else session

        drafts = self.look.drafts
        self.look = replace(self.look, drafts=tuple(each for each in drafts if each[0] != key))
        if not self.edit(f"Add {key}", change):
            self.show_as(drafts=drafts)

    def _set_star(self, key: str, milestone: str, starred: bool) -> None:
        """What the last column says: a milestone, a star alone, or neither."""
        label = f"Mark {key} as {milestone}" if milestone else f"{'Star' if starred else 'Unstar'} {key}"

        def change(session: Session) -> Session:
            session = edits.set_milestone(session, key, milestone)
            return edits.change(session, "events", {key}, starred=starred)

        self.edit(label, change)

    def set_milestone(self, key: str, milestone: str) -> None:
        """Mark a row, or take its mark away."""
        label = f"Mark {key} as {milestone}" if milestone else f"Take the milestone from {key}"
        self.edit(label, lambda session: edits.set_milestone(session, key, milestone))

    @on(Grid.EditorRequested, "#timeline")
    def _editor_requested(self, event: Grid.EditorRequested) -> None:
        event.stop()
        self.grid.move_cursor(event.row_key)
        self.action_external()

    def action_edit_cell(self) -> None:
        """Edit the cell under the cursor."""
        self.grid.action_open()

    @work
    async def action_milestone(self) -> None:
        """Mark the row with a milestone."""
        from screens.dialogs import Choice, Choose

        keys = self.rows_meant()
        if not keys:
            return
        row = next(event for event in self.bench.session.events if event.id == keys[0])
        choices = [Choice(name, name, meaning) for name, meaning in MILESTONES.items()]
        picked = await self.app.push_screen_wait(
            Choose(f"{row.id} is the moment when …", [Choice("-", "no milestone"), *choices], row.milestone)
        )
        if picked is not None:
            self.set_milestone(row.id, "" if picked == "-" else picked)

    def action_external(self) -> None:
        """Edit the text of the row in the person's own editor."""
        from screens.external import NoEditor, edit_text

        row = self.row
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
