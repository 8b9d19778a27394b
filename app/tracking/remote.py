"""What trackers behind HTTP have in common: the connection, the token, the plan, and sentences for failures.

A tracker's own file says how its requests look and how its lists are read; everything that decides whether a
ticket is made stands in :mod:`app.tracking.export`.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, ClassVar, Final, Self, TypeVar
from urllib.parse import quote, urlsplit

from app.http import Answer, Client, HttpProblem, Site, address_problem
from app.redaction.session import masked
from app.review.plain import one_line
from app.review.records import Action, Session, Ticket, Tracking
from app.secrets import Found, TokenProblem, look_up
from app.tracking import wording
from app.tracking.interface import GONE, Draft, Made, Planned, Team, TrackingProblem
from app.tracking.team import bare

T = TypeVar("T")
LABELS: Final = ("post-mortem",)
_THIS_MACHINE: Final = {"127.0.0.1", "localhost", "::1"}
NOBODY: Final = Team()
"""Settings that say nothing."""


class Planner(ABC):
    """One ticket per action: which ones there are, and what each should say. No network here."""

    name: ClassVar[str]
    asks: ClassVar[tuple[str, str]] = ("Goes into", "what tickets are put into")
    """What a form asks for, and how it is written."""
    server: ClassVar[str] = ""
    """How a form asks for the server's address; empty where there is none."""
    sure: bool = False
    """Whether the list is known to show what was made at once; see :class:`~app.tracking.interface.Tracker`."""
    priority_labels: ClassVar[bool] = False
    """Whether a priority of the settings is one more label, where the tracker has no priorities."""

    def __init__(self, settings: Tracking, environment: Mapping[str, str], team: Team = NOBODY) -> None:
        self.repo = settings.repo.strip()
        self.settings = settings
        self.environment = environment
        self.team = team

    @property
    @abstractmethod
    def target(self) -> str:
        """Where tickets go, as people know it and as the journal remembers it."""

    @abstractmethod
    def request(self, draft: Draft) -> Planned:
        """The request that creates a ticket, as far as it is known without asking the tracker."""

    @abstractmethod
    def change(self, draft: Draft, ticket: Ticket) -> Planned:
        """The request that gives *ticket* the words of *draft*."""

    def words(self, session: Session, action: Action) -> str:
        """What a ticket says, with its marker, in the tracker's own markup."""
        return wording.body(session, action, self.report(session))

    def accounts(self, owner: str) -> str:
        """The account of an action's owner: as the settings say, else the handle; empty where there is none."""
        handle = owner.strip()
        known = self.team.people.get(bare(handle), "") if handle else ""
        return known or (handle[1:] if handle.startswith("@") and " " not in handle else "")

    def report(self, session: Session) -> str:
        """The address of the report; ``{id}`` in it stands for the review's id."""
        return self.settings.report.replace("{id}", quote(session.id, safe=""))

    def plan(self, session: Session) -> list[Planned]:
        """One entry per action, with the request as it would be sent; nothing is sent."""
        if not session.id:
            raise TrackingProblem("The review has no id, by which its tickets are found again: give it one.")
        clean = masked(session)
        return [
            self._planned(clean, action, each.owner)
            for action, each in zip(clean.actions, session.actions, strict=True)
        ]

    def _planned(self, session: Session, action: Action, owner: str) -> Planned:
        # An account may be looked up by an address that nobody gets to read.
        draft = replace(self.draft(session, action), account=self.accounts(owner))
        digest = wording.digest(draft.title, draft.body)
        ticket = action.ticket
        if ticket and ticket.url:
            if not ticket.sent or ticket.sent == digest:
                return Planned(action.id, "exists", ticket.url)
            reason = f"the action has changed since {ticket.url} was made"
            if ticket.tracker not in ("", self.name):
                return Planned(action.id, "changed", f"{reason} in {ticket.tracker}: change it there by hand")
            planned = self.change(draft, ticket)
            return replace(
                planned, action_id=action.id, reason=reason, digest=digest, draft=draft, ticket=ticket
            )
        if reason := _why_not(action):
            return Planned(action.id, "skip", reason)
        reason = "no ticket yet"
        if action.owner and not draft.account:
            reason = f"no ticket yet; {self.stranger(action.owner)}"
        planned = self.request(draft)
        return replace(planned, action_id=action.id, reason=reason, key=draft.key, digest=digest, draft=draft)

    def stranger(self, owner: str) -> str:
        """Why nobody is assigned."""
        return f"“{owner}” has no account here: write it under [people] in the settings"

    def draft(self, session: Session, action: Action) -> Draft:
        """What the ticket of *action* should say and have."""
        priorities = self.team.options.get("priorities")
        named = priorities.get(action.priority.casefold(), "") if isinstance(priorities, Mapping) else ""
        labels = self.settings.labels or LABELS
        if named and self.priority_labels:
            labels = (*labels, one_line(str(named)))
        return Draft(
            key=wording.key(session, action),
            title=wording.title(action),
            body=self.words(session, action),
            account=self.accounts(action.owner),
            labels=labels,
            due=action.due,
            priority=one_line(str(named)) or action.priority.strip(),
            milestone=self.settings.milestone.strip(),
        )

    def made(self, planned: Planned, ticket: Ticket, title: str, remarks: Sequence[str] = ()) -> Made:
        """The answer to a request that went through."""
        known = ticket.model_copy(update={"sent": planned.digest})
        return Made(known, title, (*planned.remarks, *remarks))


