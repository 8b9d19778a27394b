"""A row of the timeline from any shell, while the incident is still running."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import opening
from app.commands.common import (
    Problem,
    examples,
    json_option,
    place,
    put_json,
    remark,
    say,
    sessions_option,
)
from app.problems import ended, working_in

if TYPE_CHECKING:
    from app.review.records import Event, Session

_MOST = 1000
"""Lines of a pipe that become rows: more is a log, and evidence."""


@click.command(
    short_help="Add a row to the timeline from any shell.",
    epilog=examples(
        'blamefree note "pool exhausted @oncall #symptom <app logs>"',
        'blamefree note "-5m somebody restarted the pooler"',
        "pbpaste | blamefree note",
    ),
)
@click.argument("words", metavar="[TEXT]", nargs=-1)
@click.option(
    "--session", "wanted", metavar="SESSION", help="The review.  [default: the one that was opened last]"
)
@json_option
@sessions_option
def note(words: tuple[str, ...], wanted: str | None, as_json: bool, root: Path | None) -> None:
    """Add a row to the timeline, also while the review is open elsewhere: the row appears there.

    TEXT is what the capture line takes; without a time it is now. Without TEXT, every line of standard input is
    a row. Without any review, begins one.
    """
    from app.store import inbox

    lines = _lines(words)
    folder = place(root, wanted) if wanted else _last(root)
    begun = folder is None
    if folder is None:
        folder = _begin(opening.root_of(root))
    with working_in(folder):
        session, noted = _events(folder, lines)
        keys = inbox.put(folder, noted)
        problem = _fold(folder)
    facts = [
        {"text": event.text, "at": event.at.isoformat() if event.at else "", "key": key}
        for event, key in zip(noted, keys, strict=True)
    ]
    if as_json:
        put_json({"folder": str(folder), "begun": begun, "waits": bool(problem), "rows": facts})
        return
    if begun:
        remark(f"There was no review yet: {folder} was begun.")
    for event in noted:
        say(_told(event, session))
    remark(f"Noted in {folder.name}{f': {problem}' if problem else '.'}")


def _lines(words: tuple[str, ...]) -> list[str]:
    if words:
        lines = " ".join(words).split("\n")
    elif sys.stdin.isatty():
        raise click.UsageError('Say what happened, as in blamefree note "pool exhausted @oncall #symptom".')
    else:
        raw = sys.stdin.buffer.read(4 * 1024 * 1024)
        lines = raw.decode("utf-8", "replace").splitlines()
    lines = [line.strip() for line in lines if line.strip()]
    if not lines:
        raise click.UsageError('There is nothing to note: say it, as in blamefree note "pool exhausted".')
    if len(lines) > _MOST:
        raise Problem(
            f"{len(lines):,} lines are a log rather than notes: add the file with "
            "`blamefree source SESSION add file`."
        )
    return lines


def _last(root: Path | None) -> Path | None:
    """The review that was opened last, else the one that was saved last; none where there is none."""
    from app.settings import last_places
    from app.store.catalogue import sessions

    home = opening.root_of(root)
    for folder in last_places():
        inside = root is None or folder.parent == home.resolve()
        if inside and (folder / "session.toml").is_file():
            return folder
    return next((card.folder for card in sessions(home) if not card.problem), None)


def _begin(home: Path) -> Path:
    """A draft for an incident that has no review yet."""
    from app.history import Desk
    from app.review.records import Incident, Session
    from app.store.catalogue import free_id, new_folder

    now = datetime.now().astimezone()
    session = Session(
        id=free_id(home, now.date()),
        incident=Incident(title=f"Incident of {now:%Y-%m-%d %H:%M}", started_at=now),
    )
    folder = new_folder(home, session)
    Desk.create(folder, session).close()
    return folder


def _events(folder: Path, lines: list[str]) -> "tuple[Session, list[Event]]":
    from app.history import Desk
    from app.review import capture
    from app.review.moments import Context
    from app.review.zones import zone_of

    with Desk.open(folder, read_only=True) as desk:
        session = desk.session
    zone = zone_of(session)
    now = datetime.now().astimezone(zone).replace(microsecond=0)
    context = Context(now.date(), zone, anchor=now, zero=session.incident.started_at)
    found = [capture.event(line, context) for line in lines]
    return session, [
        each if each.at else each.model_copy(update={"at": now, "precision": "second"}) for each in found
    ]


def _fold(folder: Path) -> str:
    """Make rows of the notes now, where nobody else has the review open; else why they wait."""
    from app.history import Desk
    from app.store.errors import Locked, StoreError

    try:
        Desk.open(folder).close()
    except Locked:
        return "the review is open elsewhere, where the row appears."
    except StoreError as problem:
        return f"it waits until the review can be opened ({ended(str(problem))})"
    return ""


def _told(event: "Event", session: "Session") -> str:
    from app.review.capture import describe_event
    from app.review.zones import zone_of

    zone = zone_of(session)
    shown: Any = session.incident.timezone or "UTC"
    return describe_event(event, zone, shown, event.at.astimezone(zone).date() if event.at else None)
