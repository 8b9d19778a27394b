"""A loopback server of JSON that is held to a published document: what it is asked and what it answers.

Every request is validated with openapi-core before it is answered, and so is every answer of the fake itself; what
does not fit lands in :attr:`ContractServer.violations`. Faults are given per path.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cache
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

Reply = tuple[int, Any, dict[str, str]]
Fault = Reply | bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


class ContractServer:
    """Serve :meth:`answer` on a loopback socket; a subclass says what its document and its login are."""

    public = ""
    """The address that the document names."""
    prefix = ""
    """What stands before every path here and not in the document."""
    contract: dict[str, Any]
    """The document."""

    def __init__(self) -> None:
        self.document = _loaded(json.dumps(self.contract | {"servers": [{"url": self.public}]}))
        self.violations: list[str] = []
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.faults: dict[str, list[Fault]] = {}
        """Answers to give instead, by a pattern of the path; the last one for ever."""
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in list(self._running):
            task.cancel()
        if self._server:
            self._server.close()

    @property
    def url(self) -> str:
        assert self._server
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self.prefix}"

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        """What the real one would say to a GET of *path*."""
        raise NotImplementedError

    def refusal(self, headers: dict[str, str]) -> Reply | None:
        """What it says to a login that is none."""
        raise NotImplementedError

    def asked(self, pattern: str) -> list[str]:
        return [target for target in self.requests if re.search(pattern, target)]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._running.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *lines = head.split("\r\n")
            method, target, _ = line.split(" ")
            headers = {n.lower(): v.strip() for n, _, v in (each.partition(":") for each in lines)}
            await self._reply(method, target, headers, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._running.discard(task)
            with suppress(Exception):
                writer.close()

    async def _reply(
        self, method: str, target: str, headers: dict[str, str], writer: asyncio.StreamWriter
    ) -> None:
        self.requests.append(target)
        self.headers.append(headers)
        parts = urlsplit(target)
        path = parts.path.removeprefix(self.prefix)
        query = parse_qsl(parts.query, keep_blank_values=True)
        home = urlsplit(self.public)
        request = MockRequest(
            f"{home.scheme}://{home.netloc}", method.lower(), home.path + path, args=_args(query)
        )
        if method != "GET":
            self.violations.append(f"{method} {target}: a source only reads")
        self._check(target, self.document.unmarshal_request(request).errors)
        # A parameter that the document does not name is passed over by the validator, and by many a server.
        for name in {name for name, _ in query} - self._parameters(path):
            self.violations.append(f"{target}: {name} is no parameter of it")
        fault = self._fault(path)
        if callable(fault):
            await fault(writer)
            return
        if isinstance(fault, bytes):
            writer.write(fault)
            return
        honest = fault is None
        status, content, more = fault or self.refusal(headers) or self.answer(unquote(path), dict(query))
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        if honest and status not in (401,) and not isinstance(content, bytes):
            response = MockResponse(data, status_code=status, content_type="application/json")
            self._check(
                f"the fake itself, {target}", self.document.unmarshal_response(request, response).errors
            )
        fields = {"Content-Type": "application/json", "Content-Length": str(len(data)), "Connection": "close"}
        top = "".join(f"{name}: {value}\r\n" for name, value in (fields | more).items())
        writer.write(f"HTTP/1.1 {status} X\r\n{top}\r\n".encode() + data)

    def _parameters(self, path: str) -> set[str]:
        for template, call in self.contract["paths"].items():
            if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path):
                return {self._resolved(each)["name"] for each in call["get"].get("parameters", [])}
        return set()

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        for step in node["$ref"].split("/")[1:] if "$ref" in node else ():
            node = (self.contract if step == "components" else node)[step]
        return node

    def _fault(self, path: str) -> Fault | None:
        for pattern, faults in self.faults.items():
            if faults and re.search(pattern, path):
                return faults.pop(0) if len(faults) > 1 else faults[0]
        return None

    def _check(self, target: str, errors: Any) -> None:
        for error in errors:
            details = getattr(error.__cause__, "schema_errors", None) or []
            self.violations.append(f"{target}: {error} {[each.message[:300] for each in details]}")

    def page(
        self, target: str, query: dict[str, str], records: list[Any], default: int
    ) -> tuple[list[Any], dict[str, str]]:
        """The page that *query* names, with its ``Link`` header."""
        size, number = int(query.get("per_page", default)), int(query.get("page", 1))
        shown = records[(number - 1) * size : number * size]
        if number * size >= len(records):
            return shown, {}
        rest = "&".join(f"{n}={v.replace(' ', '+')}" for n, v in query.items() if n != "page")
        return shown, {"Link": f'<{self.url}{target}?{rest}&page={number + 1}>; rel="next"'}


@cache
def _loaded(document: str) -> OpenAPI:
    return OpenAPI.from_dict(json.loads(document))


def _args(query: list[tuple[str, str]]) -> Any:
    from werkzeug.datastructures import ImmutableMultiDict

    return ImmutableMultiDict(query)


async def silence(_writer: asyncio.StreamWriter) -> None:
    """Accept, and never answer."""
    await asyncio.Event().wait()
