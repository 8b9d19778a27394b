"""The collection of evidence while a review is open: it goes on whichever step is shown."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakKeyDictionary

from screens.workbench import Workbench

if TYPE_CHECKING:
    from app.evidence.window import Window
    from app.review.records import Source
    from collectors.interface import Collector, Command, Lent, Progress
    from collectors.outcome import Outcome
    from collectors.runner import Margins, Run

INTERVAL_S = 0.1
"""Between two drawings of what goes on."""


class Gathering:
    """Runs the collectors of one review and turns what they find into edits."""

    _known: ClassVar["WeakKeyDictionary[Workbench, Gathering]"] = WeakKeyDictionary()

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._run: Run | None = None
        self._collectors: Mapping[str, Collector] | None = None
        bench.closers.append(self.stop)
        self.progress: dict[str, Progress] = {}
        """The latest progress of each source that was started since the review was opened."""
        self._told = float("-inf")
        self._telling: asyncio.TimerHandle | None = None

    @classmethod
    def of(cls, bench: Workbench) -> "Gathering":
        """The one collection of a review."""
        return cls._known.setdefault(bench, cls(bench))

    def collectors(self) -> "Mapping[str, Collector]":
        """The kinds of sources that can be collected from."""
        if self._collectors is None:
            from collectors.registry import collectors

            self._collectors = collectors()
        return self._collectors

    def window(self) -> "Window | None":
        """The stretch of time that evidence is gathered for."""
        from app.evidence.window import incident_window

        return incident_window(self._bench.session, self._bench.now(), *self._margins())

    def _margins(self) -> "Margins":
        from app.settings import load_settings
        from collectors.runner import Margins

        settings = load_settings()
        return Margins(timedelta(minutes=settings.lead_minutes), timedelta(minutes=settings.tail_minutes))

    def chosen(self, source_ids: Iterable[str] | None) -> "list[Source]":
        """The sources *source_ids*; without any, all that can be asked again at any time."""
        known = self.collectors()
        wanted = None if source_ids is None else set(source_ids)
        return [
            source
            for source in self._bench.session.sources
            if (
                source.id in wanted
                if wanted is not None
                else source.kind not in known or known[source.kind].repeatable(source.settings)
            )
        ]

    def unconfirmed(self, source_ids: Iterable[str] | None) -> "list[tuple[Source, list[Command | Lent]]]":
        """Those of the sources that run or use what nobody has confirmed on this machine yet, with what it is."""
        from collectors.confirmed import waiting

        known = self.collectors()
        found = [
            (source, waiting(known[source.kind], source.settings))
            for source in self.chosen(source_ids)
            if source.kind in known
        ]
        return [(source, items) for source, items in found if items]

    def confirm_own(
        self, kind: str, settings: "Mapping[str, object]", before: "Mapping[str, object] | None" = None
    ) -> None:
        """A token for a server that was typed here is this person's own; what stood there *before* may not be."""
        from collectors.confirmed import confirm_lent
        from collectors.interface import CollectProblem

        with suppress(CollectProblem):  # it cannot be remembered: the person is asked when it runs
            confirm_lent(self.collectors()[kind], settings, before)

    @property
    def running(self) -> bool:
        """Whether any source is being collected from."""
        return self._run is not None and self._run.running()

    def start(self, source_ids: Iterable[str] | None) -> None:
        """Collect from these sources (all of them, when None); those under way are left alone."""
        from collectors.runner import Run

        if self._run is None:
            self._run = Run(
                self._bench.session,
                self._bench.desk.folder,
                on_progress=self._progressed,
                on_outcome=self._ended,
                margins=self._margins(),
            )
        self._run.start(source_ids, session=self._bench.session)

    def cancel(self, source_id: str | None = None) -> None:
        """Stop one source, or all."""
        if self._run is not None:
            self._run.cancel(source_id)

    async def stop(self) -> None:
        """Stop every source and wait until what they kept is in the session."""
        if self._run is not None and self._run.running():
            self._run.cancel()
            await self._run.wait()

    def _progressed(self, progress: "Progress") -> None:
        """Many sources report at once, each ten times a second; the screen is drawn ten times a second at most."""
        self.progress[progress.source_id] = progress
        if self._telling is None:
            loop = asyncio.get_running_loop()
            self._telling = loop.call_later(max(0.0, self._told + INTERVAL_S - loop.time()), self._tell)

    def _tell(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
        self._telling = None
        self._told = asyncio.get_running_loop().time()
        self._bench.collecting.publish(None)

    def _ended(self, outcome: "Outcome") -> None:
        from collectors.outcome import with_outcome

        if self._bench.desk.read_only:  # closed meanwhile: what was kept is in the evidence folder
            return
        key = outcome.source_id
        self._bench.edit(f"Collect {key}", lambda session: with_outcome(session, key, outcome), "collect")
        self._tell()
        self._bench.suggested.publish(0)
