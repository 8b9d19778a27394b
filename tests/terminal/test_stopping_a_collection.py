"""Ten sources that would never answer: one key ends all of them, and what they started ends, too."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.history import Desk
from app.review import edits
from app.review.records import Session, Source
from collectors.confirmed import confirm
from collectors.interface import Command
from tests.terminal.terminals import Terminal, below, until

WORDS = ["sleep", "86399"]


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def ten(review: Path, silent: str) -> Path:
    """The review with ten sources: commands that last a day, and servers that are silent."""
    confirm(Command(tuple(WORDS), Path.home()))
    with Desk.open(review) as desk:
        for number in range(5):
            command = Source(kind="command", name=f"command {number}", settings={"argv": WORDS})
            served = Source(kind="prometheus", name=f"server {number}", settings={"url": silent})
            for each in (command, served):
                desk.apply("Add", lambda session, one=each: edits.add(session, "sources", one))
    return review


def asleep(terminal: Terminal) -> int:
    return sum(each.command.endswith(" ".join(WORDS)) for each in below(terminal.shell))


def states(review: Path) -> Session:
    with Desk.open(review, read_only=True) as desk:
        return desk.session


def test_ctrl_c_ends_ten_sources_and_gives_the_prompt_back(terminal: Terminal, ten: Path) -> None:
    terminal.run("blamefree collect outage; echo exit=$?")
    terminal.wait_for(*(rf"command {number} .*running sleep" for number in range(5)))
    terminal.wait_for(*(rf"server {number} .*asking who is there" for number in range(5)))
    until(lambda: asleep(terminal) == 5, lambda: f"{asleep(terminal)} of 5 commands run")
    terminal.keys("C-c")
    terminal.wait_for(
        r"^exit=130\s*$",
        *(rf"{kind} {number}: cancelled" for kind in ("command", "server") for number in range(5)),
    )
    assert asleep(terminal) == 0
    terminal.assert_usable()
    assert not any(each.gaps or each.artifacts for each in states(ten).sources)


def test_leaving_the_program_ends_ten_sources(terminal: Terminal, ten: Path) -> None:
    terminal.run("blamefree open outage --screen collect; echo exit=$?")
    terminal.wait_for("command 0", "server 4")
    terminal.keys("R")
    until(lambda: asleep(terminal) == 5, lambda: f"{asleep(terminal)} of 5 commands run")
    terminal.wait_for(r"server 4 .*asking")
    terminal.keys("C-q")
    terminal.wait_for(r"^exit=0\s*$")
    assert asleep(terminal) == 0
    terminal.assert_usable()


def test_asking_how_sources_stand_says_who_is_silent_and_can_be_stopped(
    terminal: Terminal, ten: Path
) -> None:
    terminal.run("blamefree doctor outage; echo exit=$?")
    terminal.wait_for("asking server 0, server 1, ")
    terminal.keys("C-c")
    terminal.wait_for(r"^exit=130\s*$", gone="asking")
    terminal.assert_usable()
