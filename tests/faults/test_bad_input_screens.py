"""The same mistakes and misfortunes where a screen meets them: a sentence on it, it goes on, nothing is lost."""

import errno
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.app import App

from app.history import Desk
from app.review.records import Event, Incident, Session
from tests.tui.driving import enter, quiet, running, settle, step
from tests.tui.frames import frame, line_with

INTERNAL = re.compile(r"Traceback|\b[A-Z]\w+(?:Error|Exception|Problem)\b|Errno|object at 0x")


def said(app: App[None]) -> list[str]:
    """What the notifications on the screen say."""
    found = [str(each.message) for each in app._notifications]
    assert not [text for text in found if INTERNAL.search(text) or "\n" in text]
    return found


def review(title: str = "API errors") -> Session:
    incident = Incident(
        title=title,
        started_at=datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC),
        ended_at=datetime(2025, 2, 9, 10, 40, tzinfo=UTC),
    )
    return Session(id="PM-1", incident=incident, events=(Event(id="E1", text="the first row"),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "sessions" / "api-errors"
    Desk.create(folder, review()).close()
    return folder


def without_help(folder: Path) -> None:
    """Take the journal and the backups away: nothing can be recovered."""
    for path in (folder / "backups").iterdir():
        path.unlink()
    (folder / "session.journal").unlink()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("schema = 1\n[incident]\ntitle = API errors\n", "line 3, column 9"),
        ('schema = 1\n[incident]\ntitle = "API', "at its end"),
        ("", "it is empty"),
        ("schema = 1\n\xff", "not UTF-8"),
    ],
    ids=["mistyped", "cut short", "empty", "not text"],
)
async def test_a_broken_review_is_listed_with_its_fault_and_not_opened(
    folder: Path, content: str, words: str
) -> None:
    without_help(folder)
    data = content.encode("latin-1")
    (folder / "session.toml").write_bytes(data)
    async with running(folder.parent, size=(160, 48)) as (app, pilot):
        await quiet(pilot)
        assert "api-errors" in frame(app)
        await pilot.press("enter")
        await quiet(pilot)
        (sentence,) = said(app)
        assert words in sentence
        assert app.bench is None
        assert app.current_mode == "sessions"
    assert (folder / "session.toml").read_bytes() == data


async def test_a_newer_review_is_shown_and_no_key_changes_it(folder: Path) -> None:
    without_help(folder)
    newer = (
        b'schema = 99\nid = "PM-1"\n[incident]\ntitle = "API errors"\n[[event]]\nid = "E1"\ntext = "row"\n'
    )
    (folder / "session.toml").write_bytes(newer)
    async with running(folder.parent, folder, "timeline") as (app, pilot):
        assert any("schema 99" in sentence for sentence in said(app))
        assert "read only" in frame(app)
        assert "row" in frame(app)
        await pilot.press("n")
        await enter(pilot, "mine")
        await pilot.press("escape", "d", "u", "m")
        await settle(pilot)
        await pilot.press("escape")
        assert any("reading only" in sentence for sentence in said(app))
        for number in range(1, 7):
            await step(pilot, number)
        assert [event.text for event in app.bench.session.events] == ["row"]
    assert (folder / "session.toml").read_bytes() == newer


async def test_a_file_cut_short_is_recovered_and_said(folder: Path) -> None:
    path = folder / "session.toml"
    cut = path.read_bytes()[:80]
    path.write_bytes(cut)
    async with running(folder.parent, folder, "timeline") as (app, pilot):
        await quiet(pilot)
        assert "the first row" in frame(app)
        assert any("recovered from" in sentence for sentence in said(app))
    assert b"the first row" in path.read_bytes()
    assert cut in [each.read_bytes() for each in folder.glob("session*")]


