"""Helpers to drive the whole application by keys, on a clock that stands still."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input
from textual.worker import Worker

from app.review.records import Session
from app.tui import Blamefree, open_desk

NOW = datetime(2025, 2, 10, 9, 0, tzinfo=UTC)

KEYS = {
    " ": "space", ":": "colon", "-": "minus", "@": "at", "#": "number_sign", "/": "slash", ".": "full_stop",
    "%": "percent_sign", "!": "exclamation_mark", ">": "greater_than_sign", "<": "less_than_sign",
    ",": "comma", "+": "plus", "~": "tilde", "'": "apostrophe", "(": "left_parenthesis",
    ")": "right_parenthesis", "?": "question_mark", "_": "underscore", "[": "left_square_bracket",
    "]": "right_square_bracket", "*": "asterisk", "$": "dollar_sign", "=": "equals_sign",
}  # fmt: skip


async def type_text(pilot: Pilot[None], text: str) -> None:
    """Press the key of every character of *text*."""
    await pilot.press(*(KEYS.get(character, character) for character in text))


async def enter(pilot: Pilot[None], text: str) -> None:
    """Type *text* and press Enter."""
    await type_text(pilot, text)
    await pilot.press("enter")


def at_work(pilot: Pilot[None]) -> list[Worker[object]]:
    """Background work that ends by itself; a dialog may wait for its answer."""
    asking = isinstance(pilot.app.screen, ModalScreen)
    found = (each for each in pilot.app.workers if not (asking and each.group in {"default", "open"}))
    return [each for each in found if not each.is_finished]


async def settle(pilot: Pilot[None]) -> None:
    """Wait until background work is done and its messages are handled; a dialog may wait for its answer."""
    await pilot.pause()
    if workers := at_work(pilot):
        await pilot.app.workers.wait_for_complete(workers)
    await pilot.pause()


@asynccontextmanager
async def running(
    root: Path,
    folder: Path | None = None,
    step: str = "",
    size: tuple[int, int] = (80, 24),
) -> AsyncIterator[tuple[Blamefree, Pilot[None]]]:
    """The application under test, with tooltips and notifications on; the review is closed afterwards."""
    opened = open_desk(folder) if folder is not None else None
    app = Blamefree(root, opened, step, now=lambda: NOW)
    try:
        async with app.run_test(size=size, tooltips=True, notifications=True) as pilot:
            await settle(pilot)
            yield app, pilot
    finally:
        if opened is not None:
            opened.desk.close()
        if app.bench is not None:
            app.bench.desk.close()


async def quiet(pilot: Pilot[None]) -> None:
    """Wait until what follows an edit a moment later (checklist, preview, suggestions) has been shown."""
    while True:
        await settle(pilot)
        nodes = pilot.app.screen.walk_children(with_self=True)
        pending = (timer for node in nodes for timer in node._timers if timer._repeat is not None)
        waiting = any(timer._interval < 1 and timer._task and not timer._task.done() for timer in pending)
        # The last of the timers may have begun some work since.
        if not waiting and not at_work(pilot):
            return
        await asyncio.sleep(0.01)


async def step(pilot: Pilot[None], number: int) -> None:
    """Go to a step by its number."""
    await pilot.press(f"alt+{number}")
    await settle(pilot)


async def steps(pilot: Pilot[None], *keys: str) -> None:
    """Press keys; ``=text`` puts a text into the field in focus at once."""
    for key in keys:
        if key.startswith("="):
            field = pilot.app.focused
            assert isinstance(field, Input), field
            field.value = key[1:]
            field.cursor_position = len(field.value)
        else:
            await pilot.press(key)
    await settle(pilot)


async def edits(pilot: Pilot[None], *keys: str) -> Session:
    """Press keys that make one edit; undo and redo of it are proved on the way. The session after it."""
    app = pilot.app
    assert isinstance(app, Blamefree)
    assert app.bench is not None
    desk, before = app.bench.desk, app.bench.session
    await steps(pilot, *keys)
    after = desk.session
    assert after != before, f"{keys} changed nothing"
    desk.undo()
    assert desk.session == before, f"{keys}: {desk.labels()}"
    desk.redo()
    assert desk.session == after
    await pilot.pause()
    return after


async def refused(pilot: Pilot[None], sentence: str, *keys: str) -> None:
    """Press keys that must change nothing, and be told why."""
    app = pilot.app
    assert isinstance(app, Blamefree)
    assert app.bench is not None
    before = app.bench.session
    await steps(pilot, *keys)
    assert app.bench.session == before
    assert sentence in said(app), f"{keys}: {said(app)}"
    app.clear_notifications()


def said(app: App[None]) -> str:
    """The sentences that were shown to the person and did not go away yet."""
    return "\n".join(str(each.message) for each in app._notifications)
