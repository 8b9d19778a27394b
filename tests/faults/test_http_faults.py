"""Every fault of the network ends in one sentence that names the server and says what to do."""

import asyncio
import gzip
import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from app.http import Client, HttpProblem, Limits, Secret, Site
from tests.faults.fault_server import answer, drip, raw, reset, serving, silence

QUICK = Limits(connect=0.5, read=0.2, total=2.0, max_bytes=1_000_000)


class Waits:
    """A sleep that only remembers how long it should have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def problem_of(site: Site, limits: Limits = QUICK, method: str = "get") -> HttpProblem:
    async with Client(site, limits, sleep=Waits()) as client:
        call = client.get("/x") if method == "get" else client.send("POST", "/x", {"a": 1})
        with pytest.raises(HttpProblem) as caught:
            (await call).json()
    problem = caught.value
    sentence = str(problem)
    assert sentence.startswith("prom")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    return problem


async def test_a_refused_connection_names_the_address():
    async with serving(answer()) as server:
        url = server.url
    problem = await problem_of(Site("prom", url))
    assert problem.kind == "refused"
    assert url in str(problem)


async def test_an_unknown_host_is_told_from_a_refused_connection():
    problem = await problem_of(Site("prom", "http://no-such-host.invalid:9090"))
    assert problem.kind == "dns"
    assert "no-such-host.invalid" in str(problem)


async def test_silence_is_a_timeout_and_is_tried_three_times():
    async with serving(silence) as server:
        problem = await problem_of(Site("prom", server.url))
        assert (problem.kind, len(server.requests)) == ("timeout", 3)


async def test_a_slow_drip_ends_at_the_total_deadline():
    async with serving(drip) as server:
        problem = await problem_of(Site("prom", server.url), Limits(read=1.0, total=0.3))
    assert problem.kind == "deadline"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "the environment variable PROM_TOKEN"),
        (403, "permission"),
        (404, "/x"),
        (410, "not kept"),
        (422, "“no such field”"),
        (429, "try again"),
        (500, "its own log"),
        (418, "418"),
        (302, "redirect"),
    ],
)
async def test_every_status_has_its_sentence(status, words):
    body = b'{"error":"no such field"}'
    site_hint = "the environment variable PROM_TOKEN"
    async with serving(answer(status, body)) as server:
        problem = await problem_of(Site("prom", server.url, bearer=Secret("s3cret"), login_hint=site_hint))
    assert problem.kind == "status"
    assert problem.status == status
    assert words in str(problem)
    assert problem.answer.json() == {"error": "no such field"}


async def test_the_words_of_a_server_cannot_carry_escape_codes():
    async with serving(answer(422, b'{"error":"\\u001b[31mred\\u001b[0m\\nsecond"}')) as server:
        problem = await problem_of(Site("prom", server.url))
    assert "\x1b" not in str(problem)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_passing_fault_is_tried_again_and_succeeds(status):
    waits = Waits()
    async with serving(answer(status), answer(200, b'{"a":1}')) as server:
        async with Client(Site("prom", server.url), QUICK, sleep=waits) as client:
            assert (await client.get("/x")).json() == {"a": 1}
        assert len(server.requests) == 2
    assert len(waits.seconds) == 1
    assert 0.3 < waits.seconds[0] < 0.7


async def test_a_call_that_changes_something_is_never_repeated():
    async with serving(answer(503)) as server:
        problem = await problem_of(Site("prom", server.url), method="post")
        assert len(server.requests) == 1
    assert problem.unclear


async def test_a_change_that_was_refused_is_clear_and_a_silent_one_is_not():
    async with serving(answer(422), silence) as server:
        assert not (await problem_of(Site("prom", server.url), method="post")).unclear
        assert (await problem_of(Site("prom", server.url), method="post")).unclear


async def test_retry_after_is_honoured_in_seconds():
    waits = Waits()
    async with (
        serving(answer(429, Retry_After="1"), answer()) as server,
        Client(Site("prom", server.url), QUICK, sleep=waits) as client,
    ):
        await client.get("/x")
    assert waits.seconds == [1.0]


async def test_retry_after_is_honoured_as_a_date():
    waits = Waits()
    now = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)
    later = format_datetime(now + timedelta(seconds=1), usegmt=True)
    first = answer(503, Retry_After=later, Date=format_datetime(now, usegmt=True))
    async with (
        serving(first, answer()) as server,
        Client(Site("prom", server.url), QUICK, sleep=waits) as client,
    ):
        await client.get("/x")
    assert waits.seconds == [1.0]


async def test_a_wait_beyond_the_deadline_is_said_and_not_waited_for():
    async with serving(answer(429, Retry_After="600")) as server:
        problem = await problem_of(Site("prom", server.url))
        assert len(server.requests) == 1
    assert problem.retry_after == 600
    assert "in 600 s" in str(problem)


async def test_a_rate_limit_of_github_s_kind_is_not_a_missing_permission():
    now = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)
    headers = {
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(now.timestamp()) + 90),
        "Date": format_datetime(now, usegmt=True),
    }
    async with serving(answer(403, **headers)) as server:
        problem = await problem_of(Site("prom", server.url))
    assert "in 90 s" in str(problem)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", "cut"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello", "cut"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "protocol"),
        (b"", "cut"),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 9\r\n\r\nnot gzip!", "cut"),
    ],
)
async def test_a_broken_answer_is_told_by_its_kind(data, kind):
    async with serving(raw(data)) as server:
        assert (await problem_of(Site("prom", server.url))).kind == kind


async def test_a_reset_connection_is_a_cut():
    async with serving(reset) as server:
        assert (await problem_of(Site("prom", server.url))).kind == "cut"


async def test_a_login_page_instead_of_json_is_recognised():
    async with serving(answer(200, b"<html>log in")) as server:
        problem = await problem_of(Site("prom", server.url))
    assert problem.kind == "not-json"
    assert "<html>log in" in str(problem)


async def test_a_compressed_bomb_stops_at_the_cap():
    bomb = gzip.compress(b"0" * 50_000_000)
    async with serving(answer(200, bomb, Content_Encoding="gzip")) as server:
        assert (await problem_of(Site("prom", server.url))).kind == "too-large"


async def test_a_redirect_on_the_same_host_is_followed_with_its_method_and_body():
    async with serving(answer(307, Location="/api/x?b=2"), answer(200, b"[1]")) as server:
        async with Client(Site("prom", server.url, bearer=Secret("s3cret")), QUICK) as client:
            assert (await client.query("/x", [("query", "up"), ("a", "1")])).json() == [1]
        first, second = server.requests
    assert (second.method, second.path, second.body) == ("POST", "/api/x?b=2", b"query=up&a=1")
    assert second.headers["authorization"] == first.headers["authorization"] == "Bearer s3cret"


async def test_credentials_never_follow_a_redirect_to_another_host():
    async with serving(answer()) as other, serving(answer(308, Location=other.url + "/y")) as server:
        site = Site("prom", server.url, bearer=Secret("s3cret"), headers={"X-Scope-OrgID": "team"})
        problem = await problem_of(site)
        assert other.requests == []
    assert problem.kind == "redirect"
    assert other.url in str(problem)


async def test_redirects_in_a_circle_end():
    async with serving(answer(301, Location="/x")) as server:
        problem = await problem_of(Site("prom", server.url))
        assert len(server.requests) == 6
    assert problem.kind == "redirect"


async def test_a_plain_server_behind_https_is_a_tls_failure():
    async def greet(_reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        problem = await problem_of(Site("prom", f"https://127.0.0.1:{port}"))
    assert problem.kind == "tls"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed, so there is no certificate to try")
    folder = tmp_path_factory.mktemp("tls")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    command += [
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        folder / "key.pem",
        "-out",
        folder / "ca.pem",
    ]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return folder / "ca.pem", context


async def test_an_unknown_authority_is_refused_and_can_be_named(certificate):
    ca_file, context = certificate
    async with serving(answer(200, b"[2]"), tls=context) as server:
        problem = await problem_of(Site("prom", server.url))
        assert problem.kind == "tls"
        assert "certificate authority" in str(problem)
        async with Client(Site("prom", server.url, ca_file=str(ca_file)), QUICK) as client:
            assert (await client.get("/x")).json() == [2]


async def test_a_missing_authority_file_is_one_sentence(tmp_path):
    with pytest.raises(HttpProblem, match="PEM") as caught:
        async with Client(Site("prom", "https://x.invalid", ca_file=str(tmp_path / "none.pem"))):
            pass
    assert caught.value.kind == "ca-file"
