"""What trackers behind HTTP have in common: the connection, the token, the plan, and sentences for failures.

A tracker's own file says how its requests look and how its lists are read; everything that decides whether a
ticket is made stands in :mod:`app.tracking.export`.
"""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, ClassVar, Final, Self, TypeVar
from urllib.parse import urlsplit

from app.http import Answer, Client, HttpProblem, Site, address_problem
from app.review.plain import one_line
from app.review.records import Ticket, Tracking
from app.secrets import Found, TokenProblem, look_up
from app.tracking import wording
from app.tracking.interface import GONE, Made, Planned, Team, TrackingProblem
from app.tracking.planner import NOBODY, Planner

T = TypeVar("T")
_NOBODY_THERE: Final = {"refused", "dns", "tls", "timeout", "deadline", "proxy"}
"""Kinds of failures that every other question to that server would have as well."""
_THIS_MACHINE: Final = {"127.0.0.1", "localhost", "::1"}


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
            raise TrackingProblem(
                f"{self.title} needs a token: export {names[0]}, or keep one with: {how}", whole=True
            )
        raise TrackingProblem(
            f"There is no token for {self.host}: keep one with: {how} (or name that server in your settings, "
            f'[tracker.{self.name}] base_url = "{self.base}", and export {names[0]})',
            whole=True,
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
            whole=problem.kind in _NOBODY_THERE,
        )

    # Tickets

    async def prepare(self, planned: Planned) -> Planned:
        """*planned* as it will be sent: with numbers looked up, or made of what the ticket says by now."""
        if planned.state != "changed" or planned.ticket is None or not planned.open:
            return await self.looked_up(planned)
        try:
            answer = await self.read(planned.ticket)
            if answer is not None:
                return self.changing(planned, self.record(answer))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise TrackingProblem(
                f"{self.title} answered a ticket in an unknown form: check the address."
            ) from error
        raise TrackingProblem(
            f"{planned.ticket.url} is not there any more, or may not be seen: take its link off {planned.action_id}, "
            "and the action gets a new one.",
            stops=False,
        )

    async def looked_up(self, planned: Planned) -> Planned:
        """*planned* with the numbers of people, labels and the like, where the tracker has numbers for them."""
        return planned

    async def read(self, ticket: Ticket) -> Any:
        """What the tracker answers about a ticket; None where there is none."""
        try:
            return (await self.client.get(self.place(ticket), self.reading)).json()
        except HttpProblem as problem:
            if problem.status in {404, 410}:
                return None
            raise self.explained(problem) from problem

    reading: ClassVar[Sequence[tuple[str, str]]] = ()
    """What else is said where a ticket is asked for."""

    def place(self, ticket: Ticket) -> str:
        """The path of a ticket in the API."""
        raise NotImplementedError

    def record(self, answer: Any) -> Mapping[str, Any]:
        """The fields in an answer about a ticket, as :attr:`said_as` and :attr:`dated_as` call them."""
        fields: Mapping[str, Any] = answer
        return fields

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
                says = self.standing(self.record(record))
                made = Made(self.ticket(record), str(record.get(heading, "")), standing=says)
                found.setdefault(key, []).append(made)
        for tickets in found.values():
            tickets.sort(key=lambda each: each.ticket.number)
        return found

    @abstractmethod
    def ticket(self, record: Mapping[str, Any]) -> Ticket:
        """A record of the tracker as a ticket. May raise KeyError, TypeError or ValueError."""

    def answered(self, planned: Planned, record: Any, heading: str, remarks: Sequence[str] = ()) -> Made:
        """The ticket that a request made or changed."""
        try:
            return self.made(
                planned, self.ticket(record), str(record.get(heading, "")), remarks, self.record(record)
            )
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
