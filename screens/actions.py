"""Step 4: what will change, who does it, by when, and how the team will know that it is done.

This module puts the parts of the screen together; what each does is in the module of its name.
"""

from app.review import capture, edits, gate
from app.review.completion import Known, action_words
from app.review.records import Action, Session
from app.text import cut
from screens.actions_cells import ActionsCells
from screens.actions_gate import ActionsGate
from screens.actions_origins import ActionsOrigins


class ActionsScreen(ActionsOrigins, ActionsGate, ActionsCells):
    """The grid of actions with its gate, and the parking lot beside it."""

    PLACEHOLDER = "Alert on pool use > 80 % for 5 min @bob fri !high -> fires in staging"

    def understand(self, text: str) -> str:
        """Say which action a line would become, and the first thing that the gate would say."""
        found = capture.action(text, self.today)
        said = capture.describe_action(found)
        missing = (each for each in gate.check(found, self.bench.session, self.today) if each.level == "warn")
        first = next((each for each in missing if each.rule in {"A4", "A8", "A13"}), None)
        return f"{said} · {cut(first.say, 90)}" if first and found.text else said

    def words(self, session: Session) -> Known:
        """What a line may be completed to."""
        return action_words(session)

    def said(self, text: str) -> str:
        """What is to be done, without owner, date and priority."""
        return capture.action(text, self.today).text

    def enter(self, text: str) -> None:
        """Add the action."""
        action: Action = capture.action(text, self.today)
        if self.edit(
            f"Add action “{action.text[:40]}”", lambda session: edits.add(session, "actions", action)
        ):
            self.show_session(self.bench.session)
            self.grid.move_cursor(self.bench.session.actions[-1].id)
