"""Every source that asks a server, with every fault that a server or the way to it can have.

Each says in one sentence what happened, names no secret, and leaves its window as a hole for that reason; another
source beside it goes on.
"""

import asyncio
import re
import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from app.http import Client
from app.review.records import Incident, Session, Source
from collectors.runner import Run
from tests.faults.fault_server import answer, raw, reset, serving, silence
from tests.unit.collectors.monitored import BEGIN, END, NOW, START

SETTINGS = {
    "alertmanager": {"url": "{url}"},
    "github": {"repo": "acme/api", "base_url": "{url}", "token_env": "T"},
    "gitlab": {"project": "acme/api", "base_url": "{url}", "token_env": "T"},
    "grafana": {"url": "{url}", "token_env": "T"},
    "loki": {"url": "{url}", "queries": {"api": '{app="api"}'}, "token_env": "T"},
    "pagerduty": {"region": "{url}"},
    "prometheus": {"url": "{url}", "queries": {"up": "up"}, "token_env": "T"},
    "slack": {"channel": "C0123456789", "base_url": "{url}"},
}
NAMES = ("T", "GH_TOKEN", "GITLAB_TOKEN", "PAGERDUTY_TOKEN", "SLACK_TOKEN")
FAULTS = {
    "401": (answer(401), r"401"),
    "403": (answer(403), r"403|permission|may not"),
    "404": (answer(404), r"404|not found|no such|There is no|cannot see|no API v2"),
    "410": (answer(410), r"410|not kept|gone"),
    "422": (answer(422, b'{"error":"no such field"}'), r"422|no such field|cannot answer"),
    "429": (answer(429), r"429|too many|try again|wait"),
    "500": (answer(500), r"500|its own log"),
    "503": (answer(503), r"503|try again|its own log"),
    "silent": (silence, r"silent|did not (answer|finish)"),
    "cut": (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"), r"broke off"),
    "hung up": (raw(b""), r"hung up|broke off"),
    "reset": (reset, r"hung up|broke off|cut"),
    "no JSON": (answer(200, b"<html>please log in"), r"not JSON|web page|no JSON"),
    "half JSON": (answer(200, b'{"data": [1, '), r"broke off|not JSON"),
    "redirect": (answer(302, Location="http://other.example/api"), r"redirect|other\.example"),
}


@pytest.fixture(autouse=True)
def quick(monkeypatch, own_home):
    """A second has a hundredth; that waits have their length is shown elsewhere."""
    made = Client.__init__

    def init(self, *words, **more):
        made(self, *words, **more)
        self.limits = replace(self.limits, connect=0.3, read=0.3, total=3.0, patience=0.05)

    monkeypatch.setattr(Client, "__init__", init)
    monkeypatch.setattr("app.http._random.uniform", lambda low, high: 0.001)


async def failed(kind, url, folder):
    settings = {
        name: value.replace("{url}", url) if isinstance(value, str) else value
        for name, value in SETTINGS[kind].items()
    }
    log = folder / "app.log"
    log.write_text("2025-02-09T10:06:00Z ERROR it failed\n")
    sources = (
        Source(id="S1", kind=kind, name=kind, settings=settings),
        Source(id="S2", kind="file", name="log", settings={"path": str(log)}),
    )
    incident = Incident(started_at=START, ended_at=START + timedelta(minutes=35))
    run = Run(
        Session(incident=incident, sources=sources),
        folder / "s",
        now=NOW,
        environment=dict.fromkeys(NAMES, "s3cret-token"),
    )
    run.start()
    outcomes = await run.wait()
    assert outcomes["S2"].state == "done"
    outcome = outcomes["S1"]
    assert outcome.state == "failed", outcome
    told = outcome.message
    assert told.endswith((".", "?"))
    assert "\n" not in told
    assert "Traceback" not in told
    assert "broke down" not in told
    assert "s3cret" not in repr(outcome)
    assert [(gap.from_, gap.to) for gap in outcome.gaps] == [(BEGIN, END)]
    assert outcome.gaps[0].why == told
    return told


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", SETTINGS)
async def test_what_a_server_can_do_is_one_sentence_and_a_hole(tmp_path, kind, fault):
    script, words = FAULTS[fault]
    async with serving(script) as server:
        told = await failed(kind, server.url, tmp_path)
        sent = {request.headers.get("host", "") for request in server.requests}
    assert re.search(words, told), told
    assert sent == {server.url.removeprefix("http://")}


@pytest.mark.parametrize("kind", SETTINGS)
async def test_a_server_that_is_not_there_is_told(tmp_path, kind):
    async with serving(answer()) as server:
        url = server.url
    assert "refused the connection" in await failed(kind, url, tmp_path)


@pytest.mark.parametrize("kind", SETTINGS)
async def test_a_name_that_is_not_known_is_told(tmp_path, kind, monkeypatch):
    def unknown(*_words, **_more):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "cannot be found" in await failed(kind, "http://localhost:9", tmp_path)


# The other two go to the hosts of their vendors only, and to this machine without TLS: for tests.
@pytest.mark.parametrize("kind", sorted(SETTINGS.keys() - {"pagerduty", "slack"}))
async def test_a_server_without_tls_behind_https_is_told(tmp_path, kind):
    async def plain(_reader, writer):
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        told = await failed(kind, f"https://127.0.0.1:{port}", tmp_path)
    assert "TLS" in told


@pytest.mark.parametrize("kind", SETTINGS)
async def test_a_connection_that_is_never_taken_is_told(tmp_path, kind):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        place = full.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(place)
        try:
            told = await failed(kind, f"http://127.0.0.1:{place[1]}", tmp_path)
        finally:
            for filler in fillers:
                filler.close()
    assert re.search(r"did not (accept|answer)|could not be reached|timed out", told), told
