"""The capture line: one line of typing becomes a record. What is not understood stays text.

Marks stand at the end of the line, in any order: ``@who``, ``#kind`` or ``#milestone``, ``<source>``,
``%category``, ``!priority``, a due date. A mark in the middle of a sentence is part of the sentence.
"""

import re
from dataclasses import dataclass
from datetime import date, tzinfo

from app.review.dates import is_unmistakable, read_due
from app.review.moments import Context, in_zone, read, show
from app.review.plain import one_line
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

# What people put between a time and their sentence; a sign that belongs to the next word stays ("-5 %").
_JOINT = re.compile(r"\s*(?:[-–—:,]+(?=\s|\Z))?\s*")


@dataclass(frozen=True)
class _Marks:
    text: str
    found: tuple[str, ...]


def _split_marks(text: str, accept: str) -> _Marks:
    """Take the marks that begin with a sign in *accept* off the end of *text*."""
    found: list[str] = []
    text = text.strip()
    while mark := _last_mark(text, accept):
        found.append(mark)
        text = text[: -len(mark)].rstrip()
    return _Marks(text, tuple(reversed(found)))


def _last_mark(text: str, accept: str) -> str:
    """The mark that *text* ends with, or nothing. A sign alone, as in ``80 %``, is none."""
    if text.endswith(">"):
        start = text.rfind("<")
        mark = text[max(start, 0) :]
        return (
            mark if start >= 0 and "<" in accept and _begins_word(text, start) and mark[1:-1].strip() else ""
        )
    mark = text[-1:] and text.rsplit(None, 1)[-1]
    return mark if len(mark) > 1 and mark[0] in accept and not {"<", ">"} & set(mark) else ""


def _begins_word(text: str, start: int) -> bool:
    return start == 0 or text[start - 1].isspace()


def event(text: str, context: Context) -> Event:
    """A row of the timeline: ``10:15:30 pool exhausted @oncall #symptom <app logs>``."""
    text = one_line(text)
    reading = read(text, context)
    rest = text[reading.end :] if reading else text
    marks = _split_marks(_JOINT.sub("", rest, count=1) if reading else rest, "@#<")
    values: dict[str, object] = {"text": marks.text}
    kept: list[str] = []
    for mark in marks.found:
        word = mark[1:]
        # Both vocabularies at once: a beginning that fits a word of each says nothing.
        known = complete(word, (*KINDS, *MILESTONES))
        if mark[0] == "@" and "actor" not in values:
            values["actor"] = mark
        elif mark[0] == "<" and "source" not in values:
            values["source"] = mark[1:-1].strip()
        elif mark[0] == "#" and known in KINDS and "kind" not in values:
            values["kind"] = known
        elif mark[0] == "#" and known in MILESTONES and "milestone" not in values:
            values |= {"milestone": known, "starred": True}
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
    marks = _split_marks(one_line(text), "%#")
    values: dict[str, object] = {"text": marks.text}
    kept: list[str] = []
    for mark in marks.found:
        word = mark[1:]
        if mark[0] == "%" and "category" not in values:
            values["category"] = category(word)
        elif mark[0] == "#" and complete(word, FACTOR_KINDS) in FACTOR_KINDS and "kind" not in values:
            values["kind"] = complete(word, FACTOR_KINDS)
        elif mark[0] == "#" and complete(word, MARKS) in MARKS and "mark" not in values:
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
    """An action: ``Alert on pool use > 80 % for 5 min @bob fri !high -> fires in staging``.

    Marks may also stand at the very end, behind what it takes to be done.
    """
    head, arrow, tail = one_line(text).partition(" -> ")
    values: dict[str, object] = {}
    done_when = _take_marks(tail, values, today)
    values["text"] = _take_marks(head, values, today)
    if arrow:
        values["done_when"] = done_when
    return Action.model_validate(values)


def _take_marks(words: str, values: dict[str, object], today: date) -> str:
    """Take owner, priority, kind and due date off the end of *words* into *values*; return what is left."""
    kept: list[str] = []
    marked = False
    while True:
        marks = _split_marks(words, "@!#")
        for mark in reversed(marks.found):
            found = _action_mark(mark)
            if found and found[0] not in values:
                values[found[0]] = found[1]
                marked = True
            else:
                kept.insert(0, mark)
        words = marks.text
        taken = None if "due" in values else _trailing_due(words, today, marked=marked)
        if taken is None:
            return " ".join([words, *kept]).strip()
        words, values["due"] = taken
        marked = True


def _action_mark(mark: str) -> tuple[str, str] | None:
    """The field that a mark of an action sets, and its value; None for a mark that says nothing known."""
    word = mark[1:]
    if mark[0] == "@":
        return "owner", mark
    if mark[0] == "!" and (priority := complete(word, PRIORITIES)) in PRIORITIES:
        return "priority", priority
    if mark[0] == "#" and (kind := complete(word, ACTION_KINDS)) in ACTION_KINDS:
        return "kind", kind
    return None


def _trailing_due(words: str, today: date, *, marked: bool) -> tuple[str, date] | None:
    """Take a due date off the end of *words*.

    Words such as ``may``, ``sat`` or ``in 3 days`` are only read as a date beside another mark: a sentence
    may well end in one of them.
    """
    for count in (4, 3, 2, 1):
        parts = words.rsplit(None, count)
        if len(parts) <= count:
            continue
        head, day = parts[0], " ".join(parts[1:])
        before = _last_mark(head, "@!#")
        certain = marked or is_unmistakable(day) or (before and _action_mark(before))
        if certain and (due := read_due(day, today)):
            return head.rstrip(" ,"), due
    return None


def describe_time(found: Event, zone: tzinfo, zone_name: str, first_day: date | None) -> str:
    """When a row is, with the zone that says so; times of *first_day* do without their date."""
    if found.at is None:
        return "no time: stays in this order"
    when = f"{show(found, zone, first_day)} {zone_name}"
    if found.until:
        first, last = (in_zone(each, zone).date() for each in (found.at, found.until))
        when += " (a span)" if first == last else f" (a span, to {last})"
    return when


def describe_event(found: Event, zone: tzinfo, zone_name: str, first_day: date | None) -> str:
    """What the line was understood as, for the person who is typing it."""
    parts = [describe_time(found, zone, zone_name, first_day)]
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
