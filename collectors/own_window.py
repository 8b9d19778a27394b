"""A window of a source's own, instead of the incident's: every kind of source can have one.

A deployment three days before the incident, say, while the logs are wanted for the hour around it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.evidence.window import Window
from app.text import one_line
from collectors.interface import Field

WINDOW_FIELDS = (
    Field("from", "Own window from", example="2025-02-08T12:00Z, or empty"),
    Field("to", "Own window to", example="2025-02-09T11:00+01:00, or empty"),
)
"""The settings that every source has beside those of its kind."""


def check_window(settings: Mapping[str, Any]) -> str:
    """One sentence on what is wrong with the window in *settings*; empty when nothing is."""
    ends: list[datetime] = []
    for name in ("from", "to"):
        value = settings.get(name)
        if value in (None, ""):
            continue
        at = _moment(value)
        if at is None:
            told = one_line(str(value))[:40]
            return f"“{told}” is no time with its zone: write it like 2025-02-09T10:05Z or 2025-02-09T11:05+01:00."
        ends.append(at)
    if len(ends) == 2 and ends[0] >= ends[1]:
        return "The source's own window ends before it begins: correct its times."
    return ""


def own_window(settings: Mapping[str, Any], window: Window | None, now: datetime) -> Window | None:
    """*window* with the ends that *settings* name in its place; without any start there is none."""
    start = _moment(settings.get("from")) or (window and window.start)
    end = _moment(settings.get("to")) or (window and window.end) or now.astimezone(UTC)
    return Window(start, max(start, end)) if start else None


def _moment(value: Any) -> datetime | None:
    """A time out of settings: TOML has real ones, a form has text."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    return value.astimezone(UTC)
