"""Making, opening and listing reviews."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import opening
from app.commands.common import (
    examples,
    json_option,
    put_json,
    remark,
    say,
    session_argument,
    sessions_option,
    table,
)
from app.problems import MISSING, working_in

if TYPE_CHECKING:
    from app.review.records import Session
    from app.store.catalogue import Card


@click.command(
    short_help="Begin a review.",
    epilog=examples(
        'blamefree new "API Service Degradation" --severity P1 \\',
        "    --start 2025-02-09T10:05:23Z --end 2025-02-09T10:40:00Z --service api-service \\",
        "    --source prometheus:url=http://prometheus:9090",
    ),
)
@click.argument("title")
@click.option("--severity", default="", help="For example P1.")
@click.option("--start", default="", metavar="TIME", help="When it began, such as 2025-02-09T10:05:23Z.")
@click.option("--end", default="", metavar="TIME", help="When it was over; 10:40 is on the day it began.")
@click.option(
    "--timezone", default="UTC", show_default=True, help="Zone of times that name none, and for display."
)
@click.option("--service", "services", multiple=True, help="An affected service; may be given again.")
@click.option("--author", "authors", multiple=True, help="Who writes the report; may be given again.")
@click.option(
    "--id", "review_id", default="", help="Name of the review in tickets.  [default: PM- and the day]"
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="KIND:KEY=VALUE,…",
    help="Where evidence comes from; may be given again. See also `blamefree source`.",
)
@json_option
@sessions_option
def new(
    title: str,
    severity: str,
    start: str,
    end: str,
    timezone: str,
    services: tuple[str, ...],
    authors: tuple[str, ...],
    review_id: str,
    sources: tuple[str, ...],
    as_json: bool,
    root: Path | None,
) -> None:
    """Begin a review, and print its folder."""
    from app.commands.confirming import confirm_own
    from app.commands.sources import source_from_word
    from app.history import Desk
    from app.review import edits
    from app.review.records import Incident, Session
    from app.store.catalogue import free_id, new_folder

    if not title.strip():
        raise click.BadParameter("a review needs a title.", param_hint="TITLE")
    home = opening.root_of(root)
    started, ended = _window(start, end, timezone)
    session = Session(
        id=review_id or free_id(home, (started or datetime.now().astimezone()).date()),
        incident=Incident(
            title=title,
            severity=severity,
            started_at=started,
            ended_at=ended,
            timezone=timezone,
            services=services,
            authors=authors,
        ),
    )
    for word in sources:
        own = source_from_word(word)
        confirm_own(own)
        session = edits.add(session, "sources", own)
    folder = new_folder(home, session)
    with working_in(folder):
        Desk.create(folder, session).close()
    if as_json:
        put_json({"folder": str(folder), "id": session.id})
        return
    say(str(folder))
    remark(f"Next: blamefree open {folder.name}")


def _window(start: str, end: str, timezone: str) -> tuple[datetime | None, datetime | None]:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.BadParameter(
            f"there is no zone “{timezone}”: write it like Europe/Berlin.", param_hint="--timezone"
        ) from error
    started = _moment(start, "--start", datetime.now(zone).date(), timezone)
    day = started.astimezone(zone).date() if started else datetime.now(zone).date()
    ended = _moment(end, "--end", day, timezone)
    if started and ended and ended < started and len(end.strip()) <= len("10:40:00"):
        ended += timedelta(days=1)  # a bare time before the start is past midnight
    if started and ended and ended < started:
        raise click.BadParameter("the incident ends before it begins.", param_hint="--end")
    return started, ended


def _moment(text: str, option: str, day: date, timezone: str) -> datetime | None:
    from zoneinfo import ZoneInfo

    from app.review.moments import Context, read_exactly

    if not text.strip():
        return None
    reading = read_exactly(text, Context(day, ZoneInfo(timezone)))
    if reading is None or reading.until is not None:
        raise click.BadParameter(
            f"“{text}” is not a time: write 2025-02-09T10:05:23Z, or 10:05 for {day}.", param_hint=option
        )
    return reading.at


@click.command(
    "open",
    short_help="Open a review where it was left.",
    epilog=examples("blamefree open api-service --screen timeline"),
)
@session_argument
@click.option(
    "--screen", type=click.Choice(opening.STEPS), help="Where to begin.  [default: where it was left]"
)
@sessions_option
def open_review(wanted: str, screen: str | None, root: Path | None) -> int:
    """Open a review where it was left."""
    return opening.review(opening.root_of(root), wanted, screen or "")


@click.command(
    short_help="Rehearse on a copy of the sample.",
    epilog=examples("blamefree demo"),
)
@sessions_option
def demo(root: Path | None) -> int:
    """Rehearse on a fresh copy of the sample review."""
    return opening.demo(opening.root_of(root))


@click.command(
    "list",
    short_help="List the reviews.",
    epilog=examples("blamefree list", "blamefree list --json | jq -r '.[].folder'"),
)
@json_option
@sessions_option
def list_reviews(as_json: bool, root: Path | None) -> int:
    """List the reviews, the last saved first.

    Exits with 1 when one of them cannot be read.
    """
    from app.store.catalogue import sessions

    home = opening.root_of(root)
    found = [_facts(card) for card in sessions(home)]
    if as_json:
        put_json(found)
    elif found:
        table([_line(facts) for facts in found], least=("date", "step", "sev", "overdue"))
    else:
        remark(f"No reviews in {home} yet: make one with `blamefree new`, or try `blamefree demo`.")
    return MISSING if any(facts["problem"] for facts in found) else 0


def read_card(card: "Card") -> "Session":
    """The review behind a line of the catalogue, with what is in its journal. Raises StoreError."""
    from app.history import Desk

    with Desk.open(card.folder, read_only=True) as desk:
        return desk.session


def _facts(card: "Card") -> dict[str, Any]:
    from app.review.progress import progress
    from app.store.errors import StoreError
    from app.tracking.review import Known, open_actions, overdue

    facts: dict[str, Any] = {
        "folder": str(card.folder),
        "id": card.id,
        "title": card.title,
        "severity": card.severity,
        "status": card.status,
        "started": card.started,
        "saved_at": card.saved_at,
        "step": "",
        "checklist": None,
        "open_actions": None,
        "overdue": None,
        "problem": card.problem,
    }
    if card.problem:
        return facts
    try:
        session = read_card(card)
    except StoreError as problem:
        return facts | {"problem": str(problem)}
    done = progress(session)
    begun = [step.name for step in done.steps if step.state != "empty"]
    actions = open_actions([Known("", session)], datetime.now().astimezone().date())
    return facts | {
        "title": session.incident.title,
        "severity": session.incident.severity,
        "status": session.incident.status,
        "step": begun[-1] if begun else "",
        "checklist": f"{done.done}/{len(done.items)}",
        "open_actions": len(actions),
        "overdue": overdue(actions),
    }


def _line(facts: dict[str, Any]) -> dict[str, str]:
    name = Path(facts["folder"]).name
    if facts["problem"]:
        return {
            "review": name,
            "sev": "✗",
            "date": "",
            "step": "",
            "checklist": "",
            "open": "",
            "overdue": "",
        } | {"title": facts["problem"]}
    return {
        "review": name,
        "sev": facts["severity"] or "-",
        "date": str(facts["started"] or "-"),
        "step": facts["step"] or "new",
        "checklist": facts["checklist"],
        "open": str(facts["open_actions"]),
        "overdue": str(facts["overdue"] or "-"),
        "title": facts["title"],
    }
