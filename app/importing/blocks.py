"""A document as a flat run of blocks, each with the lines that it stands on; every line belongs to one block.

Markdown is read by markdown-it; plain text is Markdown that happens to have no marks. Indented text is no code
here: people indent what belongs together.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Kind = Literal["heading", "paragraph", "item", "table", "fence", "rule", "other"]

_NOTICE_END = re.compile(r"#\s*-{3,}")
_FRONT = {"+++": "+++", "---": "---"}


class TableRow(NamedTuple):
    """A row of a table: the line that it stands on, and its cells."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A piece of the document on the lines *begin* to *end* (counted from 0, *end* is the line behind it)."""

    kind: Kind
    begin: int
    end: int
    text: str
    """Its words without the marks of the block; lines as they are broken in the document."""
    level: int = 0
    """Of a heading."""
    depth: int = 0
    """In how many lists it stands."""
    rows: tuple[TableRow, ...] = ()
    """Of a table; the first is its head."""


class Head(NamedTuple):
    """What stands before the document itself: a notice about it, and its front matter."""

    notice: int
    """The line behind the notice; 0 where there is none."""
    front: int
    """The line behind the front matter; the same as *notice* where there is none."""
    mark: str
    """What fences the front matter: ``+++`` for TOML, ``---`` for YAML."""


def head(lines: list[str]) -> Head:
    """Find the lines before the document: ``# source: …`` up to ``# ---``, then front matter."""
    notice = 0
    for number, line in enumerate(lines[:40]):
        if not line.startswith("#"):
            break
        if number and _NOTICE_END.match(line):
            notice = number + 1
            break
    begin = notice
    while begin < len(lines) and not lines[begin].strip():
        begin += 1
    mark = lines[begin].strip() if begin < len(lines) else ""
    if mark in _FRONT:
        for number in range(begin + 1, min(len(lines), begin + 200)):
            if lines[number].strip() == _FRONT[mark]:
                inside = lines[begin + 1 : number]
                keyed = [line for line in inside if re.match(r"\s*[\w.-]+\s*[:=]", line)]
                return Head(notice, number + 1, mark) if keyed else Head(notice, notice, "")
    return Head(notice, notice, "")


def blocks(lines: list[str], begin: int = 0) -> list[Block]:
    """The blocks from line *begin* on, in order; blank lines between them belong to none."""
    body = lines[begin:]
    tokens = _reader().parse("\n".join(body))
    found = _walk(tokens, body)
    covered: set[int] = set()
    for block in found:
        covered.update(range(block.begin, block.end))
    # Definitions of links, list marks without words, nesting too deep to be read: text all the same.
    for number, line in enumerate(body):
        if number not in covered and line.strip():
            last = found[-1] if found and found[-1].kind == "other" and found[-1].end == number else None
            if last:
                found[-1] = Block("other", last.begin, number + 1, f"{last.text}\n{line}", depth=last.depth)
            else:
                found.append(Block("other", number, number + 1, line))
    found.sort(key=lambda block: block.begin)
    return [
        Block(
            block.kind, block.begin + begin, block.end + begin, block.text, block.level, block.depth,
            tuple(TableRow(row.line + begin, row.cells) for row in block.rows),
        )
        for block in found
    ]  # fmt: skip


def _walk(tokens: "list[Token]", body: list[str]) -> list[Block]:
    found: list[Block] = []
    depth = 0
    fresh_item = False
    used = 0
    place = 0
    while place < len(tokens):
        token = tokens[place]
        begin, end = token.map or (0, 0)
        begin = max(begin, used)
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            depth += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
        elif token.type == "list_item_open":
            fresh_item = True
        elif token.type in {"heading_open", "paragraph_open"} and begin < end:
            text = tokens[place + 1].content
            if token.type == "heading_open" and depth == 0:
                found.append(Block("heading", begin, end, text, level=int(token.tag[1])))
            else:
                kind: Kind = "item" if fresh_item and depth else "paragraph"
                found.append(Block(kind, begin, end, text, depth=depth))
            fresh_item, used = False, end
        elif token.type == "fence" and begin < end:
            found.append(Block("fence", begin, end, _dedented(body[begin:end]), depth=depth))
            fresh_item, used = False, end
        elif token.type in {"hr", "html_block"} and begin < end:
            kind = "rule" if token.type == "hr" else "other"
            found.append(Block(kind, begin, end, "\n".join(body[begin:end]), depth=depth))
            fresh_item, used = False, end
        elif token.type == "table_open" and begin < end:
            place, rows = _table(tokens, place)
            found.append(Block("table", begin, end, "\n".join(body[begin:end]), depth=depth, rows=rows))
            fresh_item, used = False, end
        place += 1
    return found


def _table(tokens: "list[Token]", place: int) -> tuple[int, tuple[TableRow, ...]]:
    rows: list[TableRow] = []
    cells: list[str] = []
    line = 0
    while place < len(tokens) and tokens[place].type != "table_close":
        token = tokens[place]
        if token.type == "tr_open" and token.map:
            line, cells = token.map[0], []
        elif token.type == "inline":
            cells.append(token.content)
        elif token.type == "tr_close":
            rows.append(TableRow(line, tuple(cells)))
        place += 1
    return place, tuple(rows)


def _dedented(lines: list[str]) -> str:
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] if not line[:indent].strip() else line for line in lines)


@lru_cache(maxsize=1)
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").disable(["code", "blockquote"])
