"""The real command ``blamefree track``, in a process of its own that is really killed (SIGKILL), again and again.

A run is a fork of the test: nothing is loaded twice, so that a thousand are cheap. The review is a folder on the
disk with its real journal; the server is the test's own process or another. The clock is a file that the test and the
run share: waiting moves it and takes no time, and what was waited for stays waited for after a kill.
"""

import asyncio
import json
import mmap
import os
import random
import signal
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.history import Desk
from app.review.records import Session


class SharedClock:
    """A clock that only waiting moves, in this process and in those forked from it.

    *share* of what is waited is waited in truth: a real server goes on with the request of a run that was killed.
    """

    def __init__(self, path: Path, share: float = 0.0) -> None:
        self._share = share
        path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 8)
        self._start = datetime.now(UTC)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=struct.unpack("<d", self._shared[:])[0])

    def move(self, seconds: float) -> None:
        self._shared[:] = struct.pack("<d", struct.unpack("<d", self._shared[:])[0] + seconds)

    async def sleep(self, seconds: float) -> None:
        self.move(seconds)
        await asyncio.sleep(seconds * self._share)


@dataclass
class Told:
    """What a run that was not killed said."""

    status: int
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    errors: str = ""


@dataclass
class Runner:
    """Starts runs of one review, and kills them."""

    folder: Path
    words: Sequence[str]
    """The command line behind ``track``."""
    environment: Mapping[str, str]
    clock: SharedClock
    pid: int = 0
    """The process of the run that is under way; 0 between runs."""

    async def run(self, *more: str, kill_after: float | None = None) -> Told | None:
        """One run with *more* on its command line; None when it was killed, by *kill_after* or by :meth:`kill`."""
        out, errors = self.folder.with_suffix(".out"), self.folder.with_suffix(".err")
        self.pid = os.fork()
        if self.pid == 0:
            self._child(out, errors, more)
        watch = os.pidfd_open(self.pid)
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(watch, ended.set)
        try:
            if kill_after is not None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), kill_after)
                self.kill()
            await ended.wait()
        finally:
            loop.remove_reader(watch)
            os.close(watch)
            self.kill()
            _, status = os.waitpid(self.pid, 0)
            self.pid = 0
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL, errors.read_text("utf-8")
            return None
        text = out.read_text("utf-8")
        return Told(
            os.WEXITSTATUS(status), json.loads(text) if text.strip() else [], errors.read_text("utf-8")
        )

    def kill(self) -> None:
        """Kill the run that is under way, if there is one; its process is there until it is waited for."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)

    def _child(self, out: Path, errors: Path, more: Sequence[str]) -> None:
        status = 70
        try:
            for number, path in ((1, out), (2, errors)):
                file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(file, number)
            sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
            sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
            os.environ.update(self.environment)
            status = run_track([str(self.folder), *self.words, "--json", *more], self.clock)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)

    def session(self) -> Session:
        """The review as it is on the disk."""
        with Desk.open(self.folder, read_only=True) as desk:
            return desk.session

    def links(self) -> dict[str, str]:
        """The links that the review has on the disk, by action."""
        return {each.id: each.ticket.url for each in self.session().actions if each.ticket}


def run_track(words: Sequence[str], clock: SharedClock) -> int:
    """``blamefree track``, by *clock*."""
    from app.__main__ import main
    from app.tracking.export import export

    given = export.__kwdefaults__
    given["now"], given["sleep"] = clock.now, clock.sleep
    return main(["track", *words])


def warmed() -> None:
    """Load what a run needs before the first fork."""
    import httpx  # noqa: F401

    import app.cli
    import app.commands.track
    import app.settings
    import app.tracking.gitea
    import app.tracking.github
    import app.tracking.gitlab
    import app.tracking.jira
    import app.tracking.linear
    import app.tracking.redmine
    import app.tracking.sheet  # noqa: F401


@dataclass
class Tally:
    """What became of many reviews."""

    reviews: int = 0
    runs: int = 0
    killed: int = 0
    asked: int = 0
    doubles: int = 0
    missing: int = 0
    wrong: int = 0
    """Reviews whose links are not those of their tickets."""

    def __str__(self) -> str:
        return (
            f"{self.reviews} reviews, {self.runs} runs, {self.killed} killed, {self.asked} times a person was asked, "
            f"{self.doubles} doubles, {self.missing} missing"
        )


async def killed_until_done(
    runner: Runner,
    chance: random.Random,
    tally: Tally,
    *,
    faults: Callable[[], None],
    there: Callable[[str], str],
    killing: Callable[[Callable[[], None]], None] | None = None,
    usual: float,
) -> float:
    """Run a review again and again, killing most runs, until every action has its link; how long a whole run took.

    *faults* makes the server fail anew. *there* is what a person sees who looks for an action's ticket: its address,
    or nothing. *killing* makes the server kill the run in the middle of a request that creates, where that can be had.
    *usual* is how many seconds a run lasts.
    """
    more: list[str] = []
    loop = asyncio.get_running_loop()
    for _ in range(400):
        faults()
        by_time = chance.random() < (0.6 if killing else 0.9)
        if killing:
            killing(runner.kill if not by_time and chance.random() < 0.7 else lambda: None)
        started = loop.time()
        told = await runner.run(*more, kill_after=chance.uniform(0, usual) if by_time else None)
        tally.runs += 1
        if told is None:
            tally.killed += 1
        else:
            usual = min(usual * 0.7 + (loop.time() - started) * 0.3, 2.0)
            assert told.status in (0, 1), told.errors
            # A person who is asked looks: has made again what is not there, and links what is.
            more = []
            for each in told.outcomes:
                if each["answer"]:
                    tally.asked += 1
                    url = there(each["action"])
                    if not url:
                        more += ["--again", each["answer"]]
                    elif chance.random() < 0.5:
                        more += ["--link", f"{each['action']}={url}"]
        if set(runner.links()) == {each.id for each in runner.session().actions}:
            return usual
        runner.clock.move(60.0 * chance.choice([0, 1, 5]))
    raise AssertionError("never done")
