"""The timeline in parallel tracks: what each source, actor or tag did, beside what the others did meanwhile."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from screens.timeline_lanes import NAMES, By, LaneRows, kinds_of_tracks, lane_columns
from screens.timeline_rows import TimelineRows
from screens.timeline_table import TimelineTable
from screens.workbench import Workbench
from widgets.columns import Column, Row


class TimelineTracks(TimelineTable):
    """The same rows and the same cursor; only where their texts stand is another."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "T", "tracks", "Tracks side by side: by source, actor, tag", show=False, id="timeline.tracks"
        ),
    ]

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._by: By = ""
        self._lanes: LaneRows | None = None

    @property
    def tracked(self) -> By:
        """What the tracks are told apart by; nothing for one list."""
        return self._by

    def arranged(self, rows: TimelineRows) -> Sequence[Row]:
        """The rows as the table shows them."""
        self._lanes = LaneRows(rows, self._by, self.size.width) if self._by else None
        return self._lanes or rows

    def _columns(self) -> tuple[Column, ...]:
        columns = super()._columns()
        return lane_columns(columns, self._lanes.lanes) if self._lanes else columns

    def on_resize(self) -> None:
        """A wider terminal has room for more tracks."""
        if self._by:
            self.show_as()

    def action_tracks(self) -> None:
        """Put the rows into tracks by source, by actor, by tag, and into one list again."""
        known: tuple[By, ...] = ("", *kinds_of_tracks(self.bench.session.events))
        if len(known) == 1:
            self.say("All rows are of one track: no source, actor, tag or track tells them apart.")
            return
        self._by = known[(known.index(self._by) + 1) % len(known)] if self._by in known else ""
        self.show_as()
        self.say(f"Tracks by {NAMES[self._by]}: T goes on." if self._by else "One list.")
