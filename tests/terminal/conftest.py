"""Terminals for the tests, and a review to open in them."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.history import Desk
from app.review.records import Event, Incident, Session
from tests.terminal.terminals import COMMAND, Terminal

STARTED = datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC)

Open = Callable[..., Terminal]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder can be left out by one mark."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("terminal")


@pytest.fixture
def workplace(tmp_path: Path, own_home: Path) -> Path:
    """A folder with a ``sessions`` folder in it, where the program is started."""
    assert COMMAND.exists(), f"{COMMAND} is missing: `make test` installs it"
    (tmp_path / "sessions").mkdir()
    return tmp_path


@pytest.fixture
def review(workplace: Path) -> Path:
    """A saved review with two rows."""
    folder = workplace / "sessions" / "outage"
    Desk.create(
        folder,
        Session(
            id="PM-1",
            incident=Incident(
                title="Outage", severity="P1", started_at=STARTED, ended_at=STARTED.replace(hour=11)
            ),
            events=(
                Event(at=STARTED, text="first errors"),
                Event(at=STARTED.replace(hour=11), text="all quiet again"),
            ),
        ),
    ).close()
    return folder


@pytest.fixture
def open_terminal(workplace: Path) -> Iterator[Open]:
    """Makes terminals; all of them are closed afterwards, with what runs in them."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed: the program is not tried in a real terminal")
    terminals: list[Terminal] = []

    def open_one(size: tuple[int, int] = (100, 30), **environment: str) -> Terminal:
        folder = workplace / f"terminal-{len(terminals)}"
        folder.mkdir()
        terminals.append(Terminal(folder, size, **environment))
        terminals[-1].run(f"cd {workplace}; clear")
        return terminals[-1]

    yield open_one
    for each in terminals:
        each.close()


@pytest.fixture
def terminal(open_terminal: Open) -> Terminal:
    """A terminal of 100 columns and 30 rows with a shell in it."""
    return open_terminal()
