"""Tickets for the actions of a review: shown, made, changed, linked."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
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
    writing,
)
from app.problems import MISSING
from app.review.plain import one_line, visible

if TYPE_CHECKING:
    from app.history import Desk
    from app.review.records import Session, Ticket, Tracking
    from app.tracking.export import Outcome
    from app.tracking.interface import Planned, Tracker

_KEPT = ("tracker", "repo", "base_url", "labels", "milestone", "report")


@click.command(
    short_help="Make tickets for the actions.",
    epilog=examples(
        "blamefree track api-service --to github --repo acme/api --dry-run",
        "blamefree track api-service --to github --repo acme/api",
        "blamefree track api-service --update",
    ),
)
@session_argument
@click.option(
    "--to",
    "tracker",
    metavar="TRACKER",
    help="github, gitlab …, or a tracker of your settings.  [default: as last time]",
)
@click.option("--repo", metavar="NAME", help="Repository, project, team or file.  [default: as last time]")
@click.option("--base-url", metavar="URL", help="The server, where there is no public one.")
@click.option("--label", "labels", multiple=True, help="Label of every ticket; may be given again.")
@click.option("--milestone", metavar="NAME", help="Milestone of every ticket.")
@click.option("--report", metavar="URL", help="Address of the report, for every ticket to name.")
@click.option("--update", is_flag=True, help="Change the tickets of actions that have changed, too.")
@click.option(
    "--again", multiple=True, metavar="ID:CODE", help="Make the ticket in doubt: you looked, it is not there."
)
@click.option(
    "--overwrite", multiple=True, metavar="ID", help="Change its ticket, also what people have changed in it."
)
@click.option(
    "--keep",
    multiple=True,
    metavar="ID",
    help="Leave its ticket as people have changed it: it is up to date.",
)
@click.option(
    "--link", "links", multiple=True, metavar="ID=URL", help="Link an action to a ticket that exists."
)
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
    milestone: str | None,
    report: str | None,
    update: bool,
    again: tuple[str, ...],
    overwrite: tuple[str, ...],
    keep: tuple[str, ...],
    links: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
    root: Path | None,
) -> int:
    """Make a ticket for every action that has none, each exactly once.

    Safe to interrupt and to repeat. Exits with 1 when a ticket could not be made.
    """
    from app.settings import load_settings
    from app.tracking.choosing import open_tracker
    from app.tracking.export import GOOD

    given = {
        "tracker": tracker, "repo": repo, "base_url": base_url, "labels": labels or None, "milestone": milestone,
        "report": report,
    }  # fmt: skip
    person = load_settings()
    for problem in person.problems:
        remark(problem)
    if links and not dry_run:
        with writing(root, wanted) as desk:
            _link_by_hand(desk, links)
    with reading(root, wanted) as (_, session):
        settings = _settings(session, given)
        chosen = open_tracker(settings, os.environ, person)
        plan = chosen.plan(session)
        _known((*(each.rpartition(":")[0] or each for each in again), *overwrite, *keep), session)
    if dry_run:
        _show_plan(asyncio.run(_prepared(chosen, plan)), as_json=as_json)
        return 0
    named = {*overwrite, *keep}
    count = sum(
        each.state == "create" or (each.state == "changed" and (update or each.action_id in named))
        for each in plan
    )
    if count and not yes and sys.stdin.isatty() and sys.stdout.isatty():
        doing = "Make or change" if update or named else "Make"
        click.confirm(f"{doing} {count} ticket{'' if count == 1 else 's'} in {chosen.target}?", abort=True)
    with writing(root, wanted) as desk:
        if settings != desk.session.tracking:
            _remember(desk, settings)
        try:
            outcomes = asyncio.run(
                _export(chosen, desk, update=update, again=again, overwrite=overwrite, keep=keep)
            )
        except KeyboardInterrupt:
            remark("Stopped. What was made is linked; the same command goes on with the rest.")
            raise
    if as_json:
        put_json([_outcome_facts(one) for one in outcomes])
    else:
        for one in outcomes:
            say(f"{one.action_id}\t{one.result}\t{one.sentence}")
            if one.answer:
                remark(f"There: --link {one.action_id}=URL    Not there: --again {one.answer}")
            elif one.result == "edited":
                remark(f"Keep it: --keep {one.action_id}    Write it over: --overwrite {one.action_id}")
        if any(one.result == "changed" for one in outcomes):
            remark("Actions have changed since their tickets were made: --update changes those, too.")
    return 0 if all(one.result in GOOD for one in outcomes) else MISSING


def _settings(session: "Session", given: dict[str, Any]) -> "Tracking":
    from app.review.edits import revise

    changes = {name: value for name, value in given.items() if value is not None}
    settings = revise(session.tracking, **changes) if changes else session.tracking
    if not settings.tracker:
        raise Problem("No tracker is chosen yet: write --to github --repo OWNER/NAME.")
    return settings


def _remember(desk: "Desk", settings: "Tracking") -> None:
    from app.review import edits

    changes = {name: getattr(settings, name) for name in _KEPT}
    desk.apply("Choose where tickets are made", lambda session: edits.set_tracking(session, **changes))


def _known(names: Sequence[str], session: "Session") -> None:
    unknown = [name for name in names if name not in {action.id for action in session.actions}]
    if unknown:
        raise Problem(
            f"There is no action {one_line(unknown[0])}: name one as the actions list does, AI-001."
        )


def _link_by_hand(desk: "Desk", links: Sequence[str]) -> None:
    """Link actions to tickets that people found."""
    from app.markdown import safe_url
    from app.review.records import Ticket

    pairs = [each.partition("=") for each in links]
    _known([name for name, _, _ in pairs], desk.session)
    for name, _, url in pairs:
        if not safe_url(url):
            raise Problem(f"“{one_line(url)}” is no address: write --link {one_line(name)}=https://…")
    for name, _, url in pairs:
        _link(desk, name, Ticket(url=url))
    desk.flush()


def _link(desk: "Desk", action_id: str, ticket: "Ticket") -> None:
    from app.review import edits

    desk.apply(
        f"Link {action_id} to its ticket",
        lambda session: edits.change(session, "actions", {action_id}, ticket=ticket),
        screen="track",
    )


async def _prepared(tracker: "Tracker", plan: "list[Planned]") -> "list[Planned]":
    """*plan* as it would be sent: with the numbers that are looked up first, where the tracker can be asked."""
    from app.tracking.interface import TrackingProblem

    if not any(each.open for each in plan):
        return plan

    async def prepared(each: "Planned") -> "Planned":
        try:
            return await tracker.prepare(each)
        except TrackingProblem as problem:
            if problem.stops:
                raise
            return replace(each, remarks=(*each.remarks, str(problem)))

    try:
        async with tracker:
            return [await prepared(each) for each in plan]
    except TrackingProblem as problem:
        remark(f"{problem} What stands in ‹ › is looked up before anything is sent.")
        return plan


async def _export(
    tracker: "Tracker",
    desk: "Desk",
    *,
    update: bool,
    again: Sequence[str],
    overwrite: Sequence[str],
    keep: Sequence[str],
) -> "tuple[Outcome, ...]":
    from app.tracking.export import export

    def link(action_id: str, ticket: "Ticket") -> None:
        _link(desk, action_id, ticket)
        # The link must be on disk before the next ticket is made.
        desk.flush()

    async with tracker:
        return await export(
            tracker, desk.session, desk, link,
            on_step=remark, update=update, again=again, overwrite=overwrite, keep=keep,
        )  # fmt: skip


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
                    "looked_up": list(each.open),
                    "remarks": list(each.remarks),
                }
                for each in plan
            ]
        )
        return
    for each in plan:
        say(f"{each.action_id}: {each.state} ({'; '.join((each.reason, *each.remarks))})")
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
        "answer": one.answer,
    }
