"""Lengths of time as people write them: ``1h 35min``, ``90 seconds``, ``about an hour and a half``, ``27m``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

_WORDS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40,
    "forty-five": 45, "sixty": 60, "ninety": 90,
}  # fmt: skip
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_NUMBER = (
    rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?|half an?|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
)
_UNIT = (
    r"(?:(?P<h@>hours?|hrs?\.?|h)|(?P<m@>minutes?|mins?\.?|m)|(?P<s@>seconds?|secs?\.?|s)"
    r"|(?P<d@>days?|d)|(?P<w@>weeks?))(?![a-z_%°/])"
)
_PART = rf"(?P<n@>{_NUMBER})(?P<half@> and a half)?[\s\u00a0-]?{_UNIT}(?P<tail@> and a half)?"
_P1, _P2, _P3 = (_PART.replace("@", number) for number in "123")
_JOINED = r"(?:,?\s?(?:and )?)"
_LENGTH: Final = re.compile(
    rf"(?<![\w.,:/$€£#+-]){_P1}(?:{_JOINED}{_P2})?(?:{_JOINED}{_P3})?"
    r"(?!\s+(?:ago|old|window|interval|timeout|delay|retention|notice|TTL|rolling|average|cooldown|before that)\b)",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:about|around|approx(?:imately|\.)?|roughly|nearly|almost|some|~|≈|circa|ca\.|close to)\s*$",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"(?:within|in under|under|less than|fewer than|at most|no more than|not more than|up to|below|<|≤|<=)"
    r"\s*(?:about |just )?(?:the )?(?:first )?$",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"(?:at least|more than|over|longer than|in excess of|no less than|>|≥|>=)\s*$", re.IGNORECASE
)
_REPEATED = re.compile(
    r"(?:every|each|per|next|last|past|another|an? additional|additional|a further|extra)\s*$", re.IGNORECASE
)
_RATE = re.compile(r"\s*(?:/|per\b)", re.IGNORECASE)


@dataclass(frozen=True)
class Length:
    """A length in a text: its place, its value, and how exactly it was meant."""

    start: int
    end: int
    value: timedelta
    unit: timedelta
    """The smallest step that its author counted in."""
    about: bool = False
    bound: str = ""
    """``most`` for "within N", ``least`` for "more than N"."""

    def fits(self, actual: timedelta, slack: timedelta = timedelta()) -> bool:
        """Whether *actual*, known to *slack*, can be called that."""
        if self.bound == "most":
            return actual <= self.value + slack
        room = max(self.unit, self.value * (0.25 if self.about else 0.05)) + slack
        if self.bound == "least" and actual >= self.value - room:
            return True
        return abs(actual - self.value) <= room


def lengths(text: str) -> Iterator[Length]:
    """Every length in *text* that is one: not "every 5 minutes", not "10 per minute", not "last 5 minutes"."""
    for found in _LENGTH.finditer(text):
        before, after = text[: found.start()], text[found.end() :]
        if _REPEATED.search(before) or _RATE.match(after):
            continue
        if found["n1"].casefold() in {"a", "an", "one"} and not found["n2"] and found["h1"] is None:
            continue
        value, unit = _value(found)
        if not value:
            continue
        yield Length(
            found.start(),
            found.end(),
            timedelta(seconds=value),
            timedelta(seconds=unit),
            about=bool(_ABOUT.search(before)),
            bound="most" if _MOST.search(before) else "least" if _LEAST.search(before) else "",
        )


def _value(found: re.Match[str]) -> tuple[float, float]:
    """Seconds, and the seconds of the smallest step."""
    total, step = 0.0, float("inf")
    for part in "123":
        if found[f"n{part}"] is None:
            continue
        unit = next(_UNITS[name] for name in _UNITS if found[f"{name}{part}"])
        word = found[f"n{part}"].casefold().replace(",", "")
        number = 0.5 if word.startswith("half") else float(_WORDS.get(word, 0)) or float(word)
        half = bool(found[f"half{part}"] or found[f"tail{part}"])
        total += (number + 0.5 * half) * unit
        step = min(step, unit / 4 if half or "." in word or word.startswith("half") else unit)
    return min(total, 1e9), step
