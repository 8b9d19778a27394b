"""An API server that fails on request, for what a healthy one cannot be made to do.

Nothing but faults is tested against this; what the collector does with a cluster is tested against a real
kube-apiserver (``tests/services/test_kubernetes.py``). Answers to paths that are not scripted are those of
an empty cluster, in the form of https://kubernetes.io/docs/reference/using-api/api-concepts/.
"""

import json
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

Script = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: "FakeApi"
    query: dict[str, str]

    def log_message(self, *words: object) -> None:
        pass

    def do_GET(self) -> None:
        address = urlparse(self.path)
        self.query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        with self.api.lock:
            self.api.asked.append((address.path, self.query, self.headers.get("Authorization", "")))
            waiting = self.api.scripts[address.path]
            script = waiting.pop(0) if len(waiting) > 1 else waiting[0] if waiting else None
        if script:
            script(self)
        elif address.path == "/version":
            self.json({"gitVersion": "v1.33.0"})
        else:
            self.json({"kind": "List", "metadata": {}, "items": []})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def json(self, content: Any, status: int = 200, **headers: str) -> None:
        self.raw(json.dumps(content).encode(), status, **headers)

    def raw(self, body: bytes, status: int = 200, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        if length is not None and length != len(body):
            self.hang_up()

    def hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def begin_chunks(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()


class FakeApi:
    """*scripts* are the answers to a path, one after the other, the last one again and again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.scripts: dict[str, list[Script]] = defaultdict(list)
        self.lock = threading.Lock()
        self.over = threading.Event()

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _, _ in self.asked)


def status(code: int, message: str = "", **headers: str) -> Script:
    """A failure as Kubernetes words it."""
    return lambda handler: handler.json(
        {"kind": "Status", "status": "Failure", "message": message, "code": code}, code, **headers
    )


def listed(*items: dict[str, Any], more: str = "") -> Script:
    return lambda handler: handler.json({"metadata": {"continue": more}, "items": list(items)})


@contextmanager
def fake_api() -> Iterator[FakeApi]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api = FakeApi(f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = type("Bound", (Handler,), {"api": api})
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.over.set()
        server.shutdown()
        server.server_close()
