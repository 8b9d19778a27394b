"""The frame around every step: who and when, the road of six steps, the capture line, the keys.

A step's screen says what its body is, how its capture line is understood, and what happens when a line is
entered; saving, undoing, jumping, parking and the checklist work the same everywhere and live here.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, TextArea

from app.history import SaveState
from app.review import edits
from app.review.moments import show_moment
from app.review.records import Parked, Session
from app.review.writing import Spot
from app.store.errors import StoreError
from app.text import cut, one_line
from screens.room import LOW, ROOMY, Enlarge, mind_the_room
from screens.wording import choose_finding, field_of, in_hand, let_stand, take
from screens.workbench import STEPS, Workbench
from widgets.capture import CaptureLine
from widgets.grid import Grid
from widgets.keybar import Key, KeyBar
from widgets.outline import Outline
from widgets.prompt import PromptLine
from widgets.safe import content
from widgets.stepbar import Header, Step, StepBar
from widgets.wording import TAKE, WordingLine

if TYPE_CHECKING:
    from app.review.completion import Known
    from app.review.progress import Progress

DRAFT_AFTER = 0.3
"""Seconds after the last key at which half-typed text goes to the journal."""
COUNT_AFTER = 0.15
"""Seconds after an edit at which the checklist is computed anew: never between a key and its frame."""

LONGEST_SENTENCE = 240
"""Cells of a notification: it may quote what a person typed, and must not cover the screen."""

READ_ONLY = "This review is open for reading only: nothing was changed."


class StepScreen(Screen[None]):
    """One of the six steps. Subclasses give a body and say what their capture line makes of a text."""

    STEP: ClassVar[str]
    PLACEHOLDER: ClassVar[str] = ""
    MAIN: ClassVar[str]
    """Selector of the widget that has the focus when the step is entered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "keys", "Keys", key_display="?", id="keys"),
        Binding("n", "capture", "Type", id="capture"),
        Binding("u,ctrl+z", "undo", "Undo", id="undo"),
        Binding("U,ctrl+y", "redo", "Redo", show=False, id="redo"),
        Binding("p", "park", "Park", show=False, id="park"),
        Binding("ctrl+p", "app.command_palette", "Commands", show=False, id="palette"),
        *[Binding(str(n), f"app.step('{step}')", show=False) for n, step in enumerate(STEPS, 1)],
        Binding("right_square_bracket", "prompt(1)", "Next prompt", key_display="]", show=False, id="prompt"),
        Binding("left_square_bracket", "prompt(-1)", "Previous prompt", key_display="[", show=False),
        Binding("l", "checklist", "Checklist", show=False, id="checklist"),
        Binding("L", "language", "Language: everything it has to say", show=False, id="language"),
        Binding("ctrl+r", "take_wording", "Take the better wording", show=False, id="wording.take"),
        Binding(
            "ctrl+g", "let_stand", "Let the sentence stand, with a reason", show=False, id="wording.stand"
        ),
        Binding("f5", "present", "Presenter mode", show=False, id="present"),
        Binding("f9", "clock", "Meeting clock", show=False, id="clock"),
        Binding("q", "app.leave", "Sessions", show=False, id="leave"),
    ]

    DEFAULT_CSS = """
    StepScreen { layers: base overlay; }
    StepScreen > .body { height: 1fr; }
    StepScreen > .-silent { display: none; }
    StepScreen.-low PromptLine { max-height: 1; }
    StepScreen ToastRack { margin-bottom: 5; }
    StepScreen Toast { width: auto; max-width: 72; padding: 0 1; margin-top: 0; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.bench = bench
        self._prompt = 0
        self._draft: Timer | None = None
        self._count: Timer | None = None
        self._progress: Progress | None = None
        self._known: tuple[Session | None, Known] = (None, {})
        self._failure = ""
        """Why the review could not be saved, once that was said."""

    # What a step is made of

    def body(self) -> ComposeResult:
        """The widgets between the frame's lines."""
        raise NotImplementedError

    def show_session(self, session: Session) -> None:
        """Show the session's new value."""
        raise NotImplementedError

    def said(self, text: str) -> str:
        """The words of a typed line that the record will keep, without times, actors and signs."""
        return text

    def is_prose(self, field: Input | TextArea) -> bool:
        """Whether the language check looks at what is typed into *field*: sentences, not names and dates."""
        return self.capture.is_field(field)

    def spots_here(self) -> tuple[Spot, ...]:
        """The texts of the record under the cursor that the language check looks at."""
        return ()

    def reveal(self, spot: Spot) -> None:
        """Put the cursor where *spot* is."""
        main = self.query_one(self.MAIN)
        if spot.id and isinstance(main, Grid | Outline):
            main.move_cursor(spot.id)
        main.focus()

    def understand(self, text: str) -> str:
        """What a line would become, said to the person who is typing it."""
        raise NotImplementedError

    def mode(self) -> str:
        """What keys do while they do something else than usual; it stands where the prompts are."""
        return ""

    def words(self, session: Session) -> "Known":
        """What the marks of a line may be completed to."""
        return {}

    def enter(self, text: str) -> None:
        """Make a record of a line."""
        raise NotImplementedError

    # The frame

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

    @property
    def capture(self) -> CaptureLine:
        """The line that turns typing into records."""
        return self.query_one(CaptureLine)

    def edit(self, label: str, change: Callable[[Session], Session], merge: str | None = None) -> bool:
        """Apply a named edit, or say that the review is open for reading only."""
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return False
        try:
            return self.bench.edit(label, change, self.STEP, merge)
        except StoreError as problem:
            self.say(str(problem), "error")
            return False

    def say(self, sentence: str, severity: str = "information") -> None:
        """Tell the person something, for a few seconds."""
        known = severity if severity in {"information", "warning", "error"} else "information"
        self.notify(cut(sentence, LONGEST_SENTENCE), severity=known, markup=False)  # type: ignore[arg-type]

    # Showing

    def _session_changed(self, session: Session) -> None:
        self.show_session(session)
        self._show_title()
        self._count_soon()
        self.mind_wording()

    def _show_title(self) -> None:
        incident = self.bench.session.incident
        zone, name = self.bench.zone, self.bench.zone_name
        when = ""
        if incident.started_at:
            start = incident.started_at.astimezone(zone)
            when = f"{start:%Y-%m-%d} {show_moment(start, 'minute')}"
            if incident.ended_at:
                end = incident.ended_at.astimezone(zone)
                when += f"–{end:%H:%M}" if end.date() == start.date() else f" – {end:%Y-%m-%d %H:%M}"
            when += f" {name}"
        facts = [incident.title or self.bench.session.id or "untitled", incident.severity, when]
        self._show_header(title=" · ".join(fact for fact in facts if fact))

    def _show_saving(self, state: SaveState) -> None:
        time = f"{state.at.astimezone():%H:%M:%S}" if state.at else ""
        text = {"saved": f"saved {time}", "saving": "saving", "read-only": "read only"}.get(
            state.kind, "NOT SAVED"
        )
        self._show_header(light=state.kind, light_text=text.strip())
        if state.kind == "saved":
            self._failure = ""
        elif state.kind == "failed" and state.message != self._failure:
            # The writer tries again and again; the light stays, the sentence is said once, by the step in view.
            self._failure = state.message
            if self.app.current_mode == self.STEP:
                self.say(state.message, "error")

    def _show_clock(self) -> None:
        reading = self.bench.clock.reading()
        if reading is None:
            self._show_header(clock="")
            return
        part, left = reading
        seconds = abs(int(left.total_seconds()))
        sign = "+" if left.total_seconds() < 0 else ""
        held = "" if self.bench.clock.running else " held"
        self._show_header(clock=f"{part.name} {sign}{seconds // 60:02d}:{seconds % 60:02d}{held}")

    def _show_header(self, **changes: Any) -> None:
        bar = self.query_one(StepBar)
        bar.show(replace(bar.header, **changes))

    def _count_soon(self) -> None:
        if self._count is not None:
            self._count.stop()
        self._count = self.set_timer(COUNT_AFTER, self._count_now)

    @work(exclusive=True, group="progress", exit_on_error=False)
    async def _count_now(self) -> None:
        """Compute the checklist in a thread: with thousands of rows it takes longer than a frame may."""
        import asyncio

        from app.review.progress import progress

        self._progress = await asyncio.to_thread(progress, self.bench.session)
        found = self._progress
        self._show_header(
            steps=tuple(
                Step(number, step.name.capitalize(), step.state, step.problems)
                for number, step in enumerate(found.steps, 1)
            ),
            done=found.done,
            of=len(found.items),
        )

    def facilitator_lines(self) -> tuple[str, ...]:
        """The sentences that the facilitator can say or ask here."""
        from app.review.prompts import prompts

        return prompts(self.STEP)

    def _show_prompt(self) -> None:
        known = self.facilitator_lines()
        line = self.query_one(PromptLine)
        if mode := self.mode():
            line.remove_class("-silent")
            line.show(mode)
            return
        line.set_class(not known or self.bench.presenting, "-silent")
        if known:
            hint = "next prompt  ]" if self.size.width >= ROOMY else "]"
            line.show(known[self._prompt % len(known)], hint)

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

    # What works the same everywhere

    def action_capture(self) -> None:
        """Put the cursor into the capture line."""
        self.capture.focus()

    def action_prompt(self, step: int) -> None:
        """Another sentence for the facilitator."""
        self._prompt += step
        self._show_prompt()

    def action_present(self) -> None:
        """Hide what is not for the room, or show it again."""
        self.bench.presenting = not self.bench.presenting
        self._show_prompt()
        self.show_session(self.bench.session)
        self.say(
            "Presenter mode: prompts and private notes are hidden."
            if self.bench.presenting
            else "Presenter mode is off."
        )

    def action_undo(self) -> None:
        """Take the last edit back."""
        self._step_back_or_forth(self.bench.desk.undo, "Undone", "Nothing to undo.")

    def action_redo(self) -> None:
        """Do again what was undone last."""
        self._step_back_or_forth(self.bench.desk.redo, "Done again", "Nothing to redo.")

    def _step_back_or_forth(self, move: Callable[[], str | None], done: str, nothing: str) -> None:
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        try:
            label = move()
        except StoreError as problem:
            self.say(str(problem), "error")
            return
        self.say(f"{done}: {label}" if label else nothing)

    def action_clock(self) -> None:
        """Start the meeting's clock, or hold it."""
        if self.bench.clock.parts:
            self.bench.clock.toggle()
            self._show_clock()
        else:
            self.choose_meeting()

    @work
    async def choose_meeting(self) -> None:
        """Ask how long the meeting is, and start its clock."""
        from screens.dialogs import Choice, Choose

        picked = await self.app.push_screen_wait(
            Choose("How long is the meeting?", [Choice(str(m), f"{m} minutes") for m in (60, 30, 90)])
        )
        if picked:
            self.bench.clock.start(int(picked))
            self._show_clock()

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

    @work
    async def action_checklist(self) -> None:
        """The validation list; choosing an item opens the screen that can tick it."""
        from app.review.checklist import checklist
        from screens.dialogs import Choice, Choose

        items = checklist(self.bench.session)
        picked = await self.app.push_screen_wait(
            Choose(
                f"Checklist {sum(item.done for item in items)}/{len(items)}: Enter opens the step that can tick it",
                [
                    Choice(item.screen, f"{'✓' if item.done else '○'} {item.text}", item.missing)
                    for item in items
                ],
            )
        )
        if picked:
            await self.app.run_action(f"app.step('{picked}')")

    # Blameless language

    def _mind_focus(self, _widget: Widget | None) -> None:
        """Look at what is typed into the field that has the focus now."""
        field = field_of(self.focused)
        if isinstance(field, Input):
            self.watch(field, "value", self.mind_wording, init=False)
        self.mind_wording()

    @on(Grid.RowHighlighted)
    @on(Outline.NodeHighlighted)
    @on(TextArea.Changed)
    def _look_again(self) -> None:
        self.mind_wording()

    def mind_wording(self) -> None:
        """Say what the language check has to say about what is typed now, or about the row under the cursor."""
        if not self.is_mounted:
            return
        hand = None if self.bench.presenting and field_of(self.focused) is None else in_hand(self)
        self.query_one(WordingLine).show(hand.advice if hand else None)

    def action_take_wording(self) -> None:
        """Put the better wording in the place of what is typed, or of what the row says."""
        hand = in_hand(self)
        if hand is not None:
            take(self, hand)
            self.mind_wording()
        else:
            self.say("The language check has nothing to say here. L lists what it says elsewhere.")

    @work
    async def action_let_stand(self) -> None:
        """Let the sentence stand, with a reason that is kept."""
        hand = in_hand(self)
        if hand is not None:
            await let_stand(self, hand)
            self.mind_wording()
        else:
            self.say("The language check has nothing to say here. L lists what it says elsewhere.")

    @work
    async def action_language(self) -> None:
        """Everything the language check says about the review; choosing one goes there."""
        spot = await choose_finding(self)
        if spot is not None:
            await self.go_to(spot)

    @work
    async def choose_roles(self) -> None:
        """Show names as roles, or names again; say who has which role."""
        from screens.people import choose_roles

        await choose_roles(self)

    async def go_to(self, spot: Spot) -> None:
        """Show the place of a text, on whichever step it is."""
        self.bench.wanted = spot
        if spot.screen == self.STEP:
            self._reveal_wanted()
        else:
            await self.app.run_action(f"app.step('{spot.screen}')")

    def _reveal_wanted(self) -> None:
        spot = self.bench.wanted
        if spot is not None and spot.screen == self.STEP:
            self.bench.wanted = None
            self.reveal(spot)

    @on(WordingLine.Chosen)
    def _wording_chosen(self, event: WordingLine.Chosen) -> None:
        event.stop()
        (self.action_take_wording if event.what == TAKE else self.action_let_stand)()

    def action_keys(self) -> None:
        """Every key that works here."""
        from screens.dialogs import Reader

        self.app.push_screen(Reader("Keys", keys_of(self)))

    # The capture line

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

    # Mouse on the frame

    @on(StepBar.Chosen)
    async def _chosen(self, event: StepBar.Chosen) -> None:
        event.stop()
        await self.app.run_action(f"app.step('{STEPS[event.step - 1]}')")

    @on(PromptLine.NextRequested)
    def _next_prompt(self, event: PromptLine.NextRequested) -> None:
        event.stop()
        self.action_prompt(1)

    @on(StepBar.ChecklistClicked)
    def _checklist_clicked(self, event: StepBar.ChecklistClicked) -> None:
        event.stop()
        self.action_checklist()

    # The palette

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
    async def show_history(self) -> None:
        """Every edit by name, the newest first; choosing one goes back to before it, or forward to after it."""
        from screens.dialogs import Choice, Choose
        from screens.steps_back import moments

        known = list(moments(self.bench.desk))
        if not known:
            self.say("Nothing has been edited yet.")
            return
        picked = await self.app.push_screen_wait(
            Choose(
                "History: Enter goes back to before an edit, or does it again",
                [Choice(str(each.steps), each.title, each.who) for each in known],
            )
        )
        if picked is not None:
            self.travel(int(picked))

    def travel(self, steps: int) -> None:
        """Take back as many edits, or with a negative number do as many again."""
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        move = self.bench.desk.undo if steps > 0 else self.bench.desk.redo
        labels: list[str] = []
        try:
            while len(labels) < abs(steps) and (label := move()) is not None:
                labels.append(label)
        except StoreError as problem:
            self.say(str(problem), "error")
        if labels:
            done = "Undone" if steps > 0 else "Done again"
            self.say(f"{done}: {labels[-1]}" + (f", and {len(labels) - 1} more" if len(labels) > 1 else ""))

    @work
    async def edit_incident(self) -> None:
        """The facts that head the report, in a form."""
        from screens.dialogs import Form
        from screens.incident import incident_changes, incident_entries

        values = await self.app.push_screen_wait(Form("Incident", incident_entries(self.bench)))
        if values is not None:
            changes = incident_changes(values, self.bench)
            self.edit("Change the incident's facts", lambda session: edits.set_incident(session, **changes))