def _why_not(action: Action) -> str:
    """Why an action gets no ticket; empty where it gets one."""
    if not action.id:
        return "it has no id"
    if not action.text.strip():
        return "it does not say what to do"
    return {"declined": "decided against", "done": "already done"}.get(action.status, "")


class Remote(Planner):
    """A tracker with an HTTP API."""

    title: ClassVar[str]
    """What sentences call it."""
    public: ClassVar[str] = ""
    """The address of the public server; empty where everybody has one of their own."""
    tokens: ClassVar[tuple[str, ...]] = ()
    """Names of the environment variables and keyring entries that hold its token, in order."""
    hosts: ClassVar[tuple[str, ...]] = ()
    """Environment variables that name a server of this person's own."""
    example: ClassVar[str]
    """How what tickets go into is written."""

    def __init__(self, settings: Tracking, environment: Mapping[str, str], team: Team = NOBODY) -> None:
        super().__init__(settings, environment, team)
        self.base = settings.base_url.strip().rstrip("/") or self.public
        self._client: Client | None = None
        self._looked_up: dict[str, Any] = {}
        if not self.repo:
            raise TrackingProblem(f"{self.title}: nothing is chosen to put tickets into: {self.example}.")
        if not self.base:
            raise TrackingProblem(f"{self.title} needs the address of its server: --base-url https://HOST.")
        if problem := address_problem(self.base):
            raise TrackingProblem(problem)
        parts = urlsplit(self.base)
        self.host = (parts.hostname or "").lower()
        plain = self.host in _THIS_MACHINE or team.options.get("plain_http") is True
        if parts.scheme != "https" and not plain:
            raise TrackingProblem(f"{self.host} is asked over http, which would show the token: use https.")

    # The connection

    @abstractmethod
    def site(self, token: Found) -> Site:
        """The server and how to log in there."""

    async def token(self) -> Found:
        """The token for this server. Raises :class:`TrackingProblem`, which says how to get one.

        What belongs to this person goes to the public server, and to others only where the settings or the
        environment name them: a review may come from somebody else.
        """
        wanted = self.team.option("token")
        names = (wanted, *self.tokens) if wanted else self.tokens
        try:
            found = await look_up(names, self.environment, self.host, strangers=self._ours())
        except TokenProblem as problem:
            raise TrackingProblem(str(problem)) from problem
        if found:
            return found
        how = f"blamefree token set {names[0]} --host {self.host}"
        if self._ours():
            raise TrackingProblem(f"{self.title} needs a token: export {names[0]}, or keep one with: {how}")
        raise TrackingProblem(
            f"There is no token for {self.host}: keep one with: {how} (or name that server in your settings, "
            f'[tracker.{self.name}] base_url = "{self.base}", and export {names[0]})'
        )

    def _ours(self) -> bool:
        named = {
            self.environment.get(name, "").strip().rstrip("/").rpartition("//")[2] for name in self.hosts
        }
        parts = urlsplit(self.base)
        return (
            self.base == self.public or self.host in self.team.own or bool({self.host, parts.netloc} & named)
        )

    async def __aenter__(self) -> Self:
        site = self.site(await self.token())
        if ca_file := self.team.option("ca_file"):
            site = replace(site, ca_file=ca_file)
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

    @property
    def client(self) -> Client:
        """The connection."""
        if self._client is None:
            raise RuntimeError("the tracker must be entered before it is used")
        return self._client

    # Calls

    async def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Answer:
        """GET *path*; what goes wrong is a :class:`TrackingProblem`."""
        try:
            return await self.client.get(path, query)
        except HttpProblem as problem:
            raise self.explained(problem) from problem

    async def send(self, method: str, path: str, body: Any) -> Any:
        """Send *body* once; the JSON of the answer. An answer that cannot be read is unclear."""
        try:
            answer = await self.client.send(method, path, body)
        except HttpProblem as problem:
            raise self.explained(problem) from problem
        if not answer.body.strip():
            return None
        try:
            return answer.json()
        except HttpProblem as problem:
            raise self.unread(problem) from problem

    def unread(self, error: Exception) -> TrackingProblem:
        """A ticket was answered in a form that says nothing."""
        return TrackingProblem(
            f"{self.title}'s answer cannot be read ({one_line(str(error))[:80]}): look there and run this again.",
            unclear=True,
        )

    async def records(self, path: str, query: Sequence[tuple[str, str]] = ()) -> list[dict[str, Any]]:
        """Every record of a list that is paged with ``Link`` headers."""
        found: list[dict[str, Any]] = []
        try:
            async for answer in self.client.pages(path, query):
                found += self.listed(answer.json())
        except HttpProblem as problem:
            raise self.explained(problem) from problem
        return found

    def listed(self, content: Any) -> list[dict[str, Any]]:
        """*content* when it is a list of records."""
        if not isinstance(content, list) or not all(isinstance(each, dict) for each in content):
            raise TrackingProblem(f"{self.title} answered a list in an unknown form: check the address.")
        return content

    async def once(self, what: str, read: Callable[[], Awaitable[T]]) -> T:
        """What *read* gives, asked for once per connection and kept as *what*."""
        if what not in self._looked_up:
            self._looked_up[what] = await read()
        kept: T = self._looked_up[what]
        return kept

    def explained(self, problem: HttpProblem) -> TrackingProblem:
        """The sentence for a failed call."""
        text = str(problem)
        if problem.status == 404:
            text = (
                f"{self.title} knows no {self.repo}, or the token from {self.client.site.login_hint} may not see "
                "it: check the name and the token's access."
            )
        elif problem.status == 403 and problem.retry_after is None:
            text = f"{text.removesuffix('.')} (the token comes from {self.client.site.login_hint})."
        return TrackingProblem(
            text,
            unclear=problem.unclear,
            stops=problem.status not in (400, 422),
            retry_after=None if problem.unclear else problem.retry_after,
        )

    # Tickets

    async def prepare(self, planned: Planned) -> Planned:
        """*planned* as it will be sent; a tracker with numbers for people and labels looks them up here."""
        return planned

    def picked(
        self,
        records: Collection[Mapping[str, Any]],
        keys: Collection[str],
        field: str,
        heading: str = "title",
    ) -> dict[str, list[Made]]:
        """The tickets among *records* whose text in *field* has the marker of one of *keys*, oldest first."""
        found: dict[str, list[Made]] = {}
        for record in records:
            key = wording.marked(str(record.get(field) or ""))
            if key in keys:
                found.setdefault(key, []).append(Made(self.ticket(record), str(record.get(heading, ""))))
        for tickets in found.values():
            tickets.sort(key=lambda each: each.ticket.number)
        return found

    @abstractmethod
    def ticket(self, record: Mapping[str, Any]) -> Ticket:
        """A record of the tracker as a ticket. May raise KeyError, TypeError or ValueError."""

    def answered(self, planned: Planned, record: Any, heading: str, remarks: Sequence[str] = ()) -> Made:
        """The ticket that a request made or changed."""
        try:
            return self.made(planned, self.ticket(record), str(record.get(heading, "")), remarks)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self.unread(error) from error

    async def state_of(self, ticket: Ticket, path: str) -> Ticket:
        """*ticket* with the state in the record at *path*; :data:`GONE` where there is none."""
        now = datetime.now(UTC)
        try:
            record = (await self.client.get(path)).json()
        except HttpProblem as problem:
            if problem.status not in {404, 410}:
                raise self.explained(problem) from problem
            return ticket.model_copy(update={"state": GONE, "synced_at": now})
        try:
            state = self.ticket(record).state
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise TrackingProblem(
                f"{self.title} answered a ticket in an unknown form: check the address."
            ) from error
        return ticket.model_copy(update={"state": state, "synced_at": now})


def later(what: str) -> str:
    """What stands in a request in the place of *what*, which is looked up before it is sent."""
    return f"‹{what}›"


def stamp(moment: datetime) -> str:
    """A moment as trackers take it in a query."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
