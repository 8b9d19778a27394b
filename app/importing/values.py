"""Values of JSON as text."""

import json
from collections.abc import Mapping
from typing import Any, Final

from app.review.plain import visible

_NAMES: Final = ("name", "full_name", "display_name", "summary", "email", "label", "value", "title", "id")
_INSIDE: Final = ("user", "data", "attributes", "alert", "workflow", "api_key")


def as_text(value: Any) -> str:
    """*value* as one text: what an object is called, where it has a name."""
    if value is None:
        return ""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, int | float):
        return str(value)
    return visible(name_of(value) or json.dumps(value, ensure_ascii=False))


def name_of(value: Any) -> str:
    """What an object is called, where it is only a name with ids around it."""
    if isinstance(value, Mapping):
        for key in _NAMES:
            if isinstance(value.get(key), str) and value[key]:
                return str(value[key])
            if isinstance(value.get(key), Mapping):
                return name_of(value[key])
        for key in _INSIDE:
            if isinstance(value.get(key), Mapping) and (found := name_of(value[key])):
                return found
    return ""
