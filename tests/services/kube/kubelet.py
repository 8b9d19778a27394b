"""A kubelet as far as logs go: what a real kube-apiserver asks it for ``GET …/pods/NAME/log``, over mutual TLS.

``/containerLogs/NAMESPACE/POD/CONTAINER`` is answered from ``DIR/NAMESPACE/POD/CONTAINER/current.log`` (or
``previous.log``), which are in the format that container runtimes write and kubelets read:

    2025-02-09T10:18:03.120000000Z stdout F the line

Semantics follow pkg/kubelet/kuberuntime/logs: older lines are left out by ``sinceTime``, ``timestamps`` puts
the stamp in front, ``limitBytes`` cuts, text of the kubelet's own has no stamp. Lines that begin with ``#``
are stage directions: ``#wait NAME`` waits for a file of that name, ``#cut`` breaks the connection (once),
``#say TEXT`` sends text without a stamp. ``current.raw`` holds lines that go out as they are, quickly.
"""

import argparse
import re
import socket
import ssl
import time
import urllib.parse
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CRI = re.compile(rb"^(\S+) (stdout|stderr) ([FP]) (.*\n?)$", re.S)
STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)")


def nanoseconds(stamp: str) -> int:
    found = STAMP.fullmatch(stamp)
    if found is None:
        raise ValueError(f"invalid time {stamp}")
    whole = datetime.fromisoformat(found[1] + ("+00:00" if found[3] == "Z" else found[3]))
    return int(whole.timestamp()) * 10**9 + int((found[2] or "0").ljust(9, "0")[:9])


class Kubelet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path

    def log_message(self, text: str, *values: object) -> None:
        print(time.strftime("%H:%M:%S"), text % values, flush=True)

    def plain(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

    def do_GET(self) -> None:
        address = urllib.parse.urlparse(self.path)
        query = {name: values[-1] for name, values in urllib.parse.parse_qs(address.query).items()}
        parts = [urllib.parse.unquote(part) for part in address.path.split("/") if part]
        if len(parts) != 4 or parts[0] != "containerLogs" or any(".." in part for part in parts):
            return self.plain(404, "404 page not found\n")
        _, namespace, pod, container = parts
        place = self.folder / namespace / pod / container
        before = query.get("previous") == "true"
        if not before and (place / "current.raw").exists():
            return self.quickly(place / "current.raw")
        log = place / ("previous.log" if before else "current.log")
        if not log.exists():
            if before:
                return self.plain(
                    400, f'previous terminated container "{container}" in pod "{pod}" not found'
                )
            return self.plain(
                400, f'container "{container}" in pod "{pod}" is waiting to start: ContainerCreating'
            )
        try:
            since = nanoseconds(query["sinceTime"]) if query.get("sinceTime") else 0
        except ValueError as error:
            return self.plain(400, str(error))
        self.open_chunked()
        if self.send_lines(log, since, query):
            self.wfile.write(b"0\r\n\r\n")
        return None

    def open_chunked(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send_lines(self, log: Path, since: int, query: dict[str, str]) -> bool:
        left = int(query.get("limitBytes", 1 << 62))
        stamps = query.get("timestamps") == "true"
        waiting = b""
        for line in log.read_bytes().splitlines(keepends=True):
            if line.startswith(b"#"):
                self.chunk(waiting)
                waiting = b""
                order, _, word = line[1:].decode().strip().partition(" ")
                if order == "say":
                    self.chunk(word.encode())
                elif order == "wait":
                    (log.parent / f"{word}.reached").touch()
                    while not (log.parent / word).exists():
                        time.sleep(0.01)
                elif order == "cut" and not (log.parent / "was-cut").exists():
                    (log.parent / "was-cut").touch()
                    self.close_connection = True
                    socket.socket.shutdown(self.connection, socket.SHUT_RDWR)
                    return False
                continue
            found = CRI.match(line)
            if found is None or nanoseconds(found[1].decode()) < since:
                continue
            text = (found[1] + b" " if stamps else b"") + (
                found[4] if found[3] == b"F" else found[4].rstrip(b"\n")
            )
            waiting += text[:left]
            left -= len(text)
            if left <= 0:
                break
            if len(waiting) >= 32768:
                self.chunk(waiting)
                waiting = b""
        self.chunk(waiting)
        return True

    def quickly(self, log: Path) -> None:
        self.open_chunked()
        with log.open("rb") as file:
            while block := file.read(256 * 1024):
                self.chunk(block)
        self.wfile.write(b"0\r\n\r\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--port", "--dir", "--cert", "--key", "--client-ca"):
        parser.add_argument(name, required=True)
    chosen = parser.parse_args()
    Kubelet.folder = Path(chosen.dir)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chosen.cert, chosen.key)
    context.load_verify_locations(chosen.client_ca)
    context.verify_mode = ssl.CERT_REQUIRED
    server = ThreadingHTTPServer(("127.0.0.1", int(chosen.port)), Kubelet)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main()
