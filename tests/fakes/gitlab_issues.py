"""Issues of one project, ``acme/api``, as GitLab keeps them; ``gitlab-issues-openapi.json`` says what it is held to."""

import json
import re
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote, urlencode

from tests.fakes.ticket_server import NOW, Reply, TicketServer

DOCUMENT = Path(__file__).with_name("gitlab-issues-openapi.json")
TOKEN = "glpat-for-tests"
WEB = "https://gitlab.acme.example/acme/api"


class FakeGitLabIssues(TicketServer):
    """Labels are made on the way; who is no member is dropped in silence."""

    prefix = "/api/v4"
    contract: ClassVar[dict[str, Any]] = json.loads(DOCUMENT.read_text("utf-8"))

    def __init__(self) -> None:
        super().__init__()
        self.issues: list[dict[str, Any]] = []
        self.users = {"bob": 11, "alice": 12, "charlie": 13, "dan": 14, "eve": 15}
        self.strangers = {"eve"}
        self.milestones = [{"id": 5, "iid": 1, "project_id": 1, "title": "Q2", "state": "active"}]
        self.page_limit = 100

    @property
    def environment(self) -> dict[str, str]:
        return {"GITLAB_HOST": self.url, "GITLAB_TOKEN": TOKEN}

    def allowed(self, headers: dict[str, str]) -> bool:
        return headers.get("private-token") == TOKEN

    def everything(self) -> list[dict[str, Any]]:
        return self.issues

    def limit(self) -> Reply:
        return (
            429,
            {"message": {"error": "Too many requests"}},
            {"Retry-After": "30", "RateLimit-Remaining": "0"},
        )

    def add(self, body: dict[str, Any], **more: Any) -> dict[str, Any]:
        number = len(self.issues) + 1
        names = {number: name for name, number in self.users.items() if name not in self.strangers}
        people = [_user(names[each], each) for each in body.get("assignee_ids", []) if each in names]
        issue = {
            "id": 1000 + number, "iid": number, "project_id": 1, "title": body["title"], "state": "opened",
            "description": body.get("description"), "created_at": NOW, "updated_at": NOW, "closed_at": None,
            "labels": [each for each in body.get("labels", "").split(",") if each], "assignees": people,
            "assignee": people[0] if people else None, "author": _user("carol", 1), "due_date": body.get("due_date"),
            "milestone": next((each for each in self.milestones if each["id"] == body.get("milestone_id")), None),
            "web_url": f"{WEB}/-/issues/{number}", "confidential": False,
            "type": "ISSUE", "issue_type": "issue", "moved_to_id": None, "imported": False, "imported_from": "none",
            "user_notes_count": 0, "upvotes": 0, "downvotes": 0, "merge_requests_count": 0, "has_tasks": False,
            "blocking_issues_count": 0, "severity": "UNKNOWN", "service_desk_reply_to": None, "discussion_locked": None,
            "task_completion_status": {"count": 0, "completed_count": 0}, "time_stats": {"time_estimate": 0},
            "references": {"short": f"#{number}", "full": f"acme/api#{number}"}, "start_date": None, **more,
        }  # fmt: skip
        self.issues.append(issue)
        return issue

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply:
        path = unquote(path)
        home = "/projects/acme/api"
        if path == "/users":
            name = query.get("username", "").lower()
            return 200, [_user(name, self.users[name])] if name in self.users else [], {}
        if path == f"{home}/milestones":
            return 200, [each for each in self.milestones if each["title"] == query.get("title")], {}
        if (method, path) == ("POST", f"{home}/issues"):
            return 201, self.add(body), {}
        if (method, path) == ("GET", f"{home}/issues"):
            if query.get("page", "1") == "1":
                after = query.get("updated_after", "")
                self._shown = self.visible(
                    [each for each in reversed(self.issues) if each["updated_at"] >= after]
                )
            size, page = min(int(query.get("per_page", 20)), self.page_limit), int(query.get("page", 1))
            following = urlencode(query | {"page": str(page + 1)})
            link = f'<{self.url}{self.prefix}/projects/acme%2Fapi/issues?{following}>; rel="next"'
            more = {"Link": link} if page * size < len(self._shown) else {}
            return 200, self._shown[(page - 1) * size : page * size], more
        match = re.fullmatch(rf"{home}/issues/(\d+)", path)
        if not match or int(match[1]) > len(self.issues):
            return 404, {"message": "404 Project Not Found"}, {}
        issue = self.issues[int(match[1]) - 1]
        if method == "PUT":
            issue |= body
        return 200, issue, {}


def _user(name: str, number: int) -> dict[str, Any]:
    return {
        "id": number, "name": name.title(), "username": name, "state": "active", "avatar_url": None,
        "web_url": f"https://gitlab.acme.example/{name}",
    }  # fmt: skip
