"""Polars beside DuckDB over the same rows of evidence: why one of them was kept (docs/evidence.md).

``python -m tests.bench engines``; DuckDB is no dependency: ``pip install duckdb`` first, else it is left out.
CPU seconds are what to compare on a busy machine.
"""

import importlib.util
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.evidence.kept import index_of
from tests.bench import evidence

STAMP = r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,9}))?"
FIELD = r'(?:level|severity|lvl)"?\s*[=:]\s*"?([A-Za-z]{3,11})'
_BY_MINUTE = "select {minute} as minute, level, count(*) as n from {rows} group by 1, 2 order by 1, 2"
_WORDS = "select level, count(*) as n from {rows} where text ilike '%pool%' group by level order by level"
_ERRORS = "select min(time) as first, max(time) as last from {rows} where level in ('error', 'fatal')"
_PAGE = (
    "select time, level, line, text from {rows} where time >= '2025-02-09 10:30:00'"
    " and time < '2025-02-09 10:30:05' order by time, line limit 50"
)


def _polars(folder: Path) -> dict[str, Callable[[], object]]:
    import polars as pl

    rows = pl.scan_parquet([*folder.rglob(".*.parquet")])
    context = pl.SQLContext(rows=rows)

    def asked(sql: str) -> Callable[[], object]:
        whole = sql.format(rows="rows", minute="minute")
        if "{minute}" in sql:
            minutes = pl.SQLContext(rows=rows.with_columns(pl.col("time").dt.truncate("1m").alias("minute")))
            return lambda: minutes.execute(whole).collect(engine="streaming")
        return lambda: context.execute(whole).collect(engine="streaming")

    text = pl.col("text")
    parse = rows.select(
        text.str.extract_groups(STAMP).alias("stamp"), text.str.head(400).str.extract(FIELD, 1).alias("level")
    ).select(pl.col("stamp").struct.field("2").count(), pl.col("level").count())
    return {
        "lines by minute and level": asked(_BY_MINUTE),
        "words in a line, by level": asked(_WORDS),
        "first and last error": asked(_ERRORS),
        "a page of rows in order": asked(_PAGE),
        "stamp and level out of lines": lambda: parse.collect(engine="streaming"),
    }


def _duckdb(folder: Path) -> dict[str, Callable[[], object]]:
    import duckdb

    database = duckdb.connect()
    database.execute("set timezone = 'UTC'")
    files = ", ".join(f"'{path}'" for path in folder.rglob(".*.parquet"))
    rows = f"read_parquet([{files}])"

    def asked(sql: str) -> Callable[[], object]:
        whole = sql.format(rows=rows, minute="date_trunc('minute', time)")
        return lambda: database.execute(whole).fetchall()

    parse = (
        f"select count(stamp.s), count(nullif(level, '')) from (select regexp_extract(text, '{STAMP}', ['m', 's', 'f'])"
        f" as stamp, regexp_extract(text[:400], '{FIELD}', 1) as level from {{rows}})"
    )
    return {
        "lines by minute and level": asked(_BY_MINUTE),
        "words in a line, by level": asked(_WORDS),
        "first and last error": asked(_ERRORS),
        "a page of rows in order": asked(_PAGE),
        "stamp and level out of lines": lambda: database.execute(parse.replace("{rows}", rows)).fetchall(),
    }


def _measure(engine: str, folder: Path) -> None:
    cpu, wall = time.process_time(), time.perf_counter()
    questions = {"polars": _polars, "duckdb": _duckdb}[engine](folder)
    print(f"{engine}\timport and open\t{time.process_time() - cpu:.3f}\t{time.perf_counter() - wall:.3f}")
    for name, ask in questions.items():
        best = (9e9, 9e9)
        for _ in range(3):
            cpu, wall = time.process_time(), time.perf_counter()
            ask()
            best = min(best, (time.process_time() - cpu, time.perf_counter() - wall))
        print(f"{engine}\t{name}\t{best[0]:.3f}\t{best[1]:.3f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{engine}\tpeak memory, MB\t{peak:.0f}\t{peak:.0f}")


def run() -> None:
    """Make a million rows, ask both engines the same questions, and print CPU and wall time."""
    engines = [name for name in ("polars", "duckdb") if importlib.util.find_spec(name)]
    folder = Path(tempfile.mkdtemp(prefix="blamefree-bench-"))
    try:
        session = evidence.review(folder, evidence.LINES)
        for source in session.sources:
            index_of(session, folder, source, source.artifacts[0])
        print(f"Engines over {evidence.LINES:,} rows (CPU seconds, wall seconds; the best of three)")
        found: dict[str, list[str]] = {}
        for engine in engines:
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.engines", engine, str(folder)],
                capture_output=True,
                text=True,
                check=True,
            )
            for line in done.stdout.splitlines():
                _, name, cpu, wall = line.split("\t")
                found.setdefault(name, []).append(f"{engine} {float(cpu):8.3f} {float(wall):8.3f}")
        for name, figures in found.items():
            print(f"  {name:30} " + "   ".join(figures))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _measure(sys.argv[1], Path(sys.argv[2]))
