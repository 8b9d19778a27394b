"""What happens around an open review: the file changes, it may only be read, the disk refuses."""

import errno
from pathlib import Path

from app.history import Desk
from app.review.records import Tracking
from app.store.reading import load
from app.tui import Blamefree, OpenDesk, Relay
from screens.workbench import STEPS
from tests.faults.disks import FailingDisk
from tests.tui.driving import NOW, quiet, refused, running, said, settle, steps
from tests.tui.frames import frame
from tests.tui.reviews import saved, small_review, with_evidence

READ_ONLY = "This review is open for reading only"


def rewrite(folder: Path, old: str, new: str) -> None:
    """Change the session file as an editor does."""
    path = folder / "session.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


async def test_what_somebody_else_wrote_is_taken_in_beside_our_own(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    async with running(tmp_path, folder, "timeline", (120, 30)) as (app, pilot):
        app.bench.desk.save()
        await app._look_outside()
        assert not said(app)
        await steps(pilot, "n", "=10:20 all clear", "enter", "escape")
        rewrite(folder, "alert fires", "alert fires [loudly]")
        await app._look_outside()
        await quiet(pilot)
        assert "both sides are in now" in said(app)
        texts = [event.text for event in app.bench.session.events]
        assert "alert fires [loudly]" in texts
        assert "all clear" in texts
        assert "alert fires [loudly]" in frame(app)
        app.bench.desk.save()
        kept = load((folder / "session.toml").read_bytes()).session
        assert kept.events == app.bench.session.events
        await steps(pilot, "u")
        assert "alert fires" in [event.text for event in app.bench.session.events]
        assert "all clear" in [event.text for event in app.bench.session.events]


async def test_where_both_changed_the_same_it_says_so_and_loses_neither(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    async with running(tmp_path, folder, "timeline") as (app, pilot):
        app.bench.desk.save()
        app.screen.grid.move_cursor("E2", "text")
        rewrite(folder, "alert fires", "their words")
        await steps(pilot, "enter", "=our words", "enter")
        await app._look_outside()
        await quiet(pilot)
        assert "session.toml" in said(app)
        assert app.bench.session.events[1].text == "our words"
        app.clear_notifications()
        await app._look_outside()
        assert not said(app)  # said once, not every five seconds
    texts = "\n".join(path.read_text("utf-8") for path in folder.glob("session*.toml"))
    assert "their words" in texts
    assert "our words" in texts


async def test_a_file_that_cannot_be_read_any_more_is_said_and_ours_is_kept(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    async with running(tmp_path, folder, "timeline") as (app, pilot):
        app.bench.desk.save()
        (folder / "session.toml").write_text("schema = [red\n")
        await app._look_outside()
        await quiet(pilot)
        assert "session.toml" in said(app)
        assert len(app.bench.session.events) == 4


async def test_a_review_for_reading_only_refuses_every_edit_with_a_sentence(tmp_path: Path) -> None:
    session = small_review().model_copy(update={"tracking": Tracking(tracker="github", repo="acme/api")})
    folder = saved(tmp_path, session)
    rewrite(folder, "schema = 1", "schema = 99")
    (folder / "session.journal").unlink()
    before = (folder / "session.toml").read_bytes()
    async with running(tmp_path, folder, "collect") as (app, pilot):
        assert "read only" in frame(app)
        assert said(app)  # why it is
        app.clear_notifications()
        await refused(pilot, READ_ONLY, "n", "=/etc/hostname", "enter", "escape")
        await refused(pilot, READ_ONLY, "p", "=idea", "enter")
        await refused(pilot, READ_ONLY, "u")
        await refused(pilot, READ_ONLY, "U")
        await steps(pilot, "2")
        app.screen.grid.move_cursor("E2", "text")
        for keys in (
            ("n", "=10:20 x", "enter", "escape"),
            ("enter", "=x", "enter"),
            ("d",),
            ("D",),
            ("asterisk",),
            ("m", "=resol", "enter"),
            ("k", "=page", "enter"),
            ("t", "=+5s", "enter"),
        ):
            await refused(pilot, READ_ONLY, *keys)
        await steps(pilot, "3")
        app.screen.outline.move_cursor("F4")
        for keys in (
            ("n", "=x", "enter", "escape"),
            ("enter",),
            ("tab",),
            ("e", "=x", "enter"),
            ("R",),
            ("d",),
            ("alt+right",),
            ("alt+up",),
            ("C", "=code", "enter"),
            ("v", "=full", "enter"),
        ):
            await refused(pilot, READ_ONLY, *keys)
        await steps(pilot, "4")
        app.screen.grid.move_cursor("AI-001", "text")
        for keys in (
            ("n", "=x", "enter", "escape"),
            ("enter", "=x", "enter"),
            ("X",),
            ("D",),
            ("d", "=it fired", "enter"),
            ("x", "=too late", "enter"),
            ("s", "=a / b", "enter"),
            ("v", "=full", "enter"),
            ("t", "=Dispatch", "enter"),
            ("b", "=owner", "enter", "=@x", "enter"),
            ("f", "enter"),
            ("k", "enter", "enter"),
        ):
            await refused(pilot, READ_ONLY, *keys)
        await steps(pilot, "5", "enter")
        app.screen.query_one("#editor").text = "x"
        await refused(pilot, READ_ONLY, "ctrl+s")
        await steps(pilot, "6")
        for keys in (
            ("n", "=x@acme.example", "enter", "escape"),
            ("t", "=github", "enter", "=acme/other", "ctrl+s"),
            ("f", "=+4w", "enter"),
            ("c",),
        ):
            await refused(pilot, READ_ONLY, *keys)
        await steps(pilot, "d")
        assert "Dry run: nothing was sent" in frame(app)
    assert (folder / "session.toml").read_bytes() == before


async def test_an_empty_review_for_reading_only_is_walked_without_a_fault(tmp_path: Path) -> None:
    bare = small_review().model_copy(update={"events": (), "actions": (), "parked": ()})
    folder = saved(tmp_path, bare)
    rewrite(folder, "schema = 1", "schema = 99")
    (folder / "session.journal").unlink()
    async with running(tmp_path, folder, "actions") as (_, pilot):
        await refused(pilot, READ_ONLY, "f", "enter")
        for name in STEPS:
            await pilot.press(f"alt+{STEPS.index(name) + 1}")
            await settle(pilot)


async def test_collecting_into_a_review_for_reading_only_is_refused(tmp_path: Path) -> None:
    folder = with_evidence(tmp_path)
    rewrite(folder, "schema = 1", "schema = 99")
    (folder / "session.journal").unlink()
    async with running(tmp_path, folder, "collect") as (_, pilot):
        await refused(pilot, READ_ONLY, "r")
        await refused(pilot, READ_ONLY, "R")


async def test_a_disk_that_refuses_turns_the_light_and_no_edit_is_lost(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    disk = FailingDisk(error=errno.ENOSPC)
    relay = Relay()
    opened = OpenDesk(Desk.open(folder, on_state=relay, disk=disk), relay)
    app = Blamefree(tmp_path, opened, "timeline", now=lambda: NOW)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        disk.broken = {"write", "create", "sync", "sync_data"}
        await steps(pilot, "n", "=10:20 all clear", "enter", "escape")
        while "NOT SAVED" not in frame(app):
            await pilot.pause(0.02)
        assert "✗ NOT SAVED" in frame(app)
        assert said(app)
        assert opened.desk.session.events[-1].text == "all clear"
        await steps(pilot, "2")
        assert "all clear" in frame(app)
        disk.broken = set()
        opened.desk.flush()
        while "NOT SAVED" in frame(app):
            await pilot.pause(0.02)
        assert "● saved" in frame(app)
        assert "\n" not in said(app)  # one sentence, not one for every attempt
    opened.desk.close()
    assert load((folder / "session.toml").read_bytes()).session.events[-1].text == "all clear"
