"""The sample's series: as ``query_range`` answers, as amtool's JSON, and as OpenMetrics for a real server."""

import json
from collections.abc import Callable, Iterator

from tests.sample import model
from tests.sample.logs import when

START = int(model.BEGIN.timestamp())
TIMES = range(0, model.SECONDS, model.STEP)
ALERT = {"alertname": "HighErrorRate", "job": "api", "severity": "critical"}


def pending(at: int) -> bool:
    return model.PENDING <= at < model.FIRING


def firing(at: int) -> bool:
    return model.FIRING <= at < model.NORMAL


def _series(labels: dict[str, str], value: Callable[[int], float | None]) -> dict[str, object]:
    points = [(START + at, value(at)) for at in TIMES]
    return {"metric": labels, "values": [[at, f"{each:.6g}"] for at, each in points if each is not None]}


def _answer(*result: dict[str, object]) -> str:
    answer = {"status": "success", "data": {"resultType": "matrix", "result": list(result)}}
    return json.dumps(answer, separators=(",", ":")) + "\n"


QUERIES = {
    "requests": 'sum by (code) (rate(http_requests_total{job="api"}[5m]))',
    "error-share": (
        'sum(rate(http_requests_total{job="api",code=~"5.."}[1m])) / sum(rate(http_requests_total{job="api"}[1m]))'
    ),
    "pool": 'db_pool_connections{job="api",state="in_use"}',
    "alerts": "ALERTS",
    "alerts-since": "ALERTS_FOR_STATE",
    "up": "count(up)",
}


def answers() -> dict[str, str]:
    """The answer to each of QUERIES over the whole time, every 15 seconds."""
    since = float(START + model.PENDING)
    return {
        "requests": _answer(
            _series({"code": "200"}, lambda at: model.over(at, 300)[0] - model.over(at, 300)[1]),
            _series({"code": "503"}, lambda at: model.over(at, 300)[1]),
        ),
        "error-share": _answer(_series({}, model.failing)),
        "pool": _answer(
            _series({"__name__": "db_pool_connections", "job": "api", "state": "in_use"}, model.pool_in_use)
        ),
        "alerts": _answer(
            _series(_named("ALERTS", alertstate="pending"), lambda at: 1 if pending(at) else None),
            _series(_named("ALERTS", alertstate="firing"), lambda at: 1 if firing(at) else None),
        ),
        "alerts-since": _answer(
            {
                "metric": _named("ALERTS_FOR_STATE"),
                "values": [[START + at, f"{since:.0f}"] for at in TIMES if pending(at) or firing(at)],
            }
        ),
        "up": _answer(_series({}, lambda _at: 3)),
    }


def _named(name: str, **labels: str) -> dict[str, str]:
    return {"__name__": name, **ALERT, **labels}


def amtool() -> str:
    """``amtool alert query --output json`` at 10:14, while the alert was firing."""
    record = {
        "annotations": {
            "summary": "40 % of requests fail",
            "runbook_url": "https://runbooks.example.org/api",
        },
        "endsAt": f"{when(model.second('10:18:00')):%Y-%m-%dT%H:%M:%S}.000Z",
        "fingerprint": "3f1c6a2be0d94a57",
        "receivers": [{"name": "pagerduty"}],
        "startsAt": f"{when(model.FIRING):%Y-%m-%dT%H:%M:%S}.000Z",
        "status": {"inhibitedBy": [], "silencedBy": [], "state": "active"},
        "updatedAt": f"{when(model.second('10:14:00')):%Y-%m-%dT%H:%M:%S}.000Z",
        "generatorURL": "http://prometheus:9090/graph?g0.expr=job%3Aerror_share&g0.tab=1",
        "labels": ALERT,
    }
    return json.dumps([record], separators=(",", ":")) + "\n"


def openmetrics() -> Iterator[str]:
    """The same history for ``promtool tsdb create-blocks-from openmetrics``."""

    def labels(**more: str) -> str:
        return ",".join(
            f'{key}="{value}"' for key, value in {"job": "api", "instance": "api:8080", **more}.items()
        )

    def gauge(name: str, inner: str, value: Callable[[int], float | None]) -> Iterator[str]:
        for at in TIMES:
            number = value(at)
            if number is not None:
                yield f"{name}{{{inner}}} {number} {START + at}\n"

    alert = ",".join(f'{key}="{value}"' for key, value in ALERT.items())
    yield "# TYPE up gauge\n"
    yield from gauge("up", labels(), lambda _at: 1)
    yield "# TYPE http_requests counter\n"
    yield from gauge(
        "http_requests_total", labels(code="200"), lambda at: model.totals()[at][0] - model.totals()[at][1]
    )
    yield from gauge("http_requests_total", labels(code="503"), lambda at: model.totals()[at][1])
    yield "# TYPE db_pool_connections gauge\n"
    yield from gauge("db_pool_connections", labels(state="in_use"), model.pool_in_use)
    yield "# TYPE ALERTS gauge\n"
    yield from gauge("ALERTS", f'{alert},alertstate="pending"', lambda at: 1 if pending(at) else None)
    yield from gauge("ALERTS", f'{alert},alertstate="firing"', lambda at: 1 if firing(at) else None)
    yield "# TYPE ALERTS_FOR_STATE gauge\n"
    yield from gauge(
        "ALERTS_FOR_STATE", alert, lambda at: START + model.PENDING if pending(at) or firing(at) else None
    )
    yield "# EOF\n"
