"""The fakes of trackers are held to what the vendors publish: what that does not have is a violation.

The descriptions in the documents (tests/fakes/*-openapi.json) say where each comes from, and what remains from memory.
"""

import base64
from typing import Any

import httpx
import pytest

from tests.fakes import gitea, gitlab_issues, jira
from tests.fakes.ticket_server import Reply

BASIC = "Basic " + base64.b64encode(f"carol@acme.example:{jira.TOKEN}".encode()).decode()
LOGINS = {
    "gitlab": (
        gitlab_issues.FakeGitLabIssues, "/api/v4/projects/acme%2Fapi/issues",
        {"private-token": gitlab_issues.TOKEN},
    ),
    "gitea": (gitea.FakeGitea, "/api/v1/repos/acme/api/issues", {"authorization": f"token {gitea.TOKEN}"}),
    "jira": (jira.FakeJira, "/rest/api/3/issue/OPS-1", {"authorization": BASIC}),
    "jira-server": (
        lambda: jira.FakeJira(server=True), "/rest/api/2/issue/OPS-1", {"authorization": f"Bearer {jira.TOKEN}"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", LOGINS)
async def test_a_parameter_that_is_not_documented_is_a_violation(kind: str) -> None:
    fake, path, login = LOGINS[kind]
    async with fake() as server, httpx.AsyncClient(base_url=server.url, headers=login) as client:
        await client.get(path)
        assert server.violations == []
        await client.get(path, params={"since_when": "1"})
    assert any("since_when is no parameter of it" in each for each in server.violations)


@pytest.mark.parametrize("kind", LOGINS)
@pytest.mark.parametrize("reply", [(418, {"message": "no"}, {}), (200, [{"iid": 1, "made_up": True}], {})])
async def test_an_answer_that_is_not_documented_is_a_violation_of_the_fake_itself(
    kind: str, reply: Reply
) -> None:
    fake, path, login = LOGINS[kind]
    if kind.startswith("jira") and reply[0] == 200:
        reply = (200, {"key": "OPS-1", "made_up": True}, {})

    def answer(*_: Any) -> Reply:
        return reply

    async with fake() as server, httpx.AsyncClient(base_url=server.url, headers=login) as client:
        server.answer = answer  # type: ignore[method-assign]
        await client.get(path)
    assert any(each.startswith("the fake itself, ") for each in server.violations), server.violations
