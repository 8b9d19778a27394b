"""PagerDuty: what happened to an incident there, from its trigger to its end, out of the log entries.

By incidents that are named, by services and the window, or the whole account's in the window. A file with saved log
entries (the API's own JSON) is read the same way, without a token.
API: github.com/PagerDuty/api-schema, reference/REST/openapiv3.json; 960 requests a minute and key, 429 with
``ratelimit-reset`` in seconds; ``offset + limit`` up to 10,000; six months at most at a time.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from app.evidence.facts import Fact
from app.evidence.formats import ATTACHMENT
from app.http import Answer, Client, HttpProblem, Limits, Secret, Site
from app.review.records import Artifact
from app.secrets import named
from app.text import one_line
from collectors.answers import dig, listed, moment, prose, words
from collectors.changes import web_address, written
from collectors.interface import Collected, Collector, CollectProblem, Examination, Field, Job
from collectors.parts import Book, Part, examined

HOSTS: Final = {"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}
_PAGE: Final = 100
_MOST_OFFSET: Final = 10_000
_MOST_FILE: Final = 64 * 1024 * 1024
_LONGEST: Final = timedelta(days=180)
_LOOK_BACK: Final = timedelta(days=1)
"""An incident that was triggered this long before the window may have been worked on inside of it."""
_LIMITS: Final = Limits(total=60.0, patience=90.0)
_INCIDENT: Final = re.compile(
    r"(?:https://[a-z0-9.-]+\.pagerduty\.com/incidents/)?([A-Z0-9]{6,40})(?:[/?#].*)?"
)
_SERVICE: Final = re.compile(r"[A-Z0-9]{6,40}")

ENTRIES: Final[Mapping[str, tuple[str, bool]]] = {
    "trigger": ("page", True),
    "notify": ("page", False),
    "acknowledge": ("action", True),
    "unacknowledge": ("action", True),
    "escalate": ("page", True),
    "delegate": ("page", True),
    "assign": ("page", False),
    "repeat_escalation_path": ("page", True),
    "exhaust_escalation_path": ("page", True),
    "reach_ack_limit": ("context", False),
    "reach_trigger_limit": ("context", False),
    "annotate": ("communication", True),
    "status_update": ("communication", True),
    "snooze": ("action", False),
    "urgency_change": ("decision", False),
    "priority_change": ("decision", False),
    "responder_request": ("page", True),
    "resolve": ("action", True),
}
"""Kind of timeline row and whether it is offered there, by the type of a log entry; the first ``notify`` of an
incident is offered too, for it is when somebody was called."""


class PagerDutyCollector(Collector):
    """The log entries of incidents."""

    kind: ClassVar[str] = "pagerduty"
    title: ClassVar[str] = "PagerDuty (log entries of incidents)"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("incidents", "Incidents", example="PT4KHLK, Q02JTSNZWHSEKV"),
        Field("services", "Services", example="PIJ90N7"),
        Field("region", "Region", example="us"),
        Field("token_env", "Token variable", example="PAGERDUTY_TOKEN", kind="variable", secret_env=True),
        Field("path", "Saved entries", example="log-entries.json", kind="path"),
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """Ids must be ids; the region is one of PagerDuty's."""
        if words(settings, "path"):
            return ""
        for given in _split(settings, "incidents"):
            if not _INCIDENT.fullmatch(given):
                return (
                    f"“{one_line(given)}” is no incident: write its id (PT4KHLK) or its address in PagerDuty."
                )
        for given in _split(settings, "services"):
            if not _SERVICE.fullmatch(given):
                return (
                    f"“{one_line(given)}” is no service: write its id, such as PIJ90N7 (it ends its address)."
                )
        region = words(settings, "region") or "us"
        if region not in HOSTS and not _loopback(region):
            return f"“{one_line(region)}” is no region: write us or eu."
        return ""

    def describe(self, settings: Mapping[str, Any]) -> str:
        """``pagerduty`` and what is asked for."""
        asked = (
            words(settings, "path").rpartition("/")[2]
            or ", ".join(_split(settings, "incidents") or _split(settings, "services"))
            or "all services"
        )
        return one_line(f"pagerduty {asked}")

    async def collect(self, job: Job) -> Collected:
        """Ask for the entries, or read them from the file that is named."""
        if words(job.source.settings, "path"):
            return await _from_file(job)
        async with Client(await _site(job), _LIMITS, on_wait=lambda text: job.report(step=text)) as client:
            book = Book(job, client)
            if book.window.end - book.window.start > _LONGEST:
                raise CollectProblem("PagerDuty answers for six months at most: ask for a shorter window.")
            return await book.ask(_Entries(job, book, client).parts())

    async def examine(self, job: Job) -> Examination | None:
        """One small request; a file is looked for."""
        path = words(job.source.settings, "path")
        if path:
            there = _path(job, path).is_file()
            return Examination(there, there, sentences=() if there else (_no_file(path),))
        try:
            site = await _site(job)
        except HttpProblem as problem:
            return Examination(authorised=False, sentences=(str(problem),))
        async with Client(site, _LIMITS) as client:
            return await examined(job, client, _Entries(job, None, client).parts())


