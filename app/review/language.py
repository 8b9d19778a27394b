"""Blameless language: text in, findings out. The rules are data, in ``language.toml`` beside this file.

Quoted speech, code, log lines and URLs are left alone: they are evidence, not the report's own words.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from app.review.records import Session

Level = Literal["error", "warn", "info"]

_LONGEST = 20_000
"""Characters of one field that are checked: nobody writes more by hand, and typing must never wait."""

# Every alternative stops at the sign that could begin it again: a text of nothing but quotes stays linear.
_NOT_OURS = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|\"[^\"\n]*\"|https?://\S+|^[ \t]*>[^\n]*",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Rule:
    """One thing that language should not do, and what to do instead."""

    id: str
    group: str
    level: Level
    pattern: re.Pattern[str]
    say: str
    hit: tuple[str, ...]
    no_hit: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """A place in a text that a rule speaks to."""

    rule: Rule
    start: int
    end: int
    words: str


@dataclass(frozen=True)
class Place:
    """A finding in a session: which record and field it stands in, and the screen that shows it."""

    finding: Finding
    where: str
    screen: str


@cache
def rules() -> tuple[Rule, ...]:
    """The rules that ship with the program."""
    data = tomllib.loads(resources.files("app.review").joinpath("language.toml").read_text("utf-8"))
    return tuple(
        Rule(
            each["id"],
            each["group"],
            each["level"],
            re.compile(each["pattern"], re.IGNORECASE),
            each["say"],
            tuple(each["hit"]),
            tuple(each["no_hit"]),
        )
        for each in data["rule"]
    )


@lru_cache(maxsize=50_000)
def check(text: str) -> tuple[Finding, ...]:
    """Every place in *text* that a rule speaks to, in the order of the text."""
    # Blanks of the same length keep the positions right.
    ours = _NOT_OURS.sub(lambda match: " " * len(match[0]), text[:_LONGEST])
    found = [
        Finding(rule, match.start(), match.end(), text[match.start() : match.end()])
        for rule in rules()
        for match in rule.pattern.finditer(ours)
    ]
    return tuple(sorted(found, key=lambda finding: (finding.start, finding.rule.id)))


def check_session(session: Session) -> tuple[Place, ...]:
    """Every finding in what people wrote; the parking lot is left alone."""
    return tuple(
        Place(finding, where, screen)
        for text, where, screen in _written(session)
        if text
        for finding in check(text)
    )


def blaming(session: Session) -> tuple[Place, ...]:
    """The findings that keep a report from being called blameless: blame and counterfactuals."""
    return tuple(
        place
        for place in check_session(session)
        if place.finding.rule.group in {"blame", "counterfactual"} and place.finding.rule.level != "info"
    )


def _written(session: Session) -> Iterator[tuple[str, str, str]]:
    yield session.incident.title, "title", "report"
    narrative = session.narrative
    for name in ("summary", "trigger", "detection", "response", "prevention"):
        yield getattr(narrative, name), name, "report"
    for name in ("went_well", "was_hard", "lucky", "surprises", "lessons"):
        for text in getattr(narrative, name):
            yield text, name.replace("_", " "), "report"
    for impact in session.impacts:
        yield impact.text, "impact", "report"
    for event in session.events:
        yield event.text, event.id, "timeline"
    for factor in session.factors:
        yield factor.text, factor.id, "whys"
    for action in session.actions:
        yield action.text, action.id, "actions"
        yield action.done_when, action.id, "actions"
