"""Atlassian's document format, as far as a ticket needs it: paragraphs of plain text, where text is never markup."""

import re
from collections.abc import Mapping, Sequence
from typing import Any


def document(lines: str) -> dict[str, Any]:
    """The lines of a text, ``name: value``, as a document: a paragraph each, the name in bold."""
    paragraphs = []
    for line in lines.split("\n"):
        name, _, value = line.partition(": ")
        strong = {"type": "text", "text": f"{name}: ", "marks": [{"type": "strong"}]}
        rest: dict[str, Any] = {"type": "text", "text": value}
        if name == "Report" and re.fullmatch(r"https?://\S+", value):
            rest["marks"] = [{"type": "link", "attrs": {"href": value}}]
        paragraphs.append({"type": "paragraph", "content": [strong, rest] if value else [strong]})
    return whole(paragraphs)


def whole(nodes: Sequence[Any]) -> dict[str, Any]:
    """A document of *nodes*."""
    return {"type": "doc", "version": 1, "content": list(nodes)}


def nodes(body: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The nodes that a document consists of."""
    return tuple(each for each in body.get("content") or () if isinstance(each, dict))


def text(node: Mapping[str, Any]) -> str:
    """The text of a node, whatever it is made of."""
    return str(node.get("text", "")) + "".join(text(each) for each in nodes(node))
