import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.evidence.alerts import SAMPLES
from app.evidence.artifacts import Keeper
from app.evidence.query import Cancel
from app.review.records import Event, Incident, Session, Source
from app.suggest import suggest

START = datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC)
INCIDENT = Incident(started_at=START, ended_at=START + timedelta(minutes=35))
STEP = 15


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-02-09T{clock}+00:00")


def source(folder: Path, number: int, content: str, form: str, **facts) -> Source:
    bare = Source(id=f"S{number}", name=f"source {number}")
    artifact = Keeper(folder, bare, START).keep("a", content.encode(), format=form, **facts)
    return bare.model_copy(update={"artifacts": (artifact,)})


def log(*rows: str) -> str:
    return "\n".join(f"2025-02-09T{row}" for row in rows)


def firing(first: str, last: str, **labels: str) -> str:
    begin, end = int(at(first).timestamp()), int(at(last).timestamp())
    metric = {
        "__name__": "ALERTS",
        "alertname": "High",
        "alertstate": "firing",
        "severity": "critical",
        **labels,
    }
    values = [[second, "1"] for second in range(begin, end + 1, STEP)]
    return json.dumps({"metric": metric, "values": values})


def matrix(*series: str) -> str:
    return f'{{"status":"success","data":{{"resultType":"matrix","result":[{",".join(series)}]}}}}'


def amtool(*starts: str) -> str:
    return json.dumps(
        [{"labels": {"alertname": "High"}, "startsAt": f"2025-02-09T{start}Z"} for start in starts]
    )


REACH = {"from_": at("09:35:00"), "to": at("10:50:00")}


def test_an_alert_is_offered_when_it_fired_and_when_it_was_resolved(tmp_path):
    session = Session(
        incident=INCIDENT,
        sources=(source(tmp_path, 1, matrix(firing("10:06:45", "10:34:45")), "query_range", **REACH),),
    )
    fired, resolved = suggest(session, tmp_path)
    assert (fired.event.at, fired.event.text, fired.event.kind) == (
        at("10:06:45"),
        "Alert High fires (critical)",
        "alert",
    )
    assert (resolved.event.at, resolved.event.text) == (at("10:35:00"), "Alert High is resolved")
    assert fired.event.source == "source 1"
    assert fired.reason == "The first point of the alert in source 1, exact to 15 s."
    (pointer,) = fired.event.evidence
    assert (pointer.source, pointer.artifact) == ("S1", "evidence/S1/a.gz")
    assert "High" in pointer.query


def test_an_alert_that_still_fires_has_no_resolution(tmp_path):
    session = Session(
        sources=(source(tmp_path, 1, matrix(firing("10:06:45", "10:50:00")), "query_range", **REACH),)
    )
    assert len(suggest(session, tmp_path)) == 1


def test_many_series_and_systems_that_report_one_firing_are_one_suggestion(tmp_path):
    pods = matrix(*(firing(f"10:06:{second}", "10:34:45", pod=second) for second in ("45", "30")))
    session = Session(
        sources=(
            source(tmp_path, 1, pods, "query_range", **REACH),
            source(tmp_path, 2, amtool("10:06:50"), "alerts"),
            source(tmp_path, 3, amtool("10:20:00"), "alerts"),
        )
    )
    fired = [one for one in suggest(session, tmp_path) if "fires" in one.event.text]
    assert [one.event.at for one in fired] == [at("10:06:30"), at("10:20:00")]
    assert "3 series or systems agree" in fired[0].reason
    assert {pointer.source for pointer in fired[0].event.evidence} == {"S1", "S2"}


def test_the_first_and_last_error_and_the_starts_of_a_log_are_offered(tmp_path):
    rows = ('10:00:00Z level=info msg="starting api v2.3.0"', '10:05:23Z level=error msg="timed out" query=q')
    rows += (
        "10:06:00Z level=error msg=again",
        "10:30:00Z level=error msg=last",
        "10:31:00Z level=info msg=fine",
    )
    session = Session(incident=INCIDENT, sources=(source(tmp_path, 1, log(*rows), "lines"),))
    found = suggest(session, tmp_path)
    assert [(one.event.text, one.event.kind, one.event.evidence[0].line) for one in found] == [
        ("Start: starting api v2.3.0", "change", 1),
        ("First error in source 1: timed out query=q", "symptom", 2),
        ("Last error in source 1: last", "symptom", 4),
    ]
    assert all(one.reason.endswith(".") for one in found)


def test_a_single_error_is_offered_once(tmp_path):
    session = Session(sources=(source(tmp_path, 1, log("10:05:23Z level=error msg=x"), "lines"),))
    assert len(suggest(session, tmp_path)) == 1


def test_what_lies_outside_the_window_is_not_offered(tmp_path):
    rows = (
        "08:00:00Z level=error msg=early",
        "10:06:00Z level=error msg=x",
        "23:00:00Z level=error msg=late",
    )
    session = Session(incident=INCIDENT, sources=(source(tmp_path, 1, log(*rows), "lines"),))
    (only,) = suggest(session, tmp_path)
    assert only.event.at == at("10:06:00")


