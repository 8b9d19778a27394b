"""Time zones by name."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.review.records import Session


def find_zone(name: str) -> tzinfo | None:
    """The zone of this name in the IANA database; None when there is none."""
    if name in {"", "UTC"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_of(session: Session) -> tzinfo:
    """The zone that a session's times are shown in; UTC where it names one that does not exist."""
    return find_zone(session.incident.timezone) or UTC
