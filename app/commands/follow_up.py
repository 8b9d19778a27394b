"""After the report: the calendar, and the open actions of all reviews."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

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
    table,
)
from app.opening import root_of
from app.problems import MISSING


@click.command(
    short_help="Write a calendar file.", epilog=examples("blamefree calendar api-service -o post-mortem.ics")
)
@session_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of the terminal.",
)
@sessions_option
def calendar(wanted: str, output: Path | None, root: Path | None) -> int:
    """Write a calendar file: report due, weekly look at open actions, due dates, follow-up.

    Exits with 1 when the review has no date to put into it yet.
    """
    from app.report.write import write_to
    from app.tracking.calendar import calendar as reminders

    with reading(root, wanted) as (_, session):
        data = reminders(session, now=datetime.now(UTC))
    count = data.count(b"BEGIN:VEVENT")
    if not count:
        remark("The review has no date yet: set its end, due dates, or the follow-up.")
        return MISSING
    if output is None:
        click.echo(data, nl=False)
        return 0
    entries = "1 entry" if count == 1 else f"{count} entries"
    remark(f"{entries} written to {write_to(output, data.decode())}")
    return 0


@click.command(
    short_help="Print the open actions of all reviews.",
    epilog=examples("blamefree review", "blamefree review --markdown >> standup.md"),
)
@click.option("--markdown", is_flag=True, help="Print a Markdown table.")
@json_option
@sessions_option
def review(markdown: bool, as_json: bool, root: Path | None) -> int:
    """Print the open actions of all reviews, overdue ones first.

    Exits with 1 when a review could not be read.
    """
    from app.commands.reviews import read_card
    from app.redaction.session import masked
    from app.store.catalogue import sessions
    from app.store.errors import StoreError
    from app.tracking.review import as_markdown, open_actions, spell_due

    known, unread = [], 0
    for card in sessions(root_of(root)):
        try:
            known.append((card.title or card.folder.name, masked(read_card(card))))
        except StoreError as problem:
            remark(f"{card.folder.name}: {problem}")
            unread += 1
    rows = open_actions(known, datetime.now().astimezone().date())
    if as_json:
        put_json([asdict(row) for row in rows])
    elif markdown:
        say(as_markdown(rows).rstrip())
    elif rows:
        table(
            [
                {
                    "due": spell_due(row),
                    "owner": row.owner or "-",
                    "priority": row.priority or "-",
                    "action": row.text,
                    "id": row.id,
                    "review": row.review,
                }
                for row in rows
            ]
        )
    else:
        remark("No open actions.")
    return MISSING if unread else 0
