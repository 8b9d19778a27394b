"""Redmine issues (``base_url = "https://HOST"``, with its path where it has one).

Redmine has no labels: the first one that is a category of the project becomes that. People are found among the
project's members, by the name shown there or by number; their logins are for administrators only. A body is
Textile or Markdown, which the API does not tell, so what either would act on is broken. The marker is the last
line, as plain text. Held to a real Redmine in the tests.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from app.http import HttpProblem, Site
from app.review.plain import one_line
from app.review.records import Action, Session, Ticket, Tracking
from app.secrets import Found
from app.tracking import wording
from app.tracking.interface import GONE, Draft, Made, Planned, Team, TrackingProblem
from app.tracking.planner import NOBODY
from app.tracking.remote import Remote, later

_PROJECT: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_ISSUE_URL: Final = re.compile(r".*/issues/(\d{1,18})")
_PAGE: Final = 100
# Mentions, references, macros, wiki links, images, links and emphasis, of Textile and of Markdown.
_ACTIVE: Final = re.compile(
    r"(?<=[@#])(?=\w)|(?<=\{)(?=\{)|(?<=\[)(?=\[)|(?<=[!<])(?=\S)|(?<=\")(?=:)|(?<=\])(?=\()"
    r"|(?<=\b[A-Za-z])(?=\d)|(?<=[a-z]):(?=[\w\"])|(?<!\w)(?<=[*_+^~%`?-])(?=\S)|^(?=[#*>|]|h\d\.|bq\.)"
)
_PRIORITIES: Final = {"medium": "normal"}
"""Names of a fresh Redmine for those that actions have."""


class RedmineTracker(Remote):
    """Makes one issue per action in one project."""

    name = "redmine"
    asks = ("Project", "its identifier")
    server = "https://HOST"
    title = "Redmine"
    tokens = ("REDMINE_API_KEY", "REDMINE_TOKEN")
    hosts = ("REDMINE_URL", "REDMINE_HOST")
    example = "name the project by its identifier"
    said_as = ("subject", "description")
    inside = ("issue",)
    dated_as = ("due_date", "start_date")
    sure = True
    """The list comes from the database."""

    def __init__(self, settings: Tracking, environment: Mapping[str, str], team: Team = NOBODY) -> None:
        super().__init__(settings, environment, team)
        if not _PROJECT.fullmatch(self.repo):
            raise TrackingProblem(
                f"“{one_line(self.repo)}” is not a project: write its identifier, as in the address of its page."
            )

    @property
    def target(self) -> str:
        """The address of the project."""
        return f"{self.base}/projects/{self.repo}"

    def site(self, token: Found) -> Site:
        """The API with its key."""
        return Site(
            "Redmine", self.base, secrets={"X-Redmine-API-Key": token.secret}, login_hint=token.origin
        )

    def words(self, session: Session, action: Action) -> str:
        """Plain lines and the marker, harmless in Textile and in Markdown."""
        lines = [
            f"{name}: {value if name == 'Report' else _ACTIVE.sub(_broken, value)}"
            for name, value in wording.facts(session, action, self.report(session))
        ]
        return "\n\n".join([*lines, wording.marker(wording.key(session, action))])

    def request(self, draft: Draft) -> Planned:
        """The issue; everything that has a number is looked up before anything is sent."""
        issue: dict[str, Any] = {
            "project_id": self.repo,
            "subject": draft.title[:255],
            "description": draft.body,
        }
        opened: list[str] = []

        def ask(field: str, what: str) -> None:
            opened.append(what)
            issue[field] = later(what)

        issue |= _dates(draft.due)
        if kind := self.team.option("type"):
            ask("tracker_id", f"the number of the tracker {kind}")
        if draft.priority:
            ask("priority_id", f"the number of the priority {draft.priority}")
        if draft.account:
            ask("assigned_to_id", f"the number of the member {draft.account}")
        if draft.milestone:
            ask("fixed_version_id", f"the number of the version {draft.milestone}")
        if self.settings.labels:
            ask("category_id", f"the number of a category {', '.join(draft.labels)}")
        url = f"{self.base}/issues.json"
        return Planned("", "create", "", method="POST", url=url, body={"issue": issue}, open=tuple(opened))

    def change(self, draft: Draft, ticket: Ticket) -> Planned:
        """New words and the date; all else stays as it is there by now."""
        issue = {"subject": draft.title[:255], "description": draft.body, **_dates(draft.due)}
        url = f"{self.base}{self.place(ticket)}"
        return Planned("", "changed", "", method="PUT", url=url, body={"issue": issue})

    async def looked_up(self, planned: Planned) -> Planned:
        """Look up numbers; what Redmine does not know is left out."""
        draft = planned.draft
        if draft is None or not planned.open:
            return planned
        issue, remarks = dict(planned.body["issue"]), list(planned.remarks)
        home = f"/projects/{quote(self.repo, safe='')}"
        priority = _PRIORITIES.get(draft.priority.casefold(), draft.priority)
        for field, wanted, path, names in (
            ("tracker_id", [self.team.option("type")], "/trackers.json", "trackers"),
            ("priority_id", [priority], "/enumerations/issue_priorities.json", "issue_priorities"),
            ("assigned_to_id", [draft.account], f"{home}/memberships.json", "memberships"),
            ("fixed_version_id", [draft.milestone], f"{home}/versions.json", "versions"),
            ("category_id", list(draft.labels), f"{home}/issue_categories.json", "issue_categories"),
        ):
            if field not in issue:
                continue
            known = await self._numbers(path, names)
            number = next((known[each.casefold()] for each in wanted if each.casefold() in known), None)
            if number is None:
                del issue[field]
                what = field.removesuffix("_id").replace("_", " ")
                remarks.append(f"made without {what} {', '.join(wanted)}: {self.repo} does not have it")
            else:
                issue[field] = number
        return replace(planned, body={"issue": issue}, open=(), remarks=tuple(remarks))

    async def _numbers(self, path: str, what: str) -> dict[str, int]:
        """Numbers by name, and by the number itself."""

        async def read() -> list[dict[str, Any]]:
            found = await self._all(path, what, [])
            # A membership is of a user or of a group.
            return [each.get("user") or each.get("group") or each for each in found]

        records = await self.once(what, read)
        known = {str(each.get("id")): int(each["id"]) for each in records if "id" in each}
        return known | {
            str(each.get("name", "")).casefold(): int(each["id"]) for each in records if "id" in each
        }

    async def _all(self, path: str, what: str, query: list[tuple[str, str]]) -> list[dict[str, Any]]:
        """Every record of a list, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            answer = await self.get(path, [*query, ("limit", str(_PAGE)), ("offset", str(len(found)))])
            try:
                content = answer.json()
            except HttpProblem as problem:
                raise self.explained(problem) from problem
            records = self.listed(content.get(what) if isinstance(content, dict) else None)
            found += records
            # Lists without a count come whole.
            total = content.get("total_count")
            if not records or not isinstance(total, int) or len(found) >= total:
                return found

    async def find(self, keys: Collection[str], since: datetime | None) -> dict[str, list[Made]]:
        """List every issue that changed after *since* and pick those with the marker of one of *keys*."""
        query = [("project_id", self.repo), ("status_id", "*"), ("sort", "created_on:desc")]
        if since is not None:
            query.append(("updated_on", f">={since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"))
        issues = {each.get("id"): each for each in await self._all("/issues.json", "issues", query)}
        return self.picked(list(issues.values()), keys, "description", "subject")

    async def create(self, planned: Planned) -> Made:
        """Create the issue."""
        content = await self.send("POST", "/issues.json", dict(planned.body))
        issue = content.get("issue") if isinstance(content, dict) else None
        made = self.answered(planned, issue, "subject")
        asked = planned.body["issue"].get("assigned_to_id")
        if asked and (issue or {}).get("assigned_to", {}).get("id") != asked:
            made = replace(made, remarks=(*made.remarks, "Redmine did not assign anybody"))
        return made

    async def update(self, planned: Planned) -> Made:
        """Give an issue the action's new words; Redmine answers with nothing."""
        if planned.ticket is None:
            raise RuntimeError("only a planned change can be sent")
        await self.send("PUT", self.place(planned.ticket), dict(planned.body))
        return self.made(planned, planned.ticket, planned.draft.title if planned.draft else "")

    async def fetch_state(self, ticket: Ticket) -> Ticket:
        """*ticket* with its state: ``open``, ``closed`` or ``not found``."""
        now = datetime.now(UTC)
        try:
            record = (await self.client.get(self.place(ticket))).json()["issue"]
            number = record["status"]["id"]
        except HttpProblem as problem:
            if problem.status not in {404, 410}:
                raise self.explained(problem) from problem
            return ticket.model_copy(update={"state": GONE, "synced_at": now})
        except (KeyError, TypeError) as error:
            raise TrackingProblem(
                "Redmine answered an issue in an unknown form: check the address."
            ) from error
        statuses = await self.once(
            "statuses", lambda: self._all("/issue_statuses.json", "issue_statuses", [])
        )
        closed = any(each.get("id") == number and each.get("is_closed") for each in statuses)
        return ticket.model_copy(update={"state": "closed" if closed else "open", "synced_at": now})

    def record(self, answer: Any) -> Mapping[str, Any]:
        """The fields of an issue, which stands under a name of its own where it is asked for alone."""
        fields: Mapping[str, Any] = answer.get("issue", answer)
        return fields

    def place(self, ticket: Ticket) -> str:
        """The path of an issue in the API."""
        match = _ISSUE_URL.fullmatch(ticket.url)
        return f"/issues/{match[1] if match else ticket.number}.json"

    def ticket(self, record: Mapping[str, Any]) -> Ticket:
        """An issue as a ticket."""
        number = int(record["id"])
        return Ticket(
            tracker="redmine",
            url=f"{self.base}/issues/{number}",
            number=number,
            state="open",
            synced_at=datetime.now(UTC),
        )

    def explained(self, problem: HttpProblem) -> TrackingProblem:
        """The sentence for a failed call, with Redmine's own words."""
        found = super().explained(problem)
        if problem.status == 422 and problem.answer is not None:
            try:
                said = "; ".join(one_line(str(each)) for each in problem.answer.json()["errors"])
            except (HttpProblem, KeyError, TypeError):
                return found
            return TrackingProblem(f"Redmine refused it ({said}): change it and try again.", stops=False)
        if problem.status in (401, 403):
            text = f"{str(found).removesuffix('.')}; the REST service must be on in Redmine's settings (API)."
            return TrackingProblem(text)
        return found


def _dates(due: date | None) -> dict[str, str]:
    """The due date; Redmine starts an issue on the day it is made, and refuses one that is due before."""
    if due is None:
        return {}
    late = due <= datetime.now(UTC).date() + timedelta(days=1)
    return {"due_date": due.isoformat()} | ({"start_date": due.isoformat()} if late else {})


def _broken(found: re.Match[str]) -> str:
    return f"{found[0]}\u200b"
