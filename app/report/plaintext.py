"""The report as plain text for mail, from its HTML: 72 columns, tables aligned where they fit, else row by row."""

import textwrap
from html.parser import HTMLParser
from typing import Final

from app.text import cell_len

WIDTH: Final = 72
_SKIPPED: Final = frozenset(("style", "script", "svg", "head", "title"))
_BLOCKS: Final = frozenset(
    (
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "dt",
        "dd",
        "pre",
        "blockquote",
        "figure",
        "div",
        "header",
        "section",
    )
)


def as_text(page: str) -> str:
    """The page as text that no mail program does anything with."""
    writer = _Writer()
    writer.feed(page)
    writer.close()
    return writer.text()


class _Writer(HTMLParser):
    """Blocks of text in the order of the page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[str] = []
        self._words: list[str] = []
        self._skipped = 0
        self._lists: list[int | None] = []
        self._item = ""
        self._rows: list[list[str]] = []
        self._in_table = False
        self._pre = False
        self._href = ""

    def text(self) -> str:
        """All blocks, one blank line between them but for the items of a list."""
        out: list[str] = []
        for block in self._blocks:
            close = out and _is_item(block) and _is_item(out[-1])
            out.append(("" if not out else "\n" if close else "\n\n") + block)
        return "".join(out) + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipped += tag not in {"head"}
            return
        if tag == "br":
            self._words.append("\n")
        elif tag in {"ul", "ol"}:
            self._flush()
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "table":
            self._flush()
            self._in_table, self._rows = True, []
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"td", "th"}:
            self._words = []
        elif tag == "a":
            self._href = dict(attrs).get("href") or ""
        elif tag == "hr":
            self._blocks.append("-" * WIDTH)
        elif tag in _BLOCKS and not self._in_table:
            self._flush()
            self._pre = tag == "pre"
            if tag == "li":
                self._item = self._mark()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipped -= tag not in {"head"} and self._skipped > 0
        elif tag in {"td", "th"}:
            if self._rows:
                self._rows[-1].append(" ".join("".join(self._words).split()))
            self._words = []
        elif tag == "table":
            self._in_table = False
            self._blocks.append(_table(self._rows))
        elif tag == "a":
            said = "".join(self._words)
            if self._href and not said.rstrip().endswith(self._href):
                self._words.append(f" <{self._href}>")
            self._href = ""
        elif tag == "dt":
            self._words.append(": ")
            self._item = "".join(self._words)
            self._words = []
        elif tag in {"ul", "ol"}:
            self._flush()
            if self._lists:
                self._lists.pop()
        elif tag in _BLOCKS and not self._in_table:
            self._flush(tag)

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self._words.append(data)

    def _mark(self) -> str:
        indent = "  " * (len(self._lists) - 1)
        if self._lists and (count := self._lists[-1]) is not None:
            self._lists[-1] = count + 1
            return f"{indent}{count + 1}. "
        return f"{indent}- "

    def _flush(self, tag: str = "") -> None:
        text = "".join(self._words)
        self._words = []
        if self._pre:
            self._pre = False
            if text.strip():
                self._blocks.append(text.strip("\n"))
            return
        if not text.strip():
            return
        words = "\n".join(" ".join(line.split()) for line in text.split("\n \n")).strip()
        item, self._item = self._item, ""
        if tag in {"h1", "h2"}:
            line = " ".join(words.split())
            self._blocks.append(f"{line}\n{('=' if tag == 'h1' else '-') * min(cell_len(line), WIDTH)}")
        elif tag == "dd":
            self._blocks.append(_wrapped(" ".join(words.split()), item, "    "))
        else:
            self._blocks.append(_wrapped(" ".join(words.split()), item, " " * len(item)))


def _wrapped(text: str, first: str, rest: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _is_item(block: str) -> bool:
    head = block.lstrip("\n ").split(" ", 1)[0]
    return (
        head == "-"
        or (head.endswith(".") and head[:-1].isdigit())
        or (": " in block.split("\n")[0][:16] and len(block) < 200)
    )


def _table(rows: list[list[str]]) -> str:
    """Columns where they fit into the width, else one block a row."""
    rows = [row for row in rows if row]
    if not rows:
        return ""
    count = max(map(len, rows))
    rows = [[*row, *[""] * (count - len(row))] for row in rows]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(count)]
    if sum(widths) + 2 * (count - 1) <= WIDTH:
        lines = [
            "  ".join(
                cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
            ).rstrip()
            for row in rows
        ]
        return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
    heads, *body = rows
    blocks = []
    for row in body:
        first, *further = [
            (head, cell) for head, cell in zip(heads, row, strict=True) if cell and cell != "-"
        ] or [("", "")]
        lead = further.pop(0)[1] if further else ""
        told = "; ".join(f"{head.lower()}: {cell}" for head, cell in further)
        words = f"{lead}{f' ({told})' if told else ''}"
        head = f"{first[1]}  "
        blocks.append(
            _wrapped(words, head, "    ")
            if cell_len(head) <= WIDTH // 3
            else _wrapped(head + words, "", "    ")
        )
    return "\n".join(blocks)
