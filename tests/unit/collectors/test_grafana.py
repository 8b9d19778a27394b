"""Grafana's annotations from a fake held to its published document (see tests/fakes/grafana.py)."""

import json
from datetime import timedelta

import pytest

from app.evidence import query
from app.suggest import suggest
from collectors import grafana
from collectors.grafana import GrafanaCollector
from tests.fakes.grafana import FakeGrafana, annotation
from tests.faults.fault_server import answer, raw, serving
from tests.unit.collectors.monitored import BEGIN, END, START, collect, examine

AT = int(START.timestamp() * 1000)


def deploy(number, at=AT, **fields):
    return annotation(number, at, f"Deploy v2.3.{number}", tags=["deploy", "prod"], **fields)


async def test_a_deploy_marker_is_a_change_with_its_author_and_its_dashboard(tmp_path):
    marker = deploy(7, login="alice", timeEnd=AT + 60_000)
    async with serving(FakeGrafana([marker])) as server:
        outcome, session, progress = await collect("grafana", tmp_path, server.url)
    assert (outcome.state, outcome.gaps, outcome.notes) == ("done", (), ())
    (one,) = suggest(session, tmp_path)
    event = one.event
    assert (event.kind, event.text, event.actor) == ("change", "Deploy v2.3.7", "alice")
    assert (event.at, event.until) == (START, START + timedelta(minutes=1))
    assert event.evidence[0].url == f"{server.url}/d/uGlb_lG7z"
    assert progress[-1].covered == ((BEGIN, END),)


async def test_a_change_of_an_alert_s_state_is_an_alert_and_a_note_is_an_observation(tmp_path):
    fired = annotation(1, AT, "", alertId=3, alertName="Errors", prevState="Normal", newState="Alerting")
    pending = annotation(2, AT - 9000, "", alertId=3, alertName="Errors", newState="Pending")
    note = annotation(3, AT + 9000, "<b>we</b> failed over &amp; waited", timeEnd=0)
    async with serving(FakeGrafana([fired, pending, note])) as server:
        outcome, session, _ = await collect("grafana", tmp_path, server.url)
    events = [one.event for one in suggest(session, tmp_path)]
    assert [(event.kind, event.text) for event in events] == [("alert", "Errors: Normal → Alerting")]
    everything = [(row.fact.kind, row.fact.text) for row in query.facts(session, tmp_path)]
    assert ("alert", "Errors: Pending") in everything
    assert outcome.state == "done"


async def test_a_note_without_a_region_is_an_observation_without_markup(tmp_path):
    note = annotation(3, AT, "<b>we</b> failed over &amp; waited")
    async with serving(FakeGrafana([note])) as server:
        _, session, _ = await collect("grafana", tmp_path, server.url)
    (one,) = suggest(session, tmp_path)
    assert (one.event.kind, one.event.text, one.event.until) == (
        "observation",
        "we failed over & waited",
        None,
    )


async def test_more_than_the_limit_comes_in_halves_and_each_once(tmp_path, monkeypatch):
    monkeypatch.setattr(grafana, "PAGE", 10)
    first = int(BEGIN.timestamp() * 1000)
    markers = [deploy(n, first + n * 90_000, timeEnd=first + n * 90_000 + 200_000) for n in range(49)]
    fake = FakeGrafana(markers)
    async with serving(fake) as server:
        outcome, session, _ = await collect("grafana", tmp_path, server.url)
    facts = query.facts(session, tmp_path)
    assert sorted(row.fact.text for row in facts) == sorted(one["text"] for one in markers)
    assert outcome.gaps == ()
    assert all(len(params["limit"]) == 1 for params in fake.asked)


async def test_more_than_the_limit_in_one_instant_is_a_gap(tmp_path, monkeypatch):
    monkeypatch.setattr(grafana, "PAGE", 10)
    async with serving(FakeGrafana([deploy(n) for n in range(20)])) as server:
        outcome, _, _ = await collect("grafana", tmp_path, server.url)
    (gap,) = outcome.gaps
    assert "more annotations in this instant" in gap.why
    assert gap.from_ == START


