"""Reading what a server answered without believing in its shape: a field may be missing, or be something else."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from app.evidence.times import parse_instant
from app.http import Answer
from app.text import one_line, visible
from collectors.interface import CollectProblem

WORDS: Final = 2_000
"""Characters of one text that go into a fact; the answer that is kept beside it has all of them."""


def dig(value: Any, *path: str | int) -> Any:
    """What lies at *path* inside *value*; None where there is no such thing."""
    for step in path:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def words(value: Any, *path: str | int, limit: int = WORDS) -> str:
    """The text at *path* on one line, visible and of bounded length; numbers are texts, the rest is none."""
    found = dig(value, *path)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return clipped(one_line(str(found)[: 4 * limit]), limit)


def prose(value: Any, *path: str | int, limit: int = WORDS) -> str:
    """As :func:`words`, with its line breaks."""
    found = dig(value, *path)
    return clipped(visible(found[: 4 * limit]), limit).strip() if isinstance(found, str) else ""


def clipped(text: str, limit: int = WORDS) -> str:
    """*text*, with an ellipsis where it is longer than *limit* characters."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def moment(value: Any, *path: str | int) -> datetime | None:
    """The instant written at *path*, in UTC; None where there is none that can be read."""
    found = dig(value, *path)
    if not isinstance(found, str):
        return None
    at = parse_instant(found[:64])
    return at.astimezone(UTC) if at else None


def listed(answer: Answer, *path: str) -> list[Any]:
    """The list at *path* of a JSON answer; raises :class:`CollectProblem` when the answer has another form."""
    found = dig(answer.json(), *path)
    if not isinstance(found, list):
        raise CollectProblem(
            f"{answer.site} answered with something else than a list: check that the address is that of its API."
        )
    return found
