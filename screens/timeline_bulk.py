"""Rows of the timeline changed together: each change is one step back."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from app.review import edits
from app.review.durations import read_length
from app.review.moments import Context, read_exactly, show
from app.review.records import Event
from app.review.timeline import event_by_id
from app.review.vocabulary import KINDS
from screens.timeline_table import TimelineTable, count, named

SHIFTED = 3
"""Rows whose new times are shown before they are shifted."""


def _text_of(row: Event, column: str) -> str:
    value = getattr(row, column)
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _tags(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for each in text.split(",") if (word := each.strip())))


class TimelineBulk(TimelineTable):
    """The selected rows, or the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d,delete", "delete", "Delete", id="timeline.delete", tooltip="Delete the selected rows"),
        Binding(
            "asterisk",
            "star",
            "Star",
            key_display="*",
            show=False,
            id="timeline.star",
            tooltip="Star the selected rows, or take their stars away",
        ),
        Binding("k", "kind", "Kind of the selected rows", show=False, id="timeline.kind"),
        Binding("b", "set", "Set a column of the selected rows", show=False, id="timeline.set"),
        Binding("D", "duplicate", "Duplicate the selected rows", show=False, id="timeline.duplicate"),
        Binding("w", "why", "Ask why: rows become nodes of step 3", show=False, id="timeline.why"),
        Binding("M", "merge", "Merge the selected rows into one", show=False, id="timeline.merge"),
        Binding(
            "t", "shift", "Shift the selected rows by a duration: +42s, -5m", show=False, id="timeline.shift"
        ),
    ]

    def action_delete(self) -> None:
        """Delete the selected rows; u brings them back."""
        keys = self.rows_meant()
        if keys and self.edit(named("Delete", keys), lambda session: edits.delete(session, "events", keys)):
            self.say(f"Deleted {count(keys, 'row')}. u brings {'them' if len(keys) > 1 else 'it'} back.")

    def action_duplicate(self) -> None:
        """Copy the selected rows, each behind its original."""
        keys = self.rows_meant()
        if keys:
            self.edit(named("Duplicate", keys), lambda session: edits.duplicate(session, "events", keys))

    def action_why(self) -> None:
        """Make the selected rows nodes of the whys; the rows stay, as their evidence."""
        from app.review.nodes_rows import rows_to_factors

        keys = self.rows_meant()
        if keys and self.edit(named("Ask why of", keys), lambda s: rows_to_factors(s, tuple(keys))):
            self.say(f"{count(keys, 'row')} on step 3 Whys now. u takes it back.")

    def action_merge(self) -> None:
        """Make one row of the selected ones; texts, sources and evidence of all stay."""
        keys = self.rows_meant()
        if len(keys) < 2:
            self.say("Select at least two rows with space, then press M.")
            return
        before = frozenset(keys)
        if self.edit(named("Merge", keys), lambda session: edits.merge_events(session, keys)):
            # The one that is left is the row in hand now, and nothing out of sight stays selected.
            left = next((row.id for row in self.bench.session.events if row.id in before), None)
            self.grid.select(())
            self.grid.move_cursor(left)

    def action_star(self) -> None:
        """Star the selected rows, or take their stars away: starred rows go into the report."""
        keys = self.rows_meant()
        if not keys:
            return
        starred = all(event.starred for event in self.events_of(keys))
        self.edit(
            named("Unstar" if starred else "Star", keys),
            lambda session: edits.change(session, "events", keys, starred=not starred),
        )

    @work
    async def action_kind(self) -> None:
        """Set the kind of all selected rows."""
        from screens.dialogs import Choice, Choose

        keys = self.rows_meant()
        if not keys:
            return
        picked = await self.app.push_screen_wait(
            Choose(
                f"Kind of {count(keys, 'row')}",
                [Choice(name, f"{sign} {name}") for name, sign in KINDS.items()],
            )
        )
        if picked:
            self.edit(
                named(f"Set kind {picked} of", keys),
                lambda session: edits.change(session, "events", keys, kind=picked),
            )

    @work
    async def action_set(self) -> None:
        """Set one column of all selected rows."""
        from screens.dialogs import Ask, Choice, Choose

        keys = self.rows_meant()
        if not keys:
            return
        rows = [event for event in self.bench.session.events if event.id in frozenset(keys)]
        starred = all(row.starred for row in rows)
        choices = [
            Choice("kind", "kind", "symptom, alert, action …"),
            Choice("source", "source", "where it was seen"),
            Choice("actor", "actor", "who acted"),
            Choice("star", "no star" if starred else "star", "starred rows go into the report"),
            Choice("shift", "shift in time", "+42s, -5m, +1h"),
            Choice("track", "track", "what ran beside the rest: T shows tracks side by side"),
            Choice("tags", "tags", "words with commas between them"),
        ]
        if len(keys) == 1:
            choices.append(Choice("milestone", "milestone", "one row only: started, detected …"))
        column = await self.app.push_screen_wait(Choose(f"Set for {count(keys)}", choices))
        once = {"kind": self.action_kind, "star": self.action_star, "shift": self.action_shift}
        if column in once:
            once[column]()
        elif column == "milestone":
            await self.app.run_action("milestone", self)
        elif column is not None:
            values = {_text_of(row, column) for row in rows}
            text = await self.app.push_screen_wait(
                Ask(
                    f"{column.capitalize()} of {count(keys)}",
                    values.pop() if len(values) == 1 else "",
                    hint="Right takes what is offered; empty text empties the column.",
                    suggestions=() if column == "tags" else self._used(column),
                )
            )
            if text is not None:
                value = _tags(text) if column == "tags" else text
                self.edit(
                    named(f"Set {column} “{text[:40]}” of" if text else f"Empty {column} of", keys),
                    lambda session: edits.change(session, "events", keys, **{column: value}),
                )

    @work
    async def action_shift(self) -> None:
        """Move the selected rows in time by a duration: +42s, -5m, +1h."""
        from screens.dialogs import Ask

        keys = self.rows_meant()
        if not keys:
            return
        timed = tuple(event for event in self.events_of(keys) if event.at is not None)
        if not timed:
            self.say("A row without a time cannot be shifted: give it one first.")
            return
        text = await self.app.push_screen_wait(
            Ask(
                f"Shift {count(keys, 'row')} by",
                hint="+42s, -5m, +1h, -3 min 30 s",
                check=lambda typed: (
                    ""
                    if read_shift(typed) is not None
                    else "Type a sign, a number and a unit: +42s, -5m, +1h."
                ),
                understand=lambda typed: self._shifted(timed, typed),
            )
        )
        if text and (by := read_shift(text)) is not None:
            self.edit(named(f"Shift by {text}", keys), lambda session: edits.shift_events(session, keys, by))

    def _shifted(self, rows: tuple[Event, ...], typed: str) -> str:
        """What the times would become: of the first rows, and how many more there are."""
        by = read_shift(typed)
        if by is None:
            return ""
        moved = edits.shift_events(self.bench.session, [row.id for row in rows], by)
        zone, day = self.bench.zone, self.bench.first_day
        lines = [
            f"{row.id} {show(row, zone, day)} → {show(after, zone, day)}"
            for row in rows[:SHIFTED]
            if (after := event_by_id(moved, row.id)) is not None
        ]
        if len(rows) > SHIFTED:
            lines.append(f"and {len(rows) - SHIFTED:,} more")
        return "\n".join(lines)


def read_shift(text: str) -> timedelta | None:
    """A duration by which rows move, as people type it: ``+42s``, ``-5m``, ``3 min 30 s``; forward without a sign."""
    typed = text.strip().replace("−", "-")
    signed = typed if typed[:1] in {"+", "-"} else f"+{typed}"
    zero = datetime(2000, 1, 1, tzinfo=UTC)
    if reading := read_exactly(signed, Context(zero.date(), UTC, zero)):
        return reading.at - zero
    length = read_length(signed[1:]) if any(each.isdigit() for each in typed) else None
    return None if length is None or typed[-1:].isdigit() else length if signed[0] == "+" else -length
