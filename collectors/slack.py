"""Slack: what was said in one channel in the window, with its threads, through the Web API.

``conversations.history`` gives the messages of the channel newest first, ``conversations.replies`` one thread a call,
``users.list`` the names of people, which are used and not kept: a directory of everybody is no evidence. Slack
answers 200 to nearly everything; ``ok`` and ``error`` say what it means.
API: docs.slack.dev/reference/methods. An app of one's own may ask 50 times a minute; one that is sold outside of
Slack's marketplace once a minute, for 15 messages: it takes long then, and is waited for.
"""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from app.http import Answer, Client, HttpProblem, Limits, Site
from app.review.records import Artifact
from app.secrets import named
from app.text import one_line
from collectors.answers import dig, listed, words
from collectors.interface import Collected, Collector, CollectProblem, Examination, Field, Job
from collectors.parts import Book, Part, examined
from collectors.slack_messages import Room, fact, is_reply, left_out, names, stamp

HOSTS: Final = ("slack.com", "slack-gov.com")
_PUBLIC: Final = "https://slack.com/api"
_LIMITS: Final = Limits(total=60.0, patience=300.0, tries=4)
_PAGE: Final = "500"
"""Messages a call, of 999 that Slack takes; an app that may have 15 gets 15."""
_MOST_PEOPLE: Final = 20
"""Pages of people, of 500 each: names are a help, and not worth an hour."""
_LOOK_BACK: Final = timedelta(hours=6)
"""A thread that began this long before the window may have gone on inside of it."""
_ID: Final = re.compile(r"[CGD][A-Z0-9]{7,20}")
_LINK: Final = re.compile(
    r"https://[a-z0-9.-]+/(?:archives|client/[A-Z0-9]+)/([CGD][A-Z0-9]{7,20})(?:[/?].*)?"
)
_NAME: Final = re.compile(r"#?([^\s#@,]{1,80})")

_REFUSALS: Final[Mapping[str, tuple[int, str]]] = {
    "invalid_auth": (401, "refuses the token in {origin}: make a new one"),
    "not_authed": (401, "refuses the token in {origin}: make a new one"),
    "token_revoked": (401, "says the token in {origin} was revoked: make a new one"),
    "token_expired": (401, "says the token in {origin} has expired: make a new one"),
    "account_inactive": (401, "says the account of the token in {origin} is switched off: make a new one"),
    "org_login_required": (401, "wants its people to log in anew: ask the owner of the workspace"),
    "missing_scope": (403, "needs the scope {needed} for this: add it to the app and install it again"),
    "no_permission": (403, "does not let this token do that: ask the owner of the workspace"),
    "not_in_channel": (403, "lets only members read this channel: invite the app with /invite"),
    "channel_not_found": (
        404,
        "knows no such channel, or the app may not see it: check it, and /invite the app",
    ),
    "thread_not_found": (404, "has no such thread any more"),
    "ratelimited": (429, "asks to be asked less often: try again later"),
}


