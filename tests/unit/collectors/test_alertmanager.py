"""Alertmanager from a scripted server in the shapes of its ``api/v2/openapi.yaml``; the real one: tests/services."""

import json
from datetime import timedelta

import pytest

from app.evidence import query
from app.suggest import suggest
from collectors.alertmanager import AlertmanagerCollector, matchers
from tests.faults.fault_server import answer, raw, serving
from tests.unit.collectors.monitored import BEGIN, END, NOW, START, collect, examine, kept


def stamp(minutes):
    return (START + timedelta(minutes=minutes)).isoformat()


ALERT = {
    "labels": {"alertname": "Slow", "severity": "page"},
    "annotations": {"summary": "api is slow"},
    "receivers": [{"name": "oncall"}],
    "fingerprint": "a1",
    "startsAt": stamp(2),
    "updatedAt": stamp(80),
    "endsAt": stamp(120),
    "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
}
GROUP = {"labels": {"alertname": "Slow"}, "receiver": {"name": "oncall"}, "alerts": [ALERT]}


def silence(number, begin, end, **more):
    return {
        "id": f"s{number}",
        "status": {"state": "expired"},
        "updatedAt": stamp(end),
        "matchers": [
            {"name": "alertname", "value": "Slow", "isRegex": False, "isEqual": True},
            {"name": "env", "value": "dev.*", "isRegex": True, "isEqual": False},
        ],
        "startsAt": stamp(begin),
        "endsAt": stamp(end),
        "createdBy": "alice",
        "comment": "we know",
        **more,
    }


def scripted(alerts=(ALERT,), groups=(GROUP,), silences=()):
    bodies = {"alerts": alerts, "groups": groups, "silences": silences}

    async def script(request, writer):
        name = request.path.partition("?")[0].rpartition("/")[2]
        await answer(200, json.dumps(list(bodies[name])).encode())(request, writer)

    return script


async def test_an_alert_that_fires_is_offered_with_its_text_and_has_no_end(tmp_path):
    async with serving(scripted()) as server:
        outcome, session, progress = await collect("alertmanager", tmp_path, server.url)
    assert (outcome.state, outcome.message) == ("done", "")
    (one,) = suggest(session, tmp_path)
    assert one.event.text == "Alert Slow fires (page)"
    assert "api is slow" in one.reason
    assert query.alerts(session, tmp_path)[0].resolved is None
    assert json.loads(kept(tmp_path, outcome, "alerts.json")) == [ALERT]
    assert progress[-1].rows == 2


async def test_that_it_forgets_is_a_record(tmp_path):
    async with serving(scripted()) as server:
        outcome, _, _ = await collect("alertmanager", tmp_path, server.url)
    (gap,) = outcome.gaps
    assert (gap.from_, gap.to) == (BEGIN, END)
    assert "forgets an alert once it is resolved" in gap.why


async def test_silences_older_than_it_keeps_are_another(tmp_path):
    late = NOW + timedelta(days=30)
    async with serving(scripted()) as server:
        outcome, _, _ = await collect("alertmanager", tmp_path, server.url, now=late)
    assert [(gap.from_, gap.to) for gap in outcome.gaps] == [(BEGIN, END), (BEGIN, END)]
    assert "120 h" in outcome.gaps[1].why


async def test_who_silenced_what_and_when(tmp_path):
    future = silence(3, 600, 700)
    async with serving(scripted(silences=[silence(1, 5, 20), silence(2, 6, 500), future])) as server:
        outcome, session, _ = await collect("alertmanager", tmp_path, server.url)
    events = [one.event for one in suggest(session, tmp_path) if one.event.kind == "action"]
    about = 'alertname="Slow", env!~"dev.*"'
    assert [(event.text, event.actor) for event in events] == [
        (f"Silenced: {about} (“we know”)", "alice"),
        (f"Silenced: {about} (“we know”)", "alice"),
        (f"Silence ends: {about} (“we know”)", ""),
    ]
    assert (events[0].at, events[0].until) == (START + timedelta(minutes=5), START + timedelta(minutes=20))
    planned = [row.fact for row in query.facts(session, tmp_path) if row.fact.key == "silence s3 begin"]
    assert [fact.notable for fact in planned] == [False]
    assert outcome.artifacts[-1].format == "facts"


