"""Step 4: what will change, who does it, by when, and how the team will know that it is done."""

import re
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static, TextArea

from app.review import capture, edits
from app.review.completion import Known, action_words
from app.review.records import Action, Session
from app.review.vocabulary import ACTION_KINDS, ACTION_STATUSES, PRIORITIES
from app.review.writing import Spot
from app.text import cell_len, cut
from screens.actions_rows import SORTS, action_rows, lacks
from screens.editing import NotUnderstood, due_changes, one_of, word_of
from screens.frame import StepScreen
from widgets.grid import Column, Grid, Row
from widgets.safe import content

ADDED = "Begin an action for"
"""The name of the edit that adds an action without a text, for a factor."""

WIDE = 160
"""Columns from which on the grid has room for the whole of most actions."""

_FIELDS = ("owner", "due", "priority", "kind", "status", "done_when", "factors")


class ActionsScreen(StepScreen):
    """The grid of actions, with the parking lot beside it."""

    STEP = "actions"
    MAIN = "#actions"
    PLACEHOLDER = "Alert on pool use > 80 % for 5 min @bob fri !high -> fires in staging"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit_cell", "Edit", show=False, id="actions.edit"),
        Binding("d,delete", "delete", "Delete", id="actions.delete"),
        Binding("b", "bulk", "Set on selected", id="actions.bulk"),
        Binding("o", "sort", "Sort", id="actions.sort"),
        Binding("D", "duplicate", "Duplicate", show=False, id="actions.duplicate"),
        Binding("k", "parked", "Parking lot", id="actions.parked"),
        Binding("f", "from_factor", "Action from a factor", show=False, id="actions.factor"),
        Binding("ctrl+e", "external", "Edit the text in $EDITOR", show=False, id="actions.editor"),
    ]

    DEFAULT_CSS = """
    ActionsScreen #detail { height: auto; max-height: 6; padding: 0 1; background: $panel; }
    ActionsScreen.-low #detail { max-height: 2; }
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._sort = "id"
        self._fresh = ""
        """The action that was begun for a factor, until it has a text."""

    def body(self) -> ComposeResult:
        """The grid, and what the row under the cursor and the session still lack."""
        yield Grid(
            self._columns(),
            empty="No actions yet: press n and type what will change, @owner, a date, !priority -> done when",
            id="actions",
        )
        yield Static(id="detail")

    def _columns(self, rows: Sequence[Row] = ()) -> tuple[Column, ...]:
        """The columns, those of short words only as wide as what stands in them: the room is the action's."""

        def width(index: int, least: int, most: int) -> int:
            return max(least, min(most, max((cell_len(row.cells[index]) for row in rows), default=0)))

        owner, due, status = width(3, 7, 14), width(4, 7, 15), width(9, 8, 11)

        def title(key: str, text: str) -> str:
            return f"{text} ▴" if key == self._sort else text

        owners = tuple(sorted({action.owner for action in self.bench.session.actions} - {""}))
        return (
            Column("id", title("id", "id"), 6, editable=False),
            Column("text", "action", grow=3, min_width=24),
            Column("done_when", "done when", grow=2, min_width=12, priority=40),
            Column("owner", title("owner", "owner"), owner, suggestions=owners, placeholder="@who"),
            Column("due", title("due", "due"), due, placeholder="fri, +2w, 2025-02-16"),
            Column("priority", title("priority", "pri"), 6, priority=70, suggestions=PRIORITIES),
            Column("kind", "kind", 8, min_width=7, priority=20, suggestions=ACTION_KINDS),
            Column("gate", "gate", 4, editable=False, priority=60),
            Column("factors", "factor", 8, min_width=6, priority=30),
            Column("status", title("status", "status"), status, priority=50, suggestions=ACTION_STATUSES),
        )

    @property
    def grid(self) -> Grid:
        """The table of actions."""
        return self.query_one("#actions", Grid)

    def show_session(self, session: Session) -> None:
        """Show the actions in the chosen order."""
        today = self.bench.now().astimezone(self.bench.zone).date()
        rows = action_rows(session, today, self._sort, self.bench.first_day.year)
        columns = self._columns(rows)
        if columns != self.grid.columns:
            self.grid.set_columns(columns)
        self.grid.set_rows(rows)
        self._show_detail()

    def on_resize(self) -> None:
        """What the grid has no room for stands below it."""
        super().on_resize()
        self._show_detail()

    def _current(self) -> Action | None:
        key = self.grid.cursor_key
        return next((action for action in self.bench.session.actions if action.id == key), None)

    @on(Grid.RowHighlighted, "#actions")
    def _highlighted(self, event: Grid.RowHighlighted) -> None:
        event.stop()
        self._show_detail()

    def _show_detail(self) -> None:
        session, here = self.bench.session, self._current()
        lines = []
        if here is not None:
            missing = lacks(here)
            if self.size.width < WIDE:
                done = f"   done when: {here.done_when}" if here.done_when else ""
                lines.append(cut(f"{here.text}{done}", 2 * self.size.width - 4))
            if missing and here.status != "declined":
                lines.append(f"└ {here.id} has no {', no '.join(missing)}")
            if here.ticket and here.ticket.url:
                state = cut(here.ticket.state, 20) or "state unknown"
                lines.append(f"└ ticket {cut(here.ticket.url, 100)} ({state})")
            if here.reason:
                lines.append(f"└ {here.status}: {cut(here.reason, 140)}")
        linked = {each for action in session.actions for each in action.factors}
        loose = [
            factor
            for factor in session.factors
            if factor.id not in linked and factor.kind not in {"event", "saver"}
        ]
        if loose and session.actions:
            named = " · ".join(f"{cut(factor.id, 6)} {cut(factor.text, 28)}" for factor in loose[:3])
            more = f" (+{len(loose) - 3})" if len(loose) > 3 else ""
            lines.append(f"factors without an action: {named}{more}   f makes one")
        waiting = [parked for parked in session.parked if not parked.outcome]
        if waiting:
            lines.append(f"parking lot ({len(waiting)}): “{cut(waiting[0].text, 50)}”   k decides")
        detail = self.query_one("#detail", Static)
        detail.display = bool(lines)
        detail.update(content("\n".join(lines)))

    # The capture line

    def words(self, session: Session) -> Known:
        """What a line may be completed to."""
        return action_words(session)

    def understand(self, text: str) -> str:
        """Say which action a line would become."""
        return capture.describe_action(capture.action(text, self._today()))

    def said(self, text: str) -> str:
        """What is to be done, without owner, date and priority."""
        return capture.action(text, self._today()).text

    def is_prose(self, field: Input | TextArea) -> bool:
        """The action and its done-when."""
        return super().is_prose(field) or self.grid.editing_column in {"text", "done_when"}

    def spots_here(self) -> tuple[Spot, ...]:
        """The action's own words."""
        here = self.grid.cursor_key
        return (Spot("actions", "text", here), Spot("actions", "done_when", here)) if here else ()

    def enter(self, text: str) -> None:
        """Add the action."""
        self._add(capture.action(text, self._today()))

    def _today(self) -> date:
        return self.bench.now().astimezone(self.bench.zone).date()

    def _add(self, action: Action) -> None:
        if self.edit(
            f"Add action “{action.text[:40]}”", lambda session: edits.add(session, "actions", action)
        ):
            self.show_session(self.bench.session)
            self.grid.move_cursor(self.bench.session.actions[-1].id)

    # Cells and rows

    @on(Grid.CellEdited, "#actions")
    def _cell_edited(self, event: Grid.CellEdited) -> None:
        event.stop()
        self._fresh = ""
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
            return {"status": status, "closed_on": self._today() if status in {"done", "declined"} else None}
        if field == "factors":
            wanted = [word.upper() for word in re.split(r"[\s,]+", text) if word not in {"", "-"}]
            known = {factor.id for factor in self.bench.session.factors}
            strange = [word for word in wanted if word not in known]
            if strange:
                raise NotUnderstood(
                    f"There is no factor {strange[0]}: type ids such as {', '.join(sorted(known)[:3]) or 'F1'}."
                )
            return {"factors": tuple(dict.fromkeys(wanted))}
        if field == "owner":
            return {"owner": "" if text.strip() == "-" else text.strip()}
        return {field: text}

    def _rows_meant(self) -> tuple[str, ...]:
        keys = self.grid.selected_keys or (self.grid.cursor_key,)
        return tuple(key for key in keys if key)

    def action_edit_cell(self) -> None:
        """Edit the cell under the cursor."""
        self.grid.action_open()

    def action_delete(self) -> None:
        """Delete the selected actions; u brings them back."""
        keys = self._rows_meant()
        name = keys[0] if len(keys) == 1 else f"{len(keys)} actions"
        if keys and self.edit(f"Delete {name}", lambda session: edits.delete(session, "actions", keys)):
            self.say(f"Deleted {name}. u brings {'it' if len(keys) == 1 else 'them'} back.")

    def action_duplicate(self) -> None:
        """Copy the selected actions."""
        keys = self._rows_meant()
        if keys:
            self.edit("Duplicate actions", lambda session: edits.duplicate(session, "actions", keys))

    @work
    async def action_bulk(self) -> None:
        """Set one field on all selected actions."""
        from screens.dialogs import Ask, Choice, Choose

        keys = self._rows_meant()
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
        self._sort = SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)]
        self.show_session(self.bench.session)

    @on(Grid.HeaderClicked, "#actions")
    def _header_clicked(self, event: Grid.HeaderClicked) -> None:
        event.stop()
        if event.column_key in SORTS:
            self._sort = event.column_key
            self.show_session(self.bench.session)

    # The parking lot, and factors

    @work
    async def action_parked(self) -> None:
        """Decide about what was parked: make an action, keep as an open question, drop with a reason."""
        from screens.dialogs import Ask, Choice, Choose

        waiting = [parked for parked in self.bench.session.parked if not parked.outcome]
        if not waiting:
            self.say("The parking lot is empty. p parks an idea.")
            return
        key = await self.app.push_screen_wait(
            Choose("Parking lot", [Choice(each.id, each.text) for each in waiting])
        )
        parked = next((each for each in waiting if each.id == key), None)
        if parked is None:
            return
        outcome = await self.app.push_screen_wait(
            Choose(
                f"“{parked.text[:50]}”",
                [
                    Choice("action", "make an action"),
                    Choice("question", "keep as an open question"),
                    Choice("dropped", "drop, with a reason"),
                ],
            )
        )
        if outcome is None:
            return
        reason = ""
        if outcome == "dropped":
            asked = await self.app.push_screen_wait(
                Ask("Why is it dropped?", hint="One sentence; it stays in the session.")
            )
            if asked is None:
                return
            reason = asked

        def change(session: Session) -> Session:
            session = edits.change(session, "parked", {parked.id}, outcome=outcome, reason=reason)
            if outcome == "action":
                session = edits.add(session, "actions", Action(text=parked.text))
            return session

        self.edit(f"Decide about {parked.id}: {outcome}", change)

    @work
    async def action_from_factor(self) -> None:
        """Make an action for a factor that has none."""
        from screens.dialogs import Choice, Choose

        linked = {each for action in self.bench.session.actions for each in action.factors}
        loose = [factor for factor in self.bench.session.factors if factor.id not in linked]
        if not loose:
            self.say("Every factor has an action, or there are no factors yet.")
            return
        key = await self.app.push_screen_wait(
            Choose(
                "Make an action for which factor?", [Choice(each.id, each.text, each.id) for each in loose]
            )
        )
        if key and self.edit(
            f"{ADDED} {key}", lambda session: edits.add(session, "actions", Action(factors=(key,)))
        ):
            self._fresh = self.bench.session.actions[-1].id
            self.show_session(self.bench.session)
            self.grid.edit(self._fresh, "text")

    @on(Grid.EditCancelled, "#actions")
    def _cell_left(self, event: Grid.EditCancelled) -> None:
        """An action that was begun for a factor and never got a text leaves no trace."""
        event.stop()
        fresh, self._fresh = self._fresh, ""
        if event.row_key == fresh and self.bench.desk.labels()[-1:][0].startswith(ADDED):
            self.bench.desk.undo()

    def action_external(self) -> None:
        """Edit the action's text in the person's own editor."""
        from screens.external import NoEditor, edit_text

        here = self._current()
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
