"""Bodies that are cut, packed, too large, or of another kind; and what else an answer tells."""

import asyncio
import base64
import gzip
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from app.http import Client, HttpProblem, Limits, Secret, Site
from tests.faults.fault_server import answer, raw, serving, silence
from tests.faults.http_problems import QUICK, Waits, problem_of


async def test_an_answer_that_broke_off_is_asked_for_again():
    cut = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
    async with (
        serving(cut, answer(200, b"[1]")) as server,
        Client(Site("prom", server.url), QUICK, sleep=Waits()) as client,
    ):
        assert (await client.get("/x")).json() == [1]


async def test_a_body_cut_without_a_length_is_told_as_cut():
    async with serving(raw(b'HTTP/1.1 200 OK\r\n\r\n{"data": [1, 2')) as server:
        assert (await problem_of(Site("prom", server.url))).kind == "cut"


async def test_a_compressed_answer_is_unpacked_whatever_its_members_and_steps():
    for size in (0, 1, 65536, 200_000):
        text = b'"' + b"x" * size + b'"'
        packed = gzip.compress(text[:100]) + gzip.compress(text[100:]) + b"\0\0"
        async with (
            serving(answer(200, packed, Content_Encoding="gzip")) as server,
            Client(Site("prom", server.url), QUICK) as client,
        ):
            assert (await client.get("/x")).body == text


async def test_a_compressed_answer_without_its_end_is_cut():
    packed = gzip.compress(b"[" + b"1," * 9000 + b"1]")[:-9]
    async with serving(answer(200, packed, Content_Encoding="gzip")) as server:
        assert (await problem_of(Site("prom", server.url))).kind == "cut"


async def test_a_bomb_needs_no_more_memory_than_the_cap():
    bomb = gzip.compress(b"0" * 100_000_000)
    async with (
        serving(answer(200, bomb, Content_Encoding="gzip")) as server,
        Client(Site("prom", server.url), QUICK) as client,
    ):
        tracemalloc.start()
        try:
            with pytest.raises(HttpProblem, match="MiB"):
                await client.get("/x")
            assert tracemalloc.get_traced_memory()[1] < 5_000_000
        finally:
            tracemalloc.stop()


async def test_a_packing_that_was_not_asked_for_is_told():
    async with serving(answer(200, b"\x0b\x02\x80", Content_Encoding="br")) as server:
        problem = await problem_of(Site("prom", server.url))
    assert (problem.kind, "“br”" in str(problem)) == ("protocol", True)


async def test_a_plain_line_of_a_server_is_quoted_and_a_web_page_is_not():
    async with serving(
        answer(400, b"parse error at 1:5\n", Content_Type="text/plain; charset=utf-8")
    ) as server:
        assert "(“parse error at 1:5”)" in str(await problem_of(Site("prom", server.url)))
    async with serving(answer(400, b"<html><h1>no", Content_Type="text/html")) as server:
        assert "<html>" not in str(await problem_of(Site("prom", server.url)))


async def test_the_error_of_an_error_is_quoted():
    async with serving(answer(400, b'{"error":{"message":"Invalid since","code":2001}}')) as server:
        assert "(“Invalid since”)" in str(await problem_of(Site("prom", server.url)))


async def test_a_proxy_that_refuses_is_told_from_the_server(monkeypatch):
    async with serving(answer(407)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        problem = await problem_of(Site("prom", "https://prom.example"))
    assert problem.kind == "proxy"
    assert "NO_PROXY" in str(problem)


async def test_a_header_that_cannot_be_sent_is_one_sentence():
    async with serving(answer()) as server:
        problem = await problem_of(Site("prom", server.url, headers={"X-Scope-OrgID": "a\r\nX-Evil: 1"}))
        assert server.requests == []
    assert problem.kind == "address"


async def test_the_difference_of_the_clocks_is_measured_to_half_a_second():
    for ahead in (-90, 0, 3600):
        stamp = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
        async with serving(answer(Date=stamp)) as server, Client(Site("prom", server.url)) as client:
            assert client.clock_s is None
            await client.get("/x")
            assert abs(client.clock_s - ahead) < 1.5


async def test_an_answer_out_of_a_cache_says_nothing_about_the_clock():
    stamp = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    async with serving(answer(Date=stamp, Age="3600")) as server, Client(Site("prom", server.url)) as client:
        await client.get("/x")
        assert client.clock_s is None


async def test_a_call_can_be_cancelled_at_once():
    async with serving(silence) as server, Client(Site("prom", server.url), Limits()) as client:
        task = asyncio.create_task(client.get("/x"))
        while not server.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 1.0)


@pytest.mark.parametrize("before", [0, 30, 55])
async def test_a_token_that_comes_back_in_an_answer_is_not_shown_whole_or_in_part(before):
    token = "canary-" + "x7" * 20
    basic = base64.b64encode(f"me:{token}".encode()).decode()
    for echo in (token, f"Authorization: Basic {basic}"):
        page = f"{'.' * before}{echo} is what you sent".encode()
        for site in (
            lambda url: Site("prom", url, bearer=Secret(token)),
            lambda url: Site("prom", url, user="me", password=Secret(token)),
        ):
            async with serving(answer(200, page)) as server:
                said = str(await problem_of(site(server.url)))
            assert "not JSON" in said
            if echo == token or site(server.url).user:
                assert "canary" not in said
                assert basic[:12] not in said


async def test_a_token_at_the_edge_of_what_is_quoted_is_concealed_before_it_is_cut():
    token = "canary-" + "x7" * 20
    words = b"." * 190 + token.encode()
    async with serving(answer(400, words, Content_Type="text/plain")) as server:
        said = str(await problem_of(Site("prom", server.url, bearer=Secret(token))))
    assert "canary" not in said
