"""After the report: the calendar, and the review four weeks later."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    writing,
)
from app.opening import root_of
from app.problems import MISSING

if TYPE_CHECKING:
    from app.review.records import Action
    from app.tracking.review import Known


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


@click.command(
    "follow-up",
    short_help="Look back four weeks later.",
    epilog=examples(
        "blamefree follow-up api-service --dry-run",
        'blamefree follow-up api-service --note "the pool alert fired twice since, and helped"',
    ),
)
@session_argument
@click.option("--note", default="", metavar="TEXT", help="What the people in the follow-up want to keep.")
@click.option("--dry-run", is_flag=True, help="Print it, and write nothing.")
@json_option
@sessions_option
def follow_up(wanted: str, note: str, dry_run: bool, as_json: bool, root: Path | None) -> int:
    """Print what was done, what was declined and why, what is open, and incidents that are relatives of this one.

    It is written into the review as one edit. Relatives share services and words of factors; each says which.
    Exits with 1 while an action is open, or was declined without a reason.
    """
    from app.tracking.followup import as_text, with_follow_up
    from app.tracking.followup import follow_up as look_back

    today = datetime.now().astimezone().date()
    others = every_review(root_of(root))
    with reading(root, wanted) as (_, session):
        found = look_back(session, others, today)
    if not dry_run:
        with writing(root, wanted) as desk:
            desk.apply("Follow up", lambda current: with_follow_up(current, found, note), screen="track")
    from app.redaction.session import masked_data, masked_text

    if as_json:
        facts = {
            "on": found.on,
            "done": [_fact(each) for each in found.done],
            "declined": [_fact(each) for each in found.declined],
            "open": [_fact(each) for each in found.open],
            "relatives": [asdict(each) for each in found.relatives],
        }
        put_json(masked_data(session, facts))
    else:
        say(masked_text(session, as_text(found)))
    return MISSING if found.open or found.unexplained else 0


def every_review(root: Path) -> "list[Known]":
    """Every review below *root* that can be read; the others are named on standard error."""
    from app.store.shelf import shelf
    from app.tracking.review import Known

    known = []
    for each in shelf(root):
        if each.problem:
            remark(f"{each.folder.name}: {each.problem}")
        else:
            known.append(Known(each.title, each.session, str(each.folder)))
    return known


def _fact(action: "Action") -> dict[str, Any]:
    return action.model_dump(
        mode="json", include={"id", "text", "owner", "due", "reason", "closed_on", "status"}
    )
