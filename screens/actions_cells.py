"""The cells of the actions edited in place, and rows changed together."""

import re
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from app.review import edits
from app.review.vocabulary import ACTION_KINDS, ACTION_STATUSES, PRIORITIES
from screens.actions_rows import SORTS
from screens.actions_table import ActionsTable
from screens.editing import NotUnderstood, due_changes, one_of, word_of
from widgets.grid import Grid

_FIELDS = ("owner", "sponsor", "due", "priority", "kind", "status", "done_when", "factors")


class ActionsCells(ActionsTable):
    """Every cell, one field of several actions, deleting, copying, sorting."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit_cell", "Edit", show=False, id="actions.edit"),
        Binding("delete,X", "delete", "Delete", key_display="del X", show=False, id="actions.delete"),
        Binding("b", "bulk", "Set on selected", show=False, id="actions.bulk"),
        Binding("o", "sort", "Sort", show=False, id="actions.sort"),
        Binding("D", "duplicate", "Duplicate", show=False, id="actions.duplicate"),
        Binding("ctrl+e", "external", "Edit the text in $EDITOR", show=False, id="actions.editor"),
    ]

    @on(Grid.CellEdited, "#actions")
    def _cell_edited(self, event: Grid.CellEdited) -> None:
        event.stop()
        self.begun = ""
        self._set(event.column_key, event.new, (event.row_key,))

    def _set(self, field: str, text: str, keys: tuple[str, ...]) -> None:
        try:
            changes = self._changes(field, text)
        except NotUnderstood as problem:
            self.say(str(problem), "warning")
            return
        name = keys[0] if len(keys) == 1 else f"{len(keys)} actions"
        self.edit(
            f"Set {field.replace('_', ' ')} of {name}", lambda s: edits.change(s, "actions", keys, **changes)
        )

    def _changes(self, field: str, text: str) -> dict[str, object]:
        if field == "due":
            return due_changes(text, self.bench)
        if field == "priority":
            return {"priority": word_of(text, PRIORITIES)}
        if field == "kind":
            return {"kind": word_of(text, ACTION_KINDS)}
        if field == "status":
            status = one_of(text, ACTION_STATUSES, "a status")
            return {"status": status, "closed_on": self.today if status in {"done", "declined"} else None}
        if field == "factors":
            wanted = [word.upper() for word in re.split(r"[\s,]+", text) if word not in {"", "-"}]
            known = {factor.id for factor in self.bench.session.factors}
            strange = [word for word in wanted if word not in known]
            if strange:
                raise NotUnderstood(
                    f"There is no factor {strange[0]}: type ids such as {', '.join(sorted(known)[:3]) or 'F1'}."
                )
            return {"factors": tuple(dict.fromkeys(wanted))}
        if field in {"owner", "sponsor"}:
            return {field: "" if text.strip() == "-" else text.strip()}
        return {field: text}

    def action_edit_cell(self) -> None:
        """Edit the cell under the cursor."""
        self.grid.action_open()

    def action_delete(self) -> None:
        """Delete the selected actions; u brings them back."""
        keys = self.rows_meant()
        name = keys[0] if len(keys) == 1 else f"{len(keys)} actions"
        if keys and self.edit(f"Delete {name}", lambda session: edits.delete(session, "actions", keys)):
            self.say(f"Deleted {name}. u brings {'it' if len(keys) == 1 else 'them'} back.")

    def action_duplicate(self) -> None:
        """Copy the selected actions."""
        keys = self.rows_meant()
        if keys:
            self.edit("Duplicate actions", lambda session: edits.duplicate(session, "actions", keys))

    @work
    async def action_bulk(self) -> None:
        """Set one field on all selected actions."""
        from screens.dialogs import Ask, Choice, Choose

        keys = self.rows_meant()
        if not keys:
            return
        name = keys[0] if len(keys) == 1 else f"{len(keys)} actions"
        field = await self.app.push_screen_wait(
            Choose(f"Set which field of {name}?", [Choice(each, each.replace("_", " ")) for each in _FIELDS])
        )
        if not field:
            return

        def check(text: str) -> str:
            try:
                self._changes(field, text)
            except NotUnderstood as problem:
                return str(problem)
            return ""

        text = await self.app.push_screen_wait(
            Ask(f"{field.replace('_', ' ').capitalize()} of {name}", check=check)
        )
        if text is not None:
            self._set(field, text, keys)

    def action_sort(self) -> None:
        """Sort by the next field."""
        self.sorted_by = SORTS[(SORTS.index(self.sorted_by) + 1) % len(SORTS)]
        self.show_session(self.bench.session)

    @on(Grid.HeaderClicked, "#actions")
    def _header_clicked(self, event: Grid.HeaderClicked) -> None:
        event.stop()
        if event.column_key in SORTS:
            self.sorted_by = event.column_key
            self.show_session(self.bench.session)

    def action_external(self) -> None:
        """Edit the action's text in the person's own editor."""
        from screens.external import NoEditor, edit_text

        here = self.current
        if here is None:
            return
        try:
            text = edit_text(self.app, here.text)
        except NoEditor as problem:
            self.say(str(problem), "warning")
            return
        if text is not None:
            self.edit(
                f"Edit {here.id}", lambda session: edits.change(session, "actions", {here.id}, text=text)
            )
