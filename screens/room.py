"""What a screen says in a terminal that is too small to be of use."""

from typing import Any

from textual import events
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

SMALLEST = (60, 16)
"""Columns and rows below which a screen says that it needs more room."""
ROOMY = 100
"""Columns from which on nothing has to be spelled short."""


LOW = 20
"""Rows below which what only accompanies the work makes room for it."""


class Enlarge(Static, can_focus=True):
    """One sentence instead of a screen that cannot be read; everything comes back with the room.

    It holds the focus meanwhile: what is typed blindly must not be taken for commands.
    """

    DEFAULT_CSS = """
    Enlarge { display: none; width: 100%; height: 100%; content-align: center middle; text-align: center; }
    .-too-small > * { display: none; }
    .-too-small > Enlarge { display: block; }
    """
    SCOPED_CSS = False

    def __init__(self) -> None:
        super().__init__(
            "This terminal is too small: blamefree needs 60 columns and 16 rows. Enlarge it, or use a smaller font."
        )
        self.before: Widget | None = None
        """What had the focus while there was room."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep letters from the screen's commands."""
        return True

    def _on_key(self, event: events.Key) -> None:  # type: ignore[override]
        event.stop()
        event.prevent_default()


def mind_the_room(screen: Screen[Any], main: str) -> None:
    """Show *screen* or the sentence; the keys go back to who had them, or to the widget *main*."""
    width, height = screen.app.size
    small, was = width < SMALLEST[0] or height < SMALLEST[1], screen.has_class("-too-small")
    if small == was:
        return
    sentence = screen.query_one(Enlarge)
    if small:
        sentence.before = screen.focused
    screen.set_class(small, "-too-small")
    # Not Widget.focus(), which only asks: keys may be on their way.
    before = sentence.before if sentence.before and sentence.before.is_attached else screen.query_one(main)
    screen.set_focus(sentence if small else before)