class _Entries:
    """The requests of one collection."""

    def __init__(self, job: Job, book: Book | None, client: Client) -> None:
        self._book = book
        self.client = client
        settings = job.source.settings
        self.incidents = [
            match[1] for each in _split(settings, "incidents") if (match := _INCIDENT.fullmatch(each))
        ]
        self.services = _split(settings, "services")

    @property
    def book(self) -> Book:
        if self._book is None:
            raise RuntimeError("an examination keeps nothing")
        return self._book

    def parts(self) -> list[Part]:
        """One part an incident that is named; else one for the services, or for the account."""
        permission = "a key that may read incidents"
        small = (("limit", "1"),)
        if self.incidents:
            return [
                Part(
                    f"incident {key}",
                    lambda key=key: self._incident(key, whole=True),  # type: ignore[misc]
                    permission,
                    (f"/incidents/{key}/log_entries", small),
                )
                for key in dict.fromkeys(self.incidents)
            ]
        if self.services:
            return [Part("incidents of the services", self._of_services, permission, ("/incidents", small))]
        return [Part("log entries", self._account, permission, ("/log_entries", small))]

    async def _incident(self, key: str, *, whole: bool) -> None:
        """All entries of one incident; *whole* takes those outside of the window, too: it was named."""
        found: list[tuple[Any, Artifact]] = []
        async for artifact, records in self._pages(
            f"/incidents/{key}/log_entries", f"incident-{key}", "log_entries"
        ):
            found += [(record, artifact) for record in records]
        self._add(found, whole=whole)

    async def _of_services(self) -> None:
        """The incidents of the services that began in the window or a day before, and their entries."""
        keys: list[str] = []
        asked = [
            ("since", written(self.book.window.start - _LOOK_BACK)),
            ("until", written(self.book.window.end)),
            *(("service_ids[]", service) for service in self.services),
        ]
        async for _, records in self._pages("/incidents", "incidents", "incidents", asked):
            keys += [key for record in records if _SERVICE.fullmatch(key := words(record, "id", limit=40))]
        for number, key in enumerate(dict.fromkeys(keys), 1):
            self.book.tell(f"incident {number:,} of {len(keys):,}", share=(number - 1) / len(keys))
            await self._incident(key, whole=False)

    async def _account(self) -> None:
        """Everything that happened in the window."""
        window = self.book.window
        found: list[tuple[Any, Artifact]] = []
        asked = [("since", written(window.start)), ("until", written(window.end))]
        try:
            async for artifact, records in self._pages("/log_entries", "log-entries", "log_entries", asked):
                found += [(record, artifact) for record in records]
                at = [each for record in records if (each := moment(record, "created_at"))]
                # Newest first, as the API gives them; where not, nothing is said to be covered.
                if at and at == sorted(at, reverse=True):
                    self.book.walked_back_to(at[-1])
        finally:
            self._add(found, whole=False)

    def _add(self, found: list[tuple[Any, Artifact]], *, whole: bool) -> None:
        first: dict[str, str] = {}
        made = [(entry(record), record, artifact) for record, artifact in found]
        made.sort(key=lambda each: each[0].at if each[0] else datetime.min.replace(tzinfo=UTC))
        for fact, record, artifact in made:
            if fact and _type(record) == "notify":
                incident = words(record, "incident", "id", limit=40)
                if first.setdefault(incident, fact.key) == fact.key:
                    fact = replace(fact, notable=True)
            if whole and fact:
                self.book.facts[fact.key] = replace(fact, ref=artifact.path)
            else:
                self.book.add(fact, artifact)

    async def _pages(
        self, path: str, name: str, field: str, asked: list[tuple[str, str]] | None = None
    ) -> AsyncIterator[tuple[Artifact, list[Any]]]:
        """Every page of a list, kept."""
        params = [*(asked or []), ("time_zone", "UTC"), ("limit", str(_PAGE))]
        number = 0

        def following(answer: Answer) -> list[tuple[str, str]] | None:
            if dig(answer.json(), "more") is not True:
                return None
            offset = number * _PAGE
            if offset + _PAGE > _MOST_OFFSET:
                raise CollectProblem(
                    f"PagerDuty gives {_MOST_OFFSET:,} records for one question and there are more: name the incidents "
                    "or services, or ask for a shorter window."
                )
            return [*params, ("offset", str(offset))]

        async for answer in self.client.pages(path, params, following=following):
            number += 1
            records = listed(answer, field)
            yield await self.book.keep(f"{name}.{number}", answer, len(records)), records


