"""Coverage of a window of time by what was collected, as one line of text. Pure functions."""

from collections.abc import Sequence
from datetime import datetime

Span = tuple[datetime, datetime]
"""From (inclusive) to (exclusive)."""

IN_PART = "▒"
LEGEND = f"█ covered   {IN_PART} in part   ░ gap   blank: nobody looked"
"""What the cells of a bar mean."""


def coverage_bar(spans: Sequence[Span], gaps: Sequence[Span], window: Span, width: int) -> str:
    """Draw how *spans* cover *window* in exactly *width* cells, frame included.

    A gap that touches a cell is seen, however short it is: the cell is ``░``, or ``▒`` where some of it beside
    the gap is covered. A cell without a gap is ``█`` if its middle is covered, and empty otherwise. All bars
    drawn for one window and one width share their time axis.
    """
    cells = max(0, width - 2)
    start, end = window
    if end <= start or not cells:
        return "▕" + " " * cells + "▏"
    step = (end - start) / cells

    def cell(number: int) -> str:
        low, high = start + number * step, start + (number + 1) * step
        middle = low + step / 2
        holes = [(begin, stop) for begin, stop in gaps if begin < high and stop > low]
        if holes:
            return IN_PART if any(_beside(_cut(span, low, high), holes) for span in spans) else "░"
        return "█" if any(begin <= middle < stop for begin, stop in spans) else " "

    return "▕" + "".join(cell(number) for number in range(cells)) + "▏"


def _cut(span: Span, low: datetime, high: datetime) -> Span:
    return max(span[0], low), min(span[1], high)


def _beside(span: Span, holes: Sequence[Span]) -> bool:
    """Whether anything of *span* lies in none of *holes*."""
    at, end = span
    for begin, stop in sorted(holes):
        if at >= end or begin > at:
            break
        at = max(at, stop)
    return at < end
