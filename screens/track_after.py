"""Step 6, what happens afterwards: the look back four weeks later."""

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from screens.editing import reading_context
from screens.frame_base import READ_ONLY
from screens.sending import SendsReport

if TYPE_CHECKING:
    from app.tracking.followup import FollowedUp


class TrackAfter(SendsReport):
    """The follow-up of the review, written into it after a look."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("F", "look_back", "Look back: what became of it", show=False, id="track.back"),
        Binding("m", "meeting", "When the review meeting is", show=False, id="track.meeting"),
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

    @work
    async def action_meeting(self) -> None:
        """Set when the review meeting begins, for the calendar; empty takes it away."""
        from app.review import edits
        from app.review.moments import read_exactly
        from screens.dialogs import Ask

        meeting = self.bench.session.follow_up.meeting
        context = reading_context(self.bench)

        def check(text: str) -> str:
            fits = not text or read_exactly(text, context)
            return "" if fits else f"“{text}” is not a time: type 2025-02-10 14:00."

        text = await self.app.push_screen_wait(
            Ask(
                f"When is the review meeting ({self.bench.zone_name})?",
                f"{meeting.astimezone(self.bench.zone):%Y-%m-%d %H:%M}" if meeting else "",
                "2025-02-10 14:00. It goes into the calendar. Empty takes it away.",
                check,
            )
        )
        if text is not None:
            reading = read_exactly(text, context) if text else None
            at = reading.at if reading else None
            self.edit("Set the review meeting", lambda session: edits.set_follow_up(session, meeting=at))

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
