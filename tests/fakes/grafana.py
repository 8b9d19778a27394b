"""Grafana's annotations in memory, held to its published API document.

``GET /annotations`` in grafana/grafana ``public/api-merged.json`` (``operationId: getAnnotations``, read
2026-11) has the parameters below and no paging; its prose page says of ``limit``: "Optional - default is 100.
Max limit for results returned", and of ``from`` and ``to``: "epoch datetime in milliseconds". The fields of an
annotation are those of the example on
https://grafana.com/docs/grafana/latest/developers/http_api/annotations/
"""

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.faults.fault_server import Request, answer

PARAMETERS = {
    "from": int,
    "to": int,
    "userId": int,
    "alertId": int,
    "dashboardId": int,
    "panelId": int,
    "limit": int,
    "tags": str,
    "type": str,
    "matchAny": str,
}


def annotation(number: int, at: int, text: str, **fields) -> dict:
    """One annotation as the server lists it; *at* in milliseconds."""
    return {
        "id": number,
        "alertId": 0,
        "dashboardId": 468,
        "dashboardUID": "uGlb_lG7z",
        "panelId": 2,
        "userId": 1,
        "userName": "",
        "newState": "",
        "prevState": "",
        "time": at,
        "timeEnd": at,
        "text": text,
        "metric": "",
        "tags": [],
        "data": {},
        **fields,
    }


@dataclass
class FakeGrafana:
    annotations: list[dict] = field(default_factory=list)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def __call__(self, request: Request, writer) -> None:
        parts = urlsplit(request.path)
        params = parse_qs(parts.query)
        self.asked.append(params)
        self.headers.append(request.headers)
        if parts.path != "/api/annotations" or request.method != "GET":
            await answer(404, b'{"message":"Not found"}')(request, writer)
            return
        for name, values in params.items():
            assert name in PARAMETERS, f"{name} is no documented parameter"
            [PARAMETERS[name](value) for value in values]
        start, end = int(params.get("from", ["0"])[0]), int(params.get("to", [str(2**60)])[0])
        wanted = set(params.get("tags", []))
        # A region is found from wherever it is looked at.
        found = [
            one
            for one in self.annotations
            if one["time"] <= end and one["timeEnd"] >= start and wanted <= set(one["tags"])
        ]
        found.sort(key=lambda one: -one["timeEnd"])
        await answer(200, json.dumps(found[: int(params.get("limit", ["100"])[0])]).encode())(request, writer)
