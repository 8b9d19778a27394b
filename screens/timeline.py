"""Step 2: the timeline. Half of a review happens here, so everything is one key away.

This module puts the parts of the screen together; what each does is in the module of its name.
"""

from textual.app import ComposeResult
from textual.widgets import Input, TextArea

from app.review import capture
from app.review.completion import Known, event_words, spelled
from app.review.records import Event, Session
from app.review.writing import Spot
from screens.editing import reading_context, stated_day
from screens.suggestions import SuggestionLine
from screens.timeline_bulk import TimelineBulk
from screens.timeline_cells import TimelineCells
from screens.timeline_chart import TimelineChart
from screens.timeline_exchange import TimelineExchange
from screens.timeline_facts import TimelineFacts
from screens.timeline_narrow import TimelineNarrowing
from screens.timeline_offers import TimelineOffers
from screens.timeline_order import TimelineOrder
from screens.timeline_people import TimelinePeople
from screens.timeline_phases import TimelinePhases
from screens.timeline_reshape import TimelineReshape
from screens.timeline_tracks import TimelineTracks
from screens.timeline_zone import TimelineZone
from widgets.sheet import Sheet
from widgets.wrapped import Wrapped


class TimelineScreen(
    TimelineExchange,
    TimelineFacts,
    TimelineChart,
    TimelineNarrowing,
    TimelineOffers,
    TimelineOrder,
    TimelinePhases,
    TimelineReshape,
    TimelineTracks,
    TimelineZone,
    TimelineBulk,
    TimelinePeople,
    TimelineCells,
):
    """Rows of what happened, edited in place; milestones and durations follow at once."""

    STEP = "timeline"
    MAIN = "#timeline"
    PLACEHOLDER = "10:15:30 connection pool exhausted @oncall #symptom <app logs>"

    # The looks of all parts stand here: Textual follows the names of the first base class only.
    DEFAULT_CSS = """
    TimelineScreen #filter { display: none; height: 1; border: none; background: $boost; padding: 0 1; }
    TimelineScreen #filter.-open { display: block; }
    TimelineScreen #filtered { display: none; height: 1; background: $boost; color: $text-muted; padding: 0 1; }
    TimelineScreen #filtered.-open { display: block; }
    TimelineScreen #row { height: 1; background: $panel; display: none; }
    TimelineScreen #row.-some { display: block; }
    TimelineScreen #row.-wrong { color: $text-error; }
    TimelineScreen #durations { height: auto; max-height: 3; padding: 0 1; color: $text; background: $panel; }
    TimelineScreen.-low #row, TimelineScreen.-low StripChart, TimelineScreen.-low PhaseBar { display: none; }
    TimelineScreen.-low #durations, TimelineScreen.-low SuggestionLine { max-height: 1; }
    """

    def body(self) -> ComposeResult:
        """The rows, the durations between them, and what the evidence suggests."""
        yield from self.chart_above()
        yield from self.filter_field()
        yield Sheet(
            self._columns(),
            empty="No rows yet: press n and type 10:15 what happened, or o to fill in a row",
            id="timeline",
        )
        yield Wrapped(id="row")
        yield from self.facts()
        yield SuggestionLine(self.bench)

    def words(self, session: Session) -> Known:
        """What a line may be completed to."""
        return event_words(session)

    def understand(self, text: str) -> str:
        """Say which row a line would become."""
        bench = self.bench
        return capture.describe_event(self._read(text), bench.zone, bench.zone_name, stated_day(bench))

    def said(self, text: str) -> str:
        """What happened, without time, kind, source and actor."""
        return capture.event(text, reading_context(self.bench, self.grid.cursor_key)).text

    def is_prose(self, field: Input | TextArea) -> bool:
        """What happened, not when, where and who."""
        return super().is_prose(field) or self.grid.editing_column == "text"

    def spots_here(self) -> tuple[Spot, ...]:
        """The row's own words."""
        here = self.grid.cursor_key
        return (Spot("events", "text", here),) if here else ()

    def enter(self, text: str) -> None:
        """Add the row, and put the cursor on it."""
        found = self._read(text)
        self.record(found, f"Add “{found.text[:40]}”")

    def _read(self, text: str) -> Event:
        found = capture.event(text, reading_context(self.bench, self.grid.cursor_key))
        return found.model_copy(update={"actor": spelled(found.actor, self.known)})
