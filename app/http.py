"""The one place that talks HTTP: deadlines, size caps, retries, and one clear sentence for every failure.

Rules, all of them because of a measured fault:

- httpx times single reads only, so a slow drip never ends: a total deadline stands around every call.
- A compressed answer can be a thousand times larger than what was sent: it is unpacked here, bit by bit, and
  counted while it arrives.
- Credentials belong to one origin (scheme, host, port). Redirects and next pages are followed by hand, there
  only: a library drops ``Authorization`` on the way to another host, but sends ``PRIVATE-TOKEN`` along.
- Only calls that read are repeated, and only where repeating can help: timeouts, answers that broke off, 429,
  502, 503, 504, and wherever the server says when to come again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from random import SystemRandom
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from app.http_answers import Answer, HttpProblem, failure, judge, shown
from app.http_body import Body
from app.http_site import Limits, Secret, Site, address_problem
from app.http_trust import trust
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
    "next_link",
]

Pairs = Sequence[tuple[str, str]]
"""Query parameters or form fields; a name may occur more than once."""
NextPage = Callable[[Answer], "Pairs | str | None"]
"""What follows a page: the parameters of the next call, or its whole address; nothing after the last."""

_REPEATABLE = {429, 502, 503, 504}
_FOLLOWED = {301, 307, 308}
_MOST_REDIRECTS = 5
_random = SystemRandom()


def next_link(answer: Answer) -> str | None:
    """The next page of an answer with a ``Link`` header (GitHub, GitLab)."""
    return answer.link("next") or None


class Client:
    """Calls to one :class:`Site`. Use it as an asynchronous context manager.

    *on_wait* is told a short text every second while a call waits before its next try.
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
        self.clock_s: float | None = None
        """By how many seconds the server's clock is ahead of this one, as its ``Date`` headers say; ±0.5 s."""
        self._round_trip = float("inf")
        self._on_wait = on_wait or (lambda _text: None)
        self._sleep = sleep
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        # Loading the library and reading the certificates takes a tenth of a second: not on the event loop.
        context = await asyncio.to_thread(trust, self.site)
        import httpx

        limits, site = self.limits, self.site
        headers = {"User-Agent": "blamefree", "Accept-Encoding": "gzip", **site.headers}
        headers |= {name: secret.reveal() for name, secret in site.secrets.items()}
        auth = None
        if site.bearer:
            headers["Authorization"] = f"Bearer {site.bearer.reveal()}"
        elif site.user:
            auth = httpx.BasicAuth(site.user, site.password.reveal() if site.password else "")
        try:
            self._client = httpx.AsyncClient(
                headers=headers,
                auth=auth,
                verify=context,
                follow_redirects=False,
                timeout=httpx.Timeout(limits.read, connect=limits.connect),
            )
        except ValueError as error:
            raise HttpProblem(
                f"{site.name}: a header or proxy setting cannot be used ({site.conceal(one_line(str(error)))}).",
                kind="address",
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def get(
        self,
        path: str,
        params: Pairs = (),
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Answer:
        """GET *path* with *params*; tried again where that can help.

        *path* begins with a slash and is put behind the site's address; a whole address is fine where it
        has the site's own origin. *headers* are for this call only, such as ``Accept``.
        """
        return await self._call("GET", path, params=params, headers=headers, repeat=True, max_bytes=max_bytes)

    async def pages(
        self,
        path: str,
        params: Pairs = (),
        *,
        following: NextPage = next_link,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        most: int = 1000,
    ) -> AsyncIterator[Answer]:
        """GET *path* and every page after it; *following* says what the next one is.

        Stop iterating to leave the rest. A server that names the same page twice, or more than *most* pages,
        raises :class:`HttpProblem`: what came before was handed out already.
        """
        asked: set[tuple[Any, ...]] = set()
        where, what = path, tuple(params)
        while (where, what) not in asked:
            if len(asked) >= most:
                raise HttpProblem(
                    f"{self.site.name} has more than {most:,} pages for one request: ask for less.",
                    kind="too-large",
                )
            asked.add((where, what))
            answer = await self.get(where, what, headers=headers, max_bytes=max_bytes)
            yield answer
            following_page = following(answer)
            if following_page is None:
                return
            if isinstance(following_page, str):
                where, what = following_page, ()
            else:
                where, what = path, tuple(following_page)
        raise HttpProblem(
            f"{self.site.name} names the same page twice: report this to its maker.", kind="protocol"
        )

    async def query(
        self,
        path: str,
        form: Pairs,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Answer:
        """POST *form* to an endpoint that only reads (a long query); tried again where that can help."""
        return await self._call("POST", path, form=form, headers=headers, repeat=True, max_bytes=max_bytes)

    async def ask(self, path: str, body: Any) -> Answer:
        """POST *body* as JSON to an endpoint that only reads (GraphQL); tried again where that can help."""
        return await self._call("POST", path, body=body, repeat=True)

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
        headers: Mapping[str, str] | None = None,
        repeat: bool,
        max_bytes: int | None = None,
    ) -> Answer:
        clock = asyncio.get_running_loop().time
        deadline = clock() + self.limits.total
        tries = self.limits.tries if repeat else 1
        number, waited = 1, 0.0
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    return await self._once(method, path, params, form, body, headers, max_bytes)
            except TimeoutError as error:
                raise HttpProblem(
                    f"{self.site.name} did not finish its answer within {self.limits.total:.0f} s: "
                    "ask for less (a shorter window, a coarser step) or try again.",
                    kind="deadline",
                    unclear=not repeat,
                ) from error
            except HttpProblem as problem:
                problem.unclear = problem.unclear and not repeat
                if number == tries or not _worth_repeating(problem):
                    raise
                wait = problem.retry_after
                if wait is None:
                    wait = 0.5 * 2 ** (number - 1) * _random.uniform(0.8, 1.2)
                    if clock() + wait >= deadline:
                        raise
                else:
                    waited += wait
                    if waited > self.limits.patience:
                        raise
                    deadline += wait
            number += 1
            await self._pause(wait, number, tries)

    async def _pause(self, seconds: float, number: int, tries: int) -> None:
        while seconds > 0:
            self._on_wait(f"waiting {seconds:.0f} s, then try {number} of {tries}")
            await self._sleep(min(1.0, seconds))
            seconds -= 1.0

    async def _once(
        self,
        method: str,
        path: str,
        params: Pairs,
        form: Pairs | None,
        body: Any,
        headers: Mapping[str, str] | None,
        max_bytes: int | None,
    ) -> Answer:
        import httpx

        if self._client is None:
            raise RuntimeError("the client must be entered before it is used")
        origin = _origin(httpx.URL(self.site.url))
        url = self._address(self.site.url.rstrip("/") + path if path.startswith("/") else path)
        if _origin(url) != origin:
            raise self._elsewhere(url, "names another server as its next page")
        if params:
            url = url.copy_merge_params(list(params))
        for _ in range(_MOST_REDIRECTS + 1):
            try:
                request = self._client.build_request(
                    method,
                    url,
                    data=_form(form) if form is not None else None,
                    json=body,
                    headers=headers,
                )
            except ValueError as error:
                raise HttpProblem(
                    f"{self.site.name}: a header cannot be sent ({one_line(str(error))[:99]}): correct it.",
                    kind="address",
                ) from error
            answer = await self._exchange(request, form, max_bytes)
            if answer.status not in _FOLLOWED:
                return judge(self.site, answer)
            target = self._address(answer.headers.get("location", ""), url)
            if _origin(target) != origin:
                raise self._elsewhere(target, "redirects to another server", answer)
            url = target
        raise HttpProblem(
            f"{self.site.name} redirects in a circle: check its address.",
            kind="redirect",
            status=answer.status,
        )

    def _address(self, text: str, base: httpx.URL | None = None) -> httpx.URL:
        import httpx

        try:
            return base.join(text) if base else httpx.URL(text)
        except (httpx.InvalidURL, ValueError) as error:
            raise HttpProblem(
                f"{self.site.name}: “{one_line(text)[:99]}” is not an address that can be asked.",
                kind="address",
            ) from error

    def _elsewhere(self, target: httpx.URL, what: str, answer: Answer | None = None) -> HttpProblem:
        return HttpProblem(
            f"{self.site.name} {what} ({shown(target)}), where its credentials must not go: if that is right, "
            "put that address into the settings.",
            kind="redirect",
            status=answer.status if answer else 0,
            answer=answer,
        )

    async def _exchange(self, request: httpx.Request, form: Pairs | None, max_bytes: int | None) -> Answer:
        """Send *request* and read its whole answer, up to the size cap."""
        import httpx

        if self._client is None:
            raise RuntimeError("the client must be entered before it is used")
        cap = max_bytes or self.limits.max_bytes
        sent = time.time()
        try:
            response = await self._client.send(request, stream=True)
            received = time.time()
            body = Body(self.site.name, response.headers.get("content-encoding", ""), cap)
            try:
                async for block in response.aiter_raw():
                    body.take(block)
            finally:
                await response.aclose()
        except (httpx.HTTPError, OSError) as error:  # what TLS says in the middle of an answer comes bare
            raise failure(self.site, self.limits, error) from error
        exact = f"{request.method} {request.url}"
        if form:
            exact += " " + "&".join(f"{name}={value}" for name, value in form)
        answer = Answer(
            self.site.name, exact, response.status_code, response.headers, body.finish(), self.site.conceal
        )
        self._compare_clocks(answer, sent, received)
        return answer

    def _compare_clocks(self, answer: Answer, sent: float, received: float) -> None:
        """Remember the difference of the exchange that took least: its answer was stamped most exactly."""
        date = answer.date()
        if date and answer.headers.get("age", "0").strip() == "0" and received - sent < self._round_trip:
            self._round_trip = received - sent
            # A Date is cut to whole seconds: on average it is half a second old when it is written.
            self.clock_s = date.timestamp() + 0.5 - (sent + received) / 2


def _worth_repeating(problem: HttpProblem) -> bool:
    if problem.status == 403:
        return problem.retry_after is not None
    return problem.kind in ("timeout", "cut") or problem.status in _REPEATABLE


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _form(pairs: Pairs) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form
