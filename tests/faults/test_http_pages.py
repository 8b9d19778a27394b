"""Pages are followed on one server only, and end."""

import pytest

from app.http import Client, HttpProblem, Secret, Site
from tests.faults.fault_server import answer, serving
from tests.faults.http_problems import QUICK


async def test_a_secret_header_is_sent_and_does_not_show_itself():
    async with serving(answer()) as server:
        site = Site("git", server.url, secrets={"PRIVATE-TOKEN": Secret("s3cret")})
        async with Client(site, QUICK) as client:
            await client.get("/x", headers={"Accept": "application/json"})
        (request,) = server.requests
    assert (request.headers["private-token"], request.headers["accept"]) == ("s3cret", "application/json")
    assert "s3cret" not in repr(site)


async def test_pages_follow_the_link_header_and_a_reader_may_stop_early():
    async def script(request, writer):
        number = int(request.path.rpartition("=")[2])
        link = {"Link": f'<{server.url}/api/x?page={number + 1}>; rel="next"'} if number < 3 else {}
        await answer(200, b"[%d]" % number, **link)(request, writer)

    async with serving(script) as server, Client(Site("git", server.url + "/api"), QUICK) as client:
        assert [page.json() async for page in client.pages("/x", [("page", "1")])] == [[1], [2], [3]]
        assert (await anext(client.pages("/x", [("page", "1")]))).json() == [1]
        assert [request.path for request in server.requests][:3] == [f"/api/x?page={n}" for n in (1, 2, 3)]
        assert len(server.requests) == 4


async def test_pages_may_be_told_by_parameters():
    async with serving(answer(200, b'{"more":true}'), answer(200, b'{"more":false}')) as server:

        def following(page):
            return [("offset", "100")] if page.json()["more"] else None

        async with Client(Site("pager", server.url), QUICK) as client:
            found = [page async for page in client.pages("/x", [("offset", "0")], following=following)]
        assert [request.path for request in server.requests] == ["/x?offset=0", "/x?offset=100"]
    assert len(found) == 2


async def test_credentials_never_go_to_a_next_page_on_another_host():
    async with serving(answer()) as other:
        first = answer(200, b"[1]", Link=f'<{other.url}/x>; rel="next"')
        async with serving(first) as server, Client(Site("git", server.url), QUICK) as client:
            pages = aiter(client.pages("/x"))
            read = [(await anext(pages)).json()]
            with pytest.raises(HttpProblem, match="another server as its next page") as caught:
                await anext(pages)
        assert other.requests == []
    assert (read, caught.value.kind) == ([[1]], "redirect")


async def test_pages_in_a_circle_and_pages_without_end_are_told():
    async def endless(request, writer):
        number = int(request.path.rpartition("=")[2])
        await answer(200, b"[]", Link=f'</x?page={number + 1}>; rel="next"')(request, writer)

    circle = answer(200, b"[]", Link='</x>; rel="next"')
    for script, words in ((circle, "twice"), (endless, "more than 5 pages")):
        async with serving(script) as server, Client(Site("git", server.url), QUICK) as client:
            with pytest.raises(HttpProblem, match=words):
                [page async for page in client.pages("/x", [("page", "1")], most=5)]
