"""A note from another shell appears in the open review, and u takes it back like any edit."""

import asyncio
import subprocess
import sys
from pathlib import Path

from app.store import inbox
from tests.tui.driving import quiet, running, said, steps
from tests.tui.frames import frame
from tests.tui.reviews import saved


async def test_a_row_noted_in_another_shell_appears_where_the_review_is_open(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    async with running(tmp_path, folder, "timeline", (120, 30)) as (app, pilot):
        before = len(app.bench.session.events)
        words = [sys.executable, "-m", "app", "note", "--sessions", str(tmp_path), "--session", folder.name]
        run = await asyncio.to_thread(
            subprocess.run,
            [*words, "2025-02-09 10:21 pool [b]back[/b] @oncall"],
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr
        assert "open elsewhere" in run.stderr
        async with asyncio.timeout(20):
            while len(app.bench.session.events) == before:
                await pilot.pause(0.05)
        await quiet(pilot)
        assert "pool [b]back[/b]" in frame(app)
        assert "Noted in another shell" in said(app)
        assert not inbox.waiting(folder)
        await steps(pilot, "u")
        assert len(app.bench.session.events) == before
