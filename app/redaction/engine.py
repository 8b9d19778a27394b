"""Secrets in one text: where they stand, of which kind they are, and the text with tags in their place."""

import hashlib
import hmac
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

from app.redaction.checks import CHECKS
from app.redaction.kinds import KINDS, Kind

_TAG: Final = re.compile(r"\[[a-z][a-z0-9-]*:[0-9a-f]{6}\]")
_REMEMBERED: Final = 20_000
"""Texts whose findings are remembered: a report is made anew after every edit, and most of it did not change."""


class Secret(NamedTuple):
    """A secret in a text: its kind and its place."""

    kind: str
    start: int
    end: int


class _Matcher(NamedTuple):
    kind: Kind
    compiled: Any
    check: Callable[[str], bool] | None


@lru_cache(maxsize=_REMEMBERED)
def find(text: str) -> tuple[Secret, ...]:
    """The secrets in *text*, in order, none over another. Takes time in proportion to the length of the text."""
    if len(text) < 6:
        return ()
    folded = text.lower()
    # RE2 works on bytes: encoded here once, not by its wrapper for every pattern.
    data = text.encode("utf-8", "replace")
    plain = len(data) == len(text)
    found: list[Secret] = []
    for kind, compiled, check in _matchers():
        if kind.needs and not any(word in folded for word in kind.needs):
            continue
        for match in compiled.finditer(data):
            start, end = _place(match, compiled.groups)
            if not plain:
                start, end = len(data[:start].decode()), len(data[:end].decode())
            if start < end and (check is None or check(text[start:end])):
                found.append(Secret(kind.name, start, end))
    return _apart(found, [(each.start(), each.end()) for each in _TAG.finditer(text)])


def mask(text: str, tag: Callable[[str, str], str]) -> str:
    """*text* with ``tag(kind, secret)`` in the place of every secret."""
    parts: list[str] = []
    place = 0
    for kind, start, end in find(text):
        parts += [text[place:start], tag(kind, text[start:end])]
        place = end
    return "".join([*parts, text[place:]]) if parts else text


def tag(kind: str, secret: str, key: bytes) -> str:
    """The mark that stands for a secret: the same for the same secret, and nothing can be guessed from it."""
    digest = hmac.new(key, secret.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    return f"[{kind}:{digest[:6]}]"


def _place(match: Any, groups: int) -> tuple[int, int]:
    """The last group that took part: patterns name what stands before a secret in earlier ones."""
    for number in range(groups, 0, -1):
        start, end = match.span(number)
        if start >= 0:
            return int(start), int(end)
    return 0, 0


def _apart(found: list[Secret], tags: list[tuple[int, int]]) -> tuple[Secret, ...]:
    """Findings that touch become one, under the name of the kind that is listed first; tags are no secrets."""
    order = {kind.name: number for number, kind in reversed(list(enumerate(KINDS)))}
    joined: list[Secret] = []
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        if any(start <= each.start < end for start, end in tags):
            continue
        if joined and each.start < joined[-1].end:
            last = joined[-1]
            name = min(last.kind, each.kind, key=order.__getitem__)
            joined[-1] = Secret(name, last.start, max(last.end, each.end))
        else:
            joined.append(each)
    return tuple(joined)


@lru_cache(maxsize=1)
def _matchers() -> tuple[_Matcher, ...]:
    import re2

    return tuple(
        _Matcher(kind, re2.compile(kind.pattern), CHECKS[kind.check] if kind.check else None)
        for kind in KINDS
    )
