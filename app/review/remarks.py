"""What is worth a question about the tree of factors. Nothing here blocks anything, and depth is never asked for.

The rules are those of field practice and of the criticism of "five whys": one path, one cause, and an answer
that stops at a person teach little; detection and response need factors as well as the trigger.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from app.review.factors import Placed, walk
from app.review.language import check
from app.review.records import Factor, Session

_DEEP = 3
"""Answers below one another, none with a sibling, that make a chain worth a question (field practice)."""
_FEW = 3

_NAMED = r"(?:you|he|she|they|@\w+|the\s+(?:\w+\s+)?(?:dev\w*|engineers?|operators?|admins?|on-?call|person|author))"
_WHO = re.compile(
    rf"(?:^|[.?!:;]\s+)(?:who(?:m|se)?\b|why\s+(?:did|didn[’']t|do|don[’']t|have|had|were|was|weren[’']t)\s+{_NAMED}\b)",
    re.IGNORECASE,
)
_DETECTED = re.compile(
    r"\b(?:detect|alert|alarm|monitor|notic|dashboard|metric|signal|observ|visib|unseen)\w*", re.IGNORECASE
)
_ANSWERED = re.compile(
    r"\b(?:respon|runbook|playbook|roll(?:ed|ing)?[- ]?back|mitigat|restor|recover|escalat|hand-?over|on-?call)\w*",
    re.IGNORECASE,
)


class Remark(NamedTuple):
    """A question about the tree, and the factors that it is about."""

    rule: str
    """``chain``, ``few``, ``person``, ``who``, ``evidence``, ``detection``, or ``response``."""
    say: str
    keys: tuple[str, ...]
    """Where to look, at least one id."""


def remarks(session: Session) -> tuple[Remark, ...]:
    """Everything worth a question, the most telling first; none for an empty tree."""
    placed = walk(session)
    if not placed:
        return ()
    first = placed[0].factor.id
    # What is linked below a factor is an answer like any other.
    linked = {parent for each in placed for parent in each.factor.also_under}
    found = [*_persons(placed, linked), *_chains(placed, linked), *_asked(placed)]
    if len(placed) < _FEW:
        found.append(
            Remark("few", f"{_count(len(placed), 'factor')} so far: what else had to be true?", (first,))
        )
    factors = [each.factor for each in placed]
    if not _about(factors, "detect", _DETECTED):
        found.append(
            Remark("detection", "Nothing about detection yet: what lets us detect it sooner?", (first,))
        )
    if not _about(factors, "response", _ANSWERED):
        found.append(Remark("response", "Nothing about response yet: what limits it faster?", (first,)))
    if bare := tuple(factor.id for factor in factors if not has_evidence(factor)):
        found.append(Remark("evidence", f"No evidence yet for {_count(len(bare), 'factor')}.", bare))
    return tuple(found)


def has_evidence(factor: Factor) -> bool:
    """Whether a factor points to anything that shows it."""
    return bool(factor.events or factor.evidence)


def _persons(placed: Iterable[Placed], linked: set[str]) -> list[Remark]:
    return [
        Remark(
            "person",
            f"{each.factor.id} stops at a person (“{words}”): what made that the sensible step then?",
            (each.factor.id,),
        )
        for each in placed
        if not each.children and each.factor.id not in linked and (words := blaming_words(each.factor.text))
    ]


def blaming_words(text: str) -> str:
    """The words of a text that blame somebody, or nothing."""
    return next((finding.words for finding in check(text) if finding.rule.group == "blame"), "")


def _chains(placed: tuple[Placed, ...], linked: set[str]) -> list[Remark]:
    """A remark for every tree that is deep and never branches."""
    found = []
    start = 0
    for position in range(1, len(placed) + 1):
        if position < len(placed) and placed[position].depth:
            continue
        tree = placed[start:position]
        if tree[-1].depth >= _DEEP and all(each.children + (each.factor.id in linked) <= 1 for each in tree):
            root = tree[0].factor
            say = f"One chain only below “{_short(root.text)}”: what else had to be true?"
            found.append(Remark("chain", say, (root.id,)))
        start = position
    return found


def _asked(placed: Iterable[Placed]) -> list[Remark]:
    """A remark for every question that looks for somebody."""
    return [
        Remark(
            "who",
            f"{each.factor.id} asks for a person (“{_short(question)}”): ask how it was possible.",
            (each.factor.id,),
        )
        for each in placed
        if (question := _looking_for_somebody(each.factor))
    ]


def _looking_for_somebody(factor: Factor) -> str:
    texts = [factor.question, *(part for part in re.findall(r"[^.?!\n]+\?", factor.text[:5_000]))]
    return next((text.strip() for text in texts if _WHO.search(text.strip())), "")


def _about(factors: Iterable[Factor], category: str, words: re.Pattern[str]) -> bool:
    return any(
        category in factor.category.casefold() or words.search(factor.text[:5_000]) for factor in factors
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39].rstrip()}…"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
