"""What every screen looks like, as text: a change of a screen is a change of a file that a review shows.

After a change that is meant: ``BLAMEFREE_UPDATE_FRAMES=1 pytest tests/tui/test_frames.py``, and read the diff.
"""

import difflib
import os
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from app.demo import copy_sample
from app.history import SaveState
from app.tui import Blamefree
from screens.frame import StepScreen
from screens.workbench import STEPS
from tests.tui.driving import quiet, running, steps
from tests.tui.frames import frame

FRAMES = Path(__file__).parent / "frames"
UPDATE = "BLAMEFREE_UPDATE_FRAMES"
SAVED = SaveState("saved", datetime(2025, 2, 10, 14, 2, 11).astimezone())
SIZES = ((80, 24), (160, 48))
SMALL, LEAST = (40, 10), (60, 16)

Act = Callable[[Blamefree, Pilot[None]], Awaitable[None]]


def keys(*pressed: str) -> Act:
    async def act(app: Blamefree, pilot: Pilot[None]) -> None:
        await steps(pilot, *pressed)

    return act


async def facts(app: Blamefree, pilot: Pilot[None]) -> None:
    assert isinstance(app.screen, StepScreen)
    app.screen.edit_incident()
    await pilot.pause()


SCENES: dict[str, tuple[str, Act]] = {
    "collect": ("collect", keys()),
    "timeline": ("timeline", keys()),
    "timeline-editing": ("timeline", keys("down", "space", "down", "end", "left", "enter")),
    "timeline-typing": ("timeline", keys("n", "=~10:16 someone restarts the pooler @alice #action")),
    "timeline-filling": ("timeline", keys("down", "i", "right", "right", "H")),
    "timeline-tracks": ("timeline", keys("T")),
    "timeline-filter": ("timeline", keys("slash", "=-kind:alert,page >10:12")),
    "timeline-evidence": ("timeline", keys("down", "down", "v")),
    "timeline-offers": ("timeline", keys("n", "=10:16 pooler restarted @al")),
    "whys": ("whys", keys()),
    "whys-fishbone": ("whys", keys("f")),
    "whys-list": ("whys", keys("c")),
    "whys-zoomed": ("whys", keys("t", "down", "z")),
    "actions": ("actions", keys()),
    "report": ("report", keys()),
    "report-writing": ("report", keys("enter")),
    "track": ("track", keys()),
    "keys": ("timeline", keys("question_mark")),
    "checklist": ("actions", keys("l")),
    "milestone": ("timeline", keys("m")),
    "form": ("timeline", facts),
    "dry-run": ("track", keys("t", "=github", "enter", "=acme/api", "ctrl+s", "d")),
    "said": ("timeline", keys("d")),
}
CASES = [(name, size) for name in SCENES for size in SIZES] + [("timeline", SMALL), ("sessions", SMALL)]
CASES += [("sessions", size) for size in SIZES] + [(name, LEAST) for name in STEPS]


DRAWN: dict[tuple[int, int], dict[str, str]] = {}
"""Frames by size: one run of the application draws all of a size."""


async def draw(size: tuple[int, int]) -> dict[str, str]:
    root = Path("reviews")
    names = [name for name, each in CASES if each == size]
    folder = copy_sample(root)
    drawn: dict[str, str] = {}
    async with running(root, None, "", size) as (app, pilot):
        drawn["sessions"] = frame(app)
    async with running(root, folder, "collect", size) as (app, pilot):
        assert app.bench is not None
        for name in names:
            if name == "sessions":
                continue
            step, act = SCENES[name]
            await steps(pilot, f"alt+{STEPS.index(step) + 1}", "ctrl+home", "home")
            await quiet(pilot)
            await act(app, pilot)
            await quiet(pilot)
            drawn[name] = await at_rest(app, pilot)
            await back(app, pilot)
    return drawn


async def at_rest(app: Blamefree, pilot: Pilot[None]) -> str:
    """The frame with the save light of a fixed time: the writing thread may say its own a moment later."""
    assert app.bench is not None
    while True:
        app.bench.saving.publish(SAVED)
        await pilot.pause()
        shown = frame(app)
        if not re.search(r"saving|saved (?!14:02:11)\d", shown):
            return shown


async def back(app: Blamefree, pilot: Pilot[None]) -> None:
    """Make the application as it was before a scene."""
    assert app.bench is not None
    await steps(pilot, "escape", "escape")
    while getattr(app.screen, "tracked", ""):
        await steps(pilot, "T")
    while app.bench.desk.undo():
        pass
    app.clear_notifications()
    assert isinstance(app.screen, StepScreen)
    app.screen.capture.text = ""


@pytest.mark.xdist_group("frames")
@pytest.mark.parametrize(("name", "size"), CASES, ids=[f"{name}-{size[0]}x{size[1]}" for name, size in CASES])
async def test_the_frame_is_as_it_was_accepted(
    name: str, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if size not in DRAWN:
        monkeypatch.chdir(tmp_path)  # a path on the screen is as long as the test's folder
        DRAWN[size] = await draw(size)
    shown = DRAWN[size][name] + "\n"
    kept = FRAMES / f"{name}-{size[0]}x{size[1]}.txt"
    if os.environ.get(UPDATE):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(shown, "utf-8")
    accepted = kept.read_text("utf-8") if kept.exists() else ""
    lines = difflib.unified_diff(accepted.splitlines(), shown.splitlines(), "accepted", "shown", n=1)
    assert shown == accepted, "\n".join(
        [f"{kept.name} looks different. If that is meant: {UPDATE}=1 pytest {Path(__file__).name}", *lines]
    )


def test_no_frame_is_left_over() -> None:
    assert {path.name for path in FRAMES.glob("*.txt")} == {
        f"{name}-{width}x{height}.txt" for name, (width, height) in CASES
    }
