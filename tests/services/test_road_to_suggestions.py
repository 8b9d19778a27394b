"""The whole road on a real server by the command line: new, source, collect, suggest, accept."""

import json
import os
import subprocess
import sys
from datetime import datetime

import pytest

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("prometheus")]


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-02-09T{clock}+00:00")


@pytest.fixture
def blamefree(tmp_path):
    """Run the program as a process of its own, in an empty folder of reviews."""

    def run(*words: str, expect: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "app", *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "BLAMEFREE_SESSIONS": str(tmp_path / "sessions")},
        )
        assert done.returncode == expect, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    return run


def begin(blamefree) -> None:
    blamefree("new", "API errors", "--start", "2025-02-09T10:05:23Z", "--end", "2025-02-09T10:40:00Z")


def test_from_nothing_to_an_accepted_alert(prometheus, blamefree):
    begin(blamefree)
    blamefree("source", "api-errors", "add", "prometheus", "--set", f"url={prometheus.url}")
    lines = [json.loads(line) for line in blamefree("collect", "api-errors", "--json").splitlines()]
    assert {line["type"] for line in lines} == {"progress", "outcome"}
    assert lines[-1]["state"] == "done"
    fired, resolved = json.loads(blamefree("suggest", "api-errors", "--json"))
    assert "HighErrorRate fires" in fired["text"]
    assert abs((datetime.fromisoformat(fired["at"]) - at("10:06:45")).total_seconds()) <= 15
    assert abs((datetime.fromisoformat(resolved["at"]) - at("10:35:00")).total_seconds()) <= 15
    blamefree("suggest", "api-errors", "--accept", fired["key"])
    assert fired["key"] not in blamefree("suggest", "api-errors", "--json")


def test_a_server_that_is_down_is_told_and_exits_with_1(blamefree):
    begin(blamefree)
    blamefree("source", "api-errors", "add", "prometheus", "--set", "url=http://127.0.0.1:9")
    told = blamefree("collect", "api-errors", expect=1)
    assert "refused the connection" in told
