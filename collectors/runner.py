"""Collecting from many sources at once, each failing alone.

A :class:`Run` lives on the event loop. It tells two listeners what happens, both called on the loop: one
gets :class:`~collectors.interface.Progress` (at most ten a second and source), the other the
:class:`~collectors.outcome.Outcome` of each source the moment it is there.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from app.evidence.artifacts import EvidenceProblem, Keeper
from app.evidence.window import LEAD, TAIL, Window, incident_window, uncovered
from app.http import HttpProblem
from app.review.records import Gap, Session, Source
from app.text import one_line
from collectors.confirmed import require_lent
from collectors.interface import Collected, Collector, CollectProblem, Job, NeedsConfirmation, Progress
from collectors.outcome import Outcome
from collectors.own_window import check_window, own_window
from collectors.registry import collectors

INTERVAL_S = 0.1
"""Between two reports of one source."""

OnProgress = Callable[[Progress], None]
OnOutcome = Callable[[Outcome], None]


async def run(
    session: Session,
    folder: Path,
    source_ids: Iterable[str] | None = None,
    on_progress: OnProgress | None = None,
    window: Window | None = None,
) -> dict[str, Outcome]:
    """Collect *source_ids* (all, when none are named) and return how each ended."""
    work = Run(session, folder, on_progress=on_progress, window=window)
    work.start(source_ids)
    return await work.wait()


class Margins(NamedTuple):
    """How much is gathered around the incident: before its start (what changed?), and after its end."""

    lead: timedelta = LEAD
    tail: timedelta = TAIL


USUAL = Margins()


def window_of(session: Session, source: Source, now: datetime, margins: Margins = USUAL) -> Window | None:
    """What to ask *source* for: its own ``from`` and ``to`` settings, else the incident's window."""
    return own_window(source.settings, incident_window(session, now, *margins), now)


