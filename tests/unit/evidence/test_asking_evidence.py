import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evidence import browse, query
from app.evidence.artifacts import Keeper
from app.evidence.index import Cancel
from app.evidence.kept import index_of
from app.evidence.verify import verify
from app.evidence.window import Window
from app.review.records import Incident, Session, Source

T0 = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)


def line(second: float, text: str = "level=info msg=ok") -> str:
    return f"{(T0 + timedelta(seconds=second)).isoformat(timespec='milliseconds')} {text}"


def session_with(folder: Path, *logs: list[str], offsets: tuple[float, ...] = (), **settings) -> Session:
    sources = []
    for number, lines in enumerate(logs, 1):
        source = Source(id=f"S{number}", name=f"log {number}", settings=settings)
        artifact = Keeper(folder, source, T0).keep(f"{number}.log", "\n".join(lines).encode(), format="lines")
        offset = offsets[number - 1] if offsets else 0.0
        sources.append(source.model_copy(update={"artifacts": (artifact,), "clock_offset_s": offset}))
    return Session(sources=tuple(sources), incident=Incident(started_at=T0))


def test_lines_of_all_sources_come_in_the_order_of_time(tmp_path):
    session = session_with(tmp_path, [line(1), line(4)], [line(2), line(3)])
    found = list(query.rows(session, tmp_path))
    assert [(row.source, row.line, row.at.second) for row in found] == [
        ("S1", 1, 1),
        ("S2", 1, 2),
        ("S2", 2, 3),
        ("S1", 2, 4),
    ]


def test_lines_without_a_stamp_stay_with_the_line_before_them(tmp_path):
    session = session_with(tmp_path, [line(1, "level=error msg=boom"), "  at main.py:1", line(5)], [line(3)])
    found = list(query.rows(session, tmp_path))
    assert [row.text.strip()[:12] for row in found][1] == "at main.py:1"
    assert query.minutes(session, tmp_path)[0].lines == 3


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([100, 5000]).flatmap(lambda most: st.lists(st.floats(0, most), min_size=1, max_size=60))
)
def test_any_disorder_comes_out_sorted_and_complete(tmp_path_factory, seconds):
    folder = tmp_path_factory.mktemp("disorder")
    session = session_with(folder, [line(second) for second in seconds])
    found = [row.at for row in query.rows(session, folder)]
    assert found == sorted(found)
    assert len(found) == len(seconds)


def test_logs_of_pods_one_after_the_other_are_sorted_page_by_page(tmp_path, monkeypatch):
    monkeypatch.setattr(browse, "_PAGE", 7)
    pods = [line(second) for _pod in range(3) for second in range(0, 1000, 20)]
    session = session_with(tmp_path, pods)
    found = [row.at for row in query.rows(session, tmp_path)]
    assert found == sorted(found)
    assert len(found) == 150


def test_the_window_the_words_the_level_and_the_limit_choose(tmp_path):
    log = [
        line(second, f"level={'error' if second % 10 == 0 else 'info'} msg=n{second}")
        for second in range(100)
    ]
    session = session_with(tmp_path, log)
    window = Window(T0 + timedelta(seconds=20), T0 + timedelta(seconds=40))

    def texts(**choice):
        return [row.text.rpartition("=")[2] for row in query.rows(session, tmp_path, window=window, **choice)]

    assert len(texts()) == 21
    assert texts(errors_only=True) == ["n20", "n30", "n40"]
    assert texts(contains="MSG=N3") == ["n30", *(f"n{number}" for number in range(31, 40))]
    assert texts(limit=2) == ["n20", "n21"]
    assert texts(sources=["S9"]) == []


def test_a_clock_correction_moves_rows_counts_and_errors_and_leaves_the_evidence(tmp_path):
    log = [line(0, "level=error msg=x")]
    session = session_with(tmp_path, log, offsets=(120.0,))
    later = T0 + timedelta(minutes=2)
    assert next(query.rows(session, tmp_path)).at == later
    assert query.minutes(session, tmp_path)[0].at == later
    assert query.errors(session, tmp_path, "S1")[0].at == later
    window = Window(later, later)
    assert len(list(query.rows(session, tmp_path, window=window))) == 1
    assert (
        index_of(session, tmp_path, session.sources[0], session.sources[0].artifacts[0]).first_us
        == T0.timestamp() * 1e6
    )


def test_every_minute_of_the_window_is_counted_the_empty_ones_too(tmp_path):
    session = session_with(tmp_path, [line(0), line(1, "level=error msg=x"), line(200)])
    window = Window(T0 - timedelta(minutes=1), T0 + timedelta(minutes=4))
    found = query.minutes(session, tmp_path, window=window)
    assert [(each.lines, each.errors) for each in found] == [(0, 0), (2, 1), (0, 0), (0, 0), (1, 0), (0, 0)]
    assert found[0].at == window.start


