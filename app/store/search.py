"""Search in what people wrote, over all reviews: every text of a review with its place, and the words found in it.

Files that cannot hold the words are not parsed: that makes it quick with hundreds of reviews.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.review.plain import one_line
from app.review.records import Record, Session
from app.store.shelf import Shelved, shelf

_QUERY = re.compile(r'"([^"]+)"|(\S+)')
_PLAIN = re.compile(r"[a-z0-9]+")
_AROUND: Final = 48
_LISTS: Final[dict[str, tuple[str, ...]]] = {
    "impacts": ("text",),
    "sources": ("name", "note"),
    "events": ("text", "source", "actor", "tags", "note"),
    "factors": ("text", "question", "category", "label", "note"),
    "actions": ("text", "done_when", "owner", "sponsor", "reason", "note"),
    "parked": ("text", "reason"),
    "distribution": ("to", "how"),
}
_INCIDENT: Final = ("title", "severity", "severity_note", "services", "authors", "facilitator")
_NARRATIVE: Final = (
    *("summary", "trigger", "detection", "response", "went_well", "was_hard", "lucky", "surprises"),
    *("lessons", "prevention"),
)


@dataclass(frozen=True)
class Hit:
    """One text that holds every word: where it is, and what stands around the first of them."""

    folder: Path
    review: str
    session_id: str
    where: str
    """``E5 text``, ``AI-001 done when``, ``summary``, ``lesson 2``."""
    record: str
    """The id of the record, where the text belongs to one."""
    snippet: str


def search(root: Path, query: str) -> Iterator[Hit | Shelved]:
    """The texts below *root* that hold every word of *query*, in the reviews that were saved last first.

    A phrase stands in quotes; case does not matter. A review that cannot be read is passed on with its problem.
    """
    words = needles(query)
    if not words:
        return

    parts = {part for word in words for part in _PLAIN.findall(word)}

    def may_hold(raw: bytes) -> bool:
        # Other letters may be escaped in the files; these never are.
        folded = raw.decode("utf-8", "replace").casefold()
        return all(part in folded for part in parts)

    for each in shelf(root, may_hold):
        if each.problem:
            yield each
            continue
        for where, record, text in texts(each.session):
            folded = text.casefold()
            if all(word in folded for word in words):
                yield Hit(each.folder, each.title, each.session.id, where, record, _snippet(text, words[0]))


def needles(query: str) -> list[str]:
    """The words and phrases of *query*, folded."""
    return [(phrase or word).casefold() for phrase, word in _QUERY.findall(query)]


def texts(session: Session) -> Iterator[tuple[str, str, str]]:
    """Every text that people wrote or chose: its place, the id of its record or nothing, and the text."""
    if session.id:
        yield "id", "", session.id
    for name in _INCIDENT:
        yield from _texts(session.incident, name, name.replace("_", " "), "")
    for name in _NARRATIVE:
        yield from _texts(session.narrative, name, name.replace("_", " "), "")
    for passage in session.narrative.passages:
        if passage.text or passage.heading:
            yield f"passage {passage.heading}".strip(), "", f"{passage.heading}\n{passage.text}"
    for field, names in _LISTS.items():
        for row in getattr(session, field):
            for name in names:
                yield from _texts(row, name, f"{row.id} {name.replace('_', ' ')}", row.id)
    for name in ("found", "note"):
        yield from _texts(session.follow_up, name, f"follow-up {name}", "")


def _texts(record: Record, name: str, where: str, record_id: str) -> Iterator[tuple[str, str, str]]:
    value = getattr(record, name)
    if isinstance(value, str):
        if value:
            yield where, record_id, value
        return
    for number, text in enumerate(value, 1):
        if text:
            yield f"{where} {number}", record_id, text


def _snippet(text: str, word: str) -> str:
    flat = one_line(" ".join(text.split()))
    place = max(0, flat.casefold().find(" ".join(word.split())))
    start, end = max(0, place - _AROUND), place + len(word) + _AROUND
    return f"{'…' if start else ''}{flat[start:end].strip()}{'…' if end < len(flat) else ''}"
