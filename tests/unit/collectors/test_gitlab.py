"""GitLab as a source, against a fake that is held to what GitLab's documentation says (see gitlab-openapi.json)."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.evidence.artifacts import Keeper, blocks
from app.evidence.facts import FACTS, Fact, parse_facts
from app.http import Limits
from app.review.records import Incident, Session, Source
from collectors import gitlab
from collectors.gitlab import GitLabCollector
from collectors.interface import Job
from collectors.outcome import Outcome
from collectors.runner import Run
from tests.fakes.contract import silence
from tests.fakes.gitlab import TOKEN, FakeGitLab

START = datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC)
NOW = datetime(2025, 2, 9, 12, 0, tzinfo=UTC)


def prepared(
    folder: Path, server: FakeGitLab, variables: dict[str, str] | None = None, **settings: Any
) -> Run:
    chosen = {"project": "acme/api", "base_url": server.home, **settings}
    source = Source(id="S1", kind="gitlab", name="GitLab", settings=chosen)
    session = Session(
        incident=Incident(started_at=START, ended_at=START + timedelta(minutes=35)), sources=(source,)
    )
    return Run(session, folder, now=NOW, environment=variables or server.environment)


async def collect(
    folder: Path, server: FakeGitLab, variables: dict[str, str] | None = None, **settings: Any
) -> Outcome:
    run = prepared(folder, server, variables, **settings)
    run.start()
    outcome = (await run.wait())["S1"]
    assert server.violations == []
    return outcome


def facts(folder: Path, outcome: Outcome) -> list[Fact]:
    found: list[Fact] = []
    for artifact in outcome.artifacts:
        if artifact.format == FACTS:
            found += [fact for _, fact in parse_facts(b"".join(blocks(folder / artifact.path)))]
    return found


async def test_deployments_releases_merged_requests_and_pipelines_become_facts(tmp_path: Path) -> None:
    async with FakeGitLab() as server:
        server.deploy(6, "2025-02-09T09:20:00Z", "success", "2025-02-09T09:40:00Z")
        server.deploy(7, "2025-02-09T10:00:00Z", "failed", "2025-02-09T10:04:00Z")
        server.deploy(8, "2025-02-09T10:40:00Z", "running", "2025-02-09T10:40:30Z")
        server.release("v7", "2025-02-09T09:50:00Z", "Faster pool")
        server.release("v6", "2025-02-01T09:50:00Z")
        server.merge(41, "2025-02-09T09:45:00Z", "Smaller pool", updated="2025-02-09T11:59:00Z")
        server.merge(40, "2025-02-08T09:45:00Z", "Older, spoken of later", updated="2025-02-09T10:00:00Z")
        server.pipeline(900, "2025-02-09T09:58:00Z", "failed", name="Deploy to production")
        server.pipeline(901, "2025-02-09T09:59:00Z", "success")
        outcome = await collect(tmp_path, server)
    assert (outcome.state, outcome.gaps, outcome.notes) == ("done", (), ())
    told = [
        (f"{fact.at:%H:%M}", fact.text, fact.actor, fact.notable, fact.level)
        for fact in facts(tmp_path, outcome)
    ]
    assert told == [
        ("09:40", "Deployment of main (0000000000) to production: success", "carol", True, ""),
        ("09:45", "Merge request 41 is merged: Smaller pool", "dan", True, ""),
        ("09:50", "Release v7 “Faster pool” of acme/api is published", "carol", True, ""),
        ("09:58", "Pipeline 900 “Deploy to production” on main: failed (push)", "", True, "error"),
        ("09:59", "Pipeline 901 on main: success (push)", "", False, ""),
        ("10:00", "Deployment of main (0000000000) to production begins", "carol", True, ""),
        ("10:04", "Deployment of main (0000000000) to production: failed", "carol", True, "error"),
        ("10:40", "Deployment of main (0000000000) to production begins", "carol", True, ""),
    ]
    assert all(
        fact.kind == "change" and fact.object == "acme/api" and fact.url for fact in facts(tmp_path, outcome)
    )


async def test_the_path_of_a_project_goes_as_one_word_and_the_token_in_its_own_header_only(
    tmp_path: Path,
) -> None:
    async with FakeGitLab() as server:
        outcome = await collect(tmp_path, server)
        assert all("/projects/acme%2Fapi/" in target for target in server.requests)
        assert {headers["private-token"] for headers in server.headers} == {TOKEN}
    assert TOKEN not in repr(outcome)
    for path in tmp_path.rglob("*.gz"):
        assert TOKEN.encode() not in b"".join(blocks(path))


async def test_branch_and_environment_narrow_what_is_asked(tmp_path: Path) -> None:
    async with FakeGitLab() as server:
        server.deploy(1, "2025-02-09T10:00:00Z", "created", "2025-02-09T10:00:00Z")
        other = {"id": 2, "name": "staging", "external_url": None}
        server.deploy(2, "2025-02-09T10:00:00Z", "created", "2025-02-09T10:00:00Z", environment=other)
        server.merge(1, "2025-02-09T10:01:00Z", "one")
        server.merge(2, "2025-02-09T10:01:00Z", "two", target_branch="old")
        server.pipeline(3, "2025-02-09T10:02:00Z", "success", ref="old")
        outcome = await collect(tmp_path, server, branch="main", environment="production")
    assert [fact.key for fact in facts(tmp_path, outcome)] == [
        "acme/api/deployment/1",
        "acme/api/merge-request/1",
    ]


async def test_every_page_is_followed(tmp_path: Path) -> None:
    async with FakeGitLab() as server:
        for number in range(250):
            at = START + timedelta(seconds=number)
            server.merge(number, f"{at:%Y-%m-%dT%H:%M:%SZ}", f"change {number}")
        outcome = await collect(tmp_path, server, deployments=False, releases=False, pipelines=False)
        assert len(server.requests) == 3
    assert len(facts(tmp_path, outcome)) == 250


@pytest.mark.parametrize(
    ("status", "words"), [(403, "lacks the permission"), (404, "404 Not Found"), (500, "failed")]
)
async def test_one_kind_that_is_refused_is_a_gap_and_the_others_go_on(
    tmp_path: Path, status: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gitlab, "_LIMITS", Limits(tries=1))
    async with FakeGitLab() as server:
        server.release("v7", "2025-02-09T09:50:00Z")
        server.faults["/deployments"] = [(status, {"message": "403 Forbidden"}, {})]
        outcome = await collect(tmp_path, server)
    assert outcome.state == "done"
    (gap,) = outcome.gaps
    assert gap.why.startswith("acme/api, deployments: GitLab ")
    assert words in gap.why
    assert [fact.key for fact in facts(tmp_path, outcome)] == ["acme/api/release/v7"]


async def test_a_wrong_token_and_a_missing_one_are_one_sentence(tmp_path: Path) -> None:
    async with FakeGitLab() as server:
        outcome = await collect(tmp_path, server, {**server.environment, "GITLAB_TOKEN": "old"})
        assert outcome.message == (
            "GitLab says 401 Unauthorized: check the token in the environment variable GITLAB_TOKEN."
        )
        server.requests.clear()
        outcome = await collect(tmp_path, server, {"GITLAB_TOKEN": "for gitlab.com only", "PATH": ""})
        assert server.requests == []
    assert outcome.message.startswith(
        "GitLab: There is no token for 127.0.0.1: keep one with: blamefree token set"
    )


async def test_a_limit_that_is_too_long_to_wait_for_is_told(tmp_path: Path) -> None:
    async with FakeGitLab() as server:
        server.faults["."] = [(429, b"Retry later", {"Retry-After": "900"})]
        outcome = await collect(tmp_path, server)
    assert outcome.message == "GitLab says 429 Too Many Requests: try again in 900 s."


async def test_cancelling_returns_at_once_and_keeps_what_was_understood(tmp_path: Path) -> None:
    async with FakeGitLab() as server:
        server.deploy(1, "2025-02-09T10:00:00Z", "created", "2025-02-09T10:00:00Z")
        server.faults["/releases"] = [silence]
        run = prepared(tmp_path, server)
        run.start()
        while not server.asked("/releases"):
            await asyncio.sleep(0.01)
        run.cancel()
        async with asyncio.timeout(2):
            outcome = (await run.wait())["S1"]
    assert outcome.state == "cancelled"
    assert [fact.key for fact in facts(tmp_path, outcome)] == ["acme/api/deployment/1"]


async def test_hostile_words_and_odd_records_are_data(tmp_path: Path) -> None:
    async with FakeGitLab() as server:
        title = "\x1b]0;owned\x07@all [@click=app.quit]x[/]\u202e" + "A" * 1_000_000
        odd = [None, 5, {}, {"merged_at": "soon", "iid": 1}, {"merged_at": None}]
        good = {"merged_at": "2025-02-09T10:00:00Z", "iid": 1, "title": title, "web_url": "javascript:x"}
        server.faults["/merge_requests"] = [(200, [*odd, good], {})]
        outcome = await collect(tmp_path, server, deployments=False, releases=False, pipelines=False)
    (found,) = facts(tmp_path, outcome)
    assert found.text.startswith("Merge request 1 is merged: ^[]0;owned^G@all [@click=app.quit]x[/]<202E>AAA")
    assert len(found.text) < 600
    assert found.url == ""
    assert "5 records have a form that is not known here" in outcome.notes[0]


async def test_an_examination_asks_one_record_of_each_kind(tmp_path: Path) -> None:
    async with FakeGitLab() as server:
        source = Source(
            id="S1", kind="gitlab", name="GitLab", settings={"project": "acme/api", "base_url": server.home}
        )
        job = Job(
            source, tmp_path, None, NOW, Keeper(tmp_path, source, NOW), lambda **_: None, lambda: False,
            server.environment,
        )  # fmt: skip
        found = await GitLabCollector().examine(job)
        assert found is not None
        assert (found.reachable, found.authorised, found.sentences) == (True, True, ())
        assert len(server.requests) == 4
        assert all(target.endswith("?per_page=1") for target in server.requests)
        assert server.violations == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "No project is named"),
        ({"project": "api"}, "is no project"),
        ({"project": "../../x"}, "is no project"),
        ({"project": "a/b", "base_url": "http://gitlab.example"}, "use https"),
        (
            {
                "project": "a/b",
                **dict.fromkeys(("deployments", "releases", "merge_requests", "pipelines"), False),
            },
            "Nothing",
        ),
        ({"project": "a/b/c, 4711", "base_url": "https://gitlab.example/api/v4"}, ""),
    ],
)
def test_settings_are_checked(settings: dict[str, Any], words: str) -> None:
    problem = GitLabCollector().check(settings)
    assert words in problem if words else problem == ""
