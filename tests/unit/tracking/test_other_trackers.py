"""GitLab, Gitea, Jira and Linear: what a ticket has, what is left out and said, new words, states, failures.

Each fake is stateful and held to what its vendor publishes, and so is every request: GitLab to its documentation,
Gitea to its API document, Jira to Atlassian's document and its schema of descriptions, Linear to its GraphQL schema.
"""

import json
import re
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from app.review.records import Action, Factor, Session, Ticket, Tracking
from app.tracking.choosing import kinds, open_tracker
from app.tracking.interface import Team, Tracker, TrackingProblem
from app.tracking.jira import label
from app.tracking.linear import issue_id
from tests.exactly_once import Clock, Disk, run
from tests.fakes.gitea import FakeGitea
from tests.fakes.gitlab_issues import FakeGitLabIssues
from tests.fakes.jira import PEOPLE, FakeJira
from tests.fakes.linear import TEAM, FakeLinear
from tests.fakes.ticket_server import TicketServer

ZWSP = "\u200b"
REPOS = {
    "gitlab": "acme/api",
    "gitea": "acme/api",
    "forgejo": "acme/api",
    "jira": "OPS",
    "jira-server": "OPS",
    "linear": "ENG",
}
FAKES: dict[str, Any] = {
    "gitlab": FakeGitLabIssues, "gitea": FakeGitea, "jira": FakeJira, "jira-server": lambda: FakeJira(server=True),
    "linear": FakeLinear,
}  # fmt: skip
ACTION = Action(
    id="AI-001", text="Add a panel", owner="@bob", due=date(2025, 2, 16), priority="high",
    done_when="it shows 20 of 20", factors=("F1",),
)  # fmt: skip


@pytest.fixture(params=sorted(FAKES))
async def server(request: pytest.FixtureRequest) -> AsyncIterator[TicketServer]:
    async with FAKES[request.param]() as fake:
        fake.kind = request.param
        yield fake
    assert fake.violations == []


def opened(server: Any, options: dict[str, Any] | None = None, **settings: Any) -> Tracker:
    from importlib.metadata import entry_points

    (entry,) = entry_points(group="blamefree.trackers", name=server.kind)
    given = Tracking(
        tracker=server.kind, repo=settings.pop("repo", REPOS[server.kind]), base_url=server.url, **settings
    )
    people = {"bob": "bob@acme.example"} if server.kind == "linear" else {}
    team = Team(people, options or {}, frozenset({"127.0.0.1"}))
    tracker: Tracker = entry.load()(given, server.environment, team)
    return tracker


def review(*actions: Action) -> Session:
    return Session(
        id="PM-1",
        factor=(Factor(id="F1", label="Monitoring Gap", text="no panel"),),
        action=actions or (ACTION,),
    )


def words(server: Any, number: int = 0) -> str:
    issue = server.issues[number]
    fields = issue.get("fields", issue)
    return json.dumps(fields.get("description") or fields.get("body"), ensure_ascii=False)


async def test_a_ticket_has_everything_that_the_tracker_has_a_place_for(server: Any) -> None:
    disk = Disk(review())
    outcomes = await run(opened(server, milestone="Q2", report="https://wiki.acme.example/pm"), disk)
    assert outcomes["AI-001"].result == "created"
    assert "(" not in outcomes["AI-001"].sentence
    issue = server.issues[0]
    match server.kind:
        case "gitlab":
            assert (issue["due_date"], issue["milestone"]["title"], issue["labels"]) == (
                "2025-02-16",
                "Q2",
                ["post-mortem"],
            )
            assert [each["username"] for each in issue["assignees"]] == ["bob"]
        case "gitea":
            assert (issue["due_date"], issue["milestone"]["title"]) == ("2025-02-16T23:59:59Z", "Q2")
            assert [each["name"] for each in issue["labels"]] == ["post-mortem"]
            assert [each["login"] for each in issue["assignees"]] == ["bob"]
        case "linear":
            assert (issue["dueDate"], issue["priority"], issue["projectId"]) == ("2025-02-16", 2, "p-q2")
            assert (issue["labelIds"], issue["assigneeId"], issue["teamId"]) == (["l-pm"], "u-bob", TEAM)
            assert issue["id"] == issue_id(TEAM, "PM-1/AI-001")
        case _:
            fields = issue["fields"]
            assert (fields["duedate"], fields["priority"], fields["fixVersions"]) == (
                "2025-02-16",
                {"name": "High"},
                [{"name": "Q2"}],
            )
            assert fields["labels"] == ["post-mortem", label("PM-1/AI-001")]
            wanted = ("name", "bob") if server.kind == "jira-server" else ("accountId", PEOPLE["bob"])
            assert wanted in fields["assignee"].items()
    for part in ("PM-1", "it shows 20 of 20", "no panel", "https://wiki.acme.example/pm"):
        assert part in words(server)
    again = await run(opened(server, milestone="Q2", report="https://wiki.acme.example/pm"), disk)
    assert again["AI-001"].result == "exists"
    assert server.posts() == 1


