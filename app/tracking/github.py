"""GitHub issues, on github.com and on an Enterprise server (``base_url = "https://HOST/api/v3"``).

Issues are found by listing them, never by search: the search index lags by seconds to minutes, and tickets
were doubled because of it. Without push access GitHub silently drops labels and assignees, so what came back
is compared with what was asked. Shapes and status codes are those of GitHub's published OpenAPI document.
"""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from app.http import Answer, Client, HttpProblem, Site, address_problem
from app.review.plain import one_line
from app.review.records import Action, Session, Ticket, Tracking
from app.tracking import wording
from app.tracking.github_token import PUBLIC_API, find_token
from app.tracking.interface import GONE, Made, Planned, TrackingProblem

_REPO: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_LOGIN: Final = re.compile(r"@([A-Za-z0-9](?:-?[A-Za-z0-9]){0,38})")
_ISSUE_URL: Final = re.compile(r"https?://[^/]+/([^/\s]+/[^/\s]+)/issues/(\d{1,18})")
_LABELS: Final = ("post-mortem",)
_PAGE: Final = 100


class GitHubTracker:
    """Makes one issue per action in one repository."""

    name = "github"

    def __init__(self, settings: Tracking, environment: Mapping[str, str]) -> None:
        self._repo = settings.repo.strip()
        self._base = settings.base_url.strip().rstrip("/") or f"https://{PUBLIC_API}"
        self._labels = settings.labels or _LABELS
        self._environment = environment
        self._client: Client | None = None
        if not _REPO.fullmatch(self._repo):
            raise TrackingProblem(
                f"“{one_line(settings.repo)}” is not a repository: write it like owner/name."
                if self._repo
                else "No repository is chosen: name it like owner/name."
            )
        if problem := address_problem(self._base):
            raise TrackingProblem(problem)
        parts = urlsplit(self._base)
        self._host = (parts.hostname or "").lower()
        if parts.scheme != "https" and self._host not in {"127.0.0.1", "localhost", "::1"}:
            raise TrackingProblem(f"{self._host} is asked over http, which would show the token: use https.")

    @property
    def target(self) -> str:
        """The address of the repository in the API."""
        return f"{self._base}/repos/{self._repo}"

    async def __aenter__(self) -> Self:
        token, origin = await find_token(self._host, self._environment)
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        site = Site("GitHub", self._base, bearer=token, headers=headers, login_hint=origin)
        try:
            self._client = await Client(site).__aenter__()
        except HttpProblem as problem:
            raise TrackingProblem(str(problem)) from problem
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.__aexit__(kind, error, trace)
            self._client = None

    def plan(self, session: Session) -> list[Planned]:
        """One entry per action, with the request exactly as it would be sent; nothing is sent."""
        if not session.id:
            raise TrackingProblem("The review has no id, by which its tickets are found again: give it one.")
        return [self._planned(session, action) for action in session.actions]

    def _planned(self, session: Session, action: Action) -> Planned:
        heading, text = wording.title(action), wording.body(session, action)
        digest = wording.digest(heading, text)
        if action.ticket and action.ticket.url:
            sent = action.ticket.sent
            if sent and sent != digest:
                return Planned(
                    action.id, "changed", f"the action has changed since {action.ticket.url} was made"
                )
            return Planned(action.id, "exists", action.ticket.url)
        if reason := _why_not(action):
            return Planned(action.id, "skip", reason)
        request: dict[str, Any] = {"title": heading, "body": text, "labels": list(self._labels)}
        login = _LOGIN.fullmatch(action.owner.strip())
        if login:
            request["assignees"] = [login[1]]
        return Planned(
            action.id,
            "create",
            "no ticket yet" if login or not action.owner else f"no ticket yet; “{action.owner}” is no login",
            key=wording.key(session, action),
            digest=digest,
            method="POST",
            url=f"{self.target}/issues",
            body=request,
        )

    async def find(self, keys: Collection[str], since: datetime | None) -> dict[str, list[Made]]:
        """List every issue that changed after *since* and pick those with the marker of one of *keys*."""
        found: dict[str, list[Made]] = {}
        page = 1
        while True:
            query = [("state", "all"), ("sort", "created"), ("direction", "desc"), ("per_page", str(_PAGE))]
            if since is not None:
                query.append(("since", f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"))
            answer = await self._get(f"/repos/{self._repo}/issues", [*query, ("page", str(page))])
            issues = _json(answer)
            if not isinstance(issues, list):
                raise TrackingProblem(
                    "GitHub answered the list of issues in an unknown form: check base_url."
                )
            for issue in issues:
                key = wording.marked(str(issue.get("body") or ""))
                if key in keys and "pull_request" not in issue:
                    found.setdefault(key, []).insert(0, Made(_ticket(issue), str(issue.get("title", ""))))
            if 'rel="next"' not in answer.headers.get("link", "") or not issues:
                return found
            page += 1

    async def create(self, planned: Planned) -> Made:
        """Create the issue; where GitHub refuses an assignee or a label, without it, and say so.

        A refusal (422) is a clear answer: nothing was made, so asking again with less is safe.
        """
        request = dict(planned.body)
        remarks: list[str] = []
        while True:
            try:
                answer = await self._connected().send("POST", f"/repos/{self._repo}/issues", request)
                break
            except HttpProblem as problem:
                refused = _refused(problem) & request.keys()
                if not refused:
                    raise self._explained(problem) from problem
                for name in sorted(refused):
                    values = ", ".join(map(str, request.pop(name)))
                    remarks.append(f"made without {name} {values}: {self._repo} does not know them")
        try:
            issue = answer.json()
            ticket = _ticket(issue)
        except (HttpProblem, KeyError, TypeError, AttributeError) as error:
            raise TrackingProblem(
                "GitHub's answer to the new issue cannot be read: look into the repository and run this again.",
                unclear=True,
            ) from error
        made = ticket.model_copy(update={"sent": planned.digest})
        return Made(made, str(issue.get("title", "")), (*remarks, *_missing(request, issue)))

    async def fetch_state(self, ticket: Ticket) -> Ticket:
        """*ticket* with GitHub's state: ``open``, ``closed``, ``closed, not planned`` or ``not found``."""
        match = _ISSUE_URL.fullmatch(ticket.url)
        repo, number = (match[1], match[2]) if match else (self._repo, str(ticket.number))
        now = datetime.now(UTC)
        try:
            issue = _json(await self._connected().get(f"/repos/{repo}/issues/{number}"))
        except HttpProblem as problem:
            if problem.status not in {404, 410}:
                raise self._explained(problem) from problem
            return ticket.model_copy(update={"state": GONE, "synced_at": now})
        if not isinstance(issue, dict):
            raise TrackingProblem("GitHub answered an issue in an unknown form: check base_url.")
        state = one_line(str(issue.get("state", "")))
        if state == "closed" and issue.get("state_reason") == "not_planned":
            state = "closed, not planned"
        return ticket.model_copy(update={"state": state, "synced_at": now})

    async def _get(self, path: str, query: list[tuple[str, str]]) -> Answer:
        try:
            return await self._connected().get(path, query)
        except HttpProblem as problem:
            raise self._explained(problem) from problem

    def _connected(self) -> Client:
        if self._client is None:
            raise RuntimeError("the tracker must be entered before it is used")
        return self._client

    def _explained(self, problem: HttpProblem) -> TrackingProblem:
        """The sentence for a failed call, in terms of repositories and issues."""
        limited = problem.retry_after is not None or "rate limit" in str(problem).lower()
        match problem.status:
            case 403 if not limited:
                text = (
                    f"The token from {self._origin()} may not do this in {self._repo}: it needs the permission "
                    "Issues, read and write."
                )
            case 404:
                text = (
                    f"GitHub knows no repository {self._repo}, or the token from {self._origin()} may not see it: "
                    "check the name and the token's access."
                )
            case 410:
                text = f"Issues are switched off in {self._repo}: switch them on in its settings."
            case _:
                text = str(problem)
        return TrackingProblem(text, unclear=problem.unclear, stops=problem.status != 422)

    def _origin(self) -> str:
        return self._client.site.login_hint if self._client else ""


def _why_not(action: Action) -> str:
    """Why an action gets no ticket; empty where it gets one."""
    if not action.id:
        return "it has no id"
    if not action.text.strip():
        return "it does not say what to do"
    return {"declined": "decided against", "done": "already done"}.get(action.status, "")


def _json(answer: Answer) -> Any:
    try:
        return answer.json()
    except HttpProblem as problem:
        raise TrackingProblem(str(problem)) from problem


def _ticket(issue: Mapping[str, Any]) -> Ticket:
    return Ticket(
        tracker="github",
        url=str(issue["html_url"]),
        number=int(issue["number"]),
        state=str(issue["state"]),
        synced_at=datetime.now(UTC),
    )


def _refused(problem: HttpProblem) -> set[str]:
    """Which of labels and assignees a 422 is about; empty when it is about anything else as well."""
    if problem.status != 422 or problem.answer is None:
        return set()
    try:
        errors = problem.answer.json()["errors"]
        fields = {str(error["field"]) for error in errors}
    except (HttpProblem, KeyError, TypeError):
        return set()
    names = {"assignee": "assignees", "label": "labels"}
    named = {names.get(each, each) for each in fields}
    return named if named <= {"assignees", "labels"} else set()


def _missing(asked: Mapping[str, Any], issue: Mapping[str, Any]) -> list[str]:
    """What the new issue lacks of what was asked, one remark each."""
    labels = {
        str(each.get("name") if isinstance(each, dict) else each).lower() for each in issue.get("labels", [])
    }
    logins = {str(each.get("login", "")).lower() for each in issue.get("assignees") or []}
    remarks = [
        f"GitHub left out the label {one_line(str(each))}: the token needs write access to set it"
        for each in asked.get("labels", [])
        if str(each).lower() not in labels
    ]
    remarks += [
        f"GitHub did not assign {each}: the token needs write access, and {each} access to the repository"
        for each in asked.get("assignees", [])
        if str(each).lower() not in logins
    ]
    if issue.get("title") != asked.get("title"):
        remarks.append("GitHub shows another title than was sent")
    return remarks
