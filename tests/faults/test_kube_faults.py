"""What a cluster can do wrong, each with its sentence; what came is kept and the others go on."""

import asyncio
import gzip
import socket
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.review.records import Incident, Session, Source
from collectors.kube import cluster as cluster_module
from collectors.kube import collection as collection_module
from collectors.kube.library import Login
from collectors.outcome import with_outcome
from collectors.runner import Run
from tests.fakes.kube_api import fake_api, listed, status

START = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)
PODS = "/api/v1/namespaces/shop/pods"
LOG = f"{PODS}/api-0/log"


@pytest.fixture
def api(monkeypatch):
    with fake_api() as made:
        logins: list[str] = []

        def log_in(*_):
            logins.append("again")
            return Login(
                host=made.url, authorization=f"Bearer {len(logins)}", context="prod", namespace="shop"
            )

        monkeypatch.setattr(collection_module, "log_in", log_in)
        yield made


def session_of(*ids: str, **settings) -> Session:
    incident = Incident(started_at=START, ended_at=START + timedelta(hours=1))
    sources = tuple(
        Source(id=each, kind="kubernetes", name="prod", settings=settings) for each in ids or ("S1",)
    )
    return Session(incident=incident, sources=sources)


async def collected(folder, **settings):
    run = Run(session_of(**settings), folder, now=START + timedelta(hours=1, minutes=5))
    run.start()
    return (await run.wait())["S1"]


def pod(name="api-0", restarts=0, **state):
    began = {"running": {"startedAt": "2025-02-09T09:00:00Z"}}
    return {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": f"uid-{name}",
            "creationTimestamp": "2025-02-09T09:00:00Z",
        },
        "spec": {"containers": [{"name": "app"}]},
        "status": {
            "startTime": "2025-02-09T09:00:00Z",
            "containerStatuses": [{"name": "app", "restartCount": restarts, "state": state or began}],
        },
    }


def line(second: float, text: str) -> bytes:
    at = START + timedelta(seconds=second)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f000Z ").encode() + text.encode() + b"\n"


def whole(*lines: bytes):
    return lambda handler: handler.raw(b"".join(lines))


def cut_after(*lines: bytes):
    def script(handler):
        handler.begin_chunks()
        handler.chunk(b"".join(lines) + b"2025-02-09T10:0")
        handler.hang_up()

    return script


def log_of(folder, outcome) -> bytes:
    (artifact,) = (each for each in outcome.artifacts if each.format == "lines")
    return gzip.decompress((folder / artifact.path).read_bytes())


async def test_a_list_that_expires_between_two_pages_is_begun_anew(api, tmp_path):
    api.scripts[PODS] = [
        listed(pod("api-0"), more="next"),
        status(410, "The provided continue parameter is too old"),
        listed(pod("api-0")),
    ]
    outcome = await collected(tmp_path)
    assert outcome.state == "done"
    asked = [query.get("continue") for path, query, _ in api.asked if path == PODS]
    assert asked == [None, "next", None]
    assert api.count(LOG) >= 1


async def test_a_list_comes_in_pages_and_each_is_kept(api, tmp_path):
    api.scripts[PODS] = [listed(pod("api-0"), more="next"), listed(pod("api-1"))]
    outcome = await collected(tmp_path, logs=False)
    pages = [each for each in outcome.artifacts if each.query.startswith(f"GET {PODS}?")]
    assert [each.rows for each in pages] == [1, 1]
    assert "continue=next" in pages[1].query


