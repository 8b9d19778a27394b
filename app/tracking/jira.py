"""Jira issues: Cloud (REST version 3) and Server or Data Center (version 2), one class for each.

A body cannot hide a marker there, so it is a label and, in the Cloud, an issue property as well. The only list
there is, JQL, reads an index that may lag by minutes; so the numbers after the highest known one are read one
by one, which come from the database. Even so a number may be skipped: where a request was cut off and nothing
is found, people are asked. Shapes are those of Atlassian's published API document.
"""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Final
from urllib.parse import quote

from app.http import HttpProblem, Secret, Site
from app.review.plain import one_line
from app.review.records import Action, Session, Ticket, Tracking
from app.secrets import Found
from app.tracking import adf, wording
from app.tracking.interface import Draft, Made, Planned, Team, TrackingProblem
from app.tracking.planner import NOBODY
from app.tracking.remote import Remote, later
from app.tracking.standing import Piece

_PROJECT: Final = re.compile(r"[A-Z][A-Z0-9_]{0,254}")
_KEY: Final = re.compile(r"(?:.*/browse/)?([A-Z][A-Z0-9_]*)-(\d{1,18})")
_STATES: Final = {"new": "open", "indeterminate": "in progress", "done": "closed"}
_OPTIONAL: Final = ("assignee", "duedate", "priority", "fixVersions", "labels")
_READ: Final = "summary,status,labels,description,duedate"
_SUMMARY: Final = 255
_PROBE: Final = 8
"""So many numbers in a row without an issue mean that there is none behind them."""
_MOST_PROBES: Final = 60
_MARKUP: Final = re.compile(r"[\\{}\[\]*_+^~?!|]|(?<!\w)-(?=\S)")


def label(key: str) -> str:
    """The label that finds a ticket again: Jira allows no spaces in it, and no text to hide it in."""
    return f"blamefree-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


