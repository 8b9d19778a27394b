"""The gates for text: what comes in is made visible, what goes to the screen is measured in cells.

Three gates, and each is passed on purpose even where an earlier one was: *in* (:func:`decode`,
:func:`visible`, :func:`one_line`), *screen* (:mod:`widgets.safe`, which never parses markup), *out* (one
encoder per format, in :mod:`app.report.encode`; CSV's is here, which trackers need too).
"""

import re

from rich.cells import cell_len, set_cell_size

from app.review.plain import one_line, scrub, visible

__all__ = [
    "FORMULA",
    "cell_len",
    "csv_back",
    "csv_cell",
    "csv_kept",
    "cut",
    "decode",
    "fit",
    "one_line",
    "scrub",
    "visible",
    "wrap",
]

FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What a formula begins with; spreadsheets read the full-width forms as well."""

LINE_LIMIT = 16_384
"""Characters of one collected line that are kept; the artifact on disk keeps all of it."""


def decode(raw: bytes, limit: int = LINE_LIMIT) -> str:
    """Turn bytes from outside into text that is safe to keep: UTF-8 with replacement, no BOM, all visible.

    Text longer than *limit* characters is cut, and says how many bytes it had.
    """
    # Four bytes are the most one character takes: never decode more than can be kept.
    text = visible(raw[: 4 * limit].decode("utf-8", "replace").removeprefix("\ufeff"))
    if len(text) > limit or len(raw) > 4 * limit:
        return f"{text[:limit]}… (cut, {len(raw):,} bytes)"
    return text


def csv_cell(text: str) -> str:
    """*text* for a spreadsheet: what would be read as a formula gets a leading apostrophe.

    Source of the rule: OWASP ASVS, "CSV injection". A lone ``-`` or ``+`` computes nothing and stays.
    """
    text = visible(text)
    bare = text.lstrip(" \u00a0\u3000")
    return f"'{text}" if bare.startswith(FORMULA) and len(bare) > 1 else text


def csv_kept(text: str) -> str:
    """*text* for :func:`csv_cell` so that :func:`csv_back` gives it back: an apostrophe of its own is doubled."""
    return f"'{text}" if text.startswith("'") and _is_formula(text.lstrip("'")) else text


def csv_back(cell: str) -> str:
    """The text that :func:`csv_kept` and :func:`csv_cell` made *cell* of."""
    rest = cell[1:]
    made = cell.startswith("'") and (
        _is_formula(rest.lstrip("'")) if rest.startswith("'") else _is_formula(rest)
    )
    return rest if made else cell


def _is_formula(text: str) -> bool:
    return text.lstrip(" \u00a0\u3000").startswith(FORMULA)


def cut(text: str, width: int) -> str:
    """Return *text* on one line in at most *width* cells, with an ellipsis where something was left out."""
    # A cell is at least half a character here: never measure ten thousand characters to show eighty.
    text = one_line(text[: 4 * width + 8])
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 1 else "…"[:width]


def fit(text: str, width: int, align: str = "left") -> str:
    """Return *text* in exactly *width* cells, cut or padded; *align* is ``left`` or ``right``."""
    if text.isascii() and text.isprintable():
        # Most cells of a table: every character is one cell, and nothing has to be made visible.
        if len(text) > width:
            text = text[: width - 1].rstrip() + "…" if width > 1 else "…"[:width]
        return text.rjust(width) if align == "right" else text.ljust(width)
    short = cut(text, width)
    space = " " * (width - cell_len(short))
    return space + short if align == "right" else short + space


def wrap(text: str, width: int) -> list[str]:
    """Break *text* into lines of at most *width* cells, at spaces where there are any.

    Never returns an empty list: the empty text is one empty line.
    """
    lines: list[str] = []
    for paragraph in visible(text).expandtabs(4).split("\n"):
        line, used = "", 0
        for word in re.findall(r"\S+\s*|\s+", paragraph):
            bare = cell_len(word.rstrip())
            if used + bare > width and line:
                lines.append(line.rstrip())
                line, used = "", 0
            while bare > width:
                head = _head(word, width)
                lines.append(head)
                word = word[len(head) :]
                bare = cell_len(word.rstrip())
            line += word
            used += cell_len(word)
        lines.append(line.rstrip())
    return lines


def _head(word: str, width: int) -> str:
    """The longest beginning of *word* that fits *width* cells, at least one character."""
    size = used = 0
    for character in word:
        used += cell_len(character)
        if used > width and size:
            break
        size += 1
    return word[:size]
