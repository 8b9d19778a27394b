"""Which rows of the timeline are shown."""

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from app.review import edits
from app.review.durations import read_length, short, spell
from app.review.filter import parse, warm
from app.review.moments import Context
from app.review.records import Session
from app.review.timeline import in_order
from app.text import cut
from screens.timeline_rows import QUIET
from screens.timeline_table import TimelineTable
from screens.workbench import Workbench
from widgets.line_input import LineInput
from widgets.safe import content
from widgets.still import Words

HINT = "kind:a,b actor: source: tag: milestone: star: >10:15 10:15..10:30 -kind:gap"
"""What may be typed into the filter, said while nothing is."""


class FilterField(LineInput):
    """Where the filter is typed; the arrows lead on into the rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Keep it"),
        Binding("down", "screen.rows", "Rows"),
        Binding("escape", "screen.unfilter", "All rows"),
    ]


class TimelineNarrowing(TimelineTable):
    """A filter while typing, starred rows only, and how long a quiet stretch must be to be shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "slash",
            "filter",
            "Filter",
            key_display="/",
            id="timeline.filter",
            tooltip="Filter the rows while typing: any column, kind: star: …",
        ),
        Binding(
            "g",
            "quiet",
            "Gaps: how long without a row is pointed out",
            show=False,
            id="timeline.quiet",
        ),
        Binding("S", "stars_only", "Starred rows only", show=False, id="timeline.stars"),
    ]

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._came_from = ""
        """The row that the cursor was on when the filter was opened."""

    def filter_field(self) -> ComposeResult:
        """The field above the table and what is understood of it, hidden until it is asked for."""
        yield FilterField(
            id="filter",
            placeholder="filter all columns; Enter keeps it, Esc shows everything",
            select_on_focus=False,
        )
        yield Words(id="filtered")

    def show_session(self, session: Session) -> None:
        """Show the rows that the filter keeps: its times are those of the zone that is shown now."""
        self._understand()
        wanted = session.display.quiet_s
        self.look = replace(self.look, quiet=QUIET if wanted is None else timedelta(seconds=max(0, wanted)))
        super().show_session(session)
        self._show_filter()

    def show_as(self, **changes: object) -> None:
        """Look at the timeline another way, and count again."""
        super().show_as(**changes)
        self._show_filter()

    def _understand(self) -> None:
        text = self.query_one("#filter", Input).value
        self.look = replace(self.look, words=parse(text, Context(self.bench.first_day, self.bench.zone)))

    def _show_filter(self) -> None:
        """What the filter was understood as, and how many rows it keeps."""
        line = self.query_one("#filtered", Static)
        field = self.query_one("#filter", Input)
        line.set_class(field.has_class("-open"), "-open")
        if not field.has_class("-open") or self.rows is None:
            return
        room = max(8, self.size.width - 2)
        if not self.look.words:
            line.update(content(cut(HINT, room)), layout=False)
            return
        kept, all_ = len(self.rows.events), len(self.bench.session.events)
        count = f"{kept:,} of {all_:,} {'row' if all_ == 1 else 'rows'}: "
        line.update(
            content(count + cut(self.look.words.understood(), max(8, room - len(count)))), layout=False
        )

    def action_filter(self) -> None:
        """Narrow the rows while typing."""
        self._came_from = self.grid.cursor_key or self._came_from
        field = self.query_one("#filter", Input)
        field.add_class("-open")
        field.focus()
        self._show_filter()
        self._warm()

    @work(thread=True, exclusive=True, group="filter", exit_on_error=False)
    def _warm(self) -> None:
        """Put the texts of the rows together before the first letter is typed."""
        warm(in_order(self.bench.session), Context(self.bench.first_day, self.bench.zone))

    def action_stars_only(self) -> None:
        """Show starred rows only, or all again."""
        self.show_as(stars=not self.look.stars)
        self.say("Starred rows only." if self.look.stars else "All rows.")

    @work
    async def action_quiet(self) -> None:
        """Choose how long a stretch without a row must be to be pointed out; the review remembers it."""
        from screens.dialogs import Ask

        now = self.look.quiet
        text = await self.app.push_screen_wait(
            Ask(
                "Point out stretches without a row from which length on?",
                short(now) if now else "never",
                hint="3m · 90s · 3 min 30 s · 1h · never",
                check=lambda typed: (
                    ""
                    if read_length(typed) is not None
                    else "Type a length: 3m, 90s, 3 min 30 s, 1h; or never."
                ),
            )
        )
        quiet = read_length(text) if text is not None else None
        if quiet is None or quiet == now:
            return
        what = f"stretches of {spell(quiet)} without a row" if quiet else "no quiet stretches"
        seconds = int(quiet.total_seconds())
        self.edit(f"Show {what}", lambda session: edits.set_display(session, quiet_s=seconds))

    @on(Input.Changed, "#filter")
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        if not event.input.has_class("-open"):
            return
        self._understand()
        self.show_as()
        # Where the row is kept that the cursor was on, the cursor is on it again.
        self.grid.move_cursor(self._came_from)

    @on(Input.Submitted, "#filter")
    def _filter_kept(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value:
            event.input.remove_class("-open")
        self._show_filter()
        self.grid.focus()

    def action_rows(self) -> None:
        """Go on in the rows that are left."""
        self.grid.focus()

    def key_escape(self) -> None:
        """Show everything again."""
        self.action_unfilter()

    def action_unfilter(self) -> None:
        """Show everything again: from the rows on the row that was found, from the field where it all began."""
        field = self.query_one("#filter", Input)
        if not field.has_class("-open"):
            return
        stays = self.grid.cursor_key if not field.has_focus else ""
        field.value = ""
        field.remove_class("-open")
        self._understand()
        self.show_as()
        self.grid.move_cursor(stays or self._came_from)
        self.grid.focus()
