"""Requests to one cluster from many threads: retries, deadlines, pages, one sentence for every failure."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import SystemRandom
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode

from app.evidence.index import Cancel
from app.http_answers import Answer, HttpProblem, judge
from app.http_site import Secret, Site
from app.text import one_line
from collectors.kube.credentials import IN_CLUSTER
from collectors.kube.library import Login, Query, Wire, blocks, hang_up, problem_of

PAGE = 500
TRIES = 4
READ_S = 30.0
TOTAL_S = 120.0
LARGEST = 256 * 1024 * 1024
_BLOCK = 64 * 1024
_REPEATABLE = {429, 500, 502, 503, 504}
_LONGEST_WAIT_S = 30.0
_random = SystemRandom()


@dataclass(frozen=True)
class Reply:
    """An answer that was read to its end: as it came, and parsed."""

    request: str
    body: bytes
    content: dict[str, Any]

    @property
    def items(self) -> list[dict[str, Any]]:
        """The objects of a list; one that is no object is left out."""
        found = self.content.get("items")
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


class Cluster:
    """One API server. Every method may block and may be called from any thread.

    Raises :class:`HttpProblem`, or :class:`Cancel` once :meth:`stop` was called. *renew* gets fresh
    credentials when the server calls the ones at hand expired; *tell* hears of waits.
    """

    def __init__(
        self,
        login: Login,
        *,
        at_once: int = 5,
        stopped: threading.Event | None = None,
        renew: Callable[[], Login] | None = None,
        tell: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.login = login
        self.name = f"Kubernetes “{one_line(login.context)}”" if login.context else "Kubernetes"
        self.ahead_s: float | None = None
        """By how many seconds the server's clock is ahead of this one, once it has answered; ±0.5 s and the
        way's half."""
        self.stopped = stopped or threading.Event()
        self._at_once = at_once
        self._renew = renew
        self._tell = tell
        self._wire = Wire(login, at_once)
        self._lock = threading.Lock()
        self._open: set[Any] = set()

    def stop(self) -> None:
        """End every request that is under way, and refuse new ones."""
        self.stopped.set()
        with self._lock:
            under_way = list(self._open)
        for response in under_way:
            hang_up(response)

    def close(self) -> None:
        """Forget the connections; call it when no request is under way."""
        self._wire.close()

    def get(self, path: str, query: Query = ()) -> Reply:
        """GET one JSON document; tried again where that can help."""
        return self._whole("GET", path, query, None)

    def review(self, path: str, body: dict[str, Any]) -> Reply:
        """POST a question that changes nothing (a ``SelfSubjectAccessReview``)."""
        return self._whole("POST", path, (), body)

    def pages(self, path: str, query: Query = ()) -> Iterator[Reply]:
        """All pages of a list. A list that expired between two pages is begun anew, once.

        https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
        """
        token, anew = "", False
        while True:
            asked = [*query, ("limit", str(PAGE)), *([("continue", token)] if token else [])]
            try:
                reply = self.get(path, asked)
            except HttpProblem as problem:
                if problem.status != 410 or not token or anew:
                    raise
                token, anew = "", True
                continue
            yield reply
            meta = reply.content.get("metadata")
            token = str(meta.get("continue") or "") if isinstance(meta, dict) else ""
            if not token:
                return

    @contextmanager
    def stream(self, path: str, query: Query, read_s: float = 60.0) -> Iterator[Iterator[bytes]]:
        """GET *path* and give its body in blocks as they come; the opening is tried again, the body not."""
        response = self._repeated("GET", path, query, None, read_s)
        try:
            yield self._blocks(response, read_s)
        finally:
            self._done(response)

    def _blocks(self, response: Any, read_s: float) -> Iterator[bytes]:
        try:
            for block in blocks(response, _BLOCK):
                if self.stopped.is_set():
                    raise Cancel
                yield block
        except (Cancel, GeneratorExit):
            raise
        except Exception as error:
            raise self._broken(error, read_s) from error
        if self.stopped.is_set():
            # A connection that was shut down may look like one that ended well.
            raise Cancel

    def _whole(self, method: str, path: str, query: Query, body: dict[str, Any] | None) -> Reply:
        deadline = monotonic() + TOTAL_S
        for number in range(1, TRIES + 1):
            response = self._repeated(method, path, query, body, READ_S)
            content = bytearray()
            try:
                for block in self._blocks(response, READ_S):
                    content += block
                    self._check_size(len(content), deadline)
                break
            except HttpProblem as problem:
                if number == TRIES or problem.kind not in ("cut", "timeout"):
                    raise
                self._pause(problem, number)
            finally:
                self._done(response)
        answer = Answer(self.name, _request(method, path, query), 200, {}, bytes(content), self._site.conceal)
        parsed = answer.json()
        if not isinstance(parsed, dict):
            raise HttpProblem(
                f"{self.name} answered something that is no Kubernetes object: check the context's server.",
                kind="not-json",
            )
        return Reply(answer.request, answer.body, parsed)

    def _check_size(self, size: int, deadline: float) -> None:
        if size > LARGEST:
            raise HttpProblem(
                f"{self.name} sent more than {LARGEST / 1_048_576:,.0f} MiB for one page of a list: name a "
                "workload or a selector.",
                kind="too-large",
            )
        if monotonic() > deadline:
            raise HttpProblem(
                f"{self.name} did not finish its answer within {TOTAL_S:.0f} s: name a workload or a selector, "
                "or try again later.",
                kind="deadline",
            )

    def _repeated(self, method: str, path: str, query: Query, body: Any, read_s: float) -> Any:
        """An open, successful response."""
        renewed = False
        number = 1
        while True:
            wire = self._wire
            try:
                return self._once(wire, method, path, query, body, read_s)
            except HttpProblem as problem:
                if problem.status == 401 and self._renew and not renewed:
                    renewed = True
                    self._fresh(wire)
                    continue
                helps = problem.kind in ("timeout", "cut") or problem.status in _REPEATABLE
                if number >= TRIES or not helps:
                    raise
                self._pause(problem, number)
                number += 1

    def _pause(self, problem: HttpProblem, number: int) -> None:
        wait = problem.retry_after
        if wait is None:
            wait = 0.4 * 2 ** (number - 1) * _random.uniform(0.8, 1.2)
        if wait > _LONGEST_WAIT_S:
            raise problem
        self._tell(f"waiting {wait:.0f} s, then try {number + 1} of {TRIES}")
        if self.stopped.wait(wait):
            raise Cancel

    def _fresh(self, used: Wire) -> None:
        """New credentials, unless another thread got them meanwhile. Connections in use go on."""
        with self._lock:
            if self._wire is not used or self._renew is None:
                return
            fresh = self._renew()
            self.login = replace(fresh, said=self.login.said)
            self._wire = Wire(fresh, self._at_once)

    def _once(self, wire: Wire, method: str, path: str, query: Query, body: Any, read_s: float) -> Any:
        if self.stopped.is_set():
            raise Cancel
        sent = datetime.now(UTC)
        try:
            response = wire.open(method, path, query, read_s, body)
        except Exception as error:
            raise self._broken(error, read_s) from error
        with self._lock:
            self._open.add(response)
        if self.stopped.is_set():
            self._done(response)
            raise Cancel
        if 200 <= response.status < 300:
            self._look_at_the_clock(response.headers.get("date", ""), sent)
            return response
        try:
            said = b""
            with suppress(HttpProblem):
                for block in self._blocks(response, read_s):
                    said += block
                    if len(said) > _BLOCK:
                        break
        finally:
            self._done(response)
        judge(
            self._site,
            Answer(self.name, _request(method, path, query), response.status, response.headers, _plain(said)),
        )
        raise AssertionError("a status that is no success is always a problem")

    @property
    def _site(self) -> Site:
        """The server as sentences need it; its token only to be concealed."""
        token = Secret(self.login.authorization.rpartition(" ")[2])
        inside = self.login.context == IN_CLUSTER
        hint = "the token of its service account" if inside else "its kubeconfig (or sign in again)"
        return Site(self.name, self.login.host, bearer=token, login_hint=hint)

    def _done(self, response: Any) -> None:
        with self._lock:
            self._open.discard(response)
        with suppress(Exception):
            if getattr(response, "isclosed", lambda: False)():
                response.release_conn()
            else:
                response.close()

    def _broken(self, error: Exception, read_s: float) -> Exception:
        if self.stopped.is_set():
            return Cancel()
        if isinstance(error, HttpProblem):
            return error
        return problem_of(error, self.name, self.login.host, read_s) or error

    def _look_at_the_clock(self, date: str, sent: datetime) -> None:
        if self.ahead_s is None:
            said = Answer("", "", 200, {"date": date}, b"").date()
            if said:
                middle = sent + (datetime.now(UTC) - sent) / 2
                # The header has whole seconds: half of one is the best guess for what was cut.
                self.ahead_s = (said - middle).total_seconds() + 0.5


def _plain(body: bytes) -> bytes:
    """A body as JSON with a message: the kubelet's own refusals are plain text behind a proxying server."""
    with suppress(ValueError, RecursionError):
        if isinstance(json.loads(body), dict):
            return body
    return json.dumps({"message": body[:300].decode("utf-8", "replace")}).encode()


def _request(method: str, path: str, query: Query) -> str:
    return one_line(f"{method} {path}" + (f"?{urlencode(query, quote_via=quote)}" if query else ""))
