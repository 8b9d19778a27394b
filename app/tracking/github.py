"""GitHub issues, on github.com and on an Enterprise server (``base_url = "https://HOST/api/v3"``).

Issues are found by listing them, never by search: the search index lags by seconds to minutes, and tickets were
doubled because of it. Nor does GitHub promise that the list shows at once what was made (it was seen eight
minutes late), so people are asked where it does not show a request that was cut off. Without push access GitHub
silently drops labels and assignees, so what came back is compared with what was asked. Shapes and status codes
are those of GitHub's published OpenAPI document.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from app.http import HttpProblem, Site
from app.review.plain import one_line
from app.review.records import Ticket, Tracking
from app.secrets import Found
from app.tracking.github_token import PUBLIC_API, find_token
from app.tracking.interface import Draft, Made, Planned, Team, TrackingProblem
from app.tracking.planner import NOBODY
from app.tracking.remote import Remote, later, stamp

_REPO: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_LOGIN: Final = re.compile(r"@([A-Za-z0-9](?:-?[A-Za-z0-9]){0,38})")
_ISSUE_URL: Final = re.compile(r"https?://[^/]+/([^/\s]+/[^/\s]+)/issues/(\d{1,18})")
_PAGE: Final = 100
_A_MINUTE: Final = 60.0


class GitHubTracker(Remote):
    """Makes one issue per action in one repository."""

    name = "github"
    asks = ("Repository", "OWNER/NAME")
    server = "only for GitHub Enterprise: https://HOST/api/v3"
    title = "GitHub"
    public = f"https://{PUBLIC_API}"
    example = "name it like owner/name"
    priority_labels = True

    def __init__(self, settings: Tracking, environment: Mapping[str, str], team: Team = NOBODY) -> None:
        repo = settings.repo.strip()
        if not _REPO.fullmatch(repo):
            raise TrackingProblem(
                f"“{one_line(settings.repo)}” is not a repository: write it like owner/name."
                if repo
                else "No repository is chosen: name it like owner/name."
            )
        super().__init__(settings, environment, team)

    @property
    def target(self) -> str:
        """The address of the repository in the API."""
        return f"{self.base}/repos/{self.repo}"

    async def token(self) -> Found:
        """By GitHub's own rules: the environment, the keyring, ``gh auth token``."""
        environment = dict(self.environment)
        if self.host in self.team.own:
            environment["GH_HOST"] = self.host
        return Found(*await find_token(self.host, environment, self.team.option("token")))

    def site(self, token: Found) -> Site:
        """The API, in the version that this module was written for."""
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        return Site("GitHub", self.base, bearer=token.secret, headers=headers, login_hint=token.origin)

    def accounts(self, owner: str) -> str:
        """The account that the settings give, else the handle itself where it can be a login."""
        login = _LOGIN.fullmatch(f"@{super().accounts(owner).removeprefix('@')}")
        return login[1] if login else ""

    def stranger(self, owner: str) -> str:
        """Why nobody is assigned."""
        return f"“{owner}” is no login"

    def request(self, draft: Draft) -> Planned:
        """The issue; a milestone is named by its number, which is looked up before anything is sent."""
        body: dict[str, Any] = {"title": draft.title, "body": draft.body, "labels": list(draft.labels)}
        if draft.account:
            body["assignees"] = [draft.account]
        opened: tuple[str, ...] = ()
        if draft.milestone:
            opened = (f"the number of the milestone {draft.milestone}",)
            body["milestone"] = later(opened[0])
        return Planned("", "create", "", method="POST", url=f"{self.target}/issues", body=body, open=opened)

    def change(self, draft: Draft, ticket: Ticket) -> Planned:
        """New words; labels, people and the milestone stay as they are there by now."""
        url = f"{self.base}{self.place(ticket)}"
        body = {"title": draft.title, "body": draft.body}
        return Planned("", "changed", "", method="PATCH", url=url, body=body)

    async def looked_up(self, planned: Planned) -> Planned:
        """Look up the milestone's number."""
        if planned.draft is None or not planned.open:
            return planned
        wanted = planned.draft.milestone
        query = [("state", "open"), ("per_page", str(_PAGE))]
        path = f"/repos/{self.repo}/milestones"
        known = await self.once("milestones", lambda: self.records(path, query))
        number = next((each.get("number") for each in known if each.get("title") == wanted), None)
        body = dict(planned.body)
        if number is None:
            del body["milestone"]
            remark = f"made without the milestone {wanted}: {self.repo} has no open one of that name"
            return replace(planned, body=body, open=(), remarks=(*planned.remarks, remark))
        return replace(planned, body=body | {"milestone": number}, open=())

    async def find(self, keys: Collection[str], since: datetime | None) -> dict[str, list[Made]]:
        """List every issue that changed after *since* and pick those with the marker of one of *keys*."""
        query = [("state", "all"), ("sort", "created"), ("direction", "desc"), ("per_page", str(_PAGE))]
        if since is not None:
            query.append(("since", stamp(since)))
        issues = await self.records(f"/repos/{self.repo}/issues", [*query, ("page", "1")])
        return self.picked([each for each in issues if "pull_request" not in each], keys, "body")

    async def create(self, planned: Planned) -> Made:
        """Create the issue; where GitHub refuses an assignee or a label, without it, and say so.

        A refusal (422) is a clear answer: nothing was made, so asking again with less is safe.
        """
        request = dict(planned.body)
        remarks: list[str] = []
        while True:
            try:
                issue = await self.send("POST", f"/repos/{self.repo}/issues", request)
                break
            except TrackingProblem as problem:
                refused = _refused(problem.__cause__) & request.keys()
                if not refused:
                    raise
                for name in sorted(refused):
                    values = ", ".join(map(str, request.pop(name)))
                    remarks.append(f"made without {name} {values}: {self.repo} does not know them")
        made = self.answered(planned, issue, "title", remarks)
        return replace(made, remarks=(*made.remarks, *_missing(request, issue)))

    async def update(self, planned: Planned) -> Made:
        """Give an issue the action's new words."""
        if planned.ticket is None:
            raise RuntimeError("only a planned change can be sent")
        path = self.place(planned.ticket)
        return self.answered(planned, await self.send("PATCH", path, dict(planned.body)), "title")

    async def fetch_state(self, ticket: Ticket) -> Ticket:
        """*ticket* with GitHub's state: ``open``, ``closed``, ``closed, not planned`` or ``not found``."""
        return await self.state_of(ticket, self.place(ticket))

    def place(self, ticket: Ticket) -> str:
        """The path of an issue in the API."""
        match = _ISSUE_URL.fullmatch(ticket.url)
        repo, number = (match[1], match[2]) if match else (self.repo, str(ticket.number))
        return f"/repos/{repo}/issues/{number}"

    def ticket(self, record: Mapping[str, Any]) -> Ticket:
        """An issue as a ticket."""
        state = one_line(str(record["state"]))
        if state == "closed" and record.get("state_reason") == "not_planned":
            state = "closed, not planned"
        return Ticket(
            tracker="github",
            url=str(record["html_url"]),
            number=int(record["number"]),
            state=state,
            synced_at=datetime.now(UTC),
        )

    def explained(self, problem: HttpProblem) -> TrackingProblem:
        """The sentence for a failed call, in terms of repositories and issues."""
        limited = problem.retry_after is not None or "rate limit" in str(problem).lower()
        origin = self.client.site.login_hint
        match problem.status:
            case 403 if not limited:
                text = (
                    f"The token from {origin} may not do this in {self.repo}: it needs the permission "
                    "Issues, read and write."
                )
            case 404:
                text = (
                    f"GitHub knows no repository {self.repo}, or the token from {origin} may not see it: "
                    "check the name and the token's access."
                )
            case 403 | 429 if problem.retry_after is None:
                # A secondary limit may come without a header: "wait for at least one minute" (docs.github.com).
                text = f"GitHub's request limit is used up: try again in {_A_MINUTE:.0f} s."
                return TrackingProblem(text, retry_after=_A_MINUTE)
            case 410:
                text = f"Issues are switched off in {self.repo}: switch them on in its settings."
            case _:
                return super().explained(problem)
        return TrackingProblem(text, unclear=problem.unclear)


def _refused(problem: BaseException | None) -> set[str]:
    """Which of labels and assignees a 422 is about; empty when it is about anything else as well."""
    if not isinstance(problem, HttpProblem) or problem.status != 422 or problem.answer is None:
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
    if "milestone" in asked and not issue.get("milestone"):
        remarks.append("GitHub left out the milestone: the token needs write access to set it")
    if issue.get("title") != asked.get("title"):
        remarks.append("GitHub shows another title than was sent")
    return remarks
