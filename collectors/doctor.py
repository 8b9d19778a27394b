"""How every source stands before anything is collected: reachable, authorised, its clock, what it still holds.

Sources are asked at once, each alone and with a time limit; nothing is kept.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from app.evidence.artifacts import Keeper
from app.evidence.window import Window
from app.http import HttpProblem
from app.review.records import Source
from app.text import one_line
from collectors.confirmed import require_lent
from collectors.interface import Collector, CollectProblem, Examination, Job, NeedsConfirmation
from collectors.own_window import check_window, own_window
from collectors.registry import collectors

LONGEST_S = 30.0
"""Seconds after which a source that does not answer is given up."""

UNASKED = Examination(sentences=("This kind of source cannot be asked beforehand: collecting will tell.",))


async def examine(
    sources: Iterable[Source],
    folder: Path | None = None,
    *,
    window: Window | None = None,
    now: datetime | None = None,
    kinds: Mapping[str, Collector] | None = None,
    environment: Mapping[str, str] | None = None,
    longest_s: float = LONGEST_S,
) -> AsyncIterator[tuple[Source, Examination]]:
    """How each of *sources* stands, the quickest first.

    *folder* is the review's, for paths inside of it; *window* is what will be asked for
    where a source has none of its own. A source that cannot
    be examined is an :class:`~collectors.interface.Examination` with a sentence, never an error.
    """
    known = collectors() if kinds is None else kinds
    secrets = os.environ if environment is None else environment
    at = now or datetime.now(UTC)
    with tempfile.TemporaryDirectory() as spare:
        place = folder or Path(spare)

        async def one(source: Source) -> tuple[Source, Examination]:
            # Whatever a collector keeps by mistake goes with the spare folder.
            own = own_window(source.settings, window, at)
            job = Job(source, place, own, at, Keeper(Path(spare), source, at), _ignore, _never, secrets)
            return source, await _asked(job, known, longest_s)

        tasks = [asyncio.create_task(one(source)) for source in sources]
        try:
            for done in asyncio.as_completed(tasks):
                yield await done
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _asked(job: Job, known: Mapping[str, Collector], longest_s: float) -> Examination:
    source = job.source
    collector = known.get(source.kind)
    if collector is None:
        return _wrong(f"Nothing here can collect from “{one_line(source.kind)}”: install its package.")
    if problem := check_window(source.settings) or collector.check(source.settings):
        return _wrong(problem)
    try:
        require_lent(collector, source.settings, job.environment)
        async with asyncio.timeout(longest_s):
            return await collector.examine(job) or UNASKED
    except TimeoutError:
        name = one_line(source.name or source.id or source.kind)
        return Examination(
            reachable=False,
            sentences=(f"{name} did not answer within {longest_s:.0f} s: look at its address.",),
        )
    except NeedsConfirmation as problem:
        return Examination(authorised=False, sentences=(str(problem),))
    except (CollectProblem, HttpProblem, OSError) as problem:
        return Examination(reachable=False, sentences=(one_line(str(problem)),))
    except Exception as error:
        fault = one_line(f"{type(error).__name__}: {error}")[:300]
        return _wrong(
            f"The collector “{one_line(source.kind)}” broke down ({fault}): report this to its maker."
        )


def _wrong(sentence: str) -> Examination:
    return Examination(sentences=(sentence,), reachable=False)


def _ignore(**_facts: object) -> None:
    """Progress of an examination is not shown."""


def _never() -> bool:
    return False


def healthy(found: Examination) -> bool:
    """Whether nothing that was found out stands in the way of a collection."""
    return False not in (found.reachable, found.authorised)


def facts_of(found: Examination) -> dict[str, str]:
    """The four facts in a word each, for a table."""
    words = {True: "yes", False: "no", None: "-"}
    clock = (
        "-" if found.clock_s is None else "in step" if abs(found.clock_s) < 1 else f"{found.clock_s:+.0f} s"
    )
    return {
        "reachable": words[found.reachable],
        "authorised": words[found.authorised],
        "clock": clock,
        "window": words[found.covers],
    }
