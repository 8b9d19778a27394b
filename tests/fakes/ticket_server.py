"""A stateful tracker on a loopback socket, which fails on request; the vendors' own files say how it behaves.

Where a vendor publishes a document, every request and every answer of the fake itself, refusals too, is held to
it with openapi-core, but for the faults below, which no document has; what does not fit lands in
:attr:`TicketServer.violations`. Faults are given per request that creates: ``faults.append("drop")`` is for the
next one. ``drop`` and ``500`` make the ticket and then answer nothing or 500; ``drop-before`` and
``500-before`` do not make it; ``hidden`` makes it, answers nothing, and keeps it out of lists for
:attr:`hidden_for` readings; ``not-json`` makes it and answers a page; ``limit`` asks to wait.
"""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.datastructures import ImmutableMultiDict

Reply = tuple[int, Any, dict[str, str]]
NOW = "2025-02-10T12:00:00Z"
LAG = 100
"""Seconds that a request may still be under way: fewer than the program waits (:data:`app.tracking.export.SETTLE`)."""
FAULTS = ("", "", "drop", "drop-before", "500", "500-before", "hidden", "not-json")


class TicketServer:
    """Serve :meth:`answer`."""

    prefix: ClassVar[str] = ""
    """What stands before every path here and not in the document."""
    contract: ClassVar[dict[str, Any] | None] = None

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.hidden_for = 2
        self.lag: float = LAG
        """Seconds by :attr:`now` that a hidden ticket is missing from lists."""
        self.strict = True
        """Whether requests are held to the document: it takes a while."""
        self.violations: list[str] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.now: Callable[[], datetime] | None = None
        """The clock of the test: with one, what is hidden shows after :attr:`lag` instead."""
        self._hidden: dict[int, int] = {}
        self._until: dict[int, datetime] = {}
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    # What a vendor's file says

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply:
        """What the real one would say."""
        raise NotImplementedError

    def allowed(self, headers: dict[str, str]) -> bool:
        """Whether the login is one."""
        raise NotImplementedError

    def creates(self, method: str, path: str, body: Any) -> bool:
        """Whether a request makes a ticket."""
        return method == "POST" and path.endswith("/issues")

    def limit(self) -> Reply:
        """What is said when too much was asked."""
        return 429, {"message": "slow down"}, {"Retry-After": "30"}

    def refusal(self) -> Any:
        """What is said to a login that is none."""
        return {"message": "401 Unauthorized"}

    def everything(self) -> list[dict[str, Any]]:
        """Every ticket there is, whatever lists show."""
        raise NotImplementedError

    # Faults

    def visible(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What a list shows now; each reading brings hidden ones nearer."""
        if self.now is not None:
            moment = self.now()
            return [each for each in records if self._until.get(id(each), moment) <= moment]
        shown = [each for each in records if self._hidden.get(id(each), 0) <= 0]
        for key in self._hidden:
            self._hidden[key] -= 1
        return shown

    def posts(self) -> int:
        return sum(
            self.creates(method, urlsplit(target).path, body) for method, target, body in self.requests
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *lines = head.split("\r\n")
            method, target, _ = line.split(" ")
            headers = {n.lower(): v.strip() for n, _, v in (each.partition(":") for each in lines)}
            raw = await reader.readexactly(int(headers.get("content-length", 0)))
            reply = self._reply(method, target, headers, raw)
            if reply is not None:
                status, content, more = reply
                data = (
                    content
                    if isinstance(content, bytes)
                    else b""
                    if content is None
                    else json.dumps(content).encode()
                )
                fields = {
                    "Content-Type": "application/json",
                    "Content-Length": str(len(data)),
                    "Connection": "close",
                }
                top = "".join(f"{name}: {value}\r\n" for name, value in (fields | more).items())
                writer.write(f"HTTP/1.1 {status} X\r\n{top}\r\n".encode() + data)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            with suppress(Exception):
                writer.close()

    def _reply(self, method: str, target: str, headers: dict[str, str], raw: bytes) -> Reply | None:
        body = json.loads(raw) if raw else None
        self.requests.append((method, target, body))
        parts = urlsplit(target)
        if self.strict:
            self._check(method, target, raw)
        if not self.allowed(headers):
            return 401, self.refusal(), {}
        creating = self.creates(method, parts.path, body)
        fault = self.faults.pop(0) if creating and self.faults else ""
        if fault == "limit":
            return self.limit()
        if fault.endswith("-before"):
            return None if fault == "drop-before" else (500, {"message": "Server Error"}, {})
        before = len(self.everything())
        reply = self.answer(method, parts.path.removeprefix(self.prefix), dict(parse_qsl(parts.query)), body)
        if self.strict and not isinstance(reply[1], bytes):
            self._check(method, target, raw, reply)
        made = len(self.everything()) > before
        match fault:
            case "drop" if made:
                return None
            case "hidden" if made:
                made_now = id(self.everything()[-1])
                self._hidden[made_now] = self.hidden_for
                if self.now is not None:
                    self._until[made_now] = self.now() + timedelta(seconds=self.lag)
                return None
            case "500" if made:
                return 500, {"message": "Server Error"}, {}
            case "not-json" if made:
                return 201, b"<html>a proxy</html>", {}
        return reply

    def _check(self, method: str, target: str, raw: bytes, reply: Reply | None = None) -> None:
        if self.contract is None:
            return
        document = _loaded(json.dumps(self.contract))
        parts = urlsplit(target)
        query = parse_qsl(parts.query, keep_blank_values=True)
        request = MockRequest(
            "http://tracker.example", method.lower(), parts.path.removeprefix(self.prefix),
            args=ImmutableMultiDict(query), data=raw or None, content_type="application/json",
        )  # fmt: skip
        if reply is None:
            errors = document.unmarshal_request(request).errors
            # A parameter that the document does not name is passed over by the validator, and by many a server.
            for name in {name for name, _ in query} - self._parameters(
                method, parts.path.removeprefix(self.prefix)
            ):
                self.violations.append(f"{method} {target}: {name} is no parameter of it")
        else:
            data = b"" if reply[1] is None else json.dumps(reply[1]).encode()
            answer = MockResponse(data, status_code=reply[0], content_type="application/json")
            errors = document.unmarshal_response(request, answer).errors
        for error in errors:
            details = getattr(error.__cause__, "schema_errors", None) or []
            who = "the fake itself, " if reply else ""
            self.violations.append(
                f"{who}{method} {target}: {error} {[each.message[:300] for each in details]}"
            )

    def _parameters(self, method: str, path: str) -> set[str]:
        assert self.contract
        for template, calls in self.contract["paths"].items():
            if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path) and method.lower() in calls:
                return {each["name"] for each in calls[method.lower()].get("parameters", [])}
        return set()


@cache
def _loaded(document: str) -> OpenAPI:
    return OpenAPI.from_dict(json.loads(document) | {"servers": [{"url": "http://tracker.example"}]})