async def test_a_server_that_asks_to_wait_is_waited_for(api, tmp_path):
    api.scripts[PODS] = [status(429, "too many", Retry_After="1"), listed()]
    began = time.monotonic()
    outcome = await collected(tmp_path)
    assert outcome.state == "done"
    assert api.count(PODS) == 2
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("code", [500, 503, 504])
async def test_a_passing_failure_is_tried_again(api, tmp_path, code):
    api.scripts[PODS] = [status(code, "etcdserver: leader changed"), listed()]
    outcome = await collected(tmp_path)
    assert outcome.state == "done"
    assert api.count(PODS) == 2


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (status(503, "no leader"), "Kubernetes “prod” failed itself (503) (“no leader”)"),
        (
            status(401, "Unauthorized"),
            "Kubernetes “prod” says 401 Unauthorized: check the token in its kubeconfig",
        ),
        (lambda handler: handler.raw(b"<html>login</html>"), "answered something that is not JSON"),
        (lambda handler: handler.raw(b"[]"), "something that is no Kubernetes object"),
        (lambda handler: handler.raw(b'{"items": [', length=500), "broke off in the middle of its answer"),
        (lambda handler: handler.raw(b"", 302, Location="http://elsewhere.example/"), "redirect"),
        (lambda handler: handler.hang_up(), "broke off in the middle of its answer"),
    ],
)
async def test_a_lasting_failure_is_one_sentence_and_leaves_a_gap(api, tmp_path, monkeypatch, script, said):
    monkeypatch.setattr(cluster_module, "TRIES", 2)
    api.scripts[PODS] = [script]
    outcome = await collected(tmp_path)
    assert outcome.state == "failed"
    assert said in outcome.message
    assert outcome.message.endswith(".")
    assert [gap.why for gap in outcome.gaps] == [outcome.message]


async def test_a_server_that_falls_silent_is_given_up(api, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "TRIES", 2)
    monkeypatch.setattr(cluster_module, "READ_S", 0.2)
    api.scripts[PODS] = [lambda handler: api.over.wait(20)]
    outcome = await collected(tmp_path)
    assert outcome.state == "failed"
    assert "was silent for" in outcome.message


async def test_credentials_that_expire_are_renewed_once(api, tmp_path):
    api.scripts[PODS] = [status(401, "Unauthorized"), listed()]
    outcome = await collected(tmp_path)
    assert outcome.state == "done"
    assert [who for path, _, who in api.asked if path == PODS] == ["Bearer 1", "Bearer 2"]


async def test_what_may_not_be_listed_is_a_gap_and_the_rest_is_collected(api, tmp_path):
    api.scripts["/apis/apps/v1/namespaces/shop/replicasets"] = [status(403, "forbidden")]
    api.scripts[PODS] = [listed(pod())]
    api.scripts[LOG] = [whole(line(-1800, "a"), line(3000, "b"))]
    outcome = await collected(tmp_path)
    assert outcome.state == "done"
    assert b"a\n" in log_of(tmp_path, outcome)
    (denied,) = (gap for gap in outcome.gaps if "may not" in gap.why)
    assert denied.why.startswith("This login may not list replicasets in namespace shop: apply the role")
    assert (denied.from_, denied.to) == (outcome.window.start, outcome.window.end)
    assert denied.why in outcome.notes


async def test_a_list_that_fails_for_good_is_a_gap_and_the_rest_is_collected(api, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "TRIES", 1)
    api.scripts["/apis/argoproj.io/v1alpha1/applications"] = [status(500, "conversion webhook failed")]
    api.scripts["/api/v1/namespaces/shop/events"] = [status(500, "etcd is full")]
    api.scripts[PODS] = [listed(pod())]
    api.scripts[LOG] = [whole(line(-1800, "a"), line(3000, "b"))]
    outcome = await collected(tmp_path)
    assert outcome.state == "done"
    assert b"a\n" in log_of(tmp_path, outcome)
    lost = [gap.why for gap in outcome.gaps if "missing" in gap.why]
    assert [each.split(" of ")[0] for each in lost] == ["The events", "The applications"]
    assert "conversion webhook failed" in lost[1]


async def test_an_empty_place_is_told(api, tmp_path):
    outcome = await collected(tmp_path, target="app=nothing")
    assert any(
        note.startswith("There is no pod of app=nothing in namespace shop now") for note in outcome.notes
    )


async def test_logs_that_may_not_be_read_are_one_gap_for_all(api, tmp_path):
    api.scripts[PODS] = [listed(*(pod(f"api-{number}") for number in range(30)))]
    for number in range(30):
        api.scripts[f"{PODS}/api-{number}/log"] = [status(403, "forbidden")]
    outcome = await collected(tmp_path)
    (denied,) = (gap for gap in outcome.gaps if "may not" in gap.why)
    assert "may not get pods/log" in denied.why
    assert sum("/log" in path for path, _, _ in api.asked) <= 10


