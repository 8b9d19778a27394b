"""The whole program under SIGKILL: what the screen called saved is there when the review is opened again.

Rows are typed into a real terminal; a row that stands on the screen while the light says ``saved`` is
acknowledged, for that is all a person has. ``BLAMEFREE_KILLS`` sets the number of rounds.
"""

import os
import random
import re
import signal
import time
from pathlib import Path

import pytest

from app.history import Desk
from tests.terminal.ptys import Pty
from tests.terminal.terminals import COMMAND, below

ROUNDS = int(os.environ.get("BLAMEFREE_KILLS", "5"))

LIES = """\
from app.store.journal import Journal
Journal.append = lambda self, data, sync=True: None
"""
"""A store that says ``saved`` and writes nothing: the loop must notice."""


def acknowledged(lines: list[str]) -> set[str]:
    """Rows that the screen shows while it says that everything is saved."""
    if not re.search(r"● saved \d\d:\d\d:\d\d", lines[0]):
        return set()
    # Not the capture line nor what is understood of it: rows of the table begin with a mark or nothing.
    return {found[1] for line in lines[3:-6] if (found := re.search(r"  (row \d+-\d+)\b", line))}


def typed_and_killed(folder: Path, turn: int, delay: float, **environment: str) -> tuple[set[str], int]:
    """Type rows into the review until it is killed; the acknowledged ones, and how many were typed."""
    window = Pty(
        [str(COMMAND), "open", str(folder), "--screen", "timeline"], folder.parent, (110, 50), **environment
    )
    acked: set[str] = set()
    try:
        window.wait_for(lambda lines: "2 Timeline" in lines[1] and "Keys" in lines[-1])
        (application,) = below(window.pid)
        window.send("n")
        end = time.monotonic() + delay
        number = 0
        while (left := end - time.monotonic()) > 0:
            # Two lines ahead of the screen, so that the kill meets rows that are on their way.
            if number < 2 or any(f"row {turn}-{number - 1}" in line for line in window.lines()[3:-6]):
                number += 1
                window.send(f"row {turn}-{number}\r")
            window.take(min(left, 0.01))
            acked |= acknowledged(window.lines())
        os.kill(application.pid, signal.SIGKILL)
        while window.take(5):
            pass
    finally:
        code = window.close()
    assert code == 128 + signal.SIGKILL
    return acked, number


def rows(folder: Path) -> list[str]:
    with Desk.open(folder) as desk:
        return [event.text for event in desk.session.events if event.text.startswith("row ")]


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_no_kill_loses_a_row_that_the_screen_called_saved(review: Path) -> None:
    chance = random.Random(20250209)
    acked: set[str] = set()
    for turn in range(1, ROUNDS + 1):
        before = set(rows(review))
        saved, typed = typed_and_killed(review, turn, chance.uniform(0.1, 0.7))
        acked |= saved
        found = rows(review)
        assert acked <= set(found), f"round {turn}: {sorted(acked - set(found))} were called saved"
        assert before <= set(found)
        assert len(found) == len(set(found)), f"round {turn}: a row is there twice"
        new = [row for row in found if row.startswith(f"row {turn}-")]
        assert new == [f"row {turn}-{number + 1}" for number in range(len(new))]
        assert len(new) <= typed
    print(f"{ROUNDS} kills, {len(acked)} rows called saved, none lost")
    assert len(acked) > ROUNDS, "the program was killed before it did anything"


def test_the_loop_catches_a_program_that_says_saved_too_early(review: Path, tmp_path: Path) -> None:
    (tmp_path / "lies").mkdir()
    (tmp_path / "lies" / "sitecustomize.py").write_text(LIES)
    acked, _ = typed_and_killed(review, 1, 0.5, PYTHONPATH=str(tmp_path / "lies"))
    assert acked - set(rows(review))
