"""A Jira with one project, ``OPS``: Cloud and Server; ``jira-openapi.json`` says what it is held to.

JQL reads an index that lags: a ticket may be missing there for some readings. Issues by key do not.
"""

import json
import re
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from jsonschema import Draft4Validator

from tests.fakes.ticket_server import Reply, TicketServer

DOCUMENT = Path(__file__).with_name("jira-openapi.json")
TOKEN = "jira-token-for-tests"
PEOPLE = {
    "bob": "5b10a2844c20165700ede21g",
    "alice": "5b10a2844c20165700ede22a",
    "charlie": "5b109f2e9729b51b54dc274d",
}


@cache
def documents() -> Draft4Validator:
    """What a description of the Cloud may be."""
    return Draft4Validator(json.loads(Path(__file__).with_name("adf-schema.json").read_text("utf-8")))


class FakeJira(TicketServer):
    """Jira Cloud; *server* makes it Jira Server."""

    contract: ClassVar[dict[str, Any]] = json.loads(DOCUMENT.read_text("utf-8"))

    def __init__(self, *, server: bool = False, first: int = 40) -> None:
        super().__init__()
        self.server = server
        self.api = "/rest/api/2" if server else "/rest/api/3"
        self.issues: list[dict[str, Any]] = []
        self.first = first
        """The number of the first issue that is made here."""
        self.refuses: dict[str, str] = {}
        """Fields that are not on the screen, and what is said of them."""
        self.versions = [{"id": "1", "name": "Q2", "released": False}]
        self.page_limit = 100

    @property
    def environment(self) -> dict[str, str]:
        return {"JIRA_URL": self.url, "JIRA_TOKEN": TOKEN, "JIRA_EMAIL": "carol@acme.example"}

    def allowed(self, headers: dict[str, str]) -> bool:
        basic = b64encode(f"carol@acme.example:{TOKEN}".encode()).decode()
        return headers.get("authorization") == (f"Bearer {TOKEN}" if self.server else f"Basic {basic}")

    def creates(self, method: str, path: str, body: Any) -> bool:
        return method == "POST" and path.endswith("/issue")

    def refusal(self) -> Any:
        return {"errorMessages": ["You are not authenticated."], "errors": {}}

    def everything(self) -> list[dict[str, Any]]:
        return self.issues

    def add(self, body: dict[str, Any]) -> dict[str, Any]:
        number = self.first + len(self.issues)
        fields = body["fields"] | {
            "status": {"name": "To Do", "statusCategory": {"key": "new", "name": "To Do"}}
        }
        if asked := body["fields"].get("assignee"):
            name = asked.get("name") or next(n for n, account in PEOPLE.items() if account == asked.get("id"))
            fields["assignee"] = self._user(name)
        issue = {"id": str(10_000 + number), "key": f"OPS-{number}", "fields": fields}
        issue["self"] = f"{self.url}{self.api}/issue/{issue['id']}"
        self.issues.append(issue)
        return issue

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply:
        path = path.removeprefix(self.api)
        if method in ("POST", "PUT"):
            self._check_description(body["fields"])
        if (method, path) == ("POST", "/issue"):
            refused = {name: why for name, why in self.refuses.items() if name in body["fields"]}
            if refused:
                return 400, {"errorMessages": [], "errors": refused}, {}
            issue = self.add(body)
            return 201, {name: issue[name] for name in ("id", "key", "self")}, {}
        if path == ("/search" if self.server else "/search/jql"):
            return self._search(query)
        if path == "/user/assignable/search":
            wanted = query.get("username" if self.server else "query", "").lower()
            return 200, [self._user(name) for name in PEOPLE if name.startswith(wanted.partition("@")[0])], {}
        if path == "/project/OPS/versions":
            return 200, self.versions, {}
        issue = next((each for each in self.issues if path == f"/issue/{each['key']}"), None)
        if issue is None:
            return (
                404,
                {
                    "errorMessages": ["Issue does not exist or you do not have permission to see it."],
                    "errors": {},
                },
                {},
            )
        if method == "PUT":
            issue["fields"] |= body["fields"]
            return 204, None, {}
        return 200, issue, {}

    def _user(self, name: str) -> dict[str, Any]:
        more = (
            {"name": name, "key": name}
            if self.server
            else {"accountId": PEOPLE[name], "accountType": "atlassian"}
        )
        return {
            "displayName": f"{name.title()} Example",
            "active": True,
            "emailAddress": f"{name}@acme.example",
            **more,
        }

    def _check_description(self, fields: dict[str, Any]) -> None:
        if self.server:
            if not isinstance(fields["description"], str):
                self.violations.append("version 2 takes wiki markup")
            return
        for error in documents().iter_errors(fields["description"]):
            self.violations.append(f"the description: {error.message[:200]}")

    def _search(self, query: dict[str, str]) -> Reply:
        jql = query["jql"]
        token = query.get("startAt" if self.server else "nextPageToken", "0")
        if token == "0":
            labels = set(re.findall(r'"(blamefree-[0-9a-f]{16})"', jql))
            if jql.startswith('project = "OPS" AND labels in (') and labels:
                wanted = [each for each in self.issues if labels & set(each["fields"]["labels"])]
            elif jql == 'project = "OPS" ORDER BY key DESC':
                wanted = self.issues[::-1]
            else:
                return 400, {"errorMessages": [f"Error in the JQL Query: {jql}"], "errors": {}}, {}
            self._shown = self.visible(wanted)
        start, size = int(token), min(int(query.get("maxResults", 50)), self.page_limit)
        page = self._shown[start : start + size]
        if self.server:
            return 200, {"issues": page, "startAt": start, "maxResults": size, "total": len(self._shown)}, {}
        last = start + size >= len(self._shown)
        return (
            200,
            {"issues": page, "isLast": last} | ({} if last else {"nextPageToken": str(start + size)}),
            {},
        )
