"""HTML as the Markdown that says the same: headings, lists, tables, code and links; what runs is left out."""

import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4.element import Tag

_SKIPPED = frozenset({"script", "style", "template", "noscript", "head", "svg", "iframe", "object", "nav"})
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html",
    "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "ul", "caption", "[document]",
})  # fmt: skip
_DEEPEST = 60
_MARKED = re.compile(r"^(?:#{1,6} \S|[-*+] \S|\d{1,3}\. \S|\||\*\*\S)", re.MULTILINE)
_A_FEW = 3
_PAGE = re.compile(
    r"\s*(?:<!doctype html|<html\b|<(?:table|body|div|h[1-6]|section|article|ul|ol|p)\b[^>]*>)", re.IGNORECASE
)


def looks_like_html(text: str) -> bool:
    """Whether *text* begins like a page, or a part of one; Markdown may begin with a heading in HTML."""
    if not _PAGE.match(text[:2000]) or not re.search(r"</\w+>", text):
        return False
    whole = re.match(r"\s*(?:<!doctype html|<html\b|<body\b)", text[:2000], re.IGNORECASE)
    return bool(whole) or len(_MARKED.findall(text[:20000])) < _A_FEW


def to_markdown(text: str) -> str:
    """The words of a page as Markdown, its title first where no heading of the first level says it."""
    from bs4 import BeautifulSoup

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        page = BeautifulSoup(text, "html.parser")
    lines: list[str] = []
    title = page.title.get_text(" ", strip=True) if page.title else ""
    if title and not page.find("h1"):
        lines += [f"# {_spaces(title)}", ""]
    lines += _blocks(page, 0)
    joined = "\n".join(lines)
    return re.sub(r"\n{3,}", "\n\n", joined).strip("\n") + "\n"


def _blocks(tag: "Tag", depth: int) -> list[str]:
    """The lines of what stands in *tag*; text between blocks is a paragraph of its own."""
    from bs4.element import NavigableString, Tag

    lines: list[str] = []
    running: list[str] = []

    def flush() -> None:
        words = _spaces("".join(running)).strip()
        running.clear()
        if words:
            lines.extend([*words.split("\n"), ""])

    for child in tag.children:
        if isinstance(child, Tag):
            if child.name in _SKIPPED:
                continue
            if _has_blocks(child) and depth < _DEEPEST:
                flush()
                lines.extend(_block(child, depth + 1))
            else:
                running.append(_said(child))
        elif type(child) is NavigableString:
            running.append(re.sub(r"\s+", " ", str(child)))
    flush()
    return lines


def _has_blocks(tag: "Tag") -> bool:
    return tag.name in _BLOCKS or tag.find(list(_BLOCKS)) is not None


def _block(tag: "Tag", depth: int) -> list[str]:
    name = tag.name
    if re.fullmatch("h[1-6]", name):
        return [f"{'#' * int(name[1])} {_spaces(_inline(tag)).strip().replace(chr(10), ' ')}", ""]
    if name == "hr":
        return ["---", ""]
    if name == "pre":
        code = tag.get_text()
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
        return [fence, *code.strip("\n").split("\n"), fence, ""]
    if name in {"ul", "ol", "menu"}:
        return [*_list(tag, depth), ""]
    if name == "table":
        return [*_table(tag), ""]
    if name == "dt":
        return [f"**{_spaces(_inline(tag)).strip().rstrip(':')}**: {_definition(tag)}".rstrip(), ""]
    if name == "dd" and tag.find_previous_sibling("dt"):
        before = tag.find_previous_sibling(["dt", "dd"])
        return [] if before is not None and before.name == "dt" else _blocks(tag, depth)
    return _blocks(tag, depth)


def _definition(tag: "Tag") -> str:
    value = tag.find_next_sibling(["dt", "dd"])
    return (
        _spaces(_inline(value)).strip().replace("\n", " ") if value is not None and value.name == "dd" else ""
    )


def _list(tag: "Tag", depth: int) -> Iterator[str]:
    for number, item in enumerate(tag.find_all("li", recursive=False), 1):
        mark = f"{number}. " if tag.name == "ol" else "- "
        inner = _blocks(item, depth)
        while inner and not inner[-1]:
            inner.pop()
        for place, line in enumerate(inner or [""]):
            yield (mark + line if place == 0 else " " * len(mark) + line).rstrip()


def _table(tag: "Tag") -> list[str]:
    rows = _grid([row for row in tag.find_all("tr") if row.find_parent("table") is tag])
    rows = [row for row in rows if row]
    if not rows:
        return []
    width = max(len(row) for row in rows)
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]
    caption = tag.find("caption")
    head = [_spaces(_inline(caption)).strip(), ""] if caption is not None else []
    return [*head, lines[0], "|" + "---|" * width, *lines[1:]]


def _grid(rows: "list[Tag]") -> list[list[str]]:
    """The cells of a table; one that spans several rows stands in the first of them, the others are empty."""
    found: list[list[str]] = []
    open_spans: dict[int, int] = {}
    for row in rows:
        cells: list[str] = []
        for cell in row.find_all(["td", "th"], recursive=False):
            while open_spans.get(len(cells), 0):
                open_spans[len(cells)] -= 1
                cells.append("")
            down, across = (_span(cell, name) for name in ("rowspan", "colspan"))
            for extra in range(across):
                if down > 1:
                    open_spans[len(cells)] = down - 1
                cells.append("" if extra else _cell(cell))
        while open_spans.get(len(cells), 0):
            open_spans[len(cells)] -= 1
            cells.append("")
        found.append(cells)
    return found


def _span(cell: "Tag", name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(max(int(value), 1), 200) if value.isascii() and value.isdigit() else 1


def _cell(tag: "Tag") -> str:
    words = _spaces(tag.get_text(" ") if tag.find("table") else _inline(tag)).strip()
    return words.replace("|", "\\|").replace("\n", "<br>")


def _said(tag: "Tag") -> str:
    """The words of an element inside a line, with the marks that stand for it."""
    if tag.name in _SKIPPED:
        return ""
    words = _inline(tag) if tag.name != "br" else "\n"
    bare = words.strip()
    if tag.name in {"strong", "b"} and bare:
        return f"**{bare}**"
    if tag.name == "code" and bare:
        return f"`{bare}`"
    if tag.name == "a" and bare and str(tag.get("href", "")).startswith(("http://", "https://")):
        href = str(tag["href"])
        return bare if href in bare else f"[{bare}]({href})"
    if tag.name == "img":
        return str(tag.get("alt", ""))
    return f"{words}\n" if tag.name in {"p", "div", "li"} else words


def _inline(tag: "Tag") -> str:
    """The words inside an element."""
    from bs4.element import NavigableString, Tag

    parts: list[str] = []
    for child in tag.children:
        if isinstance(child, Tag):
            parts.append(_said(child))
        elif type(child) is NavigableString:
            parts.append(re.sub(r"\s+", " ", str(child)))
    return "".join(parts)


def _spaces(text: str) -> str:
    """Runs of spaces as one, line breaks as they are."""
    return re.sub(r" *\n *", "\n", re.sub(r"[ \t\u00a0]+", " ", text))
