"""Names to roles in the rows of the timeline."""

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from screens.people import choose_roles
from screens.timeline_table import TimelineTable


class TimelinePeople(TimelineTable):
    """The selected rows, or the one under the cursor, shown with roles in the place of names."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "roles", "Names to roles", show=False, id="timeline.roles"),
    ]

    @work
    async def action_roles(self) -> None:
        """Show names as roles, or names again; what was typed stays as it is."""
        await choose_roles(self, self.rows_meant())
