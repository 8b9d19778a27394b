"""The screen gate: text from outside becomes content that is drawn, never parsed.

Textual reads ``[red]`` and ``[@click=…]`` in every ``str`` it is given, and passes escape codes on to the
terminal. Escaping does not stop either (``[ @click=…]`` survives it), so nothing but the constants of this
program may reach a widget as a ``str``; ``tests/unit/test_markup_gate.py`` holds the code to it.
"""

from rich.text import Text
from textual.content import Content

from app.review.plain import visible


def content(text: str, style: str = "") -> Content:
    """*text* as Textual content for any widget; *style* is this program's own."""
    return Content.styled(visible(text), style) if style else Content(visible(text))


def rich_text(text: str, style: str = "") -> Text:
    """*text* as Rich text, for the places that take no Textual content."""
    return Text(visible(text), style)
