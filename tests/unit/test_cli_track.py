"""``blamefree track`` as a person types it, with a CSV file: changed actions, people's changes, Ctrl+C."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main
from app.history import Desk
from app.review import edits
from app.tracking.sheet import CsvTracker
from tests.fakes.classic_review import classic_review

Said = tuple[int, list[str], str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a review, to work in."""
    monkeypatch.chdir(tmp_path)
    Desk.create(tmp_path / "sessions" / "outage", classic_review()).close()
    return tmp_path


def track(capsys: pytest.CaptureFixture[str], *words: str) -> Said:
    """Code, the results by action, and what was said beside them."""
    code = main(["track", "outage", "--yes", *words])
    said = capsys.readouterr()
    return code, [line.split("\t")[1] for line in said.out.splitlines()], said.err


def changed(here: Path, **changes: Any) -> None:
    with Desk.open(here / "sessions" / "outage") as desk:
        desk.apply("Change it", lambda session: edits.change(session, "actions", {"AI-001"}, **changes))


def rows(here: Path, **cells: str) -> list[dict[str, str]]:
    """What stands in the file; *cells* are written into its first row."""
    path = here / "tickets.csv"
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    found[0] |= cells
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, found[0])
        writer.writeheader()
        writer.writerows(found)
    return found


def test_a_changed_action_is_said_and_changed_where_that_is_asked_for(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert track(capsys, "--to", "csv")[:2] == (0, ["created"] * 6)
    changed(here, text="Add two panels")
    code, results, said = track(capsys)
    assert (code, results) == (1, ["changed"] + ["exists"] * 5)
    assert "--update changes those, too." in said
    assert track(capsys, "--update")[:2] == (0, ["updated"] + ["exists"] * 5)
    assert rows(here)[0]["title"] == "AI-001: Add two panels"


def test_where_people_have_changed_a_ticket_the_two_ways_out_are_said_and_go(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    track(capsys, "--to", "csv")
    rows(here, description="Dana's own words")
    changed(here, done_when="it shows 21")
    code, results, said = track(capsys, "--update")
    assert (code, results[0]) == (1, "edited")
    assert "Keep it: --keep AI-001    Write it over: --overwrite AI-001" in said
    assert track(capsys, "--keep", "AI-001")[:2] == (0, ["exists"] * 6)
    assert rows(here)[0]["description"] == "Dana's own words"
    changed(here, done_when="it shows 22")
    assert track(capsys, "--overwrite", "AI-001")[:2] == (0, ["updated"] + ["exists"] * 5)
    assert "it shows 22" in rows(here)[0]["description"]
    assert main(["track", "outage", "--keep", "AI-999"]) == 2
    assert "There is no action AI-999" in capsys.readouterr().err


def test_one_that_is_stopped_says_that_it_goes_on_and_goes_on(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    create = CsvTracker.create

    async def stopped(self: CsvTracker, planned: Any) -> Any:
        if planned.action_id == "AI-002":
            raise KeyboardInterrupt
        return await create(self, planned)

    monkeypatch.setattr("app.tracking.export._BETWEEN", 0.0)
    monkeypatch.setattr("app.tracking.export.SETTLE", timedelta())
    monkeypatch.setattr(CsvTracker, "create", stopped)
    code = main(["track", "outage", "--to", "csv", "--yes"])
    assert code == 130
    assert "the same command goes on with the rest" in capsys.readouterr().err
    monkeypatch.setattr(CsvTracker, "create", create)
    assert track(capsys)[:2] == (0, ["exists"] + ["created"] * 5)
    assert len(rows(here)) == 6
