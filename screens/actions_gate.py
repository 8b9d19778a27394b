"""What can be done about an action in one or two keys: mend it, say when it is done, split it, decide against it."""

from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widgets import Input

from app.review import edits, gate
from app.review.records import Action
from app.review.remedies import Remedy, decline, due_by_policy, remedies, split_action
from screens.actions_detail import side_lines
from screens.actions_table import ActionsTable, overview
from screens.wording import OPEN_WORD, wording_of

_HOW_DONE = "How will we know that it is done?"


class ActionsGate(ActionsTable):
    """The gate's remedies, and the outcomes that an action can have."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "mend", "Mend", id="actions.mend"),
        Binding("d", "done_when", "Done when", id="actions.done_when"),
        Binding("s", "split", "Split", id="actions.split"),
        Binding("x", "decline", "Decide not to", id="actions.decline"),
        Binding("v", "link", "Factors", id="actions.link"),
        Binding("t", "policy", "Due dates by a policy", show=False, id="actions.policy"),
        Binding("i", "overview", "Parking lot, factors, who has what", show=False, id="actions.overview"),
    ]

    @work
    async def action_mend(self) -> None:
        """What can be done about what the gate says of this action."""
        from screens.dialogs import Choice, Choose

        here = self.current
        if here is None:
            return
        found = remedies(here, self.bench.session, self.today)
        if not found:
            self.say(f"The gate has nothing to say about {here.id}.")
            return
        picked = await self.app.push_screen_wait(
            Choose(
                f"{here.id}: what to do about it",
                [Choice(str(number), each.label, each.rule) for number, each in enumerate(found)],
            )
        )
        if picked:
            await self._do(found[int(picked)], here)

    async def _do(self, remedy: Remedy, here: Action) -> None:
        if remedy.way == "set":
            changes = remedy.changes
            self.edit(
                f"Mend {here.id}", lambda session: edits.change(session, "actions", {here.id}, **changes)
            )
        elif remedy.way == "write":
            self._write(remedy, here)
        else:
            await {"split": self._split, "link": self._link, "decline": self._decline}[remedy.way]((here.id,))

    def _write(self, remedy: Remedy, here: Action) -> None:
        """Begin an edit with the better wording; the fact that is missing is selected, to be typed over."""
        changes = dict(remedy.changes)
        text = changes.pop(remedy.column, None)
        if changes:
            self.edit(
                f"Mend {here.id}", lambda session: edits.change(session, "actions", {here.id}, **changes)
            )
        if not self.grid.edit(here.id, remedy.column, None if text is None else str(text)):
            self.say("That column is not in view: enlarge the terminal, or use b.", "warning")
            return
        field = self.focused
        if isinstance(field, Input) and (gap := field.value.find(OPEN_WORD)) >= 0:
            field.selection = type(field.selection)(gap, gap + 1)

    @work
    async def action_done_when(self) -> None:
        """Ask how the team will know that it is done."""
        from screens.dialogs import Ask

        here = self.current
        if here is None:
            return
        text = await self.app.push_screen_wait(
            Ask(
                f"{here.id}: {_HOW_DONE}",
                here.done_when,
                "Something that can be seen: it fired in staging, the graph shows it, the test fails without it.",
                wording=wording_of(self),
            )
        )
        if text is not None:
            self.edit(
                f"Say when {here.id} is done",
                lambda session: edits.change(session, "actions", {here.id}, done_when=text),
            )

    @work
    async def action_split(self) -> None:
        """Make two actions of one."""
        await self._split(self.rows_meant()[:1])

    async def _split(self, keys: tuple[str, ...]) -> None:
        from screens.dialogs import Ask

        here = next((each for each in self.bench.session.actions if each.id in keys), None)
        if here is None:
            return
        first, second = gate.split(here.text) or (here.text, "")
        text = await self.app.push_screen_wait(
            Ask(
                f"Split {here.id}: put / between the two",
                f"{first} / {second}",
                "The second keeps owner, date, priority and factors; its done-when is its own.",
                check=_halves_problem,
                wording=wording_of(self),
            )
        )
        if text:
            one, _, two = (part.strip() for part in text.partition(" / "))
            self.edit(f"Split {here.id}", lambda session: split_action(session, here.id, one, two))

    @work
    async def action_decline(self) -> None:
        """Decide not to do it, with a reason: an outcome like any other."""
        await self._decline(self.rows_meant())

    async def _decline(self, keys: tuple[str, ...]) -> None:
        from screens.dialogs import Ask

        if not keys:
            return
        name = keys[0] if len(keys) == 1 else f"{len(keys)} actions"
        known = next((each.reason for each in self.bench.session.actions if each.id == keys[0]), "")
        reason = await self.app.push_screen_wait(
            Ask(
                f"Decide not to do {name}: why?",
                known,
                "The reason goes into the report, for those who ask next time.",
                check=lambda text: "" if text else "A reason is needed: one sentence.",
                wording=wording_of(self),
            )
        )
        if reason:
            self.edit(f"Decide not to do {name}", lambda session: decline(session, keys, reason, self.today))

    @work
    async def action_link(self) -> None:
        """Link the action to a factor that it answers, or take the link away."""
        await self._link(self.rows_meant()[:1])

    async def _link(self, keys: tuple[str, ...]) -> None:
        from screens.dialogs import Choice, Choose

        here = next((each for each in self.bench.session.actions if each.id in keys), None)
        factors = self.bench.session.factors
        if here is None or not factors:
            self.say("There are no factors yet: step 3 grows them.")
            return
        picked = await self.app.push_screen_wait(
            Choose(
                f"Which factor does {here.id} answer? Enter links, or unlinks",
                [
                    Choice(each.id, f"{'●' if each.id in here.factors else '○'} {each.text}", each.id)
                    for each in factors
                ],
            )
        )
        if picked:
            linked = picked in here.factors
            kept = tuple(each for each in here.factors if each != picked)
            self.edit(
                f"{'Unlink' if linked else 'Link'} {here.id} and {picked}",
                lambda session: edits.change(
                    session, "actions", {here.id}, factors=kept if linked else (*kept, picked)
                ),
            )

    @work
    async def action_policy(self) -> None:
        """Give actions their dates by a policy: those selected, else all that have none."""
        from screens.dialogs import Choice, Choose

        session = self.bench.session
        keys = self.grid.selected_keys or tuple(
            each.id for each in session.actions if each.due is None and each.status in {"open", "in-progress"}
        )
        if not keys:
            self.say("Every open action has a date: select those that shall get another one.")
            return
        start = session.incident.reviewed_on or self.today
        choices = [Choice(name, name, _spelled(days)) for name, days in gate.policies().items()]
        name = keys[0] if len(keys) == 1 else f"{len(keys)} actions"
        picked = await self.app.push_screen_wait(
            Choose(f"Due dates of {name}, counted from {start}, by priority", choices)
        )
        if picked and not self.edit(
            f"Due dates of {name} by {picked}", lambda s: due_by_policy(s, tuple(keys), start, picked)
        ):
            self.say(f"The policy {picked} says nothing about their priority: set that first.")

    def action_overview(self) -> None:
        """What stands beside the grid where there is room: parking lot, factors, who has what."""
        from screens.dialogs import Reader

        blocks = side_lines(self.bench.session, self.today)
        self.app.push_screen(Reader("Overview", overview(blocks)))


def _halves_problem(text: str) -> str:
    one, _, two = (part.strip() for part in text.partition(" / "))
    return "" if one and two else "Write both, with / between them."


def _spelled(days: dict[str, int]) -> str:
    words: Callable[[str], str] = {"P1": "high", "P2": "medium", "P3": "low"}.get  # type: ignore[assignment]
    return " · ".join(f"{words(rank)} {count} days" for rank, count in days.items())
