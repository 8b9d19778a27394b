"""Linear issues, by its GraphQL API.

The only tracker here that takes an id from its client: it is made of the team and the action, the same on every
machine, so that a second request for one action is refused by Linear itself. After a refusal the issue is read
by that id. An issue in the trash keeps its id for ever; the action's next issue has the next id. Shapes are those
of the schema that Linear publishes with its own client (@linear/sdk 98).
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from app.http import Answer, HttpProblem, Secret, Site
from app.review.plain import one_line
from app.review.records import Action, Session, Ticket, Tracking
from app.secrets import Found
from app.tracking.interface import GONE, Draft, Made, Planned, Team, TrackingProblem
from app.tracking.planner import NOBODY
from app.tracking.remote import Remote, later

_LIVES: Final = 4
"""How often an action's issue may be thrown away and made again."""
_PRIORITIES: Final = {"urgent": 1, "high": 2, "medium": 3, "normal": 3, "low": 4}
_STATES: Final = {
    "completed": "closed", "canceled": "closed, not planned", "duplicate": "closed, not planned",
    "started": "in progress",
}  # fmt: skip
_ISSUE: Final = "id number title description dueDate priority url trashed state { type }"
_CREATE: Final = (
    "mutation Create($input: IssueCreateInput!) "
    f"{{ issueCreate(input: $input) {{ success issue {{ {_ISSUE} }} }} }}"
)
_UPDATE: Final = (
    "mutation Change($id: String!, $input: IssueUpdateInput!) "
    f"{{ issueUpdate(id: $id, input: $input) {{ success issue {{ {_ISSUE} }} }} }}"
)
_BY_ID: Final = (
    "query ById($ids: [ID!]) { issues(filter: { id: { in: $ids } }, includeArchived: true, first: 100) "
    f"{{ nodes {{ {_ISSUE} }} }} }}"
)
_TEAM: Final = (
    "query Team($key: String) { teams(filter: { key: { eqIgnoreCase: $key } }) { nodes { id key } } }"
)
_USERS: Final = (
    "query Users($name: String) { users(filter: { or: [{ email: { eqIgnoreCase: $name } }, "
    "{ displayName: { eqIgnoreCase: $name } }, { name: { eqIgnoreCase: $name } }] }) { nodes { id } } }"
)
_LABELS: Final = (
    "query Labels($names: [String!], $team: ID) { issueLabels(first: 100, filter: { name: { in: $names }, "
    "or: [{ team: { null: true } }, { team: { id: { eq: $team } } }] }) { nodes { id name } } }"
)
_PROJECTS: Final = (
    "query Projects($name: String) "
    "{ projects(filter: { name: { eqIgnoreCase: $name } }) { nodes { id name } } }"
)
_IDENTIFIER: Final = re.compile(r"https?://[^/]+/[^/]+/issue/([A-Z0-9]+-\d+)(?:/.*)?")


def issue_id(team: str, key: str, life: int = 0) -> str:
    """The id of an action's issue in a team, as a version 4 UUID; *life* counts issues that were thrown away."""
    words = f"blamefree {team} {key}" + (f" {life}" if life else "")
    return str(UUID(bytes=hashlib.sha256(words.encode()).digest()[:16], version=4))


