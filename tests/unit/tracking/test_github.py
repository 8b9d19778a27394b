"""GitHub issues against a stateful fake that is held to GitHub's own OpenAPI document.

The fake validates every request that this program makes with openapi-core, and its own answers too; each
test ends by asking that nothing was amiss.
"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from app.review.records import Action, Factor, Session, Ticket, Tracking
from app.tracking.choosing import open_tracker
from app.tracking.github import GitHubTracker
from app.tracking.interface import TrackingProblem
from app.tracking.wording import marked
from tests.fakes.classic_review import classic_review
from tests.fakes.github import TOKEN, FakeGitHub, contract

ZWSP = "\u200b"


@pytest.fixture
async def github() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub() as fake:
        yield fake
    assert fake.violations == []


def tracker(github: FakeGitHub | None = None, **settings: object) -> GitHubTracker:
    wanted = {"tracker": "github", "repo": "acme/api", "base_url": github.url if github else ""} | settings
    return GitHubTracker(Tracking.model_validate(wanted), github.environment if github else {})


def one_action(**fields: object) -> Session:
    action = Action.model_validate({"id": "AI-001", "text": "Add a panel"} | fields)
    return Session(id="PM-1", action=(action,))


def test_the_fake_notices_a_request_that_github_would_not_take() -> None:
    fake = FakeGitHub()
    accept = {"accept": "application/vnd.github+json"}
    fake._check_request("POST", "/repos/acme/api/issues", accept, b'{"body": "no title"}')
    fake._check_request("POST", "/repos/acme/api/issues", accept, b'{"title": "x", "labels": "not a list"}')
    fake._check_request("GET", "/repos/acme/api/issues?state=every", accept, b"")
    fake._check_request("GET", "/search/code?q=x", accept, b"")
    assert len(fake.violations) == 4
    assert contract().spec["info"]["license"]["name"] == "MIT"


def test_a_dry_run_shows_exactly_what_would_be_sent() -> None:
    first = tracker().plan(classic_review())[0]
    assert (first.action_id, first.state, first.method) == ("AI-001", "create", "POST")
    assert first.url == "https://api.github.com/repos/acme/api/issues"
    assert first.body == {
        "title": "AI-001: Add connection pool metrics to Grafana",
        "body": (
            f"From post-mortem PM-2025-02-09. Owner: @{ZWSP}bob. Deadline: 2025-02-16.\n\n"
            "- **Priority**: high\n\n"
            "<!-- blamefree: PM-2025-02-09/AI-001 -->\n"
        ),
        "labels": ["post-mortem"],
        "assignees": ["bob"],
    }


def test_the_body_gives_the_context_a_stranger_needs() -> None:
    session = Session(
        id="PM-1",
        factor=(Factor(id="F1", label="Monitoring Gap", text="no panel"), Factor(id="F2", text="other")),
        action=(
            Action(
                id="AI-001", text="Add a panel", done_when="it shows 20 of 20", kind="detect", factors=("F1",),
                due=date(2025, 2, 16),
            ),
        ),
    )  # fmt: skip
    assert tracker().plan(session)[0].body["body"] == (
        "From post-mortem PM-1. Deadline: 2025-02-16.\n\n"
        "- **Done when**: it shows 20 of 20\n- **Kind**: detect\n\n"
        "Contributing factors it answers:\n\n- Monitoring Gap: no panel\n\n"
        "<!-- blamefree: PM-1/AI-001 -->\n"
    )


@pytest.mark.parametrize(
    ("fields", "state", "reason"),
    [
        ({"status": "declined"}, "skip", "decided against"),
        ({"status": "done"}, "skip", "already done"),
        ({"text": " "}, "skip", "it does not say what to do"),
        ({"id": ""}, "skip", "it has no id"),
        ({"ticket": Ticket(url="https://x.example/1")}, "exists", "https://x.example/1"),
        ({"owner": "the payments team"}, "create", "no ticket yet; “the payments team” is no login"),
        ({"owner": "@bob"}, "create", "no ticket yet"),
    ],
)
def test_the_plan_says_what_would_happen_to_each_action(fields: dict, state: str, reason: str) -> None:
    planned = tracker().plan(one_action(**fields))[0]
    assert (planned.state, planned.reason) == (state, reason)
    assert bool(planned.body) == (state == "create")


@pytest.mark.parametrize("owner", ["bob", "@-bob", "@a b", "@" + "x" * 40, "@bob--x", "@org/team", "@é"])
def test_what_is_no_login_is_not_sent_as_one(owner: str) -> None:
    assert "assignees" not in tracker().plan(one_action(owner=owner))[0].body


HOSTILE = [
    "@everyone look", "fixes #12", "see GH-7 and acme/other#3", "https://github.com/acme/api/issues/9",
    "<!-- blamefree: PM-1/AI-999 -->", "\n<!-- blamefree: PM-1/AI-999 -->\n", "-->", "<b>x</b>",
    "[x](javascript:alert(1))", "`@bob`", "@org/team", "gh-12", "<https://github.com/acme/api/pull/3>",
    "\u202e@bob", "x" * 100_000, "字" * 30_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_free_text_mentions_nobody_links_to_no_issue_and_forges_no_marker(text: str) -> None:
    session = Session(
        id="PM-1",
        factor=(Factor(id="F1", text=text, label=text),),
        action=(
            Action(
                id="AI-001", text=f"x {text}", done_when=text, owner=text, kind=text, priority=text,
                factors=("F1",),
            ),
        ),
    )  # fmt: skip
    body = tracker().plan(session)[0].body
    for part in (body["title"], body["body"]):
        assert not re.search(r"@\w|#\d|\bGH-\d", part, re.IGNORECASE)
    assert "<https://github.com" not in body["body"]
    assert marked(body["body"]) == "PM-1/AI-001"
    assert body["body"].count("\n<!-- blamefree: ") == 1
    assert len(body["title"]) <= 256
    assert len(body["body"]) <= 65_536


def test_a_link_that_is_no_issue_can_be_followed() -> None:
    text = tracker().plan(one_action(done_when="see https://wiki.example/@team/runbook#2"))[0].body["body"]
    assert "<https://wiki.example/@team/runbook#2>" in text


def test_a_review_with_an_odd_id_keeps_its_marker_in_one_line() -> None:
    session = one_action().model_copy(update={"id": "PM 1 --> <x>/é"})
    planned = tracker().plan(session)[0]
    assert marked(planned.body["body"]) == planned.key == "PM%201%20--%3E%20%3Cx%3E%2F%C3%A9/AI-001"


def test_without_an_id_nothing_is_planned() -> None:
    with pytest.raises(TrackingProblem, match="has no id"):
        tracker().plan(Session(action=(Action(id="AI-001", text="x"),)))


async def test_a_created_issue_has_what_was_asked(github: FakeGitHub) -> None:
    async with tracker(github) as connected:
        made = await connected.create(connected.plan(classic_review())[0])
    issue = github.issues[0]
    assert made.remarks == ()
    assert made.ticket.url == issue["html_url"]
    assert (made.ticket.number, made.ticket.state) == (1, "open")
    assert issue["title"] == "AI-001: Add connection pool metrics to Grafana"
    assert [each["login"] for each in issue["assignees"]] == ["bob"]
    assert github.posts() == 1


async def test_a_changed_action_is_noticed_once_its_ticket_exists(github: FakeGitHub) -> None:
    session = one_action()
    async with tracker(github) as connected:
        ticket = (await connected.create(connected.plan(session)[0])).ticket
    assert tracker().plan(one_action(ticket=ticket))[0].state == "exists"
    assert tracker().plan(one_action(ticket=ticket, text="Add two panels"))[0].state == "changed"


async def test_an_unknown_assignee_or_label_is_left_out_and_named(github: FakeGitHub) -> None:
    github.members.clear()
    github.unknown_labels.add("odd")
    async with tracker(github, labels=["odd"]) as connected:
        made = await connected.create(connected.plan(one_action(owner="@bob"))[0])
    assert made.remarks == (
        "made without assignees bob: acme/api does not know them",
        "made without labels odd: acme/api does not know them",
    )
    assert len(github.issues) == 1
    assert github.posts() == 3


async def test_what_github_drops_in_silence_is_said(github: FakeGitHub) -> None:
    github.push_access = False
    async with tracker(github) as connected:
        made = await connected.create(connected.plan(one_action(owner="@bob"))[0])
    assert made.remarks == (
        "GitHub left out the label post-mortem: the token needs write access to set it",
        "GitHub did not assign bob: the token needs write access, and bob access to the repository",
    )


async def test_another_refusal_is_not_tried_again(github: FakeGitHub) -> None:
    github.faults.append("422")
    async with tracker(github) as connected:
        with pytest.raises(TrackingProblem) as caught:
            await connected.create(connected.plan(one_action())[0])
    assert not caught.value.unclear
    assert not caught.value.stops
    assert github.posts() == 1


@pytest.mark.parametrize("fault", ["drop", "drop-before", "500", "500-before", "not-json"])
async def test_an_unclear_answer_is_called_unclear_and_nothing_is_sent_twice(
    github: FakeGitHub, fault: str
) -> None:
    github.faults.append(fault)
    async with tracker(github) as connected:
        with pytest.raises(TrackingProblem) as caught:
            await connected.create(connected.plan(one_action())[0])
    assert caught.value.unclear
    assert github.posts() == 1


async def test_every_page_is_read_and_only_own_lines_of_real_issues_count(github: FakeGitHub) -> None:
    marker = "<!-- blamefree: PM-1/AI-001 -->"
    github.add({"title": "ours", "body": f"text\r\n\r\n{marker}\r\n"}, state="closed")
    github.add({"title": "a pull request", "body": marker}, pull_request={
        "url": None, "html_url": None, "diff_url": None, "patch_url": None})  # fmt: skip
    github.add({"title": "a quote", "body": f"> {marker}"})
    github.add({"title": "another", "body": "<!-- blamefree: PM-1/AI-002 -->"})
    github.add({"title": "nothing"})
    github.add({"title": "double", "body": marker})
    github.page_limit = 2
    async with tracker(github) as connected:
        found = await connected.find(["PM-1/AI-001"], None)
    assert {key: [each.title for each in made] for key, made in found.items()} == {
        "PM-1/AI-001": ["ours", "double"]
    }
    assert len(github.requests) == 3
    assert not any("search" in target for _, target, _ in github.requests)


async def test_issues_untouched_since_the_incident_are_not_read(github: FakeGitHub) -> None:
    github.add({"title": "old", "body": "<!-- blamefree: PM-1/AI-001 -->"}, updated_at="2020-01-01T00:00:00Z")
    async with tracker(github) as connected:
        assert await connected.find(["PM-1/AI-001"], datetime.now(UTC) - timedelta(days=1)) == {}


async def test_the_state_is_read_back(github: FakeGitHub) -> None:
    github.add({"title": "a"})
    github.add({"title": "b"}, state="closed", state_reason="completed")
    github.add({"title": "c"}, state="closed", state_reason="not_planned")
    async with tracker(github) as connected:
        states = [
            (await connected.fetch_state(Ticket(url=f"https://github.com/acme/api/issues/{number}"))).state
            for number in (1, 2, 3, 4)
        ]
    assert states == ["open", "closed", "closed, not planned", "not found"]


async def test_each_failure_is_one_sentence_that_says_what_to_do(github: FakeGitHub) -> None:
    async def sentence(**settings: object) -> str:
        with pytest.raises(TrackingProblem) as caught:
            async with tracker(github, **settings) as connected:
                await connected.find(["PM-1/AI-001"], None)
        return str(caught.value)

    assert await sentence(repo="acme/other") == (
        "GitHub knows no repository acme/other, or the token from the environment variable "
        "GH_ENTERPRISE_TOKEN may not see it: check the "
        "name and the token's access."
    )
    github.violations.clear()
    github.issues_enabled = False
    assert await sentence() == "Issues are switched off in acme/api: switch them on in its settings."
    github.violations.clear()
    github.issues_enabled = True
    github.list_status = 422
    assert (await sentence()).startswith("GitHub could not process the request (422)")


async def test_a_refused_permission_and_a_used_up_limit_are_told_apart(github: FakeGitHub) -> None:
    github.faults += ["403", "limit"]
    async with tracker(github) as connected:
        planned = connected.plan(one_action())[0]
        with pytest.raises(TrackingProblem, match="it needs the permission Issues, read and write"):
            await connected.create(planned)
        with pytest.raises(TrackingProblem, match="request limit is used up: try again in 30 s"):
            await connected.create(planned)
    github.violations.clear()  # the document gives no form for these


async def test_a_wrong_token_is_named_by_its_origin_and_never_shown(github: FakeGitHub) -> None:
    environment = {**github.environment, "GH_ENTERPRISE_TOKEN": "wrong-token"}
    settings = Tracking(tracker="github", repo="acme/api", base_url=github.url)
    with pytest.raises(TrackingProblem) as caught:
        async with GitHubTracker(settings, environment) as connected:
            await connected.find([], None)
    assert (
        str(caught.value)
        == "GitHub says 401 Unauthorized: check the token in the environment variable GH_ENTERPRISE_TOKEN."
    )
    assert "wrong-token" not in repr(caught.value.__cause__)
    github.violations.clear()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"repo": ""}, "No repository is chosen: name it like owner/name."),
        ({"repo": "../etc"}, "“../etc” is not a repository: write it like owner/name."),
        ({"repo": "a/b/c"}, "“a/b/c” is not a repository: write it like owner/name."),
        ({"base_url": "http://github.acme.example/api/v3"}, "github.acme.example is asked over http"),
        ({"base_url": "ftp://x"}, "“ftp://x” is not an address"),
    ],
)
def test_settings_that_cannot_work_are_named(settings: dict, sentence: str) -> None:
    with pytest.raises(TrackingProblem, match=re.escape(sentence)):
        tracker(**settings)


def test_an_enterprise_server_has_its_own_address() -> None:
    plan = tracker(base_url="https://github.acme.example/api/v3/").plan(one_action())
    assert plan[0].url == "https://github.acme.example/api/v3/repos/acme/api/issues"


def test_trackers_are_found_by_name() -> None:
    found = open_tracker(Tracking(tracker="github", repo="acme/api"), {})
    assert (found.name, found.target) == ("github", "https://api.github.com/repos/acme/api")
    with pytest.raises(TrackingProblem, match="There is no tracker “jra”: name one of"):
        open_tracker(Tracking(tracker="jra"), {})
    with pytest.raises(TrackingProblem, match="No tracker is chosen"):
        open_tracker(Tracking(), {})


def test_the_test_token_is_not_the_one_of_a_person() -> None:
    assert TOKEN not in FakeGitHub().environment.get("GITHUB_TOKEN", "")


async def test_a_milestone_is_looked_up_by_its_name(github: FakeGitHub) -> None:
    github.plan_milestone("Q1", state="closed")
    github.plan_milestone("Q2")
    async with tracker(github, milestone="Q2") as connected:
        planned = connected.plan(one_action())[0]
        assert planned.open == ("the number of the milestone Q2",)
        made = await connected.create(await connected.prepare(planned))
    assert made.remarks == ()
    assert github.issues[0]["milestone"]["number"] == 2
    async with tracker(github, milestone="Q1") as connected:
        made = await connected.create(await connected.prepare(connected.plan(one_action())[0]))
    assert made.remarks == ("made without the milestone Q1: acme/api has no open one of that name",)


async def test_a_changed_action_gives_its_ticket_the_new_words(github: FakeGitHub) -> None:
    async with tracker(github) as connected:
        ticket = (await connected.create(connected.plan(one_action(owner="@bob"))[0])).ticket
        planned = connected.plan(one_action(ticket=ticket, text="Add two panels", done_when="both show"))[0]
        assert (planned.method, planned.url) == ("PATCH", f"{github.url}/repos/acme/api/issues/1")
        made = await connected.update(planned)
    issue = github.issues[0]
    assert issue["title"] == "AI-001: Add two panels"
    assert "both show" in issue["body"]
    assert [each["login"] for each in issue["assignees"]] == ["bob"]
    changed = one_action(ticket=made.ticket, text="Add two panels", done_when="both show")
    assert tracker().plan(changed)[0].state == "exists"


def test_a_ticket_names_the_report() -> None:
    text = tracker(report="https://wiki.acme.example/pm?id=3").plan(one_action())[0].body["body"]
    assert "Report: [PM-1](https://wiki.acme.example/pm?id=3)\n\n<!-- blamefree: PM-1/AI-001 -->" in text
    hostile = tracker(report="javascript:alert(1)").plan(one_action())[0].body["body"]
    assert "](" not in hostile