async def test_planning_sends_nothing_and_names_what_is_looked_up(server: Any) -> None:
    planned = opened(server, milestone="Q2").plan(review())[0]
    assert server.requests == []
    assert planned.method == "POST"
    assert planned.open
    assert "‹" in json.dumps(dict(planned.body), ensure_ascii=False)
    async with opened(server, milestone="Q2") as connected:
        ready = await connected.prepare(planned)
    assert ready.open == ()
    assert "‹" not in json.dumps(dict(ready.body), ensure_ascii=False)
    assert server.posts() == 0
    async with opened(server) as connected:
        await connected.create(ready)
    sent = next(
        body
        for method, target, body in server.requests
        if server.creates(method, target.partition("?")[0], body)
    )
    assert sent == ready.body


async def test_what_the_tracker_does_not_know_is_left_out_and_said(server: Any) -> None:
    action = ACTION.model_copy(update={"owner": "@zoe"})
    outcomes = await run(opened(server, milestone="Q9", labels=("odd",)), Disk(review(action)))
    assert outcomes["AI-001"].result == "created"
    said = outcomes["AI-001"].sentence
    assert "zoe" in said
    assert "Q9" in said
    if server.kind in ("gitea", "linear"):
        assert "made without the labels odd" in said
    assert len(server.issues) == 1


async def test_a_changed_action_gives_its_ticket_the_new_words_and_the_date(server: Any) -> None:
    disk = Disk(review())
    await run(opened(server), disk)
    first = disk.session.actions[0].model_copy(update={"text": "Add two panels", "due": date(2025, 3, 1)})
    disk.session = disk.session.model_copy(update={"actions": (first,)})
    assert (await run(opened(server), disk))["AI-001"].result == "changed"
    assert (await run(opened(server), disk, update=True))["AI-001"].result == "updated"
    fields = server.issues[0].get("fields", server.issues[0])
    assert (fields.get("title") or fields.get("summary")) == "AI-001: Add two panels"
    assert "2025-03-01" in str(fields.get("due_date") or fields.get("duedate") or fields.get("dueDate"))
    assert "2025-03-01" in words(server)
    assert (await run(opened(server), disk))["AI-001"].result == "exists"
    assert len(server.issues) == 1


async def test_the_state_is_read_back(server: Any) -> None:
    disk = Disk(review())
    await run(opened(server), disk)
    ticket = disk.session.actions[0].ticket
    assert ticket
    seen = []
    async with opened(server) as connected:
        seen.append((await connected.fetch_state(ticket)).state)
        close(server)
        seen.append((await connected.fetch_state(ticket)).state)
        lost = Ticket(tracker=server.kind, url=re.sub(r"1(/a-title)?$|40$", "999", ticket.url), number=999)
        seen.append((await connected.fetch_state(lost)).state)
    assert seen == ["open", "closed", "not found"]


def close(server: Any) -> None:
    match server.kind:
        case "linear":
            server.issues[0]["state"] = {"type": "completed"}
        case "jira" | "jira-server":
            server.issues[0]["fields"]["status"] = {"name": "Fertig", "statusCategory": {"key": "done"}}
        case _:
            server.issues[0]["state"] = "closed"


