"""How an incident's time was spent: a ruler of segments in proportion, each with its name in words."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.geometry import Size

from app.text import cell_len, cut
from widgets.line_widget import LineWidget, Piece


class Part(NamedTuple):
    """One segment: its cells, what may be written into it (the longest that fits is), what it is called beside it."""

    cells: int
    names: tuple[str, ...]
    legend: str


class PhaseBar(LineWidget):
    """A line with the segments; where there is room a second one, with what did not fit and what is not known."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"phase--odd", "phase--even", "phase--muted"}
    DEFAULT_CSS = """
    PhaseBar {
        height: auto;
        max-height: 2;
        padding: 0 1;
        background: $panel;
        display: none;
        & > .phase--odd { color: $text-accent; }
        & > .phase--even { color: $text-primary; }
        & > .phase--muted { color: $text-muted; }
    }
    PhaseBar.-some { display: block; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._parts: tuple[Part, ...] = ()
        self._about = ""
        self._roomy = False

    def show(self, parts: Sequence[Part], about: str, roomy: bool) -> None:
        """Show *parts*; *about* says what is not known; with *roomy* there is a second line."""
        if (tuple(parts), about, roomy) == (self._parts, self._about, self._roomy):
            return
        self._parts, self._about, self._roomy = tuple(parts), about, roomy
        self.set_class(bool(self._parts or about), "-some")
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line, or two where something has to be said in the second."""
        return 2 if self._parts and self._second(width) else 1

    def lines(self, width: int) -> Sequence[tuple[Sequence[Piece], Sequence[Piece]]]:
        """The ruler, and what stands below it."""
        if not self._parts:
            return [([Piece(cut(self._about, width), "phase--muted")], ())]
        last = len(self._parts) - 1
        ruler = [
            Piece(_drawn(part, place == last), "phase--even" if place % 2 else "phase--odd")
            for place, part in enumerate(self._parts)
        ]
        return [(ruler, ()), ([Piece(cut(self._second(width), width), "phase--muted")], ())]

    def _second(self, width: int) -> str:
        if not self._roomy:
            return ""
        hidden = [
            part.legend
            for place, part in enumerate(self._parts)
            if not _fits(part, place == len(self._parts) - 1)
        ]
        return " · ".join([*hidden, *([self._about] if self._about else [])])


def _fits(part: Part, last: bool) -> str:
    """What is written into a segment; nothing where no name fits."""
    room = part.cells - 2 - last
    return next((name for name in part.names if cell_len(name) + 1 <= room), "")


def _drawn(part: Part, last: bool) -> str:
    """A segment: its beginning, its name, a line to its end."""
    end = "┤" if last else ""
    name = _fits(part, last)
    text = f"├ {name} " if name else "├"
    return (text + "─" * (part.cells - cell_len(text) - len(end)) + end) if part.cells else ""
