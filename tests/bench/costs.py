"""What a key costs, from the key to the last frame that it causes, and how that is said.

CPU time, so that waiting costs nothing. A figure is the median and the 95th percentile: the single worst of a few
dozen keys tells about the machine, or about a collection of garbage, of which :class:`Collections` keeps account.
"""

import asyncio
import gc
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from textual.app import App
from textual.screen import Screen

KEYS = 40
"""How often each key is pressed."""


class Drawing(App[None]):
    """An application that draws frames as far as a terminal would want them, and says when one was drawn."""

    drawn: asyncio.Event

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        # Without a terminal Textual stops here; what it would have written is part of the cost.
        if renderable is not None and hasattr(renderable, "render_segments"):
            renderable.render_segments(self.console)
            self.drawn.set()


async def frame(
    app: Drawing, act: Callable[[], Any], clock: Callable[[], float] = time.process_time
) -> float:
    """CPU milliseconds from *act* to the last frame that it causes."""
    await asyncio.sleep(0.01)
    app.drawn.clear()
    start = clock()
    act()
    await asyncio.wait_for(app.drawn.wait(), 60)
    # The first frame may ask for a second one.
    await asyncio.sleep(0.03)
    return (clock() - start) * 1000


async def resting(window: float = 0.3, share: float = 0.05) -> None:
    """Wait until the process, threads included, uses less than *share* of a processor for *window* seconds."""
    while True:
        begin = time.process_time()
        await asyncio.sleep(window)
        if time.process_time() - begin < window * share:
            return


class Collections:
    """The collections of garbage while this is open: how many full ones there were, and the longest of any kind."""

    def __init__(self) -> None:
        self.full = 0
        self.longest = 0.0
        self._begun = 0.0

    def __enter__(self) -> "Collections":
        gc.callbacks.append(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._note)

    def _note(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._begun = time.thread_time()
        else:
            self.full += info["generation"] == 2
            self.longest = max(self.longest, (time.thread_time() - self._begun) * 1000)

    def __str__(self) -> str:
        return f"{self.full} full collections of garbage, the longest of any kind took {self.longest:.1f} ms"


def percentile(values: Sequence[float], share: float = 0.95) -> float:
    """The value below which *share* of the values lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def figure(values: Sequence[float] | None, digits: int = 1) -> str:
    """``median / 95th``, a single value, or a dash."""
    if not values:
        return "-"
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{statistics.median(values):.{digits}f} / {percentile(values):.{digits}f}"