async def test_a_log_that_breaks_off_goes_on_where_it_was(api, tmp_path):
    lines = [line(second, f"text {second}") for second in (-1800, 0, 1, 2, 4000)]
    api.scripts[PODS] = [listed(pod())]
    api.scripts[LOG] = [cut_after(*lines[:3]), whole(*lines[2:])]
    outcome = await collected(tmp_path)
    assert log_of(tmp_path, outcome) == b"".join(lines)
    assert not any("breaks off" in gap.why for gap in outcome.gaps)
    assert [query["sinceTime"] for path, query, _ in api.asked if path == LOG][:2] == [
        "2025-02-09T09:30:00Z",
        "2025-02-09T10:00:01Z",
    ]


async def test_a_log_that_always_breaks_off_is_kept_with_its_hole(api, tmp_path):
    lines = [line(-1800, "a"), line(60, "b")]
    api.scripts[PODS] = [listed(pod())]
    api.scripts[f"{PODS}/api-0"] = [lambda handler: handler.json(pod())]
    api.scripts[LOG] = [cut_after(*lines)]
    outcome = await collected(tmp_path)
    assert outcome.state == "done"
    assert log_of(tmp_path, outcome) == b"".join(lines)
    (hole,) = (gap for gap in outcome.gaps if "breaks off" in gap.why)
    assert hole.why.startswith("The log of app of pod api-0 breaks off at 10:01:00: ")
    assert (hole.from_, hole.to) == (START + timedelta(seconds=60), outcome.window.end)


async def test_a_pod_that_is_deleted_while_its_log_is_read_is_told_as_that(api, tmp_path):
    api.scripts[PODS] = [listed(pod())]
    api.scripts[f"{PODS}/api-0"] = [status(404, "not found")]
    api.scripts[LOG] = [cut_after(line(-1800, "a"), line(60, "b")), status(404, "not found")]
    outcome = await collected(tmp_path)
    (hole,) = (gap for gap in outcome.gaps if "was deleted" in gap.why)
    assert hole.why == "Pod api-0 was deleted while the log of app was read: it ends at 10:01:00."


async def test_a_pod_with_the_name_of_one_that_is_gone_is_another_pod(api, tmp_path):
    fresh = pod() | {"metadata": {"name": "api-0", "uid": "another"}}
    api.scripts[PODS] = [listed(pod())]
    api.scripts[f"{PODS}/api-0"] = [lambda handler: handler.json(fresh)]
    api.scripts[LOG] = [whole(line(-1800, "a"), line(60, "b"))]
    outcome = await collected(tmp_path)
    assert any("was deleted while" in gap.why for gap in outcome.gaps)


async def test_an_excuse_with_a_200_is_no_log(api, tmp_path):
    api.scripts[PODS] = [listed(pod())]
    api.scripts[LOG] = [whole(b"unable to retrieve container logs for containerd://abc")]
    outcome = await collected(tmp_path)
    assert not [each for each in outcome.artifacts if each.format == "lines"]
    assert any("unable to retrieve container logs" in gap.why for gap in outcome.gaps)


async def test_a_container_that_has_not_started_is_a_note(api, tmp_path):
    api.scripts[PODS] = [listed(pod(waiting={"reason": "ContainerCreating"}))]
    api.scripts[LOG] = [status(400, 'container "app" in pod "api-0" is waiting to start: ContainerCreating')]
    outcome = await collected(tmp_path)
    assert "app of pod api-0 has not started and has no log." in outcome.notes


async def test_a_quiet_log_with_older_lines_is_no_hole_and_a_rotated_one_is(api, tmp_path):
    def answered(oldest: float):
        def script(handler):
            if "limitBytes" in handler.query:
                handler.raw(line(oldest, "oldest")[:64])
            else:
                handler.raw(line(600, "a") + line(3900, "b"))

        return script

    api.scripts[PODS] = [listed(pod("api-0"), pod("api-1"))]
    api.scripts[LOG] = [answered(-3000)]
    api.scripts[f"{PODS}/api-1/log"] = [answered(600)]
    outcome = await collected(tmp_path)
    holes = [gap for gap in outcome.gaps if "rotated" in gap.why]
    assert [gap.to for gap in holes] == [START + timedelta(seconds=600)]
    assert "api-1" in holes[0].why


