"""What goes out of a review: the report, and what is missing in it."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.commands.common import (
    examples,
    json_option,
    put_json,
    reading,
    remark,
    say,
    session_argument,
    sessions_option,
)
from app.problems import MISSING

if TYPE_CHECKING:
    from app.review.records import Session

_SUFFIXES = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".json": "json"}


@click.command(
    short_help="Print or write the report.",
    epilog=examples(
        "blamefree report api-service", "blamefree report api-service --format html -o report.html"
    ),
)
@session_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "html", "json"]),
    help="Format of the report.  [default: from the file's name, else md]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of the terminal.",
)
@click.option(
    "--plain",
    is_flag=True,
    help="Leave out the comment from which `blamefree import` reads the review again.",
)
@sessions_option
def report(wanted: str, form: str | None, output: Path | None, plain: bool, root: Path | None) -> None:
    """Print the report as Markdown, HTML or JSON, or write it to a file."""
    from app.report.render import render

    if form is None:
        form = _SUFFIXES.get(output.suffix.lower(), "md") if output else "md"
    with reading(root, wanted) as (_, session):
        text = render(session, form, exact=not plain)
    if output is None:
        # Encoded for its format already; control characters never got this far.
        click.echo(text, nl=not text.endswith("\n"))
        return
    from app.report.write import write_to

    remark(f"written to {write_to(output, text)}")


@click.command(
    short_help="Print what is missing.",
    epilog=examples("blamefree check api-service", "blamefree check api-service --json"),
)
@session_argument
@json_option
@sessions_option
def check(wanted: str, as_json: bool, root: Path | None) -> int:
    """Print the seven things that make a review complete, what is missing, and notes on the actions.

    Exits with 1 while something is missing.
    """
    from app.review.checklist import checklist

    with reading(root, wanted) as (_, session):
        items = checklist(session)
    if as_json:
        put_json([asdict(item) for item in items])
    else:
        for item in items:
            say(f"[{'x' if item.done else ' '}] {item.text}")
            if not item.done:
                say(f"    {item.missing}  (screen: {item.screen})")
        _say_gate(session)
    return 0 if all(item.done for item in items) else MISSING


def _say_gate(session: "Session") -> None:
    """What the gate says about the actions; hints are for the screen."""
    from app.review import gate

    today = datetime.now().astimezone().date()
    found = [(action.id, each) for action in session.actions for each in gate.check(action, session, today)]
    found += [("all", each) for each in gate.overall(session)]
    for name, each in found:
        if each.level != "info":
            say(f"note {name} {each.rule}: {each.say}")
            if each.better:
                say(f"    better: {each.better}")
