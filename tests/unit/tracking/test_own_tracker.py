"""A tracker that a team ships as a package of its own, found by the entry-point group ``blamefree.trackers``."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.__main__ import main
from app.history import Desk
from tests.fakes.classic_review import classic_review

MODULE = '''
"""Tickets as files in a folder, one per action."""
import json, os
from pathlib import Path
from app.review.records import Ticket
from app.tracking.interface import Made, Planned

class Board:
    name, sure = "board", True
    def __init__(self, settings, environment, team):
        self.folder = Path(environment["BOARD"]) / settings.repo
        self.target = str(self.folder)
        self.team = team
    async def __aenter__(self): return self
    async def __aexit__(self, *_): return None
    def plan(self, session):
        return [
            Planned(each.id, "exists", each.ticket.url) if each.ticket and each.ticket.url else
            Planned(each.id, "create", "no ticket yet", key=f"{session.id}-{each.id}", method="WRITE",
                    url=f"{self.target}/{each.id}", body={"text": each.text})
            for each in session.actions
        ]
    async def prepare(self, planned): return planned
    def _made(self, key, words):
        return Made(Ticket(tracker="board", url=f"https://board.example/{key}", state="open"), words)
    async def find(self, keys, since):
        there = [each for each in self.folder.glob("*") if each.name in keys]
        return {each.name: [self._made(each.name, each.read_text())] for each in there}
    async def create(self, planned):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / planned.key).write_text(planned.body["text"])
        return self._made(planned.key, planned.body["text"])
    async def update(self, planned): raise NotImplementedError
    async def fetch_state(self, ticket): return ticket.model_copy(update={"state": "closed"})
'''


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the tracker writes into; its package is installed, and a review is there."""
    place = tmp_path / "site"
    about = place / "blamefree_board-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: blamefree-board\nVersion: 1.0\n", "utf-8")
    (about / "entry_points.txt").write_text("[blamefree.trackers]\nboard = blamefree_board:Board\n", "utf-8")
    (place / "blamefree_board.py").write_text(MODULE, "utf-8")
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.setenv("BOARD", str(tmp_path / "board"))
    monkeypatch.chdir(tmp_path)
    Desk.create(tmp_path / "sessions" / "outage", classic_review()).close()
    yield tmp_path / "board" / "ops"
    sys.modules.pop("blamefree_board", None)


def test_a_tracker_of_ones_own_makes_each_ticket_once_and_reads_states(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["track", "outage", "--to", "board", "--repo", "ops", "--dry-run"]) == 0
    assert "WRITE" in capsys.readouterr().out
    assert not board.exists()
    assert main(["track", "outage", "--to", "board", "--repo", "ops", "--yes", "--json"]) == 0
    assert {each["result"] for each in json.loads(capsys.readouterr().out)} == {"created"}
    assert len(list(board.iterdir())) == 6
    assert main(["track", "outage", "--yes", "--json"]) == 0
    assert {each["result"] for each in json.loads(capsys.readouterr().out)} == {"exists"}
    assert main(["review", "--sync", "--json"]) == 1  # some are overdue
    with Desk.open(board.parents[1] / "sessions" / "outage", read_only=True) as desk:
        assert {each.ticket.state for each in desk.session.actions if each.ticket} == {"closed"}


def test_a_package_that_cannot_be_loaded_is_one_sentence(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (board.parents[1] / "site" / "blamefree_board.py").write_text("import nothing_like_it\n", "utf-8")
    assert main(["track", "outage", "--to", "board", "--repo", "ops", "--dry-run"]) == 2
    assert "The tracker “board” cannot be loaded (No module named 'nothing_like_it'): install it again." in (
        capsys.readouterr().err
    )
