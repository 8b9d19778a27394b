"""What a key costs among raw lines: moving, paging, jumping, searching and narrowing in lines of two logs.

CPU time of the whole process, threads included, from the key to the last frame that it causes and the answer it
waits for; for searching and narrowing also that of the event loop alone, which is what a person who goes on typing
can feel. 100,000 lines are held in memory, a million are not. Beside it, in the same run, the table alone with as
many lazy rows, and Textual's ``DataTable`` with a tenth of them (filling it with all takes it longer than the rest
of the bench).
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from textual import events

from app import garbage
from app.history import Desk
from app.review.records import Artifact, Session, Source
from app.tui import open_desk
from screens.evidence_pane import LOOK_AFTER, EvidencePane
from tests.bench import grid
from tests.bench.costs import KEYS, Collections, figure, frame, resting
from tests.bench.timeline import SIZE, START, Host, review

LINES = 100_000
MANY = 1_000_000
FEWER = 10_000


def with_logs(root: Path, count: int) -> Path:
    """A review of ten rows with two logs of together *count* lines, one line every 20 ms."""
    sources = []
    folder = root / "bench"
    session: Session = review(10)
    for key in ("S1", "S2"):
        artifact = Artifact(path=f"evidence/{key}/app.log", rows=count // 2)
        sources.append(Source(id=key, kind="file", name=f"log {key}", artifacts=(artifact,)))
    Desk.create(folder, session.model_copy(update={"sources": tuple(sources)})).close()
    for number, key in enumerate(("S1", "S2")):
        (folder / "evidence" / key).mkdir(parents=True)
        with (folder / "evidence" / key / "app.log").open("w") as file:
            for line in range(number, count, 2):
                at = START + timedelta(milliseconds=20 * line)
                level = "ERROR" if line % 50 == 0 else "INFO"
                file.write(
                    f"{at:%Y-%m-%dT%H:%M:%S.%f}Z {level} request {line} served path=/v1/orders/{line % 977}\n"
                )
    return folder


async def measure(count: int, times: int = KEYS) -> dict[str, list[float]]:
    """Open the lines of a review and press keys."""
    figures: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        folder = with_logs(root, count)
        garbage.hold_back()
        opened = open_desk(folder)
        app = Host(root, opened, "timeline")
        app.drawn = asyncio.Event()
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause(0.6)
            await pilot.press("v")
            while not isinstance(app.screen, EvidencePane) or not len(app.screen.grid.rows):
                await pilot.pause(0.1)
            pane = app.screen
            # What can be held in memory is read there first, and suggestions look through the lines, in threads.
            await pilot.pause(1.5)
            await resting()

            def key(name: str, character: str | None = None) -> Callable[[], Any]:
                return lambda: app.post_message(events.Key(name, character))

            async def repeated(name: str, *keys: Callable[[], Any]) -> None:
                figures[name] = [await frame(app, keys[number % len(keys)]) for number in range(times)]

            await repeated("move", key("down"))
            await repeated("page", key("pagedown"))
            await repeated("jump", key("ctrl+end"), key("ctrl+home"))

            async def answered(name: str, opener: str, text: str, done: Callable[[], bool]) -> None:
                await pilot.press(opener)
                figures[name], figures[f"{name} loop"] = [], []
                for character in text:
                    begin, loop = time.process_time(), time.thread_time()
                    app.post_message(events.Key(character, character))
                    await asyncio.sleep(LOOK_AFTER + 0.02)
                    while pane.busy:
                        # Asking often would be most of what the loop does.
                        await asyncio.sleep(0.05)
                    await asyncio.sleep(0.05)
                    figures[name].append((time.process_time() - begin) * 1000)
                    figures[f"{name} loop"].append((time.thread_time() - loop) * 1000)
                assert done(), name
                await pilot.press("escape")
                await pilot.pause(0.3)

            await answered("search", "slash", "orders/976", lambda: pane.grid.cursor_row > 0)
            await answered("narrow", "f", "orders/976", lambda: len(pane.grid.rows) < count // 500)
        await asyncio.to_thread(opened.desk.close)
    garbage.let_go()
    return figures


def run() -> None:
    """Measure and print."""
    lazy, table = (
        next(each for each in grid.tables(quick=False) if each.name == name)
        for name in ("Grid, lazy rows", "DataTable")
    )
    with Collections() as collected:
        figures = asyncio.run(measure(LINES))
        many = asyncio.run(measure(MANY))
    asyncio.run(grid.measure(lazy, LINES))
    asyncio.run(grid.measure(table, FEWER))
    print(
        "key among raw lines, CPU ms: median / 95th percentile; the table alone and Textual's DataTable beside it"
    )
    names = ("move", "page", "jump", "search", "search loop", "narrow", "narrow loop")
    print(f"{'':>22}" + "".join(f"{name:>16}" for name in names))
    rows = (
        (f"evidence, {LINES:,}", figures),
        (f"evidence, {MANY:,}", many),
        (f"lazy grid, {LINES:,}", {name: found for (_, name), found in lazy.figures.items()}),
        (f"DataTable, {FEWER:,}", {name: found for (_, name), found in table.figures.items()}),
    )
    for name, known in rows:
        known = {**known, "narrow": known.get("narrow") or known.get("filter", [])}
        print(f"{name:>22}" + "".join(f"{figure(known.get(each)):>16}" for each in names))
    print(collected)


if __name__ == "__main__":
    run()
