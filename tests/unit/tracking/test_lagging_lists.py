"""Lists that lag, and requests that never arrived: made again without asking only where the list can be believed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.exactly_once import Clock, Disk, run
from tests.fakes.gitea import FakeGitea
from tests.fakes.gitlab_issues import FakeGitLabIssues
from tests.fakes.jira import FakeJira
from tests.unit.tracking.test_other_trackers import opened, review


async def test_where_even_jira_cannot_tell_people_are_asked() -> None:
    async with FakeJira() as server:
        server.kind = "jira"
        server.faults.append("drop-before")
        disk, clock = Disk(review()), Clock()
        assert (await run(opened(server), disk, clock))["AI-001"].result == "unclear"
        asked = (await run(opened(server), disk, clock))["AI-001"]
        assert (asked.result, asked.answer[:7]) == ("unclear", "AI-001:")
        assert "look for “AI-001: Add a panel” there" in asked.sentence
        assert not server.issues
        assert (await run(opened(server), disk, clock, again=[asked.answer]))["AI-001"].result == "created"
        assert len(server.issues) == 1


@pytest.mark.parametrize("shape", [FakeGitLabIssues, FakeGitea])
async def test_where_the_list_shows_whatever_was_made_nobody_is_asked(shape: Callable[[], Any]) -> None:
    async with shape() as server:
        server.kind = "gitlab" if shape is FakeGitLabIssues else "gitea"
        server.faults.append("drop-before")
        disk, clock = Disk(review()), Clock()
        assert (await run(opened(server), disk, clock))["AI-001"].result == "unclear"
        before = clock.waited
        assert (await run(opened(server), disk, clock))["AI-001"].result == "created"
        assert 90 <= clock.waited - before <= 130
        assert len(server.issues) == 1


@pytest.mark.parametrize("lag", [5, 120, 600])
@pytest.mark.parametrize("cloud", [True, False])
async def test_an_index_of_jira_that_lags_never_leads_to_a_double(lag: float, cloud: bool) -> None:
    async with FakeJira(server=not cloud) as server:
        server.kind = "jira" if cloud else "jira-server"
        disk, clock = Disk(review()), Clock()
        server.now, server.lag = clock.now, lag
        server.faults.append("hidden")
        for _ in range(15):
            await run(opened(server), disk, clock)
            clock.time += timedelta(minutes=1)
        assert len(server.issues) == 1
        assert disk.links()["AI-001"].endswith("/browse/OPS-40")
