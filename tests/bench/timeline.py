"""What a key costs in the timeline of a whole review: moving, filtering, editing, at 100 to 10,000 rows.

CPU time of the process from the key to the last frame that it causes, and for edits until the edit is on disk.
Beside it, in the same run, what Textual's ``DataTable`` needs for the same rows: to be filled with them (which
is how it filters) and to show one changed cell. The checklist and the suggestions, which are counted a moment
after an edit, are not part of a frame; they are in "settled".
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from textual import events
from textual.screen import Screen

from app.history import Desk
from app.review.records import Event, Incident, Session
from app.tui import Blamefree, open_desk
from tests.bench import grid

START = datetime(2025, 2, 9, 10, tzinfo=UTC)
LENGTHS = (100, 1_000, 10_000)
SIZE = (120, 40)
KINDS = ("symptom", "alert", "page", "observation", "action")


def review(count: int) -> Session:
    """A review of *count* rows: five kinds, 17 sources, four milestones."""
    marks = {0: "started", 3: "detected", count // 2: "mitigated", count - 1: "resolved"}
    rows = tuple(
        Event(
            id=f"E{n + 1}",
            at=START + timedelta(seconds=n),
            text=f"event {n} [red] 日本語 of many",
            kind=KINDS[n % 5],
            source=f"pod-{n % 17}",
            actor="System",
            milestone=marks.get(n, ""),
        )
        for n in range(count)
    )
    return Session(incident=Incident(title="bench", started_at=START), events=rows)


class _Host(Blamefree):
    """The application, drawing frames as far as a terminal would want them."""

    drawn: asyncio.Event

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if renderable is not None and hasattr(renderable, "render_segments"):
            renderable.render_segments(self.console)
            self.drawn.set()


async def _cost(app: _Host, act: Callable[[], Any]) -> float:
    await asyncio.sleep(0.05)
    app.drawn.clear()
    start = time.process_time()
    act()
    await asyncio.wait_for(app.drawn.wait(), 60)
    await asyncio.sleep(0.03)
    return (time.process_time() - start) * 1000


async def measure(count: int, times: int = 9) -> dict[str, list[float]]:
    """Open a review of *count* rows and press keys."""
    figures: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as root:
        with Desk.create(Path(root) / "bench", review(count)) as desk:
            folder = desk.folder
        opened = open_desk(folder)
        app = _Host(Path(root), opened, "timeline")
        app.drawn = asyncio.Event()
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause(0.6)

            def key(name: str, character: str | None = None) -> Callable[[], Any]:
                return lambda: app.post_message(events.Key(name, character))

            async def repeated(
                name: str, act: Callable[[], Any], between: Callable[[], Awaitable[Any]] | None = None
            ) -> None:
                figures[name] = []
                for _ in range(times):
                    figures[name].append(await _cost(app, act))
                    if between:
                        await between()

            await repeated("move", key("down"))
            await repeated("page", key("pagedown"))
            await repeated("jump", key("ctrl+end"), lambda: pilot.press("ctrl+home"))
            await pilot.press("slash")
            await repeated("filter", key("1", "1"), lambda: pilot.press("backspace"))
            await pilot.press("escape")

            async def on_disk() -> None:
                await asyncio.to_thread(opened.desk.flush)
                await asyncio.sleep(0.4)

            await repeated("edit", key("asterisk", "*"), on_disk)
            figures["saved"], figures["settled"] = [], []
            for _ in range(times):
                begin = time.process_time()
                app.drawn.clear()
                app.post_message(events.Key("asterisk", "*"))
                await asyncio.wait_for(app.drawn.wait(), 60)
                await asyncio.to_thread(opened.desk.flush)
                figures["saved"].append((time.process_time() - begin) * 1000)
                await asyncio.sleep(0.6)
                figures["settled"].append((time.process_time() - begin) * 1000)
        await asyncio.to_thread(opened.desk.close)
    return figures


def run() -> None:
    """Measure and print."""
    table = next(each for each in grid.tables(quick=True) if each.name == "DataTable")
    print("key to frame in a whole review, CPU ms: median / worst of 9; DataTable alone beside it")
    names = ("move", "page", "jump", "filter", "edit", "saved", "settled")
    print(f"{'rows':>9}" + "".join(f"{name:>17}" for name in names) + f"{'DataTable fill':>17}{'… edit':>9}")
    for count in LENGTHS:
        figures = asyncio.run(measure(count))
        asyncio.run(grid.measure(table, count, keys=10))
        shown = "".join(
            f"{f'{statistics.median(figures[name]):.1f} / {max(figures[name]):.1f}':>17}" for name in names
        )
        fill, edit = table.figures[count, "load"], table.figures[count, "edit"]
        print(f"{count:>9,}{shown}{fill[0]:>17.1f}{statistics.median(edit):>9.1f}")


if __name__ == "__main__":
    run()
