"""What a key costs in the timeline of a whole review: moving, filtering, editing, typing, at 100 to 10,000 rows.

CPU time of the process from the key to the last frame that it causes. Beside it, in the same run, what Textual's
``DataTable`` needs for the same rows: to be filled with them (which is how it filters) and to show one changed
cell. The checklist and the suggestions, which are counted in a thread a moment after an edit, are not part of a
frame; "saved" is until the edit is on disk, "settled" until nothing happens any more. Garbage is collected as the
program does it.
"""

import asyncio
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from textual import events

from app import garbage
from app.history import Desk
from app.review.records import Event, Incident, Session
from app.tui import Blamefree, open_desk
from tests.bench import grid
from tests.bench.costs import KEYS, Collections, Drawing, figure, frame

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


class Host(Drawing, Blamefree):
    """The application, drawing frames as far as a terminal would want them."""


async def measure(count: int, times: int = KEYS) -> dict[str, list[float]]:
    """Open a review of *count* rows and press keys."""
    figures: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as root:
        with Desk.create(Path(root) / "bench", review(count)) as desk:
            folder = desk.folder
        garbage.hold_back()
        begin = time.process_time()
        opened = open_desk(folder)
        app = Host(Path(root), opened, "timeline")
        app.drawn = asyncio.Event()
        async with app.run_test(size=SIZE) as pilot:
            await app.drawn.wait()
            figures["open"] = [(time.process_time() - begin) * 1000]
            await pilot.pause(0.6)

            def key(name: str, character: str | None = None) -> Callable[[], Any]:
                return lambda: app.post_message(events.Key(name, character))

            def letter(character: str) -> Callable[[], Any]:
                return key("space" if character == " " else character, character)

            async def repeated(
                name: str, *acts: Callable[[], Any], between: Callable[[], Awaitable[Any]] | None = None
            ) -> None:
                found = []
                for number in range(times):
                    found.append(await frame(app, acts[number % len(acts)]))
                    if between:
                        await between()
                figures[name] = found

            async def on_disk() -> None:
                await asyncio.to_thread(opened.desk.flush)
                await asyncio.sleep(0.3)

            await repeated("move", key("down"))
            # A short review is paged up and down: every key must change the screen.
            await repeated(
                "page", *((key("pagedown"),) if count >= 2_000 else (key("pageup"), key("pagedown")))
            )
            await pilot.press("ctrl+home")
            await repeated("jump", key("ctrl+end"), key("ctrl+home"))
            await pilot.press("slash")
            await repeated("filter", letter("1"), key("backspace"))
            figures["first"] = figures["filter"][:1]
            await pilot.press("escape")
            await pilot.press("n")
            await repeated("type", *map(letter, "10:15 pool exhausted once more @oncall #symptom"))
            await pilot.press("ctrl+u")
            figures["enter"] = []
            for _ in range(times // 4):
                await pilot.press(*"10:15", "space", *"pool")
                await on_disk()
                figures["enter"].append(await frame(app, key("enter")))
                await on_disk()
            await pilot.press("escape")
            await repeated("edit", key("asterisk", "*"), between=on_disk)
            await repeated("undo", key("u", "u"), between=on_disk)
            figures["saved"], figures["settled"] = [], []
            for _ in range(times // 4):
                begin = time.process_time()
                app.drawn.clear()
                app.post_message(events.Key("asterisk", "*"))
                await asyncio.wait_for(app.drawn.wait(), 60)
                await asyncio.to_thread(opened.desk.flush)
                figures["saved"].append((time.process_time() - begin) * 1000)
                await asyncio.sleep(0.6)
                figures["settled"].append((time.process_time() - begin) * 1000)
        await asyncio.to_thread(opened.desk.close)
    garbage.let_go()
    return figures


def memory(count: int) -> tuple[float, float]:
    """Megabytes that a review of *count* rows takes once it is open, and at most while it is opened."""
    with tempfile.TemporaryDirectory() as root:
        with Desk.create(Path(root) / "bench", review(count)) as desk:
            folder = desk.folder
        tracemalloc.start()
        opened = open_desk(folder)
        held, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        opened.desk.close()
    return held / 1e6, most / 1e6


def run() -> None:
    """Measure and print."""
    table = next(each for each in grid.tables(quick=True) if each.name == "DataTable")
    print(
        "key to frame in a whole review, CPU ms: median / 95th percentile; open and DataTable fill are single runs"
    )
    names = ("move", "page", "jump", "filter", "type", "enter", "edit", "undo", "saved", "settled", "open")
    rows: dict[int, dict[str, list[float]]] = {}
    for count in LENGTHS:
        with Collections() as collected:
            rows[count] = asyncio.run(measure(count))
        print(f"{count:>9,} rows: {collected}")
        asyncio.run(grid.measure(table, count, keys=10))
    print(f"{'rows':>9}" + "".join(f"{name:>14}" for name in names) + f"{'DataTable fill':>17}{'… edit':>8}")
    for count, figures in rows.items():
        fill, edit = table.figures[count, "load"], table.figures[count, "edit"]
        shown = "".join(f"{figure(figures[name]):>14}" for name in names)
        print(f"{count:>9,}{shown}{fill[0]:>17.1f}{statistics.median(edit):>8.1f}")
    print(
        "first key of a filter: " + ", ".join(f"{figure(rows[each]['first'])} at {each:,}" for each in rows)
    )
    held, most = memory(LENGTHS[-1])
    print(f"memory of {LENGTHS[-1]:,} rows: {held:.0f} MB, while they are opened {most:.0f} MB at most")


if __name__ == "__main__":
    run()
