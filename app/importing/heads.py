"""What stands at the head of a document: front matter, dates, and the zone that it declares."""

import re
import tomllib
from datetime import date
from typing import Any

from app.importing.blocks import Block
from app.importing.words import role_of
from app.review.timewords import Zone, declared, named


def front_values(lines: list[str], mark: str) -> dict[str, Any]:
    """The values of front matter: TOML between ``+++``, or the plain lines of YAML between ``---``."""
    if mark == "+++":
        try:
            return tomllib.loads("\n".join(lines))
        except tomllib.TOMLDecodeError:
            return {}
    values: dict[str, Any] = {}
    for line in lines:
        found = re.match(r"(?P<key>[\w-]+):\s*(?P<value>\S.*)$", line)
        if found:
            value = found["value"].strip().strip("'\"")
            values[found["key"]] = whole_date(value) or value
    return values


def whole_date(value: str) -> date | None:
    """The date that *value* begins with, as ``2025-02-09``."""
    try:
        return date.fromisoformat(value.strip()[:10])
    except ValueError:
        return None


def declared_zone(found: list[Block]) -> Zone | None:
    """The zone that a sentence or a heading declares for the times of the document."""
    for block in found:
        text = block.text
        if block.kind in {"heading", "paragraph", "item"} and (zone := declared(text)):
            return zone
        if block.kind == "heading" and role_of(text) == "timeline" and (zone := named(text)):
            return zone
    return None
