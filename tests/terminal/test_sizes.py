"""Terminals that are too small, and terminals whose size does not keep still."""

import random
from pathlib import Path

from tests.terminal.conftest import Open
from tests.terminal.reviews import rows
from tests.terminal.terminals import Terminal, alive, until


def body(screen: str) -> list[str]:
    """The rows and the durations, without the mark of the cursor, the head and the keys."""
    return [line[1:] for line in screen.splitlines()[2:-2]]


def test_a_tiny_terminal_gets_one_sentence_and_a_larger_one_the_screen_as_it_was(
    open_terminal: Open, review: Path
) -> None:
    # As some shells export them; the window's own size counts.
    terminal = open_terminal(COLUMNS="80", LINES="24")
    terminal.run("blamefree open outage --screen timeline")
    terminal.wait_for("all quiet again")
    terminal.keys("n")
    terminal.type("10:20 half a line")
    before = terminal.wait_for("> 10:20 half a line", "10:20 UTC · “half a line”")
    terminal.resize(40, 10)
    small = terminal.wait_for("too small", gone="Outage|half a line")
    assert " ".join(small.split()) == (
        "This terminal is too small: blamefree needs 60 columns and 16 rows."
        " Enlarge it, or use a smaller font."
    )
    # Typed blindly: neither commands nor text.
    terminal.keys("d", "Escape", "d", "2", "Enter")
    terminal.drained()
    terminal.resize(100, 30)
    until(lambda: body(terminal.screen()) == body(before), lambda: f"was\n{before}\nis\n{terminal.screen()}")
    terminal.type(" more")
    terminal.keys("Enter")
    terminal.wait_for("10:20 .*half a line more", "first errors", "all quiet", r"saved \d\d:\d\d:\d\d")


def test_a_storm_of_resizes_ends_in_the_same_screen_and_loses_nothing(
    terminal: Terminal, review: Path
) -> None:
    chance = random.Random(20250209)
    terminal.run("blamefree open outage --screen timeline; echo exit=$?")
    terminal.wait_for("all quiet again")
    terminal.keys("n")
    before = terminal.wait_for("checklist", "Record")
    _, application = terminal.program()
    for number in range(48):
        terminal.resize(chance.randint(1, 240), chance.randint(1, 70))
        if number % 12 == 10:
            terminal.resize(chance.randint(80, 240), chance.randint(24, 70))
            terminal.wait_for("Record", gone="too small")
            terminal.type(f"10:{number} row {number} of the storm")
            terminal.keys("Enter")
    terminal.resize(100, 30)
    terminal.wait_for("row 10 of", "row 22 of", "row 34 of", "row 46 of", r"saved \d\d:\d\d:\d\d")
    assert alive(application)
    for _ in range(4):
        terminal.keys("C-z")
    terminal.wait_for("all quiet again", gone="row .. of")
    until(lambda: body(terminal.screen()) == body(before), lambda: f"was\n{before}\nis\n{terminal.screen()}")
    terminal.keys("C-q")
    terminal.wait_for(r"^exit=0\s*$")
    assert rows(review) == ["first errors", "all quiet again"]
