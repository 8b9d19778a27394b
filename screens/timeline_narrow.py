"""Which rows of the timeline are shown."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from app.review.durations import spell
from app.review.filter import parse
from app.review.moments import Context
from app.review.records import Session
from app.text import cut
from screens.timeline_rows import QUIET
from screens.timeline_table import TimelineTable
from widgets.safe import content

HINT = "kind:a,b actor: source: tag: milestone: star: >10:15 10:15..10:30 -kind:gap"
"""What may be typed into the filter, said while nothing is."""


class TimelineNarrowing(TimelineTable):
    """A filter while typing, starred rows only, and how long a quiet stretch must be to be shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", id="timeline.filter"),
        Binding("g", "quiet", "Which quiet stretches are shown", show=False, id="timeline.quiet"),
        Binding("S", "stars_only", "Starred rows only", show=False, id="timeline.stars"),
    ]

    def filter_field(self) -> ComposeResult:
        """The field above the table and what is understood of it, hidden until it is asked for."""
        yield Input(
            id="filter",
            placeholder="filter all columns; Enter keeps it, Esc shows everything",
            select_on_focus=False,
        )
        yield Static(id="filtered")

    def show_session(self, session: Session) -> None:
        """Show the rows that the filter keeps: its times are those of the zone that is shown now."""
        self._understand()
        super().show_session(session)
        self._show_filter()

    def show_as(self, **changes: object) -> None:
        """Look at the timeline another way, and count again."""
        super().show_as(**changes)
        self._show_filter()

    def _understand(self) -> None:
        text = self.query_one("#filter", Input).value
        self.look = self.look.filtered(parse(text, Context(self.bench.first_day, self.bench.zone)))

    def _show_filter(self) -> None:
        """What the filter was understood as, and how many rows it keeps."""
        line = self.query_one("#filtered", Static)
        field = self.query_one("#filter", Input)
        line.set_class(field.has_class("-open"), "-open")
        if not field.has_class("-open") or self.rows is None:
            return
        room = max(8, self.size.width - 2)
        if not self.look.words:
            line.update(content(cut(HINT, room)))
            return
        kept, all_ = len(self.rows.events), len(self.bench.session.events)
        count = f"{kept:,} of {all_:,} {'row' if all_ == 1 else 'rows'}: "
        line.update(content(count + cut(self.look.words.understood(), max(8, room - len(count)))))

    def action_filter(self) -> None:
        """Narrow the rows while typing."""
        field = self.query_one("#filter", Input)
        field.add_class("-open")
        field.focus()
        self._show_filter()

    def action_stars_only(self) -> None:
        """Show starred rows only, or all again."""
        self.show_as(stars=not self.look.stars)
        self.say("Starred rows only." if self.look.stars else "All rows.")

    def action_quiet(self) -> None:
        """Choose how long a stretch without a row must be to be pointed out."""
        quiet = QUIET[(QUIET.index(self.look.quiet) + 1) % len(QUIET)]
        self.show_as(quiet=quiet)
        self.say(
            f"Stretches of {spell(quiet)} without a row are shown."
            if quiet
            else "Quiet stretches are not shown."
        )

    @on(Input.Changed, "#filter")
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self._understand()
        self.show_as()

    @on(Input.Submitted, "#filter")
    def _filter_kept(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value:
            event.input.remove_class("-open")
        self._show_filter()
        self.grid.focus()

    def key_escape(self) -> None:
        """Show everything again."""
        field = self.query_one("#filter", Input)
        if field.has_class("-open"):
            field.value = ""
            field.remove_class("-open")
            self._show_filter()
            self.grid.focus()
