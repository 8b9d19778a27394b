"""CSV: columns guessed where the header is clear, asked about where it is not; rows read like lines of a log."""

import gzip
import json
from datetime import UTC, datetime

import pytest

from app.evidence import query
from app.evidence.zones import needs_zone
from collectors.file import FileCollector
from tests.unit.collectors.test_file_collector import WINDOW, collect, session_for

CLEAR = """\
Timestamp,Severity,Service,Message,Region
2025-02-09T10:05:23Z,ERROR,api,"pool ""exhausted"", again",eu
2025-02-09T10:06:00.5Z,info,api,"two
lines",eu
"""


async def read(tmp_path, content, name="export.csv", **settings):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    outcome, session = await collect(session_for(path, **settings), tmp_path / "s")
    return outcome, session, tmp_path / "s"


def rows(session, folder):
    return [(row.at, row.level, json.loads(row.text)["message"]) for row in query.rows(session, folder)]


async def test_a_clear_header_is_understood_and_the_table_is_kept_as_it_came(tmp_path):
    outcome, session, folder = await read(tmp_path, CLEAR)
    assert (outcome.state, outcome.notes) == ("done", ())
    made, raw = outcome.artifacts
    assert (made.path, made.format, made.rows) == ("evidence/S1/export.csv.rows.jsonl.gz", "lines", 2)
    assert (raw.path, raw.format, raw.rows) == ("evidence/S1/export.csv.gz", "csv", 0)
    assert gzip.decompress((folder / raw.path).read_bytes()).decode() == CLEAR
    assert rows(session, folder) == [
        (datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC), "error", 'pool "exhausted", again'),
        (datetime(2025, 2, 9, 10, 6, 0, 500_000, tzinfo=UTC), "info", "two\nlines"),
    ]
    text = json.loads(next(query.rows(session, folder)).text)
    assert (text["object"], text["Region"]) == ("api", "eu")


@pytest.mark.parametrize(
    "content",
    [
        "When;What\n2025-02-09T10:05:23Z;a, b\n",
        "time\tmessage\n2025-02-09T10:05:23Z\ta, b\n",
        "sep=;\ntime;message\n2025-02-09T10:05:23Z;a, b\n",
        '\ufefftime,message\r\n2025-02-09T10:05:23Z,"a, b"\r\n',
        'Date,Time,Message\n2025-02-09,10:05:23Z,"a, b"\n',
        '"@timestamp",message\n"Feb 9, 2025 @ 10:05:23.000","a, b"\n',
        'ts,message\n1739095523,"a, b"\n',
        'time,message\n"Sun, 09 Feb 2025 10:05:23 +0000","a, b"\n',
        'time,message\n2025-02-09T10:05:23Z,"a, b"\n'.encode("utf-16"),
    ],
)
async def test_tables_of_many_tools_are_read(tmp_path, content):
    settings = {"columns": {"time": "When", "message": "What"}} if "When" in str(content) else {}
    _, session, folder = await read(
        tmp_path, content, "a.tsv" if "\t" in str(content) else "a.csv", **settings
    )
    assert rows(session, folder) == [(datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC), "", "a, b")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("Stunde,What\n2025-02-09T10:05:23Z,a\n", "Say which column of a.csv holds the time"),
        ("time,timestamp,message\n1,2,a\n", "Say which column of a.csv holds the time"),
        (
            "time,message\n09/02/2025 10:05,a\n",
            "writes times like “09/02/2025 10:05”: the format of times is needed",
        ),
        ("", "has no rows"),
        ("\n\n", "has no rows"),
    ],
)
async def test_what_is_not_clear_is_asked_and_is_a_hole_until_then(tmp_path, content, sentence):
    outcome, session, folder = await read(tmp_path, content, "a.csv")
    assert outcome.state == "done"
    assert sentence in outcome.notes[0]
    assert [each.format for each in outcome.artifacts] == ["csv"]
    assert [(gap.from_, gap.to) for gap in outcome.gaps] == [(WINDOW.start, WINDOW.end)]
    assert sentence in outcome.gaps[0].why
    assert list((folder / "evidence" / "S1").glob("*jsonl*")) == []
    assert list(query.rows(session, folder)) == []


