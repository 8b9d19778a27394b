"""How the incident's time was spent, below the rows: a ruler of its phases, and what every duration means."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from app.review.durations import clock, durations, spell
from app.review.phases import Phase, road, shares
from app.review.records import Session
from screens.timeline_table import TimelineTable
from widgets.phase_bar import Part, PhaseBar
from widgets.safe import content

TALL = 30
"""Lines of a terminal from which on the ruler has a second line."""


class TimelinePhases(TimelineTable):
    """The phases follow the rows at once, as the durations do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("I", "meanings", "What the durations mean", show=False, id="timeline.meanings"),
    ]

    def show_session(self, session: Session) -> None:
        """Show the rows, and the phases that they make."""
        super().show_session(session)
        self._show_phases()

    def on_resize(self) -> None:
        """The ruler is as wide as the terminal."""
        self._show_phases()

    def _show_phases(self) -> None:
        found = road(self.bench.session)
        cells = shares(tuple(phase.length.total_seconds() for phase in found.phases), self.size.width - 2)
        parts = [_part(phase, size) for phase, size in zip(found.phases, cells, strict=True)]
        about = [f"unknown: {', '.join(found.missing)}"] if parts and found.missing else []
        about += [f"▲ {sentence}" for sentence in found.wrong]
        self.query_one(PhaseBar).show(parts, " · ".join(about), self.app.size.height >= TALL)

    def action_meanings(self) -> None:
        """Every duration with its definition, known or not; every phase; what runs backwards."""
        from screens.dialogs import Reader

        self.app.push_screen(Reader("Durations and phases", meanings(self.bench.session)))


def _part(phase: Phase, cells: int) -> Part:
    stopwatch, words = clock(phase.length), spell(phase.length)
    names = (f"{phase.name} {words}", f"{phase.short} {words}", f"{phase.short} {stopwatch}", phase.short)
    return Part(cells, names, f"{phase.name} {words}")


def meanings(session: Session) -> Content:
    """The durations with their definitions, and the phases, as text."""
    lines: list[Content] = []
    for each in durations(session):
        value = each.problem if each.value is None else f"{'about ' if each.about else ''}{spell(each.value)}"
        sign = "▲ " if each.contradicts else ""
        name = f"{each.label} ({each.name})" if each.name.isupper() else each.label
        lines.append(content(f"{name}: {sign}{value}", "bold" if each.value is not None else ""))
        lines.append(content(f"    = {each.formula}", "dim"))
    found = road(session)
    lines.append(content(""))
    for phase in found.phases:
        lines.append(content(f"{phase.name}: {spell(phase.length)}", "bold"))
        unknown = f"; {', '.join(phase.unknown)} unknown" if phase.unknown else ""
        lines.append(content(f"    from {phase.start} to {phase.end}{unknown}", "dim"))
    lines += [content(f"▲ {sentence}") for sentence in found.wrong]
    if found.missing:
        lines.append(
            content(f"Unknown, because no row with a time is marked as it: {', '.join(found.missing)}.")
        )
    return Content("\n").join(lines)