class JiraTracker(Remote):
    """Makes one issue per action in one project of Jira Cloud."""

    name = "jira"
    asks = ("Project", "its key, like OPS")
    server = "https://NAME.atlassian.net"
    title = "Jira"
    tokens = ("JIRA_API_TOKEN", "JIRA_TOKEN")
    hosts = ("JIRA_URL", "JIRA_BASE_URL", "JIRA_HOST", "JIRA_SERVER")
    example = "name the project by its key, like OPS"
    said_as = ("summary", "description")
    inside = ("fields",)
    dated_as = ("duedate",)
    api: ClassVar[str] = "/rest/api/3"
    person: ClassVar[str] = "accountId"
    """What a person is known by in answers."""
    assigned_by: ClassVar[str] = "id"
    """What a person is known by in a request that creates."""

    def __init__(self, settings: Tracking, environment: Mapping[str, str], team: Team = NOBODY) -> None:
        super().__init__(settings, environment, team)
        if not _PROJECT.fullmatch(self.repo):
            raise TrackingProblem(f"“{one_line(self.repo)}” is not the key of a project: write it like OPS.")

    @property
    def target(self) -> str:
        """The address of the project."""
        return f"{self.base}/projects/{self.repo}"

    def site(self, token: Found) -> Site:
        """The API: in the Cloud a token belongs to an e-mail address."""
        user = self.team.option("user") or next(
            filter(None, (self.environment.get(each, "") for each in ("JIRA_EMAIL", "JIRA_USER"))), ""
        )
        if not user:
            raise TrackingProblem(
                "Jira Cloud wants the e-mail address that the token belongs to: export JIRA_EMAIL, or write user = "
                "under [tracker.jira] in the settings."
            )
        return Site(self.title, self.base, user=user, password=token.secret, login_hint=token.origin)

    # What is sent

    def words(self, session: Session, action: Action) -> str:
        """Plain lines; they become a document of the Cloud's own format, where text is never markup."""
        return "\n".join(
            f"{name}: {value}" for name, value in wording.facts(session, action, self.report(session))
        )

    def description(self, text: str) -> Any:
        """The lines of *text* as an Atlassian document: a paragraph each, the name of the line in bold."""
        return adf.document(text)

    def request(self, draft: Draft) -> Planned:
        """The issue; the person's id and the versions are looked up before anything is sent."""
        names = [re.sub(r"\s+", "-", each.strip()) for each in draft.labels]
        fields: dict[str, Any] = {
            "project": {"key": self.repo},
            "issuetype": {"name": self.team.option("type") or "Task"},
            **self._words(draft),
            "labels": [*filter(None, names), label(draft.key)],
        }
        opened: list[str] = []
        if draft.priority:
            # Jira's own names are High, Medium and Low; others come from the settings.
            fields["priority"] = {"name": draft.priority[:1].upper() + draft.priority[1:]}
        if draft.account:
            opened.append(f"the account of {draft.account}")
            fields["assignee"] = {self.assigned_by: later(opened[-1])}
        if draft.milestone:
            opened.append(f"whether there is a version {draft.milestone}")
            fields["fixVersions"] = [{"name": draft.milestone}]
        url = f"{self.base}{self.api}/issue"
        body = {"fields": fields, **self.mark(draft.key)}
        return Planned("", "create", "", method="POST", url=url, body=body, open=tuple(opened))

    def mark(self, key: str) -> dict[str, Any]:
        """What else carries the key."""
        return {"properties": [{"key": "blamefree", "value": {"action": key}}]}

    def draft(self, session: Session, action: Action) -> Draft:
        """A summary is one character shorter than a title may be elsewhere."""
        draft = super().draft(session, action)
        long = len(draft.title) > _SUMMARY
        return replace(draft, title=f"{draft.title[: _SUMMARY - 1]}…") if long else draft

    def _words(self, draft: Draft) -> dict[str, Any]:
        words = {"summary": draft.title, "description": self.description(draft.body)}
        return words | ({"duedate": draft.due.isoformat()} if draft.due else {})

    def change(self, draft: Draft, ticket: Ticket) -> Planned:
        """New words and the date; labels, people and versions stay as they are there by now."""
        url = f"{self.base}{self.place(ticket)}"
        return Planned("", "changed", "", method="PUT", url=url, body={"fields": self._words(draft)})

    async def looked_up(self, planned: Planned) -> Planned:
        """Look up the person and the version; what Jira does not know is left out."""
        draft = planned.draft
        if draft is None or not planned.open:
            return planned
        fields, remarks = dict(planned.body["fields"]), list(planned.remarks)
        if draft.account:
            name = await self.once(f"user {draft.account}", lambda: self._account(draft.account))
            if name:
                fields["assignee"] = {self.assigned_by: name}
            else:
                del fields["assignee"]
                remarks.append(
                    f"made without the assignee {draft.account}: Jira knows nobody by that name here"
                )
        if draft.milestone:
            path = f"{self.api}/project/{self.repo}/versions"
            versions = await self.once("versions", lambda: self.records(path))
            if draft.milestone not in {each.get("name") for each in versions}:
                del fields["fixVersions"]
                remarks.append(
                    f"made without the milestone {draft.milestone}: {self.repo} has no such version"
                )
        return replace(planned, body={**planned.body, "fields": fields}, open=(), remarks=tuple(remarks))

    async def _account(self, wanted: str) -> str:
        """The one person who may be assigned and is called *wanted* in some way; empty where it is not clear."""
        query = [("project", self.repo), (self.asked_by, wanted)]
        people = await self.records(f"{self.api}/user/assignable/search", query)
        names = ("accountId", "name", "emailAddress", "displayName")
        same = [
            each
            for each in people
            if wanted.casefold() in {str(each.get(name, "")).casefold() for name in names}
        ]
        chosen = same or people
        return str(chosen[0].get(self.person, "")) if len(chosen) == 1 else ""

    asked_by: ClassVar[str] = "query"

    # Finding

    async def find(self, keys: Collection[str], since: datetime | None) -> dict[str, list[Made]]:
        """The issues with the label of one of *keys*: by JQL, and then number by number behind the last one."""
        wanted = {label(key): key for key in keys}
        if not wanted:
            return {}
        issues: dict[str, dict[str, Any]] = {}
        names = ", ".join(f'"{each}"' for each in sorted(wanted))
        for issue in await self.search(f'project = "{self.repo}" AND labels in ({names})'):
            issues[str(issue.get("key"))] = issue
        if len(issues) < len(wanted):
            for issue in await self._behind():
                issues[str(issue.get("key"))] = issue
        found: dict[str, list[Made]] = {}
        for issue in issues.values():
            fields = issue.get("fields") or {}
            for name in wanted.keys() & set(fields.get("labels") or ()):
                says = self.standing(fields)
                made = Made(self.ticket(issue), str(fields.get("summary", "")), standing=says)
                found.setdefault(wanted[name], []).append(made)
        for tickets in found.values():
            tickets.sort(key=lambda each: each.ticket.number)
        return found

    async def search(self, jql: str, most: int = 0) -> list[dict[str, Any]]:
        """The issues of *jql*, at most *most*."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            query = [("jql", jql), ("fields", _READ), ("maxResults", str(most or 100))]
            answer = await self.get(
                f"{self.api}/search/jql", [*query, *([("nextPageToken", token)] if token else [])]
            )
            content = self._content(answer)
            found += self.listed(content.get("issues"))
            token = str(content.get("nextPageToken") or "")
            if most or not token:
                return found

    def _content(self, answer: Any) -> dict[str, Any]:
        try:
            content = answer.json()
        except HttpProblem as problem:
            raise self.explained(problem) from problem
        if not isinstance(content, dict):
            raise TrackingProblem(f"{self.title} answered in an unknown form: check the address.")
        return content

    async def _behind(self) -> list[dict[str, Any]]:
        """The issues behind the highest number that the index knows, read one by one."""
        last = await self.search(f'project = "{self.repo}" ORDER BY key DESC', 1)
        match = _KEY.fullmatch(str(last[0].get("key", ""))) if last else None
        number = int(match[2]) if match else 0
        found: list[dict[str, Any]] = []
        missing = 0
        for each in range(number + 1, number + 1 + _MOST_PROBES):
            try:
                path = f"{self.api}/issue/{self.repo}-{each}"
                found.append(self._content(await self.client.get(path, [("fields", _READ)])))
                missing = 0
            except HttpProblem as problem:
                if problem.status != 404:
                    raise self.explained(problem) from problem
                missing += 1
            if missing == _PROBE:
                break
        return found

    # Making and changing

    async def create(self, planned: Planned) -> Made:
        """Create the issue; where Jira refuses a field that is not needed, without it, and say so.

        A refusal (400) is a clear answer: nothing was made, so asking again with less is safe.
        """
        fields = dict(planned.body["fields"])
        remarks: list[str] = []
        while True:
            try:
                issue = await self.send("POST", f"{self.api}/issue", {**planned.body, "fields": fields})
                break
            except TrackingProblem as problem:
                said = _refused(problem.__cause__)
                if not said or not said.keys() <= fields.keys() & set(_OPTIONAL):
                    raise
                for name, why in sorted(said.items()):
                    del fields[name]
                    remarks.append(f"made without {name}: Jira says {why}")
        whole = dict(issue) if isinstance(issue, dict) else {}
        whole["fields"] = {"status": {"statusCategory": {"key": "new"}}}
        sent = replace(planned, body={**planned.body, "fields": fields})
        made = self.answered(sent, whole, "key", remarks)
        return replace(made, title=str(fields["summary"]))

    async def update(self, planned: Planned) -> Made:
        """Give an issue the action's new words; Jira answers with nothing."""
        if planned.ticket is None:
            raise RuntimeError("only a planned change can be sent")
        await self.send("PUT", self.place(planned.ticket), dict(planned.body))
        return self.made(planned, planned.ticket, planned.draft.title if planned.draft else "")

    reading = (("fields", "summary,description,duedate"),)

    def record(self, answer: Any) -> Mapping[str, Any]:
        """The fields of an issue."""
        fields: Mapping[str, Any] = answer["fields"]
        return fields

    def pieces(self, body: Any) -> tuple[Piece, ...]:
        """The paragraphs and the like of a document; lines in version 2."""
        if isinstance(body, dict):
            return adf.nodes(body)
        return super().pieces(body)

    def plain(self, piece: Piece) -> str:
        """The text of a node, whatever it is made of."""
        return adf.text(piece) if isinstance(piece, dict) else super().plain(piece)

    def joined(self, pieces: Sequence[Piece]) -> Any:
        """A document of *pieces*; in version 2 a text."""
        if self.api.endswith("2"):
            return super().joined(pieces)
        return adf.whole(pieces)

    async def fetch_state(self, ticket: Ticket) -> Ticket:
        """*ticket* with its state: ``open``, ``in progress``, ``closed`` or ``not found``."""
        return await self.state_of(ticket, f"{self.place(ticket)}?fields=status")

    def place(self, ticket: Ticket) -> str:
        """The path of an issue in the API."""
        match = _KEY.fullmatch(ticket.url)
        key = f"{match[1]}-{match[2]}" if match else f"{self.repo}-{ticket.number}"
        return f"{self.api}/issue/{quote(key, safe='')}"

    def ticket(self, record: Mapping[str, Any]) -> Ticket:
        """An issue as a ticket; its state by category, because every team has its own names."""
        match = _KEY.fullmatch(str(record["key"]))
        if match is None:
            raise ValueError("the issue has no key")
        category = str(record["fields"]["status"]["statusCategory"]["key"])
        return Ticket(
            tracker=self.name,
            url=f"{self.base}/browse/{match[0]}",
            number=int(match[2]),
            state=_STATES.get(category, one_line(category)),
            synced_at=datetime.now(UTC),
        )

    def explained(self, problem: HttpProblem) -> TrackingProblem:
        """The sentence for a failed call, with Jira's own words for each field."""
        found = super().explained(problem)
        said = _refused(problem)
        if said:
            text = "; ".join(f"{name}: {why}" for name, why in sorted(said.items()))
            return TrackingProblem(f"Jira refused it ({text}): change it and try again.", stops=False)
        return found


