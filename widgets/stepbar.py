"""The two lines above every screen: what is open, whether it is saved, and how far the six steps are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.message import Message

from app.text import cell_len, one_line
from widgets.line_widget import LineWidget, Piece

Light = Literal["saved", "saving", "failed", "read-only"]
LIGHTS: dict[Light, str] = {"saved": "●", "saving": "◌", "failed": "✗", "read-only": "⊘"}


@dataclass(frozen=True)
class Step:
    """One step of the review: *problems* counts what still needs attention there."""

    number: int
    name: str
    state: Literal["empty", "started", "done"] = "empty"
    problems: int = 0

    @property
    def mark(self) -> str:
        """The state in at most three cells."""
        if self.problems:
            return f"{min(self.problems, 99)}!"
        return {"empty": "", "started": "…", "done": "✓"}[self.state]


@dataclass(frozen=True)
class Header:
    """Everything that the step bar shows."""

    title: str = ""
    light: Light = "saved"
    light_text: str = ""
    steps: Sequence[Step] = ()
    current: int = 0
    done: int = 0
    of: int = 0
    clock: str = ""


class StepBar(LineWidget):
    """Shows a :class:`Header`; steps and the checklist can be clicked. Labels shorten with the terminal."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("stepbar--name", "stepbar--title", "stepbar--saved", "stepbar--saving", "stepbar--failed"),
        *("stepbar--read-only", "stepbar--step", "stepbar--done", "stepbar--problem", "stepbar--current"),
        "stepbar--side",
    }
    DEFAULT_CSS = """
    StepBar {
        height: 2;
        background: $panel;
        color: $foreground;
        & > .stepbar--name { color: $text-accent; text-style: bold; }
        & > .stepbar--title { text-style: bold; }
        & > .stepbar--saved { color: $text-success; }
        & > .stepbar--saving { color: $text-muted; }
        & > .stepbar--failed { color: $text-error; text-style: bold; }
        & > .stepbar--read-only { color: $text-warning; text-style: bold; }
        & > .stepbar--step { color: $text-muted; }
        & > .stepbar--done { color: $text-success; }
        & > .stepbar--problem { color: $text-warning; }
        & > .stepbar--current {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: bold;
        }
        & > .stepbar--side { color: $text-muted; }
    }
    """

    @dataclass
    class Chosen(Message):
        """A step was clicked."""

        step: int

    @dataclass
    class ChecklistClicked(Message):
        """The count of the checklist was clicked."""

    def __init__(
        self, header: Header | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._header = header or Header()

    @property
    def header(self) -> Header:
        """What is shown; change it with ``dataclasses.replace`` and :meth:`show`."""
        return self._header

    def show(self, header: Header) -> None:
        """Show *header*."""
        if header != self._header:
            self._header = header
            self.refresh()

    def chosen(self, target: str) -> None:
        """Post what was clicked."""
        self.post_message(self.ChecklistClicked() if target == "checklist" else self.Chosen(int(target)))

    def lines(self, width: int) -> Sequence[tuple[Sequence[Piece], Sequence[Piece]]]:
        """The title line and the step line."""
        header = self._header
        light = f" {LIGHTS[header.light]} {one_line(header.light_text) or header.light} "
        title = [Piece(one_line(header.title), "stepbar--title")]
        if cell_len(title[0].text) + cell_len(light) + 12 <= width:
            title.insert(0, Piece("blamefree  ", "stepbar--name"))
        steps, side = next(
            (
                (steps, side)
                for steps, side in (self._steps(level) for level in range(5))
                if _length(steps) + _length(side) <= width
            ),
            self._steps(4),
        )
        return [([Piece(" "), *title], [Piece(light, f"stepbar--{header.light}")]), (steps, side)]

    def _steps(self, level: int) -> tuple[list[Piece], list[Piece]]:
        """The step line: 0 with everything, each level shorter, 4 with numbers only."""
        header = self._header
        pieces: list[Piece] = []
        for step in header.steps:
            here = step.number == header.current
            name = step.name if level < 2 or (here and level < 4) else step.name[:4] if level < 3 else ""
            part = "problem" if step.problems else "done" if step.state == "done" else "step"
            space = " " if name or step.problems else ""
            words = space.join(
                word for word in (" ".join([str(step.number), name]).strip(), step.mark) if word
            )
            # The arrow says where we are without colour, and stands where the other steps have air.
            label = f"{'▸' if here else ' '}{words}{' ' if here or level == 0 else ''}"
            if here and 0 < level < 4:
                pieces.append(Piece(" "))
            pieces.append(Piece(label, f"stepbar--{'current' if here else part}", str(step.number)))
            if level == 0:
                pieces.append(Piece(" "))
        side: list[Piece] = []
        if header.of:
            count = f"{header.done}/{header.of} "
            side.append(
                Piece(f" checklist {count}" if level == 0 else f" ✓{count}", "stepbar--side", "checklist")
            )
        if header.clock:
            side.append(Piece(f" ◷ {header.clock} " if level == 0 else f"{header.clock} ", "stepbar--side"))
        return pieces, side


def _length(pieces: Sequence[Piece]) -> int:
    return sum(cell_len(piece.text) for piece in pieces)
