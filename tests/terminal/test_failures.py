"""A fault of the program, a review that is open already, an output that is no terminal: sentences, not noise."""

from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.terminals import Terminal

CANARY = "tok-4f1a9c77-canary"

FAULT = f"""\
from textual import work
from screens.frame import StepScreen

def by_a_key(self):
    token = "{CANARY}"
    raise LookupError(f"no entry for {{token}}")

async def in_the_background(self):
    by_a_key(self)

StepScreen.action_park = by_a_key
StepScreen.action_clock = work(in_the_background)
"""
"""Put in the program's way when Python starts: two keys that fail while a secret is at hand."""


@pytest.mark.parametrize("key", ["p", "F9"], ids=["a key's action", "a task in the background"])
def test_a_fault_leaves_the_terminal_sane_and_says_three_lines_without_secrets(
    open_terminal: Open, review: Path, workplace: Path, key: str
) -> None:
    (workplace / "fault").mkdir()
    (workplace / "fault" / "sitecustomize.py").write_text(FAULT)
    (workplace / "tmp").mkdir()
    terminal = open_terminal(PYTHONPATH=str(workplace / "fault"), TMPDIR=str(workplace / "tmp"))
    terminal.run("stty -g > before; blamefree open outage --screen timeline; echo exit=$?; stty -g > after")
    terminal.wait_for("all quiet again")
    terminal.keys("n")
    terminal.type("10:15 pool exhausted")
    terminal.keys("Enter")
    terminal.wait_for("pool exhausted", r"saved \d\d:\d\d:\d\d")
    terminal.keys("Escape")
    terminal.wait_for("n Type")
    terminal.keys(key)
    seen = terminal.wait_for(r"^exit=\d+\s*$", "^blamefree failed: LookupError in .* in by_a_key")
    assert "exit=70" in seen
    said = seen.partition("blamefree failed")[2].partition("exit=")[0].splitlines()
    assert len(said) == 3
    assert said[1].startswith("Every edit that was saved is on disk. Resume with: blamefree open ")
    assert said[1].rstrip().endswith(str(review))
    (crash,) = (workplace / "tmp").glob("blamefree-crash-*.txt")
    assert str(crash) in said[2]
    assert "in by_a_key" in crash.read_text()
    history = terminal.tmux("capture-pane", "-p", "-J", "-S", "-")
    for place in (history, crash.read_text()):
        assert CANARY not in place
        assert "Traceback" not in place
    terminal.assert_usable()
    assert (workplace / "after").read_text() == (workplace / "before").read_text()

    terminal.run("clear; PYTHONPATH= blamefree open outage; echo exit=$?")
    terminal.wait_for("pool exhausted", "▸2 Timeline")


def test_a_review_that_is_open_says_who_has_it_and_opens_once_it_is_closed(
    open_terminal: Open, review: Path
) -> None:
    first, second = open_terminal(), open_terminal()
    first.run("blamefree open outage --screen timeline; echo exit=$?")
    first.wait_for("all quiet again")
    _, application = first.program()
    second.run("blamefree open outage; echo exit=$?")
    seen = second.wait_for(r"^exit=2\s*$", "^outage is open elsewhere")
    assert f"process {application} on" in seen
    first.keys("C-q")
    first.wait_for(r"^exit=0\s*$")
    second.run("clear; blamefree open outage")
    second.wait_for("all quiet again", "▸2 Timeline")


@pytest.mark.parametrize("without", ["> out", "2> out", "< /dev/null"])
def test_without_a_whole_terminal_it_is_said_instead_of_a_blind_screen(
    terminal: Terminal, review: Path, workplace: Path, without: str
) -> None:
    (workplace / "out").write_text("")
    terminal.run(f"blamefree open outage {without}; echo exit=$?")
    seen = terminal.wait_for(r"^exit=2\s*$")
    assert "The screens need a terminal" in seen + (workplace / "out").read_text()
