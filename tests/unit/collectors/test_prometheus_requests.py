import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence import query as evidence
from app.evidence.window import Window
from app.http import Limits
from app.review.records import Incident, Session, Source
from app.suggest import suggest
from collectors import prometheus
from collectors.outcome import with_outcome
from collectors.prometheus import MOST_POINTS, PrometheusCollector, pieces, seconds
from collectors.runner import Run
from tests.faults.fault_server import answer, serving, silence
from tests.unit.collectors.monitored import examine

START = datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC)
NOW = datetime(2025, 2, 9, 12, 0, tzinfo=UTC)
BEGIN = int((START - timedelta(minutes=30)).timestamp()) // 15 * 15


def matrix(*values: int, **extra) -> bytes:
    points = [[BEGIN + 15 * step, "1"] for step in values]
    result = [{"metric": {"a": "b"}, "values": points}] if values else []
    return json.dumps(
        {"status": "success", "data": {"resultType": "matrix", "result": result}, **extra}
    ).encode()


def scripted(**answers):
    """Answers by the query or path that is asked; each a script of the fault server."""

    async def script(request, writer):
        form = parse_qs(request.body.decode())
        asked = form["query"][0] if "query" in form else request.path.rpartition("/")[2].partition("?")[0]
        await answers.get(asked, answers["other"])(request, writer)

    return script


FULL = answer(200, matrix(*range(300)))
EMPTY = answer(200, matrix())
MISSING = answer(404, b"404 page not found")


async def collect(folder, url, environment=None, **settings):
    chosen = {"url": url, "queries": {"q": "rate(x[5m])"}, **settings}
    source = Source(id="S1", kind="prometheus", name="prom", settings=chosen)
    incident = Incident(started_at=START, ended_at=START + timedelta(minutes=35))
    session = Session(incident=incident, sources=(source,))
    run = Run(session, folder, now=NOW, environment=environment or {})
    run.start()
    outcome = (await run.wait())["S1"]
    return outcome, with_outcome(session, "S1", outcome)


async def test_a_server_that_only_speaks_the_query_api_is_enough(tmp_path):
    async with serving(scripted(buildinfo=MISSING, runtimeinfo=MISSING, other=FULL)) as server:
        outcome, _ = await collect(tmp_path, server.url)
        asked = [parse_qs(request.body.decode())["query"][0] for request in server.requests if request.body]
    assert (outcome.state, outcome.gaps) == ("done", ())
    ranges = [query for query in asked if not query.startswith("sum(count_over_time")]
    assert sorted(ranges) == ["ALERTS", "ALERTS_FOR_STATE", "count(up)", "rate(x[5m])"]


async def test_tenant_and_token_go_as_headers_and_the_filter_into_the_alert_queries(tmp_path):
    async with serving(scripted(other=FULL)) as server:
        settings = {"tenant": "team-a", "token_env": "T", "alert_filter": '{team="pay"}', "queries": {}}
        await collect(tmp_path, server.url + "/prometheus", {"T": "abc"}, **settings)
        requests = server.requests
    assert {request.headers["x-scope-orgid"] for request in requests} == {"team-a"}
    assert {request.headers["authorization"] for request in requests} == {"Bearer abc"}
    assert {request.path.split("/")[1] for request in requests} == {"prometheus"}
    assert any(b"ALERTS%7Bteam%3D%22pay%22%7D" in request.body for request in requests)


async def test_get_is_used_where_post_is_not_allowed(tmp_path):
    async def post_forbidden(request, writer):
        await (answer(405, b"") if request.method == "POST" else FULL)(request, writer)

    async with serving(post_forbidden) as server:
        outcome, _ = await collect(tmp_path, server.url)
    assert outcome.state == "done"
    assert outcome.artifacts[0].query.startswith("GET http")


async def test_warnings_are_notes_and_stay_in_the_evidence(tmp_path):
    partial = answer(200, matrix(*range(300), warnings=["partial response"]))
    async with serving(scripted(**{"rate(x[5m])": partial}, other=FULL)) as server:
        outcome, _ = await collect(tmp_path, server.url)
    assert outcome.notes == ("The server warned about “q”: partial response.",)


async def test_a_query_without_series_is_a_note_and_no_gap(tmp_path):
    async with serving(scripted(**{"rate(x[5m])": EMPTY}, other=FULL)) as server:
        outcome, _ = await collect(tmp_path, server.url)
    assert (outcome.state, outcome.gaps) == ("done", ())
    assert outcome.notes == ("The query “q” has no series in the window.",)


async def test_a_hole_in_what_was_scraped_is_a_gap(tmp_path):
    holed = answer(200, matrix(*range(100), *range(140, 300)))
    async with serving(scripted(**{"count(up)": holed}, other=FULL)) as server:
        outcome, _ = await collect(tmp_path, server.url)
    (gap,) = outcome.gaps
    assert (gap.to - gap.from_).total_seconds() == 41 * 15


