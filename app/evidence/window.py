"""The stretch of time that evidence is gathered for, and what of it is covered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.review.records import Session

LEAD = timedelta(minutes=30)
"""Before the incident's start: what changed just before?"""
TAIL = timedelta(minutes=10)
"""After its end: did it stay well?"""

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Window:
    """From *start* to *end*, both included; aware, in UTC."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether *moment* lies in the window."""
        return self.start <= moment <= self.end

    def shifted(self, seconds: float) -> "Window":
        """The window moved by *seconds*."""
        delta = timedelta(seconds=seconds)
        return Window(self.start + delta, self.end + delta)


def incident_window(
    session: Session, now: datetime, lead: timedelta = LEAD, tail: timedelta = TAIL
) -> Window | None:
    """The window of the incident; without an end it reaches to *now*, without a start there is none."""
    incident = session.incident
    if incident.started_at is None:
        return None
    start = incident.started_at.astimezone(UTC) - lead
    end = incident.ended_at.astimezone(UTC) + tail if incident.ended_at else now.astimezone(UTC)
    return Window(start, max(start, end))


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """*spans* sorted, with overlapping and touching ones joined."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def uncovered(window: Window, covered: Iterable[Span]) -> tuple[Span, ...]:
    """The parts of *window* that no span of *covered* touches."""
    holes: list[Span] = []
    at = window.start
    for start, end in merged(covered):
        if end < window.start or start > window.end:
            continue
        if start > at:
            holes.append((at, start))
        at = max(at, end)
    if at < window.end:
        holes.append((at, window.end))
    return tuple(holes)
