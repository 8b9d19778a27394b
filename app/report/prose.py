"""The narrative: people's own Markdown, kept as they wrote it and made harmless.

Formatting stays. Raw HTML is shown instead of obeyed, a link leads to http, https, mailto or a place in the
page, and a code block that was never closed cannot swallow the rest of the report.
"""

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from app.markdown import inline, safe_url
from app.review.plain import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_TAG = re.compile(r"<(?=[A-Za-z/!?])(?!(?:https?://|mailto:)[^\s<>]*>)")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)


def harmless(text: str) -> str:
    """*text* as Markdown that can do no harm in any reader; what cannot be tamed is shown as plain text."""
    text = visible(text).strip("\n").rstrip()
    for candidate in (text, _without_tags(text)):
        if _is_harmless(candidate):
            return _close_fence(candidate)
    return "\n\n".join(filter(None, (inline(line) for line in text.split("\n"))))


def item(text: str, indent: int = 2) -> str:
    """*text* as one item of a list: its further lines are indented so that they stay inside."""
    first, *rest = harmless(text.strip()).split("\n")
    return "\n".join([first, *(f"{' ' * indent}{line}" if line else "" for line in rest)])


def to_html(text: str) -> str:
    """*text* as HTML without raw HTML, images or links other than http, https and mailto."""
    return str(_writer().render(visible(text)))


def _is_harmless(text: str) -> bool:
    """Whether a reader that allows everything would find no HTML and no dangerous link in *text*."""
    environment: dict[str, Any] = {}
    tokens = _reader().parse(text, environment)
    references = environment.get("references", {}).values()
    return all(map(_tame, _all(tokens))) and all(_leads_nowhere_bad(each["href"]) for each in references)


def _tame(token: "Token") -> bool:
    if token.type in {"html_block", "html_inline"}:
        return False
    address = token.attrs.get("href", token.attrs.get("src"))
    return address is None or _leads_nowhere_bad(str(address))


def _leads_nowhere_bad(url: str) -> bool:
    # A scheme is all before the first colon, unless a slash, a question mark or a hash comes earlier.
    return safe_url(url) or not re.match(r"[^/?#]*:", url)


def _all(tokens: "Sequence[Token]") -> "list[Token]":
    found: list[Token] = []
    for token in tokens:
        found += [token, *_all(token.children or [])]
    return found


def _without_tags(text: str) -> str:
    """*text* with the beginning of every tag escaped, code left as it is."""
    lines = text.split("\n")
    blocks = [each.map for each in _reader().parse(text) if each.type in {"fence", "code_block"} and each.map]
    is_code = {line for begin, end in blocks for line in range(begin, end)}
    parts: list[str] = []
    plain: list[str] = []
    for number, line in enumerate(lines):
        if number not in is_code:
            plain.append(line)
            continue
        if plain:
            parts.append(_escape_tags("\n".join(plain)))
            plain = []
        parts.append(line)
    return "\n".join([*parts, _escape_tags("\n".join(plain))] if plain else parts)


def _escape_tags(text: str) -> str:
    parts: list[str] = []
    place = 0
    for span in _CODE_SPAN.finditer(text):
        parts += [_TAG.sub(r"\\<", text[place : span.start()]), span[0]]
        place = span.end()
    return "".join([*parts, _TAG.sub(r"\\<", text[place:])])


def _close_fence(text: str) -> str:
    tokens = [token for token in _reader().parse(text) if token.level == 0]
    if not tokens or tokens[-1].type != "fence" or tokens[-1].map is None:
        return text
    begin, end = tokens[-1].map
    markup = tokens[-1].markup
    line = text.split("\n")[end - 1].expandtabs(4).rstrip()
    last = line.lstrip()
    # Four columns in, a fence is a line of the code.
    closed = end - 1 > begin and set(last) == {markup[0]} and len(last) >= len(markup)
    closed = closed and len(line) - len(last) < 4
    return text if closed else f"{text}\n{markup}"


@lru_cache(maxsize=1)
def _reader() -> "MarkdownIt":
    """A reader that obeys everything, to see what the least careful one would."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    return reader


@lru_cache(maxsize=1)
def _writer() -> "MarkdownIt":
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML

    writer = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    writer.validateLink = safe_url  # type: ignore[method-assign]

    def link_open(self: RendererHTML, tokens: "Sequence[Token]", place: int, options: Any, env: Any) -> str:
        tokens[place].attrSet("rel", "noreferrer noopener")
        return self.renderToken(tokens, place, options, env)

    def image(self: RendererHTML, tokens: "Sequence[Token]", place: int, options: Any, env: Any) -> str:
        # A picture from elsewhere tells its server who reads the report: name it and link to it instead.
        target = escape(str(tokens[place].attrs.get("src", "")))
        return f'<a href="{target}" rel="noreferrer noopener">{escape(tokens[place].content or "image")}</a>'

    writer.add_render_rule("link_open", link_open)
    writer.add_render_rule("image", image)
    return writer
