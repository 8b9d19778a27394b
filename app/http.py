"""The one place that talks HTTP: deadlines, size caps, retries, and one clear sentence for every failure.

Rules, all of them because of a measured fault:

- httpx times single reads only, so a slow drip never ends: a total deadline stands around every call.
- A compressed answer can be a thousand times larger than what was sent: the body is counted while it arrives.
- Credentials belong to one origin (scheme, host, port). Redirects are followed by hand, there only.
- Only calls that read are repeated, and only where repeating can help: timeouts, 429, 502, 503, 504.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import SystemRandom
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from app.http_answers import (
    Answer,
    HttpProblem,
    Limits,
    Secret,
    Site,
    address_problem,
    failure,
    judge,
    secret_from,
    shown,
)
from app.text import one_line

if TYPE_CHECKING:
    import httpx

__all__ = [
    "Answer",
    "Client",
    "HttpProblem",
    "Limits",
    "Pairs",
    "Secret",
    "Site",
    "address_problem",
    "secret_from",
]

Pairs = Sequence[tuple[str, str]]
"""Query parameters or form fields; a name may occur more than once."""

_REPEATABLE = {429, 502, 503, 504}
_FOLLOWED = {301, 307, 308}
_MOST_REDIRECTS = 5
_random = SystemRandom()


class Client:
    """Calls to one :class:`Site`. Use it as an asynchronous context manager.

    *on_wait* is told a short text whenever a call waits before its next try.
    """

    def __init__(
        self,
        site: Site,
        limits: Limits | None = None,
        *,
        on_wait: Callable[[str], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        problem = address_problem(site.url)
        if problem:
            raise HttpProblem(f"{site.name}: {problem}", kind="address")
        self.site = site
        self.limits = limits or Limits()
        self._on_wait = on_wait or (lambda _text: None)
        self._sleep = sleep
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        import httpx

        limits, site = self.limits, self.site
        headers = {"User-Agent": "blamefree", "Accept-Encoding": "gzip", **site.headers}
        auth = None
        if site.bearer:
            headers["Authorization"] = f"Bearer {site.bearer.reveal()}"
        elif site.user:
            auth = httpx.BasicAuth(site.user, site.password.reveal() if site.password else "")
        try:
            self._client = httpx.AsyncClient(
                headers=headers,
                auth=auth,
                verify=_trust(site),
                follow_redirects=False,
                timeout=httpx.Timeout(limits.read, connect=limits.connect),
            )
        except ValueError as error:
            raise HttpProblem(
                f"{site.name}: a header or proxy setting cannot be used ({one_line(str(error))}).",
                kind="address",
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def get(self, path: str, params: Pairs = (), *, max_bytes: int | None = None) -> Answer:
        """GET *path* with *params*; tried again where that can help."""
        return await self._call("GET", path, params=params, repeat=True, max_bytes=max_bytes)

    async def query(self, path: str, form: Pairs, *, max_bytes: int | None = None) -> Answer:
        """POST *form* to an endpoint that only reads (a long query); tried again where that can help."""
        return await self._call("POST", path, form=form, repeat=True, max_bytes=max_bytes)

    async def send(self, method: str, path: str, body: Any) -> Answer:
        """Send *body* as JSON to change something: once, never repeated."""
        return await self._call(method, path, body=body, repeat=False)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Pairs = (),
        form: Pairs | None = None,
        body: Any = None,
        repeat: bool,
        max_bytes: int | None = None,
    ) -> Answer:
        deadline = asyncio.get_running_loop().time() + self.limits.total
        tries = self.limits.tries if repeat else 1
        try:
            async with asyncio.timeout_at(deadline):
                number = 1
                while True:
                    try:
                        return await self._once(method, path, params, form, body, max_bytes)
                    except HttpProblem as problem:
                        problem.unclear = problem.unclear and not repeat
                        wait = problem.retry_after
                        if wait is None:
                            wait = 0.5 * 2 ** (number - 1) * _random.uniform(0.8, 1.2)
                        late = asyncio.get_running_loop().time() + wait >= deadline
                        if number == tries or late or not _worth_repeating(problem):
                            raise
                    number += 1
                    self._on_wait(f"waiting {wait:.0f} s, then try {number} of {tries}")
                    await self._sleep(wait)
        except TimeoutError as error:
            raise HttpProblem(
                f"{self.site.name} did not finish its answer within {self.limits.total:.0f} s: "
                "ask for less (a shorter window, a coarser step) or try again.",
                kind="deadline",
                unclear=not repeat,
            ) from error

    async def _once(
        self, method: str, path: str, params: Pairs, form: Pairs | None, body: Any, max_bytes: int | None
    ) -> Answer:
        import httpx

        if self._client is None:
            raise RuntimeError("the client must be entered before it is used")
        url = httpx.URL(self.site.url.rstrip("/") + path)
        if params:
            url = url.copy_merge_params(list(params))
        origin = _origin(url)
        for _ in range(_MOST_REDIRECTS + 1):
            request = self._client.build_request(
                method,
                url,
                data=_form(form) if form is not None else None,
                json=body,
            )
            answer = await self._exchange(request, form, max_bytes)
            if answer.status not in _FOLLOWED:
                return judge(self.site, answer)
            target = url.join(answer.headers.get("location", ""))
            if _origin(target) != origin:
                raise HttpProblem(
                    f"{self.site.name} redirects to another server ({shown(target)}), where its credentials "
                    "must not go: if that is right, put that address into the settings.",
                    kind="redirect",
                    status=answer.status,
                    answer=answer,
                )
            url = target
        raise HttpProblem(
            f"{self.site.name} redirects in a circle: check its address.",
            kind="redirect",
            status=answer.status,
        )

    async def _exchange(self, request: httpx.Request, form: Pairs | None, max_bytes: int | None) -> Answer:
        """Send *request* and read its whole answer, up to the size cap."""
        import httpx

        if self._client is None:
            raise RuntimeError("the client must be entered before it is used")
        cap = max_bytes or self.limits.max_bytes
        parts: list[bytes] = []
        size = 0
        try:
            response = await self._client.send(request, stream=True)
            try:
                async for block in response.aiter_bytes():
                    size += len(block)
                    if size > cap:
                        raise HttpProblem(
                            f"{self.site.name} sent more than {cap / 1_048_576:,.0f} MiB for one request: "
                            "ask for less (a shorter window, a coarser step, fewer series).",
                            kind="too-large",
                        )
                    parts.append(block)
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise failure(self.site, self.limits, error) from error
        shown = f"{request.method} {request.url}"
        if form:
            shown += " " + "&".join(f"{name}={value}" for name, value in form)
        return Answer(self.site.name, shown, response.status_code, response.headers, b"".join(parts))


def _trust(site: Site) -> ssl.SSLContext | bool:
    """The certificates to trust: the usual ones, or the site's own authority."""
    if not site.ca_file:
        return True
    try:
        return ssl.create_default_context(cafile=str(Path(site.ca_file).expanduser()))
    except OSError as error:  # ssl.SSLError is one too
        raise HttpProblem(
            f"{site.name}: the certificate file {one_line(site.ca_file)} cannot be read: name a PEM file.",
            kind="ca-file",
        ) from error


def _worth_repeating(problem: HttpProblem) -> bool:
    return problem.kind == "timeout" or problem.status in _REPEATABLE


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _form(pairs: Pairs) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form
