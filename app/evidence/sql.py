"""Questions in SQL, asked of the rows, the facts, the series and the alerts of a review.

The dialect is that of Polars. Nothing can be changed: the tables are views of files that are only read.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.evidence import query
from app.evidence.engine import lines_of
from app.evidence.index import Cancel, Cancelled, never
from app.evidence.message import message
from app.evidence.tables import tables
from app.review.records import Session
from app.text import one_line

if TYPE_CHECKING:
    import polars as pl

COLUMNS: Mapping[str, str] = {
    "rows": "time, minute, source, level, object, message, line, artifact, stamp, zone, text",
    "facts": "time, until, kind, text, actor, object, level, notable, url, key, source, artifact, line",
    "series": "time, name, labels, value, source, artifact",
    "alerts": "fired, resolved, alert, severity, labels, summary, source, artifact",
}
"""The tables and their columns."""
_BATCH = 20_000
_READS = re.compile(
    r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*|\()*(?:select|with|from|show|explain)\b", re.IGNORECASE | re.DOTALL
)


class BadQuery(Exception):
    """The question cannot be answered; ``str()`` is one sentence that says what to do."""


@dataclass(frozen=True)
class Answer:
    """The names of the columns, and the rows in batches as they come."""

    columns: tuple[str, ...]
    batches: Iterator[list[tuple[Any, ...]]]


def ask(session: Session, folder: Path, sql: str, *, cancelled: Cancelled = never) -> Answer:
    """The answer to *sql*; see :data:`COLUMNS`. Raises :class:`BadQuery`, and so do the batches.

    ``time`` is in UTC with the clock correction of the source in it; ``minute`` is its whole minute, ``stamp``
    what the line says, ``zone`` what that was read in. ``message`` is the gist of ``text``, the line as it came;
    it is worked out row by row when it is asked for, so that a condition on ``text`` is much quicker.
    """
    import polars as pl

    if not _READS.match(sql):
        raise BadQuery("A query begins with SELECT or WITH: evidence is asked and never changed.")
    try:
        found = pl.SQLContext(_tables(session, folder, sql, cancelled)).execute(sql)
        columns = tuple(found.collect_schema().names())
    except pl.exceptions.PolarsError as error:
        raise _bad(error) from error
    except BaseException as error:
        raise _broken(error) from error
    return Answer(columns, _batches(found, cancelled))


def _batches(found: "pl.LazyFrame", cancelled: Cancelled) -> Iterator[list[tuple[Any, ...]]]:
    import polars as pl

    try:
        for batch in found.collect_batches(chunk_size=_BATCH, maintain_order=True, engine="streaming"):
            if cancelled():
                raise Cancel
            yield batch.rows()
    except pl.exceptions.PolarsError as error:
        raise _bad(error) from error
    except (Cancel, GeneratorExit):
        raise
    except BaseException as error:
        raise _broken(error) from error


def _bad(error: Exception) -> BadQuery:
    said = one_line(str(error).split("\n\n")[0])[:300].rstrip(".")
    if "temporal" in said or "to a string value" in said:
        said += "; write a time like '2025-02-09 10:05:23', in UTC and without its zone"
    known = "; ".join(f"{name} ({columns})" for name, columns in COLUMNS.items())
    return BadQuery(f"The query does not work: {said}. There are these tables: {known}.")


def _broken(error: BaseException) -> BaseException:
    """The engine panics at some questions: that ends the question, not the program."""
    if type(error).__name__ != "PanicException":
        return error
    return BadQuery("The engine broke down over this query: ask it in another way.")


def _tables(session: Session, folder: Path, sql: str, cancelled: Cancelled) -> "dict[str, pl.LazyFrame]":
    """The tables that *sql* may speak of; the others are not even read."""
    makers = {"rows": _rows, "facts": _facts, "series": _series, "alerts": _alerts}
    spoken = sql.lower()
    return {
        name: make(session, folder, cancelled) if name in spoken else make(Session(), folder, cancelled)
        for name, make in makers.items()
    }


def _rows(session: Session, folder: Path, cancelled: Cancelled) -> "pl.LazyFrame":
    import polars as pl

    from app.evidence.index import schema

    names = [name.strip() for name in COLUMNS["rows"].split(",")]
    kinds = schema() | {"source": pl.String, "artifact": pl.String}
    empty = pl.LazyFrame(schema=kinds)
    every = [lines_of(table).select(list(kinds)) for table in tables(session, folder, None, cancelled)]
    gist = pl.col("text").map_batches(_gists, return_dtype=pl.String, is_elementwise=True)
    return (
        pl.concat([empty, *every])
        .with_columns(gist.alias("message"), pl.col("time").dt.truncate("1m").alias("minute"))
        .select(names)
    )


def _gists(texts: "pl.Series") -> "pl.Series":
    import polars as pl

    return pl.Series([message(text) for text in texts], dtype=pl.String)


def _facts(session: Session, folder: Path, cancelled: Cancelled) -> "pl.LazyFrame":
    rows = [
        (row.at, row.until, fact.kind, fact.text, fact.actor, fact.object, fact.level, fact.notable, fact.url,
         fact.key, row.source, row.artifact, row.line)
        for row in query.facts(session, folder, cancelled=cancelled)
        for fact in [row.fact]
    ]  # fmt: skip
    return _frame("facts", rows, time=True, until=True, notable=bool, line=int)


def _series(session: Session, folder: Path, cancelled: Cancelled) -> "pl.LazyFrame":
    rows = [
        (datetime.fromtimestamp(at, UTC), one.name, one.title, value, one.source, one.artifact)
        for one in query.series(session, folder, cancelled=cancelled)
        for at, value in one.points
    ]
    return _frame("series", rows, time=True, value=float)


def _alerts(session: Session, folder: Path, cancelled: Cancelled) -> "pl.LazyFrame":
    rows = [
        (
            each.fired,
            each.resolved,
            each.alert,
            each.labels.get("severity", ""),
            ", ".join(f'{name}="{value}"' for name, value in sorted(each.labels.items())),
            each.summary,
            each.source,
            each.artifact,
        )
        for each in query.alerts(session, folder, cancelled=cancelled)
    ]
    return _frame("alerts", rows, fired=True, resolved=True)


def _frame(name: str, rows: list[tuple[Any, ...]], **kinds: Any) -> "pl.LazyFrame":
    """A table of text, but for the columns in *kinds*: times where it says true."""
    import polars as pl

    moment = pl.Datetime("us", "UTC")
    names = [column.strip() for column in COLUMNS[name].split(",")]
    schema = {
        column: moment if kinds.get(column) is True else kinds.get(column, pl.String) for column in names
    }
    return pl.DataFrame(rows, schema=schema, orient="row").lazy()
