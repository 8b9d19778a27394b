"""A terminal that changes its size while the cursor stands at the end: no step draws what is not there."""

from pathlib import Path

import pytest

from app.demo import copy_sample
from tests.tui.driving import quiet, running, steps
from tests.tui.frames import frame

SIZES = ((160, 48), (60, 16), (200, 60), (40, 10), (80, 24))


@pytest.mark.parametrize("step", ["collect", "timeline", "whys", "actions", "report", "track"])
async def test_every_step_follows_the_terminal(tmp_path: Path, step: str) -> None:
    folder = copy_sample(tmp_path)
    async with running(tmp_path, folder, step, (80, 24)) as (app, pilot):
        await quiet(pilot)
        await steps(pilot, "end", "pagedown", *["down"] * 12)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await quiet(pilot)
            lines = frame(app).rstrip("\n").split("\n")
            assert len(lines) <= size[1]
            assert ("too small" if size[0] < 60 else step.capitalize()) in "\n".join(lines)
