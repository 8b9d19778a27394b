"""What a screen says in a terminal that is too small to be of use."""

from typing import Any

from textual.screen import Screen
from textual.widgets import Static

SMALLEST = (60, 16)
"""Columns and rows below which a screen says that it needs more room."""
ROOMY = 100
"""Columns from which on nothing has to be spelled short."""


class Enlarge(Static):
    """One sentence instead of a screen that cannot be read; everything comes back with the room."""

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


def mind_the_room(screen: Screen[Any], main: str) -> None:
    """Show *screen* or the sentence; the keys go back to the widget *main* when the screen comes back."""
    width, height = screen.app.size
    small, was = width < SMALLEST[0] or height < SMALLEST[1], screen.has_class("-too-small")
    screen.set_class(small, "-too-small")
    if was and not small and screen.focused is None:
        screen.query_one(main).focus()
