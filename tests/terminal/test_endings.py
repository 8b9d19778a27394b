"""However the program ends: the terminal is the shell's again, the exit code tells why, and nothing is lost."""

import os
import signal
from pathlib import Path

import pytest

from app.history import Desk
from tests.terminal.conftest import Open
from tests.terminal.reviews import rows
from tests.terminal.terminals import PROMPT, Terminal, alive, until

OPEN = "stty -g > before; blamefree open outage --screen timeline; echo exit=$? | tee code; stty -g > after"
ROW, DRAFT = "pool exhausted", "10:20 restarted the serv"


def write_two_rows_and_a_half(terminal: Terminal) -> None:
    """Two rows that are called saved, and a third that is still being typed."""
    terminal.run(OPEN)
    terminal.wait_for("Outage", "all quiet again")
    terminal.keys("n")
    for line in (f"10:15 {ROW}", "10:16 paged the owner"):
        terminal.type(line)
        terminal.keys("Enter")
    terminal.wait_for(ROW, "paged the owner", r"saved \d\d:\d\d:\d\d")
    terminal.type(DRAFT)
    terminal.wait_for(f"> {DRAFT}")


def assert_shell_is_back(terminal: Terminal, code: int) -> None:
    terminal.wait_for(rf"^exit={code}\s*$")
    terminal.assert_usable()


def test_kill_9_leaves_a_usable_shell_and_every_edit_with_its_undo(
    terminal: Terminal, review: Path, workplace: Path
) -> None:
    write_two_rows_and_a_half(terminal)
    _, application = terminal.program()
    assert terminal.modes()["alternate_on"] == "1"
    os.kill(application, signal.SIGKILL)
    terminal.wait_for("ended by SIGKILL. Every edit that was saved is on disk: open it again")
    assert_shell_is_back(terminal, 128 + 9)
    assert (workplace / "after").read_text() == (workplace / "before").read_text()
    assert set(rows(review)) == {"first errors", ROW, "paged the owner", "all quiet again"}

    terminal.run("clear; blamefree open outage; echo exit=$?")
    terminal.wait_for(ROW, "paged the owner", "▸2 Timeline")
    terminal.keys("u")
    terminal.wait_for(ROW, "Undone", r"saved \d\d:\d\d:\d\d")
    terminal.keys("C-q")
    terminal.wait_for(r"^exit=0\s*$")
    assert set(rows(review)) == {"first errors", ROW, "all quiet again"}


@pytest.mark.parametrize(
    ("number", "to_launcher", "to_application"),
    [
        (signal.SIGTERM, True, False),
        (signal.SIGHUP, False, True),
        (signal.SIGTERM, True, True),
    ],
    ids=["TERM to the launcher", "HUP to the application", "TERM to both, as pkill sends it"],
)
def test_a_signal_ends_it_in_order_and_the_half_typed_line_waits(
    terminal: Terminal, review: Path, number: int, to_launcher: bool, to_application: bool
) -> None:
    write_two_rows_and_a_half(terminal)
    for process, wanted in zip(terminal.program(), (to_launcher, to_application), strict=True):
        if wanted:
            os.kill(process, number)
    assert_shell_is_back(terminal, 128 + number)
    assert {ROW, "paged the owner"} <= set(rows(review))

    terminal.run("clear; blamefree open outage; echo exit=$?")
    terminal.wait_for(ROW, "paged the owner", f"> {DRAFT}")
    terminal.keys("C-q")
    terminal.wait_for(r"^exit=0\s*$")


@pytest.mark.parametrize("way", ["its window is closed", "the terminal itself is killed"])
def test_when_the_terminal_goes_away_the_program_ends_and_nothing_is_lost(
    open_terminal: Open, review: Path, way: str
) -> None:
    terminal = open_terminal()
    write_two_rows_and_a_half(terminal)
    both = terminal.program()
    if way == "its window is closed":
        terminal.tmux("kill-pane")
    else:
        os.kill(int(terminal.ask("pid")), signal.SIGKILL)
    until(lambda: not any(map(alive, both)), lambda: f"still running: {[*filter(alive, both)]}", seconds=10)
    with Desk.open(review) as desk:
        assert {ROW, "paged the owner"} <= {event.text for event in desk.session.events}
        assert DRAFT in desk.drafts().values()


def test_when_the_launcher_is_killed_the_application_ends_and_nothing_is_lost(
    terminal: Terminal, review: Path, workplace: Path
) -> None:
    write_two_rows_and_a_half(terminal)
    launcher, application = terminal.program()
    os.kill(launcher, signal.SIGKILL)
    until(lambda: not alive(application), lambda: "the application runs on without its terminal", seconds=10)
    # What the shell said meanwhile went to the alternate screen, and with it.
    terminal.keys("Enter")
    terminal.wait_for(rf"^{PROMPT}\s*$")
    terminal.assert_usable()
    assert (workplace / "code").read_text() == "exit=137\n"
    with Desk.open(review) as desk:
        assert {ROW, "paged the owner"} <= {event.text for event in desk.session.events}
        assert DRAFT in desk.drafts().values()
