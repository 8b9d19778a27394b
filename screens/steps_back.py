"""The history of a review in the command palette: every edit by name, and one step to any of them."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from app.history import Desk
from app.text import cut, one_line
from screens.frame import StepScreen
from widgets.safe import content

SHOWN = 12
"""Edits that the palette lists before anything is typed."""
WIDEST = 100
"""Cells of a name in the list."""


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


class StepsBack(Provider):
    """Offers every edit of the open review: choosing one takes it back with all that came after it."""

    @property
    def _step(self) -> StepScreen | None:
        # The palette lies over the step that it was opened from.
        return self.screen if isinstance(self.screen, StepScreen) else None

    async def discover(self) -> Hits:
        """The latest edits, before anything is typed."""
        step = self._step
        if step is None:
            return
        for number, moment in enumerate(moments(step.bench.desk)):
            if number >= SHOWN:
                return
            yield DiscoveryHit(
                content(cut(moment.title, WIDEST)),
                partial(step.travel, moment.steps),
                moment.title,
                _help(moment),
            )

    async def search(self, query: str) -> Hits:
        """Edits whose names hold the words that are typed."""
        step, matcher = self._step, self.matcher(query)
        if step is None:
            return
        for moment in moments(step.bench.desk):
            if (score := matcher.match(moment.title)) > 0:
                # Not Matcher.highlight: it reads markup, and an edit may quote anything.
                shown: Content = content(cut(moment.title, WIDEST))
                yield Hit(score, shown, partial(step.travel, moment.steps), moment.title, _help(moment))


def _help(moment: Moment) -> str:
    return "History: back to before this edit" if moment.steps > 0 else "History: forward to after this edit"
