"""What a Textual application owes its terminal: keys as terminals really send them, and orderly endings.

Nothing here knows of reviews. A program that is one says what is kept before it ends
(:meth:`TerminalApp.keep_now`, :meth:`TerminalApp.stop_work`) and what may be left open at most
(:meth:`TerminalApp.close_by_force`).
"""

import asyncio
import codecs
import os
import signal
from contextlib import suppress
from enum import Enum
from functools import partial
from pathlib import Path
from threading import Timer
from typing import cast

from rich.console import RenderableType
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.app import App, ScreenStackError

from app.crash import report
from app.text import visible

GIVE_UP_AFTER = 3.0
"""Seconds after which the program leaves by force when its terminal is gone."""

CHECK_KEEPER_EVERY = 1.0
"""Seconds between two looks at whether the process that keeps the terminal still lives."""


class _AltDigit(Enum):
    """alt+1 to alt+6 as keys."""

    ONE = "alt+1"
    TWO = "alt+2"
    THREE = "alt+3"
    FOUR = "alt+4"
    FIVE = "alt+5"
    SIX = "alt+6"


# Most terminals send alt+2 as ESC 2, which Textual reads as the ™ of a Mac's keyboard. Here it is a step.
_SEQUENCES = cast("dict[str, tuple[Enum, ...]]", ANSI_SEQUENCES_KEYS)
_SEQUENCES |= {f"\x1b{number}": (key,) for number, key in enumerate(_AltDigit, 1)}


def _take_any_bytes() -> None:
    """A byte that is no UTF-8, from an old terminal or a paste, is a � and not the end of the program."""
    with suppress(ImportError):  # Windows has another driver
        from textual.drivers import linux_driver

        lenient = partial(codecs.getincrementaldecoder("utf-8"), errors="replace")
        vars(linux_driver)["getincrementaldecoder"] = lambda _encoding: lenient


_take_any_bytes()


class TerminalApp(App[None]):
    """An application that takes any bytes, any burst of keys, and any way that a terminal goes."""

    def __init__(self) -> None:
        super().__init__()
        self.failure = ""
        """What to tell the person when the program itself failed."""
        self._ending: asyncio.Task[None] | None = None
        self._keeper = os.getppid()

    # What the program adds

    def keep_now(self) -> None:
        """Keep what was half typed; called when the program is told to end."""

    async def stop_work(self) -> None:
        """End what is under way, within seconds."""

    def close_by_force(self, within: float) -> None:
        """Close what must not be left open, within seconds: the program is gone after that."""

    def folder_in_danger(self) -> Path | None:
        """Where the person's work is, for the message after a failure of the program itself."""
        return None

    # Keys

    def clear_selection(self) -> None:
        """Forget what is selected with the mouse.

        From Python 3.12 on the fields of the first screen ask for this before that screen is on the stack.
        """
        with suppress(ScreenStackError):
            super().clear_selection()

    async def on_event(self, event: events.Event) -> None:
        """Make a paste visible at the door: no field may hold what the terminal would obey."""
        if isinstance(event, events.Paste) and not event.is_forwarded:
            event.text = visible(event.text)
        await super().on_event(event)

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Run a key's command before the next key is looked at; tell whether there was one.

        Textual sends a key to the widget in focus first and looks its command up when it comes back. By then the
        letters behind it in the same burst, as slow lines send them, are on their way to the wrong widget.
        """
        if await super()._check_bindings(key, priority):
            return True
        takes_letters = self.focused is not None and self.focused.check_consume_key("a", "a")
        return priority and not takes_letters and await super()._check_bindings(key)

    # Endings

    def listen_to_signals(self) -> None:
        """End in order when the terminal, or the process that keeps it, goes away."""
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None:
                with suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.add_signal_handler(number, self._ended_by, number)
        self.set_interval(CHECK_KEEPER_EVERY, self._look_for_keeper)

    def _look_for_keeper(self) -> None:
        if os.getppid() != self._keeper:
            # Whoever kept the terminal for us is gone; the shell has it back, and must not share it with us.
            self._ended_by(signal.SIGHUP)

    def _ended_by(self, number: int) -> None:
        # A terminal that goes away says so more than once, and its keeper says it again.
        if self._ending is not None:
            return
        self.keep_now()
        last = Timer(GIVE_UP_AFTER, self._give_up, (number,))
        last.daemon = True
        last.start()
        self._ending = asyncio.get_running_loop().create_task(self._end(number))

    def _give_up(self, number: int) -> None:
        """Leave without Textual: its way out waits for ever where nobody reads what it writes to the terminal."""
        try:
            self.close_by_force(GIVE_UP_AFTER)
        finally:
            os._exit(128 + number)

    async def _end(self, number: int) -> None:
        try:
            await self.stop_work()
        finally:
            self.exit(return_code=128 + number)

    def _fatal_error(self) -> None:
        self.bell()
        self.panic()

    def panic(self, *renderables: RenderableType) -> None:
        """Three lines instead of a traceback: it would show local variables, tokens among them, to the room.

        They are printed when the terminal is the shell's again: Textual would break lines, and paths in them.
        """
        if not self.failure:
            self.failure = report(self._exception, self.folder_in_danger())
        super().panic()
