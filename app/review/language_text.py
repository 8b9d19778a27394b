"""What of a text is its author's own prose: Markdown in, passages out, each readable on one line.

Code, log lines, block quotes, links' addresses, comments and front matter are evidence or machinery; they
belong to no passage. Inside a passage, quoted speech and code are blanked out, emphasis and links leave their
words. Everything is linear in the length of the text.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

MASK: Final = "\ufffc"
"""Stands in a passage for what is not the author's own words; no rule's pattern can match across it."""

_WINDOW: Final = 400
"""Characters that are looked at on each side of a place to find the ends of its sentence."""

# Every alternative stops at the sign that could begin it again: a text of nothing but quotes stays linear.
_QUOTES: Final = (
    r"“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|»[^«»]*«"
    r"|(?<!\w)\"(?=\S)[^\"]*\"(?!\w)"
    r"|(?<!\w)'(?=\S)(?:[^']|(?<=\w)'(?=\w)){1,300}'(?!\w)"
    r"|(?<!\w)‘(?:[^‘’]|(?<=\w)’(?=\w)){1,300}’(?!\w)"
)
_INLINE: Final = re.compile(
    r"(?P<gone>"
    r"<!--(?:(?!<!--|-->).)*-->"
    r"|!?\[(?![xX ]\]\s)|\](?:\([^()\n]*\)|\[[^\[\]\n]*\])?|</?(?!br\b)[a-zA-Z][^<>:@]*>"
    r"|\*+|~~|(?<![\w])_+|(?<!_)_+(?!\w)|\\(?=[!-/:-@\[-`{-~])"
    r")"
    r"|(?P<mask>``[^\n]*?``|`[^`]*`|<?\bhttps?://[^\s|]+|" + _QUOTES + r")"
    r"|(?P<space>\s{2,}|[^\S ]|<br[^<>]*>)",
    re.DOTALL,
)
_MARKED: Final = re.compile(r"[^\w .,;:()/%+=#&$?@–—’-]|_| (?=\s)|h(?=ttps?://)")
_FENCE = re.compile(r"(?:[-*+] +|\d{1,9}[.)] +)*(`{3,}(?=[^`]*$)|~{3,})")
_ITEM = re.compile(r"([-*+]|\d{1,9}[.)])[ \t]+(?:\[[xX ]\][ \t]+)?")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_RULE = re.compile(r"(?:[-=*_][ \t]*){3,}$|[|:\- \t]+$")
_REFERENCE = re.compile(r"\[[^\]^][^\]]*\]:\s")
_STAMP: Final = r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?"
_LOG = re.compile(
    rf"(?:[-*+] +)?(?:{_STAMP}\s+\S{{0,40}}\s?\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\b"
    r"|[IWEF]\d{4} \d\d:\d\d:\d\d"
    r"|\[[EWIDC] \d{6} \d\d:\d\d:\d\d"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ \S+:"
    r"|\d{1,3}(?:\.\d{1,3}){3} \S+ \S+ \["
    r"|\{\s*\"\w+\"\s*:"
    r"|(?:\w+=(?:\"[^\"]*\"|\S+)\s+){2}\w+=)"
)
_LOG_STARTS: Final = frozenset("0123456789[{-*+IWEFJMASONDabcdefghijklmnopqrstuvwxyz")
_SENTENCE_END = re.compile(r"[.!?…][\"”’)]*\s+(?=[^a-z\s])")
_CODE = re.compile(r"`[^`]*`")
_REMARK = re.compile(r"<!--\s*blamefree:((?:(?!<!--|-->).)*)-->")


@dataclass(frozen=True)
class Passage:
    """A stretch of prose as it is read, and where in the source each of its characters stands."""

    source: str = field(repr=False)
    text: str
    _places: tuple[int, ...] = field(repr=False)
    _origins: tuple[int, ...] = field(repr=False)
    _signs: frozenset[int] = field(repr=False, default=frozenset())
    """The places of characters that stand for more than one of the source."""

    def origin(self, place: int) -> int:
        """The position in the source of the character at *place*."""
        piece = bisect_right(self._places, place) - 1
        return self._origins[piece] + place - self._places[piece]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The positions in the source of a stretch that is not empty."""
        if len(self._places) == 1:
            return start + self._origins[0], end + self._origins[0]
        last = bisect_right(self._places, end - 1) - 1
        # A whole code span, or a line break with its indentation, is one character here.
        stop = self._origins[last + 1] if end - 1 in self._signs else self.origin(end - 1) + 1
        return self.origin(start), stop

    def written(self, start: int, end: int) -> str:
        """A stretch as it is written in the source, markup included."""
        if start >= end:
            return ""
        first, last = self.span(start, end)
        return self.source[first:last]

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The sentence around a stretch; one that is very long is cut."""
        low, high = max(0, start - _WINDOW), min(len(self.text), end + _WINDOW)
        # One character more than is looked through: what follows the space decides.
        for stop in _SENTENCE_END.finditer(self.text, low, min(start + 1, len(self.text))):
            low = stop.end()
        stop_behind = _SENTENCE_END.search(self.text, max(end - 1, 0), high)
        if stop_behind:
            high = stop_behind.start() + len(stop_behind[0].rstrip())
        while low < start and self.text[low] == " ":
            low += 1
        while high > end and self.text[high - 1] == " ":
            high -= 1
        return low, high


@dataclass(frozen=True)
class Remark:
    """A comment ``<!-- blamefree: … -->``: what it says, where it stands, and whether alone on its line."""

    says: str
    start: int
    end: int
    alone: bool


@dataclass
class Layout:
    """The passages of a text as spans of the source, in order, and the remarks to this program in it."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def read(source: str, start: int, end: int) -> Passage:
    """The stretch of *source* as it is read: on one line, without markup."""
    pieces: list[str] = []
    signs: list[int] = []
    places, origins = [0], [start]
    size = 0
    position = start
    # Finding where a mark may stand is many times quicker than trying every mark everywhere.
    look = start
    while marked := _MARKED.search(source, look, end):
        token = _INLINE.match(source, marked.start(), end)
        if token is None:
            look = marked.end()
            continue
        kept = source[position : token.start()]
        sign = "" if token["gone"] is not None else MASK if token["mask"] is not None else " "
        pieces += (kept, sign)
        size += len(kept)
        if sign:
            signs.append(size)
            places.append(size)
            origins.append(token.start())
            size += 1
        position = token.end()
        places.append(size)
        origins.append(position)
        # What a backslash stands before is no mark.
        look = position + (token[0] == "\\")
    pieces.append(source[position:end])
    return Passage(source, "".join(pieces), tuple(places), tuple(origins), frozenset(signs))


