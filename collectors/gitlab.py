"""What changed, as GitLab knows it: deployments, releases, merged merge requests, pipelines.

Lists are asked for what was updated since the window began, or are read back to it; what lies outside is left out.
Deployments can be asked for a time only where they are ordered by it, too.
API: docs.gitlab.com/api (deployments, releases, merge_requests, pipelines); ``Link`` paging; 429 with ``Retry-After``.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Final
from urllib.parse import quote, urlsplit

from app.evidence.facts import Fact
from app.evidence.window import Window
from app.http import Client, HttpProblem, Limits, Site
from app.review.records import Artifact
from app.secrets import TokenProblem, gitlab_token
from app.text import one_line
from collectors.answers import dig, listed, moment, words
from collectors.changes import DEPLOYS, safe_address, web_address, written
from collectors.confirmed import may_lend
from collectors.interface import Collected, Collector, CollectProblem, Examination, Field, Job
from collectors.parts import Book, Part, examined, switched_on

PUBLIC: Final = "https://gitlab.com"
_PROJECT: Final = re.compile(r"\d{1,12}|[A-Za-z0-9_.-]{1,255}(?:/[A-Za-z0-9_.-]{1,255}){1,20}")
_PAGE: Final = ("per_page", "100")
_LIMITS: Final = Limits(total=60.0, patience=90.0)
_LATER: Final = timedelta(hours=6)
"""What happened in the window may have been touched again until so much later."""
_MOST_PAGES: Final = 100
_ENDED: Final = {"success", "failed", "canceled", "skipped"}
_KINDS: Final = ("deployments", "releases", "merge_requests", "pipelines")


class GitLabCollector(Collector):
    """The changes of one or several projects."""

    kind: ClassVar[str] = "gitlab"
    title: ClassVar[str] = "GitLab (deployments, releases, merged requests, pipelines)"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("project", "Projects", required=True, example="acme/api, 4711"),
        Field("environment", "Environment", example="production"),
        Field("branch", "Branch", example="main"),
        Field("deployments", "Deployments", example="yes", kind="flag"),
        Field("releases", "Releases", example="yes", kind="flag"),
        Field("merge_requests", "Merged requests", example="yes", kind="flag"),
        Field("pipelines", "Pipelines", example="yes", kind="flag"),
        Field("base_url", "Address", example="https://gitlab.acme.example", kind="url"),
        Field("token_env", "Token variable", example="GITLAB_TOKEN", kind="variable", secret_env=True),
        Field("ca_file", "CA file", kind="path"),
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """Projects must be paths or numbers, and something must be asked for."""
        projects = _projects(settings)
        if not projects:
            return "No project is named: write its path (group/name) or number; several with commas between."
        for project in projects:
            if not _PROJECT.fullmatch(project) or ".." in project:
                return f"“{one_line(project)}” is no project: write its path (group/name) or its number."
        if not any(switched_on(settings, name) for name in _KINDS):
            return "Nothing is asked for: switch deployments, releases, merged requests or pipelines on."
        return safe_address(_base(settings))

    def describe(self, settings: Mapping[str, Any]) -> str:
        """``gitlab`` and the projects."""
        return one_line(f"gitlab {', '.join(_projects(settings))}").strip()

    async def collect(self, job: Job) -> Collected:
        """Ask for every kind in every project; one that is refused is a gap, and the others go on."""
        async with Client(await _site(job), _LIMITS, on_wait=lambda text: job.report(step=text)) as client:
            book = Book(job, client)
            return await book.ask(_parts(job, book, client))

    async def examine(self, job: Job) -> Examination | None:
        """One small request for each kind."""
        try:
            site = await _site(job)
        except HttpProblem as problem:
            return Examination(authorised=False, sentences=(str(problem),))
        async with Client(site, _LIMITS) as client:
            return await examined(job, client, _parts(job, None, client))


def _parts(job: Job, book: Book | None, client: Client) -> list[Part]:
    settings = job.source.settings
    parts: list[Part] = []
    for project in _projects(settings):
        asking = _Project(project, settings, book, client)
        asks = (asking.deployments, asking.releases, asking.merged, asking.pipelines)
        parts += [
            Part(
                f"{project}, {name.replace('_', ' ')}",
                ask,
                "a token with read_api, and to be a Reporter of the project",
                (f"{asking.home}/{name}", (("per_page", "1"),)),
            )
            for name, ask in zip(_KINDS, asks, strict=True)
            if switched_on(settings, name)
        ]
    return parts


@dataclass(frozen=True)
class _Project:
    """The requests for one project, and what their answers mean."""

    project: str
    settings: Mapping[str, Any]
    _book: Book | None
    client: Client

    @property
    def book(self) -> Book:
        if self._book is None:
            raise RuntimeError("an examination keeps nothing")
        return self._book

    @property
    def window(self) -> Window:
        return self.book.window

    @property
    def home(self) -> str:
        """The project's address in the API; a path goes there as one word."""
        return f"/projects/{quote(self.project, safe='')}"

    async def deployments(self) -> None:
        """Those that were touched in the window or soon after, the latest first."""
        environment = words(self.settings, "environment")
        params = [
            ("updated_after", written(self.window.start)),
            ("updated_before", written(self.window.end + _LATER)),
            ("order_by", "updated_at"),
            ("sort", "desc"),
            *([("environment", environment)] if environment else []),
            _PAGE,
        ]
        async for artifact, records in self._pages("deployments", params):
            for record in records:
                for fact in self._deployment(record):
                    self.book.add(fact, artifact)
            self._walk(records, "updated_at")

    def _deployment(self, record: Any) -> list[Fact | None]:
        at, key, state = moment(record, "created_at"), words(record, "id"), words(record, "status")
        if at is None or not key:
            return [None]
        ref, sha = words(record, "ref", limit=200), words(record, "sha")[:10]
        where = words(record, "environment", "name", limit=200) or "no environment"
        what = f"Deployment of {ref}{f' ({sha})' if sha else ''} to {where}"
        who = words(record, "user", "username")
        url = web_address(dig(record, "deployable"), "web_url") or self._web(f"-/deployments/{key}")
        begun = moment(record, "deployable", "started_at") or at
        facts: list[Fact | None] = [
            Fact(
                begun,
                f"{what} begins",
                "change",
                f"{self.project}/deployment/{key}",
                actor=who,
                object=self.project,
                url=url,
            )
        ]
        ended = moment(record, "deployable", "finished_at") or moment(record, "updated_at")
        if state in _ENDED and ended:
            facts.append(
                Fact(
                    ended,
                    f"{what}: {state}",
                    "change",
                    f"{self.project}/deployment/{key}/{state}",
                    actor=who,
                    object=self.project,
                    url=url,
                    level="error" if state == "failed" else "",
                    notable=state != "skipped",
                )
            )
        return facts

    async def releases(self) -> None:
        """The latest first, back to the window."""
        params = [("order_by", "released_at"), ("sort", "desc"), _PAGE]
        async for artifact, records in self._pages("releases", params):
            for record in records:
                self.book.add(self._release(record), artifact)
            if self._walk(records, "released_at"):
                break

    def _release(self, record: Any) -> Fact | None:
        at, tag = moment(record, "released_at"), words(record, "tag_name", limit=200)
        if at is None or not tag:
            return None
        name = words(record, "name", limit=200)
        title = tag if name in ("", tag) else f"{tag} “{name}”"
        return Fact(
            at,
            f"Release {title} of {self.project} is published",
            "change",
            f"{self.project}/release/{tag}",
            actor=words(record, "author", "username"),
            object=self.project,
            url=web_address(dig(record, "_links"), "self"),
        )

    async def merged(self) -> None:
        """All that were touched since the window began, and of these, what was merged in it."""
        branch = words(self.settings, "branch")
        params = [
            ("state", "merged"),
            ("updated_after", written(self.window.start)),
            ("order_by", "updated_at"),
            ("sort", "desc"),
            *([("target_branch", branch)] if branch else []),
            _PAGE,
        ]
        async for artifact, records in self._pages("merge_requests", params):
            for record in records:
                self.book.add(self._merge_request(record), artifact)
            self._walk(records, "updated_at")

    def _merge_request(self, record: Any) -> Fact | None:
        at, number = moment(record, "merged_at"), words(record, "iid")
        if at is None or not number:
            return None
        return Fact(
            at,
            f"Merge request {number} is merged: {words(record, 'title', limit=500)}",
            "change",
            f"{self.project}/merge-request/{number}",
            actor=words(record, "merge_user", "username")
            or words(record, "merged_by", "username")
            or words(record, "author", "username"),
            object=self.project,
            url=web_address(record, "web_url"),
        )

    async def pipelines(self) -> None:
        """Those that were touched in the window or soon after."""
        branch = words(self.settings, "branch")
        params = [
            ("updated_after", written(self.window.start)),
            ("updated_before", written(self.window.end + _LATER)),
            ("order_by", "updated_at"),
            ("sort", "desc"),
            *([("ref", branch)] if branch else []),
            _PAGE,
        ]
        async for artifact, records in self._pages("pipelines", params):
            for record in records:
                self.book.add(self._pipeline(record), artifact)
            self._walk(records, "updated_at")

    def _pipeline(self, record: Any) -> Fact | None:
        at, key, state = moment(record, "created_at"), words(record, "id"), words(record, "status")
        if at is None or not key:
            return None
        ref, source, name = (words(record, each, limit=200) for each in ("ref", "source", "name"))
        return Fact(
            at,
            f"Pipeline {key}{f' “{name}”' if name else ''} on {ref or 'no branch'}: {state or 'unknown'}"
            + (f" ({source.replace('_', ' ')})" if source else ""),
            "change",
            f"{self.project}/pipeline/{key}",
            until=moment(record, "updated_at") if state in _ENDED else None,
            object=self.project,
            url=web_address(record, "web_url"),
            level="error" if state == "failed" else "",
            notable=bool(name and DEPLOYS.search(name)),
        )

    def _walk(self, records: list[Any], field: str) -> bool:
        """Note how far back a list has been read; whether that is before the window."""
        times = [at for record in records if (at := moment(record, field))]
        if times:
            self.book.walked_back_to(min(times))
        return bool(times) and min(times) < self.window.start

    async def _pages(
        self, what: str, params: list[tuple[str, str]]
    ) -> AsyncIterator[tuple[Artifact, list[Any]]]:
        """Every page of a list of the project, kept."""
        number = 0
        async for answer in self.client.pages(f"{self.home}/{what}", params):
            number += 1
            if number > _MOST_PAGES:
                raise CollectProblem(
                    f"more than {_MOST_PAGES * 100:,} records were touched since the window began: ask for less"
                )
            records = listed(answer)
            name = f"{self.project}.{what}.{number}".replace("/", ".")
            yield await self.book.keep(name, answer, len(records)), records

    def _web(self, page: str) -> str:
        """A page of the project for people; one that is named by its number has none that is known."""
        base = self.client.site.url.removesuffix("/api/v4")
        return "" if self.project.isdigit() else f"{base}/{self.project}/{page}"


def _projects(settings: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(part for part in re.split(r"[\s,]+", words(settings, "project")) if part))


def _base(settings: Mapping[str, Any]) -> str:
    return words(settings, "base_url").rstrip("/").removesuffix("/api/v4") or PUBLIC


async def _site(job: Job) -> Site:
    settings = job.source.settings
    url, name = _base(settings), one_line(job.source.name or "GitLab")
    host = (urlsplit(url).hostname or "").lower()
    try:
        trusted = may_lend(GitLabCollector(), settings, job.environment)
        found = await gitlab_token(host, job.environment, words(settings, "token_env"), trusted=trusted)
    except TokenProblem as problem:
        raise HttpProblem(f"{name}: {problem}", kind="login-setting") from problem
    return Site(
        name,
        f"{url}/api/v4",
        secrets={"PRIVATE-TOKEN": found.secret},
        ca_file=words(settings, "ca_file"),
        login_hint=found.origin,
    )
