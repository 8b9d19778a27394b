"""Tickets through crashes: runs killed at random points while the server fails, for every kind of tracker.

Each fake is a stateful server on a socket (see tests/fakes); Redmine is killed against the real one in
tests/services. ``BLAMEFREE_KILLED_RUNS=1000`` makes as many reviews per tracker, each with runs that are killed
until every action has its link; it prints what it counted.
"""

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.review.records import Tracking
from app.tracking.gitea import GiteaTracker
from app.tracking.github import GitHubTracker
from app.tracking.gitlab import GitLabTracker
from app.tracking.interface import Team, Tracker
from app.tracking.jira import JiraServerTracker, JiraTracker
from app.tracking.linear import LinearTracker
from tests.exactly_once import Clock, Disk, killed_until_done
from tests.fakes.classic_review import classic_review
from tests.fakes.gitea import FakeGitea
from tests.fakes.github import FakeGitHub
from tests.fakes.gitlab_issues import FakeGitLabIssues
from tests.fakes.jira import FakeJira
from tests.fakes.linear import FakeLinear
from tests.fakes.ticket_server import FAULTS

OWN = Team(own=frozenset({"127.0.0.1"}))
RUNS = int(os.environ.get("BLAMEFREE_KILLED_RUNS", "9"))
SHAPES: dict[str, tuple[Callable[[], Any], Callable[..., Tracker], str]] = {
    "github": (FakeGitHub, GitHubTracker, "acme/api"),
    "gitlab": (FakeGitLabIssues, GitLabTracker, "acme/api"),
    "gitea": (FakeGitea, GiteaTracker, "acme/api"),
    "jira": (FakeJira, JiraTracker, "OPS"),
    "jira-server": (lambda: FakeJira(server=True), JiraServerTracker, "OPS"),
    "linear": (FakeLinear, LinearTracker, "ENG"),
}


def title(ticket: dict[str, Any]) -> str:
    return str(ticket.get("title") or ticket["fields"]["summary"])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.timeout(max(120, RUNS * 6))
async def test_killed_at_random_points_there_is_no_double_and_none_is_missing(
    shape: str, tmp_path: Path
) -> None:
    fake, kind, repo = SHAPES[shape]
    runs = deaths = doubles = missing = 0
    for seed in range(RUNS):
        chance = random.Random(f"{shape} {seed}")
        disk, clock = Disk(classic_review()), Clock()
        async with fake() as server:
            server.strict = False
            server.now = clock.now
            server.page_limit = chance.choice([1, 2, 100])
            tickets = server.issues

            def faults(server: Any = server, chance: random.Random = chance) -> None:
                server.faults[:] = chance.choices(FAULTS, k=9)

            def opened(server: Any = server) -> Tracker:
                return kind(Tracking(tracker=shape, repo=repo, base_url=server.url), server.environment, OWN)

            def there(key: str, tickets: list[dict[str, Any]] = tickets) -> bool:
                return any(title(each).startswith(f"{key}:") for each in tickets)

            count, dead = await killed_until_done(chance, disk, opened, faults, there, clock)
            runs, deaths = runs + count, deaths + dead
            names = [title(each).partition(":")[0] for each in tickets]
            doubles += len(names) - len(set(names))
            missing += len({f"AI-00{n}" for n in range(1, 7)} - set(names))
            assert set(disk.links()) == set(names)
    print(f"{shape}: {RUNS} reviews, {runs} runs, {deaths} killed, {doubles} doubles, {missing} missing")
    assert (doubles, missing) == (0, 0)
    assert deaths
