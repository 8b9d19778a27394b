"""The evidence itself: questions to it in SQL, and whether it still is what was collected."""

import csv
import json
import math
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.common import (
    Problem,
    examples,
    json_option,
    put_json,
    reading,
    remark,
    say,
    session_argument,
    sessions_option,
    table,
)
from app.problems import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.evidence.sql import Answer

_SHOWN = 1000
"""Rows that a terminal is given; a pipe, CSV and JSON get all of them."""


@click.command(
    short_help="Ask the evidence in SQL.",
    epilog=examples(
        "blamefree sql api-service 'select level, count(*) as lines from rows group by level'",
        "blamefree sql api-service \"select time, text from rows where text ilike '%pool%'\" --csv",
    ),
)
@session_argument
@click.argument("sql")
@click.option("--csv", "as_csv", is_flag=True, help="Print all rows as CSV.")
@json_option
@sessions_option
def sql(wanted: str, sql: str, as_csv: bool, as_json: bool, root: Path | None) -> None:
    """Ask the evidence in SQL.

    The tables are rows (every line of every log: time, minute, source, level, object, message, text, line,
    artifact, stamp, zone), facts, series and alerts. Times are in UTC, corrected. Nothing can be changed.
    """
    from app.evidence.sql import ask

    if as_csv and as_json:
        raise Problem("The answer can be printed as CSV or as JSON: choose one.")
    with reading(root, wanted) as (folder, session):
        answer = ask(session, folder, sql)
        if as_json:
            _print_json(answer)
        elif as_csv or not sys.stdout.isatty():
            _print_cells(answer, as_csv=as_csv)
        else:
            _print_table(answer)


def _print_json(answer: "Answer") -> None:
    """One array of objects, written as the rows come: an answer may be longer than memory."""
    between = "[\n"
    for batch in answer.batches:
        for row in batch:
            item = {name: _json_value(value) for name, value in zip(answer.columns, row, strict=True)}
            click.echo(between + json.dumps(item, default=_text), nl=False)
            between = ",\n"
    click.echo("[]" if between == "[\n" else "\n]")


def _json_value(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print_cells(answer: "Answer", *, as_csv: bool) -> None:
    if as_csv:
        from app.report.encode import csv_cell

        writer = csv.writer(sys.stdout, lineterminator="\r\n")
        writer.writerow([csv_cell(name) for name in answer.columns])
        for batch in answer.batches:
            writer.writerows([[csv_cell(_text(value)) for value in row] for row in batch])
        return
    from app.text import one_line

    click.echo("\t".join(one_line(name) for name in answer.columns))
    for batch in answer.batches:
        for row in batch:
            click.echo("\t".join(one_line(_text(value)) for value in row))


def _print_table(answer: "Answer") -> None:
    rows: list[dict[str, str]] = []
    for row in _each(answer):
        if len(rows) == _SHOWN:
            remark(f"Only the first {_SHOWN:,} rows are shown: --csv and --json print all of them.")
            break
        rows.append({name: _text(value) for name, value in zip(answer.columns, row, strict=True)})
    if rows:
        table(rows)
    else:
        remark("No row answers this.")


def _each(answer: "Answer") -> "Iterator[tuple[Any, ...]]":
    for batch in answer.batches:
        yield from batch


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, date) else str(value)


@click.command(
    short_help="Check that evidence is what was collected.",
    epilog=examples("blamefree verify api-service", "blamefree verify api-service --json"),
)
@session_argument
@json_option
@sessions_option
def verify(wanted: str, as_json: bool, root: Path | None) -> int:
    """Check every piece of evidence against the SHA-256 that was noted when it was collected.

    Exits with 1 when one is missing, damaged or not what was collected.
    """
    from app.evidence.verify import verify as judge

    with reading(root, wanted) as (folder, session):
        verdicts = list(judge(session, folder))
    wrong = [verdict for verdict in verdicts if verdict.state != "sound"]
    if as_json:
        put_json(
            [
                {
                    "source": verdict.source,
                    "artifact": verdict.artifact.path,
                    "state": verdict.state,
                    "sha256": verdict.artifact.sha256,
                    "found": verdict.found,
                    "sentence": verdict.sentence,
                }
                for verdict in verdicts
            ]
        )
    elif not verdicts:
        remark("There is no evidence yet: collect it with `blamefree collect SESSION`.")
    else:
        for verdict in wrong:
            say(verdict.sentence)
        sound = len(verdicts) - len(wrong)
        say(f"{sound:,} of {len(verdicts):,} pieces of evidence are what was collected.")
    return MISSING if wrong else 0
