"""GitHub as a source, against a fake that is held to GitHub's own OpenAPI document."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.evidence.artifacts import Keeper, blocks
from app.evidence.facts import FACTS, Fact, parse_facts
from app.http import Limits
from app.review.records import Incident, Session, Source
from collectors import github
from collectors.github import GitHubCollector
from collectors.interface import Examination, Job
from collectors.outcome import Outcome
from collectors.runner import Run
from tests.fakes.contract import silence
from tests.fakes.github import TOKEN
from tests.fakes.github_changes import FakeChanges

START = datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC)
NOW = datetime(2025, 2, 9, 12, 0, tzinfo=UTC)


async def collect(
    folder: Path, server: FakeChanges, variables: dict[str, str] | None = None, **settings: Any
) -> Outcome:
    run = prepared(folder, server, variables, **settings)
    run.start()
    outcome = (await run.wait())["S1"]
    assert server.violations == []
    return outcome


def prepared(
    folder: Path,
    server: FakeChanges,
    variables: dict[str, str] | None = None,
    offset: float = 0.0,
    **settings: Any,
) -> Run:
    chosen = {"repo": "acme/api", "base_url": server.url, **settings}
    source = Source(id="S1", kind="github", name="GitHub", settings=chosen, clock_offset_s=offset)
    incident = Incident(started_at=START, ended_at=START + timedelta(minutes=35))
    session = Session(incident=incident, sources=(source,))
    return Run(session, folder, now=NOW, environment=variables or server.environment)


def facts(folder: Path, outcome: Outcome) -> list[Fact]:
    found: list[Fact] = []
    for artifact in outcome.artifacts:
        if artifact.format == FACTS:
            found += [fact for _, fact in parse_facts(b"".join(blocks(folder / artifact.path)))]
    return found


async def test_deployments_with_their_statuses_releases_pulls_and_runs_become_facts(tmp_path: Path) -> None:
    async with FakeChanges() as server:
        server.deploy(6, "2025-02-09T03:00:00Z", ("success", "2025-02-09T03:05:00Z"))
        server.deploy(
            7,
            "2025-02-09T10:00:00Z",
            ("in_progress", "2025-02-09T10:01:00Z"),
            ("failure", "2025-02-09T10:04:00Z"),
        )
        server.release(1, "2025-02-09T09:50:00Z", "v7", name="Faster pool")
        server.release(2, None, "v8")
        server.pull(41, "2025-02-09T09:45:00Z", "Smaller pool")
        server.pull(42, "2025-02-09T12:45:00Z", "Too late")
        server.run(900, "2025-02-09T09:58:00Z", "deploy-production", "failure")
        server.run(901, "2025-02-09T09:59:00Z", "tests")
        outcome = await collect(tmp_path, server)
        assert not server.asked("deployments/6/statuses")
    assert (outcome.state, outcome.gaps, outcome.notes) == ("done", (), ())
    (kept,) = [each for each in outcome.artifacts if each.format == FACTS]
    assert outcome.window
    assert (kept.from_, kept.to) == (outcome.window.start, outcome.window.end)
    told = [
        (f"{fact.at:%H:%M}", fact.text, fact.actor, fact.notable, fact.level)
        for fact in facts(tmp_path, outcome)
    ]
    assert told == [
        ("09:45", "Pull request 41 is merged: Smaller pool", "bob", True, ""),
        ("09:50", "Release v7 “Faster pool” of acme/api is published", "carol", True, ""),
        ("09:58", "Workflow deploy-production 900 on main: failure", "dan", True, "error"),
        ("09:59", "Workflow tests 901 on main: success", "dan", False, ""),
        ("10:00", "Deployment of v7 (0000000000) to production begins", "carol", True, ""),
        ("10:01", "Deployment of v7 (0000000000) to production: in progress", "deploy-bot", False, ""),
        ("10:04", "Deployment of v7 (0000000000) to production: failure", "deploy-bot", True, "error"),
    ]
    assert all(
        fact.kind == "change" and fact.object == "acme/api" and fact.url for fact in facts(tmp_path, outcome)
    )


async def test_every_answer_is_kept_as_it_came_with_its_request_and_without_the_token(tmp_path: Path) -> None:
    async with FakeChanges() as server:
        server.release(1, "2025-02-09T09:50:00Z", "v7")
        outcome = await collect(tmp_path, server)
        where = server.url
    kept = {artifact.note: artifact for artifact in outcome.artifacts}
    assert kept["acme.api.releases.1"].query == f"GET {where}/repos/acme/api/releases?per_page=100"
    raw = b"".join(blocks(tmp_path / kept["acme.api.releases.1"].path))
    assert json.loads(raw)[0]["tag_name"] == "v7"
    (fact,) = facts(tmp_path, outcome)
    assert fact.ref == kept["acme.api.releases.1"].path
    for path in tmp_path.rglob("*.gz"):
        assert TOKEN.encode() not in b"".join(blocks(path))
    assert TOKEN not in repr(outcome)


async def test_lists_without_a_filter_are_read_back_to_the_window_and_no_further(tmp_path: Path) -> None:
    async with FakeChanges() as server:
        for number in range(700):
            server.deploy(number, f"2025-{1 + number // 600:02}-{1 + number % 28:02}T00:00:00Z")
        server.deployments.sort(key=lambda each: str(each["created_at"]), reverse=True)
        server.deploy(1000, "2025-02-09T10:00:00Z")
        outcome = await collect(tmp_path, server, releases=False, pull_requests=False, runs=False)
        pages = server.asked(r"/deployments\?")
    assert outcome.state == "done"
    assert 1 <= len(pages) < 8
    assert [fact.key for fact in facts(tmp_path, outcome)] == ["acme/api/deployment/1000"]


async def test_a_window_with_more_than_a_thousand_results_is_halved_until_all_are_there(
    tmp_path: Path,
) -> None:
    async with FakeChanges() as server:
        for number in range(1500):
            at = START - timedelta(minutes=20) + timedelta(seconds=number)
            server.pull(number, f"{at:%Y-%m-%dT%H:%M:%SZ}", f"change {number}")
        outcome = await collect(tmp_path, server, deployments=False, releases=False, runs=False)
    assert len({fact.key for fact in facts(tmp_path, outcome)}) == 1500
    assert outcome.gaps == ()


async def test_a_search_that_gave_up_is_a_gap(tmp_path: Path) -> None:
    async with FakeChanges() as server:
        server.incomplete = True
        outcome = await collect(tmp_path, server)
    assert [gap.why for gap in outcome.gaps] == [
        "acme/api, merged pull requests: GitHub's search gave up before its end"
    ]


async def test_branch_and_environment_narrow_what_is_asked(tmp_path: Path) -> None:
    async with FakeChanges() as server:
        server.deploy(1, "2025-02-09T10:00:00Z")
        server.deploy(2, "2025-02-09T10:00:01Z", environment="staging")
        server.pull(1, "2025-02-09T10:00:00Z", "one", base="main")
        server.pull(2, "2025-02-09T10:00:00Z", "two", base="old")
        server.run(3, "2025-02-09T10:00:00Z", "deploy", head_branch="old")
        server.commit("b" * 40, "2025-02-09T10:02:00Z", "Say hello\n\nin a friendly way")
        outcome = await collect(tmp_path, server, branch="main", environment="production", commits=True)
    assert [fact.key for fact in facts(tmp_path, outcome)] == [
        "acme/api/deployment/1",
        "acme/api/pull/1",
        "acme/api/commit/" + "b" * 40,
    ]
    assert facts(tmp_path, outcome)[2].text == f"Commit {'b' * 10}: Say hello"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "“Resource not accessible”): the login lacks the permission, ask for it (it needs the permission "
              "Deployments: read)."),
        (404, "404 Not Found for /repos/acme/api/deployments: check the address and its path (it needs the permission"),
        (500, "failed itself (500)"),
        (422, "could not process"),
        (410, "410 Gone"),
    ],
)  # fmt: skip
async def test_one_kind_that_is_refused_is_a_gap_and_the_others_go_on(
    tmp_path: Path, status: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github, "_LIMITS", Limits(tries=1))
    async with FakeChanges() as server:
        server.release(1, "2025-02-09T09:50:00Z", "v7")
        server.faults["/deployments"] = [(status, {"message": "Resource not accessible"}, {})]
        outcome = await collect(tmp_path, server)
    assert outcome.state == "done"
    (gap,) = outcome.gaps
    assert gap.why.startswith("acme/api, deployments: GitHub ")
    assert words in gap.why
    assert (gap.from_, gap.to) == (START - timedelta(minutes=30), START + timedelta(minutes=45))
    assert [fact.key for fact in facts(tmp_path, outcome)] == ["acme/api/release/1"]


async def test_a_list_that_breaks_off_keeps_what_came_and_marks_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github, "_LIMITS", Limits(tries=1))
    async with FakeChanges() as server:
        for number in range(150):
            at = START - timedelta(minutes=29) + timedelta(seconds=10 * number)
            server.deploy(number, f"{at:%Y-%m-%dT%H:%M:%SZ}")
        whole = server.answer

        def broken(path: str, query: dict[str, str]) -> Any:
            return (502, b"bad gateway", {}) if query.get("page") == "2" else whole(path, query)

        monkeypatch.setattr(server, "answer", broken)
        outcome = await collect(tmp_path, server, releases=False, pull_requests=False, runs=False)
    assert outcome.state == "done"
    assert len(facts(tmp_path, outcome)) == 100
    (gap,) = outcome.gaps
    assert gap.from_ == START - timedelta(minutes=30)
    assert gap.to == START - timedelta(minutes=29) + timedelta(seconds=500)


async def test_a_rate_limit_is_waited_for_when_it_is_short_and_told_when_it_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeChanges() as server:
        server.release(1, "2025-02-09T09:50:00Z", "v7")
        whole = server.answer
        busy = [(429, {"message": "slow down"}, {"Retry-After": "1"})]
        monkeypatch.setattr(server, "answer", lambda path, query: busy.pop() if busy else whole(path, query))
        server._check = lambda *_: None  # type: ignore[method-assign]
        outcome = await collect(tmp_path, server)
        assert (outcome.state, outcome.gaps) == ("done", ())
        server.faults["."] = [
            (
                403,
                {"message": "API rate limit exceeded"},
                {"X-RateLimit-Remaining": "0", "Retry-After": "1800"},
            )
        ]
        outcome = await collect(tmp_path, server)
    assert outcome.state == "failed"
    assert outcome.message == "GitHub says its request limit is used up: try again in 1800 s."


async def test_a_token_that_is_refused_ends_it_at_once(tmp_path: Path) -> None:
    async with FakeChanges() as server:
        outcome = await collect(tmp_path, server, {**server.environment, "GH_ENTERPRISE_TOKEN": "old"})
        assert len(server.requests) == 1
    assert outcome.state == "failed"
    assert outcome.message == (
        "GitHub says 401 Unauthorized: check the token in the environment variable GH_ENTERPRISE_TOKEN."
    )
    assert len(outcome.gaps) == 1


async def test_without_a_token_nothing_is_asked_and_the_sentence_says_how_to_get_one(tmp_path: Path) -> None:
    async with FakeChanges() as server:
        outcome = await collect(tmp_path, server, {"GH_TOKEN": "for github.com only", "PATH": ""})
        assert server.requests == []
    assert outcome.message.startswith("GitHub: There is no token for 127.0.0.1: log in with gh auth login")


async def test_a_server_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    async with FakeChanges() as server:
        run = prepared(tmp_path, server)
    run.start()
    outcome = (await run.wait())["S1"]
    assert outcome.state == "failed"
    assert "refused the connection" in outcome.message
    assert len(outcome.gaps) == 1


async def test_cancelling_returns_at_once_and_keeps_what_was_understood(tmp_path: Path) -> None:
    async with FakeChanges() as server:
        server.deploy(1, "2025-02-09T10:00:00Z")
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


async def test_hostile_words_are_data(tmp_path: Path) -> None:
    title = (
        "\x1b]0;owned\x07 @everyone [@click=app.quit]x[/] <script>alert(1)</script> \u202egnp.exe "
        + "A" * 1_000_000
    )
    async with FakeChanges() as server:
        server.pull(1, "2025-02-09T10:00:00Z", title)
        server.release(2, "2025-02-09T10:00:01Z", "v\x00\ud800 1", html_url="javascript:alert(1)")
        outcome = await collect(tmp_path, server, deployments=False, runs=False)
    pull, release = sorted(facts(tmp_path, outcome), key=lambda fact: fact.key)
    assert pull.text.startswith(
        "Pull request 1 is merged: ^[]0;owned^G @everyone [@click=app.quit]x[/] <script>alert(1)</script> <202E>gnp"
    )
    assert len(pull.text) < 600
    assert release.url == ""
    assert "\x00" not in release.text


@pytest.mark.parametrize(
    "records",
    [[None, 5, "x", [], {}], [{"id": True, "created_at": 5}], [{"created_at": "2025-02-09T10:00:00Z"}]],
)
async def test_records_of_an_unknown_form_are_counted_and_the_rest_is_read(
    tmp_path: Path, records: list[Any]
) -> None:
    async with FakeChanges() as server:
        server.deploy(1, "2025-02-09T10:00:00Z")
        server.faults["/deployments$"] = [(200, [*records, *server.deployments], {})]
        outcome = await collect(tmp_path, server)
    assert [fact.key for fact in facts(tmp_path, outcome)] == ["acme/api/deployment/1"]
    assert outcome.notes == (
        f"{len(records):,} records have a form that is not known here; the answers that hold them are kept.",
    )


@pytest.mark.parametrize("body", [b"<html>login</html>", b'{"message": "ok"}', b"[" * 100_000, b"", b"\xff"])
async def test_what_is_no_list_is_a_gap_with_its_reason(tmp_path: Path, body: bytes) -> None:
    async with FakeChanges() as server:
        server.release(1, "2025-02-09T09:50:00Z", "v7")
        server.faults["/deployments$"] = [(200, body, {})]
        outcome = await collect(tmp_path, server)
    assert outcome.state == "done"
    assert len(outcome.gaps) == 1
    assert "check that the address is" in outcome.gaps[0].why


async def test_a_corrected_clock_moves_the_window_that_is_asked_for(tmp_path: Path) -> None:
    async with FakeChanges() as server:
        run = prepared(tmp_path, server, offset=60.0)
        run.start()
        await run.wait()
        (asked,) = server.asked("actions/runs")
    assert "2025-02-09T09%3A34%3A23Z..2025-02-09T10%3A49%3A23Z" in asked


async def test_an_examination_asks_one_record_of_each_kind_and_keeps_nothing(tmp_path: Path) -> None:
    async with FakeChanges() as server:
        server.faults["/actions/runs"] = [(403, {"message": "no"}, {})]
        found = await examined(tmp_path, server)
        assert all("per_page=1" in target for target in server.requests)
        assert server.violations == []
    assert found is not None
    assert (found.reachable, found.authorised) == (True, False)
    assert found.sentences == (
        "acme/api, workflow runs: GitHub says 403 Forbidden (“no”): the login lacks the permission, ask for it (it "
        "needs the permission Actions: read).",
    )
    assert list(tmp_path.iterdir()) == []
    found = await examined(tmp_path, server, "http://127.0.0.1:9")
    assert found is not None
    assert found.reachable is False


async def examined(folder: Path, server: FakeChanges, url: str = "") -> Examination | None:
    settings = {"repo": "acme/api", "base_url": url or server.url}
    source = Source(id="S1", kind="github", name="GitHub", settings=settings)
    job = Job(
        source,
        folder,
        None,
        NOW,
        Keeper(folder, source, NOW),
        lambda **_: None,
        lambda: False,
        server.environment,
    )
    return await GitHubCollector().examine(job)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "No repository is named"),
        ({"repo": "acme"}, "is not a repository"),
        ({"repo": "acme/api, ../x"}, "is not a repository"),
        ({"repo": "a/b", "base_url": "http://ghe.example/api/v3"}, "use https"),
        ({"repo": "a/b", "base_url": "ftp://x"}, "is not an address"),
        (
            {"repo": "a/b", **dict.fromkeys(("deployments", "releases", "pull_requests", "runs"), False)},
            "Nothing is asked",
        ),
    ],
)
def test_settings_that_cannot_work_are_told(settings: dict[str, Any], words: str) -> None:
    assert words in GitHubCollector().check(settings)


def test_settings_that_can_work_are_accepted_and_described() -> None:
    settings = {"repo": "acme/api acme/web", "base_url": "https://ghe.example/api/v3/"}
    assert GitHubCollector().check(settings) == ""
    assert GitHubCollector().describe(settings) == "github acme/api, acme/web"
