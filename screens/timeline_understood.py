"""What a text would mean in a cell of the timeline, said while it is typed: before it is meant, it can be mended."""

from collections.abc import Mapping
from typing import Final

from app.review import capture
from app.review.records import Event
from app.review.vocabulary import KINDS, MILESTONES
from screens.editing import NotUnderstood, stated_day, time_changes, word_of
from screens.workbench import Workbench

STARS: Final = frozenset({"*", "★", "star", "x"})
"""What is typed into the last column for a star without a milestone."""


def star_of(text: str) -> dict[str, object]:
    """The fields that the last column sets: a star, a milestone, which has a star as well, or neither."""
    word = text.strip()
    if word.casefold() in STARS:
        return {"milestone": "", "starred": True}
    milestone = word_of(word.lstrip("*★ "), tuple(MILESTONES))
    return {"milestone": milestone, "starred": bool(milestone)}


def understood(column: str, text: str, bench: Workbench, anchor: str) -> str:
    """What *text* means in a cell of *column*; nothing where it means itself. *anchor* is the row it counts from."""
    if column == "time":
        return _time(text, bench, anchor)
    if column == "kind":
        return _word("kind", text, KINDS)
    if column == "milestone":
        found = star_of(text)
        if found["starred"] and not found["milestone"]:
            return "a star: the row goes into the report"
        return _word("★", str(found["milestone"]) if text.strip() else "", MILESTONES)
    return ""


def _time(text: str, bench: Workbench, anchor: str) -> str:
    if not text.strip():
        return "no time: the row stays where it is"
    try:
        found = Event.model_validate(time_changes(text, bench, anchor))
    except NotUnderstood:
        return "▲ no time yet: 10:15 · ~10:15 · 10:15-10:22 · +5m · 2025-02-09 10:15"
    return capture.describe_time(found, bench.zone, bench.zone_name, stated_day(bench))


def _word(what: str, text: str, known: Mapping[str, str]) -> str:
    """Which of the *known* words a text is, or may still become."""
    typed = text.strip()
    word = word_of(typed, tuple(known))
    if word in known:
        return f"{what} {word}"
    hits = [each for each in known if each.startswith(typed.casefold())] if typed else [*known]
    if not typed or hits:
        return f"{what}: {', '.join(hits)}"
    return f"{what} “{word}”: a word of your own"
