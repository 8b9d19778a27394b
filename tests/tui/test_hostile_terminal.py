"""What the program sends to a real terminal while it shows a review full of attacks."""

import os
import sys
import time
from pathlib import Path

import pexpect
import pytest

from tests.tui.hostile import SIGNATURES, hostile_review
from tests.tui.reviews import saved

MAIN = """
import sys
from pathlib import Path
from app import tui
folder = Path(sys.argv[1])
sys.exit(tui.run(root=folder.parent, folder=folder, screen="collect"))
"""
MOVES = "".join(f"\x1b[<35;{x};{y}M" for x in (5, 40, 90) for y in (1, 4, 8, 20, 27))
"""The mouse moving over the screen, as a terminal reports it."""
CLICKS = "".join(f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m" for x in (12, 34, 60) for y in (4, 5, 6))
"""Clicks on texts that would quit the application, were they obeyed."""


class Terminal:
    """The program in a pty, and every byte it wrote."""

    def __init__(self, folder: Path) -> None:
        # Test runners in parallel set COLUMNS, which the program would believe more than its terminal.
        own = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        environment = own | {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPATH": os.getcwd(),
        }
        self.child = pexpect.spawn(
            sys.executable,
            ["-c", MAIN, str(folder)],
            dimensions=(30, 100),
            env=environment,
            timeout=20,
        )
        self.child.delaybeforesend = None
        self.raw = b""

    def read(self, until: str, start: int = 0) -> None:
        """Read until *until* was written behind byte *start*, then what still comes."""
        deadline = time.monotonic() + 20
        while until.encode() not in self.raw[start:]:
            assert time.monotonic() < deadline, (until, self.raw[start:][-2000:])
            self._more(0.2)
        self._more(0.15)

    def _more(self, timeout: float) -> None:
        try:
            while True:
                self.raw += self.child.read_nonblocking(65536, timeout)
        except pexpect.TIMEOUT:
            return

    def send(self, *keys: str) -> None:
        for key in keys:
            self.child.send(key)
            self._more(0.05)

    def ask(self, key: str, shown: str) -> None:
        """Open a dialog, and close it again once it is there."""
        start = len(self.raw)
        self.send(key)
        self.read(shown, start)
        self.escape()

    def escape(self) -> None:
        """Send an escape alone: with the next key right behind it, it would be read as alt and that key."""
        start, deadline = len(self.raw), time.monotonic() + 1
        self.send("\x1b")
        while len(self.raw) == start and time.monotonic() < deadline:
            self._more(0.05)
        self._more(0.15)


@pytest.mark.terminal
def test_nothing_of_it_is_obeyed_by_a_terminal(tmp_path: Path) -> None:
    folder = saved(tmp_path, hostile_review())
    terminal = Terminal(folder)
    # Something that each screen shows once it is drawn.
    drawn = ("window covered", "Δ", "immediate", "gate", "parts to write", "follow-up")
    terminal.read("window covered")
    for number, words in enumerate(drawn, 1):
        if number > 1:
            start = len(terminal.raw)
            terminal.send(f"\x1b{number}")
            terminal.read(words, start)
        terminal.send(MOVES)
        terminal.ask("l", "Checklist")
        terminal.ask("?", "Esc closes")
        terminal.send(CLICKS, "\x1b[B")
        assert terminal.child.isalive()
    terminal.send("\x10", "[red]")
    terminal.escape()
    terminal.escape()
    terminal.send("\x11")
    terminal.child.expect(pexpect.EOF)
    terminal.raw += terminal.child.before or b""
    terminal.child.close()
    assert terminal.child.exitstatus == 0
    assert b"[red]" in terminal.raw
    assert b"^[" in terminal.raw
    found = [name for name, signature in SIGNATURES.items() if signature in terminal.raw]
    assert not found


def test_the_signatures_would_be_found() -> None:
    from tests.tui.hostile import ESCAPES, SIGHT

    raw = " ".join((*ESCAPES, *SIGHT)).encode("utf-8")
    assert [name for name, signature in SIGNATURES.items() if signature not in raw] == ["title 2", "link"]
