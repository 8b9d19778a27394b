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

RESET = (
    b"\x1b[?1049l"  # leave the alternate screen
    b"\x1b[?25h"  # show the cursor
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l"  # stop reporting the mouse
    b"\x1b[?2004l\x1b[?1004l"  # stop bracketing pastes and reporting the focus
    b"\x1b[?2048l"  # stop reporting the size in band
    b"\x1b[<u"  # give the keyboard its own protocol back
    b"\x1b[0m"
)


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
    if not hasattr(os, "fork") or not sys.stdin.isatty() or not sys.stdout.isatty():
        return main()
    import termios

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        return main()
    status = _wait(child)
    if os.WIFSIGNALED(status):
        _restore(terminal, before)
        number = os.WTERMSIG(status)
        name = signal.Signals(number).name
        sys.stderr.write(
            f"blamefree was ended by {name}. Every edit that was saved is on disk: open it again.\n"
        )
        return 128 + number
    return os.waitstatus_to_exitcode(status)


def _wait(child: int) -> int:
    """Wait for *child*; signals meant for the application are handed on to it."""

    def forward(number: int, _frame: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        with suppress(InterruptedError):
            return os.waitpid(child, 0)[1]


def _restore(terminal: int, before: list[object]) -> None:
    import termios

    with suppress(OSError):
        os.write(sys.stdout.fileno(), RESET)
    with suppress(OSError, termios.error):
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)  # type: ignore[arg-type]
