"""Markdown as styled lines of a given width: what a preview shows. Pure, and free of Textual."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from app.text import cell_len, one_line, visible

if TYPE_CHECKING:
    from markdown_it.token import Token

BREAKS = {"<br>", "<br/>", "<br />"}
"""The only HTML that means something: a line break in a cell of a table."""
LEAST_COLUMN = 6
"""A column of a table is never squeezed below this."""


class Span(NamedTuple):
    """Text in one style: names of styles separated by spaces, such as ``strong`` or ``h2``."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


@dataclass(frozen=True)
class Block:
    """A piece of a document: *kind* with its text, or rows of a table, and what stands before its lines."""

    kind: str
    spans: tuple[Span, ...] = ()
    first: str = ""
    rest: str = ""
    rows: tuple[tuple[tuple[Span, ...], ...], ...] = ()
    tight: bool = False
    """No empty line before it."""


@dataclass
class Page:
    """A document laid out: its lines, and where each heading stands."""

    lines: list[Line] = field(default_factory=list)
    headings: list[tuple[int, str, int]] = field(default_factory=list)
    """Level, text and line of each heading."""


def parse(markdown: str) -> list[Block]:
    """Read Markdown (CommonMark with tables and strikethrough); HTML in it is text."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(visible(markdown))
    return _Reader(tokens).blocks


class _Reader:
    """Turns markdown-it's flat list of tokens into blocks."""

    def __init__(self, tokens: Sequence["Token"]) -> None:
        self.blocks: list[Block] = []
        self._frames: list[str] = []
        self._lists: list[int | None] = []
        self._bullet = ""
        self._tight = False
        self._rows: list[list[tuple[Span, ...]]] = []
        self._kind = "text"
        for token in tokens:
            self._read(token)

    def _read(self, token: "Token") -> None:
        name = token.type
        if name == "heading_open":
            self._kind = token.tag
        elif name in {"heading_close", "th_close"}:
            self._kind = "text"
        elif name == "th_open":
            self._kind = "th"
        elif name == "blockquote_open":
            self._frames.append("▎ ")
        elif name in {"blockquote_close", "list_item_close"}:
            self._frames.pop()
            self._bullet = ""
        elif name == "bullet_list_open":
            self._open_list(None)
        elif name == "ordered_list_open":
            self._open_list(int(token.attrs.get("start", 1)))
        elif name in {"bullet_list_close", "ordered_list_close"}:
            self._lists.pop()
            self._tight = bool(self._lists)
        elif name == "list_item_open":
            self._open_item()
        elif name == "table_open":
            self._rows = []
        elif name == "tr_open":
            self._rows.append([])
        elif name == "inline" and self._rows:
            self._rows[-1].append(_inline(token.children or [], "strong" if self._kind == "th" else ""))
        elif name == "table_close":
            self._add("table", rows=tuple(tuple(row) for row in self._rows))
            self._rows = []
        elif name == "inline":
            style = self._kind if self._kind.startswith("h") else ""
            self._add(self._kind, _inline(token.children or [], style))
        elif name in {"fence", "code_block", "html_block"}:
            self._add("code", (Span(token.content.rstrip("\n").expandtabs(4), "code"),))
        elif name == "hr":
            self._add("rule")

    def _open_list(self, start: int | None) -> None:
        self._tight = bool(self._lists)
        self._lists.append(start)

    def _open_item(self) -> None:
        number = self._lists[-1]
        if number is None:
            self._bullet = "• "
        else:
            self._bullet = f"{number}. "
            self._lists[-1] = number + 1
        self._frames.append(" " * len(self._bullet))

    def _add(
        self, kind: str, spans: tuple[Span, ...] = (), rows: tuple[tuple[tuple[Span, ...], ...], ...] = ()
    ) -> None:
        rest = "".join(self._frames)
        first = rest[: len(rest) - len(self._bullet)] + self._bullet if self._bullet else rest
        self.blocks.append(Block(kind, spans, first, rest, rows, self._tight))
        self._bullet = ""
        # Items of a list stand close together; everything else has air above.
        self._tight = bool(self._lists)


def _inline(tokens: Iterable["Token"], base: str) -> tuple[Span, ...]:
    names = {"strong": "strong", "em": "emphasis", "s": "struck", "link": "link"}
    styles = [base] if base else []
    spans: list[Span] = []
    for token in tokens:
        kind, _, end = token.type.rpartition("_")
        if end == "open" and kind in names:
            styles.append(names[kind])
        elif end == "close" and kind in names:
            styles.remove(names[kind])
        elif token.type == "hardbreak" or (token.type == "html_inline" and token.content in BREAKS):
            spans.append(Span("\n"))
        elif token.type == "softbreak":
            spans.append(Span(" ", " ".join(styles)))
        else:
            # Entities have been decoded by now: what they stand for has not passed a gate yet.
            text = one_line(token.content)
            extra = {"code_inline": ["code"], "image": ["quiet"]}.get(token.type, [])
            spans.append(
                Span(f"[image: {text}]" if token.type == "image" else text, " ".join([*styles, *extra]))
            )
    return tuple(spans)


