"""Issues on Gitea and Forgejo (``base_url = "https://HOST"``), API version 1.

Much like GitHub's, but labels and milestones go by number, and due dates are real. The list of issues is read
page by page until one is empty: how much a page holds is up to the server, and its links may name an address
that it is not reached by. Shapes are those of Gitea's published API document (1.23).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from app.http import HttpProblem, Secret, Site
from app.review.plain import one_line
from app.review.records import Action, Session, Ticket, Tracking
from app.secrets import Found
from app.tracking.interface import Draft, Made, Planned, Team, TrackingProblem
from app.tracking.planner import NOBODY
from app.tracking.remote import Remote, later, stamp

_API: Final = "/api/v1"
_REPO: Final = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_ISSUE_URL: Final = re.compile(r"https?://[^/]+/(?:.*/)?([^/\s]+/[^/\s]+)/issues/(\d{1,18})")
_PULL: Final = re.compile(r"<https?://[^>]*>|\]\([^)]*\)|(?<=!)(?=\d)")
_PAGE: Final = 50  # the most that a server gives unless it is set up otherwise


class GiteaTracker(Remote):
    """Makes one issue per action in one repository."""

    name = "gitea"
    asks = ("Repository", "OWNER/NAME")
    server = "https://HOST"
    title = "Gitea"
    tokens: ClassVar[tuple[str, ...]] = ("GITEA_TOKEN",)
    hosts: ClassVar[tuple[str, ...]] = ("GITEA_HOST", "GITEA_URL", "GITEA_SERVER_URL")
    example = "name the repository like owner/name"
    priority_labels = True
    dated_as = ("due_date",)
    sure = True
    """Without words to search for the list comes from the database and not from the index, so that "if the user creates
    an issue and list issues immediately" it is there (go-gitea/gitea: modules/indexer/issues/indexer.go)."""

    def __init__(self, settings: Tracking, environment: Mapping[str, str], team: Team = NOBODY) -> None:
        super().__init__(settings, environment, team)
        self.base = f"{self.base.removesuffix(_API)}{_API}"
        if not _REPO.fullmatch(self.repo):
            raise TrackingProblem(f"“{one_line(self.repo)}” is not a repository: write it like owner/name.")
        self._home = f"/repos/{self.repo}"

    @property
    def target(self) -> str:
        """The address of the repository in the API."""
        return f"{self.base}{self._home}"

    def site(self, token: Found) -> Site:
        """The API with its token."""
        secret = Secret(f"token {token.secret.reveal()}")
        return Site(self.title, self.base, secrets={"Authorization": secret}, login_hint=token.origin)

    def words(self, session: Session, action: Action) -> str:
        """Markdown without references to pull requests."""
        return _PULL.sub(lambda found: found[0] or "\u200b", super().words(session, action))

    def request(self, draft: Draft) -> Planned:
        """The issue; numbers of labels and the milestone are looked up before anything is sent."""
        opened = [f"the number of the label {each}" for each in draft.labels]
        body: dict[str, Any] = {
            "title": draft.title,
            "body": draft.body,
            "labels": [later(each) for each in opened],
        }
        if draft.account:
            body["assignees"] = [draft.account]
            opened.append(f"whether {draft.account} may be assigned")
        if draft.due:
            body["due_date"] = f"{draft.due:%Y-%m-%d}T00:00:00Z"
        if draft.milestone:
            opened.append(f"the number of the milestone {draft.milestone}")
            body["milestone"] = later(opened[-1])
        url = f"{self.target}/issues"
        return Planned("", "create", "", method="POST", url=url, body=body, open=tuple(opened))

    def change(self, draft: Draft, ticket: Ticket) -> Planned:
        """New words and the date; labels, people and the milestone stay as they are there by now."""
        body = {"title": draft.title, "body": draft.body}
        if draft.due:
            body["due_date"] = f"{draft.due:%Y-%m-%d}T00:00:00Z"
        url = f"{self.base}{self.place(ticket)}"
        return Planned("", "changed", "", method="PATCH", url=url, body=body)

    async def looked_up(self, planned: Planned) -> Planned:
        """Look up numbers; what the server does not know is left out."""
        draft = planned.draft
        if draft is None or not planned.open:
            return planned
        body, remarks = dict(planned.body), list(planned.remarks)
        known = await self.once("labels", self._labels)
        numbers = {str(each.get("name", "")).casefold(): each.get("id") for each in known}
        body["labels"] = [numbers[each.casefold()] for each in draft.labels if each.casefold() in numbers]
        if missing := [each for each in draft.labels if each.casefold() not in numbers]:
            remarks.append(f"made without the labels {', '.join(missing)}: {self.repo} does not have them")
        if draft.account:
            people = await self.once("people", lambda: self.records(f"{self._home}/assignees"))
            logins = {str(each.get("login", "")).casefold() for each in people}
            if draft.account.casefold() not in logins:
                del body["assignees"]
                remarks.append(f"made without the assignee {draft.account}: they cannot be assigned there")
        if draft.milestone:
            query = [("state", "open"), ("name", draft.milestone)]
            found = await self.once("milestone", lambda: self.records(f"{self._home}/milestones", query))
            wanted = [each["id"] for each in found if each.get("title") == draft.milestone and "id" in each]
            if wanted:
                body["milestone"] = wanted[0]
            else:
                del body["milestone"]
                remarks.append(f"made without the milestone {draft.milestone}: there is no open one")
        return replace(planned, body=body, open=(), remarks=tuple(remarks))

    async def _labels(self) -> list[dict[str, Any]]:
        """The labels of the repository and, where it belongs to an organisation, of that."""
        own = await self._all(f"{self._home}/labels", [])
        try:
            return own + await self._all(f"/orgs/{self.repo.partition('/')[0]}/labels", [])
        except TrackingProblem as problem:
            cause = problem.__cause__
            if isinstance(cause, HttpProblem) and cause.status in {403, 404}:
                return own
            raise

    async def _all(self, path: str, query: list[tuple[str, str]]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            answer = await self.get(path, [*query, ("limit", str(_PAGE)), ("page", str(page))])
            try:
                records = self.listed(answer.json())
            except HttpProblem as problem:
                raise self.explained(problem) from problem
            if not records:
                return found
            found += records
            page += 1

    async def find(self, keys: Collection[str], since: datetime | None) -> dict[str, list[Made]]:
        """List every issue that changed after *since* and pick those with the marker of one of *keys*."""
        query = [("state", "all"), ("type", "issues")]
        if since is not None:
            query.append(("since", stamp(since)))
        issues = {each.get("number"): each for each in await self._all(f"{self._home}/issues", query)}
        return self.picked(list(issues.values()), keys, "body")

    async def create(self, planned: Planned) -> Made:
        """Create the issue, and say what the server left out in silence."""
        issue = await self.send("POST", f"{self._home}/issues", dict(planned.body))
        made = self.answered(planned, issue, "title")
        remarks = []
        given = {each.get("id") for each in issue.get("labels") or []}
        if set(planned.body.get("labels", ())) - given:
            remarks.append(f"{self.title} left out labels: the token needs write access to set them")
        logins = {str(each.get("login", "")).casefold() for each in issue.get("assignees") or []}
        if {each.casefold() for each in planned.body.get("assignees", ())} - logins:
            remarks.append(f"{self.title} did not assign anybody: the token needs write access")
        if "due_date" in planned.body and not issue.get("due_date"):
            remarks.append(f"{self.title} left out the due date: the token needs write access to set it")
        return replace(made, remarks=(*made.remarks, *remarks))

    async def update(self, planned: Planned) -> Made:
        """Give an issue the action's new words."""
        if planned.ticket is None:
            raise RuntimeError("only a planned change can be sent")
        return self.answered(
            planned, await self.send("PATCH", self.place(planned.ticket), dict(planned.body)), "title"
        )

    async def fetch_state(self, ticket: Ticket) -> Ticket:
        """*ticket* with its state: ``open``, ``closed`` or ``not found``."""
        return await self.state_of(ticket, self.place(ticket))

    def place(self, ticket: Ticket) -> str:
        """The path of an issue in the API."""
        match = _ISSUE_URL.fullmatch(ticket.url)
        home = f"/repos/{match[1]}" if match else self._home
        return f"{home}/issues/{match[2] if match else ticket.number}"

    def ticket(self, record: Mapping[str, Any]) -> Ticket:
        """An issue as a ticket."""
        return Ticket(
            tracker=self.name,
            url=str(record["html_url"]),
            number=int(record["number"]),
            state=one_line(str(record["state"])),
            synced_at=datetime.now(UTC),
        )


class ForgejoTracker(GiteaTracker):
    """The same on Forgejo, with names of its own in the settings and the environment."""

    name = "forgejo"
    title = "Forgejo"
    tokens = ("FORGEJO_TOKEN", "GITEA_TOKEN")
    hosts = ("FORGEJO_HOST", "FORGEJO_URL", "GITEA_HOST", "GITEA_URL")
