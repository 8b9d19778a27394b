"""A live incident on real servers: the alert fires, is silenced, the silence is ended, the alert is resolved."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.evidence import query
from app.evidence.verify import verify
from app.review.records import Incident, Session, Source
from app.suggest import suggest
from collectors.alertmanager import AlertmanagerCollector
from collectors.outcome import Outcome, with_outcome
from collectors.prometheus import PrometheusCollector
from collectors.registry import collectors
from collectors.runner import Run
from tests.services.monitoring import Stack, get, stack, until
from tests.unit.collectors.monitored import examine

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("live")]


@dataclass
class Snapshot:
    session: Session
    folder: Path
    outcomes: dict[str, Outcome]

    def rows(self):
        return query.facts(self.session, self.folder)

    def events(self):
        return [one.event for one in suggest(self.session, self.folder)]


@dataclass
class Lived:
    stack: Stack
    began: datetime
    fired: datetime
    gone: datetime
    during: Snapshot
    after: Snapshot


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with stack(tmp_path_factory.mktemp("live")) as made:
        yield made


@pytest.fixture(scope="module")
def lived(live, tmp_path_factory):
    """The whole incident, collected while the alert fires and again once it is over."""
    until(lambda: get(f"{live.prometheus}/api/v1/query?query=up")["data"]["result"], "the shop is scraped")
    began = datetime.now(UTC)
    live.fill_the_pool()
    (alert,) = until(live.alerts, "Alertmanager has the alert")
    live.expire(live.silence("bob", "wrong matchers"))
    live.silence("alice", "we know, the pool is leaking")
    until(lambda: live.alerts()[0]["status"]["state"] == "suppressed", "the alert is silenced")
    during = asyncio.run(collected(live, began, None, tmp_path_factory.mktemp("during")))
    live.empty_the_pool()
    until(lambda: not live.firing(), "the alert is resolved in Prometheus")
    gone = datetime.now(UTC)
    until(lambda: not live.alerts(), "Alertmanager has forgotten the alert")
    # A firing that ends with the data may go on: leave a few evaluations without one behind it.
    until(lambda: datetime.now(UTC) - gone > timedelta(seconds=5), "some evaluations have passed")
    after = asyncio.run(collected(live, began, gone, tmp_path_factory.mktemp("after")))
    return Lived(live, began, datetime.fromisoformat(alert["startsAt"]), gone, during, after)


async def collected(live: Stack, began: datetime, ended: datetime | None, folder: Path) -> Snapshot:
    sources = (
        Source(id="S1", kind="prometheus", name="prom", settings={"url": live.prometheus, "step": "5s"}),
        Source(id="S2", kind="alertmanager", name="alerts", settings={"url": live.alertmanager}),
    )
    session = Session(incident=Incident(title="live", started_at=began, ended_at=ended), sources=sources)
    run = Run(session, folder, environment={})
    run.start()
    outcomes = await run.wait()
    for name, outcome in outcomes.items():
        session = with_outcome(session, name, outcome)
    return Snapshot(session, folder, outcomes)


def test_both_servers_are_collected_from(lived):
    for snapshot in (lived.during, lived.after):
        assert {each.state for each in snapshot.outcomes.values()} == {"done"}
        assert {one.state for one in verify(snapshot.session, snapshot.folder)} == {"sound"}


def test_while_it_fires_there_is_a_start_and_no_end(lived):
    fires, resolved = kinds(lived.during)
    assert len(fires) == 1
    assert resolved == []
    episodes = query.alerts(lived.during.session, lived.during.folder)
    assert {one.source for one in episodes} == {"S1", "S2"}
    assert [one.resolved for one in episodes] == [None, None]


def test_the_edges_are_exact_to_the_evaluation_and_not_to_the_step(lived):
    (episode,) = query.alerts(lived.after.session, lived.after.folder, sources=["S1"])
    assert episode.within <= timedelta(seconds=1.5)
    assert abs(episode.fired - lived.fired) <= timedelta(seconds=1.5)
    # The rule is evaluated every second and its end was looked for ten times a second.
    assert episode.resolved is not None
    assert timedelta(seconds=-2) <= lived.gone - episode.resolved <= timedelta(seconds=5)
    assert episode.pending is not None
    assert lived.began <= episode.pending < episode.fired


def test_the_suggestion_says_what_the_alert_means(lived):
    for snapshot in (lived.during, lived.after):
        found = [one for one in suggest(snapshot.session, snapshot.folder) if one.event.kind == "alert"]
        assert "DbPoolExhausted fires (critical)" in found[0].event.text
        assert "pool orders of shop is exhausted (" in found[0].reason


def test_who_silenced_what_and_when_is_there_while_it_fires_and_afterwards(lived):
    for snapshot in (lived.during, lived.after):
        silences = [row.fact for row in snapshot.rows() if row.fact.kind == "action"]
        begun = [fact for fact in silences if fact.text.startswith("Silenced")]
        # Both may have begun in the same millisecond, which is as exactly as the server says it.
        assert sorted((fact.actor, fact.object) for fact in begun) == [
            ("alice", 'alertname=~"DbPool.*"'),
            ("bob", 'alertname=~"DbPool.*"'),
        ]
        ended = [fact for fact in silences if fact.text.startswith("Silence ends")]
        assert [fact.text for fact in ended] == ['Silence ends: alertname=~"DbPool.*" (“wrong matchers”)']
        offered = [event for event in snapshot.events() if event.kind == "action"]
        assert {event.actor for event in offered} >= {"alice", "bob"}


def test_groups_say_where_an_alert_went(lived):
    groups = [row.fact for row in lived.during.rows() if row.fact.text.startswith("Group")]
    assert [fact.text for fact in groups] == [
        "Group of 1 alerts to “oncall”: DbPoolExhausted (1 silenced or inhibited)"
    ]


def test_a_resolved_alert_is_forgotten_by_one_and_remembered_by_the_other_and_said_so(lived):
    episodes = query.alerts(lived.after.session, lived.after.folder)
    assert [one.source for one in episodes] == ["S1"]
    gaps = lived.after.outcomes["S2"].gaps
    assert ["forgets an alert once it is resolved" in gap.why for gap in gaps] == [True]
    fires, resolved = kinds(lived.after)
    assert (len(fires), len(resolved)) == (1, 1)


async def test_both_can_be_examined(lived, tmp_path):
    found = await examine(PrometheusCollector(), tmp_path, lived.stack.prometheus, now=lived.gone)
    assert (found.reachable, found.authorised, found.covers) == (True, True, False)
    assert "keeps 15d: the window begins before that" in found.sentences[0]
    assert abs(found.clock_s) < 2
    found = await examine(AlertmanagerCollector(), tmp_path, lived.stack.alertmanager, now=lived.gone)
    assert (found.reachable, found.authorised, found.covers) == (True, True, False)


async def test_a_filter_narrows_both_down(lived, tmp_path):
    settings = {"url": lived.stack.prometheus, "queries": {}, "alert_filter": 'team="nobody"'}
    source = Source(id="S1", kind="prometheus", name="prom", settings=settings)
    session = Session(incident=Incident(started_at=lived.began), sources=(source,))
    run = Run(session, tmp_path, environment={}, kinds=collectors())
    run.start()
    outcome = (await run.wait())["S1"]
    assert "No alert with these labels is recorded here in the window." in outcome.notes


def kinds(snapshot: Snapshot):
    events = [event for event in snapshot.events() if event.kind == "alert"]
    return (
        [event for event in events if " fires" in event.text],
        [event for event in events if "resolved" in event.text],
    )
