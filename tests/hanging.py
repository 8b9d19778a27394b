"""Ten sources of different kinds that never come to an end, for all that has to do with stopping them.

Servers that take a request and stay silent, an answer that trickles, commands that do not care for being asked to
end, logs of a pod that are followed for ever, and a pipe where a file should be (which is refused at once).
"""

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from app.history import Desk
from app.review.records import Incident, Session, Source
from tests.fakes.kube_api import fake_api, listed
from tests.faults.test_kube_faults import LOG, PODS, START, line, pod

STUBBORN = "trap '' TERM; echo 2025-02-09T10:05:30Z kept; echo $$ >> {marks}; while :; do sleep 1; done"
"""A shell that ignores being asked to end; it says that it runs, and one line of log."""


@dataclass
class Ten:
    """A review whose sources hang; *reached* counts those that are in the middle of their wait."""

    folder: Path
    marks: Path
    _asked: list[str]
    _logs: list[str]

    @property
    def reached(self) -> int:
        """How many of the nine that hang are where they will stay."""
        commands = len(self.marks.read_text().split()) if self.marks.exists() else 0
        return len(self._asked) + len(self._logs) + commands

    def wait(self, child: subprocess.Popen[bytes] | None = None, seconds: float = 90.0) -> None:
        """Return once all nine are; *child* is who collects."""
        until = time.monotonic() + seconds
        while self.reached < 9:
            if child and child.poll() is not None:
                raise AssertionError(f"it ended with {child.returncode}: {child.communicate()}")
            if time.monotonic() > until:
                raise AssertionError(f"{self.reached} of 9 hang: {self._asked}, {self._logs}")
            time.sleep(0.01)

    def commands_run(self) -> list[int]:
        """Those of the commands that still run."""
        pids = [int(word) for word in self.marks.read_text().split()]
        return [pid for pid in pids if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def ten_that_hang(place: Path) -> Iterator[Ten]:
    """Servers, and a review in *place* with sources that ask them; ended behind the block."""
    asked: list[str] = []
    logs: list[str] = []
    over = threading.Event()
    with fake_api() as api, _silent(asked, over) as url:

        def follows(handler: Any) -> None:
            handler.begin_chunks()
            handler.chunk(line(10, "kept"))
            logs.append("log")
            api.over.wait()

        api.scripts[PODS] = [listed(pod())]
        api.scripts[LOG] = [follows]
        config = place / "kubeconfig"
        config.write_text(_kubeconfig(api.url))
        pipe = place / "pipe.log"
        os.mkfifo(pipe)
        marks = place / "marks"
        command = ["sh", "-c", STUBBORN.format(marks=marks)]
        wanted: list[tuple[str, dict[str, Any]]] = [
            ("prometheus", {"url": f"{url}/prometheus"}),
            ("loki", {"url": f"{url}/loki", "queries": {"api": '{app="api"}'}}),
            ("alertmanager", {"url": f"{url}/alertmanager"}),
            ("grafana", {"url": f"{url}/grafana"}),
            ("prometheus", {"url": f"{url}/trickle"}),
            ("command", {"argv": command}),
            ("command", {"argv": [*command, "again"]}),
            ("kubernetes", {"kubeconfig": str(config)}),
            ("kubernetes", {"kubeconfig": str(config), "target": "app=api"}),
            ("file", {"path": str(pipe)}),
        ]
        sources = tuple(
            Source(id=f"S{number}", kind=kind, name=f"{kind} {number}", settings=settings)
            for number, (kind, settings) in enumerate(wanted, 1)
        )
        incident = Incident(title="Outage", started_at=START, ended_at=START.replace(hour=11))
        folder = place / "sessions" / "outage"
        Desk.create(folder, Session(id="PM-1", incident=incident, sources=sources)).close()
        try:
            yield Ten(folder, marks, asked, logs)
        finally:
            over.set()


@contextmanager
def _silent(asked: list[str], over: threading.Event) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_words: object) -> None:
            pass

        def do_GET(self) -> None:
            if self.path.startswith("/trickle"):
                self.send_response(200)
                self.send_header("Content-Length", "1000000")
                self.end_headers()
            asked.append(self.path)
            while not over.wait(0.1):
                if self.path.startswith("/trickle"):
                    try:
                        self.wfile.write(b" ")
                    except OSError:
                        return

        do_POST = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.request_queue_size = 50
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _kubeconfig(url: str) -> str:
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": url}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}],
            "current-context": "c",
        }
    )


WORDS = [
    *(word for number in range(1, 11) for word in ("--source", f"S{number}")),
    *(word for number in (6, 7, 8, 9) for word in ("--confirm", f"S{number}")),
]
"""The arguments of ``blamefree collect`` that ask all of them, and confirm what must be."""
