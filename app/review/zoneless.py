"""Rows whose times name no zone: what evidence says about it, and how they are read once somebody declares one.

"undeclared" is a value: such a row was read in a zone that nobody declared. A permalink into a chat holds an instant;
beside a written time it tells how far that clock was from UTC.
"""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from operator import attrgetter
from typing import Final

from app.review.edits import replace
from app.review.facets import Facet
from app.review.moments import in_zone
from app.review.records import Event, Session

UNDECLARED: Final = "undeclared"
_PERMALINK: Final = re.compile(r"/archives/[A-Z0-9]{1,20}/p([0-9]{10})([0-9]{6})\b")
_OFFSET: Final = re.compile(r"UTC(?:[+-][0-9]{2}:[0-9]{2})?")
_SAID: Final = re.compile(r"[A-Z]{3}|[0-9]Z\b|[+-][0-9]{2}:?[0-9]{2}\Z")
_QUARTER: Final = timedelta(minutes=15)
_FARTHEST: Final = timedelta(hours=14)


_ZONES: Final[Facet[str]] = Facet(attrgetter("zone"))


@dataclass(frozen=True)
class Proposal:
    """How far the clock of some rows was from UTC, and the rows that tell."""

    offset: timedelta
    rows: tuple[str, ...]

    @property
    def zone(self) -> tzinfo:
        """The zone of that offset."""
        return timezone(self.offset)

    @property
    def name(self) -> str:
        """The offset as RFC 3339 writes it: ``+01:00``."""
        minutes = int(abs(self.offset).total_seconds()) // 60
        return f"{'-' if self.offset < timedelta() else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def undeclared(session: Session) -> tuple[Event, ...]:
    """The rows with a time whose zone nobody declared."""
    if UNDECLARED not in _ZONES.of(session.events):
        return ()
    return tuple(event for event in session.events if event.zone == UNDECLARED and event.at is not None)


def propose(session: Session) -> Proposal | None:
    """The offset that permalinks beside written times tell; nothing where there are none, or they disagree.

    A row whose own link proved its zone tells it for the rows that have none.
    """
    told: dict[timedelta, list[str]] = {}
    for event in session.events if undeclared(session) else ():
        if event.at is None or not (event.zone == UNDECLARED or _is_proved(event)):
            continue
        texts = (event.text, event.note, *(pointer.url for pointer in event.evidence))
        for found in (match for text in texts for match in _PERMALINK.finditer(text)):
            posted = datetime.fromtimestamp(int(found[1]), UTC)
            written = _as_written(event.at).replace(tzinfo=UTC) if event.at else posted
            quarters = round((written - posted) / _QUARTER)
            # A message is written within minutes of what it tells; further off, it tells of something else.
            if (
                abs(written - posted - quarters * _QUARTER) <= _QUARTER / 3
                and abs(quarters * _QUARTER) <= _FARTHEST
            ):
                told.setdefault(quarters * _QUARTER, []).append(event.id)
    counts = Counter({offset: len(rows) for offset, rows in told.items()}).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return None
    return Proposal(counts[0][0], tuple(dict.fromkeys(told[counts[0][0]])))


def declare(session: Session, ids: Collection[str], zone: tzinfo, name: str) -> Session:
    """Read the times of rows as written in *zone*: their clocks stay, their instants move. Others stay as they are."""

    def read(moment: datetime | None) -> datetime | None:
        return (
            None
            if moment is None
            else in_zone(_as_written(moment).replace(tzinfo=zone), UTC).astimezone(zone)
        )

    def edit(event: Event) -> Event:
        if event.zone != UNDECLARED:
            return event
        moved = {field: read(getattr(event, field)) for field in ("at", "until", "at_latest", "until_latest")}
        return Event.model_validate(event.model_dump() | moved | {"zone": name})

    return replace(session, "events", frozenset(ids), edit)


def label(rows: int, name: str) -> str:
    """The name of that edit in the history."""
    return f"Read {rows} row{'' if rows == 1 else 's'} in {name}"


def _is_proved(event: Event) -> bool:
    """Whether the zone of a row was read out of a link, and not out of its own words."""
    offset = not event.zone or bool(_OFFSET.fullmatch(event.zone))
    return offset and bool(event.written) and not _SAID.search(event.written)


def _as_written(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
