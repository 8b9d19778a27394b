"""Tickets in a real Redmine 5 from Debian's packages."""

import os
import random
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.history import Desk
from app.review.records import Action, Factor, Session, Tracking
from app.tracking.interface import Team, TrackingProblem
from app.tracking.redmine import RedmineTracker
from tests.exactly_once import Disk, run
from tests.fakes.classic_review import classic_review
from tests.killed_runs import Runner, SharedClock, Tally, killed_until_done, warmed
from tests.services.redmine import Redmine, missing

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.xdist_group("redmine"),
    pytest.mark.timeout(400),
]
RUNS = int(os.environ.get("BLAMEFREE_KILLED_RUNS", "5"))
PEOPLE = {"bob": "Bob Example", "alice": "Alice Example", "charlie": "Charlie Nobody"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redmine]:
    with Redmine(tmp_path_factory.mktemp("redmine")) as running:
        yield running


@pytest.fixture
def redmine(server: Redmine) -> Redmine:
    server.clear()
    return server


def tracker(redmine: Redmine, **settings: Any) -> RedmineTracker:
    given = Tracking(tracker="redmine", repo=settings.pop("repo", "ops"), base_url=redmine.url, **settings)
    return RedmineTracker(given, redmine.environment, Team(PEOPLE, {"type": "Feature"}))


async def test_a_ticket_has_everything_that_redmine_has_a_place_for(redmine: Redmine) -> None:
    disk = Disk(classic_review())
    outcomes = await run(tracker(redmine, milestone="Q2", labels=("post-mortem",)), disk)
    assert {each.result for each in outcomes.values()} == {"created"}, outcomes
    first = redmine.issues()[0]
    assert first["subject"] == "AI-001: Add connection pool metrics to Grafana"
    assert [first[name]["name"] for name in ("tracker", "priority", "assigned_to", "fixed_version", "category")] == [
        "Feature", "High", "Bob Example", "Q2", "post-mortem",
    ]  # fmt: skip
    assert first["due_date"] == "2025-02-16"
    assert redmine.issues()[2]["priority"]["name"] == "Normal"
    assert disk.links()["AI-001"] == f"{redmine.url}/issues/{first['id']}"
    assert "Charlie Nobody: ops does not have it" in outcomes["AI-003"].sentence
    assert {each.result for each in (await run(tracker(redmine), disk)).values()} == {"exists"}
    assert len(redmine.issues()) == 6


async def test_changed_words_and_the_state_go_to_and_fro(redmine: Redmine) -> None:
    disk = Disk(classic_review())
    await run(tracker(redmine), disk)
    first = disk.session.actions[0].model_copy(update={"due": date(2025, 3, 1), "text": "Add two panels"})
    disk.session = disk.session.model_copy(update={"actions": (first, *disk.session.actions[1:])})
    outcomes = await run(tracker(redmine), disk, update=True)
    assert [each.result for each in outcomes.values()] == ["updated"] + ["exists"] * 5
    issue = redmine.issues()[0]
    assert (issue["subject"], issue["due_date"]) == ("AI-001: Add two panels", "2025-03-01")
    closed = next(
        each["id"]
        for each in redmine.call("GET", "/issue_statuses.json")["issue_statuses"]
        if each["is_closed"]
    )
    redmine.call("PUT", f"/issues/{issue['id']}.json", {"issue": {"status_id": closed}})
    redmine.call("DELETE", f"/issues/{redmine.issues()[1]['id']}.json")
    async with tracker(redmine) as connected:
        states = [
            (await connected.fetch_state(each.ticket)).state for each in disk.session.actions if each.ticket
        ]
    assert states == ["closed", "not found", "open", "open", "open", "open"]


async def test_what_people_wrote_into_a_ticket_is_not_written_over(redmine: Redmine) -> None:
    disk = Disk(classic_review())
    await run(tracker(redmine), disk)
    first = redmine.issues()[0]
    place = f"/issues/{first['id']}.json"
    words = f"Seen with the network team.\r\n\r\n{first['description']}\r\n\r\n* ask Dana"
    redmine.call("PUT", place, {"issue": {"description": words, "due_date": "2030-05-05"}})

    def changed(**changes: Any) -> None:
        action = disk.session.actions[0].model_copy(update=changes)
        disk.session = disk.session.model_copy(update={"actions": (action, *disk.session.actions[1:])})

    for number in (21, 22):
        changed(done_when=f"it shows {number} of {number}", due=date(2030, 3, number))
        outcome = (await run(tracker(redmine), disk, update=True))["AI-001"]
        assert outcome.result == "updated"
        assert "its due date stays as people set it (2030-05-05)" in outcome.sentence
        now = redmine.call("GET", place)["issue"]
        text = now["description"].replace("\r\n", "\n")
        assert text.startswith("Seen with the network team.\n\nFrom post-mortem: ")
        assert text.endswith("* ask Dana")
        assert (text.count("it shows"), f"it shows {number} of {number}" in text) == (1, True)
        assert now["due_date"] == "2030-05-05"
    redmine.call(
        "PUT", place, {"issue": {"description": text.replace("it shows 22", "when Dana says so: 22")}}
    )
    changed(done_when="it shows 23 of 23")
    assert (await run(tracker(redmine), disk, update=True))["AI-001"].result == "edited"
    assert "when Dana says so" in redmine.call("GET", place)["issue"]["description"]
    outcome = (await run(tracker(redmine), disk, overwrite=["AI-001"]))["AI-001"]
    assert outcome.result == "updated"
    now = redmine.call("GET", place)["issue"]
    assert ("Dana" in now["description"], now["due_date"]) == (False, "2030-03-22")


