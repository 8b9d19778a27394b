"""What goes in and out besides single keys: bursts, odd bytes, ``$EDITOR``, the clipboard."""

import subprocess
from pathlib import Path

from app.history import Desk
from app.review import edits
from tests.terminal.conftest import Open
from tests.terminal.reviews import rows
from tests.terminal.terminals import COMMAND, Terminal, until

EDITOR = """\
#!/bin/sh
echo "the file holds: $(cat "$1")"
stty -a | grep -q ' icanon' && echo "a line at a time"
read -r answer
printf '%s\\n' "$answer" > "$1"
"""


def test_keys_in_one_burst_keep_their_order(terminal: Terminal, review: Path) -> None:
    """A slow line delivers what was typed in one piece: the command first, then the text that is for it."""
    terminal.run("blamefree open outage --screen timeline")
    terminal.wait_for("all quiet again")
    for number in range(5):
        terminal.paste(f"n10:1{number} disk {number} added, d deletes\r".encode())
        terminal.wait_for(f"10:1{number} .*disk {number} added, d del", r"saved \d\d:\d\d:\d\d")
        # Back to the rows: what follows would delete one if it were taken for commands.
        terminal.keys("Escape")
        terminal.wait_for("n Type")
    assert {"first errors", "all quiet again"} <= set(rows(review))
    assert len(rows(review)) == 2 + 5


def test_bytes_that_are_no_utf_8_do_not_end_the_program(terminal: Terminal, review: Path) -> None:
    terminal.run("blamefree open outage --screen timeline")
    terminal.wait_for("all quiet again")
    terminal.keys("n")
    terminal.paste(b"10:15 caf\xe9 \xff\xfe closed")
    terminal.wait_for("> 10:15 caf\ufffd \ufffd+ closed")
    terminal.keys("Enter")
    terminal.wait_for("10:15 .*caf\ufffd", r"saved \d\d:\d\d:\d\d")


def test_a_text_goes_through_the_editor_and_the_screen_comes_back(
    open_terminal: Open, review: Path, workplace: Path
) -> None:
    (workplace / "editor").write_text(EDITOR)
    (workplace / "editor").chmod(0o755)
    terminal = open_terminal(EDITOR=str(workplace / "editor"))
    terminal.run("blamefree open outage --screen timeline; echo exit=$?")
    terminal.wait_for("all quiet again")
    terminal.keys("C-e")
    terminal.wait_for("the file holds: first errors", "a line at a time")
    assert terminal.modes()["alternate_on"] == "0"
    terminal.run("by hand: ünï [b]x[/]")
    terminal.wait_for(r"10:05:23 .*by hand: ünï \[b\]x\[/\]", "all quiet again", r"saved \d\d:\d\d:\d\d")
    assert terminal.modes()["alternate_on"] == "1"
    terminal.keys("u")
    terminal.wait_for("10:05:23 .*first errors")
    terminal.keys("C-q")
    terminal.wait_for(r"^exit=0\s*$")
    terminal.assert_usable()


def test_a_long_report_is_sent_to_the_clipboard_whole_and_that_is_noted(
    terminal: Terminal, review: Path
) -> None:
    with Desk.open(review) as desk:
        text = "the pool was full, sagt Jörg 🔥 " * 1500
        desk.apply("Say more", lambda session: edits.set_narrative(session, summary=text))
    terminal.run("blamefree send outage --to clipboard --yes")
    terminal.wait_for(r"clipboard \(terminal\)", "inside tmux it arrives only with")
    until(lambda: bool(terminal.tmux("list-buffers")), lambda: "nothing arrived on the clipboard")
    copied = terminal.tmux("show-buffer")
    assert copied.count("sagt Jörg 🔥") == 1500
    assert copied.startswith("# ")
    with Desk.open(review, read_only=True) as desk:
        assert [each.how for each in desk.session.distribution] == ["clipboard"]


def test_the_report_arrives_on_the_clipboard(terminal: Terminal, review: Path, workplace: Path) -> None:
    terminal.run("blamefree open outage --screen report")
    terminal.wait_for("▸5 Report", "Executive Summary|Summary")
    terminal.keys("y")
    terminal.wait_for("[Cc]op")
    until(lambda: bool(terminal.tmux("list-buffers")), lambda: "nothing arrived on the clipboard")
    printed = subprocess.run(
        [COMMAND, "report", "outage", "--plain"], cwd=workplace, capture_output=True, text=True, check=True
    ).stdout
    assert terminal.tmux("show-buffer").strip() == printed.strip()
    assert "all quiet again" in printed


def test_a_note_from_a_second_shell_appears_while_the_review_is_open(
    open_terminal: Open, review: Path
) -> None:
    timeline, shell = open_terminal(), open_terminal()
    timeline.run("blamefree open outage --screen timeline")
    timeline.wait_for("all quiet again")
    shell.run('blamefree note --session outage "10:20 pool [b]exhausted[/b] @oncall #symptom"; echo exit=$?')
    shell.wait_for(r"^exit=0\s*$", "open elsewhere")
    timeline.wait_for(r"10:20 .*pool \[b\]exhausted\[/b\]", r"saved \d\d:\d\d:\d\d")
    shell.run("printf '10:21 one\\n10:22 two\\n' | blamefree note --session outage; echo exit=$?-again")
    shell.wait_for(r"^exit=0-again\s*$")
    timeline.wait_for("10:21 .*one", "10:22 .*two")
    assert {"pool [b]exhausted[/b]", "one", "two"} <= set(rows(review))
    timeline.keys("u")
    timeline.wait_for("all quiet again")
    until(lambda: "two" not in rows(review), lambda: f"u did not take the note back: {rows(review)}")


def test_a_report_that_was_written_is_imported_again_as_the_same_rows(
    terminal: Terminal, review: Path, workplace: Path
) -> None:
    terminal.run("blamefree report outage -o out.md; blamefree import out.md; echo exit=$?")
    terminal.wait_for(r"^exit=0\s*$", "2 rows")
    (again,) = [each for each in (workplace / "sessions").iterdir() if each != review]
    assert rows(again) == rows(review)
    terminal.run(f"clear; blamefree open {again.name} --screen timeline")
    terminal.wait_for("10:05:23 .*first errors", "11:05:23 .*all quiet again")
