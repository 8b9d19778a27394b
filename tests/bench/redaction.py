"""Secrets: what is found of a generated corpus, what harmless lines are altered, and what it costs.

The reference is Python's ``re`` with the same patterns on the same lines.
"""

import re
import time
from collections import Counter

from app.redaction.checks import CHECKS
from app.redaction.engine import find, mask
from app.redaction.kinds import KINDS
from tests import secret_corpus_lists
from tests.secret_corpus import clean, secrets

EACH = 50
LINES = 20_000


def run() -> None:
    """Print recall by kind where it is not whole, false alarms, and the time beside ``re``."""
    cases = secrets(seed=21, each=EACH)
    kinds = Counter(case.kind for case in cases)
    missed = Counter(
        case.kind
        for case in cases
        if not any(
            case.text[each.start : each.end] in case.secret or case.secret in case.text[each.start : each.end]
            for each in find(case.text)
        )
    )
    print(f"secrets: {len(KINDS)} patterns, {len(kinds)} kinds of cases, {len(cases):,} cases")
    print(f"  recall {1 - missed.total() / len(cases):.2%}; missed: {dict(missed) or 'none'}")
    listed = list(secret_corpus_lists.secrets(seed=21))
    left = sum(case.secret in mask(case.text, lambda kind, secret: "") for case in listed)
    print(
        f"  by published lists: {len(secret_corpus_lists.kinds())} kinds, recall {1 - left / len(listed):.2%}"
    )
    lines = clean(seed=22, count=LINES)
    altered = sum(bool(find(line)) for line in lines)
    print(f"  false alarms {altered} in {LINES:,} harmless lines")
    find.cache_clear()
    begun = time.perf_counter()
    for line in lines:
        find(line)
    ours = time.perf_counter() - begun
    pure = _with_re(lines)
    size = sum(map(len, lines)) / 1e6
    print(
        f"  {size / ours:.1f} MB/s; Python's re with the same patterns {size / pure:.1f} MB/s ({pure / ours:.1f} times)"
    )
    hostile = "password=" * 20_000
    begun = time.perf_counter()
    find(hostile)
    print(f"  a hostile line of {len(hostile):,} characters: {time.perf_counter() - begun:.2f} s")


def _with_re(lines: list[str]) -> float:
    patterns = [(kind, re.compile(kind.pattern), CHECKS.get(kind.check)) for kind in KINDS]
    begun = time.perf_counter()
    for line in lines:
        folded = line.lower()
        for kind, pattern, check in patterns:
            if kind.needs and not any(word in folded for word in kind.needs):
                continue
            for match in pattern.finditer(line):
                if check is not None and match[1]:
                    check(match[1])
    return time.perf_counter() - begun


if __name__ == "__main__":
    run()
