"""Durations between milestones, each with its definition.

Rules (field practice): unknown stays unknown and is never zero; a negative duration is an error that names
both rows; the definition is printed beside the number, because organisations count differently; "MTTR" is
never printed for one incident: the M is a mean, and the R has four meanings.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.review.records import Event, Session
from app.review.timeline import instant, latest, milestones


@dataclass(frozen=True)
class Duration:
    """One duration of this incident, or why it is not known."""

    name: str
    label: str
    formula: str
    value: timedelta | None
    problem: str = ""
    about: bool = False
    """True when one of the two rows was marked as approximate, or is only known to the hour or the day."""
    contradicts: bool = False
    """True when the end lies before the start: one of the two times is wrong."""


@dataclass(frozen=True)
class _Rule:
    name: str
    label: str
    end: tuple[str, ...]
    start: tuple[str, ...]

    @property
    def formula(self) -> str:
        return f"{_or(self.end)} - {_or(self.start)}"


def _or(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} (else {' or '.join(names[1:])})"


_RULES: Final = (
    _Rule("TTD", "time to detect", ("detected",), ("started",)),
    _Rule("TTA", "time to acknowledge", ("acknowledged",), ("paged", "detected")),
    _Rule("TTI", "time to identify", ("identified",), ("detected",)),
    _Rule("TTM", "time to mitigate", ("mitigated",), ("started",)),
    _Rule("recover", "time to recover", ("recovered",), ("started",)),
    _Rule("TTR", "time to resolve", ("resolved",), ("started",)),
    _Rule("impact", "length of impact", ("recovered", "mitigated"), ("started",)),
    _Rule("response", "length of response", ("resolved",), ("detected",)),
    _Rule("hands", "time on hands", ("mitigated",), ("acknowledged",)),
)

_COARSE: Final = frozenset({"hour", "day", "month"})


def durations(session: Session) -> tuple[Duration, ...]:
    """Every duration of the session, known or not, in the order a report shows them."""
    rows = milestones(session)
    return tuple(_measure(rule, rows, session) for rule in _RULES)


def _measure(rule: _Rule, rows: dict[str, Event], session: Session) -> Duration:
    end = next((rows[name] for name in rule.end if name in rows), None)
    start = next((rows[name] for name in rule.start if name in rows), None)
    if end is None or start is None:
        missing = [names for names, row in ((rule.start, start), (rule.end, end)) if row is None]
        needs = " and ".join(f"“{names[0]}”" for names in missing)
        return Duration(rule.name, rule.label, rule.formula, None, f"unknown: no row is marked {needs}")
    ended, began = instant(session, end), instant(session, start)
    if ended is None or began is None:
        untimed = end if ended is None else start
        return Duration(rule.name, rule.label, rule.formula, None, f"unknown: {untimed.id} has no time")
    if ended < began:
        if latest(end, ended) > began:
            problem = f"unknown: {end.id} ({end.milestone}) is only known to the {end.precision}"
            return Duration(rule.name, rule.label, rule.formula, None, problem)
        problem = f"{end.id} ({end.milestone}) is before {start.id} ({start.milestone}): check both times"
        return Duration(rule.name, rule.label, rule.formula, None, problem, contradicts=True)
    about = any(row.about or row.precision in _COARSE for row in (start, end))
    return Duration(rule.name, rule.label, rule.formula, ended - began, about=about)


def spell(length: timedelta) -> str:
    """A duration in words a room can read: ``1 h 35 min``, ``29 min 37 s``, ``2 d 3 h``.

    Seconds are left out from one hour on, minutes from one day on; nothing is rounded up.
    """
    seconds = int(length.total_seconds())
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    if days:
        parts = [f"{days} d", f"{hours} h" if hours else ""]
    elif hours:
        parts = [f"{hours} h", f"{minutes} min" if minutes else ""]
    elif minutes:
        parts = [f"{minutes} min", f"{seconds} s" if seconds else ""]
    else:
        parts = [f"{seconds} s"]
    return sign + " ".join(part for part in parts if part)


def short(length: timedelta) -> str:
    """A duration as one types it: ``3m``, ``3m30s``, ``1h30m``."""
    seconds = int(length.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds % 3600 // 60, "m"), (seconds % 60, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def read_length(text: str) -> timedelta | None:
    """Read a duration that a person typed: ``3m``, ``90s``, ``3 min 30 s``, ``1h``, ``5`` (minutes), ``never``.

    Nothing when it is none; zero for ``never``, ``off`` and ``0``.
    """
    typed = text.strip().casefold()
    if typed in {"never", "off", "no", "none"}:
        return timedelta()
    if typed.isascii() and typed.isdigit():
        typed += "m"
    if not _LENGTH.fullmatch(typed):
        return None
    seconds = sum(float(number) * _UNITS[unit[0]] for number, unit in _PART.findall(typed))
    return timedelta(seconds=round(seconds)) if seconds <= _LONGEST else None


_PART: Final = re.compile(
    r"([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*(hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s|days?|d)"
)
_LENGTH: Final = re.compile(rf"(?:{_PART.pattern}\s*)+")
_UNITS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_LONGEST: Final = 366 * 86_400


def clock(length: timedelta) -> str:
    """A duration for a column of differences, short enough for six cells: ``1:22``, ``1h02m``, ``13d9h``."""
    seconds = int(length.total_seconds())
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    hours, rest = divmod(seconds, 3_600)
    minutes, seconds = divmod(rest, 60)
    if hours >= 24:
        return f"{sign}{hours // 24}d{hours % 24}h"
    return f"{sign}{hours}h{minutes:02d}m" if hours else f"{sign}{minutes}:{seconds:02d}"
