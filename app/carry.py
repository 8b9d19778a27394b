"""What a report in Markdown carries beside its words, so that it can be read into a review again.

A table says ``10:15``; a review also knows the offset, that it was "about", and which milestone it is. The report
ends in an HTML comment that says so: one line of JSON for every record *that the report shows*, with the fields that
its visible words do not say exactly. Notes, evidence and rows that were left out are not in it. Each line names the
words that it belongs to by their digest: where a person changed them since, what can be seen counts.
"""

import hashlib
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from app.markdown import words

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

OPENING: Final = (
    "<!-- blamefree 1: what the words above say, exactly; `blamefree import` reads it; it can be deleted"
)
CLOSING: Final = "-->"

PROSE: Final = {
    "Summary": "summary",
    "Root Cause": "trigger",
    "Detection": "detection",
    "Response": "response",
    "Prevention": "prevention",
}
"""Headings of the report whose text is one part of the narrative."""
LISTED: Final = {
    "What Went Well": "went_well",
    "What Was Hard": "was_hard",
    "Where We Were Lucky": "lucky",
    "What Surprised Us": "surprises",
    "Lessons Learned": "lessons",
}
"""Headings of the report whose text is a list of the narrative."""
_HEADING = re.compile(r"#{1,2}(?:\s|$)")


COUNTED: Final = ("Duration", "Value", "Counted as")
"""The head of the table of durations, which are computed anew."""
PLACEHOLDERS: Final = frozenset({
    "Not written yet.", "Not recorded yet.", "None named yet.", "None agreed yet.", "No row yet.",
})  # fmt: skip
"""What this program writes where nobody wrote anything."""


def is_placeholder(text: str) -> bool:
    """Whether a section says nothing but that nobody wrote it."""
    return text.strip("*") in PLACEHOLDERS and text.startswith("*")


def digest(*parts: str) -> str:
    """A short name for visible words; spaces at their ends do not count."""
    text = "\x1f".join(" ".join(part.split()) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:10]


def line(record: dict[str, Any]) -> str:
    """A record as a line of the comment, which nothing in it can end."""
    text = json.dumps(record, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("--", "\\u002d\\u002d")


def read_lines(lines: list[str]) -> list[dict[str, Any]]:
    """The records of a comment; lines that are none are passed over."""
    found = []
    for each in lines:
        try:
            record = json.loads(each)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            found.append(record)
    return found


def place(lines: list[str]) -> tuple[int, int] | None:
    """The lines of the comment in a report, its marks included; None where there is none."""
    begin = next((number for number, each in enumerate(lines) if each.startswith(OPENING[:16])), None)
    if begin is None:
        return None
    end = next((number for number in range(begin, len(lines)) if lines[number].strip() == CLOSING), None)
    return (begin, end + 1) if end is not None else None


def cells(row: str) -> list[str] | None:
    """The cells of a line of a table as this program writes it; None for any other line."""
    if not (row.startswith("| ") and row.endswith(" |")):
        return None
    return [each.strip() for each in re.split(r"(?<!\\)\|", row[1:-1])]


def cell(text: str) -> str:
    """What the cell of a table says; a dash says nothing."""
    found = words(text.strip())
    return "" if found == "-" else found


def entry(lines: list[str]) -> str:
    """The text of an item of a list that begins with its mark; its further lines are indented by two."""
    first, *rest = lines
    return "\n".join([first[2:], *(each.removeprefix("  ") for each in rest)]).rstrip()


def body(lines: list[str]) -> str:
    """The text under a heading, without the blank lines around it."""
    return "\n".join(lines).strip("\n").rstrip()


def headings(lines: list[str]) -> list[int]:
    """The numbers of the lines that are headings of the first two levels, outside of code and lists."""
    if not any(map(_HEADING.match, lines)):
        return []
    tokens = _reader().parse("\n".join(lines))
    return [
        token.map[0]
        for token in tokens
        if token.type == "heading_open" and token.map and not token.level and token.markup in {"#", "##"}
    ]


@lru_cache(maxsize=1)
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # A report has no HTML of its own; what looks like it is words.
    return (
        MarkdownIt("commonmark", {"html": False})
        .enable("table")
        .disable(["html_block", "html_inline", "inline"])
    )