def test_an_incident_without_an_end_is_open_to_everything_after_its_start(tmp_path):
    rows = ("08:00:00Z level=error msg=early", "23:00:00Z level=error msg=late")
    running = Incident(started_at=START)
    session = Session(incident=running, sources=(source(tmp_path, 1, log(*rows), "lines"),))
    (only,) = suggest(session, tmp_path)
    assert only.event.at == at("23:00:00")


def test_what_was_accepted_or_dismissed_is_not_offered_again(tmp_path):
    rows = ("10:05:23Z level=error msg=a", "10:30:00Z level=error msg=b")
    session = Session(sources=(source(tmp_path, 1, log(*rows), "lines"),))
    first, last = suggest(session, tmp_path)
    accepted = first.event.model_copy(update={"id": "E1", "text": "Errors begin"})
    session = session.model_copy(update={"events": (accepted,), "dismissed": (last.key,)})
    assert suggest(session, tmp_path) == []


@pytest.mark.parametrize("offset", [-42.3, 0.1, 3600.0])
def test_what_was_accepted_stays_accepted_when_the_clock_of_its_source_is_corrected(tmp_path, offset):
    sources = (
        source(tmp_path, 1, matrix(firing("10:06:45", "10:34:45")), "query_range", **REACH),
        source(tmp_path, 2, amtool("10:20:00.125"), "alerts"),
        source(tmp_path, 3, log("10:05:23Z level=error msg=a"), "lines"),
    )
    before = suggest(Session(sources=sources), tmp_path)
    corrected = tuple(each.model_copy(update={"clock_offset_s": offset}) for each in sources)
    after = suggest(Session(sources=corrected), tmp_path)
    assert [one.key for one in after] == [one.key for one in before]
    assert after[0].event.at != before[0].event.at


def test_a_log_that_grew_and_was_collected_again_gives_each_fact_once(tmp_path):
    rows = ('10:00:00Z level=info msg="starting api v2.3.0"', "10:05:23Z level=error msg=a")
    bare = Source(id="S1", name="app")
    keeper = Keeper(tmp_path, bare, START)
    facts = {"format": "lines", "query": "file /var/log/app.log"}
    once = keeper.keep("app.log", log(*rows).encode(), **facts)
    again = keeper.keep("app.log", log(*rows, "10:30:00Z level=error msg=b").encode(), **facts)
    before = suggest(Session(sources=(bare.model_copy(update={"artifacts": (once,)}),)), tmp_path)
    after = suggest(Session(sources=(bare.model_copy(update={"artifacts": (once, again)}),)), tmp_path)
    assert [one.key for one in before] == [one.key for one in after[:2]]
    assert [one.event.text for one in after[2:]] == ["Last error in app: b"]


def test_an_accepted_alert_stays_accepted_when_another_system_reports_it_too(tmp_path):
    listed = source(tmp_path, 2, amtool("10:06:50"), "alerts")
    (only,) = suggest(Session(sources=(listed,)), tmp_path)
    series = source(tmp_path, 1, matrix(firing("10:06:45", "10:50:00")), "query_range", **REACH)
    session = Session(sources=(series, listed), events=(Event(id="E1", suggestion=only.key),))
    assert suggest(session, tmp_path) == []


def test_the_same_evidence_gives_the_same_keys(tmp_path):
    session = Session(sources=(source(tmp_path, 1, log("10:05:23Z level=error msg=x"), "lines"),))
    assert suggest(session, tmp_path) == suggest(session, tmp_path)


def test_it_can_be_cancelled(tmp_path):
    session = Session(sources=(source(tmp_path, 1, log("10:05:23Z level=error msg=x"), "lines"),))
    with pytest.raises(Cancel):
        suggest(session, tmp_path, cancelled=lambda: True)


def test_nothing_collected_is_nothing_offered(tmp_path):
    assert suggest(Session(), tmp_path) == []


def test_what_was_settled_stays_settled_when_a_later_collection_knows_the_times_better(tmp_path):
    bare = Source(id="S1", name="prom")
    stepped = matrix(firing("10:06:45", "10:34:45"))
    coarse = Keeper(tmp_path, bare, START).keep("a", stepped.encode(), format="query_range", **REACH)
    session = Session(incident=INCIDENT, sources=(bare.model_copy(update={"artifacts": (coarse,)}),))
    fired, resolved = suggest(session, tmp_path)
    settled = session.model_copy(update={"events": (fired.event,), "dismissed": (resolved.key,)})
    again = matrix(firing("10:06:38", "10:34:53"), firing("10:40:08", "10:41:08"))
    exact = Keeper(tmp_path, bare, START + timedelta(days=1)).keep(
        "b", again.encode(), format="query_range", note=SAMPLES, **REACH
    )
    both = {"sources": (bare.model_copy(update={"artifacts": (coarse, exact)}),)}
    fresh = [one.event.at for one in suggest(session.model_copy(update=both), tmp_path)]
    assert fresh[:2] == [at("10:06:38"), at("10:35:08")]
    # The firing that only the second collection saw is new; the other one was spoken about.
    assert [one.event.at for one in suggest(settled.model_copy(update=both), tmp_path)] == fresh[2:]
    assert len(fresh) == 4
