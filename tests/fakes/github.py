"""A stateful GitHub on a loopback socket, held to GitHub's own published OpenAPI document.

Every request is validated against that document with openapi-core before it is served, and so is every
answer of the fake itself; what does not fit lands in :attr:`FakeGitHub.violations`. Faults are given per
request that creates: ``faults.append("drop")`` is for the next one.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

DOCUMENT = Path(__file__).with_name("github-openapi.json")
PUBLIC = "https://api.github.com"
NOW = "2025-02-10T12:00:00Z"
"""The time on this server: always the same, so that what was validated once need not be again."""
TOKEN = "a-token-for-tests"
_USER_URLS = (
    "avatar_url", "events_url", "followers_url", "following_url", "gists_url", "html_url", "organizations_url",
    "received_events_url", "repos_url", "starred_url", "subscriptions_url", "url",
)  # fmt: skip
_REASONS = {200: "OK", 201: "Created"}


@cache
def contract() -> OpenAPI:
    """GitHub's document, cut to the calls in use."""
    document = json.loads(DOCUMENT.read_text("utf-8")) | {"servers": [{"url": PUBLIC}]}
    return OpenAPI.from_dict(document)


class FakeGitHub:
    """One repository, ``acme/api``, with as much of GitHub's behaviour as matters for making tickets."""

    def __init__(self) -> None:
        self.issues: list[dict[str, Any]] = []
        self.milestones: list[dict[str, Any]] = []
        self.members = {"alice", "bob", "charlie", "dan"}
        self.unknown_labels: set[str] = set()
        self.push_access = True
        self.issues_enabled = True
        self.page_limit = 100
        self.faults: list[str] = []
        """For the next requests that create: ``drop`` and ``500`` make the issue and then answer nothing or
        500; ``drop-before`` and ``500-before`` do not make it; ``hidden`` makes it, answers nothing, and keeps
        it out of the list for :attr:`hidden_for` readings; ``not-json`` makes it and answers a page;
        ``limit`` says 403 with an empty rate limit and when to come again, ``reset`` with the moment when it is full
        again, ``secondary`` 403 for asking too often, with no header, ``429`` the same as newer answers
        have it; ``403`` refuses; ``422`` refuses the title."""
        self.hidden_for = 2
        self.lag: float = 100
        """Seconds by :attr:`now` that a hidden issue is missing from the list."""
        self.strict = True
        """Whether requests and answers are held to the document: it takes a while."""
        self.list_status = 0
        self.violations: list[str] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.now: Callable[[], datetime] | None = None
        """The clock of the test: with one, what is hidden shows after :attr:`lag` instead."""
        self._hidden: Counter[int] = Counter()
        self._until: dict[int, datetime] = {}
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def environment(self) -> dict[str, str]:
        """What a person would have set to reach this server."""
        return {"GH_HOST": "127.0.0.1", "GH_ENTERPRISE_TOKEN": TOKEN, "PATH": ""}

    def posts(self) -> int:
        return sum(method == "POST" for method, _, _ in self.requests)

    def add(self, body: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Put an issue into the repository, as a request that creates it would."""
        number = len(self.issues) + 1
        labels = body.get("labels", []) if self.push_access else []
        logins = body.get("assignees", []) if self.push_access else []
        home = f"{PUBLIC}/repos/acme/api/issues/{number}"
        issue = {
            "id": number, "node_id": f"I_{number}", "number": number, "title": body["title"],
            "body": body.get("body"), "state": "open", "locked": False, "comments": 0,
            "milestone": next((each for each in self.milestones if each["number"] == body.get("milestone")), None),
            "url": home, "repository_url": f"{PUBLIC}/repos/acme/api", "labels_url": f"{home}/labels{{/name}}",
            "comments_url": f"{home}/comments", "events_url": f"{home}/events",
            "html_url": f"https://github.com/acme/api/issues/{number}", "user": _user("carol"),
            "labels": [{"id": 1, "name": each, "color": "ededed", "default": False} for each in labels],
            "assignee": _user(logins[0]) if logins else None, "assignees": [_user(each) for each in logins],
            "author_association": "MEMBER", "created_at": NOW, "updated_at": NOW, "closed_at": None,
            "state_reason": None, **more,
        }  # fmt: skip
        self.issues.append(issue)
        return issue

    def plan_milestone(self, title: str, state: str = "open") -> None:
        number = len(self.milestones) + 1
        home = f"{PUBLIC}/repos/acme/api/milestones/{number}"
        self.milestones.append({
            "id": number, "node_id": f"M_{number}", "number": number, "title": title, "state": state,
            "description": None, "creator": _user("carol"), "open_issues": 0, "closed_issues": 0, "created_at": NOW,
            "updated_at": NOW, "closed_at": None, "due_on": None, "url": home, "html_url": home,
            "labels_url": f"{home}/labels",
        })  # fmt: skip

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *lines = head.split("\r\n")
            method, target, _ = line.split(" ")
            headers = {
                name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)
            }
            raw = await reader.readexactly(int(headers.get("content-length", 0)))
            answer = self._answer(method, target, headers, raw)
            if answer is not None:
                status, content, more = answer
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                if self.strict:
                    self._check_answer(method, target, status, data, content)
                fields = {
                    "Content-Type": "application/json",
                    "Content-Length": len(data),
                    "Connection": "close",
                }
                reason = _REASONS.get(status, "Refused")
                top = "".join(f"{name}: {value}\r\n" for name, value in (fields | more).items())
                writer.write(f"HTTP/1.1 {status} {reason}\r\n{top}\r\n".encode() + data)
                await writer.drain()
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    def _answer(
        self, method: str, target: str, headers: dict[str, str], raw: bytes
    ) -> tuple[int, Any, dict[str, str]] | None:
        """Status, content and further headers; None drops the connection."""
        body = json.loads(raw) if raw else None
        self.requests.append((method, target, body))
        if self.strict:
            self._check_request(method, target, headers, raw)
        path, query = urlsplit(target).path, dict(parse_qsl(urlsplit(target).query))
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}, {}
        if path == "/repos/acme/api/milestones":
            return 200, [each for each in self.milestones if each["state"] == query.get("state", "open")], {}
        if not path.startswith("/repos/acme/api/issues"):
            return 404, {"message": "Not Found"}, {}
        if not self.issues_enabled:
            return 410, {"message": "Issues are disabled for this repo"}, {}
        if method == "POST":
            return self._create(body)
        if path == "/repos/acme/api/issues":
            return self._list(path, query)
        number = int(path.rpartition("/")[2])
        if number > len(self.issues):
            return 404, {"message": "Not Found"}, {}
        if method == "PATCH":
            self.issues[number - 1] |= body
        return 200, self.issues[number - 1], {}

    def _create(self, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]] | None:
        fault = self.faults.pop(0) if self.faults else ""
        match fault:
            case "drop-before":
                return None
            case "500-before":
                return 500, {"message": "Server Error"}, {}
            case "403":
                return 403, {"message": "Resource not accessible by personal access token"}, {}
            case "limit":
                return (
                    403,
                    {"message": "API rate limit exceeded"},
                    {"X-RateLimit-Remaining": "0", "Retry-After": "30"},
                )
            case "reset":
                full = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 90)}
                return 403, {"message": "API rate limit exceeded"}, full
            case "secondary":
                return 403, {"message": "You have exceeded a secondary rate limit."}, {}
            case "429":
                return 429, {"message": "You have exceeded a secondary rate limit."}, {"Retry-After": "20"}
            case "422":
                return 422, _invalid("title", body["title"]), {}
        if self.push_access:
            for login in body.get("assignees", []):
                if login not in self.members:
                    return 422, _invalid("assignees", login), {}
            for label in body.get("labels", []):
                if label in self.unknown_labels:
                    return 422, _invalid("labels", label), {}
        issue = self.add(body)
        match fault:
            case "drop":
                return None
            case "hidden":
                self._hidden[issue["number"]] = self.hidden_for
                if self.now is not None:
                    self._until[issue["number"]] = self.now() + timedelta(seconds=self.lag)
                return None
            case "500":
                return 500, {"message": "Server Error"}, {}
            case "not-json":
                return 201, b"<html>a proxy</html>", {}
        return 201, issue, {}

    def _list(self, path: str, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        if self.list_status:
            return self.list_status, _invalid("since", "x"), {}
        since = query.get("since", "")
        shown = [
            each
            for each in reversed(self.issues)
            if each["updated_at"] >= since and query.get("state") in {"all", each["state"]}
        ]
        if query.get("page") == "1" and self.now is None:
            shown = [each for each in shown if self._hidden[each["number"]] <= 0]
            self._hidden.subtract(self._hidden.keys())
        if self.now is not None:
            moment = self.now()
            shown = [each for each in shown if self._until.get(each["number"], moment) <= moment]
        size = min(int(query.get("per_page", 30)), self.page_limit)
        page = int(query.get("page", 1))
        more = page * size < len(shown)
        following = urlencode(query | {"page": str(page + 1)})
        link = {"Link": f'<{self.url}{path}?{following}>; rel="next"'} if more else {}
        return 200, shown[(page - 1) * size : page * size], link

    def _check_request(self, method: str, target: str, headers: dict[str, str], raw: bytes) -> None:
        if headers.get("accept") != "application/vnd.github+json":
            self.violations.append(f"{method} {target}: Accept is {headers.get('accept')}")
        self.violations += _amiss(method, target, raw)

    def _check_answer(self, method: str, target: str, status: int, data: bytes, content: Any) -> None:
        if isinstance(content, bytes) or status in {401, 500} or "acme/api" not in target:
            return
        self.violations += [f"the fake itself: {each}" for each in _amiss(method, target, b"", status, data)]


@cache
def _amiss(method: str, target: str, raw: bytes, status: int = 0, data: bytes = b"") -> tuple[str, ...]:
    """What GitHub's document does not allow about a request, or about the answer to it when there is one."""
    request = _request(method, target, raw)
    if status:
        answer = MockResponse(data, status_code=status, content_type="application/json")
        errors = contract().unmarshal_response(request, answer).errors
    else:
        errors = contract().unmarshal_request(request).errors
    return tuple(_spelled(method, target, error) for error in errors)


def _request(method: str, target: str, raw: bytes) -> MockRequest:
    parts = urlsplit(target)
    return MockRequest(
        PUBLIC,
        method.lower(),
        parts.path,
        args=dict(parse_qsl(parts.query)),
        data=raw or None,
        content_type="application/json",
    )


def _spelled(method: str, target: str, error: Exception) -> str:
    details = getattr(error.__cause__, "schema_errors", None) or []
    return f"{method} {target}: {error} {[each.message for each in details]}"


def _invalid(field: str, value: str) -> dict[str, Any]:
    error = {"resource": "Issue", "field": field, "code": "invalid", "value": value}
    return {
        "message": "Validation Failed",
        "errors": [error],
        "documentation_url": "https://docs.github.com/rest",
    }


def _user(login: str) -> dict[str, Any]:
    urls = dict.fromkeys(_USER_URLS, f"{PUBLIC}/users/{login}")
    return urls | {
        "login": login, "id": 1, "node_id": "U_1", "gravatar_id": "", "type": "User", "site_admin": False,
    }  # fmt: skip
