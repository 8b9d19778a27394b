"""Editing the timeline cell by cell, in place or in the person's own editor."""

from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from app.review import edits
from app.review.vocabulary import KINDS, MILESTONES
from screens.editing import NotUnderstood, time_changes, word_of
from screens.timeline_table import TimelineTable
from widgets.grid import Grid


class TimelineCells(TimelineTable):
    """One cell at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit_cell", "Edit", show=False, id="timeline.edit"),
        Binding("m", "milestone", "Milestone", id="timeline.milestone"),
        Binding("ctrl+e", "external", "Edit the row's text in $EDITOR", show=False, id="timeline.editor"),
    ]

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
            self._set_milestone(row.id, "" if picked == "-" else picked)

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
