"""Rows of the timeline made of other rows: folded, unfolded, parted."""

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from app.review import capture, rows
from app.review.records import Event
from screens.editing import reading_context
from screens.timeline_rows import LINE_BREAK
from screens.timeline_table import TimelineTable

PARTING = "||"
"""What a person types where a row parts."""


class TimelineReshape(TimelineTable):
    """Equal rows become one line and are rows again; one row becomes two."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "fold", "Fold rows equal to this one, or unfold", show=False, id="timeline.fold"),
        Binding("F", "fold_all", "Fold all equal rows, or unfold all", show=False, id="timeline.fold_all"),
        Binding(
            "vertical_line", "split", "Split the row in two", key_display="|", show=False, id="timeline.split"
        ),
        Binding("r,ctrl+f", "find_replace", "Find and replace", show=False, id="timeline.replace"),
    ]

    @work
    async def action_find_replace(self) -> None:
        """Find and replace in the selected rows, or in all that are shown; seen and counted before."""
        from app.review import replacing
        from screens.replacing import FindReplace

        picked = frozenset(rows.with_folded(self.bench.session, self.grid.selected_keys))
        shown = self.rows.events if self.rows else ()
        within = picked or frozenset(rows.with_folded(self.bench.session, (row.id for row in shown)))
        found = [row for row in self.bench.session.events if row.id in within]
        if not found:
            return
        where = f"{len(found):,} {'selected' if picked else 'shown'} {_rows(len(found))}"
        wanted = await self.app.push_screen_wait(FindReplace(found, where))
        if wanted is not None:
            put = f"Replace “{wanted.find[:30]}” by “{wanted.put[:30]}”"
            changed = len({each.row for each in replacing.changes(found, wanted)})
            self.edit(
                f"{put} in {changed:,} {_rows(changed)}",
                lambda session: replacing.replace(session, within, wanted),
            )

    def action_fold(self) -> None:
        """Fold the rows that say the same as the selected ones, or show what is folded into them."""
        keys = self.grid.selected_keys or (self.grid.cursor_key,)
        known = rows.folded(self.bench.session)
        open_ = tuple(key for key in keys if key in known)
        if open_:
            number = sum(len(known[key]) for key in open_)
            self.edit(
                f"Unfold {number} {_rows(number)} from {open_[0]}",
                lambda session: rows.unfold(session, open_),
            )
            return
        self._fold(keys, "No other row of this minute and source says the same.")

    def action_fold_all(self) -> None:
        """Fold every group of equal rows; when all are folded, show them all again."""
        session = self.bench.session
        if rows.fold(session) == session and (known := rows.folded(session)):
            number = sum(map(len, known.values()))
            self.edit(f"Unfold {number} {_rows(number)}", rows.unfold)
            return
        self._fold(None, "No two rows of one minute and source say the same.")

    def _fold(self, keys: tuple[str, ...] | None, nothing: str) -> None:
        before, after = (
            rows.folded(each) for each in (self.bench.session, rows.fold(self.bench.session, keys))
        )
        number = sum(map(len, after.values())) - sum(map(len, before.values()))
        if number < 1:
            self.say(nothing)
        elif self.edit(f"Fold {number} equal {_rows(number)}", lambda session: rows.fold(session, keys)):
            self.say(f"Folded {number} {_rows(number)}: f on the line shows them again.")

    @work
    async def action_split(self) -> None:
        """Part the row under the cursor; each part may begin with its own time and end with its own marks."""
        from screens.dialogs import Ask

        row = self.row
        if row is None:
            return
        text = row.text.replace("\n", LINE_BREAK)
        typed = await self.app.push_screen_wait(
            Ask(
                f"Split {row.id} where {PARTING} stands",
                _parted(text),
                hint="Each part may begin with a time and end with @who #kind <source>.",
                check=lambda typed: "" if len(_parts(typed)) > 1 else f"Type {PARTING} where the row parts.",
                understand=lambda typed: self._split_into(row, typed),
            )
        )
        if typed is None:
            return
        parts = self._read_parts(row, typed)
        self.edit(
            f"Split {row.id} into {len(parts)} rows", lambda session: rows.split(session, row.id, parts)
        )

    def _read_parts(self, row: Event, typed: str) -> list[Event]:
        context = reading_context(self.bench, row.id)
        first, *others = _parts(typed)
        parts = [Event(text=_lines(first)), *(capture.event(each, context) for each in others)]
        return [part.model_copy(update={"text": _lines(part.text)}) for part in parts]

    def _split_into(self, row: Event, typed: str) -> str:
        """The rows that would come of it, one a line."""
        if len(_parts(typed)) < 2:
            return ""
        zone, name, day = self.bench.zone, self.bench.zone_name, self.bench.first_day
        first, *others = self._read_parts(row, typed)
        # A part that names no time has that of the row.
        own = {"at": row.at, "until": row.until, "precision": row.precision, "about": row.about}
        whole = [first, *others]
        told = [each if each.at else each.model_copy(update=own) for each in whole]
        return "\n".join(capture.describe_event(each, zone, name, day) for each in told[:4])


def _rows(number: int) -> str:
    return "row" if number == 1 else "rows"


def _lines(text: str) -> str:
    return text.replace(LINE_BREAK, "\n")


def _parts(typed: str) -> list[str]:
    return [part.strip() for part in typed.split(PARTING) if part.strip()]


def _parted(text: str) -> str:
    """*text* with a proposal where it parts: where two texts were joined, or the first sentence ends."""
    for joint in (LINE_BREAK, "; ", ". ", ", then ", " and "):
        head, found, tail = text.partition(joint)
        if found and head.strip() and tail.strip():
            return f"{head}{'.' if joint == '. ' else ''} {PARTING} {tail}"
    return f"{text} {PARTING} "
