"""A Gitea with one repository, ``acme/api``; held to Gitea's published document (see cut_types.py)."""

import json
from pathlib import Path
from typing import Any, ClassVar

from tests.fakes.ticket_server import NOW, Reply, TicketServer

DOCUMENT = Path(__file__).with_name("gitea-openapi.json")
TOKEN = "gitea-token-for-tests"


class FakeGitea(TicketServer):
    """Labels and milestones go by number; without write access both, the date and the assignees are dropped."""

    prefix = "/api/v1"
    contract: ClassVar[dict[str, Any]] = json.loads(DOCUMENT.read_text("utf-8"))

    def __init__(self) -> None:
        super().__init__()
        self.issues: list[dict[str, Any]] = []
        self.labels = [{"id": 7, "name": "post-mortem", "color": "ededed"}]
        self.shared: list[dict[str, Any]] | None = [{"id": 70, "name": "priority/high", "color": "ff0000"}]
        """Labels of the organisation; None where the owner is a person."""
        self.people = ["bob", "alice", "charlie", "dan"]
        self.milestones = [{"id": 3, "title": "Q2", "state": "open"}]
        self.page_limit = 50
        self.write_access = True

    @property
    def environment(self) -> dict[str, str]:
        return {"GITEA_TOKEN": TOKEN, "GITEA_URL": self.url}

    def allowed(self, headers: dict[str, str]) -> bool:
        return headers.get("authorization") == f"token {TOKEN}"

    def everything(self) -> list[dict[str, Any]]:
        return self.issues

    def add(self, body: dict[str, Any], **more: Any) -> dict[str, Any]:
        number = len(self.issues) + 1
        known = {each["id"]: each for each in (*self.labels, *(self.shared or ()))}
        logins = body.get("assignees", []) if self.write_access else []
        issue = {
            "id": number * 10, "number": number, "title": body["title"], "body": body.get("body", ""),
            "state": "open", "created_at": NOW, "updated_at": NOW, "closed_at": None, "comments": 0,
            "html_url": f"https://gitea.acme.example/acme/api/issues/{number}", "pull_request": None,
            "labels": [known[each] for each in body.get("labels", []) if self.write_access],
            "assignee": _user(logins[0]) if logins else None, "assignees": [_user(each) for each in logins] or None,
            "milestone": next((each for each in self.milestones if each["id"] == body.get("milestone")), None),
            "due_date": _end(body.get("due_date")) if self.write_access else None, "user": _user("carol"), **more,
        }  # fmt: skip
        self.issues.append(issue)
        return issue

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply:
        home = "/repos/acme/api"
        match method, path:
            case "POST", "/repos/acme/api/issues":
                unknown = [each for each in body.get("assignees", []) if each not in self.people]
                if unknown:
                    return 422, {"message": f"Assignee does not exist: [name: {unknown[0]}]"}, {}
                return 201, self.add(body), {}
            case "GET", "/repos/acme/api/issues":
                since = query.get("since", "")
                newest = [each for each in reversed(self.issues) if each["updated_at"] >= since]
                if query.get("page", "1") == "1":
                    self._shown = self.visible(newest)
                return 200, self._page(self._shown, query), {}
            case "GET", "/repos/acme/api/labels":
                return 200, self._page(self.labels, query), {}
            case "GET", "/orgs/acme/labels":
                if self.shared is None:
                    return 404, {"message": "org does not exist"}, {}
                return 200, self._page(self.shared, query), {}
            case "GET", "/repos/acme/api/assignees":
                return 200, [_user(each) for each in self.people], {}
            case "GET", "/repos/acme/api/milestones":
                return 200, [each for each in self.milestones if each["title"] == query.get("name")], {}
        number = path.removeprefix(f"{home}/issues/")
        if not number.isdigit() or int(number) > len(self.issues):
            return 404, {"message": "The target couldn't be found."}, {}
        issue = self.issues[int(number) - 1]
        if method == "PATCH":
            issue |= body | ({"due_date": _end(body["due_date"])} if "due_date" in body else {})
            return 201, issue, {}
        return 200, issue, {}

    def _page(self, records: list[dict[str, Any]], query: dict[str, str]) -> list[dict[str, Any]]:
        size = min(int(query.get("limit", 30)), self.page_limit)
        page = int(query.get("page", 1))
        return records[(page - 1) * size : page * size]


def _end(moment: str | None) -> str | None:
    """A due date as Gitea keeps it: the end of that day, whatever the hour was."""
    return f"{moment[:10]}T23:59:59Z" if moment else None


def _user(login: str) -> dict[str, Any]:
    return {
        "id": sum(login.encode()),
        "login": login,
        "full_name": login.title(),
        "email": f"{login}@acme.example",
    }
