"""Grafana's annotations in memory, held to the names and types that Grafana publishes for them.

They are written down here from ``getAnnotations`` in grafana/grafana ``public/openapi3.json`` (commit 057308f96126);
nothing of that document's text is repeated. Every request is validated against them, and so is every answer of the
fake itself. It has no paging; the prose page says of ``limit``: "Optional - default is 100. Max limit for results
returned", and of ``from`` and ``to``: "epoch datetime in milliseconds".
https://grafana.com/docs/grafana/latest/developers/http_api/annotations/
"""

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlsplit

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.datastructures import ImmutableMultiDict

from tests.faults.fault_server import Request, answer

NUMBER, TEXT, TRUTH = {"type": "integer", "format": "int64"}, {"type": "string"}, {"type": "boolean"}
TEXTS = {"type": "array", "items": TEXT}
ASKED = {
    **dict.fromkeys(("from", "to", "userId", "alertId", "dashboardId", "panelId", "limit"), NUMBER),
    **dict.fromkeys(("alertUID", "dashboardUID"), TEXT),
    "tags": TEXTS,
    "type": {"type": "string", "enum": ["alert", "annotation"]},
    "matchAny": TRUTH,
}
"""What can be asked for."""
ANSWERED = {
    **dict.fromkeys(
        ("id", "alertId", "dashboardId", "panelId", "userId", "time", "timeEnd", "created", "updated"), NUMBER
    ),
    **dict.fromkeys(
        ("alertName", "avatarUrl", "dashboardUID", "email", "login", "newState", "prevState", "text"), TEXT
    ),
    "tags": TEXTS,
    "data": {},
}
"""What an annotation has."""
HOME = "https://grafana.example/api"
_LISTED = {"type": "array", "items": {"type": "object", "properties": ANSWERED}}
_CALL = {
    "parameters": [{"in": "query", "name": name, "schema": kind} for name, kind in ASKED.items()],
    "responses": {"200": {"description": "", "content": {"application/json": {"schema": _LISTED}}}},
}
_DOCUMENT = OpenAPI.from_dict(
    {
        "openapi": "3.0.3",
        "info": {"title": "Annotations of Grafana", "version": "1"},
        "servers": [{"url": HOME}],
        "paths": {"/annotations": {"get": _CALL}},
    }
)


def annotation(number: int, at: int, text: str, **fields) -> dict:
    """One annotation as the server lists it; *at* in milliseconds."""
    return {
        "id": number,
        "alertId": 0,
        "dashboardId": 468,
        "dashboardUID": "uGlb_lG7z",
        "panelId": 2,
        "userId": 1,
        "newState": "",
        "prevState": "",
        "time": at,
        "timeEnd": at,
        "text": text,
        "tags": [],
        "data": {},
        **fields,
    }


@dataclass
class FakeGrafana:
    annotations: list[dict] = field(default_factory=list)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    """What did not fit the document."""

    async def __call__(self, request: Request, writer) -> None:
        parts = urlsplit(request.path)
        params = parse_qs(parts.query)
        self.asked.append(params)
        self.headers.append(request.headers)
        if parts.path != "/api/annotations" or request.method != "GET":
            await answer(404, b'{"message":"Not found"}')(request, writer)
            return
        self.violations += [f"{name} is no parameter of it" for name in set(params) - ASKED.keys()]
        query = ImmutableMultiDict(parse_qsl(parts.query))
        asked = MockRequest("https://grafana.example", "get", "/api/annotations", args=query)
        self.violations += [f"{parts.query}: {each}" for each in _DOCUMENT.unmarshal_request(asked).errors]
        start, end = int(params.get("from", ["0"])[0]), int(params.get("to", [str(2**60)])[0])
        wanted = set(params.get("tags", []))
        # A region is found from wherever it is looked at.
        found = [
            one
            for one in self.annotations
            if one["time"] <= end and one["timeEnd"] >= start and wanted <= set(one["tags"])
        ]
        found.sort(key=lambda one: -one["timeEnd"])
        told = found[: int(params.get("limit", ["100"])[0])]
        body = json.dumps(told).encode()
        response = MockResponse(body, status_code=200, content_type="application/json")
        self.violations += [str(each) for each in _DOCUMENT.unmarshal_response(asked, response).errors]
        self.violations += [
            f"{name} is no field of it" for one in told for name in set(one) - ANSWERED.keys()
        ]
        # Whoever asks must hear of it, and with it the test.
        wrong = b"; ".join(each.encode() for each in self.violations)
        await answer(500 if wrong else 200, wrong or body)(request, writer)
