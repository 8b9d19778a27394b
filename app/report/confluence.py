"""The report in Confluence's storage format: XHTML of the few elements that its editor keeps, and its code macro.

Source: https://confluence.atlassian.com/doc/confluence-storage-format-790796544.html
"""

from html import escape
from html.parser import HTMLParser
from typing import Final

from app.markdown import safe_url

_KEPT: Final = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td",
    "strong", "em", "code", "blockquote", "del",
))  # fmt: skip
_VOID: Final = {"br": "<br />", "hr": "<hr />"}
_SKIPPED: Final = frozenset(("style", "script", "svg", "head"))


def as_storage(body: str) -> str:
    """The body of the report as storage format; well-formed, whatever it holds."""
    writer = _Writer()
    writer.feed(body)
    writer.close()
    return writer.text()


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []
        self._skipped = 0
        self._code: list[str] | None = None

    def text(self) -> str:
        while self._open:
            self._out.append(f"</{self._open.pop()}>")
        lines = (line.strip() for line in "".join(self._out).split("\n"))
        return "\n".join(line for line in lines if line).replace("\N{NULL}n", "\n") + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipped += 1
        elif self._skipped:
            return
        elif tag == "pre":
            self._code = []
        elif self._code is not None:
            return
        elif tag in _VOID:
            self._out.append(_VOID[tag])
        elif tag == "a":
            url = dict(attrs).get("href") or ""
            if safe_url(url):
                self._out.append(f'<a href="{escape(url)}">')
                self._open.append("a")
        elif tag in {"dt", "dd"}:
            self._out.append("<p><strong>" if tag == "dt" else "")
        elif tag in _KEPT:
            self._out.append(f"<{tag}>")
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipped = max(0, self._skipped - 1)
        elif self._skipped:
            return
        elif tag == "pre" and self._code is not None:
            # CDATA ends at its own mark only: one in the text is written as two sections.
            code = (
                "".join(self._code).strip("\n").replace("]]>", "]]]]><![CDATA[>").replace("\n", "\N{NULL}n")
            )
            self._code = None
            self._out.append(
                '<ac:structured-macro ac:name="code"><ac:plain-text-body><![CDATA['
                f"{code}]]></ac:plain-text-body></ac:structured-macro>"
            )
        elif self._code is not None:
            return
        elif tag == "dt":
            self._out.append("</strong>: ")
        elif tag == "dd":
            self._out.append("</p>\n")
        elif tag in self._open:
            while self._open:
                last = self._open.pop()
                self._out.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        if self._skipped:
            return
        if self._code is not None:
            self._code.append(data)
        else:
            self._out.append(escape(data, quote=False))
