"""In which zone the times of the timeline are shown: that of the session, UTC, or the person's own."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType

from screens.timeline_table import TimelineTable

WHOSE = {"session": "the session's zone", "utc": "UTC", "person": "this machine's zone"}


class TimelineZone(TimelineTable):
    """One key shows every time in another zone, and says in which; the session is not changed by it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "zone", "Zone that times are shown in", show=False, id="timeline.zone"),
    ]

    def commands(self) -> Iterable[SystemCommand]:
        """What the palette offers besides."""
        yield from super().commands()
        yield SystemCommand(
            "Zone of the times on the screen", "The session's, UTC, this machine's", self.action_zone
        )

    def action_zone(self) -> None:
        """Show times in the next zone; what is typed is read in it, too."""
        before = self.bench.zone_name
        shown = self.bench.next_zone()
        if shown.name == before:
            self.say(f"Times are in {before}: the session's zone, UTC and this machine's zone are the same.")
        else:
            whose = "" if shown.name == WHOSE[shown.whose] else f", {WHOSE[shown.whose]}"
            self.say(f"Times are shown and read in {shown.name}{whose}.")
