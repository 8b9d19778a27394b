"""The shipped sample is what its generator makes, and its evidence really contains its timeline."""

import gzip
from datetime import timedelta

import pytest

from app.evidence import query
from app.evidence.artifacts import content_hash, locate
from app.evidence.window import Window
from app.store.reading import load
from collectors.outcome import with_outcome
from collectors.runner import Run
from tests.sample import generate, metrics, model
from tests.sample.review import moment

MOST_BYTES = 2 * 1024 * 1024
ROWS = [
    ("10:05:23", "First 5xx errors appear", "nginx access logs", "-"),
    ("10:06:45", "High error rate alert fires", "Prometheus", "-"),
    ("10:08:12", "On-call engineer paged", "PagerDuty", "System"),
    ("10:12:00", "Engineer acknowledges alert", "PagerDuty", "@alice"),
    ("10:15:30", "Database connection pool exhausted", "app logs", "-"),
    ("10:18:45", "Database queries identified as slow", "pganalyze", "@alice"),
    ("10:22:10", "Cache layer deployed as mitigation", "kubectl", "@alice"),
    ("10:35:00", "Error rate returns to normal", "Prometheus", "-"),
    ("10:40:00", "Incident marked resolved", "PagerDuty", "@alice"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    return generate.build(folder), folder


@pytest.fixture(scope="module")
def shipped():
    return load((generate.TARGET / "session.toml").read_bytes()).session


def test_the_generator_makes_the_shipped_session_and_evidence(built, shipped):
    session, _ = built
    assert shipped == session
    for source in shipped.sources:
        for artifact in source.artifacts:
            assert content_hash(locate(generate.TARGET, artifact)) == artifact.sha256


def test_it_is_small_to_ship_and_large_to_read(shipped):
    files = [path for path in (generate.TARGET / "evidence").rglob("*.gz") if not path.name.startswith(".")]
    assert sum(path.stat().st_size for path in files) <= MOST_BYTES
    lines = [each.rows for source in shipped.sources for each in source.artifacts if each.format == "lines"]
    assert sum(lines) >= 200_000
    kept = {generate.TARGET / each.path for source in shipped.sources for each in source.artifacts}
    assert kept == set(files)


def test_the_timeline_is_the_known_one(shipped):
    assert [(f"{e.at:%H:%M:%S}", e.text, e.source, e.actor) for e in shipped.events] == ROWS
    assert all(event.starred and event.evidence for event in shipped.events)


def test_every_row_that_points_to_a_line_finds_it_at_exactly_its_second(built):
    session, folder = built
    pointed = 0
    for event in session.events:
        for pointer in event.evidence:
            if pointer.line and pointer.source != "S4":
                (row,) = query.around(session, folder, pointer.artifact, pointer.line, 0, 0)
                assert row.at.replace(microsecond=0) == event.at, event.text
                pointed += 1
    assert pointed == 7


def test_the_first_failure_is_the_first_row_and_all_add_up_to_the_impact(built):
    session, folder = built
    first, last = query.errors(session, folder, "S1")
    assert first.at == moment("10:05:23")
    assert last.at < moment("10:35:00")
    assert sum(each.errors for each in query.minutes(session, folder, sources=["S1"])) == 40_000
    assert session.impacts[0].value == 40_000


def test_the_pool_is_exhausted_for_the_first_time_at_its_row(built):
    session, folder = built
    row = next(query.rows(session, folder, sources=["S2"], contains="pool exhausted"))
    assert row.at == moment("10:15:30")


def test_the_error_share_is_normal_again_at_its_row_and_not_before(built):
    session, folder = built
    (share,) = (one for one in query.series(session, folder) if one.name == "error-share")
    high = [at for at, value in share.points if value > model.THRESHOLD]
    assert high[0] == moment("10:05:45").timestamp()
    assert high[-1] == moment("10:34:45").timestamp()
    peak = Window(moment("10:08:00"), moment("10:22:00"))
    values = [value for at, value in share.points if peak.start.timestamp() <= at <= peak.end.timestamp()]
    assert all(0.39 < value < 0.41 for value in values)


def test_the_alert_fires_and_ends_at_its_rows(built):
    session, folder = built
    series, listed = query.alerts(session, folder)
    assert (series.fired, series.resolved) == (moment("10:06:45"), moment("10:35:00"))
    assert (listed.fired, listed.resolved) == (moment("10:06:45"), None)


async def test_its_sources_can_be_collected_again_where_it_lies_without_a_gap(built):
    session, folder = built
    run = Run(session, folder, now=generate.COLLECTED + timedelta(days=1))
    run.start()
    outcomes = await run.wait()
    assert {outcome.state for outcome in outcomes.values()} == {"done"}
    for name, outcome in outcomes.items():
        assert outcome.gaps == ()
        assert with_outcome(session, name, outcome) == session


def test_the_history_for_a_real_server_agrees_with_the_answers():
    text = "".join(metrics.openmetrics())
    assert text.endswith("# EOF\n")
    firing = [line for line in text.splitlines() if 'alertstate="firing"' in line]
    assert len(firing) == 113
    assert firing[0].endswith(str(int(moment("10:06:45").timestamp())))


def test_the_shipped_files_hold_no_name_of_the_machine_that_made_them(shipped):
    text = (generate.TARGET / "session.toml").read_text()
    for source in shipped.sources:
        for artifact in source.artifacts:
            raw = (generate.TARGET / artifact.path).read_bytes()
            assert raw[4:8] == b"\0\0\0\0", "no time of its making in the gzip head"
            assert gzip.decompress(raw)
    assert "/home/" not in text
    assert "tmp" not in text
