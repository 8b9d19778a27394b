"""Step 6, what happens afterwards: the look back four weeks later."""

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from screens.frame import StepScreen
from screens.frame_base import READ_ONLY

if TYPE_CHECKING:
    from app.tracking.followup import FollowedUp


class TrackAfter(StepScreen):
    """The follow-up of the review, written into it after a look."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "F",
            "look_back",
            "Look back",
            tooltip="What became of it, four weeks later",
            show=False,
            id="track.back",
        ),
    ]

    @work
    async def action_look_back(self) -> None:
        """What was done, declined and why, what is open, and relatives of this incident; written if wanted."""
        import asyncio

        from app.tracking.followup import as_text, with_follow_up
        from screens.dialogs import Confirm

        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        found = await asyncio.to_thread(self._found)
        sure = await self.app.push_screen_wait(
            Confirm("The review, looked back upon", as_text(found), "Write it into the review")
        )
        if sure:
            self.edit("Follow up", lambda session: with_follow_up(session, found))

    def _found(self) -> "FollowedUp":
        from app.store.shelf import shelf
        from app.tracking.followup import follow_up
        from app.tracking.review import Known

        folder = self.bench.desk.folder
        others = [
            Known(each.title, each.session, str(each.folder))
            for each in shelf(folder.parent)
            if not each.problem and each.folder.resolve() != folder
        ]
        today = self.bench.now().astimezone(self.bench.zone).date()
        return follow_up(self.bench.session, others, today)
