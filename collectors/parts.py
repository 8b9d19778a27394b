"""A collection in parts: deployments, releases, messages … each of which may fail alone.

Every answer is kept as it came; what it says becomes facts. Where one part is refused, a gap says why, and the
others go on. Whatever ends the collection, what was understood up to then is kept.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from app.evidence.facts import Fact
from app.evidence.formats import ATTACHMENT
from app.evidence.window import Window
from app.http import Answer, Client, HttpProblem
from app.review.records import Artifact, Gap
from app.text import one_line
from collectors.interface import Collected, CollectProblem, Examination, Job
from collectors.served import clock_note

MOST_PAGES: Final = 500
_HOPELESS: Final = {"address", "login-setting", "ca-file", "refused", "dns", "tls", "redirect"}
"""Problems of the server, not of what it was asked: the other parts would only meet them again."""


@dataclass(frozen=True)
class Part:
    """One thing to ask for.

    *title* is what people call it. *ask* does the work, and *permission* is what a login needs for it, in the
    server's words. *probe* is a small request by which :func:`examined` sees whether it would be answered.
    """

    title: str
    ask: Callable[[], Awaitable[None]]
    permission: str = ""
    probe: tuple[str, tuple[tuple[str, str], ...]] | None = None


class Book:
    """What one collection has kept and understood so far.

    *window* is in the server's time: the clock correction of the source is taken off.
    """

    def __init__(self, job: Job, client: Client) -> None:
        if job.window is None:
            raise CollectProblem(
                f"{client.site.name} needs a window to ask for: enter when the incident started."
            )
        self.job = job
        self.client = client
        self.window = job.window.shifted(-job.source.clock_offset_s)
        self.artifacts: list[Artifact] = []
        self.facts: dict[str, Fact] = {}
        self.gaps: list[Gap] = []
        self.notes: list[str] = []
        self.unread = 0
        self.reached: datetime | None = None
        """How far back a part has come that is read from the newest on; the rest is missing when it fails."""
        self._bytes = 0
        self._asked: list[str] = []
        self._base = self._share = 0.0
        self._width = 1.0
        self._title = ""

    async def keep(self, name: str, answer: Answer, rows: int) -> Artifact:
        """Keep *answer* as it came, with the request that made it."""
        # Packing a large answer takes a while: not on the event loop.
        artifact = await asyncio.to_thread(
            self.job.keeper.keep,
            f"{name}.json",
            answer.body,
            query=one_line(answer.request),
            format=ATTACHMENT,
            rows=rows,
            note=one_line(name),
        )
        self.artifacts.append(artifact)
        self._bytes += len(answer.body)
        self._asked.append(one_line(answer.request))
        self.tell()
        return artifact

    def add(self, fact: Fact | None, artifact: Artifact | None = None) -> None:
        """Take *fact*, which was read from *artifact*, if it lies in the window; None could not be understood."""
        if fact is None:
            self.unread += 1
        elif self.window.holds(fact.at):
            self.facts[fact.key] = replace(fact, ref=artifact.path if artifact else fact.ref)

    def hole(self, why: str, start: datetime | None = None, end: datetime | None = None) -> None:
        """Record that something is missing from *start* to *end* (server time; the whole window otherwise)."""
        clock = timedelta(seconds=self.job.source.clock_offset_s)
        start, end = start or self.window.start, end or self.window.end
        self.gaps.append(Gap(from_=start + clock, to=end + clock, why=one_line(why)))

    def tell(self, step: str = "", share: float | None = None) -> None:
        """Report progress: *share* of the part at work is done."""
        if share is not None:
            self._share = max(0.0, min(share, 1.0))
        known: dict[str, Any] = {"rows": len(self.facts), "bytes": self._bytes}
        known["step"] = step or self._title
        known["done"] = min(0.99, self._base + self._share * self._width)
        self.job.report(**known)

    def walked_back_to(self, at: datetime | None) -> None:
        """A list that comes newest first has been read back to *at*."""
        if at is None:
            return
        self.reached = min(at, self.reached) if self.reached else at
        span = (self.window.end - self.window.start).total_seconds() or 1.0
        self.tell(share=(self.window.end - self.reached).total_seconds() / span)

    async def ask(self, parts: Sequence[Part]) -> Collected:
        """Ask for *parts* one after the other; raises only where nothing at all could be had."""
        self._width = 1 / max(1, len(parts))
        failed: list[Exception] = []
        covers: Window | None = None
        try:
            for number, part in enumerate(parts):
                self._base, self._share, self._title, self.reached = (
                    number * self._width,
                    0.0,
                    part.title,
                    None,
                )
                self.tell(part.title)
                try:
                    await part.ask()
                except (HttpProblem, CollectProblem) as problem:
                    failed.append(problem)
                    hopeless = isinstance(problem, HttpProblem) and (
                        problem.kind in _HOPELESS or problem.status == 401
                    )
                    if hopeless and not self.artifacts:
                        raise
                    self._missing(part, problem)
                    if hopeless:
                        for other in parts[number + 1 :]:
                            self._missing(other, problem)
                        break
            covers = self.window if len(failed) < len(parts) else None
        finally:
            kept = self._keep_facts(covers)
        if failed and not self.artifacts:
            raise failed[0]
        if self.unread:
            self.notes.append(
                f"{self.unread:,} records have a form that is not known here; the answers that hold them are kept."
            )
        window = self.job.window
        covered = ((window.start, window.end),) if window and len(failed) < len(parts) else ()
        self.job.report(step=f"{len(self.facts):,} facts", rows=len(self.facts), done=1.0, covered=covered)
        artifacts = (*self.artifacts, kept) if kept else tuple(self.artifacts)
        notes = tuple(dict.fromkeys((*self.notes, *clock_note(self.client))))
        # The server's clock stamps what it tells: it is compared with this machine's.
        return Collected(artifacts, tuple(self.gaps), notes, self.client.clock_s)

    def _missing(self, part: Part, problem: Exception) -> None:
        end = self.reached if self.reached and self.window.holds(self.reached) else None
        self.hole(f"{part.title}: {refusal(part, problem)}", end=end)

    def _keep_facts(self, covers: Window | None) -> Artifact | None:
        """Beside the answers, what they say. A few kilobytes: also when the task is being cancelled."""
        if not self.artifacts:
            return None
        name = self.job.source.kind or "source"
        query = self._asked[0] if len(self._asked) == 1 else f"{len(self._asked):,} requests"
        return self.job.keep_facts(f"{name}.facts.jsonl", self.facts.values(), query, covers)


def refusal(part: Part, problem: Exception) -> str:
    """The sentence for a part that was refused, with the permission that it needs."""
    said = str(problem)
    limited = isinstance(problem, HttpProblem) and problem.retry_after is not None
    if part.permission and not limited and isinstance(problem, HttpProblem) and problem.status in (403, 404):
        said = f"{said.rstrip('.')} (it needs {part.permission})."
    return said


async def examined(job: Job, client: Client, parts: Sequence[Part], keeps: str = "") -> Examination:
    """How the source stands, by the smallest request of each part; *keeps* is worth knowing about retention."""
    sentences: list[str] = []
    answered = False
    for part in parts:
        if part.probe is None:
            continue
        try:
            await client.get(*part.probe)
            answered = True
        except HttpProblem as problem:
            if problem.status == 0:
                return Examination(reachable=False, sentences=(str(problem),))
            answered = True
            sentences.append(f"{part.title}: {refusal(part, problem)}")
            if problem.status == 401:
                break
    return Examination(
        reachable=answered or None,
        authorised=not sentences if answered else None,
        clock_s=client.clock_s,
        sentences=(*sentences, *((keeps,) if keeps else ())),
    )


def switched_on(settings: Any, name: str, default: bool = True) -> bool:
    """Whether the flag *name* is on."""
    value = settings.get(name)
    return value if isinstance(value, bool) else default


def around(window: Window, before: timedelta) -> Window:
    """*window* with *before* more at its beginning."""
    return Window(window.start - before, window.end)