def shown_keys(screen: Screen[Any]) -> list[Key]:
    """The keys for the last line, each action once: how to find the others, how to write, then what is
    special here; undo, which every hand knows, gives way first."""
    keys: dict[str, Key] = {}
    focused = screen.focused
    for active in screen.active_bindings.values():
        binding = active.binding
        # Textual does not see that “slash” is a character, which a field takes for itself.
        if focused and len(sign := binding.key_display or "") == 1 and focused.check_consume_key(sign, sign):
            continue
        if binding.show and binding.description and active.enabled:
            shown = screen.app.get_key_display(binding)
            keys.setdefault(binding.action, Key(shown, binding.description, binding.action))
    places = {"keys": -2, "capture": -1, "undo": 1}
    return sorted(keys.values(), key=lambda key: places.get(key.action, 0))


def keys_of(screen: Screen[Any]) -> Content:
    """All keys that work on *screen* now: what is special here, what works everywhere, then moving about."""
    here: list[Content] = []
    everywhere: list[Content] = []
    table: list[Content] = []
    common = {
        binding.action
        for bindings in (StepScreen.BINDINGS, Screen.BINDINGS)
        for binding in Binding.make_bindings(bindings)
    }
    seen: set[str] = set()
    for active in screen.active_bindings.values():
        binding = active.binding
        if not binding.description or binding.system or binding.action in seen:
            continue
        if binding.action.partition("(")[0] in _MOVES:
            continue
        seen.add(binding.action)
        line = _key_line(screen.app.get_key_display(binding), binding.tooltip or binding.description)
        if active.node is screen and binding.action not in common:
            group = here
        elif active.node is screen or active.node is screen.app:
            group = everywhere
        else:
            group = table
        group.append(line)
    if isinstance(screen, StepScreen):
        everywhere.insert(0, _key_line("1-6 alt+1-6", "Jump to a step; alt works while typing"))
    table.append(_key_line("arrows …", "Move; also page up and down, home and end, with ctrl or not"))
    return Content("\n").join([*here, *table, content(""), *everywhere])


_MOVES = {
    *("move", "page", "row_end", "to_row", "to", "page_left", "page_right", "page_up", "page_down"),
    *("scroll_up", "scroll_down", "scroll_left", "scroll_right", "scroll_home", "scroll_end"),
}
"""Actions of the keys that only move, which nobody looks up one by one."""


def _key_line(key: str, meaning: str) -> Content:
    return Content.assemble(content(f"{key:>12}  ", "bold"), content(meaning))
