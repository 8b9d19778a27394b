"""The points of a review's history that one can go to, by the names of the edits."""

from collections.abc import Iterator
from typing import NamedTuple

from app.history import Desk
from app.text import one_line


class Moment(NamedTuple):
    """A point in the history that one can go to."""

    steps: int
    """Undo steps from now; negative for steps that were taken back and can be done again."""
    label: str
    """The edit that would be the last one then taken back, or the last one done again."""
    who: str

    @property
    def title(self) -> str:
        """What going there does."""
        verb = "Undo" if self.steps > 0 else "Redo"
        number = abs(self.steps)
        back = f"{verb} {number} edits, with" if number > 1 else verb
        return f"{back}: {one_line(self.label)}"


def moments(desk: Desk) -> Iterator[Moment]:
    """Where one can go from here: what can be done again, the nearest first, then what can be taken back."""
    for number, change in enumerate(reversed(desk.undone()), 1):
        yield Moment(-number, change.label, change.who)
    for number, change in enumerate(reversed(desk.changes()), 1):
        yield Moment(number, change.label, change.who)
