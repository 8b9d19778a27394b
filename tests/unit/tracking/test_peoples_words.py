"""A ticket of a changed action: only what still stands as it was written is written over; people's words are theirs."""

import csv
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.review.records import Tracking
from app.tracking.interface import Team, Tracker
from app.tracking.sheet import CsvTracker
from tests.exactly_once import Disk, run
from tests.fakes.github import FakeGitHub
from tests.unit.tracking.test_other_trackers import FAKES, opened, review

BODY = {"github": "body", "gitea": "body", "gitlab": "description", "linear": "description"}
DUE = {
    "gitlab": "due_date",
    "gitea": "due_date",
    "linear": "dueDate",
    "jira": "duedate",
    "jira-server": "duedate",
}


@pytest.fixture(params=["github", *sorted(FAKES)])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    async with FakeGitHub() if request.param == "github" else FAKES[request.param]() as fake:
        fake.kind = request.param
        yield fake
        assert fake.violations == []


def tracker(server: Any) -> Tracker:
    if server.kind == "github":
        from app.tracking.github import GitHubTracker

        settings = Tracking(tracker="github", repo="acme/api", base_url=server.url)
        return GitHubTracker(settings, server.environment)
    return opened(server)


def issue(server: Any) -> dict[str, Any]:
    """The fields of the one ticket."""
    only: dict[str, Any] = server.issues[0]
    return only.get("fields", only)


def title_name(server: Any) -> str:
    return "summary" if server.kind.startswith("jira") else "title"


def said(server: Any) -> str:
    """What the body says, in lines."""
    body = issue(server)[BODY.get(server.kind, "description")]
    return "\n".join(line(each) for each in body["content"]) if isinstance(body, dict) else str(body)


def line(node: dict[str, Any]) -> str:
    return str(node.get("text", "")) + "".join(line(each) for each in node.get("content", ()))


def add(server: Any, above: str = "", below: str = "") -> None:
    """People write into the body."""
    fields, name = issue(server), BODY.get(server.kind, "description")
    if isinstance(fields[name], dict):
        before, after = (
            [{"type": "paragraph", "content": [{"type": "text", "text": each}]}] if each else []
            for each in (above, below)
        )
        fields[name]["content"] = [*before, *fields[name]["content"], *after]
    else:
        fields[name] = "\r\n".join(
            [*([above, ""] if above else []), *fields[name].split("\n"), *([below] if below else [])]
        )


def changed(disk: Disk, **changes: Any) -> None:
    first = disk.session.actions[0].model_copy(update=changes)
    disk.session = disk.session.model_copy(update={"actions": (first, *disk.session.actions[1:])})


async def made(server: Any) -> Disk:
    disk = Disk(review())
    assert (await run(tracker(server), disk))["AI-001"].result == "created"
    return disk


async def test_a_ticket_that_nobody_touched_gets_all_of_the_change_again_and_again(server: Any) -> None:
    disk = await made(server)
    for number in (21, 22):
        changed(disk, text=f"Add {number} panels", done_when=f"it shows {number}", due=date(2025, 3, number))
        assert (await run(tracker(server), disk, update=True))["AI-001"].result == "updated"
        assert issue(server)[title_name(server)] == f"AI-001: Add {number} panels"
        assert f"it shows {number}" in said(server)
        assert "20 of 20" not in said(server)
        if name := DUE.get(server.kind):
            assert str(issue(server)[name]).startswith(f"2025-03-{number}")
    assert (await run(tracker(server), disk, update=True))["AI-001"].result == "exists"


async def test_lines_that_people_put_above_and_below_stay(server: Any) -> None:
    disk = await made(server)
    add(server, "Seen with the network team.", "- [ ] ask Dana")
    for number in (21, 22):
        changed(disk, done_when=f"it shows {number}")
        assert (await run(tracker(server), disk, update=True))["AI-001"].result == "updated"
        text = said(server)
        assert f"it shows {number}" in text
        assert (text.startswith("Seen with the network team."), text.rstrip().endswith("- [ ] ask Dana")) == (
            True,
            True,
        )
        assert (text.count("it shows"), text.count("Dana")) == (1, 1)


async def test_lines_that_people_have_changed_are_not_written_over_without_a_word(server: Any) -> None:
    disk = await made(server)
    fields, name = issue(server), BODY.get(server.kind, "description")
    if isinstance(fields[name], dict):
        fields[name]["content"][1]["content"][-1]["text"] = "when Dana says so"
    else:
        fields[name] = fields[name].replace("20 of 20", "20 of 20, and Dana says so")
    before = said(server)
    changed(disk, priority="low")
    requests = len(server.requests)
    outcome = (await run(tracker(server), disk, update=True))["AI-001"]
    assert outcome.result == "edited"
    assert "was changed by people since it was written, so it stays as it is" in outcome.sentence
    assert said(server) == before
    assert all(method == "GET" or server.kind == "linear" for method, _, _ in server.requests[requests:])
    # What people may say then: keep it, until the action changes again …
    assert (await run(tracker(server), disk, update=True, keep=["AI-001"]))["AI-001"].result == "exists"
    assert (await run(tracker(server), disk, update=True))["AI-001"].result == "exists"
    assert said(server) == before
    changed(disk, priority="high", done_when="it shows 30 of 30")
    assert (await run(tracker(server), disk, update=True))["AI-001"].result == "edited"
    assert said(server) == before
    # … or write it over.
    assert (await run(tracker(server), disk, overwrite=["AI-001"]))["AI-001"].result == "updated"
    assert "30 of 30" in said(server)
    assert "Dana" not in said(server)


