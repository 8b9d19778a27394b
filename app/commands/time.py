"""What a time expression means: for a person in one line, for a program in JSON lines."""

import json
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from app.commands.common import Problem, examples, put_json, say

if TYPE_CHECKING:
    from app.review.timewords import Zone

_UNDECLARED = "Europe/London"


@click.command(
    "time",
    # "--:--" and "-5m" are times.
    # Named again: click remembers the names that a command was first asked with.
    context_settings={"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]},
    short_help="Say what a time expression means.",
    epilog=examples(
        'blamefree time "~10:15" --date 2025-02-09 --zone Europe/Berlin',
        'blamefree time "22:14 -> 04:00" --date 2025-02-09 --json',
        "blamefree time --json < expressions.jsonl",
    ),
)
@click.argument("expression", required=False)
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d"]),
    metavar="DATE",
    help="The day of a time without one: 2025-02-09.",
)
@click.option(
    "--zone",
    metavar="ZONE",
    help="The zone of a time without one: Europe/Berlin, CET, UTC+2.  [default: UTC]",
)
@click.option(
    "--undeclared",
    metavar="ZONE",
    default=_UNDECLARED,
    show_default=True,
    help='What "tz": null is taken for: a document that was looked at and names no zone.',
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON; without EXPRESSION, read JSON lines on standard input.",
)
def time(
    expression: str | None,
    day: datetime | None,
    zone: str | None,
    undeclared: str,
    as_json: bool,
) -> int:
    """Say what a time expression means: its first and last instant, and how exact it is.

    With --json and without EXPRESSION, reads lines {"raw": …, "context": {"date": …, "tz": …}} and prints an
    object for each; a line that cannot be read gives an object with "error". Exits with 2 where EXPRESSION
    holds no time.
    """
    from app.review.timewords import UTC_ZONE

    assumed = _zone(undeclared, "--undeclared")
    if expression is None:
        if not as_json:
            raise click.UsageError(
                'Give an expression, as in blamefree time "~10:15", or --json to read JSON lines.'
            )
        _answer_lines(assumed)
        return 0
    named = _zone(zone, "--zone") if zone else UTC_ZONE
    _answer(expression, day.date() if day else None, named, as_json=as_json)
    return 0


def _answer(expression: str, day: date | None, zone: "Zone", *, as_json: bool) -> None:
    from app.review.timewords import Context, find
    from app.review.timewords.terms import in_words, terms

    found = find(expression, Context(day=day, zone=zone, events=True))
    if as_json:
        put_json(terms(found), indent=None)
        return
    if found.kind == "order" and not found.reason:
        raise Problem(
            f"“{expression}” holds no time: write it like 10:15, ~10:15, 10:15-10:22 or 2025-02-09 10:15."
        )
    if found.start is None and found.clock_first is not None:
        raise Problem(f"“{expression}” does not say on which day: add --date 2025-02-09.")
    say(in_words(found, zone))


def _answer_lines(undeclared: "Zone") -> None:
    """An answer for every line on standard input, at once, so that a program can ask and wait."""
    from app.review.timewords.terms import read_record

    for line in sys.stdin.buffer:
        record: Any
        try:
            record = json.loads(line.decode("utf-8", "replace").lstrip("\ufeff"))
        except (ValueError, RecursionError):
            # One answer for each line, so that the tenth answer is that of the tenth line.
            said = "The line is not JSON." if line.strip() else "The line is empty."
            put_json({"error": said}, indent=None)
        else:
            put_json(read_record(record, undeclared), indent=None)
        sys.stdout.flush()


def _zone(name: str, option: str) -> "Zone":
    from app.review.timewords import named

    found = named(name)
    if found is None:
        raise click.BadParameter(
            f"there is no zone “{name}”: write it like Europe/Berlin, CET or UTC+2.", param_hint=option
        )
    return found
