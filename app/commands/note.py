"""A row of the timeline from any shell, while the incident is still running."""

import sys
from dataclasses import replace
from datetime import datetime, timedelta
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
_LONGEST = 20_000
"""Characters of a row: more is a file."""
_BYTES = 4 * 1024 * 1024
_AHEAD = timedelta(hours=1)
"""A time of day further ahead than this is that of yesterday: notes tell what happened."""
_KEPT = "\u2060"
"""Stands before words that begin with a minus and a number, for no option does."""


class _Noting(click.Command):
    """Takes ``-5m pooler restarted`` for what it is: words, and no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments, words among them that look like options kept from being read as such."""
        return super().parse_args(ctx, [f"{_KEPT}{each}" if _is_words(each) else each for each in args])


def _is_words(argument: str) -> bool:
    return argument[:1] == "-" and argument[1:2].isdigit()


@click.command(
    cls=_Noting,
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
    folder, closed = (place(root, wanted), None) if wanted else _last(root)
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
        why = f"{closed.name}, which was opened last, is closed" if closed else "There was no review yet"
        remark(f"{why}: {folder} was begun.")
    elif closed:
        remark(
            f"{closed.name}, which was opened last, is closed: --session {closed.name} would note it there."
        )
    for event in noted:
        say(_told(event, session))
    remark(f"Noted in {folder.name}{f': {problem}' if problem else '.'}")


def _lines(words: tuple[str, ...]) -> list[str]:
    if words:
        said = " ".join(words).replace(_KEPT, "")
        # What the shell gave in another encoding than UTF-8.
        lines = _decoded(said.encode("utf-8", "surrogateescape")).split("\n")
    elif sys.stdin.isatty():
        raise click.UsageError('Say what happened, as in blamefree note "pool exhausted @oncall #symptom".')
    else:
        raw = sys.stdin.buffer.read(_BYTES + 1)
        if len(raw) > _BYTES:
            raise Problem(f"That is more than {_BYTES >> 20} MB, and no note: {_AS_FILE}")
        lines = _decoded(raw).splitlines()
    lines = [line.strip() for line in lines if line.strip()]
    if not lines:
        raise click.UsageError('There is nothing to note: say it, as in blamefree note "pool exhausted".')
    if len(lines) > _MOST:
        raise Problem(f"{len(lines):,} lines are a log rather than notes: {_AS_FILE}")
    if (longest := max(map(len, lines))) > _LONGEST:
        raise Problem(f"A line of {longest:,} characters is no note: {_AS_FILE}")
    return lines


_AS_FILE = "add the file with `blamefree source SESSION add file`."


def _decoded(raw: bytes) -> str:
    """Text as it came, in UTF-8 or whatever else it is in; no byte is lost."""
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        from app.importing.decoding import NotText, decode

        try:
            return decode(raw)[0]
        except NotText:
            raise Problem(f"That is no text: {_AS_FILE}") from None


def _last(root: Path | None) -> tuple[Path | None, Path | None]:
    """The review that was opened last, else the one that was saved last, of those that are not closed; none where
    there is none. Beside it the one that would have been it, were it not closed."""
    from app.settings import last_places
    from app.store.catalogue import sessions

    home = opening.root_of(root)
    status = {card.folder.resolve(): card.status for card in sessions(home) if not card.problem}
    closed: Path | None = None
    for folder in last_places():
        inside = root is None or folder.parent == home.resolve()
        if inside and (folder / "session.toml").is_file():
            if folder.resolve() not in status:
                status[folder.resolve()] = _status(folder)
            if status[folder.resolve()] != "closed":
                return folder, closed
            closed = closed or folder
    return next((folder for folder, said in status.items() if said != "closed"), None), closed


def _status(folder: Path) -> str:
    """The status of a review that is kept elsewhere than the others."""
    from app.history import Desk
    from app.store.errors import StoreError

    try:
        with Desk.open(folder, read_only=True) as desk:
            return str(desk.session.incident.status)
    except StoreError:
        return ""


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
    yesterday = replace(context, day=now.date() - timedelta(days=1))

    def read(line: str) -> "Event":
        event = capture.event(line, context)
        if event.at and event.at - now > _AHEAD:
            before = capture.event(line, yesterday)
            # Only a time of day without its date moves with the day.
            return before if before.at and before.at <= now and before.at != event.at else event
        return event

    found = [read(line) for line in lines]
    return session, [
        each if each.at else each.model_copy(update={"at": now, "precision": "second"}) for each in found
    ]


def _fold(folder: Path) -> str:
    """Make rows of the notes now, where nobody else has the review open; else why they wait."""
    from app.history import Desk
    from app.store.errors import Locked, StoreError

    try:
        with Desk.open(folder) as desk:
            if desk.read_only:
                return "it waits until blamefree is updated here, for a newer version wrote the review."
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
    return describe_event(event, zone, shown, datetime.now(zone).date())
