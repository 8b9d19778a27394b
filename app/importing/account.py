"""What became of a document, for a person and as data: every line once, and what they should look at."""

from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from typing import Any, Final

from app.importing.draft import Draft
from app.importing.times import UNDECLARED, latest_of
from app.review.records import Event

_SAME: Final = 3
"""Rows with the same remark that are told as one."""
_LONGEST: Final = 60
_UNDATED: Final = "The date is not known."
_MOST: int = 12
"""Remarks that are told one by one."""


def account(draft: Draft) -> list[dict[str, Any]]:
    """Every line of the document exactly once, in runs that became the same: ``first`` and ``last`` from 1."""
    found = []
    numbered = enumerate(draft.uses, 1)
    for use, run in groupby(numbered, key=lambda pair: pair[1]):
        numbers = [number for number, _ in run]
        became, where = use or ("blank", "")
        found.append({"first": numbers[0], "last": numbers[-1], "became": became, "where": where})
    return found


def warnings(draft: Draft) -> list[str]:
    """What a person should look at: zones nobody said, rows that run backwards, times that are doubtful."""
    found: list[str] = []
    undeclared = [event for event in draft.events if event.zone == UNDECLARED]
    if undeclared:
        shown = sorted({f"{event.at:%z}" for event in undeclared if event.at})
        offsets = " and ".join(f"UTC{each[:3]}:{each[3:]}" for each in shown) or "UTC"
        found.append(
            f"The document names no zone: {_count(len(undeclared), 'row')} taken for {offsets}. "
            "Give --zone, or --undeclared, if that is wrong."
        )
    found += [
        f"A link to a message proves {name} for its row: give --zone {name} to read all rows so."
        for name in draft.proved
        if undeclared
    ]
    before: Event | None = None
    above = 0
    for event, line in zip(draft.events, draft.event_lines, strict=True):
        if event.at is None:
            continue
        latest = event.at_latest or latest_of(event.at, event.precision)
        if before is None or before.at is None:
            before, above = event, line
            continue
        if latest < before.at and before.track == event.track and event.source != "log":
            found.append(
                f"Line {line} ({event.written or event.at.isoformat()}) is earlier than line {above}: "
                "both stand as they were written."
            )
        if not event.at <= before.at <= latest or before.track != event.track:
            # "Late morning" says nothing of the row behind it that 10:40 before it did not.
            before, above = event, line
    found += _gathered(draft.remarks)
    return (
        found
        if len(found) <= _MOST
        else [*found[:_MOST], f"… and {len(found) - _MOST} more (--json has all)"]
    )


def _gathered(remarks: list[str]) -> list[str]:
    """Remarks, and one for all rows of which the same is said (``10:15: The date is not known.``)."""
    rows: dict[str, list[str]] = {}
    for text in remarks:
        written, colon, doubt = text.partition(": ")
        rows.setdefault(doubt if colon and len(written) < _LONGEST else text, []).append(text)
    found: list[str] = []
    for doubt, texts in rows.items():
        if doubt == _UNDATED:
            doubt = f"{doubt} Give --date if all are of one day."
        if len(texts) < _SAME:
            counted = Counter(texts)
            found += [text if number == 1 else f"{text} ({number} times)" for text, number in counted.items()]
        elif doubt == texts[0]:
            found.append(f"{doubt} ({len(texts)} times)")
        else:
            first = texts[0].partition(": ")[0]
            found.append(f"{_count(len(texts), 'row')} ({first} …): {doubt}")
    return found


def in_words(facts: Mapping[str, Any]) -> str:
    """One sentence: what the document became."""
    nouns = (("events", "row"), ("actions", "action"), ("factors", "factor"), ("impacts", "impact"))
    parts = [_count(facts[key], noun) for key, noun in nouns if facts[key]]
    kept = facts["passages"]
    if kept:
        parts.append(
            f"{_count(len(kept), 'passage')} kept as text ({', '.join(kept[:6])}{' …' if len(kept) > 6 else ''})"
        )
    lines = facts["lines"]
    told = ", ".join(f"{count} {name}" for name, count in lines.items())
    return f"{', '.join(parts) or 'nothing'}. Lines: {told or 'none'}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
