"""Which rows of the timeline are shown."""

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from app.review.durations import spell
from screens.timeline_rows import QUIET
from screens.timeline_table import TimelineTable


class TimelineNarrowing(TimelineTable):
    """A filter while typing, starred rows only, and how long a quiet stretch must be to be shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", id="timeline.filter"),
        Binding("g", "quiet", "Which quiet stretches are shown", show=False, id="timeline.quiet"),
        Binding("S", "stars_only", "Starred rows only", show=False, id="timeline.stars"),
    ]

    def filter_field(self) -> Input:
        """The field above the table, hidden until it is asked for."""
        return Input(
            id="filter",
            placeholder="filter all columns; Enter keeps it, Esc shows everything",
            select_on_focus=False,
        )

    def action_filter(self) -> None:
        """Narrow the rows while typing."""
        field = self.query_one("#filter", Input)
        field.add_class("-open")
        field.focus()

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
        self.show_as(words=event.value)

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
