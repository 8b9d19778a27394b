"""What follows from the rows: the durations between milestones."""

from textual.app import ComposeResult
from textual.widgets import Static

from app.review.durations import Duration, durations, spell
from app.review.records import Session
from app.text import cell_len
from screens.timeline_table import TimelineTable
from screens.workbench import Workbench
from widgets.phase_bar import PhaseBar
from widgets.safe import content
from widgets.still import Words


class TimelineFacts(TimelineTable):
    """Durations follow every edit at once."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._durations: tuple[Duration, ...] = ()

    def facts(self) -> ComposeResult:
        """The lines below the table."""
        yield PhaseBar()
        yield Words(id="durations")

    def show_session(self, session: Session) -> None:
        """Show the rows and the durations between the milestones."""
        super().show_session(session)
        found = durations(session)
        if found == self._durations:
            return
        self._durations = found
        self._show_durations()
        meaning = "\n".join(f"{each.label} = {each.formula}" for each in self._durations)
        self.query_one("#durations", Static).tooltip = content(meaning)

    def on_resize(self) -> None:
        """The pieces stand on as few lines as they need."""
        self._show_durations()

    def _show_durations(self) -> None:
        pieces = _duration_pieces(self._durations)
        self.query_one("#durations", Static).update(content(_lines(pieces, self.size.width - 2)))


def _duration_pieces(found: tuple[Duration, ...]) -> list[str]:
    """The durations that are known, and what stands in the way of the others."""
    known = [
        f"{each.name if each.name.isupper() else each.label} {'~' if each.about else ''}{spell(each.value)}"
        for each in found
        if each.value is not None and each.name not in {"recover", "response"}
    ]
    wrong = [each.problem for each in found if " is before " in each.problem]
    if not known and not wrong:
        return [
            "Durations are unknown: press m on a row to mark it as started, detected, mitigated, resolved"
        ]
    return [*known, *(f"▲ {problem}" for problem in dict.fromkeys(wrong))]


def _lines(pieces: list[str], width: int) -> str:
    """The pieces on as few lines as they need; none is torn apart where a line ends."""
    lines = [""]
    for piece in pieces:
        joined = f"{lines[-1]}   {piece}" if lines[-1] else piece
        if cell_len(joined) > width and lines[-1]:
            lines.append(piece)
        else:
            lines[-1] = joined
    return "\n".join(lines)
