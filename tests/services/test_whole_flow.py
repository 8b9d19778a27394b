"""A real Prometheus, and a person in a shell: from nothing to a report, every command a process of its own."""

import hashlib
import json
import os
import shlex
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from app.store.reading import load

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("prometheus")]

FIRED = datetime.fromisoformat("2025-02-09T10:06:45+00:00")
STEP_S = 15


class Shell:
    """A shell that knows ``blamefree``, in an empty folder."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def run(self, line: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        program = f'blamefree() {{ {shlex.quote(sys.executable)} -m app "$@"; }}; '
        done = subprocess.run(
            ["bash", "-c", program + line],
            cwd=self.place,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    def lines(self, line: str, code: int = 0) -> list[str]:
        return self.run(line, code).stdout.splitlines()

    def data(self, line: str, code: int = 0) -> list[dict]:
        return json.loads(self.run(line, code).stdout)


def test_from_nothing_to_a_report_in_a_shell(prometheus, tmp_path):
    shell = Shell(tmp_path)
    (folder,) = shell.lines(
        'blamefree new "API errors" --severity P1 --service api'
        " --start 2025-02-09T10:05:23Z --end 2025-02-09T10:40:00Z"
    )
    review = tmp_path / folder
    assert shell.lines(
        f"blamefree source api-errors add prometheus --set url={prometheus.url} --name Prometheus"
        """ --set 'queries=pool = db_pool_connections{job="api",state="in_use"}'"""
    ) == ["S1\tprometheus\tPrometheus"]

    # Progress is one JSON object a line, in the order of a collection.
    told = [json.loads(line) for line in shell.lines("blamefree collect api-errors --json")]
    states = [each["state"] for each in told if each["type"] == "progress"]
    assert states == sorted(states, key=["queued", "running", "done"].index)
    assert set(states) == {"queued", "running", "done"}
    assert all({"source", "step", "rows", "bytes", "done", "eta_s"} <= set(each) for each in told[:-1])
    outcome = told[-1]
    assert (outcome["type"], outcome["state"], outcome["gaps"]) == ("outcome", "done", [])
    assert {each["note"] for each in outcome["artifacts"]} == {
        "up", "pool", "ALERTS", "ALERTS_FOR_STATE", "ALERTS samples",
    }  # fmt: skip

    # The alert, when it fired, and why this is offered.
    offered = shell.data("blamefree suggest api-errors --json")
    fired = next(each for each in offered if "HighErrorRate fires" in each["text"])
    assert abs((datetime.fromisoformat(fired["at"]) - FIRED).total_seconds()) <= STEP_S
    assert "exact to 15 s" in fired["reason"]
    assert 'alertname="HighErrorRate"' in fired["evidence"][0]["query"]

    # Another collection adds and never replaces.
    before = kept(review)
    assert "✓ S1 Prometheus: done" in shell.lines("blamefree collect api-errors --source Prometheus")[0]
    assert kept(review) == before
    shell.run("blamefree source api-errors add file --set path=app.log", 0)
    (tmp_path / "app.log").write_text("2025-02-09T10:07:00Z ERROR pool is full\n")
    shell.run("blamefree collect api-errors --source app.log")
    with (tmp_path / "app.log").open("a") as log:
        log.write("2025-02-09T10:08:00Z ERROR pool is full again\n")
    shell.run("blamefree collect api-errors --source S2")
    assert before.items() <= kept(review).items()
    assert [each.rows for each in session(review).sources[1].artifacts] == [1, 2]
    again = shell.data("blamefree suggest api-errors --json")
    assert [each["key"] for each in again if each["kind"] == "alert"] == [each["key"] for each in offered]
    assert sum("First error" in each["text"] for each in again) == 1

    # Accepted: a row with its pointer, in the report, and not offered any more.
    rest = shell.data(f"blamefree suggest api-errors --accept {fired['key']} --json")
    assert fired["key"] not in [each["key"] for each in rest]
    (event,) = session(review).events
    assert (event.suggestion, event.evidence[0].source) == (fired["key"], "S1")
    assert (review / event.evidence[0].artifact).is_file()
    printed = shell.run("blamefree report api-errors").stdout
    assert "# Post-Mortem: API errors" in printed
    assert "| 10:06:45 | Alert HighErrorRate fires" in printed
    shell.run("blamefree report api-errors -o r.html")
    assert "HighErrorRate" in (tmp_path / "r.html").read_text()

    # Not complete yet, and the code says so.
    items = shell.data("blamefree check api-errors --json", code=1)
    assert (len(items), {each["done"] for each in items} <= {True, False}) == (8, True)
    assert all(each["missing"] and each["screen"] for each in items if not each["done"])


def test_one_source_that_is_down_costs_only_itself_and_is_mended_later(prometheus, tmp_path):
    shell = Shell(tmp_path)
    shell.run(
        "blamefree new API --start 2025-02-09T10:05:23Z --end 2025-02-09T10:40:00Z"
        f" --source prometheus:url={prometheus.url} --source prometheus:url=http://127.0.0.1:9"
    )
    printed = shell.lines("blamefree collect api", code=1)
    assert sorted(line[:4] for line in printed) == ["✓ S1", "✗ S2"]
    assert any("HighErrorRate" in each["text"] for each in shell.data("blamefree suggest api --json"))
    # A pipe whose reader goes away costs nothing but the reading.
    shell.run("blamefree source api remove S2")
    shell.run("blamefree collect api --json | head -1 | grep -q queued && blamefree list >/dev/null")
    assert session(next((tmp_path / "sessions").iterdir())).sources[0].artifacts


def session(folder: Path):
    return load((folder / "session.toml").read_bytes()).session


def kept(folder: Path) -> dict[str, str]:
    """The artifacts on disk by path, as digests."""
    files = (folder / "evidence").rglob("*.gz")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
