"""What reports look like that were copied out of a page, a mail or a chat: the blocks as their author meant them.

Markdown takes a line of dashes for the underline of a heading, loses what is indented by one space too few, and
knows no heading without a mark. Reports are full of all three.
"""

import re
from dataclasses import replace
from itertools import pairwise
from typing import Final

from app.importing.blocks import Block, TableRow, blocks
from app.importing.times import Clock
from app.importing.words import FIELDS, role_of

_LONGEST_HEADING: Final = 60
_TAG = re.compile(r"\s*<(?P<name>table|h[1-6])\b", re.IGNORECASE)
_DASH = re.compile(r"\s*[–—•◦▪‣]\s+(?=\S)")
_ROW = re.compile(r"<tr\b", re.IGNORECASE)
_DONE = re.compile(r"actions? taken\b", re.IGNORECASE)


def settled(found: list[Block], lines: list[str], clock: Clock) -> list[Block]:
    """*found* with headings that are none as text, headings without a mark as headings, and items in their places."""
    found = [each for block in found for each in _out_of_html(block)]
    found = [each for block in found for each in _dashed(block, lines)]
    found = _deeper([each for block in found for each in _underlined(block, lines, clock)], lines)
    marked = sum(block.kind == "heading" for block in found)
    return found if marked > 1 else [each for block in found for each in _headed(block)]


def _out_of_html(block: Block) -> list[Block]:
    """A heading or a table that stands in Markdown as HTML."""
    if block.kind != "other" or not (tag := _TAG.match(block.text)):
        return [block]
    from app.importing.html import to_markdown

    inner = blocks(to_markdown(block.text).rstrip("\n").split("\n"))
    if tag["name"].lower() == "table":
        tables = [each for each in inner if each.kind == "table"]
        if len(tables) != 1 or len(inner) > len(tables):
            return [block]
        starts = [number for number, line in enumerate(block.text.split("\n")) if _ROW.search(line)]
        if len(starts) != len(tables[0].rows):
            return [block]
        rows = zip(starts, tables[0].rows, strict=True)
        placed = tuple(TableRow(block.begin + start, row.cells) for start, row in rows)
        return [replace(block, kind="table", rows=placed)]
    head = inner[0] if len(inner) == 1 and inner[0].kind == "heading" else None
    return [replace(block, kind="heading", text=head.text, level=head.level)] if head else [block]


def _dashed(block: Block, lines: list[str]) -> list[Block]:
    """The items that an item has swallowed: Markdown knows no long dash for a bullet."""
    starts = [number for number in range(block.begin + 1, block.end) if _DASH.match(lines[number])]
    if block.kind != "item" or not starts or block.text.count("\n") + 1 != block.end - block.begin:
        return [block]
    texts = block.text.split("\n")
    found: list[Block] = []
    for begin, end in pairwise([block.begin, *starts, block.end]):
        text = "\n".join(texts[begin - block.begin : end - block.begin])
        found.append(
            replace(block, begin=begin, end=end, text=_DASH.sub("", text, count=1) if found else text)
        )
    return found


def _underlined(block: Block, lines: list[str], clock: Clock) -> list[Block]:
    """Text over a line of dashes is a heading only where it looks like one: no table, no rows, no paragraph."""
    last = lines[block.end - 1].strip() if block.kind == "heading" else ""
    if block.end - block.begin < 2 or set(last) not in ({"-"}, {"="}):
        return [block]
    above = block.text.split("\n")
    timed = clock.look(above[0])
    if len(above) == 1 and "|" not in above[0] and not (timed.leads and timed.has_clock and timed.text):
        return [block]
    return [
        replace(block, kind="paragraph", level=0, end=block.end - 1),
        Block("rule", block.end - 1, block.end, last, depth=block.depth),
    ]


def _deeper(found: list[Block], lines: list[str]) -> list[Block]:
    """What is indented under an item belongs to it, though by a space too few for Markdown."""
    settled: list[Block] = []
    holder: Block | None = None
    top, shift = 0, False
    for block in found:
        indent = _indent(lines[block.begin])
        if block.kind == "item" and holder and block.depth == holder.depth and _is_bullet(lines[block.begin]):
            shift = indent > _indent(lines[holder.begin])
        elif block.kind == "item" or not indent:
            shift = False
        if block.kind == "item" and not shift and (holder is None or block.depth <= holder.depth):
            holder = None if _is_bullet(lines[block.begin]) else block
        elif not block.depth and not indent:
            holder = None
        last = settled[-1] if settled else None
        if last and last.depth and not block.depth and block.kind in {"paragraph", "fence"} and indent > top:
            settled.append(replace(block, depth=last.depth))
            continue
        if block.kind == "item":
            top = indent
        settled.append(replace(block, depth=block.depth + 1) if shift else block)
    return settled


def _headed(block: Block) -> list[Block]:
    """A line of its own, or in a paragraph, that names a part of a report, in a text without headings."""
    if block.kind != "paragraph" or block.depth or block.end - block.begin != block.text.count("\n") + 1:
        return [block]
    found: list[Block] = []
    begin = 0
    texts = block.text.split("\n")
    for number, line in [*enumerate(texts), (len(texts), "")]:
        # A label over its words is one as well: "Timeline:"
        heads = number < len(texts) and names_part(line.rstrip(":：") if len(texts) > 1 else line)
        if (heads or number == len(texts)) and begin < number:
            first, last = block.begin + begin, block.begin + number
            found.append(replace(block, begin=first, end=last, text="\n".join(texts[begin:number])))
        if heads:
            at = block.begin + number
            found.append(replace(block, kind="heading", begin=at, end=at + 1, text=line.strip(), level=2))
            begin = number + 1
    return found


def names_part(line: str) -> bool:
    """Whether a line without a mark is the heading of a part: ``TIMELINE``, ``A timeline of the events``."""
    words = line.strip()
    role = role_of(words) if 0 < len(words) <= _LONGEST_HEADING and words[-1] not in ".:：,;" else None
    return role is not None and role not in FIELDS and not _DONE.match(words)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_bullet(line: str) -> bool:
    return line.lstrip()[:1] in {"-", "*", "+", "•"}