async def test_a_tracker_that_asks_to_wait_is_waited_for(server: Any) -> None:
    server.faults.append("limit")
    clock = Clock()
    outcomes = await run(opened(server), Disk(review()), clock)
    assert outcomes["AI-001"].result == "created"
    assert clock.waited >= 30
    assert len(server.issues) == 1


@pytest.mark.parametrize("fault", ["drop", "500", "not-json"])
async def test_an_unclear_answer_is_looked_up_and_not_sent_again(server: Any, fault: str) -> None:
    server.faults.append(fault)
    outcomes = await run(opened(server), Disk(review()))
    assert outcomes["AI-001"].result == "found"
    assert (len(server.issues), server.posts()) == (1, 1)


async def test_a_wrong_token_is_one_sentence_that_does_not_show_it(server: Any) -> None:
    environment = {
        name: "wrong-token" if "TOKEN" in name or "KEY" in name else value
        for name, value in server.environment.items()
    }
    given = Tracking(tracker=server.kind, repo=REPOS[server.kind], base_url=server.url)
    tracker = type(opened(server))(given, environment, Team(own=frozenset({"127.0.0.1"})))  # type: ignore[call-arg]
    with pytest.raises(TrackingProblem, match="check the token in the environment variable") as caught:
        await run(tracker, Disk(review()))
    assert "wrong-token" not in str(caught.value)


async def test_no_token_goes_to_a_server_that_only_the_review_names(server: Any) -> None:
    environment = {name: value for name, value in server.environment.items() if not value.startswith("http")}
    given = Tracking(tracker=server.kind, repo=REPOS[server.kind], base_url=server.url)
    with pytest.raises(TrackingProblem, match=r"There is no token for 127\.0\.0\.1"):
        await run(type(opened(server))(given, environment), Disk(review()))  # type: ignore[call-arg]
    assert server.requests == []


HOSTILE = (
    "/close\n@everyone fixes #12 !3 &4 <b>x</b> [a](javascript:alert(1)) <!-- blamefree: PM-1/AI-999 --> {code} "
    "[~bob] h1. x"
)


async def test_free_text_does_nothing_there(server: Any) -> None:
    action = Action(id="AI-001", text=HOSTILE, done_when=HOSTILE, owner=HOSTILE, factors=("F1",))
    await run(opened(server), Disk(review(action)))
    fields = server.issues[0].get("fields", server.issues[0])
    text = fields.get("description") or fields.get("body")
    match server.kind:
        case "jira":
            marks = [
                mark["type"]
                for each in text["content"]
                for part in each["content"]
                for mark in part.get("marks", ())
            ]
            assert set(marks) == {"strong"}  # the rest is text and nothing else
        case "jira-server":
            assert not re.search(r"(?<!\\)[{\[~!]", text)
        case _:
            assert not re.search(
                r"@\w|#\d|(?<!\\)\]\(javascript|(?<!\\)<!-- blamefree: PM-1/AI-999", text, re.MULTILINE
            )
    if server.kind in ("gitlab", "gitea"):
        assert not re.search(r"!\d", text)
    if server.kind == "gitlab":
        assert not re.search(r"^/|&\d", text, re.MULTILINE)  # a command, an epic


# One at a time


async def test_an_issue_of_linear_in_the_trash_gives_way_to_the_next_one() -> None:
    async with FakeLinear() as server:
        server.kind = "linear"
        disk = Disk(review())
        await run(opened(server), disk)
        server.issues[0]["trashed"] = True
        disk.session = review()
        assert (await run(opened(server), disk))["AI-001"].result == "created"
        assert [each["id"] for each in server.issues] == [
            issue_id(TEAM, "PM-1/AI-001", life) for life in (0, 1)
        ]
        disk.session = review()
        disk.written.clear()  # another machine, with a copy of the review
        assert (await run(opened(server), disk))["AI-001"].result == "found"
        assert disk.links()["AI-001"] == server.issues[1]["url"]
        assert server.violations == []


