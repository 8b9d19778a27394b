"""The frame around every step: who and when, the road of six steps, the capture line, the keys.

A step's screen says what its body is, how its capture line is understood, and what happens when a line is
entered; saving, undoing, jumping, parking and the checklist work the same everywhere. This module puts the
frame together; its parts are in the modules of their names.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import Screen

from app.review import edits
from app.review.records import Session
from screens.frame_header import FrameHeader
from screens.frame_history import FrameHistory
from screens.frame_keys import FRAME_KEYS, keys_of, shown_keys
from screens.frame_typing import FrameTyping
from screens.frame_wording import FrameWording
from screens.room import LOW, Enlarge, mind_the_room
from screens.workbench import STEPS
from widgets.capture import CaptureLine
from widgets.keybar import KeyBar
from widgets.prompt import PromptLine
from widgets.stepbar import Header, Step, StepBar
from widgets.wording import WordingLine


class StepScreen(FrameHeader, FrameWording, FrameTyping, FrameHistory):
    """One of the six steps, with all that is the same on each of them around its body."""

    BINDINGS: ClassVar[list[BindingType]] = FRAME_KEYS

    DEFAULT_CSS = """
    StepScreen { layers: base overlay; }
    StepScreen > .body { height: 1fr; }
    StepScreen > .-silent { display: none; }
    StepScreen.-low PromptLine { max-height: 1; }
    StepScreen ToastRack { margin-bottom: 5; }
    StepScreen Toast { width: auto; max-width: 72; padding: 0 1; margin-top: 0; }
    """

    def compose(self) -> ComposeResult:
        """The frame, with the step's body in the middle."""
        names = [Step(number, step.capitalize()) for number, step in enumerate(STEPS, 1)]
        yield StepBar(Header(steps=tuple(names), current=STEPS.index(self.STEP) + 1, of=7))
        with Vertical(classes="body"):
            yield from self.body()
        yield PromptLine()
        yield CaptureLine(
            understand=self._understand_any,
            complete=self._completions,
            placeholder=self.PLACEHOLDER,
        )
        yield WordingLine()
        yield KeyBar()
        yield Enlarge()

    def on_mount(self) -> None:
        """Listen to the review, and show it."""
        bench = self.bench
        bench.changed.subscribe(self, self._session_changed)
        bench.saving.subscribe(self, self._show_saving)
        bench.ticked.subscribe(self, lambda _: self._show_clock())
        self.show_session(bench.session)
        self._show_title()
        self._show_saving(bench.desk.state)
        self._show_prompt()
        self._count_soon()
        draft = bench.desk.drafts().get(self.STEP, "")
        if draft:
            self.capture.text = draft
        self.query_one(self.MAIN).focus()
        self.bindings_updated_signal.subscribe(self, self._show_keys)
        self.call_after_refresh(self._show_keys, self)
        self.watch(self, "focused", self._mind_focus, init=False)

    def on_screen_resume(self) -> None:
        """Presenter mode may have changed while another step was shown, or somebody wants to see a place here."""
        self._show_prompt()
        self.call_after_refresh(self._reveal_wanted)

    def on_screen_suspend(self) -> None:
        """Half-typed text is kept before something else is shown."""
        self.keep_draft_now()

    def on_resize(self) -> None:
        """Say so when the terminal is too small to be of use."""
        mind_the_room(self, self.MAIN)
        self.set_class(self.app.size.height < LOW, "-low")
        self._show_prompt()

    def _session_changed(self, session: Session) -> None:
        self.show_session(session)
        self._show_title()
        self._count_soon()
        self.mind_wording()

    def _show_keys(self, _screen: Screen[Any]) -> None:
        if self.is_current:
            self.query_one(KeyBar).show(shown_keys(self))

    @on(KeyBar.Chosen)
    async def _key_chosen(self, event: KeyBar.Chosen) -> None:
        event.stop()
        # The key may be one of the widget in focus: its action belongs to that widget.
        for active in self.active_bindings.values():
            if active.binding.action == event.action:
                await self.app.run_action(event.action, active.node)
                return
        await self.app.run_action(event.action, self)

    def action_keys(self) -> None:
        """Every key that works here."""
        from screens.dialogs import Reader

        self.app.push_screen(Reader("Keys", keys_of(self)))

    def commands(self) -> Iterable[SystemCommand]:
        """What the command palette offers on this step."""
        yield SystemCommand(
            "Start the meeting clock", "Runs the agenda of a 30, 60 or 90 minute review", self.choose_meeting
        )
        yield SystemCommand("Checklist", "What is still missing", self.action_checklist)
        yield SystemCommand(
            "Names to roles", "In the whole review, and who has which role", self.choose_roles
        )
        yield SystemCommand("Language", "Everything the language check has to say", self.action_language)
        yield SystemCommand("Presenter mode", "Hide prompts and private notes", self.action_present)
        yield SystemCommand(
            "Incident facts", "Title, severity, window, zone, services, authors", self.edit_incident
        )
        yield SystemCommand("History", "Every edit by name; go back to before any of them", self.show_history)

    @work
    async def edit_incident(self) -> None:
        """The facts that head the report, in a form."""
        from screens.dialogs import Form
        from screens.incident import incident_changes, incident_entries

        values = await self.app.push_screen_wait(Form("Incident", incident_entries(self.bench)))
        if values is not None:
            changes = incident_changes(values, self.bench)
            self.edit("Change the incident's facts", lambda session: edits.set_incident(session, **changes))
