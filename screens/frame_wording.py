"""Blameless language on every step: what is typed, or the row under the cursor, is looked at."""

from textual import on, work
from textual.widget import Widget
from textual.widgets import Input, TextArea

from app.review.writing import Spot
from screens.frame_base import FrameBase
from screens.wording import choose_finding, field_of, in_hand, let_stand, take
from widgets.grid import Grid
from widgets.outline import Outline
from widgets.wording import TAKE, WordingLine


class FrameWording(FrameBase):
    """Findings appear below the field and never take the focus; one key takes the better wording."""

    def _mind_focus(self, _widget: Widget | None) -> None:
        """Look at what is typed into the field that has the focus now."""
        field = field_of(self.focused)
        if isinstance(field, Input):
            self.watch(field, "value", self.mind_wording, init=False)
        self.mind_wording()

    @on(Grid.RowHighlighted)
    @on(Outline.NodeHighlighted)
    @on(TextArea.Changed)
    def _look_again(self) -> None:
        self.mind_wording()

    def mind_wording(self) -> None:
        """Say what the language check has to say about what is typed now, or about the row under the cursor."""
        if not self.is_mounted:
            return
        hand = None if self.bench.presenting and field_of(self.focused) is None else in_hand(self)
        self.query_one(WordingLine).show(hand.advice if hand else None)

    def action_take_wording(self) -> None:
        """Put the better wording in the place of what is typed, or of what the row says."""
        hand = in_hand(self)
        if hand is not None:
            take(self, hand)
            self.mind_wording()
        else:
            self.say("The language check has nothing to say here. L lists what it says elsewhere.")

    @work
    async def action_let_stand(self) -> None:
        """Let the sentence stand, with a reason that is kept."""
        hand = in_hand(self)
        if hand is not None:
            await let_stand(self, hand)
            self.mind_wording()
        else:
            self.say("The language check has nothing to say here. L lists what it says elsewhere.")

    @work
    async def action_language(self) -> None:
        """Everything the language check says about the review; choosing one goes there."""
        spot = await choose_finding(self)
        if spot is not None:
            await self.go_to(spot)

    @work
    async def choose_roles(self) -> None:
        """Show names as roles, or names again; say who has which role."""
        from screens.people import choose_roles

        await choose_roles(self)

    async def go_to(self, spot: Spot) -> None:
        """Show the place of a text, on whichever step it is."""
        self.bench.wanted = spot
        if spot.screen == self.STEP:
            self._reveal_wanted()
        else:
            await self.app.run_action(f"app.step('{spot.screen}')")

    def _reveal_wanted(self) -> None:
        spot = self.bench.wanted
        if spot is not None and spot.screen == self.STEP:
            self.bench.wanted = None
            self.reveal(spot)

    @on(WordingLine.Chosen)
    def _wording_chosen(self, event: WordingLine.Chosen) -> None:
        event.stop()
        (self.action_take_wording if event.what == TAKE else self.action_let_stand)()