async def test_data_older_than_the_retention_is_told_so(tmp_path):
    info = answer(200, b'{"status":"success","data":{"storageRetention":"2h or 5GiB"}}')
    late = answer(200, matrix(*range(100, 300)))
    async with serving(scripted(runtimeinfo=info, other=late)) as server:
        outcome, _ = await collect(tmp_path, server.url)
    (gap,) = outcome.gaps
    assert gap.why == "older than what prom keeps (2h or 5GiB)"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (answer(401), "401"),
        (answer(403, b'{"message":"not for you"}'), "not for you"),
        (answer(500), "its own log"),
        (answer(200, b"<html>"), "not JSON"),
        (answer(200, b'{"status":"success"}'), "no range of points"),
        (answer(422, b'{"error":"too many samples"}'), "too many samples"),
    ],
)
async def test_every_refusal_is_one_sentence_and_a_gap(tmp_path, script, words):
    async with serving(scripted(buildinfo=MISSING, runtimeinfo=MISSING, other=script)) as server:
        outcome, session = await collect(tmp_path, server.url)
    assert outcome.state == "failed"
    assert words in outcome.message
    assert len(session.sources[0].gaps) == 1


async def test_a_silent_server_is_a_timeout(tmp_path, monkeypatch):
    monkeypatch.setattr(prometheus, "_LIMITS", Limits(read=0.1, total=5.0, tries=1))
    async with serving(silence) as server:
        outcome, _ = await collect(tmp_path, server.url)
    assert "was silent" in outcome.message


async def test_without_a_start_of_the_incident_there_is_nothing_to_ask_for(tmp_path):
    source = Source(id="S1", kind="prometheus", settings={"url": "http://127.0.0.1:9"})
    run = Run(Session(sources=(source,)), tmp_path, now=NOW)
    run.start()
    assert "when the incident started" in (await run.wait())["S1"].message


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "needs an address"),
        ({"url": "prom:9090"}, "is not an address"),
        ({"url": "http://u:p@x"}, "leave them out"),
        ({"url": "http://x", "step": "soon"}, "not a step"),
        ({"url": "http://x", "queries": "up"}, "table of names"),
        ({"url": "http://x", "queries": {"a": 1}}, "table of names"),
        ({"url": "http://x", "alerts": False}, "nothing to ask"),
        ({"url": "http://x", "password_env": "P"}, "no user"),
    ],
)
def test_settings_that_cannot_work_are_told(settings, words):
    assert words in PrometheusCollector().check(settings)


def test_settings_that_can_work_are_accepted_and_described():
    settings = {"url": "https://prom.example:9090/x", "step": "1m", "queries": {"a": "up"}}
    assert PrometheusCollector().check(settings) == ""
    assert PrometheusCollector().describe(settings) == "prometheus prom.example:9090"


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.integers(0, 10_000_000),
    st.sampled_from([1.0, 15.0, 60.0, 0.5]),
)
def test_pieces_cover_every_step_once_and_stay_below_the_limit(start, length, step):
    window = Window(start, start + timedelta(seconds=min(length, 50_000 * step)))
    parts = list(pieces("q", "up", window, step))
    assert parts[0].start <= window.start.timestamp() < parts[0].start + step
    assert parts[-1].end <= window.end.timestamp() < parts[-1].end + step
    for before, after in pairwise(parts):
        assert after.start == before.end + step
    assert all((part.end - part.start) / step < MOST_POINTS for part in parts)
    assert all(part.start % step == 0 for part in parts)


@pytest.mark.parametrize(
    ("text", "value"),
    [("15s", 15), ("1m", 60), ("1h30m", 5400), ("2w", 1_209_600), ("0.5", 0.5), ("60", 60), ("500ms", 0.5)],
)
def test_a_duration_is_read_as_prometheus_writes_it(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "0", "0s", "-1", "1x", "m", "1.5s", "nan", "1e9"])
def test_what_is_no_duration_is_none(text):
    assert seconds(text) is None


RULES = {
    "status": "success",
    "data": {
        "groups": [
            {
                "rules": [
                    {"type": "recording", "name": "x:y"},
                    {
                        "type": "alerting",
                        "name": "Slow",
                        "labels": {"severity": "page"},
                        "annotations": {"summary": "{{ $labels.job }} is slow ({{ $value }})"},
                    },
                ]
            }
        ]
    },
}


def firing(*moments: float, count: int | None = None) -> dict[str, bytes]:
    """What a server says of one alert that was evaluated at *moments*, in seconds after the window's begin."""
    labels = {"__name__": "ALERTS", "alertname": "Slow", "job": "api", "severity": "page"}
    values = [[BEGIN + at, "1"] for at in moments]
    every = {"metric": {**labels, "alertstate": "firing"}, "values": values}
    many = {"metric": {}, "value": [BEGIN, str(len(moments) if count is None else count)]}
    return {
        "count": json.dumps(
            {"status": "success", "data": {"resultType": "vector", "result": [many]}}
        ).encode(),
        "samples": json.dumps(
            {"status": "success", "data": {"resultType": "matrix", "result": [every]}}
        ).encode(),
    }


