"""The history of a review in the command palette: every edit by name, and one step to any of them."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from app.text import cut
from screens.frame_history import FrameHistory
from screens.past import Moment, moments
from widgets.safe import content

SHOWN = 12
"""Edits that the palette lists before anything is typed."""
WIDEST = 100
"""Cells of a name in the list."""


class StepsBack(Provider):
    """Offers every edit of the open review: choosing one takes it back with all that came after it."""

    @property
    def _step(self) -> FrameHistory | None:
        # The palette lies over the step that it was opened from.
        return self.screen if isinstance(self.screen, FrameHistory) else None

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