async def test_free_text_is_shown_and_does_nothing(redmine: Redmine) -> None:
    text = (
        '{{toc}} [[x]] #1 @bob "a":http://x.example !http://x.example/i.png! '
        "user:bob [b](javascript:alert(1)) <b>z</b>"
    )
    session = Session(
        id="PM-1",
        factor=(Factor(id="F1", text=text),),
        action=(Action(id="AI-001", text=f"h1. {text}\nmore", done_when=text, factors=("F1",)),),
    )
    disk = Disk(session)
    await run(tracker(redmine), disk)
    page = httpx.get(disk.links()["AI-001"], headers={"X-Redmine-API-Key": redmine.key}).text
    match = re.search(r'<div class="wiki">(.*?)</div>\s*</div>', page, re.DOTALL)
    assert match
    shown = match[1]
    assert not re.search(
        r"<(?:img|h1|script|b|ul)\b|javascript:alert\(1\)\"|/wiki/x|/issues/1\"|user active", shown
    )
    assert "blamefree:" not in re.sub(
        r"<!--.*?-->", "", shown
    )  # Redmine takes the marker out of what it shows


async def test_each_failure_is_one_sentence(redmine: Redmine) -> None:
    with pytest.raises(TrackingProblem, match="Redmine knows no nowhere"):
        await run(tracker(redmine, repo="nowhere"), Disk(classic_review()))
    wrong = RedmineTracker(
        Tracking(tracker="redmine", repo="ops", base_url=redmine.url),
        redmine.environment | {"REDMINE_API_KEY": "wrong-key-for-tests"},
    )
    # A public project is read by anybody; a key is wanted where something is made.
    outcomes = await run(wrong, Disk(classic_review()))
    assert [each.result for each in outcomes.values()] == ["failed"] + ["not tried"] * 5
    said = outcomes["AI-001"].sentence
    assert "check the token in the environment variable REDMINE_API_KEY" in said
    assert "REST service must be on" in said
    assert "wrong-key" not in said


@pytest.mark.timeout(max(600, RUNS * 20))
async def test_killed_again_and_again_there_is_no_double_and_none_is_missing(
    redmine: Redmine, tmp_path: Path
) -> None:
    """The real command is killed as in tests/faults/test_tickets_killed.py, which says how many times."""
    warmed()
    config = tmp_path / "config.toml"
    config.write_text(f'[tracker.redmine]\nbase_url = "{redmine.url}"\n', "utf-8")
    tally, usual = Tally(), 2.0
    while tally.killed < RUNS:
        redmine.clear()
        folder = tmp_path / f"review-{tally.reviews}"
        Desk.create(folder, classic_review()).close()
        runner = Runner(
            folder, ["--to", "redmine", "--repo", "ops", "--yes"],
            {**redmine.environment, "BLAMEFREE_CONFIG": str(config)}, SharedClock(tmp_path / "clock", 0.004),
        )  # fmt: skip

        def there(key: str) -> str:
            found = [each for each in redmine.issues() if each["subject"].startswith(key)]
            return f"{redmine.url}/issues/{found[0]['id']}" if found else ""

        usual = await killed_until_done(
            runner, random.Random(f"redmine {tally.reviews}"), tally, faults=lambda: None, there=there,
            usual=usual,
        )  # fmt: skip
        tally.reviews += 1
        issues = redmine.issues()
        names = [each["subject"][:6] for each in issues]
        tally.doubles += len(names) - len(set(names))
        tally.missing += len({f"AI-00{n}" for n in range(1, 7)} - set(names))
        urls = {each["subject"][:6]: f"{redmine.url}/issues/{each['id']}" for each in issues}
        tally.wrong += runner.links() != urls
    print(f"redmine: {tally}")
    assert (tally.doubles, tally.missing, tally.wrong) == (0, 0, 0), tally