def test_a_single_stray_date_does_not_make_millions_of_minutes(tmp_path):
    session = session_with(tmp_path, [line(0), "2090-01-01T00:00:00Z level=info msg=stray"])
    assert len(query.minutes(session, tmp_path)) == 2


def test_first_and_last_error_in_a_window_are_those_of_the_window(tmp_path):
    log = [line(second, "level=error msg=x" if second % 100 == 0 else "ok") for second in range(0, 1000, 10)]
    session = session_with(tmp_path, log)
    first, last = query.errors(session, tmp_path, "S1")
    assert (first.line, last.line) == (1, 91)
    window = Window(T0 + timedelta(seconds=150), T0 + timedelta(seconds=450))
    first, last = query.errors(session, tmp_path, "S1", window=window)
    assert (first.line, last.line) == (21, 41)
    quiet = Window(T0 + timedelta(seconds=110), T0 + timedelta(seconds=190))
    assert query.errors(session, tmp_path, "S1", window=quiet) == (None, None)


def test_the_lines_around_one_are_given_with_their_numbers(tmp_path):
    session = session_with(tmp_path, [line(second) for second in range(50)])
    found = query.around(session, tmp_path, "evidence/S1/1.log.gz", 20, 2, 1)
    assert [row.line for row in found] == [18, 19, 20, 21]
    assert query.around(session, tmp_path, "evidence/S1/none.gz", 20) == []


def test_a_cache_is_used_until_the_content_the_zone_or_the_cache_itself_changes(tmp_path):
    naive = [f"2025-02-09 11:00:{second:02},000 ERROR x" for second in range(30)]
    session = session_with(tmp_path, naive)
    source = session.sources[0]
    first = index_of(session, tmp_path, source, source.artifacts[0])
    (cache,) = tmp_path.rglob("*.index")
    content = json.loads(cache.read_text())
    cache.write_text(json.dumps({**content, "rows": 12_345}))
    assert index_of(session, tmp_path, source, source.artifacts[0]).rows == 12_345
    berlin = source.model_copy(update={"settings": {"zone": "Europe/Berlin"}})
    moved = index_of(session, tmp_path, berlin, berlin.artifacts[0])
    assert (moved.rows, first.first_us - moved.first_us) == (30, 3600 * 10**6)
    for broken in ("", "{", "[]", '{"version":1}', '{"version":99}', "[" * 100_000):
        cache.write_text(broken)
        assert index_of(session, tmp_path, source, source.artifacts[0]) == first


def test_evidence_that_is_gone_or_changed_is_named_and_the_rest_is_read(tmp_path):
    session = session_with(tmp_path, [line(1)], [line(2)], [line(3)])
    (tmp_path / "evidence/S1/1.log.gz").unlink()
    (tmp_path / "evidence/S2/2.log.gz").write_bytes(gzip.compress(b"other"))
    assert [row.source for row in query.rows(session, tmp_path)] == ["S3"]
    assert [verdict.state for verdict in verify(session, tmp_path)] == ["missing", "changed", "sound"]


def test_everything_can_be_cancelled(tmp_path):
    session = session_with(tmp_path, [line(second) for second in range(50)])
    with pytest.raises(Cancel):
        query.minutes(session, tmp_path, cancelled=lambda: True)
    with pytest.raises(Cancel):
        list(query.rows(session, tmp_path, cancelled=lambda: True))


def test_escape_codes_in_a_log_are_shown_and_not_kept(tmp_path):
    session = session_with(tmp_path, [line(1, "level=error msg=\x1b[31mred\x1b[0m \u202e")])
    (row,) = query.rows(session, tmp_path)
    assert "\x1b" not in row.text
    assert "^[[31mred" in row.text
    assert "\x1b" not in query.errors(session, tmp_path, "S1")[0].text


def test_starts_of_processes_are_found(tmp_path):
    session = session_with(
        tmp_path,
        [
            line(1, "level=info msg=starting the day"),
            line(2, 'level=info msg="starting api-service v2.3.0"'),
            line(3, "Started container api"),
            line(4, "INFO Started Application in 3.2 seconds (JVM running for 4)"),
            line(5, "restarted nothing, listening to music"),
            line(6, "database system is ready to accept connections"),
            line(7, "listening on 0.0.0.0:8080"),
        ],
    )
    assert [row.line for row in query.starts(session, tmp_path, "S1")] == [2, 3, 4, 6, 7]