class JiraServerTracker(JiraTracker):
    """The same for Jira Server and Data Center: version 2, wiki markup, personal access tokens."""

    name = "jira-server"
    tokens = ("JIRA_TOKEN", "JIRA_PERSONAL_TOKEN")
    api = "/rest/api/2"
    person = "name"
    assigned_by = "name"
    asked_by = "username"

    def site(self, token: Found) -> Site:
        """The API: a personal access token alone, or a user with a password."""
        if user := self.team.option("user"):
            return Site(
                self.title,
                self.base,
                user=user,
                password=Secret(token.secret.reveal()),
                login_hint=token.origin,
            )
        return Site(self.title, self.base, bearer=token.secret, login_hint=token.origin)

    def description(self, text: str) -> Any:
        """Wiki markup that shows exactly the lines of *text*."""
        lines = []
        for line in text.split("\n"):
            name, _, value = line.partition(": ")
            shown = value if name == "Report" else _MARKUP.sub(lambda sign: f"\\{sign[0]}", value)
            lines.append(f"*{name}:* {shown}")
        return "\n".join(lines)

    def fingerprint(self, draft: Draft) -> str:
        """Of the markup."""
        return wording.digest(draft.title, self.description(draft.body))

    def mark(self, key: str) -> dict[str, Any]:
        """Version 2 takes properties, too, but not on all servers: the label will do."""
        return {}

    async def search(self, jql: str, most: int = 0) -> list[dict[str, Any]]:
        """The issues of *jql*, at most *most*."""
        found: list[dict[str, Any]] = []
        while True:
            query = [("jql", jql), ("fields", _READ), ("startAt", str(len(found)))]
            answer = await self.get(f"{self.api}/search", [*query, ("maxResults", str(most or 100))])
            issues = self.listed(self._content(answer).get("issues"))
            found += issues
            if most or not issues:
                return found


def _refused(problem: BaseException | None) -> dict[str, str]:
    """What a 400 says of single fields."""
    if not isinstance(problem, HttpProblem) or problem.status != 400 or problem.answer is None:
        return {}
    try:
        errors = problem.answer.json()["errors"]
        return {str(name): one_line(str(why)) for name, why in errors.items()}
    except (HttpProblem, KeyError, TypeError, AttributeError):
        return {}
