"""The plan of a review meeting, and where in it a meeting stands. The parts are data, in ``agenda.toml``.

Lengths and shares follow what facilitators publish (Etsy, Tanzu, PagerDuty, Howie): most of the time belongs
to walking the timeline.
"""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Final

LENGTHS: Final = (30, 60, 90)
"""The lengths of a meeting, in minutes, that there is a plan for."""


@dataclass(frozen=True)
class Part:
    """One part of the meeting: how long it takes, on which screen, and what it is for."""

    name: str
    screen: str
    minutes: int
    goal: str
    reminder: str
    """For the facilitator alone."""


@cache
def agenda(minutes: int) -> tuple[Part, ...]:
    """The parts of a meeting of 30, 60 or 90 minutes, in order. Raises ValueError for another length."""
    if minutes not in LENGTHS:
        raise ValueError(f"There is a plan for {', '.join(map(str, LENGTHS))} minutes, not for {minutes}.")
    data = tomllib.loads(resources.files("app.review").joinpath("agenda.toml").read_text("utf-8"))
    return tuple(
        Part(each["name"], each["screen"], each["minutes"][str(minutes)], each["goal"], each["reminder"])
        for each in data["part"]
    )


def at(elapsed: timedelta, parts: tuple[Part, ...]) -> tuple[Part, timedelta]:
    """The part that a meeting is in after *elapsed*, and how much of it is left.

    The last part does not end: behind it, what is left is negative. Raises ValueError where there are no
    parts.
    """
    if not parts:
        raise ValueError("An agenda needs at least one part.")
    left = -elapsed
    for part in parts:
        left += timedelta(minutes=part.minutes)
        if left > timedelta():
            return part, left
    return parts[-1], left
