"""How long a server is waited for, and what is asked again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from app.http import Client, Limits, Site
from tests.faults.fault_server import answer, serving
from tests.faults.http_problems import QUICK, Waits, problem_of


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


async def test_a_long_wait_is_told_every_second_and_does_not_use_up_the_deadline():
    waits, told = Waits(), []
    limits = Limits(connect=0.5, read=0.2, total=2.0, patience=30.0)
    async with (
        serving(answer(429, Retry_After="20"), answer(200, b"[1]")) as server,
        Client(Site("prom", server.url), limits, sleep=waits, on_wait=told.append) as client,
    ):
        assert (await client.get("/x")).json() == [1]
    assert sum(waits.seconds) == 20
    assert told[0] == "waiting 20 s, then try 2 of 3"
    assert told[-1] == "waiting 1 s, then try 2 of 3"


async def test_a_secondary_rate_limit_is_waited_for_and_a_missing_permission_is_not():
    waits = Waits()
    async with (
        serving(answer(403, Retry_After="1"), answer(200, b"[1]")) as server,
        Client(Site("git", server.url), QUICK, sleep=waits) as client,
    ):
        assert (await client.get("/x")).json() == [1]
    assert waits.seconds == [1.0]
    async with serving(answer(403)) as server:
        await problem_of(Site("prom", server.url))
        assert len(server.requests) == 1


async def test_a_limit_that_counts_down_in_seconds_is_understood():
    async with serving(answer(429, RateLimit_Reset="95")) as server:
        assert (await problem_of(Site("prom", server.url))).retry_after == 95