class Run:
    """A collection under way. Create and use it on the event loop.

    *now* stands for the clock in tests; *kinds* are the collectors to use, *environment* is where they
    look for secrets.
    """

    def __init__(
        self,
        session: Session,
        folder: Path,
        *,
        on_progress: OnProgress | None = None,
        on_outcome: OnOutcome | None = None,
        window: Window | None = None,
        now: datetime | None = None,
        margins: Margins = USUAL,
        kinds: Mapping[str, Collector] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self._session = session
        self._folder = folder
        self._on_progress = on_progress or (lambda _progress: None)
        self._on_outcome = on_outcome or (lambda _outcome: None)
        self._window = window
        self._now = now
        self._margins = margins
        self._kinds = collectors() if kinds is None else kinds
        self._environment = os.environ if environment is None else environment
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stops: dict[str, threading.Event] = {}

    def start(self, source_ids: Iterable[str] | None = None, *, session: Session | None = None) -> None:
        """Begin with *source_ids* (all that can be asked again, when none are named).

        Those already running go on undisturbed.

        *session* is the session as it is now, where it was edited since.
        """
        self._session = session or self._session
        wanted = None if source_ids is None else set(source_ids)
        for source in self._session.sources:
            chosen = self._repeatable(source) if wanted is None else source.id in wanted
            if chosen and not self.running(source.id):
                stop = threading.Event()
                self._stops[source.id] = stop
                self.outcomes.pop(source.id, None)
                self._on_progress(Progress(source.id, "queued"))
                task = asyncio.create_task(self._collect(source, stop))
                task.add_done_callback(partial(self._settle, source.id))
                self._tasks[source.id] = task

    def _repeatable(self, source: Source) -> bool:
        collector = self._kinds.get(source.kind)
        return collector is None or collector.repeatable(source.settings)

    def retry(self, source_id: str, *, session: Session | None = None) -> None:
        """Collect one source again."""
        self.start([source_id], session=session)

    def cancel(self, source_id: str | None = None) -> None:
        """Stop one source, or all of them; what they kept so far stays."""
        for name, task in self._tasks.items():
            if source_id in (None, name) and not task.done():
                self._stops[name].set()
                task.cancel()

    def running(self, source_id: str | None = None) -> bool:
        """Whether this source, or any, is still under way."""
        return any(not task.done() for name, task in self._tasks.items() if source_id in (None, name))

    async def wait(self) -> dict[str, Outcome]:
        """Return the outcomes when no source is under way any more.

        Cancelling this stops all of them, and ends when they have put away what they have.
        """
        try:
            await self._until_all_ended()
        except asyncio.CancelledError:
            self.cancel()
            await self._until_all_ended()
            raise
        return dict(self.outcomes)

    async def _until_all_ended(self) -> None:
        while self.running():
            await asyncio.wait([task for task in self._tasks.values() if not task.done()])

    def _settle(self, source_id: str, task: asyncio.Task[None]) -> None:
        """A task that was cancelled before its first step has no outcome of its own yet."""
        if task.cancelled() and self._tasks.get(source_id) is task and source_id not in self.outcomes:
            self.outcomes[source_id] = Outcome(source_id, "cancelled")
            self._on_progress(Progress(source_id, "cancelled"))
            self._on_outcome(self.outcomes[source_id])

    async def _collect(self, source: Source, stop: threading.Event) -> None:
        now = self._now or datetime.now(UTC)
        window = self._window or window_of(self._session, source, now, self._margins)
        keeper = Keeper(self._folder, source, now)
        board = _Board(source.id, self._on_progress)
        board.show(state="running")
        job = Job(source, self._folder, window, now, keeper, board.report, stop.is_set, self._environment)
        try:
            outcome = _done(await self._ask(job), job)
            task = asyncio.current_task()
            if stop.is_set() or (task and task.cancelling()):
                # What it could still put away; a collector that knows the hole in it says so.
                outcome = replace(outcome, state="cancelled")
        except asyncio.CancelledError:
            # Whoever cancelled it: a thread that works for this source must end, too.
            stop.set()
            outcome = Outcome(source.id, "cancelled", tuple(keeper.kept), window=window)
        except NeedsConfirmation as problem:
            outcome = replace(_failed(str(problem), job, board.latest), confirm=problem.item)
        except (CollectProblem, EvidenceProblem, HttpProblem) as problem:
            outcome = _failed(str(problem), job, board.latest)
        except OSError as error:
            what = one_line(f"{error.filename}: {error.strerror}" if error.filename else str(error))
            outcome = _failed(f"{_name(source)} could not be read or kept ({what}).", job, board.latest)
        except Exception as error:
            fault = one_line(f"{type(error).__name__}: {error}")[:300]
            outcome = _failed(
                f"The collector “{one_line(source.kind)}” broke down ({fault}): report this to its maker.",
                job,
                board.latest,
            )
        self.outcomes[source.id] = outcome
        message = outcome.message or " ".join(outcome.notes)
        done = 1.0 if outcome.state == "done" else board.latest.done
        board.show(state=outcome.state, message=message, done=done, eta_s=None)
        self._on_outcome(outcome)

    async def _ask(self, job: Job) -> Collected:
        kind = job.source.kind
        collector = self._kinds.get(kind)
        if collector is None:
            known = ", ".join(sorted(self._kinds))
            raise CollectProblem(
                f"Nothing here can collect from “{one_line(kind)}”: install its package, or use {known}."
            )
        problem = check_window(job.source.settings) or collector.check(job.source.settings)
        if problem:
            raise CollectProblem(problem)
        require_lent(collector, job.source.settings, self._environment)
        return await collector.collect(job)


class _Board:
    """The latest progress of one source; thread-safe, and quick however often it is told something."""

    def __init__(self, source_id: str, tell: OnProgress) -> None:
        self.latest = Progress(source_id, "queued")
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._told = float("-inf")
        self._armed = False
        self._lock = threading.Lock()

    def report(self, **facts: Any) -> None:
        """Take *facts*; the listener hears of them within a tenth of a second."""
        with self._lock:
            if self.latest.state != "running":
                return
            self.latest = replace(self.latest, **facts)
            if self._armed:
                return
            self._armed = True
        self._loop.call_soon_threadsafe(self._arm)

    def show(self, **facts: Any) -> None:
        """Take *facts* and tell them at once."""
        with self._lock:
            self.latest = replace(self.latest, **facts)
        self._tell(self.latest)

    def _arm(self) -> None:
        self._loop.call_later(max(0.0, self._told + INTERVAL_S - self._loop.time()), self._flush)

    def _flush(self) -> None:
        with self._lock:
            self._armed = False
            if self.latest.state != "running":
                return
            done = self.latest.done
            if done and done > 0.05:
                spent = self._loop.time() - self._started
                self.latest = replace(self.latest, eta_s=spent * (1 - min(done, 1.0)) / done)
            latest = self.latest
        self._told = self._loop.time()
        self._tell(latest)


def _done(collected: Collected, job: Job) -> Outcome:
    return Outcome(
        job.source.id,
        "done",
        collected.artifacts,
        collected.gaps,
        collected.notes,
        window=job.window,
        clock_s=collected.clock_s,
    )


def _failed(sentence: str, job: Job, latest: Progress) -> Outcome:
    """A failure, with the hole that it leaves: what an earlier collection gave is still there."""
    sentence = one_line(sentence)
    gaps: tuple[Gap, ...] = ()
    if job.window:
        clock = timedelta(seconds=job.source.clock_offset_s)
        earlier = [
            (each.from_ + clock, each.to + clock) for each in job.source.artifacts if each.from_ and each.to
        ]
        gaps = tuple(
            Gap(from_=start, to=end, why=sentence)
            for start, end in uncovered(job.window, (*latest.covered, *earlier))
        )
    kept = tuple(job.keeper.kept)
    return Outcome(job.source.id, "failed", kept, gaps, message=sentence, window=job.window)


def _name(source: Source) -> str:
    return one_line(source.name or source.id)
