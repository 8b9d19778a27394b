"""A CSV file as a tracker, read by Python's own reader of CSV."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.review.records import Action, Session, Ticket, Tracking
from app.tracking.interface import Team, TrackingProblem
from app.tracking.sheet import CsvTracker
from tests.exactly_once import Disk, run
from tests.fakes.classic_review import classic_review


def tracker(folder: Path, name: str = "tickets.csv", **settings: Any) -> CsvTracker:
    return CsvTracker(
        Tracking(tracker="csv", repo=name, **settings), {}, Team({"bob": "bob-h"}, {"folder": str(folder)})
    )


def rows(folder: Path, name: str = "tickets.csv") -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def test_every_action_gets_its_row_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    disk = Disk(classic_review())
    outcomes = await run(tracker(tmp_path, milestone="Q2"), disk)
    assert {each.result for each in outcomes.values()} == {"created"}
    first, *rest = rows(tmp_path)
    assert first == {
        "key": "PM-2025-02-09/AI-001", "title": "AI-001: Add connection pool metrics to Grafana",
        "description": "From post-mortem: PM-2025-02-09\nOwner: @bob\nDeadline: 2025-02-16\nPriority: high",
        "labels": "post-mortem", "assignee": "bob-h", "due": "2025-02-16", "priority": "high", "milestone": "Q2",
        "state": "open",
    }  # fmt: skip
    assert len(rest) == 5
    before = (tmp_path / "tickets.csv").read_bytes()
    assert {each.result for each in (await run(tracker(tmp_path), disk)).values()} == {"exists"}
    assert (tmp_path / "tickets.csv").read_bytes() == before


async def test_what_people_write_into_the_file_stays(tmp_path: Path) -> None:
    disk = Disk(classic_review())
    await run(tracker(tmp_path), disk)
    table = rows(tmp_path)
    with (tmp_path / "tickets.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, ["ours", *table[0]])
        writer.writeheader()
        writer.writerows({**row, "ours": "note", "state": "done"} for row in table)
    first = disk.session.actions[0].model_copy(update={"due": date(2025, 3, 1)})
    disk.session = disk.session.model_copy(update={"actions": (first, *disk.session.actions[1:])})
    outcomes = await run(tracker(tmp_path), disk, update=True)
    assert [each.result for each in outcomes.values()] == ["updated"] + ["exists"] * 5
    row = rows(tmp_path)[0]
    assert (row["ours"], row["state"], row["due"]) == ("note", "done", "2025-03-01")
    async with tracker(tmp_path) as connected:
        ticket = disk.session.actions[0].ticket
        assert ticket
        assert (await connected.fetch_state(ticket)).state == "done"
        assert (await connected.fetch_state(Ticket(url="file:///x#gone"))).state == "not found"


async def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    action = Action(id="AI-001", text="=1+1", owner="@bob", priority='=HYPERLINK("http://evil")')
    session = Session(id="=PM", action=(action,))
    await run(tracker(tmp_path, labels=("+cmd",)), Disk(session))
    for row in rows(tmp_path):
        assert not [cell for cell in row.values() if cell.startswith(tuple("=+-@"))]
    async with tracker(tmp_path) as connected:
        assert len(await connected.find([connected.plan(session)[0].key], None)) == 1


@pytest.mark.parametrize("name", ["../x.csv", "/etc/x.csv", "x.toml", ".x.csv", "a/b.csv", "a\\b/c.csv"])
def test_a_review_cannot_name_a_file_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(TrackingProblem, match="is not the name of a file for tickets"):
        tracker(tmp_path, name)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b\r\n1,2\r\n", "has no column “key”"),
        (b"\xff\xfe\x00", "save it as UTF-8"),
        (b'key,a\r\n"x', "is not CSV"),
    ],
)
async def test_a_file_that_is_something_else_is_left_alone(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "tickets.csv").write_bytes(content)
    with pytest.raises(TrackingProblem, match=sentence):
        await run(tracker(tmp_path), Disk(classic_review()))
    assert (tmp_path / "tickets.csv").read_bytes() == content