async def test_a_group_can_be_searched_but_is_not_offered(tmp_path):
    async with serving(scripted()) as server:
        _, session, _ = await collect("alertmanager", tmp_path, server.url)
    (row,) = query.facts(session, tmp_path)
    assert row.fact.text == "Group of 1 alerts to “oncall”: Slow"
    assert not row.fact.notable


async def test_the_filter_goes_to_alerts_and_groups_one_matcher_each(tmp_path):
    async with serving(scripted()) as server:
        chosen = '{team="pay, ments", severity=~"page|critical"}'
        await collect("alertmanager", tmp_path, server.url, alert_filter=chosen)
        paths = [request.path for request in server.requests]
    both = "filter=team%3D%22pay%2C+ments%22&filter=severity%3D~%22page%7Ccritical%22"
    assert [path.replace("%20", "+").endswith(both) for path in paths] == [True, True, False]


async def test_a_server_without_this_version_is_told_as_such(tmp_path):
    async with serving(answer(404, b"404 page not found")) as server:
        outcome, session, _ = await collect("alertmanager", tmp_path, server.url)
    assert "has no API v2 at this address" in outcome.message
    assert len(session.sources[0].gaps) == 1


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (answer(401), "401"),
        (answer(403), "permission"),
        (answer(400, b'"bad matcher format"', Content_Type="application/json"), "“bad matcher format”"),
        (answer(410), "410"),
        (answer(500), "its own log"),
        (answer(200, b"<html>"), "not JSON"),
        (answer(200, b'[{"labels":'), "broke off"),
        (answer(200, b'{"status":"success"}'), "no list"),
        (answer(200, b'[{"labels":{}}]'), "unknown form"),
        (raw(b""), "hung up"),
    ],
)
async def test_every_refusal_is_one_sentence_and_a_gap(tmp_path, monkeypatch, script, words):
    monkeypatch.setattr("app.http._random.uniform", lambda low, high: 0.001)
    async with serving(script) as server:
        outcome, session, _ = await collect("alertmanager", tmp_path, server.url)
    assert outcome.state == "failed"
    assert words in outcome.message
    (gap,) = session.sources[0].gaps
    assert (gap.from_, gap.to) == (BEGIN, END)


async def test_what_came_before_a_fault_stays(tmp_path):
    good = scripted()

    async def breaking(request, writer):
        await (answer(500) if "silences" in request.path else good)(request, writer)

    async with serving(breaking) as server:
        outcome, session, _ = await collect("alertmanager", tmp_path, server.url)
    assert outcome.state == "failed"
    assert [each.path.rpartition("/")[2] for each in outcome.artifacts] == [
        "alerts.json.gz",
        "groups.json.gz",
    ]
    assert len(query.alerts(session, tmp_path)) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"matchers": None},
        {"matchers": ["x"]},
        {"startsAt": "soon"},
        {"startsAt": None},
        {"endsAt": 5},
        {"createdBy": None},
        {"comment": "\x1b[31mred"},
    ],
)
async def test_silences_of_another_shape_lose_nothing_but_themselves(tmp_path, odd):
    silences = [silence(1, 5, 20), silence(2, 6, 21, **odd)]
    async with serving(scripted(silences=silences)) as server:
        outcome, session, _ = await collect("alertmanager", tmp_path, server.url)
    assert outcome.state == "done"
    facts = [row.fact for row in query.facts(session, tmp_path)]
    assert "silence s1 begin" in {fact.key for fact in facts}
    assert not any("\x1b" in fact.text for fact in facts)


def test_matchers_are_told_from_nonsense():
    assert matchers("") == []
    assert matchers('{a="b"}') == ['a="b"']
    assert matchers('a="b,\\"c", d!~"e", f!="g"') == ['a="b,\\"c"', 'd!~"e"', 'f!="g"']
    assert matchers("a=b") == ["a=b"]
    assert matchers("payments") is None
    check = AlertmanagerCollector().check
    assert check({"url": "http://x", "alert_filter": "payments"}).endswith(".")
    assert check({"url": "http://x", "alert_filter": 'a="b"'}) == ""


async def test_examining_says_that_it_is_no_history(tmp_path):
    async with serving(scripted()) as server:
        found = await examine(AlertmanagerCollector(), tmp_path, server.url)
    assert (found.reachable, found.authorised, found.covers) == (True, True, False)
    assert "take the history of alerts from Prometheus" in found.sentences[0]
    async with serving(answer(404)) as server:
        found = await examine(AlertmanagerCollector(), tmp_path, server.url)
    assert (found.reachable, found.authorised) == (True, None)