def entry(record: Any) -> Fact | None:
    """One log entry as a fact, or nothing when it is none."""
    at, key, what = moment(record, "created_at"), words(record, "id", limit=60), _type(record)
    if at is None or not key or not what:
        return None
    kind, notable = ENTRIES.get(what, ("context", False))
    title = words(record, "incident", "summary", limit=300)
    said = words(record, "summary", limit=500) or what.replace("_", " ")
    note = prose(record, "note", limit=1_000) or prose(record, "channel", "summary", limit=1_000)
    if what == "trigger":
        said = f"{title or 'Incident'}: {said}" if title or said else said
        note = note or words(record, "event_details", "description", limit=500)
    elif title:
        said = f"{said} ({title})"
    person = words(record, "agent", "summary", limit=100)
    if what in ("notify", "assign", "escalate"):
        person = words(record, "user", "summary", limit=100) or person
    return Fact(
        at,
        f"{said}: {note}" if note and note not in said else said,
        kind,
        f"log-entry/{key}",
        actor=person,
        object=words(record, "service", "summary", limit=200) or title,
        url=web_address(record, "html_url") or web_address(dig(record, "incident"), "html_url"),
        notable=notable,
    )


def _type(record: Any) -> str:
    return words(record, "type", limit=80).removesuffix("_reference").removesuffix("_log_entry")


async def _from_file(job: Job) -> Collected:
    """Entries that were saved: the API's answer, a list of entries, or one entry a line."""
    path = _path(job, words(job.source.settings, "path"))
    content = await asyncio.to_thread(_read, path)
    records = _records(content)
    if records is None:
        raise CollectProblem(
            f"{path.name} holds no log entries of PagerDuty: save the API's answer as it is."
        )
    artifact = await asyncio.to_thread(
        job.keeper.keep, path.name, content, query=one_line(str(path)), format=ATTACHMENT, rows=len(records)
    )
    facts = [replace(fact, ref=artifact.path) for record in records if (fact := entry(record))]
    kept = job.keep_facts("pagerduty.facts.jsonl", facts, one_line(str(path)))
    left = len(records) - len(facts)
    notes = (f"{left:,} records of {path.name} are no log entries that are known here.",) if left else ()
    window = job.window
    job.report(
        rows=len(facts), bytes=len(content), done=1.0, covered=((window.start, window.end),) if window else ()
    )
    return Collected((artifact, kept), (), notes)


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise CollectProblem(_no_file(str(path)))
    if path.stat().st_size > _MOST_FILE:
        raise CollectProblem(f"{path.name} is larger than {_MOST_FILE // 1_048_576} MiB: save fewer entries.")
    return path.read_bytes()


def _records(content: bytes) -> list[Any] | None:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        lines = [line for line in content.split(b"\n") if line.strip()]
        try:
            data = [json.loads(line) for line in lines]
        except (ValueError, RecursionError):
            return None
    # An answer, a list of entries, or one of either a line.
    records: list[Any] = []
    for each in data if isinstance(data, list) else [data]:
        inside = dig(each, "log_entries")
        records += inside if isinstance(inside, list) else [dig(each, "log_entry") or each]
    return records if any(entry(record) for record in records) else None


def _path(job: Job, given: str) -> Path:
    path = Path(given).expanduser()
    return path if path.is_absolute() else job.folder / path


def _no_file(path: str) -> str:
    return f"{one_line(path)} is not there: name the file with the saved log entries."


def _split(settings: Mapping[str, Any], name: str) -> list[str]:
    return [part for part in re.split(r"[\s,]+", words(settings, name)) if part]


def _loopback(url: str) -> bool:
    """Whether *url* is a server on this machine: a proxy, or one for tests."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")


async def _site(job: Job) -> Site:
    settings = job.source.settings
    region, name = words(settings, "region") or "us", one_line(job.source.name or "PagerDuty")
    url = HOSTS.get(region, region)
    variable = words(settings, "token_env") or "PAGERDUTY_TOKEN"
    found = await named(variable, job.environment, name, urlsplit(url).hostname or "")
    if found is None:
        raise HttpProblem(f"{name} needs a token.", kind="login-setting")
    return Site(
        name,
        url,
        headers={"Accept": "application/vnd.pagerduty+json;version=2"},
        secrets={"Authorization": Secret(f"Token token={found.secret.reveal()}")},
        login_hint=found.origin,
    )
