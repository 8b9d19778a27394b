"""A real Prometheus and a real Alertmanager over a small service, in which an alert fires and is resolved."""

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.services.conftest import free_port, needed, wait_until_ready
from tests.services.shop import POOL_SIZE, Shop, running

RULES = """
groups:
- name: shop
  interval: 1s
  rules:
  - alert: DbPoolExhausted
    expr: sum by (job, pool) (db_pool_connections{state="in_use"}) / sum by (job, pool) (db_pool_max_connections) >= 1
    for: 1s
    labels: {severity: critical, team: payments}
    annotations:
      summary: 'pool {{ $labels.pool }} of {{ $labels.job }} is exhausted ({{ $value | humanizePercentage }})'
"""
CONFIG = """
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:ALERTMANAGER']}]}]}
scrape_configs:
- job_name: shop
  static_configs: [{targets: ['127.0.0.1:SHOP']}]
"""
ROUTES = """
route: {receiver: oncall, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}
receivers: [{name: oncall}]
"""


@dataclass
class Stack:
    prometheus: str
    alertmanager: str
    shop: Shop

    def fill_the_pool(self) -> None:
        self.shop.in_use = POOL_SIZE

    def empty_the_pool(self) -> None:
        self.shop.in_use = 4

    def alerts(self) -> list[dict[str, Any]]:
        return get(f"{self.alertmanager}/api/v2/alerts")

    def firing(self) -> bool:
        found = get(f"{self.prometheus}/api/v1/query?query=ALERTS%7Balertstate%3D%22firing%22%7D")
        return bool(found["data"]["result"])

    def silence(self, who: str, why: str, minutes: int = 60) -> str:
        now = datetime.now(UTC)
        body = {
            "matchers": [{"name": "alertname", "value": "DbPool.*", "isRegex": True, "isEqual": True}],
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(minutes=minutes)).isoformat(),
            "createdBy": who,
            "comment": why,
        }
        request = urllib.request.Request(
            f"{self.alertmanager}/api/v2/silences",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["silenceID"]

    def expire(self, silence: str) -> None:
        address = f"{self.alertmanager}/api/v2/silence/{silence}"
        urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=10).close()


def get(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.load(answer)


def until(true: Callable[[], Any], what: str) -> Any:
    """Ask until the answer is true."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = true()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"it did not happen that {what}")


@contextmanager
def process(program: str, folder: Path, ready: str, *arguments: str) -> Iterator[None]:
    """*program* until the context is left; ended by its own process id."""
    log = folder / f"{Path(program).name}.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [program, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "GOMAXPROCS": "1"},
        )
    try:
        wait_until_ready(child, ready, log)
        yield
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    """Everything on free ports of loopback, with nothing wrong yet."""
    prometheus, alertmanager = needed("prometheus"), needed("prometheus-alertmanager")
    with ExitStack() as opened:
        shop = opened.enter_context(running())
        ports = free_port(), free_port()
        urls = tuple(f"http://127.0.0.1:{port}" for port in ports)
        config = CONFIG.replace("ALERTMANAGER", str(ports[1])).replace("SHOP", str(shop.port))
        (folder / "prometheus.yml").write_text(config)
        (folder / "rules.yml").write_text(RULES)
        (folder / "alertmanager.yml").write_text(ROUTES)
        opened.enter_context(
            process(
                alertmanager,
                folder,
                f"{urls[1]}/-/ready",
                "--config.file=alertmanager.yml",
                "--storage.path=alertmanager",
                f"--web.listen-address=127.0.0.1:{ports[1]}",
                "--cluster.listen-address=",
            )
        )
        opened.enter_context(
            process(
                prometheus,
                folder,
                f"{urls[0]}/-/ready",
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=tsdb",
                f"--web.listen-address=127.0.0.1:{ports[0]}",
            )
        )
        yield Stack(*urls, shop)
