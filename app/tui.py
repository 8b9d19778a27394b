"""The Textual application: holds the open review and the six screens; nothing else.

Screens are modes made on their first visit. The review is opened before the terminal is taken, so that a
broken file is a sentence in the shell and not a flash of an empty screen.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen

from app import garbage
from app.crash import CRASHED
from app.history import Desk, SaveState
from app.settings import Place, Settings, load_settings, place, remember_place
from app.store.errors import StoreError
from app.terminal import TerminalApp
from screens.answers import answered
from screens.frame_keys import keyed
from screens.notes import take_notes, waiting
from screens.workbench import STEPS, Workbench

STOP_WITHIN = 2.0
"""Seconds that a collection under way gets to record what it kept before the program leaves."""

CHECK_EVERY = 5.0
"""Seconds between two looks at whether somebody else changed the session's file."""

_SCREENS = {
    "collect": ("screens.collect", "CollectScreen"),
    "timeline": ("screens.timeline", "TimelineScreen"),
    "whys": ("screens.whys", "WhysScreen"),
    "actions": ("screens.actions", "ActionsScreen"),
    "report": ("screens.report", "ReportScreen"),
    "track": ("screens.track", "TrackScreen"),
}


def _history() -> type[Provider]:
    """What the palette offers of the review's history; loaded when the palette is opened."""
    from screens.steps_back import StepsBack

    return StepsBack


class Relay:
    """Hands what the writing thread says on to whoever shows it; before that, nobody listens."""

    def __init__(self) -> None:
        self.target: Callable[[SaveState], None] = lambda _state: None

    def __call__(self, state: SaveState) -> None:
        """Pass *state* on."""
        self.target(state)


class OpenDesk(NamedTuple):
    """A review that was opened, and the relay that its save light listens to."""

    desk: Desk
    relay: Relay


def open_desk(folder: Path) -> OpenDesk:
    """Open the review in *folder*. Raises :class:`app.store.errors.StoreError` with one sentence."""
    relay = Relay()
    return OpenDesk(Desk.open(folder, on_state=relay), relay)


