"""From a word such as ``team@acme.example`` or ``file:report.md`` to one attempt, its record, and never a second one.

An intent is on disk before the attempt and its outcome after it, so that one that was cut off is spoken of.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import uuid4

from app.report.write import format_of
from app.review import edits
from app.review.plain import one_line
from app.review.records import Distribution, Session
from app.sending.content import content
from app.sending.interface import Ready, SendProblem, Sent
from app.settings import Settings

if TYPE_CHECKING:
    from app.report.render import Shape

INTENT: Final = "send-intent"
OUTCOME: Final = "send-outcome"
WAYS: Final = "an address such as team@acme.example, slack, slack:NAME, file:PATH, clipboard, git or git:PATH"


class Journal(Protocol):
    """The part of an open review that sending needs: durable notes, and edits."""

    @property
    def session(self) -> Session:
        """The review as it is now."""

    def note(self, kind: str, data: dict[str, Any]) -> None:
        """Remember *data* durably."""

    def notes(self, kind: str) -> list[dict[str, Any]]:
        """Everything remembered under *kind*, the oldest first."""


async def prepare(
    session: Session,
    to: str,
    settings: Settings,
    environment: Mapping[str, str],
    now: datetime,
    terminal: Callable[[str], bool] | None = None,
    shape: "Shape | None" = None,
) -> Ready:
    """What would go to *to* in the version that *shape* names; nothing is sent. Raises :class:`SendProblem`."""
    to = to.strip()
    kind, _, rest = to.partition(":")
    report = content(session, shape)
    if to == "clipboard":
        from app.sending.local import clipboard_ready

        return clipboard_ready(report, environment, terminal)
    if kind == "file" and rest:
        from app.sending.local import file_ready

        return file_ready(report, rest)
    if kind == "slack":
        from app.sending import slack

        return await slack.ready(report, rest or _text(settings, "slack", "webhook_env"), environment)
    if kind == "git":
        from app.sending import repository

        place = rest or _text(settings, "git", "repository")
        if not place:
            raise SendProblem(
                'Name the clone, git:PATH, or set repository = "…" under [send.git] in the settings.'
            )
        return repository.ready(report, Path(place), _text(settings, "git", "folder"), environment)
    if "@" in to:
        from app.sending import mail

        return mail.ready(report, _server(settings), to, now, environment)
    raise SendProblem(f"“{one_line(to)}” is no place to send to: write {WAYS}.")


def wants_page(to: str) -> bool:
    """Whether what goes to *to* is, or holds, the page with its pictures."""
    return format_of(Path(to)) in {"html", "pdf"} if to.strip().startswith("file:") else "@" in to


def _text(settings: Settings, way: str, name: str) -> str:
    value = settings.sending.get(way, {}).get(name, "")
    return one_line(value) if isinstance(value, str) else ""


def _server(settings: Settings) -> "Any":
    from app.sending.mail import MailServer

    table = settings.sending.get("mail", {})
    host, sender = _text(settings, "mail", "host"), _text(settings, "mail", "from")
    if not host or not sender:
        raise SendProblem(
            'No mail server is set: write host = "smtp.acme.example" and from = "you@acme.example" under [send.mail] '
            "in the settings."
        )
    port = table.get("port", 0)
    return MailServer(
        host=host,
        sender=sender,
        security=_text(settings, "mail", "security") or "starttls",
        port=port if isinstance(port, int) and 0 <= port < 65_536 else 0,
        user=_text(settings, "mail", "user"),
        password_env=_text(settings, "mail", "password_env") or "SMTP_PASSWORD",
        ca_file=_text(settings, "mail", "ca_file"),
    )


def cut_off(journal: Journal, ready: Ready) -> str:
    """A sentence where an earlier attempt to send to the same place has no outcome: the program died in it."""
    known = {note["attempt"] for note in journal.notes(OUTCOME)}
    times = [
        note["at"]
        for note in journal.notes(INTENT)
        if note["attempt"] not in known and (note["how"], note["to"]) == (ready.how, ready.to)
    ]
    if not times:
        return ""
    return (
        f"Sending it to {ready.to} was begun at {times[-1]} and cut off: it may have arrived. Ask there before "
        "you send it again."
    )


async def send(
    ready: Ready,
    journal: Journal,
    record: Callable[[str, Callable[[Session], Session]], object],
    now: Callable[[], datetime],
) -> Sent:
    """Send it, once, and record it in the review. *record* makes a named edit.

    Raises :class:`SendProblem`; where that is unclear, the attempt is recorded as such and nothing is repeated.
    """
    attempt = uuid4().hex
    journal.note(
        INTENT,
        {"attempt": attempt, "how": ready.how, "to": ready.to, "at": now().isoformat(timespec="seconds")},
    )
    try:
        sent = await ready.go()
    except SendProblem as problem:
        if problem.unclear:
            _record(record, Distribution(to=ready.to, how=ready.how, sent_at=now(), unclear=True))
        journal.note(OUTCOME, {"attempt": attempt, "sent": False, "unclear": problem.unclear})
        raise
    _record(record, Distribution(to=sent.to, how=ready.how, sent_at=now()))
    journal.note(OUTCOME, {"attempt": attempt, "sent": True, "unclear": False})
    return sent


def _record(record: Callable[[str, Callable[[Session], Session]], object], entry: Distribution) -> None:
    what = "Perhaps sent" if entry.unclear else "Report sent"
    record(f"{what} to {entry.to[:40]}", lambda session: edits.add(session, "distribution", entry))