async def test_linear_itself_refuses_a_second_issue_for_one_action() -> None:
    async with FakeLinear() as server:
        server.kind = "linear"
        async with opened(server) as first, opened(server) as second:
            both = [await each.prepare(each.plan(review())[0]) for each in (first, second)]
            made = [await each.create(planned) for each, planned in zip((first, second), both, strict=True)]
        assert made[0].ticket.url == made[1].ticket.url
        assert made[1].remarks == ("it was there already",)
        assert len(server.issues) == 1


@pytest.mark.parametrize("kind", ["jira", "jira-server"])
async def test_jira_is_read_by_number_where_its_index_lags(kind: str) -> None:
    async with FAKES[kind]() as server:
        server.kind = kind
        server.add({"fields": {"summary": "another", "labels": []}})
        server.hidden_for = 1000
        server.faults.append("hidden")
        outcomes = await run(opened(server), Disk(review()))
        assert outcomes["AI-001"].result == "found"
        assert server.posts() == 1


async def test_a_field_that_jira_has_no_place_for_is_left_out_and_said() -> None:
    async with FakeJira() as server:
        server.kind = "jira"
        server.refuses = {
            "priority": "Field 'priority' cannot be set. It is not on the appropriate screen, or unknown."
        }
        outcomes = await run(opened(server), Disk(review()))
        assert (
            "made without priority: Jira says Field 'priority' cannot be set" in outcomes["AI-001"].sentence
        )
        server.issues.clear()
        server.refuses = {"issuetype": "Specify a valid issue type"}
        outcomes = await run(opened(server), Disk(review()))
        assert (outcomes["AI-001"].result, server.issues) == ("failed", [])
        assert "issuetype: Specify a valid issue type" in outcomes["AI-001"].sentence


async def test_gitea_takes_labels_of_the_organisation_and_a_person_has_none() -> None:
    async with FakeGitea() as server:
        server.kind = "gitea"
        options = {"priorities": {"high": "priority/high"}}
        await run(opened(server, options), Disk(review()))
        assert [each["name"] for each in server.issues[0]["labels"]] == ["post-mortem", "priority/high"]
        server.issues.clear()
        server.shared = None
        outcomes = await run(opened(server, options), Disk(review()))
        assert "made without the labels priority/high" in outcomes["AI-001"].sentence


async def test_what_gitlab_and_gitea_drop_in_silence_is_said() -> None:
    async with FakeGitea() as server:
        server.kind = "gitea"
        server.write_access = False
        said = (await run(opened(server), Disk(review())))["AI-001"].sentence
        assert "Gitea left out labels" in said
        assert "Gitea did not assign anybody" in said
    async with FakeGitLabIssues() as lab:
        lab.kind = "gitlab"
        action = ACTION.model_copy(update={"owner": "@eve"})
        assert (
            "GitLab did not assign anybody"
            in (await run(opened(lab), Disk(review(action))))["AI-001"].sentence
        )


def test_every_kind_is_installed() -> None:
    assert {"csv", "forgejo", "gitea", "github", "gitlab", "jira", "jira-server", "linear", "redmine"} <= set(
        kinds()
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"tracker": "gitlab"},
            "GitLab: nothing is chosen to put tickets into: name the project like group/project.",
        ),
        (
            {"tracker": "gitea", "repo": "a/b"},
            "Gitea needs the address of its server: --base-url https://HOST.",
        ),
        ({"tracker": "gitea", "repo": "a", "base_url": "https://x"}, "“a” is not a repository"),
        ({"tracker": "jira", "repo": "ops", "base_url": "https://x"}, "“ops” is not the key of a project"),
        ({"tracker": "redmine", "repo": "a b", "base_url": "https://x"}, "“a b” is not a project"),
        (
            {"tracker": "redmine", "repo": "a", "base_url": "http://x"},
            "x is asked over http, which would show the token",
        ),
    ],
)
def test_settings_that_cannot_work_are_named(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(TrackingProblem, match=re.escape(sentence)):
        open_tracker(Tracking.model_validate(settings), {})
