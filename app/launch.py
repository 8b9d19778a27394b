"""A parent that outlives the application, so that the terminal is usable whatever kills it.

A process that dies by SIGKILL, or of a fault in C code, cannot clean up: the terminal stays in its alternate
screen, without echo, reporting every movement of the mouse. So the application runs in a child, and the
parent, which does nothing but wait, puts the terminal back.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

RESET: Final = (
    b"\x1b[?2026l"  # show what is drawn as it comes
    b"\x1b[<u"  # give the keyboard its own protocol back: kept apart for the alternate screen, so before that
    b"\x1b[?1049l"  # leave the alternate screen
    b"\x1b[?25h\x1b[?7h"  # show the cursor, wrap long lines
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # stop reporting the mouse
    b"\x1b[?2004l\x1b[?1004l"  # stop bracketing pastes and reporting the focus
    b"\x1b[?2048l"  # stop reporting the size in band
    b"\x1b[0m"
)
"""Takes back every mode that the application's driver sets."""

HANDED_ON: Final = (signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGTERM,)
"""Signals that are meant for the application, whichever of the two processes they reach."""


def run(*, root: Path, folder: Path | None = None, screen: str = "") -> int:
    """Open the list of reviews in *root*, or the review in *folder*, and return the exit code.

    Raises :class:`app.store.errors.StoreError` with one sentence when the review cannot be opened.
    """

    def main() -> int:
        from app import tui

        return tui.run(root=root, folder=folder, screen=screen)

    return guarded(main)


def guarded(main: Callable[[], int]) -> int:
    """Run *main* in a child process and return its exit code, or 128 + the signal that killed it.

    Where there is no terminal, or no fork, *main* runs in this process.
    """
    if not hasattr(os, "fork") or not all(os.isatty(number) for number in range(3)):
        return main()
    import termios

    before = termios.tcgetattr(0)
    sys.stdout.flush()
    sys.stderr.flush()
    # Signals are held back and taken one by one: none can come between two steps, and be seen too late or never.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, (*HANDED_ON, signal.SIGINT, signal.SIGCHLD))
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        # A shell that exports them knows the size at its own start only; Textual would never follow the window.
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)
        return main()
    status = _wait_for(child)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        _restore(before)
        _say(f"blamefree was ended by {_name(number)}. Every edit that was saved is on disk: open it again.")
        return 128 + number
    if _attributes() != before:
        _restore(before)
    return os.waitstatus_to_exitcode(status)


def _wait_for(child: int) -> int:
    """The status that *child* ended with; until then, what is meant for it is handed on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Its default, to be ignored, would let some systems drop it although it is held back.
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        number = signal.sigwait({*HANDED_ON, signal.SIGCHLD})
        if number in HANDED_ON:
            with suppress(ProcessLookupError):
                os.kill(child, number)


def _attributes() -> list[Any] | None:
    import termios

    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


def _restore(before: list[Any]) -> None:
    """Take back what the application set. The terminal may be gone, and that is no error here."""
    import termios

    with suppress(OSError):
        os.write(2, RESET)
    with suppress(termios.error):
        # Keys that were meant for the application are dropped: the shell would run them.
        termios.tcsetattr(0, termios.TCSAFLUSH, before)


def _say(sentence: str) -> None:
    with suppress(OSError):
        os.write(2, f"{sentence}\n".encode())


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
