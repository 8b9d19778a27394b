"""The capture line: one line of typing becomes a record. What is not understood stays text.

Marks stand at the end of the line, in any order: ``@who``, ``#kind`` or ``#milestone``, ``<source>``,
``%category``, ``!priority``, a due date. A mark in the middle of a sentence is part of the sentence.
"""

import re
from dataclasses import dataclass
from datetime import date, tzinfo

from app.review.dates import read_due
from app.review.moments import Context, read, show
from app.review.records import Action, Event, Factor
from app.review.vocabulary import (
    ACTION_KINDS,
    CATEGORIES,
    FACTOR_KINDS,
    KINDS,
    MARKS,
    MILESTONES,
    PRIORITIES,
    complete,
)

_LAST = re.compile(r"\s(?P<mark>[@#!%][^\s<>]+|<[^<>]+>)\s*$")


@dataclass(frozen=True)
class _Marks:
    text: str
    found: tuple[str, ...]


def _split_marks(text: str, accept: str) -> _Marks:
    """Take the marks that begin with a sign in *accept* off the end of *text*."""
    found: list[str] = []
    text = f" {text}"
    while (match := _LAST.search(text)) and match["mark"][0] in accept:
        found.append(match["mark"])
        text = text[: match.start()]
    return _Marks(text.strip(), tuple(reversed(found)))


def event(text: str, context: Context) -> Event:
    """A row of the timeline: ``10:15:30 pool exhausted @oncall #symptom <app logs>``."""
    reading = read(text, context)
    rest = text[reading.end :].strip(" \t-–—:,") if reading else text.strip()
    marks = _split_marks(rest, "@#<")
    values: dict[str, object] = {"text": marks.text}
    kept: list[str] = []
    for mark in marks.found:
        word = mark[1:]
        kind, milestone = complete(word, tuple(KINDS)), complete(word, tuple(MILESTONES))
        if mark[0] == "@" and "actor" not in values:
            values["actor"] = mark
        elif mark[0] == "<" and "source" not in values:
            values["source"] = mark[1:-1].strip()
        elif mark[0] == "#" and kind in KINDS and "kind" not in values:
            values["kind"] = kind
        elif mark[0] == "#" and milestone in MILESTONES and "milestone" not in values:
            values |= {"milestone": milestone, "starred": True}
        else:
            kept.append(mark)
    if kept:
        values["text"] = " ".join([marks.text, *kept]).strip()
    if reading:
        values |= {
            "at": reading.at,
            "until": reading.until,
            "precision": reading.precision,
            "about": reading.about,
            "written": reading.written,
        }
    else:
        values["precision"] = "order-only"
    return Event.model_validate(values)


def factor(text: str) -> Factor:
    """A factor of the why-tree: ``pool size unchanged since traffic tripled %capacity #condition``."""
    marks = _split_marks(text, "%#")
    values: dict[str, object] = {"text": marks.text}
    kept: list[str] = []
    for mark in marks.found:
        word = mark[1:]
        if mark[0] == "%" and "category" not in values:
            values["category"] = category(word)
        elif complete(word, FACTOR_KINDS) in FACTOR_KINDS and "kind" not in values:
            values["kind"] = complete(word, FACTOR_KINDS)
        elif complete(word, MARKS) in MARKS and "mark" not in values:
            values["mark"] = complete(word, MARKS)
        else:
            kept.append(mark)
    if kept:
        values["text"] = " ".join([marks.text, *kept]).strip()
    return Factor.model_validate(values)


def category(word: str) -> str:
    """The category that *word* means: a word of its name will do; any other word is a category of its own."""
    folded = word.casefold()
    hits = [name for name in CATEGORIES if any(part.startswith(folded) for part in name.casefold().split())]
    return hits[0] if len(hits) == 1 else word


def action(text: str, today: date) -> Action:
    """An action: ``Alert on pool use > 80 % for 5 min @bob fri !high -> fires in staging``."""
    head, arrow, done_when = text.partition(" -> ")
    values: dict[str, object] = {"done_when": done_when.strip()} if arrow else {}
    kept: list[str] = []
    words = head.strip()
    while True:
        marks = _split_marks(words, "@!#")
        for mark in reversed(marks.found):
            word = mark[1:]
            if mark[0] == "@" and "owner" not in values:
                values["owner"] = mark
            elif mark[0] == "!" and complete(word, PRIORITIES) in PRIORITIES and "priority" not in values:
                values["priority"] = complete(word, PRIORITIES)
            elif mark[0] == "#" and complete(word, ACTION_KINDS) in ACTION_KINDS and "kind" not in values:
                values["kind"] = complete(word, ACTION_KINDS)
            else:
                kept.insert(0, mark)
        words = marks.text
        taken = None if "due" in values else _trailing_due(words, today, marked=bool(marks.found or values))
        if taken is None:
            break
        words, values["due"] = taken
    values["text"] = " ".join([words, *kept]).strip()
    return Action.model_validate(values)


def _trailing_due(words: str, today: date, *, marked: bool) -> tuple[str, date] | None:
    """Take a due date off the end of *words*.

    Plain words such as ``may`` or ``sat`` are only read as a date beside another mark: a sentence may well
    end in one of them.
    """
    parts = words.split(" ")
    for count in (3, 2, 1):
        if len(parts) <= count:
            continue
        tail = " ".join(parts[-count:])
        plain = tail.isalpha()
        if (marked or not plain) and (due := read_due(tail, today)):
            return " ".join(parts[:-count]).rstrip(" ,"), due
    return None


def describe_event(found: Event, zone: tzinfo, zone_name: str, first_day: date | None) -> str:
    """What the line was understood as, for the person who is typing it."""
    when = f"{show(found, zone, first_day)} {zone_name}" if found.at else "no time: stays in this order"
    if found.at and found.until:
        when += " (a span)"
    parts = [when]
    if found.milestone:
        parts.append(f"★ {found.milestone}")
    parts += [part for part in (found.kind, found.actor, found.source and f"from {found.source}") if part]
    return " · ".join([*parts, f"“{found.text}”" if found.text else "what happened?"])


def describe_factor(found: Factor) -> str:
    """What the line was understood as, for the person who is typing it."""
    parts = [part for part in (found.category, found.kind, found.mark) if part]
    return " · ".join([*parts, f"“{found.text}”" if found.text else "what had to be true?"])


def describe_action(found: Action) -> str:
    """What the line was understood as, for the person who is typing it."""
    due = f"due {found.due:%a %Y-%m-%d}" if found.due else "no date"
    parts = [found.owner or "no owner", due, found.priority or "no priority"]
    if found.kind:
        parts.append(found.kind)
    parts.append(f"done when “{found.done_when}”" if found.done_when else "done when? (-> …)")
    return " · ".join([f"“{found.text}”" if found.text else "what will change?", *parts])
