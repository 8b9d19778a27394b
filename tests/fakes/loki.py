"""A Loki in memory, as its documentation describes it, served by the misbehaving server of the fault tests.

Held to https://grafana.com/docs/loki/latest/reference/loki-http-api/ (``docs/sources/reference/loki-http-api.md``
in grafana/loki, read 2026-11). It has no published schema, so what it says is quoted where it is followed:

- query_range, ``limit``: "The max number of entries to return. It defaults to 100."
- ``start``: "Loki returns results with timestamp greater or equal to this value."
- ``end``: "Loki returns results with timestamp lower than this value."
- ``direction``: "Supported values are forward or backward. Defaults to backward."
- streams: ``{"stream": {…}, "values": [["<nanosecond unix epoch>", "<log line>"], …]}``
- matrix: ``{"metric": {…}, "values": [[<second unix epoch>, "<value>"], …]}``
- index/stats: ``{"streams": 100, "chunks": 1000, "entries": 5000, "bytes": 100000}``; "It does not include data
  from the ingesters"; its ``query`` takes matchers only.
- patterns: ``{"pattern": "…", "samples": [[<seconds>, <count>], …]}``; must be enabled.

A limit above ``max_entries_limit_per_query`` is a 400 in plain text. Its words, and those of the other limits, are the
constants of Loki's own source (grafana/loki, Go package ``validation``, read 2026-11), in :data:`SAID`.
"""

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

from tests.faults.fault_server import Request, answer

SECOND = 10**9
SAID = {
    "ErrQueryTooLong": "the query time range exceeds the limit (query length: %s, limit: %s)",
    "ErrQueryTooOld": "this data is no longer available, it is past now - max_query_lookback (%s)",
    "ErrMaxEntriesLimit": "max entries limit per query exceeded, limit > max_entries_limit_per_query (%d > %d)",
    "ErrMaxChunksPerQuery": "the query hit the max number of chunks limit (limit: %d chunks, matched: %d chunks); "
    "consider adding more specific stream selectors or reducing the query time range",
}
EARLIER = "max entries limit per query exceeded, limit > max_entries_limit (%d > %d)"
"""What Loki 2 says (``pkg/querier/querier.go``)."""
_SELECTOR = re.compile(r"\{([^}]*)\}")
_MATCHER = re.compile(r'(\w+)\s*(=~|=)\s*"([^"]*)"')
_FILTER = re.compile(r'\|=\s*"([^"]*)"')


@dataclass
class FakeLoki:
    """*lines* are (labels, nanoseconds, text). *fresh* lines are still in the ingester: the index misses them."""

    lines: list[tuple[dict[str, str], int, str]] = field(default_factory=list)
    fresh: set[int] = field(default_factory=set)
    max_entries: int = 5000
    patterns: bool = True
    stats: bool = True
    ahead_s: float = 0.0
    too_many: str = SAID["ErrMaxEntriesLimit"]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def __call__(self, request: Request, writer) -> None:
        parts = urlsplit(request.path)
        params = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((parts.path, params))
        status, body = self._answer(parts.path, params)
        plain = isinstance(body, str)
        content = body.encode() if plain else json.dumps(body).encode()
        kind = "text/plain; charset=utf-8" if plain else "application/json"
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=self.ahead_s), usegmt=True)
        await answer(status, content, Content_Type=kind, Date=date)(request, writer)

    def _answer(self, path: str, params: dict[str, str]):
        match path:
            case "/loki/api/v1/query_range" if params["query"].startswith("{"):
                return self._lines(params)
            case "/loki/api/v1/query_range":
                return self._counted_by_level(params)
            case "/loki/api/v1/query":
                return self._counted(params)
            case "/loki/api/v1/index/stats" if self.stats:
                if params["query"] != _SELECTOR.search(params["query"])[0]:
                    return 400, "only label matchers are supported"
                found = [line for line in self._matching(params) if line[1] not in self.fresh]
                size = sum(len(text) for _, _, text in found)
                return 200, {"streams": 1, "chunks": 1, "entries": len(found), "bytes": size}
            case "/loki/api/v1/patterns" if self.patterns:
                return self._patterns(params)
            case "/loki/api/v1/labels":
                return 200, {"status": "success", "data": ["app"]}
        return 404, "404 page not found\n"

    def _lines(self, params):
        limit = int(params.get("limit", "100"))
        if limit > self.max_entries:
            return 400, self.too_many % (limit, self.max_entries)
        if "oops" in params["query"]:
            return 400, "parse error at line 1, col 9: syntax error: unexpected IDENTIFIER"
        found = sorted(self._matching(params), key=lambda line: line[1])
        if params.get("direction", "backward") == "backward":
            found.reverse()
        streams = defaultdict(list)
        for labels, at, text in found[:limit]:
            streams[tuple(sorted(labels.items()))].append([str(at), text])
        result = [{"stream": dict(labels), "values": values} for labels, values in streams.items()]
        return 200, _success("streams", result)

    def _counted_by_level(self, params):
        step = int(re.search(r"\[(\d+)s\]", params["query"])[1])
        start, end = int(params["start"]) // SECOND, int(params["end"]) // SECOND
        assert params["step"] == f"{step}s"
        assert (end - start) / step <= 11_000, "the query exceeds the maximum resolution"
        counts = defaultdict(Counter)
        for labels, at, _ in self._matching(params):
            counts[labels.get("level", "")][start + -(-(at // SECOND - start) // step) * step] += 1
        result = [
            {
                "metric": {"level": level} if level else {},
                "values": [[at, str(n)] for at, n in sorted(moments.items())],
            }
            for level, moments in counts.items()
        ]
        return 200, _success("matrix", result)

    def _counted(self, params):
        seconds = int(re.search(r"\[(\d+)s\]", params["query"])[1])
        end = int(params["time"])
        count = len(self._matching({**params, "start": str(end - seconds * SECOND), "end": str(end)}))
        result = [{"metric": {}, "value": [end / SECOND, str(count)]}] if count else []
        return 200, _success("vector", result)

    def _patterns(self, params):
        counts = defaultdict(Counter)
        for _, at, text in self._matching(params):
            counts[re.sub(r"\d+", "<_>", text)][at // SECOND // 10 * 10] += 1
        data = [{"pattern": text, "samples": [[at, n] for at, n in c.items()]} for text, c in counts.items()]
        return 200, {"status": "success", "data": data}

    def _matching(self, params):
        chosen = _MATCHER.findall(_SELECTOR.search(params["query"])[1])
        words = _FILTER.findall(params["query"])
        start, end = int(params["start"]), int(params["end"])
        return [
            (labels, at, text)
            for labels, at, text in self.lines
            if start <= at < end
            and all(
                labels.get(name) == value if sign == "=" else re.fullmatch(value, labels.get(name, ""))
                for name, sign, value in chosen
            )
            and all(word in text for word in words)
        ]


def _success(kind, result):
    return {"status": "success", "data": {"resultType": kind, "result": result, "stats": {}}}
