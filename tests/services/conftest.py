"""Real servers on loopback, started once per test run, and ended by their process ids."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sample import metrics
from tests.services.kube import servers
from tests.services.kube.incident import Incident, happen

PASSWORD = "open sesame"


@dataclass(frozen=True)
class Server:
    url: str
    user: str = ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def needed(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed (Debian: apt-get install prometheus)")
    return path


def wait_until_ready(process: subprocess.Popen, url: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"Prometheus ended at once: {log.read_text()[-2000:]}")
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except urllib.error.HTTPError as error:
            if error.code == 401:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"Prometheus did not come up: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def blocks(tmp_path_factory) -> Path:
    """A folder with the sample's history as Prometheus blocks."""
    promtool = needed("promtool")
    folder = tmp_path_factory.mktemp("history")
    (folder / "history.om").write_text("".join(metrics.openmetrics()))
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", folder / "history.om", folder / "tsdb"]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "tsdb"


def started(folder: Path, blocks: Path, *flags: str) -> Iterator[Server]:
    """A Prometheus with the history in it.

    It must keep 2025 (or the old blocks go when a new one is cut), and look back less than a step, because
    backfilled series have no end markers.
    """
    program = needed("prometheus")
    shutil.copytree(blocks, folder / "tsdb")
    (folder / "prometheus.yml").write_text("global: {scrape_interval: 1h}\n")
    port = free_port()
    log = folder / "prometheus.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'tsdb'}",
                "--storage.tsdb.retention.time=100y",
                "--query.lookback-delta=14s",
                f"--web.listen-address=127.0.0.1:{port}",
                *flags,
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "GOMAXPROCS": "1"},
        )
    try:
        wait_until_ready(process, f"http://127.0.0.1:{port}/-/ready", log)
        yield Server(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def prometheus(tmp_path_factory, blocks) -> Iterator[Server]:
    """A real Prometheus that holds the sample incident of 2025-02-09."""
    yield from started(tmp_path_factory.mktemp("prometheus"), blocks)


@pytest.fixture
async def guarded(prometheus) -> Iterator[Server]:
    """The same server behind a gate that asks for a bearer token, as a company's proxy does."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if f"authorization: bearer {PASSWORD.replace(' ', '-')}\r\n".encode() not in head.lower():
            body = b"no entry\n"
            writer.write(
                b"HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 9\r\n\r\n" + body
            )
            await writer.drain()
            writer.close()
            return
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0
        )
        body = await reader.readexactly(length)
        port = int(prometheus.url.rpartition(":")[2])
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", port)
        upstream.write(head.replace(b"keep-alive", b"close") + body)
        await upstream.drain()
        writer.write(await upstream_reader.read())
        await writer.drain()
        upstream.close()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield Server(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")


@pytest.fixture(scope="session")
def incident(tmp_path_factory) -> Iterator[Incident]:
    """A real kube-apiserver in which an incident has just happened."""
    if why := servers.missing():
        pytest.skip(why)
    with servers.cluster(tmp_path_factory.mktemp("kube")) as api:
        yield happen(api)