class Blamefree(TerminalApp):
    """The terminal application."""

    TITLE = "blamefree"
    COMMANDS = App.COMMANDS | {_history}
    CSS = """
    Toast { max-width: 72; }
    Footer { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True, id="quit"),
        *[
            Binding(f"alt+{number}", f"step('{step}')", show=False, priority=True)
            for number, step in enumerate(STEPS, 1)
        ],
    ]

    def __init__(
        self,
        root: Path,
        open_desk: "OpenDesk | None" = None,
        step: str = "",
        settings: Settings | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        # The mode that the application begins in is made first; there is no empty screen below it.
        left = place(open_desk.desk.folder) if open_desk else Place()
        begin = next((name for name in (step, left.screen) if name in STEPS), "collect")
        vars(self)["DEFAULT_MODE"] = begin if open_desk else "sessions"
        super().__init__()
        self.root = root
        self.now = now
        self.settings = settings or Settings()
        self.bench: Workbench | None = None
        self._row = left.row if left.screen == begin else ""
        self._asked_outside = False
        self._noting = False
        self._pauses = garbage.Pauses()
        self._settled = False
        self.add_mode("sessions", partial(_make, "screens.sessions", "SessionsScreen", root))
        if open_desk is not None:
            self._take(open_desk)

    # Opening and closing a review

    def on_load(self) -> None:
        """Put on the person's colours."""
        if self.settings.theme in self.available_themes:
            self.theme = self.settings.theme

    def on_mount(self) -> None:
        """Listen to the signals that end a terminal, and go where the person left."""
        self.listen_to_signals()
        self._arrived()
        self.set_interval(CHECK_EVERY, self._look_outside)
        self.set_interval(1.0, self._tick)

    async def on_ready(self) -> None:
        """The first frame is drawn: what was made for it stays."""
        if garbage.held_back():
            garbage.settle()
            self._settled = True
        await self._remember_step()

    async def open_review(self, folder: Path, step: str = "", row: str = "") -> None:
        """Open a saved review, at *row* of *step*; a sentence says why when it cannot be."""
        try:
            opened = await asyncio.to_thread(open_desk, folder)
        except StoreError as problem:
            self.notify(str(problem), severity="error", timeout=12, markup=False)
            return
        await self.use(opened, step, row)

    async def use(self, opened: "OpenDesk", step: str = "", row: str = "") -> None:
        """Go on with a review that was opened."""
        self._take(opened)
        left = place(opened.desk.folder)
        known = next((name for name in (step, left.screen) if name in STEPS), "collect")
        self._row = row or (left.row if left.screen == known else "")
        await self.switch_mode(known)
        self._arrived()
        self._settle()
        await self._remember_step()

    def _settle(self) -> None:
        """Once a review is on the screen, its rows stay until it is left."""
        if self._settled:
            self.call_after_refresh(garbage.settle)

    def _take(self, opened: "OpenDesk") -> None:
        bench = Workbench(opened.desk, self, self.now)
        bench.type_to_replace = self.settings.type_to_replace
        self.bench = bench
        opened.relay.target = self._saving_changed
        for name, (module, screen) in _SCREENS.items():
            self.add_mode(name, partial(_make, module, screen, bench))

    def _arrived(self) -> None:
        if self.bench is None:
            return
        if self._row:
            self.call_after_refresh(self._move_to, self._row)
        for notice in self.bench.desk.notices:
            self.notify(notice, severity="warning", timeout=12, markup=False)

    def _move_to(self, row: str) -> None:
        main = self.screen.query("Grid, Outline").first() if self.screen.query("Grid, Outline") else None
        if main is not None:
            main.move_cursor(row)  # type: ignore[attr-defined]

    async def action_leave(self) -> None:
        """Back to the list of reviews; what is being collected is stopped, everything else is saved."""
        bench = self.bench
        if bench is None:
            return
        self.remember()
        await self.stop_work()
        await self.switch_mode("sessions")
        for name in STEPS:
            with suppress(Exception):
                await self.remove_mode(name)
        self.bench = None
        garbage.let_go()
        await asyncio.to_thread(bench.desk.close)

    def remember(self) -> None:
        """Note where the person is, for the next time."""
        if where := self._where():
            remember_place(*where)

    async def _remember_step(self) -> None:
        """Note the step at once: nothing that kills the program leaves time for it."""
        if where := self._where():
            await asyncio.to_thread(_remember_another_step, *where)

    def _where(self) -> tuple[Path, str, str] | None:
        if self.bench is None or self.current_mode not in STEPS:
            return None
        mains = self.screen_stack[0].query("Grid, Outline")
        row = mains.first().cursor_key if mains else ""  # type: ignore[attr-defined]
        return self.bench.desk.folder, self.current_mode, row

    async def action_step(self, step: str, row: str = "") -> None:
        """Go to a step; a step is never locked."""
        if self.bench is None or step not in STEPS:
            return
        await self.switch_mode(step)
        if row:
            self.call_after_refresh(self._move_to, row)
        await self._remember_step()

    async def on_event(self, event: events.Event) -> None:
        """Garbage waits for a pause between what a person does."""
        if isinstance(event, events.InputEvent):
            self._pauses.key()
        if isinstance(event, events.Key | events.MouseDown):
            answered(self)
        await super().on_event(event)

    async def action_quit(self) -> None:
        """Leave; every edit is on disk already."""
        self.keep_now()
        await self.stop_work()
        self.exit()

    async def stop_work(self) -> None:
        """End what is under way in order: threads look at *stopping*, a collection records what it kept."""
        if self.bench is None:
            return
        self.bench.stopping.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN):
                for close in self.bench.closers:
                    await close()

    # Saving

    def _saving_changed(self, _state: SaveState) -> None:
        """Called by the thread that writes: let the screens show the state, whatever it is by then."""
        with suppress(RuntimeError):
            self._loop_of_app().call_soon_threadsafe(self._publish_saving)

    def _loop_of_app(self) -> asyncio.AbstractEventLoop:
        loop = self._loop
        if loop is None:
            raise RuntimeError("the application is not running")
        return loop

    def _publish_saving(self) -> None:
        if self.bench is not None:
            self.bench.saving.publish(self.bench.desk.state)

    def keep_now(self) -> None:
        """Keep what was half typed, and where the person is."""
        self._keep_drafts()
        self.remember()

    def close_by_force(self, within: float) -> None:
        """Give the thread that writes *within* seconds."""
        if self.bench is not None:
            self.bench.desk.close(timeout=within)

    def folder_in_danger(self) -> Path | None:
        """The folder of the review that is open."""
        return self.bench.desk.folder if self.bench else None

    def _keep_drafts(self) -> None:
        for mode in STEPS:
            stack = self._screen_stacks.get(mode) or []
            for screen in stack:
                keep = getattr(screen, "keep_draft_now", None)
                if keep is not None:
                    keep()

    async def _look_outside(self) -> None:
        """Say so when somebody else changed the file, and take their changes in where both fit."""
        bench = self.bench
        if bench is None or bench.desk.read_only:
            return
        change = await asyncio.to_thread(bench.desk.check_outside)
        if change is None:
            self._asked_outside = False
            return
        if self._asked_outside:
            return
        self._asked_outside = True
        try:
            bench.desk.adopt_outside()
        except StoreError as problem:
            self.notify(str(problem), severity="error", timeout=20, markup=False)
            return
        self.notify(
            "The session's file was changed outside: both sides are in now. u takes theirs back.",
            timeout=12,
            markup=False,
        )

    def _tick(self) -> None:
        self._pauses.tick()
        if self.bench is not None and self.bench.clock.parts:
            self.bench.ticked.publish(None)
        if self.bench is not None and not self._noting and waiting(self.bench):
            self._noting = True
            self.run_worker(self._take_notes(self.bench), group="notes", exit_on_error=False)

    async def _take_notes(self, bench: Workbench) -> None:
        """Show what was noted in other shells."""
        try:
            for text in await take_notes(bench):
                self.notify(f"Noted in another shell: {text}", markup=False)
        finally:
            self._noting = False

    # The palette

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Steps, what the screen offers, and the usual."""
        if self.bench is not None:
            for number, step in enumerate(STEPS, 1):
                yield SystemCommand(
                    f"Step {number}: {step.capitalize()}",
                    "Go there",
                    partial(self.run_action, f"step('{step}')"),
                )
            commands = getattr(screen, "commands", None)
            if commands is not None:
                yield from keyed(screen, commands())
            yield SystemCommand("Sessions", "Back to the list of reviews", partial(self.run_action, "leave"))
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)
        yield SystemCommand("Save a picture", "This screen as SVG", self.deliver_screenshot)
        yield SystemCommand("Quit", "Everything is saved", partial(self.run_action, "quit"))


def _make(module: str, name: str, *values: object) -> Screen[Any]:
    """Make a screen, importing its module on the first visit."""
    screen: Screen[Any] = getattr(import_module(module), name)(*values)
    return screen


def _remember_another_step(folder: Path, step: str, row: str) -> None:
    """Remember where the person is, unless it is the step that is known: the row is where they left it."""
    if place(folder).screen != step:
        remember_place(folder, step, row)


def run(*, root: Path, folder: Path | None = None, screen: str = "") -> int:
    """Open the list of reviews in *root*, or the review in *folder*, and return the exit code.

    Raises :class:`app.store.errors.StoreError` with one sentence when the review cannot be opened.
    """
    # Nothing of what is made until the first frame is garbage: collecting it costs a fifth of the start.
    garbage.hold_back()
    opened = open_desk(folder) if folder is not None else None
    try:
        app = Blamefree(root, opened, screen, load_settings())
        app.run()
        if app.failure:
            with suppress(OSError):  # the terminal may be gone
                os.write(2, f"{app.failure}\n".encode(errors="backslashreplace"))
    finally:
        if opened is not None:
            opened.desk.close()
    if app.bench is not None:
        app.bench.desk.close()
    return CRASHED if app.failure else app.return_code or 0
