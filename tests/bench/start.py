"""First frame of a saved session in a real terminal, against a skeleton of six empty screens."""

import os
import pty
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path

ROUNDS = 9
DEADLINE_S = 30.0

OURS = """
import sys
from pathlib import Path
from app.launch import run
sys.exit(run(root=Path(sys.argv[1]).parent, folder=Path(sys.argv[1]), screen="timeline"))
"""


def _tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += _tree(int(child))
    return found


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process and all below it have used so far."""
    total = 0.0
    for each in _tree(pid):
        with suppress(OSError, ValueError, IndexError):
            for task in Path(f"/proc/{each}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0]) / 1e9
    return total


def first_frame(argv: list[str], marker: bytes) -> tuple[float, float]:
    """Start a command in a terminal of 80 by 24; return CPU and wall seconds until *marker* is on it."""
    begun = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execvp(argv[0], argv)
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen = b""
    try:
        while marker not in seen:
            ready, _, _ = select.select([terminal], [], [], 1.0)
            if ready:
                seen += os.read(terminal, 65_536)
            if time.perf_counter() - begun > DEADLINE_S:
                raise TimeoutError(f"{argv} did not show {marker!r}: {seen[-400:]!r}")
        return _cpu(pid), time.perf_counter() - begun
    finally:
        for each in reversed(_tree(pid)):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def run() -> None:
    """Measure both in turn, so that a drift of the machine meets both, and print the ratio of medians."""
    from app.demo import copy_sample

    root = Path(tempfile.mkdtemp(prefix="blamefree-bench-"))
    os.environ["XDG_STATE_HOME"] = str(root / "state")
    try:
        folder = copy_sample(root)
        skeleton = [sys.executable, "-m", "tests.bench.skeleton"]
        ours = [sys.executable, "-c", OURS, str(folder)]
        for argv, marker in ((skeleton, b"skeleton-ready"), (ours, b"10:40:00")):
            first_frame(argv, marker)  # not counted: writes byte code, fills the page cache
        pairs = [
            (first_frame(skeleton, b"skeleton-ready"), first_frame(ours, b"10:40:00")) for _ in range(ROUNDS)
        ]
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print("First frame of a saved session in a terminal (median of", ROUNDS, "pairs)")
    for name, which in (("CPU", 0), ("wall", 1)):
        reference = statistics.median(pair[0][which] for pair in pairs)
        measured = statistics.median(pair[1][which] for pair in pairs)
        ratio = statistics.median(pair[1][which] / pair[0][which] for pair in pairs)
        print(f"  {name:<5} skeleton {reference:.3f} s   blamefree {measured:.3f} s   ratio {ratio:.2f}")


if __name__ == "__main__":
    run()