def alerting(bodies: dict[str, bytes], rules: bytes):
    async def script(request, writer):
        query = parse_qs(request.body.decode()).get("query", [""])[0]
        if request.path.startswith("/api/v1/rules"):
            body = rules
        elif query.startswith("sum(count_over_time"):
            body = bodies["count"]
        elif "__name__" in query:
            body = bodies["samples"]
        else:
            body = matrix() if query.startswith("ALERTS") else matrix(*range(300))
        await answer(200, body)(request, writer)

    return script


async def test_an_alert_shorter_than_a_step_is_found_and_says_what_it_means(tmp_path):
    bodies = firing(601.5, 603.5, 605.5)
    async with serving(alerting(bodies, json.dumps(RULES).encode())) as server:
        outcome, session = await collect(tmp_path, server.url)
    (episode,) = evidence.alerts(session, tmp_path)
    assert episode.fired.timestamp() == BEGIN + 601.5
    assert episode.resolved.timestamp() == BEGIN + 607.5
    assert episode.within == timedelta(seconds=2)
    assert episode.summary == "api is slow (…)"
    fires, _ = (one for one in suggest(session, tmp_path) if one.event.kind == "alert")
    assert fires.reason == "The first point of the alert in prom, exact to 2 s (“api is slow (…)”)."
    assert any(each.format == "rules" for each in outcome.artifacts)


async def test_so_many_samples_that_they_cost_too_much_are_left_there_and_told(tmp_path):
    async with serving(alerting(firing(1.0, count=3_000_000), b"{}")) as server:
        outcome, session = await collect(tmp_path, server.url)
    assert (
        "So much fired (3,000,000 samples) that the times of alerts are exact to 15 s only." in outcome.notes
    )
    assert not any(each.note == "ALERTS samples" for each in outcome.artifacts)
    assert evidence.alerts(session, tmp_path) == []


async def test_no_alert_is_no_proof_where_the_rules_live_elsewhere(tmp_path):
    none = {"count": firing()["count"], "samples": matrix()}
    async with serving(alerting(none, json.dumps(RULES).encode())) as server:
        outcome, _ = await collect(tmp_path / "a", server.url)
    assert "No alert fired: none of the 1 alerting rules was pending in the window." in outcome.notes
    async with serving(alerting(none, b'{"status":"success","data":{"groups":[]}}')) as server:
        outcome, _ = await collect(tmp_path / "b", server.url)
    assert any("does not say that nothing fired" in note for note in outcome.notes)


async def test_remarks_and_native_histograms_are_told(tmp_path):
    native = json.loads(matrix(*range(300), infos=["metric might not be a counter"]))
    native["data"]["result"][0]["histograms"] = [[BEGIN, {"count": "1"}]]
    script = answer(200, json.dumps(native).encode())
    async with serving(scripted(**{"rate(x[5m])": script}, other=FULL)) as server:
        outcome, _ = await collect(tmp_path, server.url)
    assert outcome.notes == (
        "The server remarks on “q”: metric might not be a counter.",
        "“q” is a native histogram, which has no points: ask histogram_quantile(0.99, …).",
    )


async def test_the_clock_of_the_server_is_told_and_handed_on(tmp_path):
    async def ahead(request, writer):
        stamp = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
        await answer(200, matrix(*range(300)), Date=stamp)(request, writer)

    async with serving(ahead) as server:
        outcome, _ = await collect(tmp_path, server.url)
        found = await examine(PrometheusCollector(), tmp_path, server.url)
    assert any("s ahead of this one" in note for note in outcome.notes)
    assert abs(outcome.clock_s - 90) < 2
    assert abs(found.clock_s - 90) < 2


async def test_examining_tells_what_is_in_the_way(tmp_path):
    info = answer(200, b'{"status":"success","data":{"storageRetention":"100d"}}')
    async with serving(scripted(runtimeinfo=info, other=FULL)) as server:
        found = await examine(PrometheusCollector(), tmp_path, server.url)
        assert (found.reachable, found.authorised, found.covers) == (True, True, True)
    async with serving(answer(403, b'{"error":"tenant?"}')) as server:
        found = await examine(PrometheusCollector(), tmp_path, server.url)
        assert (found.reachable, found.authorised) == (True, False)
        assert "tenant?" in found.sentences[0]
    found = await examine(PrometheusCollector(), tmp_path, "http://127.0.0.1:9")
    assert (found.reachable, found.authorised) == (False, None)


async def test_what_the_alerts_say_is_not_worth_losing_their_history_for(tmp_path):
    async def broken(request, writer):
        asked = "__name__" in request.body.decode() or request.path.startswith("/api/v1/rules")
        await (answer(500) if asked else FULL)(request, writer)

    async with serving(broken) as server:
        outcome, _ = await collect(tmp_path, server.url)
    assert (outcome.state, outcome.gaps) == ("done", ())
    assert any("failed itself (500)" in note for note in outcome.notes)
