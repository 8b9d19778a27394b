"""``blamefree check`` tells what the gate says about actions; the exit code stays that of the seven items."""

from pathlib import Path

import pytest

from app.__main__ import main
from app.demo import copy_sample
from app.history import Desk
from app.review import edits


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = copy_sample(tmp_path)
    with Desk.open(folder) as desk:
        desk.apply(
            "Vague", lambda session: edits.change(session, "actions", {"AI-004"}, text="improve testing")
        )
        desk.apply("Endless", lambda session: edits.change(session, "actions", {"AI-004"}, done_when=""))
    return folder


def test_notes_on_actions_follow_the_items(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["check", str(folder)])
    lines = capsys.readouterr().out.splitlines()
    notes = [line for line in lines if line.startswith("note ")]
    assert [note.partition(":")[0] for note in notes] == [
        "note AI-004 A4",
        "note AI-004 A5",
        "note AI-004 A6",
    ]
    assert any(line.startswith("    better: Add a test to …") for line in lines)
    assert lines.index(notes[0]) > max(n for n, line in enumerate(lines) if line.startswith("["))
    # Tickets are missing, as they are in the sample: notes change nothing.
    assert code == 1


def test_notes_are_no_item_of_the_data(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(folder), "--json"])
    assert "A4" not in capsys.readouterr().out
