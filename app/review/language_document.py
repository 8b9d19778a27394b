"""A whole Markdown file by the rules of blameless language, and the comments in it that let a sentence stand.

``<!-- blamefree: allow B04 "reason" -->`` accepts what one rule finds in one sentence: alone on its line in
the passage that follows, else in the passage that it stands in.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from app.review.language import Finding, findings
from app.review.language_rules import Rule, Ruleset, in_force
from app.review.language_text import Layout, Passage, Remark, layout

_ALLOW: Final = re.compile(r"allow\s+(\w+)\s+[\"“]([^\"“”]*\w[^\"“”]*)[\"”]")
_NOTHING: Final = re.compile(r"(?!)")
_UNREAD: Final = Rule(
    "L01",
    "comment",
    "warn",
    _NOTHING,
    'Write <!-- blamefree: allow B04 "the reason" -->: a reason is needed.',
)
_IDLE: Final = Rule(
    "L02", "comment", "info", _NOTHING, "This comment has nothing to allow any more: take it out."
)


@dataclass(frozen=True)
class Allowed:
    """A finding that is accepted, and the reason that was given for it."""

    finding: Finding
    reason: str


@dataclass(frozen=True)
class Checked:
    """What the rules say about a file, and what of it is accepted."""

    findings: tuple[Finding, ...]
    allowed: tuple[Allowed, ...]


def check_document(
    text: str, using: Ruleset | None = None, accepted: Collection[tuple[str, str, str]] = ()
) -> Checked:
    """Check a Markdown file. *accepted* are rule, sentence and reason of what may stand besides its comments."""
    places = layout(text, document=True)
    found = findings(text, places.spans, (using or in_force()).rules)
    reasons: dict[int, str] = {}
    remarks: list[Finding] = []
    for remark in places.remarks:
        match = _ALLOW.fullmatch(remark.says)
        if match is None:
            remarks.append(_about(text, remark, _UNREAD))
            continue
        stands = _stands(found, places, remark, match[1])
        remarks += [] if stands else [_about(text, remark, _IDLE)]
        reasons |= dict.fromkeys(stands, match[2])
    if accepted:
        known = {(rule, sentence): reason for rule, sentence, reason in accepted}
        for number, each in enumerate(found):
            if (reason := known.get((each.rule.id, each.sentence))) is not None:
                reasons.setdefault(number, reason)
    left = [each for number, each in enumerate(found) if number not in reasons]
    return Checked(
        tuple(sorted((*left, *remarks), key=lambda each: (each.start, each.rule.id))),
        tuple(Allowed(found[number], reason) for number, reason in sorted(reasons.items())),
    )


def _stands(found: tuple[Finding, ...], places: Layout, remark: Remark, rule: str) -> list[int]:
    """The numbers of the findings that a comment accepts: those of its rule in the one sentence it is about."""
    begin, end = _scope(places, remark)
    mine = [n for n, each in enumerate(found) if each.rule.id == rule and begin <= each.start < end]
    before = [n for n in mine if found[n].end <= remark.start]
    if not mine:
        return []
    chosen = found[before[-1] if before else mine[0]]
    return [
        n
        for n in mine
        if found[n].passage is chosen.passage and found[n].sentence_span == chosen.sentence_span
    ]


def _scope(places: Layout, remark: Remark) -> tuple[int, int]:
    for start, end in places.spans:
        if (start >= remark.end) if remark.alone else (end > remark.start):
            return start, end
    return 0, 0


def _about(text: str, remark: Remark, rule: Rule) -> Finding:
    words = text[remark.start : remark.end]
    return Finding(
        rule, remark.start, remark.end, words, Passage(text, words, (0,), (remark.start,)), (0, len(words))
    )