async def test_old_events_are_a_hole_up_to_the_oldest_that_is_left(api, tmp_path):
    outcome = await collected(tmp_path)
    (hole,) = (gap for gap in outcome.gaps if "events" in gap.why)
    # An hour before the clock, which is five minutes after the incident's end.
    assert (hole.from_, hole.to) == (outcome.window.start, START + timedelta(minutes=5))
    assert "it has none left" in hole.why


async def test_the_gaps_are_in_the_corrected_time_and_the_requests_in_the_cluster_s(api, tmp_path):
    api.scripts[PODS] = [listed(pod())]
    api.scripts[LOG] = [whole(line(-1800, "a"))]
    session = session_of()
    slow = session.sources[0].model_copy(update={"clock_offset_s": 60.0})
    run = Run(
        session.model_copy(update={"sources": (slow,)}), tmp_path, now=START + timedelta(hours=1, minutes=5)
    )
    run.start()
    outcome = (await run.wait())["S1"]
    (hole,) = (gap for gap in outcome.gaps if "events" in gap.why)
    assert hole.from_ == outcome.window.start
    assert next(query["sinceTime"] for path, query, _ in api.asked if path == LOG) == "2025-02-09T09:29:00Z"


async def test_a_clock_that_differs_is_told(api, tmp_path):
    def dated(handler):
        handler.send_response_only(200)
        body = b"{}"
        handler.send_header("Date", "Sun, 09 Feb 2025 10:00:00 GMT")
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(body)

    api.scripts["/version"] = [dated]
    outcome = await collected(tmp_path)
    assert outcome.clock_s == pytest.approx((START - datetime.now(UTC)).total_seconds(), abs=60)


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("http://no-such-host.invalid:6443", "the name no-such-host.invalid cannot be found"),
        ("http://127.0.0.1:{port}", "refused the connection at http://127.0.0.1:{port}"),
    ],
)
async def test_a_server_that_is_not_there_is_one_sentence(tmp_path, monkeypatch, host, said):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    login = Login(host=host.format(port=port), context="prod", namespace="shop")
    monkeypatch.setattr(collection_module, "log_in", lambda *_: login)
    outcome = await collected(tmp_path)
    assert outcome.state == "failed"
    assert said.format(port=port) in outcome.message


async def test_ten_sources_that_are_cancelled_end_within_a_second_and_keep_what_came(api, tmp_path):
    reached = threading.Semaphore(0)

    def never_ends(handler):
        handler.begin_chunks()
        handler.chunk(line(-1800, "kept"))
        reached.release()
        api.over.wait(60)

    api.scripts[PODS] = [listed(pod())]
    api.scripts[LOG] = [never_ends]
    session = session_of(*(f"S{number}" for number in range(10)))
    run = Run(session, tmp_path)
    run.start()
    for _ in range(10):
        assert await asyncio.to_thread(reached.acquire, timeout=60)
    await asyncio.sleep(0.1)
    began = time.monotonic()
    run.cancel()
    outcomes = await run.wait()
    took = time.monotonic() - began
    assert {each.state for each in outcomes.values()} == {"cancelled"}
    assert took < 3, "a second, and room for a machine that has other work"
    kept = [each for each in outcomes["S3"].artifacts if each.format == "lines"]
    assert [each.rows for each in kept] == [1]
    [gap] = outcomes["S3"].gaps
    assert "stopped when 0 of 1 logs were read to their end" in gap.why
    half = with_outcome(session, "S3", outcomes["S3"])
    again = replace(outcomes["S3"], state="done", artifacts=(), gaps=())
    assert next(each for each in half.sources if each.id == "S3").gaps == (gap,)
    whole = next(each for each in with_outcome(half, "S3", again).sources if each.id == "S3")
    assert whole.gaps == (), "what was collected to its end has no such hole"


async def test_a_connection_attempt_that_hangs_does_not_hold_up_the_end(tmp_path, monkeypatch):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            fillers.append(filler)
        login = Login(host=f"http://127.0.0.1:{port}", context="prod", namespace="shop")
        monkeypatch.setattr(collection_module, "log_in", lambda *_: login)
        run = Run(session_of(), tmp_path)
        run.start()
        await asyncio.sleep(0.5)
        began = time.monotonic()
        run.cancel()
        await run.wait()
        assert time.monotonic() - began < 3
        for filler in fillers:
            filler.close()
