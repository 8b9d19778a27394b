"""The branching tree of whys in a real report (crates.io, 2023), imported, and as the keys that type it."""

from functools import cache
from pathlib import Path

from app.importing.document import Options
from app.importing.read import read
from app.importing.result import session_of
from app.review import edits
from app.review.records import Factor, Incident, Session

REPORT = Path(__file__).parent / "data" / "incidents" / "01-rust-crates-io-broken-downloads.txt"

SORTED = {
    "The pull request introduced tests": "Change & code",
    "The code was structured": "Change & code",
    "The code had not been unit tested": "Change & code",
    "It was deemed": "Change & code",
    "There was a bug introduced": "Change & code",
    "The pull request was not reviewed": "Process & review",
    "The developer creating the pull request": "Process & review",
    "The number of active team members": "Process & review",
    "The developer forgot": "Knowledge & hand-over",
    "There is no checklist": "Knowledge & hand-over",
    "The crate download endpoint": "Detection & alerting",
    "The test plan for the staging": "Process & review",
    "Since 99% of all requests": "Tools & automation",
    "Because the smoke test procedure": "Tools & automation",
}
"""Where a team would put each answer: the report itself has no categories."""


@cache
def imported() -> Session:
    """The report as ``blamefree import`` reads it."""
    return session_of(read(REPORT.read_text("utf-8"), Options(), REPORT.name), "PM-1")


def sorted_tree() -> Session:
    """The imported review with its factors in categories."""
    session = imported()
    for start, category in SORTED.items():
        keys = {each.id for each in session.factors if each.text.startswith(start)}
        assert keys, start
        session = edits.change(session, "factors", keys, category=category)
    return session


def empty() -> Session:
    """A review of the same incident in which nothing is asked yet."""
    return Session(id="PM-2", incident=Incident(title="Broken Crate Downloads"))


def typed(factors: tuple[Factor, ...]) -> list[str]:
    """The keys that type a tree without leaving the field: Tab goes below, Shift+Tab out, Enter beside."""
    depths: dict[str, int] = {}
    keys = ["enter"]
    for number, factor in enumerate(factors):
        depth = depths[factor.id] = depths.get(factor.parent, -1) + 1
        keys.append(f"={factor.text}")
        if number + 1 == len(factors):
            keys += ["enter", "escape"]
            break
        following = depths.get(factors[number + 1].parent, -1) + 1
        if following > depth:
            keys.append("tab")
        elif following == depth:
            keys.append("enter")
        else:
            # The first Shift+Tab saves the text one level further out; every other one moves the empty node.
            keys += ["shift+tab"] * (depth - following)
    return keys
