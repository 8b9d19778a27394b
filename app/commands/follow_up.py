"""After the report: tickets, calendar, and the open actions of all reviews."""

import asyncio
import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
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
    writing,
)
from app.opening import root_of
from app.problems import MISSING
from app.review.plain import visible

if TYPE_CHECKING:
    from app.history import Desk
    from app.review.records import Session, Ticket, Tracking
    from app.tracking.export import Outcome
    from app.tracking.interface import Planned, Tracker

_GOOD = {"created", "found", "exists", "skipped"}


@click.command(
    short_help="Make tickets for the actions.",
    epilog=examples(
        "blamefree track api-service --to github --repo acme/api --dry-run",
        "blamefree track api-service --to github --repo acme/api",
    ),
)
@session_argument
@click.option(
    "--to", "tracker", metavar="TRACKER", help="Kind of tracker, such as github.  [default: as last time]"
)
@click.option("--repo", metavar="OWNER/NAME", help="Where tickets are made.  [default: as last time]")
@click.option("--base-url", metavar="URL", help="API of a server of your own, https://HOST/api/v3.")
@click.option("--label", "labels", multiple=True, help="Label of every ticket; may be given again.")
@click.option("--dry-run", is_flag=True, help="Print exactly what would be sent, and send nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before tickets are made.")
@json_option
@sessions_option
def track(
    wanted: str,
    tracker: str | None,
    repo: str | None,
    base_url: str | None,
    labels: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
    root: Path | None,
) -> int:
    """Make a ticket for every action that has none, each exactly once.

    Safe to interrupt and to repeat. Exits with 1 when a ticket could not be made.
    """
    from app.tracking.interface import open_tracker

    given = {"tracker": tracker, "repo": repo, "base_url": base_url, "labels": labels or None}
    with reading(root, wanted) as (_, session):
        settings = _settings(session, given)
        chosen = open_tracker(settings, os.environ)
        plan = chosen.plan(session)
    if dry_run:
        _show_plan(plan, as_json=as_json)
        return 0
    count = sum(planned.state == "create" for planned in plan)
    if count and not yes and sys.stdin.isatty() and sys.stdout.isatty():
        click.confirm(f"Make {count} ticket{'' if count == 1 else 's'} in {settings.repo}?", abort=True)
    with writing(root, wanted) as desk:
        if settings != desk.session.tracking:
            _remember(desk, settings)
        outcomes = asyncio.run(_export(chosen, desk))
    if as_json:
        put_json([_outcome_facts(one) for one in outcomes])
    else:
        for one in outcomes:
            say(f"{one.action_id}\t{one.result}\t{one.sentence}")
    return 0 if all(one.result in _GOOD for one in outcomes) else MISSING


def _settings(session: "Session", given: dict[str, Any]) -> "Tracking":
    from app.review.edits import revise

    changes = {name: value for name, value in given.items() if value is not None}
    settings = revise(session.tracking, **changes) if changes else session.tracking
    if not settings.tracker:
        raise Problem("No tracker is chosen yet: write --to github --repo OWNER/NAME.")
    return settings


def _remember(desk: "Desk", settings: "Tracking") -> None:
    from app.review import edits

    changes = {name: getattr(settings, name) for name in ("tracker", "repo", "base_url", "labels")}
    desk.apply("Choose where tickets are made", lambda session: edits.set_tracking(session, **changes))


async def _export(tracker: "Tracker", desk: "Desk") -> "tuple[Outcome, ...]":
    from app.review import edits
    from app.tracking.export import export

    def link(action_id: str, ticket: "Ticket") -> None:
        desk.apply(
            f"Link {action_id} to its ticket",
            lambda session: edits.change(session, "actions", {action_id}, ticket=ticket),
            screen="track",
        )
        # The link must be on disk before the next ticket is made.
        desk.flush()

    async with tracker:
        return await export(tracker, desk.session, desk, link, on_step=remark)


def _show_plan(plan: "list[Planned]", *, as_json: bool) -> None:
    if as_json:
        put_json(
            [
                {
                    "action": each.action_id,
                    "state": each.state,
                    "reason": each.reason,
                    "method": each.method,
                    "url": each.url,
                    "body": dict(each.body),
                }
                for each in plan
            ]
        )
        return
    for each in plan:
        say(f"{each.action_id}: {each.state} ({each.reason})")
        if each.url:
            say(f"{each.method} {each.url}")
            say(_exactly(json.dumps(dict(each.body), indent=2, ensure_ascii=False)))
    if not plan:
        remark("The review has no actions yet.")


def _exactly(text: str) -> str:
    """JSON that says the same, with characters that cannot be seen as the escapes that JSON has for them."""
    return "".join(each if visible(each) == each else f"\\u{ord(each):04x}" for each in text)


def _outcome_facts(one: "Outcome") -> dict[str, Any]:
    return {
        "action": one.action_id,
        "result": one.result,
        "sentence": one.sentence,
        "url": one.ticket.url if one.ticket else "",
    }


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
    from app.store.catalogue import sessions
    from app.store.errors import StoreError
    from app.tracking.review import as_markdown, open_actions, spell_due

    known, unread = [], 0
    for card in sessions(root_of(root)):
        try:
            known.append((card.title or card.folder.name, read_card(card)))
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
