"""A real terminal with a shell in it: what a person sees, types, and is left with.

Each has a tmux server of its own. What it shows is asked for again and again until it is as wanted; nothing
sleeps and hopes.
"""

import fcntl
import os
import re
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import NamedTuple

COMMAND = Path(sys.executable).with_name("blamefree")
"""The installed program, beside the Python that runs the tests."""
PATIENCE_S = 30.0
"""How long a machine that does other things as well may take for anything."""
PROMPT = "ready>"

SETTINGS = """\
set -g status off
set -g default-terminal tmux-256color
set -g set-clipboard on
set -g escape-time 0
"""

MODES = {
    "alternate_on": "0", "cursor_flag": "1", "wrap_flag": "1", "insert_flag": "0", "keypad_flag": "0",
    "mouse_any_flag": "0", "mouse_button_flag": "0", "mouse_standard_flag": "0", "mouse_sgr_flag": "0",
}  # fmt: skip
"""The modes of a terminal that is as a shell expects it, in the words of tmux."""


class Process(NamedTuple):
    """A running process: its id and its parent's, its state (``T`` stopped, ``Z`` ended) and its command."""

    pid: int
    parent: int
    state: str
    command: str


def processes() -> dict[int, Process]:
    """All processes of the machine."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            state, parent = stat.rpartition(")")[2].split()[:2]
            found[int(entry.name)] = Process(int(entry.name), int(parent), state, command.strip())
    return found


def below(pid: int) -> list[Process]:
    """All processes that come from *pid*, the nearest first."""
    everything = processes()
    found: list[Process] = []
    wanted = [pid]
    while wanted:
        children = [each for each in everything.values() if each.parent in wanted and each.state != "Z"]
        found += children
        wanted = [each.pid for each in children]
    return found


def alive(pid: int) -> bool:
    """Whether a process runs, or is stopped; one that ended and is not yet asked about does not."""
    one = processes().get(pid)
    return one is not None and one.state != "Z"


def until(condition: Callable[[], bool], why: Callable[[], str], seconds: float = PATIENCE_S) -> None:
    """Ask again and again until *condition* holds; *why* says what was seen instead."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(why())
        time.sleep(0.02)


class Terminal:
    """A shell in tmux, in a folder of its own."""

    def __init__(self, folder: Path, size: tuple[int, int] = (100, 30), **environment: str) -> None:
        # Not in the test's own folder: the path of a socket must be short.
        self._place = TemporaryDirectory(prefix="tmux-")
        place = Path(self._place.name)
        (place / "settings").write_text(SETTINGS)
        self._tmux = ("tmux", "-S", str(place / "socket"), "-f", str(place / "settings"))
        environ = {name: text for name, text in os.environ.items() if not name.startswith(("TMUX", "TERM"))}
        environ |= {
            "PS1": f"{PROMPT} ",
            "PATH": f"{COMMAND.parent}:{environ['PATH']}",
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "HISTFILE": "",
        }
        self._environ = environ | environment
        width, height = map(str, size)
        shell = ("bash", "--norc", "--noprofile")
        self.tmux("new-session", "-d", "-x", width, "-y", height, "-c", str(folder), *shell)
        self.shell = int(self.ask("pane_pid"))
        self.wait_for(PROMPT)

    def tmux(self, *words: str) -> str:
        """A command for the tmux server, and its answer."""
        done = subprocess.run(
            [*self._tmux, *words], env=self._environ, capture_output=True, text=True, check=False, timeout=30
        )
        if done.returncode:
            raise AssertionError(f"tmux {words}: {done.stderr.strip()}")
        return done.stdout

    def close(self) -> None:
        """End the server, and whatever still runs in it."""
        left = below(self.shell)
        subprocess.run([*self._tmux, "kill-server"], env=self._environ, capture_output=True, check=False)
        for each in left:
            if alive(each.pid):
                os.kill(each.pid, 9)
        self._place.cleanup()

    # What is seen

    def ask(self, fact: str) -> str:
        """A fact that tmux knows about the terminal."""
        return self.tmux("display-message", "-p", f"#{{{fact}}}").strip()

    def modes(self) -> dict[str, str]:
        """The modes that :data:`MODES` names, as they are."""
        answer = self.tmux("display-message", "-p", " ".join(f"#{{{name}}}" for name in MODES)).split()
        return dict(zip(MODES, answer, strict=True))

    def screen(self) -> str:
        """What stands on the screen; lines that the terminal itself wrapped are one line."""
        return self.tmux("capture-pane", "-p", "-J")

    def wait_for(self, *texts: str, gone: str = "", seconds: float = PATIENCE_S) -> str:
        """Wait until all *texts* are on the screen, and *gone* is not; each is a regular expression."""
        wanted = [re.compile(text, re.MULTILINE) for text in texts]
        unwanted = re.compile(gone, re.MULTILINE) if gone else None
        seen = ""

        def as_wanted() -> bool:
            nonlocal seen
            seen = self.screen()
            return all(each.search(seen) for each in wanted) and not (unwanted and unwanted.search(seen))

        without = f" without {gone!r}" if gone else ""
        until(as_wanted, lambda: f"waited for {texts}{without}, saw:\n{seen}", seconds)
        return seen

    # What is done

    def keys(self, *names: str) -> None:
        """Press keys, by their names in tmux."""
        self.tmux("send-keys", *names)

    def drained(self) -> None:
        """Wait until the program has read every key that was pressed: what comes next comes behind them."""
        tty = os.open(self.tmux("display-message", "-p", "#{pane_tty}").strip(), os.O_RDONLY | os.O_NOCTTY)
        try:

            def waiting() -> int:
                return int.from_bytes(fcntl.ioctl(tty, termios.FIONREAD, bytes(4)), sys.byteorder)

            until(lambda: not waiting(), lambda: f"{waiting()} bytes of input were never read")
        finally:
            os.close(tty)

    def type(self, text: str) -> None:
        """Type *text* as it is."""
        self.tmux("send-keys", "-l", text)

    def paste(self, data: bytes) -> None:
        """Send bytes as they are, all at once."""
        with NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            self.tmux("load-buffer", file.name, ";", "paste-buffer", "-d", "-r")

    def run(self, command: str) -> None:
        """Give the shell a command."""
        self.type(command)
        self.keys("Enter")

    def resize(self, width: int, height: int) -> None:
        """Another size, as when a person drags the window's corner."""
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def program(self) -> tuple[int, int]:
        """The process ids of the launcher and of the application below it."""
        found: list[Process] = []

        def both() -> bool:
            nonlocal found
            found = [each for each in below(self.shell) if "blamefree" in each.command]
            return len(found) == 2

        until(both, lambda: f"expected a launcher and the application, found {found}")
        return found[0].pid, found[1].pid

    def assert_usable(self) -> None:
        """The shell has its terminal back: modes, line discipline, echo, and a command that runs."""
        assert self.modes() == MODES
        self.run("clear; stty -a; echo $((6*7))=sum")
        seen = self.wait_for(r"^42=sum", rf"^{PROMPT}")
        switched = re.findall(r"-?\w+", seen.partition("=sum")[0])
        for name in ("icanon", "echo", "isig", "icrnl", "ixon", "opost", "iexten"):
            assert name in switched, f"{name} is off:\n{seen}"
        self.run("echo long-$(printf 'x%.0s' $(seq 300))-end")
        self.wait_for(r"^long-x{300}-end$")
