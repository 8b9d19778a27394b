"""The timeline and the rest of the world: blocks of text that are pasted in, the whole timeline that is copied out."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from textual import events, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType

from app.report.formats import TIMELINE_FORMATS, TimelineFormat
from app.review import capture, edits
from app.review.records import Event, Session
from screens.timeline_table import TimelineTable
from widgets.capture import CaptureInput

_NAMES: dict[TimelineFormat, str] = {
    "md": "Markdown",
    "csv": "CSV",
    "json": "JSON",
    "timesketch": "CSV for Timesketch",
    "mermaid": "a Mermaid diagram",
}


class TimelineExchange(TimelineTable):
    """Paste several lines to see the rows they would make; y copies the timeline."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy_timeline('md')", "Copy the timeline", show=False, id="timeline.copy"),
    ]

    def commands(self) -> Iterable[SystemCommand]:
        """What the palette offers besides: pasting, and copying in every format."""
        yield from super().commands()
        yield SystemCommand("Paste a block of text", "See the rows it would make", self.action_paste_block)
        for form in TIMELINE_FORMATS:
            yield SystemCommand(
                f"Copy the timeline as {_NAMES[form]}",
                "To the terminal's clipboard",
                partial(self.action_copy_timeline, form),
            )

    # In

    def on_mount(self) -> None:
        """Several lines pasted into the capture line are rows as well."""
        self.query_one(CaptureInput).takes_block = self.take_block

    def on_paste(self, event: events.Paste) -> None:
        """A paste that no field took is a block for the timeline."""
        if self.take_block(event.text):
            event.stop()

    def take_block(self, text: str) -> bool:
        """Ask about several lines at once; False for a single line, which belongs into the field."""
        if sum(bool(line.strip()) for line in text.splitlines()) < 2:
            return False
        self._paste(text)
        return True

    @work
    async def action_paste_block(self) -> None:
        """Ask for a block of text, and show its rows."""
        from screens.paste import PasteText

        text = await self.app.push_screen_wait(PasteText())
        if text and text.strip():
            self._paste(text)

    @work
    async def _paste(self, text: str) -> None:
        from screens.paste import LIMIT, PasteRows, candidates

        if self.bench.desk.read_only:
            self.say("This review is open for reading only; nothing was pasted.", "warning")
            return
        if len(text) > LIMIT:
            self.say(
                "That is too long to paste: save it to a file, and use `blamefree import FILE`.", "warning"
            )
            return
        found = await asyncio.to_thread(candidates, text, self.bench.as_shown, self._described)
        if not found:
            self.say("There is no row in that text.")
            return
        rows = await self.app.push_screen_wait(PasteRows(found))
        if rows:
            label = f"Paste {len(rows)} row{'' if len(rows) == 1 else 's'}"
            if self.edit(label, lambda session: with_rows(session, rows)):
                self.say(f"{label}. u takes them back.")

    def _described(self, event: Event) -> str:
        return capture.describe_event(event, self.bench.zone, self.bench.zone_name, self.bench.first_day)

    # Out

    @work
    async def action_copy_timeline(self, form: TimelineFormat) -> None:
        """Copy every row, through the terminal (works over SSH)."""
        from app.report.timeline import timeline

        text = await asyncio.to_thread(timeline, self.bench.as_shown, form)
        self.app.copy_to_clipboard(text)
        self.say(
            f"The timeline was sent to the terminal's clipboard as {_NAMES[form]}, times in {self.bench.zone_name}"
            " (inside tmux: set-clipboard must be on)."
        )


def with_rows(session: Session, rows: tuple[Event, ...]) -> Session:
    """The session with pasted rows: sorted into place where all have a time, else as they were written."""
    taken = {event.milestone for event in session.events} - {""}
    fresh = [each.model_copy(update={"milestone": ""}) if each.milestone in taken else each for each in rows]
    moments = [each.at for each in fresh if each.at]
    ordered = len(moments) == len(fresh) and moments == sorted(moments)
    return edits.add_all(session, "events", fresh, None if ordered else len(session.events))
