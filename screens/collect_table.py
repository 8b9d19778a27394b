"""The table of step 1: each source with its state, its share of the window, and what it has to be asked about."""

from datetime import datetime
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Static

from app.evidence.zones import needs_zone
from app.review.moments import show_moment
from app.review.records import Gap, Session, Source
from app.review.timeline import corrected
from app.text import cut
from screens.frame import StepScreen
from screens.gathering import Gathering
from screens.workbench import Workbench
from widgets.coverage import IN_PART, coverage_bar
from widgets.grid import Column, Grid, Row
from widgets.safe import content

if TYPE_CHECKING:
    from app.evidence.clocks import Proposal
    from collectors.interface import Progress

BAR, WIDE_BAR = 22, 56
"""Cells of a coverage bar, and where there is room for more; all bars share one time axis."""

_SIGNS = {"queued": "…", "running": "▸", "done": "✓", "failed": "✗", "cancelled": "■", "": "·"}


class SourceTable(StepScreen):
    """The sources, their state, and how much of the window they cover."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.gathering = Gathering.of(bench)
        self.proposals: dict[str, Proposal] = {}
        """What the evidence proposes for the clock of a source."""

    @property
    def grid(self) -> Grid:
        """The table of sources."""
        return self.query_one("#sources", Grid)

    def show_session(self, session: Session) -> None:
        """Show the sources."""
        self._show_sources()

    def question(self, source: Source) -> str:
        """What a source has to be asked about, and the key that answers; empty when there is nothing."""
        name = cut(source.name or source.id, 30)
        if needs_zone(source):
            return (
                f"? {name}: its times name no zone and are read as UTC until you say which it is.  z answers"
            )
        proposal = self.proposals.get(source.id)
        if proposal is None:
            return ""
        least = " at least" if proposal.at_least else ""
        return (
            f"? {name}: {cut(proposal.reason, 220)} Proposed{least}: {proposal.offset_s:+g} s.  o corrects it"
        )

    def asked(self, source: Source) -> str:
        """The same in a word, for the row."""
        return "zone?" if needs_zone(source) else "clock?" if source.id in self.proposals else ""

    def on_resize(self) -> None:
        """A longer bar where there is room for it."""
        super().on_resize()
        columns = source_columns(self._bar)
        if columns != self.grid.columns:
            self.grid.set_columns(columns)
            self._show_sources()

    @property
    def _bar(self) -> int:
        return WIDE_BAR if self.size.width >= 140 else BAR

    def _show_sources(self) -> None:
        self.grid.set_rows([self._row(source) for source in self.bench.session.sources])
        self._show_detail()

    @on(Grid.RowHighlighted, "#sources")
    def _highlighted(self, event: Grid.RowHighlighted) -> None:
        event.stop()
        self._show_detail()

    def _show_detail(self) -> None:
        """The whole sentence of a source that failed, or what one could not cover: cells are too short."""
        source = self._current()
        progress = self.gathering.progress.get(source.id) if source else None
        failed = progress is not None and progress.state == "failed"
        text = ""
        if source and progress and failed:
            text = f"✗ {cut(source.name or source.id, 30)}: {cut(progress.message, 200)}  r tries again"
        elif source and (question := self.question(source)):
            text = question
        elif progress and progress.state == "done" and progress.message:
            text = f"· {cut(progress.message, 300)}"
        elif source and source.gaps:
            known = [f"{self._span(gap)} {cut(gap.why, 60)}".strip() for gap in source.gaps[:3]]
            more = f" (+{len(source.gaps) - 3})" if len(source.gaps) > 3 else ""
            part = ", ▒ in part" if IN_PART in self._drawn(source, progress) else ""
            text = f"░ not covered{part}: {' · '.join(known)}{more}"
        if source and not text and (own := _own_window(source)):
            text = f"· {cut(source.name or source.id, 30)} is asked for a window of its own: {own}"
        line = self.query_one("#detail", Static)
        line.set_class(bool(text), "-some")
        line.set_class(failed, "-problem")
        line.update(content(text))

    def _span(self, gap: Gap) -> str:
        ends = [
            each and show_moment(each.astimezone(self.bench.zone), "second") for each in (gap.from_, gap.to)
        ]
        return "–".join(each or "?" for each in ends) if any(ends) else ""

    def _row(self, source: Source) -> Row:
        progress = self.gathering.progress.get(source.id)
        state = (
            progress.state if progress else "done" if source.artifacts else "failed" if source.gaps else ""
        )
        running = progress is not None and progress.state in {"queued", "running"}
        rows = progress.rows if progress and running else sum(artifact.rows for artifact in source.artifacts)
        style = "problem" if state == "failed" else ""
        return Row(
            source.id,
            (
                _SIGNS.get(state, "·"),
                source.name or source.kind,
                self._status(source, progress),
                self._drawn(source, progress),
                f"{rows:,}" if rows else "-",
            ),
            style,
            # Full blocks at full brightness outshine everything else on a projector.
            cell_styles=("ok" if state == "done" else "", "", "", "muted", ""),
        )

    def _drawn(self, source: Source, progress: "Progress | None") -> str:
        """The share of the window that the source covers."""
        window = self.gathering.window()
        gaps = [(gap.from_, gap.to) for gap in source.gaps if gap.from_ and gap.to]
        covered = self._covered(source, progress)
        return coverage_bar(covered, gaps, (window.start, window.end), self._bar) if window else ""

    def _covered(self, source: Source, progress: "Progress | None") -> list[tuple[datetime, datetime]]:
        clock = source.clock_offset_s
        spans = [
            (corrected(each.from_, clock), corrected(each.to, clock))
            for each in source.artifacts
            if each.from_ and each.to
        ]
        return [*spans, *(progress.covered if progress else ())]

    def _status(self, source: Source, progress: "Progress | None") -> str:
        if progress is None or progress.state == "done":
            if not source.artifacts and source.gaps:
                return f"failed: {source.gaps[-1].why}"
            if not source.artifacts:
                return "not collected yet: r runs it"
            gaps = f", {len(source.gaps)} gap{'s' if len(source.gaps) > 1 else ''}" if source.gaps else ""
            files = f"{len(source.artifacts)} file{'s' if len(source.artifacts) > 1 else ''}"
            clock = f", clock {source.clock_offset_s:+g} s" if source.clock_offset_s else ""
            # First, for a narrow terminal shows only the beginning of it.
            asked = f"{short}  " if (short := self.asked(source)) else ""
            note = f" · {progress.message}" if progress and progress.message else ""
            return f"done    {asked}{files}{gaps}{clock}{note}"
        if progress.state == "failed":
            return progress.message or "failed"
        if progress.state == "cancelled":
            return f"cancelled{', what came is kept' if source.artifacts else ''}: r runs it again"
        part = f"{progress.done:4.0%}" if progress.done is not None else "…"
        eta = f"   ETA {progress.eta_s:.0f} s" if progress.eta_s else ""
        size = f"   {progress.bytes / 1e6:,.1f} MB" if progress.bytes else ""
        return f"{part}    {progress.step}{size}{eta}" if progress.state == "running" else "waiting"

    def _current(self) -> Source | None:
        key = self.grid.cursor_key
        return next((source for source in self.bench.session.sources if source.id == key), None)


def _own_window(source: Source) -> str:
    """The ends of the source's own window as they were written; the bar shows the review's."""
    ends = [source.settings.get(name) for name in ("from", "to")]
    return " – ".join(str(each) if each else "…" for each in ends) if any(ends) else ""


def source_columns(bar: int) -> tuple[Column, ...]:
    """The columns, with a coverage bar of *bar* cells."""
    return (
        Column("state", "", 2, editable=False),
        Column("name", "source", grow=2, min_width=16),
        Column("status", "state", grow=3, min_width=16, editable=False),
        Column("window", "window covered", bar, editable=False, priority=60),
        Column("rows", "rows", 11, min_width=8, align="right", editable=False, priority=70),
    )