async def test_an_answer_is_a_setting(tmp_path):
    content = "Wann;Was;Wo\n09.02.2025 11:05:23;Pool voll;api\n"
    columns = {"time": "Wann", "message": "Was", "object": "Wo"}
    outcome, session, folder = await read(
        tmp_path, content, columns=columns, time_format="%d.%m.%Y %H:%M:%S", zone="Europe/Berlin"
    )
    assert outcome.gaps == ()
    assert rows(session, folder) == [(datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC), "", "Pool voll")]
    outcome, session, _ = await read(
        tmp_path, content, columns=columns, time_format="%d.%m.%Y %H:%M:%S", name="b.csv"
    )
    assert needs_zone(session.sources[0])
    outcome, *_ = await read(tmp_path, content, columns=columns, time_format="%Y", name="c.csv")
    assert "does not fit" in outcome.notes[0]
    outcome, *_ = await read(tmp_path, content, columns={"time": "When"}, name="d.csv")
    assert "has no column “When”: correct it. Its columns are Wann, Was, Wo." in outcome.notes[0]


async def test_rows_without_time_are_left_out_and_counted(tmp_path):
    good = "".join(f"2025-02-09T10:05:{second:02}Z,a\n" for second in range(60))
    outcome, _, _ = await read(tmp_path, "time,message\n" + good + "total,60\n,nothing\n")
    assert outcome.artifacts[0].rows == 60
    assert outcome.notes == ("export.csv: 2 of its rows have no time or are broken, and were left out.",)


async def test_hostile_cells_are_data(tmp_path):
    cell = '[@click=app.quit]x[/]\x1b]0;pwned\x07=cmd|"/c calc"!A1\u202e'
    content = 'time,message,"[b]\x1b[2J"\n2025-02-09T10:05:23Z,"' + cell.replace('"', '""') + '",y\n'
    _, session, folder = await read(tmp_path, content)
    text = next(query.rows(session, folder)).text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert json.loads(text)["message"].startswith("[@click=app.quit]x[/]")


async def test_a_quote_that_is_never_closed_costs_rows_and_not_the_rest(tmp_path):
    good = "".join(
        f"2025-02-09T10:{minute:02}:{second:02}Z,{'x' * 100}\n"
        for minute in range(50)
        for second in range(60)
    )
    outcome, _, _ = await read(
        tmp_path, 'time,message\n2025-02-09T10:00:00Z,a\n2025-02-09T10:00:00Z,"open\n' + good
    )
    assert 1_500 < outcome.artifacts[0].rows < 3_001
    assert "were left out" in outcome.notes[-1]


async def test_a_line_of_a_hundred_megabytes_is_cut_and_the_next_row_is_read(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.write(b"time,message\n2025-02-09T10:05:23Z,")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\n2025-02-09T10:05:24Z,after\n")
    outcome, session = await collect(session_for(path), tmp_path / "s")
    assert outcome.artifacts[0].rows == 2
    assert [row.at.second for row in query.rows(session, tmp_path / "s")] == [23, 24]


async def test_a_damaged_table_keeps_what_it_has(tmp_path):
    good = "".join(
        f"2025-02-09T10:05:{second:02}.{number:03}Z,{number * 7919}\n"
        for second in range(60)
        for number in range(200)
    )
    packed = gzip.compress(("time,message\n" + good).encode())
    outcome, _, _ = await read(tmp_path, packed[: len(packed) // 2], "a.csv.gz")
    assert "can be read only in part" in outcome.notes[0]
    assert 1_000 < outcome.artifacts[0].rows < 12_000


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"colour": "Red"}, "“colour” is no column that is known"),
        ({"message": "What"}, "Say which column holds the time"),
        ("time", "Columns are written as"),
        ({"time": "When"}, ""),
        (None, ""),
    ],
)
def test_columns_are_checked_before_anything_is_read(columns, sentence):
    found = FileCollector().check({"path": "a.csv", "columns": columns})
    assert sentence in found
    assert bool(found) == bool(sentence)
