"""Coverage of a window of time by what was collected, as one line of text. Pure functions."""

from collections.abc import Sequence
from datetime import datetime

Span = tuple[datetime, datetime]
"""From (inclusive) to (exclusive)."""

LEGEND = "█ covered   ░ gap"
"""What the cells of a bar mean; a blank is what nobody has looked at."""


def coverage_bar(spans: Sequence[Span], gaps: Sequence[Span], window: Span, width: int) -> str:
    """Draw how *spans* cover *window* in exactly *width* cells, frame included.

    A cell is ``░`` if a gap touches it, however short: holes must be seen. It is ``█`` if its middle is
    covered, and empty otherwise. All bars drawn for one window and one width share their time axis.
    """
    cells = max(0, width - 2)
    start, end = window
    if end <= start or not cells:
        return "▕" + " " * cells + "▏"
    step = (end - start) / cells

    def cell(number: int) -> str:
        low, high = start + number * step, start + (number + 1) * step
        middle = low + step / 2
        if any(begin < high and stop > low for begin, stop in gaps):
            return "░"
        return "█" if any(begin <= middle < stop for begin, stop in spans) else " "

    return "▕" + "".join(cell(number) for number in range(cells)) + "▏"
