"""Time zones by name, and the ones that times can be shown in."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Literal
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


def in_other_zone(session: Session, name: str) -> Session:
    """*session* with its times shown in the zone *name*, for showing only; as it is where *name* is empty."""
    if not name:
        return session
    return session.model_copy(update={"incident": session.incident.model_copy(update={"timezone": name})})


@dataclass(frozen=True)
class Shown:
    """A zone that times can be shown in: whose it is, and what it is called beside them."""

    whose: Literal["session", "utc", "person"]
    zone: tzinfo
    name: str


def zones_to_show(session: Session, own: tuple[tzinfo, str]) -> tuple[Shown, ...]:
    """The zone of the session, UTC, and the zone *own* of the person; none of them twice."""
    zone = zone_of(session)
    found = [Shown("session", zone, "UTC" if zone is UTC else session.incident.timezone)]
    for each in (Shown("utc", UTC, "UTC"), Shown("person", *own)):
        if each.name not in {known.name for known in found}:
            found.append(each)
    return tuple(found)


def local_zone(environment: str | None = None, link: Path = Path("/etc/localtime")) -> tuple[tzinfo, str]:
    """The zone of this machine's user, with its name in the IANA database where it can be told.

    *environment* is the value of ``TZ``; where there is none, *link* points into the database on most systems.
    """
    named = os.environ.get("TZ", "") if environment is None else environment
    name = named.removeprefix(":")
    if not name:
        try:
            _, inside, name = str(link.resolve()).rpartition("zoneinfo/")
            name = name if inside else ""
        except OSError:
            name = ""
    name = "UTC" if name in _SAME_AS_UTC else name
    if name and (zone := find_zone(name)) is not None:
        return zone, name
    return _Machine(), "local time"


_SAME_AS_UTC = frozenset({"Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Universal", "Etc/Universal", "Etc/Zulu"})


class _Machine(tzinfo):
    """The clock of this machine, where its zone has no name: what the system says for each instant."""

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        return None if when is None else when.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, when: datetime | None) -> timedelta | None:
        return None

    def tzname(self, when: datetime | None) -> str | None:
        return None if when is None else when.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, when: datetime) -> datetime:
        local = when.replace(tzinfo=UTC).astimezone()
        there = local.replace(tzinfo=self)
        # In the hour that a clock change repeats, the second of the two is meant where the first does not fit.
        return there if there.utcoffset() == local.utcoffset() else there.replace(fold=1)
