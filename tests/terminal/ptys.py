"""The program in a terminal that is only read: what it draws is kept as a screen of characters."""

import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path

import pyte

from tests.terminal.terminals import PATIENCE_S, below

TAKE_THE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


class Pty:
    """A command in a pseudo-terminal of its own."""

    def __init__(
        self, command: list[str], folder: Path, size: tuple[int, int] = (100, 40), **environment: str
    ):
        self._handle, inner = pty.openpty()
        ioctl(self._handle, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        # Not pty.fork(): a fork of the tests' own process, which has threads, may hang.
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-c", TAKE_THE_TERMINAL, *command],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            cwd=folder,
            env=os.environ | {"TERM": "xterm-256color"} | environment,
            start_new_session=True,
        )
        os.close(inner)
        self.pid = self._process.pid
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.ended = False
        self.code: int | None = None

    def lines(self) -> list[str]:
        """What stands on the screen."""
        return [line.rstrip() for line in self._screen.display]

    def send(self, keys: str | bytes) -> None:
        """Press keys."""
        os.write(self._handle, keys.encode() if isinstance(keys, str) else keys)

    def take(self, seconds: float) -> bool:
        """Take in what the program drew within *seconds*; tell whether there was anything."""
        if self.ended or not select.select([self._handle], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._handle, 65_536)
        except OSError:
            data = b""
        self.ended = not data
        self._stream.feed(data)
        return bool(data)

    def wait_for(self, condition: Callable[[list[str]], bool], seconds: float = PATIENCE_S) -> list[str]:
        """Wait until the screen is as *condition* wants it, and return it."""
        end = time.monotonic() + seconds
        while not condition(self.lines()):
            self.take(0.05)
            if self.ended or time.monotonic() > end:
                raise AssertionError("\n".join(["waited in vain, saw:", *self.lines()]))
        return self.lines()

    def close(self) -> int:
        """Take the terminal away, end what still runs, and return the exit code (128 + n for signal n)."""
        if self.code is None:
            for each in below(self.pid):
                with suppress(ProcessLookupError):
                    os.kill(each.pid, signal.SIGKILL)
            while self.take(0.05):
                pass
            os.close(self._handle)
            code = self._process.wait(PATIENCE_S)
            self.code = code if code >= 0 else 128 - code
        return self.code
