"""``make figures``: the pictures in docs/, made by driving the program over the sample, never by hand."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from app.demo import copy_sample
from tests.tui.driving import running, settle, type_text

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
SIZE = (110, 30)

Act = Callable[[Pilot[None]], Awaitable[None]]


async def _nothing(_pilot: Pilot[None]) -> None:
    """The screen as it opens."""


async def _typing_a_row(pilot: Pilot[None]) -> None:
    await pilot.press("n")
    await type_text(pilot, "10:25 cache hit rate reaches 90 % @bob #obs <Grafana>")


async def _editing_a_cell(pilot: Pilot[None]) -> None:
    await pilot.press("down", "down", "right", "right", "right", "f2")


async def _asking(pilot: Pilot[None]) -> None:
    await pilot.press("down", "tab")
    await type_text(pilot, "the index was dropped")


async def _fishbone(pilot: Pilot[None]) -> None:
    await pilot.press("f", "right")


async def _dry_run(pilot: Pilot[None]) -> None:
    await pilot.press("t")
    await pilot.pause()
    await type_text(pilot, "acme/api")
    await pilot.press("ctrl+s")
    await settle(pilot)
    await pilot.press("d")


PICTURES: dict[str, tuple[str, Act]] = {
    "1-collect": ("collect", _nothing),
    "2-timeline": ("timeline", _typing_a_row),
    "2-timeline-edit": ("timeline", _editing_a_cell),
    "3-whys": ("whys", _asking),
    "3-whys-fishbone": ("whys", _fishbone),
    "4-actions": ("actions", _nothing),
    "5-report": ("report", _nothing),
    "6-track": ("track", _dry_run),
}


async def _draw(name: str, step: str, act: Act) -> None:
    with tempfile.TemporaryDirectory() as folder:
        review = copy_sample(Path(folder))
        async with running(review.parent, review, step, SIZE) as (app, pilot):
            # What is looked at after the first frame belongs into the picture.
            await pilot.pause(1.0)
            await settle(pilot)
            await act(pilot)
            await settle(pilot)
            picture = app.export_screenshot(title=f"blamefree: {step}", simplify=True)
    (FOLDER / f"{name}.svg").write_text(picture, "utf-8")


async def main() -> None:
    """Draw every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (step, act) in PICTURES.items():
        await _draw(name, step, act)


if __name__ == "__main__":
    asyncio.run(main())
