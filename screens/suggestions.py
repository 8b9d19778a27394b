"""The line that offers what the evidence says, one suggestion at a time."""

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from textual import work

from app.review.facets import Facet
from app.review.moments import show
from app.review.records import Session
from app.text import cell_len, cut, fit
from screens.workbench import Workbench
from widgets.safe import content
from widgets.still import Words

if TYPE_CHECKING:
    from app.suggest import Suggestion

WIDE = 140
"""Columns from which on a suggestion, its reason and its keys stand on one line."""
LOOK_AFTER = 0.2
"""Seconds until the evidence is looked at: the first frame does not wait for it."""


_TAKEN: Final[Facet[str]] = Facet(attrgetter("suggestion"))
"""The suggestion that each row of the timeline was."""


class SuggestionLine(Words):
    """Shows the current suggestion and how many there are; counts them anew when evidence or rows change."""

    DEFAULT_CSS = """
    SuggestionLine { height: auto; padding: 0 1; background: $accent 12%; display: none; }
    SuggestionLine.-some { display: block; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._known: tuple[Suggestion, ...] = ()
        self._all: tuple[Suggestion, ...] = ()
        self._at = 0
        self._asked: tuple[object, ...] = ()

    @property
    def all(self) -> tuple["Suggestion", ...]:
        """Every suggestion that is still open, in order of time."""
        return self._known

    @property
    def current(self) -> "Suggestion | None":
        """The suggestion on the line."""
        return self._known[self._at] if self._known else None

    def on_mount(self) -> None:
        """Look through the evidence in the background."""
        self._asked = _asked(self._bench.session)
        self._bench.changed.subscribe(self, self._session_changed)
        self._bench.suggested.subscribe(self, lambda _count: self.look())
        self.set_timer(LOOK_AFTER, self.look)

    @work(exclusive=True, group="suggest", exit_on_error=False)
    async def look(self) -> None:
        """Ask the evidence for suggestions, in a thread: there may be millions of lines."""
        import asyncio

        if not any(source.artifacts for source in self._bench.session.sources):
            self._all = ()
            self._narrow(self._bench.session)
            return
        from app.suggest import suggest

        stopping = self._bench.stopping.is_set
        self._all = tuple(
            await asyncio.to_thread(suggest, self._bench.session, self._bench.desk.folder, cancelled=stopping)
        )
        self._narrow(self._bench.session)

    def _session_changed(self, session: Session) -> None:
        asked = _asked(session)
        if asked != self._asked:
            self._asked = asked
            self.look()
        self._narrow(session)

    def _narrow(self, session: Session) -> None:
        """Leave out what people accepted or decided against."""
        gone = {*_TAKEN.of(session.events), *session.dismissed} if self._all else set()
        self._known = tuple(each for each in self._all if each.key not in gone)
        self._at = min(self._at, max(0, len(self._known) - 1))
        self._show()

    def step(self, step: int) -> None:
        """Look at another one."""
        if self._known:
            self._at = (self._at + step) % len(self._known)
            self._show()

    def describe(self, suggestion: "Suggestion") -> str:
        """A suggestion in one line."""
        when = show(suggestion.event, self._bench.zone, self._bench.first_day)
        return f"{when}  {suggestion.event.text}"

    def _show(self) -> None:
        self.set_class(bool(self._known), "-some")
        found = self.current
        if found is None:
            return
        # The reason matters most: it says whether to trust the rest. Where one line is too short, it gets one.
        place, keys = f"{self._at + 1}/{len(self._known)}", "x dismiss · s all"
        # The terminal's width, not its own: it has none while it is hidden.
        width = self.app.size.width - 2
        if self.app.size.width >= WIDE:
            before, behind = f"suggestion {place}  ▸ ", f"  ({found.reason})   a accept · {keys}"
            text = before + cut(self.describe(found), width - cell_len(before + behind)) + behind
        else:
            reason = fit(f"{place} {found.reason}", width - cell_len(keys) - 2)
            text = f"▸ {cut(self.describe(found), width - 2)}\n{reason}  {keys}"
        self.update(content(text))

    def on_resize(self) -> None:
        """One line, or two."""
        self._show()


def _asked(session: Session) -> tuple[object, ...]:
    """What the evidence says depends on the sources and on the window, and on nothing else that people write."""
    return session.sources, session.incident.started_at, session.incident.ended_at