def lay_out(blocks: Sequence[Block], width: int) -> Page:
    """Break *blocks* into lines of at most *width* cells."""
    page = Page()
    frame = ""
    for block in blocks:
        if page.lines and not block.tight:
            # The bar of a quotation goes on between its paragraphs.
            pairs = takewhile(lambda pair: pair[0] == pair[1], zip(frame, block.rest, strict=False))
            common = "".join(character for character, _ in pairs).rstrip()
            page.lines.append((Span(common, "quiet"),) if common else ())
        frame = block.rest
        room = max(8, width - cell_len(block.rest))
        if block.kind in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            text = "".join(span.text for span in block.spans)
            page.headings.append((int(block.kind[1]), text, len(page.lines)))
        if block.kind == "table":
            lines = _table(block.rows, room)
        elif block.kind == "rule":
            lines = [(Span("─" * room, "quiet"),)]
        elif block.kind == "code":
            lines = [_padded(line, room) for line in wrap_spans(block.spans, room)]
        else:
            lines = wrap_spans(block.spans, room)
            if block.kind == "h1":
                lines.append((Span("━" * room, "h1"),))
        for number, line in enumerate(lines or [()]):
            lead = block.rest if number else block.first
            page.lines.append((Span(lead, "quiet"), *line) if lead else line)
    return page


def _padded(line: Line, width: int) -> Line:
    length = sum(cell_len(span.text) for span in line)
    return (*line, Span(" " * max(0, width - length), "code"))


def _table(rows: Sequence[Sequence[tuple[Span, ...]]], room: int) -> list[Line]:
    columns = max((len(row) for row in rows), default=0)
    natural = [
        max(sum(cell_len(span.text) for span in row[column]) if column < len(row) else 0 for row in rows)
        for column in range(columns)
    ]
    words = [
        max(
            (
                cell_len(word)
                for row in rows
                if column < len(row)
                for span in row[column]
                for word in span.text.split()
            ),
            default=0,
        )
        for column in range(columns)
    ]
    widths = _squeeze(natural, words, room - 2 * max(0, columns - 1))
    lines: list[Line] = []
    for number, row in enumerate(rows):
        cells = [
            wrap_spans(row[column] if column < len(row) else (), widths[column]) for column in range(columns)
        ]
        for height in range(max((len(cell) for cell in cells), default=0)):
            line: list[Span] = []
            for column, cell in enumerate(cells):
                piece = cell[height] if height < len(cell) else ()
                length = sum(cell_len(span.text) for span in piece)
                gap = 2 if column < columns - 1 else 0
                line += [*piece, Span(" " * (widths[column] - length + gap))]
            lines.append(tuple(line))
        if not number:
            lines.append((Span("  ".join("─" * width for width in widths), "quiet"),))
    return lines


def _squeeze(natural: Sequence[int], words: Sequence[int], room: int) -> list[int]:
    """Widths for columns of *natural* width: the widest give way until all fit, and words are broken last."""
    for least in (words, [0] * len(words)):
        cap = max(natural, default=1)
        while True:
            widths = [max(1, min(width, max(cap, word))) for width, word in zip(natural, least, strict=True)]
            if sum(widths) <= room:
                return widths
            if cap <= LEAST_COLUMN:
                break
            cap -= 1
    return widths


def wrap_spans(spans: Sequence[Span], width: int) -> list[Line]:
    """Break styled text into lines of at most *width* cells, at spaces where there are any."""
    lines: list[Line] = []
    line: list[Span] = []
    used = 0

    def end() -> None:
        nonlocal line, used
        lines.append(tuple(line))
        line, used = [], 0

    for span in spans:
        for word in re.findall(r"\n|[^\S\n]+|[^\s]+", span.text):
            if word == "\n":
                end()
                continue
            size = cell_len(word)
            if used + size > width and line:
                end()
                if word.isspace() and "code" not in span.style:
                    continue
            while size > width:
                head = _head(word, width)
                lines.append((Span(head, span.style),))
                word = word[len(head) :]
                size = cell_len(word)
            line.append(Span(word, span.style))
            used += size
    if line or not lines:
        end()
    return [_joined(pieces) for pieces in lines]


def _joined(pieces: Line) -> Line:
    """Neighbours of the same style as one span: a line is drawn by spans."""
    joined: list[Span] = []
    for piece in pieces:
        if joined and joined[-1].style == piece.style:
            joined[-1] = Span(joined[-1].text + piece.text, piece.style)
        else:
            joined.append(piece)
    return tuple(joined)


def _head(word: str, width: int) -> str:
    size = used = 0
    for character in word:
        used += cell_len(character)
        if used > width and size:
            break
        size += 1
    return word[:size]
