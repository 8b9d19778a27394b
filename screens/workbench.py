"""What the screens of one open review share: the desk with the session, and signals when things change.

Screens never talk to each other. An edit goes from a widget's message to its screen, from there through
:meth:`Workbench.edit` to the desk, and comes back to every screen that shows the session as one signal.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Protocol

from textual.signal import Signal

from app.history import Desk, SaveState
from app.review.agenda import Part, agenda, at
from app.review.moments import in_zone
from app.review.records import Session
from app.review.timeline import in_order
from app.review.writing import Spot
from app.review.zones import Shown, find_zone, in_other_zone, local_zone, zones_to_show

if TYPE_CHECKING:
    from textual.dom import DOMNode


class Host(Protocol):
    """What the screens need of the application that shows them."""

    now: Callable[[], datetime]

    async def open_review(self, folder: Path, step: str = "", row: str = "") -> None:
        """Open a saved review, at a row of a step where one is named."""


STEPS = ("collect", "timeline", "whys", "actions", "report", "track")


class Workbench:
    """One open review, as the screens see it."""

    def __init__(self, desk: Desk, owner: "DOMNode", now: Callable[[], datetime]) -> None:
        self.desk = desk
        self.now = now
        self.changed: Signal[Session] = Signal(owner, "session-changed")
        """The session has a new value."""
        self.saving: Signal[SaveState] = Signal(owner, "save-state")
        """The save light changes."""
        self.collecting: Signal[None] = Signal(owner, "collecting")
        """Sources made progress: ten times a second at most, and when one ends."""
        self.suggested: Signal[int] = Signal(owner, "suggestions")
        """Suggestions were counted anew."""
        self.ticked: Signal[None] = Signal(owner, "clock")
        """A second has passed on the meeting's clock."""
        self.closers: list[Callable[[], Awaitable[None]]] = []
        """What must end in order before the review is closed, such as a collection under way."""
        self.wanted: Spot | None = None
        """A text that somebody asked to see, until the step that shows it is there."""
        self.presenting = False
        self.type_to_replace = False
        """Whether the timeline's cells are filled in, as in a spreadsheet, until Esc."""
        self._own_zone = local_zone()
        self._whose_zone = "session"
        self.stopping = Event()
        """Set when the review is closed: work in threads looks at it and ends."""
        self.clock = MeetingClock(now)
        desk.subscribe(self._session_changed)

    def _session_changed(self, _old: Session, new: Session) -> None:
        # The light first: no frame may show a new row beside a "saved" that is older than it.
        self.saving.publish(self.desk.state)
        self.changed.publish(new)

    @property
    def session(self) -> Session:
        """The review as it is now."""
        return self.desk.session

    def edit(
        self, label: str, change: Callable[[Session], Session], screen: str, merge: str | None = None
    ) -> bool:
        """Apply a named edit; False when it changed nothing or the review is open for reading only."""
        return self.desk.apply(label, change, screen=screen, merge=merge)

    @property
    def zone(self) -> tzinfo:
        """The zone that times are shown in, and that typed times are read in."""
        return self.shown_zones[0].zone

    @property
    def zone_name(self) -> str:
        """The name of the zone that times are really shown in."""
        return self.shown_zones[0].name

    @property
    def zones(self) -> tuple[Shown, ...]:
        """The zones that times can be shown in, that of the session first."""
        return zones_to_show(self.session, self._own_zone)

    @property
    def shown_zones(self) -> tuple[Shown, ...]:
        """The zones that times can be shown in, the one that they are shown in first."""
        known = self.zones
        place = next((place for place, each in enumerate(known) if each.whose == self._whose_zone), 0)
        return (*known[place:], *known[:place])

    def next_zone(self) -> Shown:
        """Show times in another zone: that of the session, UTC, that of this machine. The session stays as it is."""
        known = self.shown_zones
        self._whose_zone = known[1 % len(known)].whose
        self.changed.publish(self.session)
        return self.shown_zones[0]

    @property
    def as_shown(self) -> Session:
        """The session with its times in the zone that they are shown in, for what is copied from the screen."""
        shown = self.shown_zones[0]
        if shown.whose == "session" or find_zone(shown.name) is None:
            return self.session
        return in_other_zone(self.session, shown.name)

    @property
    def first_day(self) -> date:
        """The day of the incident: that of its start, else of the first timed row, else today."""
        started = self.session.incident.started_at
        if started is None:
            started = next((event.at for event in in_order(self.session) if event.at), None)
        return in_zone(started or self.now(), self.zone).date()


class MeetingClock:
    """Runs the agenda: which part of the meeting it is, and how much of it is left. Gentle, never in the way."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._since: datetime | None = None
        self._before = timedelta()
        self.parts: tuple[Part, ...] = ()

    @property
    def running(self) -> bool:
        """True while time counts."""
        return self._since is not None

    def start(self, minutes: int) -> None:
        """Begin a meeting of 30, 60 or 90 minutes."""
        self.parts = agenda(minutes)
        self._since, self._before = self._now(), timedelta()

    def toggle(self) -> None:
        """Hold the clock, or let it go on."""
        if self._since is None:
            self._since = self._now()
        else:
            self._before += self._now() - self._since
            self._since = None

    def reading(self) -> tuple[Part, timedelta] | None:
        """The part of the meeting, and what is left of it (negative when over); None before the start."""
        if not self.parts:
            return None
        elapsed = self._before + (self._now() - self._since if self._since else timedelta())
        return at(elapsed, self.parts)
