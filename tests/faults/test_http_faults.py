"""Every fault of the network ends in one sentence that names the server and says what to do."""

import gzip

import pytest

from app.http import Client, Limits, Secret, Site
from tests.faults.fault_server import answer, drip, raw, reset, serving, silence
from tests.faults.http_problems import QUICK, Waits, problem_of


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


@pytest.mark.parametrize(
    "login",
    [
        {"bearer": Secret("s3cret")},
        {"user": "ann", "password": Secret("s3cret")},
        {"headers": {"X-Scope-OrgID": "team"}},
        {"secrets": {"PRIVATE-TOKEN": Secret("s3cret")}},
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_credentials_never_follow_a_redirect_to_another_host(login, status):
    async with serving(answer()) as other, serving(answer(status, Location=other.url + "/y")) as server:
        problem = await problem_of(Site("prom", server.url, **login))
        assert other.requests == []
    assert problem.kind == ("status" if status in (302, 303) else "redirect")


async def test_another_port_or_scheme_is_another_server_and_is_named():
    async with serving(answer()) as other, serving(answer(308, Location=other.url + "/y")) as server:
        site = Site("prom", server.url, bearer=Secret("s3cret"))
        problem = await problem_of(site)
        assert other.requests == []
    assert problem.kind == "redirect"
    assert other.url in str(problem)


async def test_redirects_in_a_circle_end():
    async with serving(answer(301, Location="/x")) as server:
        problem = await problem_of(Site("prom", server.url))
        assert len(server.requests) == 6
    assert problem.kind == "redirect"
