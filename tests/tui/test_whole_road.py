"""One review from nothing to a written report and a dry run, by keys alone, and resumed by another process."""

import json
import subprocess
import sys
from pathlib import Path

from app.review.records import Session
from app.review.timeline import in_order
from app.store.reading import load
from tests.tui.driving import enter, quiet, running, settle, type_text
from tests.tui.frames import frame

LOG = "\n".join(
    f"2025-02-09T10:0{minute}:{second:02d}Z {'ERROR pool exhausted' if minute == 5 else 'INFO ok'}"
    for minute in range(3, 8)
    for second in range(0, 60, 5)
)

RESUMED = """
import asyncio, json, sys
from pathlib import Path
from tests.tui.driving import running

async def main():
    folder = Path(sys.argv[1])
    async with running(folder.parent, folder) as (app, pilot):
        session = app.bench.session
        print(json.dumps({
            "mode": app.current_mode,
            "events": [event.text for event in session.events],
            "row": app.screen.query_one("#track").cursor_key if app.current_mode == "track" else "",
            "undo": app.bench.desk.labels()[-1],
        }))

asyncio.run(main())
"""


def _saved(folder: Path) -> Session:
    return load((folder / "session.toml").read_bytes()).session


async def test_a_review_is_made_from_nothing_by_keys_alone_and_resumed_elsewhere(tmp_path: Path) -> None:
    root = tmp_path / "sessions"
    log = tmp_path / "app.log"
    log.write_text(LOG)
    async with running(root) as (app, pilot):
        assert "No reviews yet" in frame(app)
        # The opening list: a new review
        await pilot.press("n")
        await pilot.pause()
        for value in ("Pool exhausted", "P2", "2025-02-09 10:05", "2025-02-09 10:40", "api"):
            await enter(pilot, value)
        await settle(pilot)
        assert app.current_mode == "collect"
        assert app.bench is not None
        desk = app.bench.desk

        # 1 Collect: a file, read at once
        await pilot.press("n")
        await enter(pilot, str(log))
        await settle(pilot)
        while not desk.session.sources or not desk.session.sources[0].artifacts:
            await pilot.pause(0.05)
        await settle(pilot)
        assert "60" in frame(app)
        assert desk.session.sources[0].artifacts[0].rows == 60

        # 2 Timeline: accept a suggestion, type rows, mark milestones, edit a cell in place
        await pilot.press("alt+2")
        await quiet(pilot)
        assert "▸ 10:05:00  First error in app.log: pool exhausted" in frame(app)
        await pilot.press("a")
        await pilot.pause()
        accepted = desk.session.events[0]
        assert accepted.evidence
        assert accepted.suggestion
        await pilot.press("n")
        await enter(pilot, "10:05:23 errors appear #started #symptom <nginx>")
        await enter(pilot, "10:06:45 alert fires #detected #alert <Prometheus>")
        await enter(pilot, "10:22 cache deployed @alice #mitigated")
        await enter(pilot, "10:40 all clear #resolved")
        await pilot.press("escape", "ctrl+home")
        await pilot.pause()
        assert "TTD 1 min 22 s" in frame(app)
        await pilot.press(
            "down", "end", "left"
        )  # below the gap, from ★ to the text: 80 columns hide source and actor
        await pilot.press("f2", "end")
        await type_text(pilot, " at last")
        await pilot.press("enter")
        await pilot.pause()
        assert any(event.text.endswith(" at last") for event in desk.session.events)

        # 3 Whys: a root, a child below it, a mark and a category
        await pilot.press("alt+3")
        await pilot.pause()
        await pilot.press("n")
        await enter(pilot, "pool of 20 was full %capacity #immediate")
        await enter(pilot, "query without an index %code")
        await pilot.press("escape")
        await pilot.pause()
        assert [factor.parent for factor in desk.session.factors] == ["", "F1"]

        # 4 Actions
        await pilot.press("alt+4")
        await pilot.pause()
        await pilot.press("n")
        await enter(pilot, "Alert on pool use over 80 % @bob fri !high -> fires in staging")
        await pilot.press("escape")
        await pilot.pause()
        action = desk.session.actions[0]
        assert (action.owner, action.priority, str(action.due)) == ("@bob", "high", "2025-02-14")

        # 5 Report: a summary in place, and the file
        await pilot.press("alt+5")
        await settle(pilot)
        await pilot.press("enter")
        await pilot.pause()
        await type_text(pilot, "The pool was full.")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert desk.session.narrative.summary == "The pool was full."
        await pilot.press("w")
        await pilot.pause()
        await pilot.press("enter")
        await settle(pilot)
        written = list((desk.folder / "reports").glob("*.md"))
        assert len(written) == 1
        assert "The pool was full." in written[0].read_text()

        # 6 Track: the tracker, and exactly what would be sent
        await pilot.press("alt+6")
        await pilot.pause()
        await pilot.press("t")
        await pilot.pause()
        await enter(pilot, "github")
        await pilot.pause()
        await enter(pilot, "acme/api")
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("d")
        await settle(pilot)
        shown = frame(app)
        assert "POST https://api.github.com/repos/acme/api/issues" in shown
        assert "Alert on pool use over 80 %" in shown
        await pilot.press("escape")
        await pilot.press("ctrl+q")
        folder = desk.folder

    assert len(in_order(_saved(folder))) == 5
    resumed = subprocess.run(
        [sys.executable, "-c", RESUMED, str(folder)], capture_output=True, text=True, check=True
    )
    state = json.loads(resumed.stdout)
    assert state["mode"] == "track"
    assert state["row"] == "AI-001"
    assert len(state["events"]) == 5
    assert state["undo"] == "Track on github acme/api"
