"""After the report: the calendar."""

from datetime import UTC, datetime
from pathlib import Path

import click

from app.commands.common import (
    examples,
    reading,
    remark,
    session_argument,
    sessions_option,
)
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
@click.option("--due/--no-due", default=True, show_default=True, help="An entry for each action's due date.")
@sessions_option
def calendar(wanted: str, output: Path | None, due: bool, root: Path | None) -> int:
    """Write a calendar file: meeting, report due, weekly look at open actions, due dates, follow-up.

    Importing it again updates what is there: names of entries stay, and their numbers grow.

    Exits with 1 when the review has no date to put into it yet.
    """
    from app.report.write import write_to
    from app.tracking.calendar import calendar as reminders

    with reading(root, wanted) as (_, session):
        data = reminders(session, now=datetime.now(UTC), due_dates=due)
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
