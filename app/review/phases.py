"""The incident as phases between its milestones, for a bar that shows how its time was spent.

Phases are cut at the milestones of the road that every incident goes (started, detected, acknowledged, mitigated,
recovered, resolved). A milestone that is not known, or lies before the one that it should follow, cuts nothing: the
phase around it is longer and says so. Nothing is guessed and nothing is zero because it is unknown.
"""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.review.records import Session
from app.review.timeline import instant, milestones

ROAD: Final = ("started", "detected", "acknowledged", "mitigated", "recovered", "resolved")
"""The milestones that phases lie between, in their order."""

_NAMES: Final = {
    "detected": "undetected",
    "acknowledged": "waiting for a responder",
    "mitigated": "in effect, worked on",
    "recovered": "mitigated, not yet normal",
    "resolved": "normal, not yet resolved",
}
"""What a phase is, by the milestone that ends it."""
_SHORT: Final = {
    "detected": "undetected",
    "acknowledged": "waiting",
    "mitigated": "in effect",
    "recovered": "mitigated",
    "resolved": "recovered",
}


@dataclass(frozen=True)
class Phase:
    """From one known milestone to the next one that is known."""

    start: str
    """The milestone that begins it."""
    end: str
    """The milestone that ends it."""
    at: datetime
    length: timedelta
    unknown: tuple[str, ...] = ()
    """Milestones of the road between the two that no row with a time is marked as."""

    @property
    def name(self) -> str:
        """What the phase is, in words."""
        return _NAMES[self.end] if not self.unknown else f"{self.start} to {self.end}"

    @property
    def short(self) -> str:
        """The same in a word, where there is little room."""
        return _SHORT[self.end] if not self.unknown else f"to {self.end}"


@dataclass(frozen=True)
class Road:
    """The phases of an incident, and what is not known of it."""

    phases: tuple[Phase, ...]
    missing: tuple[str, ...]
    """Milestones of the road that are not known, in its order."""
    wrong: tuple[str, ...] = ()
    """A sentence for each milestone that lies before one that it should follow: both rows are named."""

    @property
    def length(self) -> timedelta:
        """From the first known milestone to the last."""
        return sum((phase.length for phase in self.phases), timedelta())


def road(session: Session) -> Road:
    """The phases of the session's incident."""
    rows = milestones(session)
    known: list[tuple[str, datetime]] = []
    missing: list[str] = []
    wrong: list[str] = []
    for name in ROAD:
        row = rows.get(name)
        at = instant(session, row) if row else None
        if row is None or at is None:
            missing.append(name)
        elif known and at < known[-1][1]:
            before = rows[known[-1][0]]
            wrong.append(f"{row.id} ({name}) is before {before.id} ({known[-1][0]}): check both times")
        else:
            known.append((name, at))
    phases = [
        Phase(start, end, begun, ended - begun, ROAD[ROAD.index(start) + 1 : ROAD.index(end)])
        for (start, begun), (end, ended) in itertools.pairwise(known)
    ]
    return Road(tuple(phases), tuple(missing), tuple(wrong))


def shares(lengths: tuple[float, ...], width: int) -> tuple[int, ...]:
    """*width* cells shared in proportion to *lengths*; what has a length at all has a cell while there are enough.

    Cells that are left after rounding down go to those that lost most by it.
    """
    total = sum(lengths)
    if not lengths or width <= 0:
        return tuple(0 for _ in lengths)
    if total <= 0:
        return (width, *(0 for _ in lengths[1:]))
    exact = [length / total * width for length in lengths]
    cells = [max(1 if length > 0 else 0, int(each)) for each, length in zip(exact, lengths, strict=True)]
    order = sorted(range(len(cells)), key=lambda place: exact[place] - cells[place], reverse=True)
    for place in order[: max(0, width - sum(cells))]:
        cells[place] += 1
    while sum(cells) > width:
        # Phases of a moment each took more than there is: the longest can spare it.
        cells[max(range(len(cells)), key=lambda place: cells[place])] -= 1
    return tuple(cells)
