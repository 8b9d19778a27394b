"""Ten sources that hang, stopped by ctrl+c: from the signal to the end of the process.

Beside it stands what ending a Python costs at all: the same interpreter with the same libraries loaded, asleep until
the same signal comes.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.hanging import WORDS, ten_that_hang

ROUNDS = 5
_ASLEEP = (
    "import asyncio, httpx, polars, kubernetes.client, app.review.records\n"
    "print('up', flush=True)\n"
    "asyncio.run(asyncio.sleep(86399))\n"
)


def run() -> None:
    """Print the median and the worst of both."""
    ours: list[float] = []
    theirs: list[float] = []
    kept = 0
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="blamefree-bench-") as place:
            took, kept = _cancelled(Path(place))
            ours.append(took)
        theirs.append(_plain())
    print(f"Ten sources that hang, from ctrl+c to the end of the process; median of {ROUNDS} (worst)")
    for name, found in (("a sleeping Python", theirs), ("blamefree collect", ours)):
        print(f"  {name:18} {statistics.median(found):5.2f} s  ({max(found):.2f})")
    print(f"  difference {statistics.median(ours) - statistics.median(theirs):.2f} s (goal: within a second)")
    print(f"  {kept} of the sources that had sent something kept it")


def _cancelled(place: Path) -> tuple[float, int]:
    from app.history import Desk

    with ten_that_hang(place) as ten:
        environment = os.environ | {f"XDG_{name}_HOME": str(place / "home") for name in ("STATE", "CONFIG")}
        command = [sys.executable, "-m", "app", "collect", str(ten.folder), *WORDS]
        child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        ten.wait(child)
        began = time.perf_counter()
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=120)
        took = time.perf_counter() - began
        if child.returncode != 130 or ten.commands_run():
            raise SystemExit(f"it ended with {child.returncode}: {said.decode()}")
        with Desk.open(ten.folder, read_only=True) as desk:
            return took, sum(bool(each.artifacts) for each in desk.session.sources)


def _plain() -> float:
    child = subprocess.Popen(
        [sys.executable, "-c", _ASLEEP], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    if child.stdout:
        child.stdout.readline()
    began = time.perf_counter()
    child.send_signal(signal.SIGINT)
    child.wait(120)
    return time.perf_counter() - began
