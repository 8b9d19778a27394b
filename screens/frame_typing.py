"""The capture line on every step: understood at each key, completed, kept as a draft, entered."""

from typing import TYPE_CHECKING

from textual import on, work
from textual.timer import Timer

from app.review import edits
from app.review.records import Parked, Session
from app.text import one_line
from screens.frame_base import FrameBase
from screens.workbench import Workbench
from widgets.capture import CaptureLine

if TYPE_CHECKING:
    from app.review.completion import Known

DRAFT_AFTER = 0.3
"""Seconds after the last key at which half-typed text goes to the journal."""


class FrameTyping(FrameBase):
    """One line that turns speech into a record, and the parking lot that it can be sent to."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._draft: Timer | None = None
        self._known: tuple[Session | None, Known] = (None, {})

    def action_capture(self) -> None:
        """Put the cursor into the capture line."""
        self.capture.focus()

    def _understand_any(self, text: str) -> str:
        if text.startswith("p ") and text[2:].strip():
            return f"park: “{text[2:].strip()}”"
        return self.understand(text) if text.strip() else ""

    @property
    def known(self) -> "Known":
        """What the session knows, collected once for every value that it has."""
        if self._known[0] is not self.bench.session:
            self._known = (self.bench.session, self.words(self.bench.session))
        return self._known[1]

    def _completions(self, text: str) -> tuple[str, ...]:
        if not text:
            return ()
        from app.review.completion import completions

        return completions(text, self.known)

    @on(CaptureLine.Submitted)
    def _captured(self, event: CaptureLine.Submitted) -> None:
        event.stop()
        text = one_line(event.text).strip()
        if not text:
            return
        if text.startswith("p ") and text[2:].strip():
            self._park(text[2:].strip())
        else:
            self.enter(text)
        self._keep_draft("")

    @on(CaptureLine.Changed)
    def _typing(self, event: CaptureLine.Changed) -> None:
        event.stop()
        if self._draft is not None:
            self._draft.stop()
        self._draft = self.set_timer(DRAFT_AFTER, lambda: self._keep_draft(self.capture.text))

    @on(CaptureLine.TooLong)
    def _too_long(self, event: CaptureLine.TooLong) -> None:
        event.stop()
        self.say(
            f"{event.size:,} characters are too many for one line: save them as a file and add it on Collect.",
            "warning",
        )

    @on(CaptureLine.Left)
    def _left(self, event: CaptureLine.Left) -> None:
        event.stop()
        self.keep_draft_now()
        self.query_one(self.MAIN).focus()

    def keep_draft_now(self) -> None:
        """Write half-typed text to the journal at once: the terminal is going away."""
        self._keep_draft(self.capture.text)

    def _keep_draft(self, text: str) -> None:
        if self._draft is not None:
            self._draft.stop()
            self._draft = None
        if not self.bench.desk.read_only and text != self.bench.desk.drafts().get(self.STEP, ""):
            self.bench.desk.draft(self.STEP, text)

    @work
    async def action_park(self) -> None:
        """Park an idea, a question, or a fix named too early."""
        from screens.dialogs import Ask

        text = await self.app.push_screen_wait(
            Ask(
                "Park an idea",
                hint="It waits on the actions screen: an idea, a question, a fix named too early.",
            )
        )
        if text:
            self._park(text)

    def _park(self, text: str) -> None:
        if self.edit("Park an idea", lambda session: edits.add(session, "parked", Parked(text=text))):
            self.say(f"Parked: {text}")