def layout(text: str, *, document: bool = False) -> Layout:
    """Where prose stands in *text*.

    A *document* is a whole Markdown file: it may have front matter and code that is only indented. A field
    has neither, and its first line may begin with spaces.
    """
    return _Scanner(text, document).run()


class _Scanner:
    """One walk over the lines of a text."""

    def __init__(self, text: str, document: bool) -> None:
        self._text = text
        self._document = document
        self._layout = Layout()
        self._start = -1
        """Where the passage that is being read began; -1 between passages."""
        self._end = 0
        self._content = 0
        """The column of the current list item's words: code in it is indented from there."""
        self._blank = True
        self._code = False

    def run(self) -> Layout:
        lines = self._lines()
        for start, line in lines:
            bare = line.strip()
            if not bare:
                self._close()
                self._blank = True
                continue
            self._line(start, line, bare, lines)
            self._blank = False
        self._close()
        return self._layout

    def _lines(self) -> Iterator[tuple[int, str]]:
        position = 0
        lines = self._text.split("\n")
        if self._document and lines[0].rstrip() in {"---", "+++"}:
            closing = next(
                (n for n, line in enumerate(lines[1:], 1) if line.rstrip() == lines[0].rstrip()), 0
            )
            position = sum(len(line) + 1 for line in lines[: closing + 1]) if closing else 0
            lines = lines[closing + 1 :] if closing else lines
        for line in lines:
            yield position, line
            position += len(line) + 1

    def _line(self, start: int, line: str, bare: str, lines: Iterator[tuple[int, str]]) -> None:
        indent = len(line) - len(line.lstrip())
        first = bare[0]
        if self._indented_code(line, indent, first):
            self._close()
            return
        self._code = False
        if first.isalpha() and "`" not in bare and "|" not in bare and "<" not in bare and not indent:
            # Most lines: nothing begins here but prose, or a log line.
            if self._blank:
                self._content = 0
            if not _logged(first, bare):
                self._prose(start, start + len(line))
            else:
                self._close()
            return
        begin = start + indent
        fence = _FENCE.match(bare)
        if fence:
            self._close()
            _skip(lines, lambda each: _closes(each.strip(), fence[1]))
        elif first == ">" or _RULE.match(bare) or _REFERENCE.match(bare) or _logged(first, bare):
            self._close()
        elif bare.startswith("<pre"):
            self._close()
            if "</pre>" not in bare:
                _skip(lines, lambda each: "</pre>" in each)
        else:
            self._block(begin, bare, indent, lines)

    def _block(self, begin: int, bare: str, indent: int, lines: Iterator[tuple[int, str]]) -> None:
        """A line of prose: what it begins, and where its words are."""
        end = begin + len(bare)
        item = _ITEM.match(bare)
        if item:
            self._close()
            self._content = indent + len(item[1]) + 1
            begin += item.end()
        elif heading := _HEADING.match(bare):
            self._close()
            begin += heading.end()
        elif self._blank and indent < 2:
            self._content = 0
        if "<!--" in bare:
            self._comments(begin, end, lines)
        elif "|" in bare:
            self._close()
            self._cells(begin, end)
        else:
            self._prose(begin, end)
            if bare[0] == "#":
                self._close()

    def _indented_code(self, line: str, indent: int, first: str) -> bool:
        if not self._document or (indent < 4 and not line.startswith("\t")):
            return False
        deep = indent >= self._content + 4 or (line.startswith("\t") and not self._content)
        self._code = deep and (self._blank or self._code)
        return self._code and first != ">"

    def _prose(self, start: int, end: int) -> None:
        if self._start < 0:
            self._start = start
        self._end = end

    def _cells(self, start: int, end: int) -> None:
        for cell in re.finditer(r"(?:[^|\\]|\\.?)+", self._text[start:end]):
            if cell[0].strip():
                self._layout.spans.append((start + cell.start(), start + cell.end()))

    def _comments(self, start: int, end: int, lines: Iterator[tuple[int, str]]) -> None:
        """A line with comments: those on one line stay in the passage, where reading leaves them out."""
        line = _CODE.sub(lambda code: " " * len(code[0]), self._text[start:end])
        alone = line.startswith("<!--") and line.find("-->") in (-1, len(line) - 3)
        self._layout.remarks += [
            Remark(each[1].strip(), start + each.start(), start + each.end(), alone)
            for each in _REMARK.finditer(line)
        ]
        opened = line.rfind("<!--")
        unfinished = opened >= 0 and "-->" not in line[opened:]
        if alone:
            self._close()
        elif "|" in line and not unfinished:
            self._close()
            self._cells(start, end)
        else:
            self._prose(start, start + opened if unfinished else end)
        if unfinished:
            self._close()
            _skip(lines, lambda each: "-->" in each)

    def _close(self) -> None:
        if 0 <= self._start < self._end:
            self._layout.spans.append((self._start, self._end))
        self._start = -1


def _logged(first: str, bare: str) -> bool:
    return first in _LOG_STARTS and _LOG.match(bare) is not None


def _closes(bare: str, fence: str) -> bool:
    return len(bare) >= len(fence) and bare == fence[0] * len(bare)


def _skip(lines: Iterator[tuple[int, str]], ends: Callable[[str], bool]) -> None:
    """Take lines up to the one that ends what was begun, or all of them."""
    for _, line in lines:
        if ends(line):
            return
