"""What the evidence offers the timeline: suggestions, and the raw lines behind a row."""

import itertools
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from app.review import edits
from app.review.timeline import in_order, instant
from screens.suggestions import SuggestionLine
from screens.timeline_table import TimelineTable


class TimelineOffers(TimelineTable):
    """Suggestions are accepted or dismissed; the evidence of a row is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "accept", "Accept", id="timeline.accept", tooltip="Accept the suggestion as a row"),
        Binding("x", "dismiss_suggestion", "Dismiss the suggestion", show=False, id="timeline.dismiss"),
        Binding("s", "all_suggestions", "All suggestions", show=False, id="timeline.suggestions"),
        Binding("comma", "suggestion(-1)", "Previous suggestion", key_display=",", show=False),
        Binding("full_stop", "suggestion(1)", "Next suggestion", key_display=".", show=False),
        Binding("v", "evidence", "Evidence: raw lines around the row", show=False, id="timeline.evidence"),
        Binding(
            "V",
            "offered_evidence",
            "Evidence: raw lines behind the suggestion",
            show=False,
            id="timeline.offered",
        ),
    ]

    @property
    def suggestions(self) -> SuggestionLine:
        """What the evidence offers."""
        return self.query_one(SuggestionLine)

    def action_suggestion(self, step: int) -> None:
        """Look at another suggestion."""
        self.suggestions.step(step)

    def action_accept(self) -> None:
        """Make the suggestion a row; it keeps the pointer to its evidence."""
        found = self.suggestions.current
        if found is None:
            self.say("No suggestions: collect evidence on step 1 first.")
            return
        self.record(found.event, f"Accept “{found.event.text[:40]}”")

    def action_dismiss_suggestion(self) -> None:
        """Decide against the suggestion; u brings it back."""
        found = self.suggestions.current
        if found is not None:
            self.edit(
                f"Dismiss “{found.event.text[:40]}”", lambda session: edits.dismiss(session, [found.key])
            )

    @work
    async def action_all_suggestions(self) -> None:
        """Choose among all suggestions."""
        from screens.dialogs import Choice, Choose

        known = self.suggestions.all
        if not known:
            self.say("No suggestions: collect evidence on step 1 first.")
            return
        picked = await self.app.push_screen_wait(
            Choose(
                f"{len(known)} suggestions: Enter accepts one",
                [Choice(each.key, self.suggestions.describe(each), each.reason) for each in known],
            )
        )
        found = next((each for each in known if each.key == picked), None)
        if found is not None:
            self.record(found.event, f"Accept “{found.event.text[:40]}”")

    @work
    async def action_evidence(self) -> None:
        """The raw lines around the row's moment, and at those that it points to."""
        from screens.evidence import show_evidence

        row, session = self.row, self.bench.session
        at = instant(session, row) if row else None
        if row is not None and at is None:
            # A row without a time stands behind the one that has it.
            before = itertools.takewhile(lambda event: event.id != row.id, in_order(session))
            at = next((when for event in reversed([*before]) if (when := instant(session, event))), None)
        await show_evidence(self, row.evidence if row else (), at=at or session.incident.started_at)

    @work
    async def action_offered_evidence(self) -> None:
        """The raw lines behind the suggestion."""
        from screens.evidence import show_evidence

        offered = self.suggestions.current
        if offered is None:
            self.say("No suggestions: collect evidence on step 1 first.")
        else:
            await show_evidence(self, offered.event.evidence, at=offered.event.at)
