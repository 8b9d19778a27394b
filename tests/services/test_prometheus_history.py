"""The Prometheus collector against a real server that holds the sample incident."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from app.evidence import query
from app.evidence.alerts import SAMPLES
from app.evidence.verify import verify
from app.review.records import Incident, Session, Source
from app.suggest import suggest
from collectors import prometheus as collector
from collectors.outcome import with_outcome
from collectors.runner import Run

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("prometheus")]

QUERIES = {
    "requests": 'sum by (code) (rate(http_requests_total{job="api"}[5m]))',
    "pool": 'db_pool_connections{job="api",state="in_use"}',
}
TOKEN = {"PROM_TOKEN": "open-sesame"}


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-02-09T{clock}+00:00")


def session_for(url: str, **settings) -> Session:
    incident = Incident(title="API", started_at=at("10:05:23"), ended_at=at("10:40:00"))
    chosen = {"url": url, "queries": QUERIES, "step": "15s", **settings}
    return Session(
        incident=incident, sources=(Source(id="S1", kind="prometheus", name="Prometheus", settings=chosen),)
    )


async def collected(session, folder, environment=TOKEN):
    run = Run(session, folder, environment=environment)
    run.start()
    outcome = (await run.wait())["S1"]
    return outcome, with_outcome(session, "S1", outcome)


async def test_the_alert_is_suggested_at_the_second_it_fired(prometheus, tmp_path):
    outcome, session = await collected(session_for(prometheus.url), tmp_path)
    assert (outcome.state, outcome.message, outcome.gaps) == ("done", "", ())
    fired, resolved = (one.event for one in suggest(session, tmp_path) if one.event.kind == "alert")
    assert "HighErrorRate" in fired.text
    assert abs(fired.at - at("10:06:45")) <= timedelta(seconds=15)
    assert abs(resolved.at - at("10:35:00")) <= timedelta(seconds=15)
    episode = query.alerts(session, tmp_path)[0]
    assert episode.pending == at("10:05:45")


async def test_small_requests_give_the_same_points_as_one(prometheus, tmp_path, monkeypatch):
    _, whole = await collected(session_for(prometheus.url), tmp_path / "whole")
    monkeypatch.setattr(collector, "MOST_POINTS", 40)
    outcome, pieced = await collected(session_for(prometheus.url), tmp_path / "pieced")
    assert len(outcome.artifacts) > 5 * 7

    def points(session, folder):
        return {(one.name, one.title): one.points for one in query.series(session, folder)}

    assert points(pieced, tmp_path / "pieced") == points(whole, tmp_path / "whole")
    assert len(points(whole, tmp_path / "whole")) >= 6


async def test_a_long_window_stays_below_the_limit_of_the_server(prometheus, tmp_path):
    week = {"from": datetime(2025, 2, 3, tzinfo=UTC), "to": datetime(2025, 2, 10, tzinfo=UTC)}
    outcome, session = await collected(session_for(prometheus.url, **week), tmp_path)
    assert outcome.state == "done"
    # 7 days of 15 s are 40,320 points: five requests for each of five queries.
    assert len([each for each in outcome.artifacts if each.note != SAMPLES]) == 25
    (episode,) = query.alerts(session, tmp_path)
    assert episode.fired == at("10:06:45")
    begins = [gap for gap in outcome.gaps if gap.from_ == week["from"]]
    assert begins, "that nothing was recorded before 09:30 is a hole"


async def test_each_artifact_holds_its_answer_and_the_request_that_made_it(prometheus, tmp_path):
    _, session = await collected(session_for(prometheus.url), tmp_path)
    artifact = next(each for each in session.sources[0].artifacts if each.note == "pool")
    assert artifact.query.startswith(f"POST {prometheus.url}/api/v1/query_range query=db_pool_connections")
    assert "start=1739093" in artifact.query
    answer = json.loads(gzip.decompress((tmp_path / artifact.path).read_bytes()))
    assert answer["status"] == "success"
    assert {verdict.state for verdict in verify(session, tmp_path)} == {"sound"}


async def test_a_query_that_does_not_parse_is_told_and_the_others_go_on(prometheus, tmp_path):
    outcome, _ = await collected(
        session_for(prometheus.url, queries={**QUERIES, "broken": "rate(("}), tmp_path
    )
    assert outcome.state == "done"
    assert "“broken”" in outcome.notes[0]
    assert "parse error" in outcome.notes[0]
    assert {artifact.note for artifact in outcome.artifacts} >= {"requests", "pool"}


async def test_a_window_without_data_is_a_hole_and_not_silence(prometheus, tmp_path):
    empty = {"from": datetime(2025, 3, 1, tzinfo=UTC), "to": datetime(2025, 3, 1, 1, tzinfo=UTC)}
    outcome, _ = await collected(session_for(prometheus.url, **empty), tmp_path)
    (gap,) = outcome.gaps
    assert (gap.from_, gap.to) == (empty["from"], empty["to"])
    assert "no data" in gap.why


async def test_a_missing_token_is_a_401_with_the_variable_s_name(guarded, tmp_path):
    outcome, session = await collected(session_for(guarded.url), tmp_path)
    assert outcome.state == "failed"
    assert "401" in outcome.message
    assert session.sources[0].gaps[0].why == outcome.message
    wrong = {"PROM_TOKEN": "wrong"}
    outcome, _ = await collected(session_for(guarded.url, token_env="PROM_TOKEN"), tmp_path, wrong)
    assert "401 Unauthorized: check the token in the environment variable PROM_TOKEN" in outcome.message


async def test_the_token_opens_the_gate_and_is_written_nowhere(guarded, tmp_path):
    outcome, _ = await collected(session_for(guarded.url, token_env="PROM_TOKEN"), tmp_path)
    assert outcome.state == "done"
    assert "open-sesame" not in repr(outcome)
    for path in tmp_path.rglob("*.gz"):
        assert b"open-sesame" not in gzip.decompress(path.read_bytes())


async def test_a_server_that_went_down_leaves_a_gap_with_its_reason(prometheus, tmp_path):
    outcome, session = await collected(session_for("http://127.0.0.1:9"), tmp_path)
    assert outcome.state == "failed"
    assert "refused the connection" in outcome.message
    (gap,) = session.sources[0].gaps
    assert (gap.from_, gap.to) == (at("09:35:23"), at("10:50:00"))
    repaired = session.model_copy(update={"sources": session_for(prometheus.url).sources})
    _, after = await collected(repaired, tmp_path)
    assert after.sources[0].gaps == ()
