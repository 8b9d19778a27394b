"""The sample's logs, line by line. Deterministic: the same bytes on every machine and Python version."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.sample import model


class Dice:
    """A small generator of our own (a linear congruence), so that no Python version changes the files."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, limit: int) -> int:
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) % limit


def when(second: int, **more: int) -> datetime:
    return model.BEGIN + timedelta(seconds=second, **more)


_PATHS = (
    ("GET /v1/orders/recent", 2214),
    ("GET /v1/orders/recent", 1980),
    ("GET /v1/orders/recent", 2214),
    ("POST /v1/orders", 182),
    ("GET /v1/products", 5120),
    ("GET /v1/products", 5120),
    ("GET /v1/cart", 640),
    ("GET /v1/session", 96),
)
_STATUS = ("503", "503", "503", "500")


def access_log() -> Iterator[str]:
    """nginx, combined format. The first 5xx is at 10:05:23."""
    dice = Dice(1)
    for at, (requests, failures) in enumerate(model.load()):
        stamp = f"{when(at):%d/%b/%Y:%H:%M:%S} +0000"
        # Spread the failures over the second's lines, the first line first.
        failed = {number * requests // failures for number in range(failures)} if failures else set()
        for number in range(requests):
            client = f"10.0.3.{11 + dice.below(6)}"
            if number in failed:
                request, size, status = _PATHS[dice.below(4)][0], 197, _STATUS[dice.below(4)]
            else:
                (request, size), status = _PATHS[dice.below(len(_PATHS))], "200"
            yield f'{client} - - [{stamp}] "{request} HTTP/1.1" {status} {size} "-" "okhttp/4.12.0"\n'


_OLD = "api-service-6c5d9b7f4-q8w2m"
_NEW = ("api-service-7d9f8c6b5-x2k4p", "api-service-7d9f8c6b5-m7n9z")


def app_log() -> Iterator[str]:
    """What ``kubectl logs --all-pods --prefix --timestamps`` writes: one pod after the other."""
    yield from _pod(_OLD, "v2.2.4", 0, model.ROLLOUT + 9, Dice(2), exhausted=False)
    for number, pod in enumerate(_NEW):
        yield from _pod(
            pod, "v2.3.0", model.ROLLOUT + number, model.SECONDS, Dice(3 + number), exhausted=number == 0
        )


def _pod(name: str, version: str, start: int, end: int, dice: Dice, *, exhausted: bool) -> Iterator[str]:
    def line(at: int, milliseconds: int, level: str, message: str) -> str:
        stamp = f"{when(at):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}000000Z"
        return f"[pod/{name}/api] {stamp} level={level} msg={message}\n"

    if start:
        yield line(start, 120, "info", f'"starting api-service {version}"')
        yield line(start + 1, 340, "info", '"listening on :8080"')
    timed_out = '"statement timed out" query=orders_recent after=2s'
    for at in range(start + 2 if start else 0, end):
        requests, failures = model.load()[at]
        rows = [
            (dice.below(100) * 10, "info", f'"request served" path=/v1/orders ms={12 + dice.below(8)}')
            for _ in range(max(1, requests // 12))
        ]
        rows += [(990 + number, "error", timed_out) for number in range(failures // 8)]
        if at == model.FIRST_ERROR:
            rows.append((990, "error", timed_out))
        if at % 10 == 0:
            use = model.pool_in_use(at)
            rows.append((999, "warn" if use > 15 else "info", f'"pool" in_use={use} max={model.POOL}'))
        if exhausted and model.EXHAUSTED <= at < model.CACHE and (at - model.EXHAUSTED) % 20 == 0:
            full = f"in_use={model.POOL} max={model.POOL} waiting={40 + dice.below(120)}"
            rows.append((0, "error", f'"connection pool exhausted" {full}'))
        for milliseconds, level, message in sorted(rows):
            yield line(at, milliseconds, level, message)


def pagerduty() -> Iterator[str]:
    """Log entries of one incident, as JSON lines."""
    entries = (
        (model.FIRING + 6, "trigger_log_entry", "HighErrorRate triggered through the API", "Prometheus"),
        (model.FIRING + 7, "assign_log_entry", "Assigned to the on-call engineer of api-service", "System"),
        (model.PAGED, "notify_log_entry", "On-call engineer notified by phone", "System"),
        (model.ACKNOWLEDGED, "acknowledge_log_entry", "Acknowledged", "@alice"),
        (
            model.second("10:13:20"),
            "annotate_log_entry",
            "Incident call opened, status page updated",
            "@alice",
        ),
        (model.RESOLVED, "resolve_log_entry", "Resolved", "@alice"),
    )
    for at, kind, summary, agent in entries:
        entry = {
            "created_at": f"{when(at):%Y-%m-%dT%H:%M:%SZ}",
            "type": kind,
            "summary": summary,
            "agent": agent,
        }
        yield json.dumps(entry, separators=(",", ":")) + "\n"


def pganalyze() -> Iterator[str]:
    """Findings about the database, as its log writes them."""
    rows = (
        ("09:40:00", "info", "check-up: 412 query fingerprints, no new finding"),
        ("09:50:00", "info", "check-up: 409 query fingerprints, no new finding"),
        ("10:00:00", "info", "check-up: 413 query fingerprints, 1 new (orders_recent)"),
        (
            "10:10:00",
            "warning",
            "orders_recent: mean 2,140 ms, 1,980 calls a minute, sequential scan on orders",
        ),
        (
            "10:18:45",
            "warning",
            "orders_recent marked as slow by @alice: no index on orders (customer_id, created_at)",
        ),
        (
            "10:20:00",
            "warning",
            "orders_recent: mean 2,310 ms, 2,044 calls a minute, sequential scan on orders",
        ),
        ("10:30:00", "info", "orders_recent: mean 1,870 ms, 212 calls a minute, sequential scan on orders"),
        ("10:40:00", "info", "check-up: 411 query fingerprints, 1 finding open"),
        ("10:50:00", "info", "check-up: 411 query fingerprints, 1 finding open"),
    )
    for clock, level, text in rows:
        yield f"2025-02-09 {clock} UTC [{level}] api-db {text}\n"


def kubectl() -> Iterator[str]:
    """What was done to the cluster, and the life of the pods it led to."""
    rows = (
        (model.ROLLOUT - 12, "deployment/api-service", "image set to api-service:v2.3.0 by ci-deploy"),
        (model.ROLLOUT - 11, "replicaset/api-service-7d9f8c6b5", "Scaled up to 2"),
        (model.ROLLOUT - 1, f"pod/{_NEW[0]}", "Started container api"),
        (model.ROLLOUT, f"pod/{_NEW[1]}", "Started container api"),
        (model.ROLLOUT + 9, f"pod/{_OLD}", "Killing: stopping container api"),
        (model.ROLLOUT + 10, "replicaset/api-service-6c5d9b7f4", "Scaled down to 0"),
        (model.CACHE, "deployment/api-cache", "created by @alice: kubectl apply -f api-cache.yaml"),
        (model.CACHE + 1, "replicaset/api-cache-5b7c8d9f6", "Scaled up to 2"),
        (model.CACHE + 6, "pod/api-cache-5b7c8d9f6-h4t6r", "Started container redis"),
        (model.CACHE + 7, "pod/api-cache-5b7c8d9f6-v9b3c", "Started container redis"),
        (model.CACHE + 15, "deployment/api-service", "env set CACHE_URL by @alice: kubectl set env"),
    )
    for at, subject, text in rows:
        yield f"{when(at):%Y-%m-%dT%H:%M:%SZ} {subject} {text}\n"
