"""GitLab issues, on gitlab.com and on a server of one's own (``base_url = "https://HOST"``), API version 4.

People and milestones have numbers there, which are looked up by name; labels are made on the way. A line that
begins with a slash is a command to GitLab, so none does. Shapes are those of GitLab's own documentation
(doc/api/issues.md, users.md, milestones.md).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from app.http import Site
from app.review.plain import one_line
from app.review.records import Action, Session, Ticket, Tracking
from app.secrets import Found
from app.tracking.interface import Draft, Made, Planned, Team
from app.tracking.planner import NOBODY
from app.tracking.remote import Remote, later, stamp

_API: Final = "/api/v4"
_ISSUE_URL: Final = re.compile(r"https?://[^/]+/(.+?)/-/(?:issues|work_items)/(\d{1,18})")
# Links stay as they are; references to merge requests and epics, and commands, are broken.
_REFERENCE: Final = re.compile(r"<https?://[^>]*>|\]\([^)]*\)|(?<=[!&])(?=\d)|^(?=/)", re.MULTILINE)


class GitLabTracker(Remote):
    """Makes one issue per action in one project."""

    name = "gitlab"
    asks = ("Project", "GROUP/PROJECT")
    server = "only for a server of your own: https://HOST"
    title = "GitLab"
    public = f"https://gitlab.com{_API}"
    tokens = ("GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN")
    hosts = ("GITLAB_HOST", "CI_SERVER_HOST")
    example = "name the project like group/project"
    priority_labels = True
    said_as = ("title", "description")
    dated_as = ("due_date",)
    sure = True
    """Lists come from the database, and whoever has written reads from where it was written to
    (docs.gitlab.com/development/database/load_balancing)."""

    def __init__(self, settings: Tracking, environment: Mapping[str, str], team: Team = NOBODY) -> None:
        super().__init__(settings, environment, team)
        self.base = f"{self.base.removesuffix(_API)}{_API}"
        self._project = f"/projects/{quote(self.repo, safe='')}"

    @property
    def target(self) -> str:
        """The address of the project in the API."""
        return f"{self.base}{self._project}"

    def site(self, token: Found) -> Site:
        """The API with its token."""
        return Site("GitLab", self.base, secrets={"PRIVATE-TOKEN": token.secret}, login_hint=token.origin)

    def words(self, session: Session, action: Action) -> str:
        """Markdown without what GitLab alone would act on."""
        return _REFERENCE.sub(lambda found: found[0] or "\u200b", super().words(session, action))

    def request(self, draft: Draft) -> Planned:
        """The issue; numbers of people and milestones are looked up before anything is sent."""
        body: dict[str, Any] = {
            "title": draft.title,
            "description": draft.body,
            "labels": ",".join(each.replace(",", " ") for each in draft.labels),
        }
        opened: list[str] = []
        if draft.due:
            body["due_date"] = draft.due.isoformat()
        if draft.account:
            opened.append(f"the number of the user {draft.account}")
            body["assignee_ids"] = [later(opened[-1])]
        if draft.milestone:
            opened.append(f"the number of the milestone {draft.milestone}")
            body["milestone_id"] = later(opened[-1])
        url = f"{self.target}/issues"
        return Planned("", "create", "", method="POST", url=url, body=body, open=tuple(opened))

    def change(self, draft: Draft, ticket: Ticket) -> Planned:
        """New words and the date; labels, people and the milestone stay as they are there by now."""
        body = {"title": draft.title, "description": draft.body}
        if draft.due:
            body["due_date"] = draft.due.isoformat()
        url = f"{self.base}{self.place(ticket)}"
        return Planned("", "changed", "", method="PUT", url=url, body=body)

    async def looked_up(self, planned: Planned) -> Planned:
        """Look up the numbers of the person and the milestone; what GitLab does not know is left out."""
        draft = planned.draft
        if draft is None or not planned.open:
            return planned
        body, remarks = dict(planned.body), list(planned.remarks)
        if draft.account:
            users = await self.once(
                f"user {draft.account}", lambda: self.records("/users", [("username", draft.account)])
            )
            if users:
                body["assignee_ids"] = [users[0].get("id")]
            else:
                del body["assignee_ids"]
                remarks.append(f"made without the assignee {draft.account}: GitLab knows no such user")
        if draft.milestone:
            query = [("title", draft.milestone), ("state", "active"), ("include_ancestors", "true")]
            path = f"{self._project}/milestones"
            known = await self.once("milestone", lambda: self.records(path, query))
            if known:
                body["milestone_id"] = known[0].get("id")
            else:
                del body["milestone_id"]
                remarks.append(f"made without the milestone {draft.milestone}: {self.repo} has no active one")
        return replace(planned, body=body, open=(), remarks=tuple(remarks))

    async def find(self, keys: Collection[str], since: datetime | None) -> dict[str, list[Made]]:
        """List every issue that changed after *since* and pick those with the marker of one of *keys*."""
        query = [("scope", "all"), ("order_by", "created_at"), ("sort", "desc"), ("per_page", "100")]
        if since is not None:
            query.append(("updated_after", stamp(since)))
        return self.picked(await self.records(f"{self._project}/issues", query), keys, "description")

    async def create(self, planned: Planned) -> Made:
        """Create the issue, and say what GitLab left out in silence."""
        issue = await self.send("POST", f"{self._project}/issues", dict(planned.body))
        made = self.answered(planned, issue, "title")
        remarks = []
        asked = set(planned.body.get("assignee_ids", ()))
        if asked - {each.get("id") for each in issue.get("assignees") or []}:
            remarks.append("GitLab did not assign anybody: the person needs access to the project")
        labels = {str(each).casefold() for each in issue.get("labels") or []}
        wanted = str(planned.body.get("labels", "")).split(",")
        if missing := [each for each in wanted if each and each.strip().casefold() not in labels]:
            remarks.append(
                f"GitLab left out the labels {', '.join(missing)}: the token needs the role Planner"
            )
        return replace(made, remarks=(*made.remarks, *remarks))

    async def update(self, planned: Planned) -> Made:
        """Give an issue the action's new words."""
        if planned.ticket is None:
            raise RuntimeError("only a planned change can be sent")
        return self.answered(
            planned, await self.send("PUT", self.place(planned.ticket), dict(planned.body)), "title"
        )

    async def fetch_state(self, ticket: Ticket) -> Ticket:
        """*ticket* with its state: ``open``, ``closed`` or ``not found``."""
        return await self.state_of(ticket, self.place(ticket))

    def place(self, ticket: Ticket) -> str:
        """The path of an issue in the API."""
        match = _ISSUE_URL.fullmatch(ticket.url)
        project = f"/projects/{quote(match[1], safe='')}" if match else self._project
        return f"{project}/issues/{match[2] if match else ticket.number}"

    def ticket(self, record: Mapping[str, Any]) -> Ticket:
        """An issue as a ticket."""
        state = one_line(str(record["state"]))
        return Ticket(
            tracker="gitlab",
            url=str(record["web_url"]),
            number=int(record["iid"]),
            state="open" if state == "opened" else state,
            synced_at=datetime.now(UTC),
        )
