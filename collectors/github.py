"""What changed, as GitHub knows it: deployments, releases, merged pull requests, workflow runs.

The lists of deployments and releases cannot be asked for a time: they come newest first and are read back to the
start of the window. Pull requests are searched by when they were merged and runs by when they were created; both
give a thousand results at most, so a window with more is halved.
API: GitHub's OpenAPI document (github.com/github/rest-api-description), against which the tests hold every request.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from app.evidence.window import Window
from app.http import Answer, Client, HttpProblem, Limits, Site
from app.review.records import Artifact
from app.secrets import TokenProblem, github_token
from app.text import one_line
from collectors import github_facts as facts
from collectors.answers import dig, listed, moment, words
from collectors.changes import safe_address, written
from collectors.confirmed import may_lend
from collectors.interface import Collected, Collector, Examination, Field, Job
from collectors.parts import Book, Part, examined, switched_on

PUBLIC_API: Final = "https://api.github.com"
_REPO: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_PAGE: Final = ("per_page", "100")
_MOST_RESULTS: Final = 1000
_LIMITS: Final = Limits(total=60.0)
_LOOK_BACK: Final = timedelta(hours=6)
"""A deployment that began this long before the window may have ended inside of it."""
_MOST_OLD_PAGES: Final = 3
"""Releases are listed by the age of their commit: so many pages without one in the window are the end."""


class GitHubCollector(Collector):
    """The changes of one or several repositories."""

    kind: ClassVar[str] = "github"
    title: ClassVar[str] = "GitHub (deployments, releases, merges, workflow runs)"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("repo", "Repositories", required=True, example="acme/api, acme/web"),
        Field("environment", "Environment", example="production"),
        Field("branch", "Branch", example="main"),
        Field("deployments", "Deployments", example="yes", kind="flag"),
        Field("releases", "Releases", example="yes", kind="flag"),
        Field("pull_requests", "Merged requests", example="yes", kind="flag"),
        Field("runs", "Workflow runs", example="yes", kind="flag"),
        Field("commits", "Commits", example="no", kind="flag"),
        Field("base_url", "API address", example="https://github.acme.example/api/v3", kind="url"),
        Field("token_env", "Token variable", example="GH_TOKEN", kind="variable", secret_env=True),
        Field("ca_file", "CA file", kind="path"),
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """Repositories must be written as ``owner/name``, and something must be asked for."""
        repos = _repos(settings)
        if not repos:
            return "No repository is named: write it like owner/name; several with commas between."
        for repo in repos:
            if not _REPO.fullmatch(repo):
                return f"“{one_line(repo)}” is not a repository: write it like owner/name."
        if not any(_wants(settings, name) for name in _KINDS):
            return "Nothing is asked for: switch deployments, releases, merged requests or runs on."
        return safe_address(_base(settings))

    def describe(self, settings: Mapping[str, Any]) -> str:
        """``github`` and the repositories."""
        return one_line(f"github {', '.join(_repos(settings))}").strip()

    async def collect(self, job: Job) -> Collected:
        """Ask for every kind in every repository; one that is refused is a gap, and the others go on."""
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


_KINDS: Final = ("deployments", "releases", "pull_requests", "runs", "commits")


def _wants(settings: Mapping[str, Any], name: str) -> bool:
    return switched_on(settings, name, default=name != "commits")


def _parts(job: Job, book: Book | None, client: Client) -> list[Part]:
    settings = job.source.settings
    parts: list[Part] = []
    for repo in _repos(settings):
        asking = _Repository(repo, settings, book, client)
        one = ("per_page", "1")
        whole = (
            (
                "deployments",
                "deployments",
                asking.deployments,
                "Deployments: read",
                f"/repos/{repo}/deployments",
                (one,),
            ),
            ("releases", "releases", asking.releases, "Contents: read", f"/repos/{repo}/releases", (one,)),
            (
                "pull_requests",
                "merged pull requests",
                asking.merged,
                "Pull requests: read",
                "/search/issues",
                (("q", f"repo:{repo} is:pr is:merged"), one),
            ),
            ("runs", "workflow runs", asking.runs, "Actions: read", f"/repos/{repo}/actions/runs", (one,)),
            ("commits", "commits", asking.commits, "Contents: read", f"/repos/{repo}/commits", (one,)),
        )
        parts += [
            Part(f"{repo}, {title}", ask, f"the permission {permission}", (path, params))
            for name, title, ask, permission, path, params in whole
            if _wants(settings, name)
        ]
    return parts


@dataclass(frozen=True)
class _Repository:
    """The requests for one repository, and what their answers mean."""

    repo: str
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

    async def deployments(self) -> None:
        """Newest first, back to some hours before the window; then the statuses of each."""
        environment = words(self.settings, "environment")
        params = [_PAGE, *([("environment", environment)] if environment else [])]
        found: list[tuple[Any, str]] = []
        async for artifact, records in self._pages("deployments", params):
            oldest = None
            for record in records:
                at = moment(record, "created_at")
                self.book.add(facts.deployment(self.repo, record, self._web("deployments")), artifact)
                oldest = min(at, oldest or at) if at else oldest
                if at and at <= self.window.end:
                    found.append((record, words(record, "id")))
            self.book.walked_back_to(oldest)
            if oldest and oldest < self.window.start - _LOOK_BACK:
                break
        found = [
            each
            for each in found
            if (moment(each[0], "created_at") or self.window.end) >= self.window.start - _LOOK_BACK
        ]
        for number, (deployment, key) in enumerate(found, 1):
            self.book.tell(f"{self.repo}, deployment {number:,} of {len(found):,}")
            if not re.fullmatch(r"\d{1,20}", key):
                continue
            async for artifact, records in self._pages(f"deployments/{key}/statuses", [_PAGE]):
                for record in records:
                    self.book.add(
                        facts.status(self.repo, deployment, record, self._web("deployments")), artifact
                    )

    async def releases(self) -> None:
        """Newest first; one that was drafted long ago may have been published in the window."""
        barren = 0
        async for artifact, records in self._pages("releases", [_PAGE]):
            young = False
            for record in records:
                at = moment(record, "published_at")
                if at is None and dig(record, "draft") is True:
                    continue
                self.book.add(facts.release(self.repo, record), artifact)
                made = moment(record, "created_at")
                young = young or any(each and each >= self.window.start for each in (at, made))
            barren = 0 if young else barren + 1
            if barren >= _MOST_OLD_PAGES or not records:
                break

    async def merged(self) -> None:
        """Searched by when they were merged; what was merged minutes ago may not be in the index yet."""
        branch = words(self.settings, "branch")
        base = f" base:{branch}" if branch else ""

        def params(window: Window) -> list[tuple[str, str]]:
            span = f"{written(window.start)}..{written(window.end)}"
            return [("q", f"repo:{self.repo} is:pr is:merged merged:{span}{base}"), _PAGE]

        async for answer, artifact, records in self._halved(
            "search/issues", "pull-requests", params, "items"
        ):
            if dig(answer.json(), "incomplete_results") is True:
                self.book.hole(f"{self.repo}, merged pull requests: GitHub's search gave up before its end")
            for record in records:
                self.book.add(facts.pull_request(self.repo, record), artifact)

    async def runs(self) -> None:
        """The runs that were created in the window."""
        branch = words(self.settings, "branch")

        def params(window: Window) -> list[tuple[str, str]]:
            span = f"{written(window.start)}..{written(window.end)}"
            chosen = [("branch", branch)] if branch else []
            return [("created", span), ("exclude_pull_requests", "true"), *chosen, _PAGE]

        path = f"repos/{self.repo}/actions/runs"
        async for _, artifact, records in self._halved(path, "runs", params, "workflow_runs"):
            for record in records:
                self.book.add(facts.run(self.repo, record), artifact)

    async def commits(self) -> None:
        """By their own dates, which say when they were written and not when they arrived."""
        branch = words(self.settings, "branch")
        params = [("since", written(self.window.start)), ("until", written(self.window.end)), _PAGE]
        if branch:
            params.append(("sha", branch))
        async for artifact, records in self._pages("commits", params):
            for record in records:
                self.book.add(facts.commit(self.repo, record), artifact)

    async def _pages(
        self, what: str, params: list[tuple[str, str]]
    ) -> AsyncIterator[tuple[Artifact, list[Any]]]:
        """Every page of a list below the repository, kept."""
        number = 0
        async for answer in self.client.pages(f"/repos/{self.repo}/{what}", params):
            number += 1
            records = listed(answer)
            name = f"{self.repo}.{what}.{number}".replace("/", ".")
            yield await self.book.keep(name, answer, len(records)), records

    async def _halved(
        self, path: str, name: str, params: Any, field: str
    ) -> AsyncIterator[tuple[Answer, Artifact, list[Any]]]:
        """Every page for the window; where there are more results than GitHub gives, for each half of it."""
        todo, number = [self.window], 0
        while todo:
            window = todo.pop()
            async for answer in self.client.pages(f"/{path}", params(window)):
                number += 1
                records = listed(answer, field)
                total = dig(answer.json(), "total_count")
                if isinstance(total, int) and total > _MOST_RESULTS:
                    middle = window.start + (window.end - window.start) / 2
                    if window.end - window.start > timedelta(seconds=2):
                        todo += [
                            Window(middle + timedelta(seconds=1), window.end),
                            Window(window.start, middle),
                        ]
                        break
                    self.book.hole(f"{self.repo}, {name}: GitHub gives {_MOST_RESULTS:,} of {total:,}")
                title = f"{self.repo}.{name}.{number}".replace("/", ".")
                yield answer, await self.book.keep(title, answer, len(records)), records

    def _web(self, page: str) -> str:
        """The repository's own page, on the server that people open."""
        parts = urlsplit(self.client.site.url)
        host = "github.com" if self.client.site.url == PUBLIC_API else parts.netloc.removeprefix("api.")
        return f"https://{host}/{self.repo}/{page}"


def _repos(settings: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(part for part in re.split(r"[\s,]+", words(settings, "repo")) if part))


def _base(settings: Mapping[str, Any]) -> str:
    return words(settings, "base_url").rstrip("/") or PUBLIC_API


async def _site(job: Job) -> Site:
    settings = job.source.settings
    url, name = _base(settings), one_line(job.source.name or "GitHub")
    host = (urlsplit(url).hostname or "").lower()
    try:
        trusted = may_lend(GitHubCollector(), settings, job.environment)
        found = await github_token(host, job.environment, words(settings, "token_env"), trusted=trusted)
    except TokenProblem as problem:
        raise HttpProblem(f"{name}: {problem}", kind="login-setting") from problem
    return Site(
        name,
        url,
        bearer=found.secret,
        headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
        ca_file=words(settings, "ca_file"),
        login_hint=found.origin,
    )