async def test_tags_and_organisation_are_sent(tmp_path):
    fake = FakeGrafana([deploy(1), annotation(2, AT, "other")])
    async with serving(fake) as server:
        settings = {"tags": "deploy, prod", "org": "2", "token_env": "T"}
        outcome, session, _ = await collect("grafana", tmp_path, server.url, {"T": "glsa_x"}, **settings)
    assert fake.asked[0]["tags"] == ["deploy", "prod"]
    assert fake.headers[0]["x-grafana-org-id"] == "2"
    assert fake.headers[0]["authorization"] == "Bearer glsa_x"
    assert [row.fact.text for row in query.facts(session, tmp_path)] == ["Deploy v2.3.1"]
    assert "glsa_x" not in repr(outcome)


async def test_no_annotations_are_a_note(tmp_path):
    async with serving(FakeGrafana()) as server:
        outcome, _, _ = await collect("grafana", tmp_path, server.url, tags="deploy")
    assert outcome.notes == ("grafana has no annotations with the tags deploy in the window.",)
    assert outcome.gaps == ()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (answer(401, b'{"message":"Unauthorized"}'), "401"),
        (answer(403, b'{"message":"You need annotations:read"}'), "annotations:read"),
        (answer(404), "404"),
        (answer(410), "410"),
        (answer(422, b'{"message":"no"}'), "422"),
        (answer(500), "its own log"),
        (answer(200, b"<html>log in"), "not JSON"),
        (answer(200, b'[{"id":1'), "broke off"),
        (answer(200, b'{"annotations":[]}'), "unknown form"),
        (answer(200, b"[1]"), "unknown form"),
        (answer(302, b"", Location="/login"), "redirect"),
        (raw(b""), "hung up"),
    ],
)
async def test_every_refusal_is_one_sentence_and_a_gap(tmp_path, monkeypatch, script, words):
    monkeypatch.setattr("app.http._random.uniform", lambda low, high: 0.001)
    async with serving(script) as server:
        outcome, session, _ = await collect("grafana", tmp_path, server.url)
    assert outcome.state == "failed"
    assert words in outcome.message
    (gap,) = session.sources[0].gaps
    assert (gap.from_, gap.to, gap.why) == (BEGIN, END, outcome.message)


@pytest.mark.parametrize(
    "odd",
    [
        {"time": None},
        {"time": "soon"},
        {"time": -5},
        {"time": 10**30},
        {"tags": None},
        {"text": None},
        {"dashboardUID": "../../x"},
        {"timeEnd": "x"},
        {"text": "\x1b[31mred"},
    ],
)
async def test_annotations_of_another_shape_lose_nothing_but_themselves(tmp_path, odd):
    fake = [deploy(1), {**deploy(2), **odd}]

    async def script(request, writer):
        await answer(200, json.dumps(fake).encode())(request, writer)

    async with serving(script) as server:
        outcome, session, _ = await collect("grafana", tmp_path, server.url)
    assert outcome.state == "done"
    found = [row.fact for row in query.facts(session, tmp_path)]
    assert "Deploy v2.3.1" in [fact.text for fact in found]
    assert not any("\x1b" in fact.text or ".." in fact.url for fact in found)


async def test_examining_says_whether_the_token_may_read(tmp_path):
    async with serving(FakeGrafana()) as server:
        found = await examine(GrafanaCollector(), tmp_path, server.url)
        assert (found.reachable, found.authorised) == (True, True)
        found = await examine(GrafanaCollector(), tmp_path, server.url, token_env="MISSING")
        assert (found.reachable, found.authorised) == (None, False)
        assert "MISSING" in found.sentences[0]
    async with serving(answer(403)) as server:
        assert not (await examine(GrafanaCollector(), tmp_path, server.url)).authorised


@pytest.mark.parametrize("settings", [{}, {"url": "x"}, {"url": "http://x", "org": "main"}])
def test_settings_that_cannot_work_are_told(settings):
    assert GrafanaCollector().check(settings).endswith(".")
    assert GrafanaCollector().check({"url": "http://x", "org": "2"}) == ""


async def test_what_does_not_fit_the_document_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr("app.http._random.uniform", lambda low, high: 0.001)
    odd = FakeGrafana([annotation(1, AT, "x", dashboardUID=7)])
    async with serving(odd) as server:
        outcome, _, _ = await collect("grafana", tmp_path / "odd", server.url)
    assert outcome.state == "failed"
    assert odd.violations
    monkeypatch.setattr(grafana, "PAGE", "many")
    asked = FakeGrafana()
    async with serving(asked) as server:
        await collect("grafana", tmp_path / "asked", server.url)
    assert "limit" in asked.violations[0]
