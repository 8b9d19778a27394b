"""The weekly look at the open actions of all reviews, for a stand-up, a pipe, or a job that must fail."""

import asyncio
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.common import examples, json_option, put_json, remark, say, sessions_option, table
from app.opening import root_of
from app.problems import MISSING

if TYPE_CHECKING:
    from app.store.shelf import Shelved
    from app.tracking.review import ClosedAction, OpenAction, Weekly


def _day(_context: click.Context, parameter: click.Parameter, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"“{text}” is not a date: write 2025-02-16.", param=parameter) from None


@click.command(
    short_help="Print the open actions of all reviews.",
    epilog=examples(
        "blamefree review",
        "blamefree review --sync --markdown >> standup.md",
        "blamefree review --json | jq '.unsponsored'",
    ),
)
@click.option("--markdown", is_flag=True, help="Print Markdown for a stand-up.")
@click.option(
    "--by-owner", is_flag=True, help="One owner after the other, each with the most pressing first."
)
@click.option(
    "--since",
    metavar="DATE",
    callback=_day,
    help="Show what was done or declined since that day.  [default: seven days ago]",
)
@click.option("--sync", is_flag=True, help="First read the tickets' states from the trackers.")
@json_option
@sessions_option
def review(
    markdown: bool, by_owner: bool, since: date | None, sync: bool, as_json: bool, root: Path | None
) -> int:
    """Print the open actions of all reviews: overdue, due soon, without a date, the rest.

    Then who has what, high-priority actions without a sponsor, and what was closed lately. Exits with 1 when an
    action is overdue, or a review or a tracker could not be read.
    """
    from app.redaction.session import masked
    from app.store.shelf import shelf
    from app.tracking.review import Known, as_markdown, overdue, weekly
    from app.tracking.review import by_owner as grouped
    from screens.syncing import synced, told

    failed, known = False, []
    silent: dict[str, str] = {}
    problems: list[tuple[Shelved, str]] = []
    for each in shelf(root_of(root)):
        if each.problem:
            remark(f"{each.folder.name}: {each.problem}")
            failed = True
            continue
        if sync:
            if sys.stderr.isatty():
                remark(f"reading the tickets of {each.folder.name}")
            each, problem = asyncio.run(synced(each, silent))
            problems.append((each, problem))
        session = masked(each.session)
        known.append(Known(session.incident.title or each.folder.name, session, str(each.folder)))
    for sentence in told(problems):
        remark(sentence)
        failed = True
    found = weekly(known, datetime.now().astimezone().date(), since)
    rows = grouped(found.open) if by_owner else found.open
    if as_json:
        put_json(_facts(found, rows))
    elif markdown:
        say(as_markdown(found).rstrip())
    else:
        _print(found, rows)
    return MISSING if failed or overdue(found.open) else 0


def _facts(found: "Weekly", rows: "tuple[OpenAction, ...]") -> dict[str, Any]:
    return {
        "open": [asdict(row) for row in rows],
        "owners": [asdict(load) for load in found.loads],
        "unsponsored": [{"folder": row.folder, "id": row.id} for row in found.unsponsored],
        "since": found.since,
        "closed": [asdict(row) for row in found.closed],
    }


def _print(found: "Weekly", rows: "tuple[OpenAction, ...]") -> None:
    from app.tracking.review import spell_load

    if rows:
        table([_line(row) for row in rows], least=("age", "sponsor", "priority"))
    else:
        remark("No open actions.")
    # A pipe gets one table; the rest is for people.
    for load in found.loads if rows else ():
        remark(spell_load(load))
    if found.unsponsored:
        names = ", ".join(f"{row.id} of {row.review}" for row in found.unsponsored)
        remark(f"High priority without a sponsor: {names}.")
    for row in found.closed:
        remark(_closed_line(row))


def _line(row: "OpenAction") -> dict[str, str]:
    from app.tracking.review import spell_due, spell_sponsor, spell_tracker

    said = spell_tracker(row)
    return {
        "due": spell_due(row) + (f" ({said})" if said else ""),
        "owner": row.owner or "-",
        "priority": row.priority or "-",
        "sponsor": spell_sponsor(row),
        "age": "-" if row.age is None else f"{row.age} d",
        "action": row.text,
        "id": row.id,
        "review": row.review,
    }


def _closed_line(row: "ClosedAction") -> str:
    why = f" ({row.reason})" if row.reason else ""
    return f"{row.status} {row.closed_on}: {row.text}, {row.id} of {row.review}{why}"
