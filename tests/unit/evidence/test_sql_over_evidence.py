"""Evidence asked in SQL: what the tables hold, what they refuse, and that nothing changes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.evidence.artifacts import Keeper
from app.evidence.facts import FACTS, Fact, dump_facts
from app.evidence.index import Cancel
from app.evidence.sql import COLUMNS, BadQuery, ask
from app.review.records import Session, Source

T0 = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)
LOG = b"""2025-02-09T10:00:00Z level=info msg="all is well"
2025-02-09T10:00:30Z level=error msg="pool exhausted"
  at pool.py:12
2025-02-09T10:01:10Z level=error msg="POOL exhausted"
"""
ACCESS = b'10.0.0.1 - - [09/Feb/2025:11:00:05 +0100] "GET /v1 HTTP/1.1" 503 1\n'
MATRIX = {
    "status": "success",
    "data": {
        "resultType": "matrix",
        "result": [
            {
                "metric": {
                    "__name__": "ALERTS",
                    "alertname": "Slow",
                    "alertstate": "firing",
                    "severity": "page",
                },
                "values": [[T0.timestamp() + 15 * step, "1"] for step in range(4)],
            },
            {"metric": {"job": "api"}, "values": [[T0.timestamp(), "NaN"], [T0.timestamp() + 15, "0.5"]]},
        ],
    },
}


@pytest.fixture
def review(tmp_path: Path) -> Session:
    logs = Source(id="S1", name="api", clock_offset_s=60.0)
    others = Source(id="S2", name="others", settings={"zone": "Europe/Berlin"})
    fact = Fact(T0 + timedelta(minutes=5), 'say "hi"', "change", "k1", object="deployment/api", level="warn")
    kept = Keeper(tmp_path, logs, T0).keep("app.log", LOG, format="lines")
    keeper = Keeper(tmp_path, others, T0)
    keeper.keep("access.log", ACCESS, format="lines", object="nginx-1")
    keeper.keep("plain.log", b"2025-02-09 11:00:07,5 WARN x\n", format="lines")
    keeper.keep("facts", dump_facts([fact]), format=FACTS)
    keeper.keep(
        "m.json", json.dumps(MATRIX).encode(), format="query_range", from_=T0, to=T0 + timedelta(hours=1)
    )
    return Session(
        sources=(
            logs.model_copy(update={"artifacts": (kept,)}),
            others.model_copy(update={"artifacts": tuple(keeper.kept)}),
        )
    )


def asked(session: Session, folder: Path, sql: str) -> list[tuple[Any, ...]]:
    return [row for batch in ask(session, folder, sql).batches for row in batch]


@pytest.mark.parametrize("name", COLUMNS)
def test_every_table_has_the_columns_that_are_promised(review, tmp_path, name):
    answer = ask(review, tmp_path, f"select * from {name}")
    assert ", ".join(answer.columns) == COLUMNS[name]
    assert any(answer.batches)


@pytest.mark.parametrize("name", COLUMNS)
def test_every_table_is_there_without_evidence(tmp_path, name):
    assert asked(Session(), tmp_path, f"select * from {name}") == []


def test_rows_have_corrected_times_what_they_say_and_what_they_are_about(review, tmp_path):
    found = asked(
        review,
        tmp_path,
        "select time, stamp, zone, level, object, message, line from rows order by time, line",
    )
    assert found == [
        (
            T0 + timedelta(seconds=5),
            "09/Feb/2025:11:00:05 +0100",
            "+0100",
            "error",
            "nginx-1",
            "GET /v1 503",
            1,
        ),
        (T0 + timedelta(seconds=7.5), "2025-02-09 11:00:07,5", "Europe/Berlin", "warn", "", "x", 1),
        (T0 + timedelta(seconds=60), "2025-02-09T10:00:00Z", "Z", "info", "", "all is well", 1),
        (T0 + timedelta(seconds=90), "2025-02-09T10:00:30Z", "Z", "error", "", "pool exhausted", 2),
        (T0 + timedelta(seconds=90), None, None, "", "", "at pool.py:12", 3),
        (T0 + timedelta(seconds=130), "2025-02-09T10:01:10Z", "Z", "error", "", "POOL exhausted", 4),
        (
            T0 + timedelta(minutes=5),
            "2025-02-09T10:05:00.000000Z",
            "Z",
            "warn",
            "deployment/api",
            'say "hi"',
            1,
        ),
    ]


def test_counting_grouping_and_words(review, tmp_path):
    sql = "select minute, count(*) as n from rows where text ilike '%POOL%' group by minute order by minute"
    assert asked(review, tmp_path, sql) == [(T0 + timedelta(minutes=1), 2), (T0 + timedelta(minutes=2), 1)]
    sql = "select count(*) from rows where time >= '2025-02-09 10:01' and level = 'error' and source = 'S1'"
    assert asked(review, tmp_path, sql) == [(2,)]
    assert asked(review, tmp_path, "select alert, severity from alerts") == [("Slow", "page")]
    assert asked(
        review, tmp_path, "select max(value) from series where labels like '%api%' and value < 9"
    ) == [(0.5,)]
    assert asked(review, tmp_path, "select object, notable from facts") == [("deployment/api", True)]
    sql = "select r.level from rows r join facts f on r.source = f.source where r.object = f.object"
    assert asked(review, tmp_path, sql) == [("warn",)]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("drop table rows", "SELECT"),
        ("delete from rows", "SELECT"),
        ("create table x as select * from rows", "SELECT"),
        ("", "SELECT"),
        ("select nope from rows", "nope"),
        ("select * from", "EOF"),
        ("select * from elsewhere", "elsewhere"),
        ("select date_trunc('minute', time) from rows", "date_trunc"),
        ("select time from rows where time > '2025-02-09T10:00:00Z'", "2025-02-09 10:05:23"),
        ("select time + text from rows", "."),
        ("select cast(text as integer) from rows", "."),
    ],
)
def test_a_bad_query_is_one_sentence(review, tmp_path, sql, said):
    with pytest.raises(BadQuery) as caught:
        asked(review, tmp_path, sql)
    sentence = str(caught.value)
    assert said in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")


def test_a_question_can_be_cancelled(review, tmp_path):
    with pytest.raises(Cancel):
        list(ask(review, tmp_path, "select * from rows", cancelled=lambda: True).batches)
