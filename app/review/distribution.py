"""Who has the report, and the 48 hours: how much of them is left, or by how much they are over."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from app.review.durations import spell
from app.review.records import Session

WITHIN: Final = timedelta(hours=48)
"""From the end of the incident to the report."""
TOO_LONG: Final = timedelta(weeks=1)
"""From here on people have forgotten, and the report loses its use."""


class Deadline(NamedTuple):
    """How it stands with the 48 hours: a sentence, and whether it is a warning."""

    text: str
    warning: bool


def first_sent(session: Session) -> datetime | None:
    """When the report surely went to somebody for the first time."""
    return min(
        (each.sent_at for each in session.distribution if each.sent_at and not each.unclear), default=None
    )


def deadline(session: Session, now: datetime) -> Deadline:
    """How long is left until the report is due, or when it went out, or by how much it is late."""
    ended, sent = session.incident.ended_at, first_sent(session)
    if ended is None:
        return Deadline("the incident has no end: set it, so that the 48 hours count", warning=sent is None)
    if sent is not None:
        late = sent - ended > WITHIN
        return Deadline(f"sent {spell(max(sent - ended, timedelta()))} after the end", warning=late)
    left = ended + WITHIN - now
    if left >= timedelta():
        return Deadline(f"{_hours(left)} left of 48 h", warning=False)
    if now - ended >= TOO_LONG:
        return Deadline(
            f"not sent, and the incident ended {spell(now - ended)} ago: send it today", warning=True
        )
    return Deadline(f"48 h are over since {_hours(-left)}: send it now", warning=True)


def _hours(length: timedelta) -> str:
    """Hours and minutes, days only where there are many: ``31 h 12 min``."""
    minutes = int(length.total_seconds()) // 60
    if minutes >= 60 * 48:
        return spell(length)
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )
