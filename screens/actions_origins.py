"""Where actions come from: a parked idea, a factor, a row of the timeline."""

from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from app.review import edits, gate
from app.review.records import Action, Session
from screens.actions_table import ActionsTable
from widgets.grid import Grid

ADDED = "Begin an action for"
"""The name of the edit that adds an action without a text."""


class ActionsOrigins(ActionsTable):
    """Actions made from something else keep the link to it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "parked", "Parking lot", id="actions.parked"),
        Binding("f", "from_factor", "Action from a factor", show=False, id="actions.factor"),
        Binding("E", "from_row", "Action from a row of the timeline", show=False, id="actions.row"),
    ]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.begun = ""
        """The action that was begun for a factor or a row, until it has a text."""

    @work
    async def action_parked(self) -> None:
        """Decide about what was parked: make an action, keep as an open question, drop with a reason."""
        from screens.dialogs import Ask, Choice, Choose

        waiting = [parked for parked in self.bench.session.parked if not parked.outcome]
        if not waiting:
            self.say("The parking lot is empty. p parks an idea.")
            return
        key = await self.app.push_screen_wait(
            Choose("Parking lot", [Choice(each.id, each.text) for each in waiting])
        )
        parked = next((each for each in waiting if each.id == key), None)
        if parked is None:
            return
        outcome = await self.app.push_screen_wait(
            Choose(
                f"“{parked.text[:50]}”",
                [
                    Choice("action", "make an action"),
                    Choice("question", "keep as an open question"),
                    Choice("dropped", "drop, with a reason"),
                ],
            )
        )
        if outcome is None:
            return
        reason = ""
        if outcome == "dropped":
            asked = await self.app.push_screen_wait(
                Ask("Why is it dropped?", hint="One sentence; it stays in the session.")
            )
            if asked is None:
                return
            reason = asked

        def change(session: Session) -> Session:
            session = edits.change(session, "parked", {parked.id}, outcome=outcome, reason=reason)
            if outcome == "action":
                session = edits.add(session, "actions", Action(text=parked.text))
            return session

        self.edit(f"Decide about {parked.id}: {outcome}", change)

    @work
    async def action_from_factor(self) -> None:
        """Make an action for a factor that has none."""
        from screens.dialogs import Choice, Choose

        session = self.bench.session
        loose = gate.factors_without_action(session)
        if not loose:
            self.say("Every factor has an action, or there are no factors yet.")
            return
        picked = await self.app.push_screen_wait(
            Choose(
                "Make an action for which factor?",
                [Choice(each.id, each.text, each.id) for each in session.factors if each.id in loose],
            )
        )
        if picked:
            self._begin(picked, Action(factors=(picked,)))

    @work
    async def action_from_row(self) -> None:
        """Make an action out of a row of the timeline."""
        from app.review.moments import show
        from app.review.timeline import in_order
        from screens.dialogs import Choice, Choose

        rows = in_order(self.bench.session)
        if not rows:
            self.say("The timeline has no rows yet.")
            return
        zone, day = self.bench.zone, self.bench.first_day
        picked = await self.app.push_screen_wait(
            Choose(
                "Make an action out of which row?",
                [Choice(row.id, f"{show(row, zone, day)} {row.text}", row.id) for row in rows],
            )
        )
        if picked:
            shown = tuple(each.id for each in self.bench.session.factors if picked in each.events)
            self._begin(picked, Action(events=(picked,), factors=shown))

    def _begin(self, origin: str, action: Action) -> None:
        """Add an action without a text, and edit it in place."""
        if self.edit(f"{ADDED} {origin}", lambda session: edits.add(session, "actions", action)):
            self.begun = self.bench.session.actions[-1].id
            self.show_session(self.bench.session)
            self.grid.edit(self.begun, "text")

    @on(Grid.EditCancelled, "#actions")
    def _cell_left(self, event: Grid.EditCancelled) -> None:
        """An action that was begun and never got a text leaves no trace."""
        event.stop()
        begun, self.begun = self.begun, ""
        if event.row_key == begun and self.bench.desk.labels()[-1:][0].startswith(ADDED):
            self.bench.desk.undo()