async def test_a_title_that_people_have_changed_stays_and_is_said(server: Any) -> None:
    disk = await made(server)
    issue(server)[title_name(server)] = "[api] a panel for the pool"
    for number in (21, 22):
        changed(disk, text=f"Add {number} panels", done_when=f"it shows {number}")
        outcome = (await run(tracker(server), disk, update=True))["AI-001"]
        assert outcome.result == "updated"
        assert "its title stays as people set it: “[api] a panel for the pool”" in outcome.sentence
        assert issue(server)[title_name(server)] == "[api] a panel for the pool"
        assert f"it shows {number}" in said(server)


async def test_a_date_that_people_have_moved_stays_and_is_said(server: Any) -> None:
    if not (name := DUE.get(server.kind)):
        pytest.skip("GitHub has no due dates")
    disk = await made(server)
    issue(server)[name] = "2025-05-05T23:59:59Z" if server.kind == "gitea" else "2025-05-05"
    changed(disk, done_when="it shows 21")
    outcome = (await run(tracker(server), disk, update=True))["AI-001"]
    assert (outcome.result, "(" in outcome.sentence) == ("updated", False)
    changed(disk, due=date(2025, 3, 1))
    outcome = (await run(tracker(server), disk, update=True))["AI-001"]
    assert "its due date stays as people set it (2025-05-05)" in outcome.sentence
    assert str(issue(server)[name]).startswith("2025-05-05")


async def test_a_ticket_that_is_gone_says_what_to_do_and_stops_no_other(server: Any) -> None:
    disk = await made(server)
    server.issues.clear()
    changed(disk, done_when="it shows 21")
    outcome = (await run(tracker(server), disk, update=True))["AI-001"]
    assert outcome.result == "failed"
    assert "is not there any more, or may not be seen: take its link off AI-001" in outcome.sentence


async def test_a_ticket_found_after_a_crash_is_changed_only_if_it_is_as_it_was_sent(server: Any) -> None:
    disk = await made(server)
    fresh = Disk(review())
    assert (await run(tracker(server), fresh))["AI-001"].result == "found"
    changed(fresh, done_when="it shows 21")
    assert (await run(tracker(server), fresh, update=True))["AI-001"].result == "updated"
    assert "it shows 21" in said(server)
    # Somebody else's copy does not know it like that, and leaves it alone.
    add(server, "Dana's line")
    other = Disk(review())
    await run(tracker(server), other)
    changed(other, done_when="it shows 99")
    assert (await run(tracker(server), other, update=True))["AI-001"].result in {"exists", "failed"}
    assert "it shows 99" not in said(server)
    assert disk.links() == fresh.links()


async def test_a_ticket_remembered_by_one_fingerprint_only_is_written_over_only_if_it_is_the_same(
    server: Any,
) -> None:
    """As tickets were remembered at first."""
    disk = await made(server)

    def forget() -> None:
        ticket = disk.session.actions[0].ticket
        assert ticket
        changed(disk, ticket=ticket.model_copy(update={"sent": ticket.sent.partition(" ")[0]}))

    forget()
    changed(disk, done_when="it shows 21")
    assert (await run(tracker(server), disk, update=True))["AI-001"].result == "updated"
    forget()
    add(server, "Dana's line")
    changed(disk, done_when="it shows 22")
    assert (await run(tracker(server), disk, update=True))["AI-001"].result == "edited"


async def test_cells_that_people_have_changed_stay_in_the_csv_file(tmp_path: Path) -> None:
    def sheet() -> CsvTracker:
        return CsvTracker(Tracking(tracker="csv"), {}, Team(options={"folder": str(tmp_path)}))

    disk = Disk(review())
    await run(sheet(), disk)
    path = tmp_path / "tickets.csv"

    def row(**cells: str) -> dict[str, str]:
        with path.open(encoding="utf-8", newline="") as file:
            (only,) = csv.DictReader(file)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, only)
            writer.writeheader()
            writer.writerow(only | cells)
        return only

    row(assignee="dana", due="2025-05-05", state="doing")
    changed(disk, text="Add two panels", due=date(2025, 3, 1))
    outcome = (await run(sheet(), disk, update=True))["AI-001"]
    assert outcome.result == "updated"
    assert "its due date stays as people set it" in outcome.sentence
    only = row(description="Dana's own words")
    assert [only[name] for name in ("title", "assignee", "due", "state")] == [
        "AI-001: Add two panels", "dana", "2025-05-05", "doing",
    ]  # fmt: skip
    assert "Deadline: 2025-03-01" in only["description"]
    changed(disk, done_when="it shows 21")
    assert (await run(sheet(), disk, update=True))["AI-001"].result == "edited"
    assert row()["description"] == "Dana's own words"