class LinearTracker(Remote):
    """Makes one issue per action in one team."""

    name = "linear"
    asks = ("Team", "its key, like ENG")
    title = "Linear"
    public = "https://api.linear.app"
    tokens = ("LINEAR_API_KEY", "LINEAR_TOKEN")
    example = "name the team by its key, like ENG"
    said_as = ("title", "description")
    inside = ("variables", "input")
    dated_as = ("dueDate", "priority")
    sure = True
    """An id is taken once: a second request for the same one makes nothing."""

    def __init__(self, settings: Tracking, environment: Mapping[str, str], team: Team = NOBODY) -> None:
        super().__init__(settings, environment, team)
        self.base = self.base.removesuffix("/graphql")

    @property
    def target(self) -> str:
        """The team."""
        return f"{self.base}/team/{self.repo.upper()}"

    def site(self, token: Found) -> Site:
        """The API; a personal key stands in the header as it is, an OAuth token as a bearer."""
        value = token.secret.reveal()
        secret = Secret(value if value.startswith("lin_api_") else f"Bearer {value}")
        return Site("Linear", self.base, secrets={"Authorization": secret}, login_hint=token.origin)

    def words(self, session: Session, action: Action) -> str:
        """Markdown without the marker, which Linear would show: the id does its work."""
        return super().words(session, action).rpartition("<!-- ")[0].rstrip() + "\n"

    def request(self, draft: Draft) -> Planned:
        """The mutation; ids of the team, the person, labels and the project are looked up first."""
        opened = [f"the id of the team {self.repo}", "the id of the issue, made of the team's"]
        fields: dict[str, Any] = {
            "id": later(opened[1]),
            "teamId": later(opened[0]),
            "title": draft.title,
            "description": draft.body,
        }
        if draft.labels:
            opened.append(f"the ids of the labels {', '.join(draft.labels)}")
            fields["labelIds"] = [later(opened[-1])]
        if draft.account:
            opened.append(f"the id of {draft.account}")
            fields["assigneeId"] = later(opened[-1])
        if draft.due:
            fields["dueDate"] = draft.due.isoformat()
        if (number := _priority(draft.priority)) is not None:
            fields["priority"] = number
        if draft.milestone:
            opened.append(f"the id of the project {draft.milestone}")
            fields["projectId"] = later(opened[-1])
        body = {"query": _CREATE, "variables": {"input": fields}}
        url = f"{self.base}/graphql"
        return Planned("", "create", "", method="POST", url=url, body=body, open=tuple(opened))

    def change(self, draft: Draft, ticket: Ticket) -> Planned:
        """New words, the date and the priority; labels, people and the project stay as they are there by now."""
        fields: dict[str, Any] = {"title": draft.title, "description": draft.body}
        if draft.due:
            fields["dueDate"] = draft.due.isoformat()
        if (number := _priority(draft.priority)) is not None:
            fields["priority"] = number
        body = {"query": _UPDATE, "variables": {"id": self._identifier(ticket), "input": fields}}
        return Planned("", "changed", "", method="POST", url=f"{self.base}/graphql", body=body)

    async def looked_up(self, planned: Planned) -> Planned:
        """Look up ids; what Linear does not know is left out."""
        draft = planned.draft
        if draft is None or not planned.open:
            return planned
        fields, remarks = dict(planned.body["variables"]["input"]), list(planned.remarks)
        team = await self._team()
        fields["teamId"], fields["id"] = team, await self._free_id(team, draft.key)
        if draft.labels:
            variables = {"names": list(draft.labels), "team": team}
            known = await self.once(
                f"labels {draft.labels}", lambda: self._nodes("issueLabels", _LABELS, variables)
            )
            names = {str(each["name"]).casefold(): each["id"] for each in known}
            fields["labelIds"] = [names[each.casefold()] for each in draft.labels if each.casefold() in names]
            if missing := [each for each in draft.labels if each.casefold() not in names]:
                remarks.append(f"made without the labels {', '.join(missing)}: Linear does not have them")
        for name, what, wanted, query in (
            ("assigneeId", "users", draft.account, _USERS),
            ("projectId", "projects", draft.milestone, _PROJECTS),
        ):
            if wanted:
                nodes = await self.once(
                    f"{what} {wanted}",
                    lambda w=what, q=query, n=wanted: self._nodes(w, q, {"name": n}),  # type: ignore[misc]
                )
                if len(nodes) == 1:
                    fields[name] = nodes[0]["id"]
                else:
                    del fields[name]
                    many = "more than one" if nodes else "none"
                    remarks.append(f"made without “{wanted}”: of {what} Linear knows {many} of that name")
        body = {**planned.body, "variables": {"input": fields}}
        return replace(planned, body=body, open=(), remarks=tuple(remarks))

    async def _team(self) -> str:
        nodes = await self.once("team", lambda: self._nodes("teams", _TEAM, {"key": self.repo}))
        if not nodes:
            raise TrackingProblem(
                f"Linear knows no team {self.repo}, or the token from {self.client.site.login_hint} may not see it: "
                "name the team by its key, like ENG."
            )
        return str(nodes[0]["id"])

    async def _free_id(self, team: str, key: str) -> str:
        """The id for the next issue of an action: the first one that is not in the trash."""
        lives = [issue_id(team, key, life) for life in range(_LIVES)]
        thrown = {each["id"] for each in await self._issues(lives) if each.get("trashed")}
        free = [each for each in lives if each not in thrown]
        if not free:
            raise TrackingProblem(
                f"The issue was thrown away {_LIVES} times: restore one in Linear.", stops=False
            )
        return free[0]

    async def find(self, keys: Collection[str], since: datetime | None) -> dict[str, list[Made]]:
        """The issues with the ids that belong to *keys*, those in the trash left out."""
        team = await self._team()
        wanted = {issue_id(team, key, life): key for key in keys for life in range(_LIVES)}
        found: dict[str, list[Made]] = {}
        for issue in await self._issues(list(wanted)):
            if not issue.get("trashed") and issue.get("id") in wanted:
                says = self.standing(issue)
                made = Made(self.ticket(issue), str(issue.get("title", "")), standing=says)
                found.setdefault(wanted[issue["id"]], []).append(made)
        return found

    async def _issues(self, ids: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for start in range(0, len(ids), 100):
            found += await self._nodes("issues", _BY_ID, {"ids": ids[start : start + 100]})
        return found

    async def _nodes(self, what: str, query: str, variables: Mapping[str, Any]) -> list[dict[str, Any]]:
        try:
            answer = await self.client.ask("/graphql", {"query": query, "variables": dict(variables)})
        except HttpProblem as problem:
            raise self.explained(problem) from problem
        content = self._data(answer)
        return self.listed((content.get(what) or {}).get("nodes"))

    def _data(self, answer: Answer) -> dict[str, Any]:
        """The data of an answer that has no errors."""
        try:
            content = answer.json()
        except HttpProblem as problem:
            raise self.unread(problem) from problem
        if isinstance(content, dict) and content.get("errors"):
            raise TrackingProblem(f"Linear refused it: {_said(content)}.", stops=False)
        if not isinstance(content, dict) or not isinstance(content.get("data"), dict):
            raise self.unread(ValueError("no data"))
        data: dict[str, Any] = content["data"]
        return data

    async def create(self, planned: Planned) -> Made:
        """Create the issue; where Linear refuses the id, the issue is there already, and is read."""
        return await self._mutate(planned, "issueCreate")

    async def update(self, planned: Planned) -> Made:
        """Give an issue the action's new words."""
        return await self._mutate(planned, "issueUpdate")

    async def _mutate(self, planned: Planned, what: str) -> Made:
        try:
            answer = await self.client.send("POST", "/graphql", dict(planned.body))
            data = self._data(answer)
        except HttpProblem as problem:
            error = self.explained(problem)
            if error.unclear or error.retry_after is not None:
                raise error from problem
            return await self._there_already(planned, error)
        except TrackingProblem as error:
            if error.unclear:
                raise
            return await self._there_already(planned, error)
        return self.answered(planned, (data.get(what) or {}).get("issue"), "title")

    async def _there_already(self, planned: Planned, error: TrackingProblem) -> Made:
        wanted = planned.body["variables"]["input"].get("id")
        for issue in await self._issues([wanted]) if wanted else []:
            if not issue.get("trashed"):
                return self.answered(planned, issue, "title", ["it was there already"])
        raise error

    async def fetch_state(self, ticket: Ticket) -> Ticket:
        """*ticket* with its state: ``open``, ``in progress``, ``closed``, ``closed, not planned``, ``not found``."""
        now = datetime.now(UTC)
        issue = await self.read(ticket)
        if issue is None:
            return ticket.model_copy(update={"state": GONE, "synced_at": now})
        return ticket.model_copy(update={"state": self.ticket(issue).state, "synced_at": now})

    async def read(self, ticket: Ticket) -> Any:
        """What Linear says of an issue; None where there is none, or where it is in the trash."""
        query = f"query One($id: String!) {{ issue(id: $id) {{ {_ISSUE} }} }}"
        body = {"query": query, "variables": {"id": self._identifier(ticket)}}
        try:
            issue = self._data(await self.client.ask("/graphql", body)).get("issue")
        except HttpProblem as problem:
            if not _not_found(_json(problem)):
                raise self.explained(problem) from problem
            return None
        except TrackingProblem as problem:
            if "not found" not in str(problem).lower():
                raise
            return None
        return issue if issue and not issue.get("trashed") else None

    def _identifier(self, ticket: Ticket) -> str:
        match = _IDENTIFIER.fullmatch(ticket.url)
        return match[1] if match else f"{self.repo.upper()}-{ticket.number}"

    def ticket(self, record: Mapping[str, Any]) -> Ticket:
        """An issue as a ticket; its state by type, because every team has its own names."""
        kind = str(record["state"]["type"])
        url = str(record["url"])
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("the issue has no address")
        return Ticket(
            tracker="linear",
            url=url,
            number=int(record["number"]),
            state=_STATES.get(kind, "open"),
            synced_at=datetime.now(UTC),
        )

    def explained(self, problem: HttpProblem) -> TrackingProblem:
        """The sentence for a failed call; a used-up limit comes as 400 with a code."""
        content = _json(problem)
        codes = {str((each.get("extensions") or {}).get("code", "")) for each in _errors(content)}
        if "RATELIMITED" in codes:
            headers = problem.answer.headers if problem.answer else {}
            moment = headers.get("x-ratelimit-requests-reset", "")
            now = datetime.now(UTC).timestamp()
            wait = max(1.0, int(moment) / 1000 - now) if re.fullmatch(r"\d{12,14}", moment) else 60.0
            return TrackingProblem(
                f"Linear's request limit is used up: try again in {wait:.0f} s.", retry_after=wait
            )
        if "AUTHENTICATION_ERROR" in codes:
            return TrackingProblem(f"Linear does not take the token: check {self.client.site.login_hint}.")
        if _errors(content) and problem.status == 400:
            return TrackingProblem(f"Linear refused it: {_said(content)}.", stops=False)
        return super().explained(problem)


def _priority(name: str) -> int | None:
    if name.isascii() and name.isdigit() and int(name) <= 4:
        return int(name)
    return _PRIORITIES.get(name.casefold())


def _json(problem: HttpProblem) -> Any:
    try:
        return problem.answer.json() if problem.answer else None
    except HttpProblem:
        return None


def _errors(content: Any) -> list[dict[str, Any]]:
    errors = content.get("errors") if isinstance(content, dict) else None
    return [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []


def _said(content: Any) -> str:
    for error in _errors(content):
        words = (error.get("extensions") or {}).get("userPresentableMessage") or error.get("message")
        if words:
            return one_line(str(words))[:200].rstrip(".")
    return "it gives no reason"


def _not_found(content: Any) -> bool:
    return any("not found" in str(each.get("message", "")).lower() for each in _errors(content))
