"""Undo and redo on every step, one by one or to a place in the history of named edits."""

from collections.abc import Callable

from textual import work

from app.store.errors import StoreError
from screens.frame_base import READ_ONLY, FrameBase


class FrameHistory(FrameBase):
    """The way back and forth."""

    def action_undo(self) -> None:
        """Take the last edit back."""
        self._step_back_or_forth(self.bench.desk.undo, "Undone", "Nothing to undo.")

    def action_redo(self) -> None:
        """Do again what was undone last."""
        self._step_back_or_forth(self.bench.desk.redo, "Done again", "Nothing to redo.")

    def _step_back_or_forth(self, move: Callable[[], str | None], done: str, nothing: str) -> None:
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        try:
            label = move()
        except StoreError as problem:
            self.say(str(problem), "error")
            return
        self.say(f"{done}: {label}" if label else nothing)

    @work
    async def show_history(self) -> None:
        """Every edit by name, the newest first; choosing one goes back to before it, or forward to after it."""
        from screens.dialogs import Choice, Choose
        from screens.past import moments

        known = list(moments(self.bench.desk))
        if not known:
            self.say("Nothing has been edited yet.")
            return
        picked = await self.app.push_screen_wait(
            Choose(
                "History: Enter goes back to before an edit, or does it again",
                [Choice(str(each.steps), each.title, each.who) for each in known],
            )
        )
        if picked is not None:
            self.travel(int(picked))

    def travel(self, steps: int) -> None:
        """Take back as many edits, or with a negative number do as many again."""
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        move = self.bench.desk.undo if steps > 0 else self.bench.desk.redo
        labels: list[str] = []
        try:
            while len(labels) < abs(steps) and (label := move()) is not None:
                labels.append(label)
        except StoreError as problem:
            self.say(str(problem), "error")
        if labels:
            done = "Undone" if steps > 0 else "Done again"
            self.say(f"{done}: {labels[-1]}" + (f", and {len(labels) - 1} more" if len(labels) > 1 else ""))