class SlackCollector(Collector):
    """The messages of one channel."""

    kind: ClassVar[str] = "slack"
    title: ClassVar[str] = "Slack (history of a channel)"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("channel", "Channel", required=True, example="C0123456789 or #incident-42"),
        Field("token_env", "Token variable", example="SLACK_TOKEN", kind="variable", secret_env=True),
        Field("base_url", "API address", example=_PUBLIC, kind="url"),
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """The channel must be an id, a link or a name; tokens go to Slack only."""
        channel = words(settings, "channel")
        if not channel:
            return "No channel is named: write its id (C0123456789), its link, or its name."
        if not _ID.fullmatch(channel) and not _LINK.fullmatch(channel) and not _NAME.fullmatch(channel):
            return f"“{one_line(channel)}” is no channel: write its id (C0123456789), its link, or its name."
        parts = urlsplit(_base(settings))
        host = parts.hostname or ""
        if host in ("127.0.0.1", "localhost", "::1") and parts.scheme == "http":
            return ""
        if parts.scheme != "https" or not any(host == known or host.endswith(f".{known}") for known in HOSTS):
            return f"Slack's API is at {_PUBLIC}: leave the address empty, or name one below {' or '.join(HOSTS)}."
        return ""

    def describe(self, settings: Mapping[str, Any]) -> str:
        """``slack`` and the channel."""
        return one_line(f"slack {words(settings, 'channel')}").strip()

    async def collect(self, job: Job) -> Collected:
        """Names, then the channel, then each thread of it."""
        async with Client(await _site(job), _LIMITS, on_wait=lambda text: job.report(step=text)) as client:
            book = Book(job, client)
            return await book.ask(_Channel(job, book, client).parts())

    async def examine(self, job: Job) -> Examination | None:
        """Whether the token works, and one message of the channel."""
        try:
            site = await _site(job)
        except HttpProblem as problem:
            return Examination(authorised=False, sentences=(str(problem),))
        async with Client(site, _LIMITS) as client:
            channel = _Channel(job, None, client)
            try:
                await channel.enter()
                _judged(
                    client,
                    await client.get("/conversations.history", [("channel", channel.key), ("limit", "1")]),
                )
            except (HttpProblem, CollectProblem) as problem:
                status = problem.status if isinstance(problem, HttpProblem) else 404
                return Examination(
                    status != 0, False if status else None, client.clock_s, sentences=(str(problem),)
                )
            return await _sound(job, client)


async def _sound(job: Job, client: Client) -> Examination:
    """The examination of a channel that answered."""
    found = await examined(job, client, [Part("token", _nothing, probe=("/auth.test", ()))])
    return Examination(found.reachable, True, found.clock_s, sentences=found.sentences)


async def _nothing() -> None:
    """An examination asks for nothing more."""


