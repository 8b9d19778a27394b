"""The Markdown encoder: text from outside becomes Markdown that shows exactly that text and does nothing.

Escapes follow CommonMark and GitHub's tables and are as few as possible, because people read reports as
source too: ``10:05:23``, ``(<100ms)``, ``~$5,000``, ``api_v2`` and ``@alice`` stay as they are. What could
be read as formatting, HTML, an entity, a link or a table border is escaped with a backslash.
"""

import re
from urllib.parse import quote

from app.review.plain import one_line, visible

_URL = re.compile(
    r"(?:(?<=[\s(])|^)https?://(?!\S*xn--)[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?"
    r"(?:/[A-Za-z0-9._/?=&#+,~@-]*[A-Za-z0-9/=])?(?=[\s),.:;!?]*(?:\s|$))"
)
"""Links plain enough for every reader to show as written; all others are kept from becoming links."""

_SPECIAL = re.compile(
    r"[\\`*\[\]]"
    r"|<(?=[A-Za-z/!?]|[^\s<>@]{1,99}@)"
    r"|&(?=\#?\w+;)"
    # A tilde after a space can open a strike-through but never close one.
    r"|(?<=\S)~"
    r"|(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])"
    # Readers turn bare addresses into links, and some decode what they show: %41 would read A.
    r"|:(?=//)|(?<=[Ww]{3})\.|%(?=[0-9A-Fa-f]{2})|(?<=[Xx][Nn])-(?=-)"
)
_BLOCK_START = re.compile(r"\#(?=\#{0,5}(?:\s|$))|[-+](?=\s|$|-)|>|=|(?<=\d)[.)](?=\s|$)")
_ORDERED = re.compile(r"\d{1,9}(?=[.)](?:\s|$))")
_ENCODED = re.compile(
    r"\\(?P<sign>[!-/:-@\[-`{-~])|<(?P<url>https?://[^\s<>]*)>|(?P<break><br ?/?>)", re.IGNORECASE
)
_MENTION = re.compile(r"<https?://[^>]*>|(?<=@)(?=\w)|(?<=\#)(?=\d)|(?<=\bGH-)(?=\d)|(?<=\bgh-)(?=\d)")
_SAFE_SCHEME = re.compile(r"https?://[^\s/]|mailto:[^\s]", re.IGNORECASE)


def safe_url(url: str) -> bool:
    """Whether *url* may become a link: http, https and mailto, nothing that runs or reads."""
    return bool(_SAFE_SCHEME.match(url)) and url == one_line(url)


def inline(text: str, *, links: bool = True) -> str:
    """*text* on one line, for a paragraph, a heading or a list item: also safe as the first thing there.

    With *links*, plain web addresses in it can be followed.
    """
    return _guard_start(_escape(one_line(text).strip(), links=links))


def cell(text: str) -> str:
    """*text* as the cell of a table; its line breaks become ``<br>``, the only tag this program writes."""
    lines = (_escape(line.strip()).replace("|", "\\|") for line in visible(text).strip().split("\n"))
    return "<br>".join(lines)


def code(text: str) -> str:
    """*text* as a code span, with a fence longer than any run of backticks inside."""
    text = one_line(text)
    if not text.strip():
        return ""
    fence = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    # One space at each end is stripped by readers when there is one at both.
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fence(text: str) -> str:
    """*text* as a block that is shown as it is, whatever it holds."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}text\n{visible(text).rstrip()}\n{marks}"


def link(text: str, url: str) -> str:
    """A link that shows *text*; only the text where *url* is not one of the harmless kinds."""
    if not safe_url(url):
        return inline(text)
    target = re.sub(r"&(?=\#?\w+;)", "&amp;", quote(url, safe="/:?#@!$&'*+,;=%~-._"))
    return f"[{_escape(one_line(text).strip(), links=False).replace('|', chr(92) + '|') or 'link'}]({target})"


def words(text: str) -> str:
    """The text that :func:`inline` or :func:`cell` wrote as Markdown: the way back, for reading a report again."""
    return _ENCODED.sub(lambda found: "\n" if found["break"] else found["sign"] or found["url"], text)


def quiet(text: str) -> str:
    """*text* with mentions and references broken by U+200B, so that quoting a name calls nobody.

    ``@name``, ``#12`` and ``GH-12`` notify people and link back from other issues wherever they stand in an
    issue, code spans included (mail replies). This is for tickets; a report keeps them as written. Comes after
    :func:`inline`, whose links it leaves alone.
    """
    return _MENTION.sub(lambda found: found[0] or "\u200b", text)


def _escape(text: str, *, links: bool = True) -> str:
    parts: list[str] = []
    place = 0
    for url in _URL.finditer(text) if links else ():
        parts += [_escape_plain(text[place : url.start()]), f"<{url[0]}>"]
        place = url.end()
    escaped = "".join([*parts, _escape_plain(text[place:])])
    # Two dollars make a formula on GitHub; one is money.
    return escaped.replace("$", "\\$") if escaped.count("$") > 1 else escaped


def _escape_plain(text: str) -> str:
    return _SPECIAL.sub(lambda found: "".join(f"\\{sign}" for sign in found[0]), text)


def _guard_start(text: str) -> str:
    """Escape what would begin a heading, a list, a quote or a rule at the start of a block."""
    number = _ORDERED.match(text)
    place = number.end() if number else 0
    return f"{text[:place]}\\{text[place:]}" if _BLOCK_START.match(text, place) else text