async def test_a_review_that_is_open_elsewhere_says_where(folder: Path) -> None:
    with Desk.open(folder, who="bob@laptop"):
        async with running(folder.parent) as (app, pilot):
            await quiet(pilot)
            await pilot.press("enter")
            await quiet(pilot)
            (sentence,) = said(app)
            assert "bob@laptop" in sentence
            assert app.bench is None


async def test_a_place_where_no_review_can_be_made_is_said_and_the_list_goes_on(tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("a file of somebody")
    async with running(tmp_path / "occupied") as (app, pilot):
        await pilot.press("n")
        await pilot.pause()
        await enter(pilot, "A review")
        await pilot.press("ctrl+s")
        await quiet(pilot)
        assert any("is a file, not a folder" in sentence for sentence in said(app))
        await pilot.press("d")
        await quiet(pilot)
        assert len(said(app)) == 2
        assert app.current_mode == "sessions"
    assert (tmp_path / "occupied").read_text() == "a file of somebody"


async def test_a_full_disk_is_said_where_the_report_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with running(folder.parent, folder, "report") as (app, pilot):
        monkeypatch.setattr("app.report.write.os.fsync", full)
        await pilot.press("w")
        await settle(pilot)
        await pilot.press("enter")
        await quiet(pilot)
        monkeypatch.undo()
        assert any("No space left" in sentence for sentence in said(app))
        assert app.is_running
    assert not list(folder.glob("reports/*.md"))


async def test_a_source_that_fails_says_all_of_its_sentence_on_the_smallest_screen(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    async with running(folder.parent, folder, "collect") as (app, pilot):
        await pilot.press("n")
        await enter(pilot, "gone.log")
        await pilot.press("escape")
        await quiet(pilot)
        shown = "".join(frame(app).split())
        assert "gone.log(Nosuchfileordirectory):correctthepath." in shown


@pytest.mark.parametrize(
    ("name", "content", "sign", "words"),
    [
        ("plain.log", b"hello\nworld\n", "✓", "no times"),
        ("latin.log", b"2025-02-09T10:06:00Z ERROR caf\xe9\n", "✓", "not UTF-8"),
        ("empty.log", b"", "✓", "is empty"),
        ("gone.log", None, "✗", "gone.log"),
    ],
)
async def test_a_file_that_is_not_what_was_hoped_for(
    folder: Path, tmp_path: Path, name: str, content: bytes | None, sign: str, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    async with running(folder.parent, folder, "collect", size=(160, 48)) as (app, pilot):
        await pilot.press("n")
        app.screen.capture.text = str(path)
        await pilot.press("enter", "escape")
        while app.screen.gathering.running:
            await pilot.pause(0.01)
        await quiet(pilot)
        assert sign in line_with(app, name)
        assert words in app.screen.gathering.progress["S1"].message
        assert [event.text for event in app.bench.session.events] == ["the first row"]


# In a real terminal, before the screens take it


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[object]:
    pexpect = pytest.importorskip("pexpect")

    def run(*words: str) -> tuple[int, str]:
        child = pexpect.spawn(
            sys.executable,
            ["-m", "app", *words],
            cwd=str(tmp_path),
            env={**os.environ, "TERM": "xterm", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            timeout=30,
            encoding="utf-8",
        )
        told = child.read()
        child.close()
        return child.exitstatus, told

    return run


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("words", "fits"),
    [
        (("open", "nothing"), "there is api-errors"),
        (("open", "api-errors"), "line 1, column 6"),
        (("open", "api-errors", "--screen", "nonsense"), "timeline"),
        (("--sessions", "/proc/none", "demo"), "/proc/none"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_opened_is_a_sentence_and_the_terminal_is_left_alone(
    shell, folder: Path, words: tuple[str, ...], fits: str
) -> None:
    without_help(folder)
    (folder / "session.toml").write_text("what is this")
    code, told = shell(*words)
    assert code == 2
    assert fits in told
    assert "\x1b" not in told
    assert told.strip().count("\n") == 0
    assert told.strip().endswith(".")
    assert not INTERNAL.search(told)
