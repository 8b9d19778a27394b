import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.http import Answer, Client, HttpProblem, Secret, Site, address_problem
from app.http_answers import judge


def test_a_secret_does_not_show_itself():
    secret = Secret("s3cret")
    site = Site("prom", "http://x", bearer=secret)
    assert "s3cret" not in f"{secret!r} {secret} {site!r} {[secret]}"
    assert secret.reveal() == "s3cret"


def test_a_server_that_repeats_the_token_which_it_refuses_is_quoted_without_it():
    site = Site("hub", "http://x", secrets={"Authorization": Secret("Token token=s3cret-s3cret")})
    body = json.dumps({"message": "no s3cret-s3cret here"}).encode()
    with pytest.raises(HttpProblem) as caught:
        judge(site, Answer("hub", "GET http://x/y", 403, {}, body))
    assert "(“no *** here”)" in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://prom:9090", "https://x.example/prometheus", "http://[::1]:9090", "http://127.0.0.1"]
)
def test_a_plain_address_is_accepted(url):
    assert address_problem(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "",
        "prom:9090",
        "ftp://x",
        "http://",
        "http://u:p@x",
        "http://x:99999",
        "http://x?a=1",
        "http://x#f",
        "http://[::",
    ],
)
def test_what_is_no_address_is_told(url):
    assert address_problem(url).endswith(".")


def test_a_password_in_an_address_is_not_repeated_back():
    assert "hunter2" not in address_problem("http://admin:hunter2@x")


@given(st.text(max_size=40))
def test_any_text_as_an_address_is_accepted_or_told_in_one_line(text):
    problem = address_problem(text)
    assert "\n" not in problem
    if not problem:
        Client(Site("x", text))


@pytest.mark.parametrize("body", [b"", b"\xff", b"{]", b"[" * 100_000])
def test_what_is_no_json_is_told(body):
    with pytest.raises(HttpProblem, match="not JSON"):
        Answer("prom", "GET http://x", 200, {}, body).json()


@pytest.mark.parametrize(
    "body", [b"{", b'{"a": "b', b'[{"a": 1},', b'{"data": {"result": [[1, "2"]', b"[1, "]
)
def test_json_that_ends_early_was_cut_and_is_no_login_page(body):
    with pytest.raises(HttpProblem, match="broke off in the middle") as caught:
        Answer("prom", "GET http://x", 200, {}, body).json()
    assert caught.value.kind == "cut"


@given(st.recursive(st.integers() | st.text(), st.lists, max_leaves=5), st.data())
def test_every_cut_of_a_json_document_is_told_and_never_taken_for_the_whole(value, data):
    whole = json.dumps({"data": value}).encode()
    cut = whole[: data.draw(st.integers(1, len(whole) - 1))]
    with pytest.raises(HttpProblem):
        Answer("prom", "GET http://x", 200, {}, cut).json()


def answered(link: str) -> Answer:
    return Answer("git", "GET http://x", 200, {"link": link}, b"[]")


def test_the_next_page_is_read_from_the_link_header():
    both = '<https://x/a?page=1>; rel="prev", <https://x/a?page=3>; rel="next last"; title="x"'
    assert answered(both).link() == "https://x/a?page=3"
    assert answered(both).link("prev") == "https://x/a?page=1"
    assert answered("<https://x/a,b?c=1;d>;rel=next").link() == "https://x/a,b?c=1;d"
    assert answered("").link() == answered("nonsense <").link() == answered('<x>; rel="nexta"').link() == ""
