"""Moments that a sentence names ("from page to fix"), and the rows of the timeline that hold them."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from app.review.records import Event, Session
from app.review.timeline import in_order, instant, latest, milestones


class Moment(NamedTuple):
    """A row that a claim can be counted from: what it is taken for, and how much later it may have been."""

    name: str
    event: Event
    at: datetime
    slack: timedelta
    guessed: bool = False
    """Nobody marked it: its words say so."""

    @property
    def told(self) -> str:
        """``E3 (paged)``."""
        return f"{self.event.id} ({self.name}{', by its words' if self.guessed else ''})"


_WORDS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "first": (
        ("started",),
        r"first (?:[\w-]+ ){0,2}(?:errors?|failures?|symptoms?|impact|effects?|5xx|alerts? of errors)|onset"
        r"|(?:incident|outage|impact|degradation|disruption|problem|errors?|issue)s? (?:start\w*|began|begin\w*)"
        r"|(?:start|beginning|onset) of (?:the )?(?:incident|outage|impact|degradation|disruption|problem|errors?|issue)"
        r"|(?:it|everything) (?:started|began)",
    ),
    "alert": (("detected", "paged"), r"(?:the |an )?alert(?:ed|s|ing)?|alarm\w*"),
    "detect": (("detected", "paged", "declared"), r"detect\w*|notic(?:ed?|ing)|discover(?:ed|y)"),
    "page": (("paged",), r"(?<!status )(?<!web )(?<!this )(?<!error )pag(?:ed|ing|e)(?! (?:load|view))"),
    "ack": (("acknowledged",), r"ack(?:ed|nowledg\w*)?"),
    "declare": (("declared",), r"(?:incident )?declar\w+"),
    "identify": (("identified",), r"identif\w+|diagnos\w+|(?:root )?cause (?:was )?found"),
    "fix": (("mitigated", "recovered", "resolved"), r"fix(?:ed|es)?|rolled back|roll(?:ing)? ?back|revert(?:ed|ing)?|hotfix\w*|repair(?:ed)?"),
    "mitigate": (("mitigated", "recovered"), r"mitigat\w*"),
    "recover": (("recovered", "mitigated", "resolved"), r"recover\w*|restor\w+|(?:returned |back )?to normal|healthy"),
    "resolve": (("resolved", "recovered"), r"resol(?:v\w*|ution)|clos(?:ed|ure)|all[- ]clear|ended|end of (?:the )?(?:incident|outage)"),
}  # fmt: skip
"""Words for moments: the milestones that they can mean, the likeliest first."""

_ANY: Final = re.compile(
    "|".join(rf"(?P<{name}>\b(?:{pattern})\b)" for name, (_, pattern) in _WORDS.items()), re.IGNORECASE
)
BEFORE: Final[dict[str, tuple[str, ...]]] = {
    "detected": ("started",),
    "paged": ("started", "detected"),
    "acknowledged": ("paged", "detected", "started"),
    "declared": ("started", "detected"),
    "identified": ("detected", "started", "acknowledged"),
    "mitigated": ("started", "detected", "paged", "acknowledged", "declared", "identified"),
    "recovered": ("started", "detected", "paged", "acknowledged", "declared", "identified", "mitigated"),
    "resolved": ("started", "detected", "paged", "acknowledged", "declared", "identified", "mitigated"),
}
"""What "time to …" can be counted from, the likeliest first: organisations count differently."""


class Named(NamedTuple):
    """Words for a moment in a sentence."""

    start: int
    end: int
    milestones: tuple[str, ...]


def named(text: str) -> Iterator[Named]:
    """The moments that *text* names, in order."""
    for found in _ANY.finditer(text):
        if found.lastgroup:
            yield Named(found.start(), found.end(), _WORDS[found.lastgroup][0])


_ROWS: Final[dict[str, str]] = {
    "started": r"first (?:[\w-]+ ){0,2}(?:errors?|failures?|symptoms?|5xx|reports?)|(?:outage|incident|impact) (?:start|beg)\w*"
    r"|start of (?:the )?(?:outage|incident|impact)",
    "detected": r"\balert\w* (?:fire[sd]?|firing|trigger\w*|raised|received)|\bdetect(?:ed|s|ion)\b|(?:fire[sd]?|trigger\w*) (?:an |the )?alert",
    "paged": r"\bpaged\b|(?<!status )\bpage (?:sent|received|to the)|pagerduty (?:paged|alerts? )",
    "acknowledged": r"\back(?:ed|nowledge[sd]?)\b",
    "identified": r"\bidentified\b(?!.*\bnot\b)|(?:root )?cause (?:was )?(?:found|identified)",
    "mitigated": r"\bmitigat(?:ed|es|ion)\b|\brolled back\b|rollback (?:complete|finish|done)\w*",
    "recovered": r"(?:returned?s?|back|return) to (?:the )?normal|\brecovered\b|\bfull(?:y)? (?:\w+ )?restor(?:ed|ation)\b|back online|confirmed normal operation|\b(?:is|are|was|were|service) (?:fully )?restored\b",
    "resolved": r"\bresolved\b|\ball[- ]clear\b|incident (?:was )?(?:closed|over)",
}  # fmt: skip
"""What rows say that are these moments, for documents that mark none."""


def moments(session: Session) -> dict[str, Moment]:
    """The rows of the milestones: those that people marked; where nobody marked any, those whose words say it."""
    marked = milestones(session)
    guessed = not marked and len({event.track for event in session.events}) < 2
    if guessed:
        for event in in_order(session):
            for name, pattern in _ROWS.items():
                if name not in marked and re.search(pattern, event.text, re.IGNORECASE):
                    marked[name] = event
                    break
    found = {}
    for name, event in marked.items():
        at = instant(session, event)
        if at is not None:
            slack = latest(event, at) - at if event.precision != "second" else timedelta()
            found[name] = Moment(name, event, at, slack, guessed)
    return found