class _Channel:
    """The requests for one channel."""

    def __init__(self, job: Job, book: Book | None, client: Client) -> None:
        self._book = book
        self.client = client
        self.given = words(job.source.settings, "channel")
        self.key = ""
        self.room = Room("", self.given.lstrip("#"))
        self.threads: list[Any] = []

    @property
    def book(self) -> Book:
        if self._book is None:
            raise RuntimeError("an examination keeps nothing")
        return self._book

    def parts(self) -> list[Part]:
        """The channel first: what its threads are is known from it."""
        return [Part("messages", self.messages), Part("threads", self.replies)]

    async def enter(self) -> None:
        """Find the channel's id, and the address of the workspace."""
        who = _judged(self.client, await self.client.get("/auth.test"))
        link = _LINK.fullmatch(self.given)
        self.key = link[1] if link else self.given if _ID.fullmatch(self.given) else await self._looked_up()
        name = self.room.name if not link and self.key != self.given else self.key
        self.room = Room(self.key, name, home=words(who, "url", limit=300))

    async def _looked_up(self) -> str:
        wanted = self.given.lstrip("#").lower()
        params = [("types", "public_channel,private_channel"), ("limit", "999")]
        async for answer in self._calls("/conversations.list", params):
            for channel in listed(answer, "channels"):
                if words(channel, "name", limit=100) == wanted and _ID.fullmatch(words(channel, "id")):
                    return words(channel, "id")
        raise CollectProblem(
            f"{self.client.site.name} shows this app no channel called #{one_line(wanted)}: check the name, "
            "/invite the app, or write the channel's id."
        )

    async def messages(self) -> None:
        """The channel, newest first, back to some hours before the window."""
        self.book.tell("finding the channel")
        await self.enter()
        people = await self._people()
        self.room = Room(self.key, self.room.name, people, home=self.room.home)
        params = [("channel", self.key), *self._window(), ("limit", _PAGE)]
        number = 0
        async for answer in self._calls("/conversations.history", params):
            number += 1
            said = listed(answer, "messages")
            artifact = await self.book.keep(f"{self.key}.history.{number}", answer, len(said))
            for message in said:
                self._add(message, artifact)
                if _replies(message):
                    self.threads.append(message)
            times = [at for message in said if (at := stamp(message))]
            self.book.walked_back_to(min(times, default=None))

    async def replies(self) -> None:
        """Each thread that was written to since the window began; one that is gone is passed over."""
        start = self.book.window.start
        open_threads = [each for each in self.threads if (stamp(each, "latest_reply") or start) >= start]
        for number, parent in enumerate(open_threads, 1):
            self.book.tell(
                f"thread {number:,} of {len(open_threads):,}", share=(number - 1) / len(open_threads)
            )
            ts = words(parent, "ts", limit=40)
            params = [("channel", self.key), ("ts", ts), *self._window(), ("limit", _PAGE)]
            try:
                page = 0
                async for answer in self._calls("/conversations.replies", params):
                    page += 1
                    said = listed(answer, "messages")
                    artifact = await self.book.keep(f"{self.key}.thread-{ts}.{page}", answer, len(said))
                    for message in said:
                        if is_reply(message):
                            self._add(message, artifact, parent)
            except HttpProblem as problem:
                if problem.status != 404:
                    raise
                self.book.notes.append(
                    "A thread is gone since the channel was read: somebody deleted its beginning."
                )

    def _add(self, message: Any, artifact: Artifact, parent: Any = None) -> None:
        # A reply that was sent to the channel, too, comes with both; its thread tells more about it.
        if not left_out(message):
            self.book.add(fact(message, self.room, parent), artifact)

    def _window(self) -> list[tuple[str, str]]:
        window = self.book.window
        return [
            ("oldest", _ts(window.start - _LOOK_BACK)),
            ("latest", _ts(window.end)),
            ("inclusive", "true"),
        ]

    async def _people(self) -> dict[str, str]:
        """Names by id; without them, messages carry ids."""
        found: dict[str, str] = {}
        pages = 0
        try:
            async for answer in self._calls("/users.list", [("limit", "500")]):
                found |= names(listed(answer, "members"))
                pages += 1
                self.book.tell(f"{len(found):,} people")
                if pages == _MOST_PEOPLE:
                    self.book.notes.append(
                        f"Names are known of {len(found):,} people only; the others carry ids."
                    )
                    break
        except HttpProblem as problem:
            if problem.status != 403:
                raise
            self.book.notes.append(f"Names of people are missing, messages carry their ids: {problem}")
        return found

    async def _calls(self, method: str, params: list[tuple[str, str]]) -> AsyncIterator[Answer]:
        """Every page of *method*; raises the sentence for what Slack refuses."""

        def following(answer: Answer) -> list[tuple[str, str]] | None:
            cursor = words(answer.json(), "response_metadata", "next_cursor", limit=500)
            return [*params, ("cursor", cursor)] if cursor else None

        async for answer in self.client.pages(method, params, following=following):
            _judged(self.client, answer)
            yield answer


def _judged(client: Client, answer: Answer) -> Any:
    """What Slack answered; raises :class:`HttpProblem` when it says that it is not ``ok``."""
    content = answer.json()
    if dig(content, "ok") is True:
        return content
    error = client.site.conceal(words(content, "error", limit=100)) or "no reason given"
    status, sentence = _REFUSALS.get(
        error, (400, "refused the request: see docs.slack.dev for what it means")
    )
    told = sentence.format(
        origin=client.site.login_hint, needed=words(content, "needed", limit=200) or "that it names"
    )
    raise HttpProblem(f"{client.site.name} {told} ({error}).", kind="status", status=status, answer=answer)


def _replies(message: Any) -> bool:
    count = dig(message, "reply_count")
    return isinstance(count, int) and count > 0 and stamp(message) is not None and not is_reply(message)


def _ts(at: datetime) -> str:
    return f"{at.astimezone(UTC).timestamp():.6f}"


def _base(settings: Mapping[str, Any]) -> str:
    return words(settings, "base_url").rstrip("/") or _PUBLIC


async def _site(job: Job) -> Site:
    settings = job.source.settings
    url, name = _base(settings), one_line(job.source.name or "Slack")
    variable = words(settings, "token_env") or "SLACK_TOKEN"
    found = await named(variable, job.environment, name, urlsplit(url).hostname or "")
    if found is None:
        raise HttpProblem(f"{name} needs a token.", kind="login-setting")
    return Site(name, url, bearer=found.secret, login_hint=found.origin)
