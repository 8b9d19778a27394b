"""A service for the tests: its connection pool fills up when it is told to, and its metrics say so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

POOL_SIZE = 20


class Shop:
    """*in_use* is how many connections are taken; set it to :data:`POOL_SIZE` to make the alert fire."""

    def __init__(self) -> None:
        self.in_use = 4
        self.port = 0

    def metrics(self) -> str:
        return (
            "# TYPE db_pool_connections gauge\n"
            f'db_pool_connections{{pool="orders",state="in_use"}} {self.in_use}\n'
            "# TYPE db_pool_max_connections gauge\n"
            f'db_pool_max_connections{{pool="orders"}} {POOL_SIZE}\n'
        )


@contextmanager
def running() -> Iterator[Shop]:
    """The service on a free port of loopback, in a thread."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = shop.metrics().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the output belongs to the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shop.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
