"""The tree of factors as it is drawn, and what is worth a warning about it.

Files are edited by hand: a parent may be missing, and parents may form a ring. Every factor still appears
exactly once.
"""

from dataclasses import dataclass

from app.review.language import check
from app.review.records import Factor, Session

_DEEP = 3
"""Answers below one another, none with a sibling, that make a chain worth a question (field practice)."""
_FEW = 3


@dataclass(frozen=True)
class Placed:
    """A factor with its place in the tree."""

    factor: Factor
    depth: int
    """How many factors stand above it."""
    last: tuple[bool, ...]
    """For every level from the root down to this one: whether no sibling follows. Decides the lines drawn."""
    children: int
    """How many factors hang directly below it."""


def walk(session: Session) -> tuple[Placed, ...]:
    """The factors from top to bottom, each before those below it, siblings as in the file.

    A factor whose parent is missing is a root. In a ring, the factor that comes first in the file is.
    """
    below = _children(session.factors)
    found: list[Placed] = []
    seen: set[int] = set()

    def place(root: int, last: bool) -> None:
        stack: list[tuple[int, tuple[bool, ...]]] = [(root, (last,))]
        while stack:
            here, flags = stack.pop()
            if here in seen:
                continue
            seen.add(here)
            kids = [each for each in below.get(here, ()) if each not in seen]
            found.append(Placed(session.factors[here], len(flags) - 1, flags, len(kids)))
            for position in reversed(range(len(kids))):
                stack.append((kids[position], (*flags, position == len(kids) - 1)))

    roots = _roots(len(session.factors), below)
    for position, root in enumerate(roots):
        place(root, position == len(roots) - 1)
    return tuple(found)


def _children(factors: tuple[Factor, ...]) -> dict[int, list[int]]:
    """Positions of the factors below each factor, by position; -1 stands for the roots."""
    places: dict[str, int] = {}
    for position, factor in enumerate(factors):
        places.setdefault(factor.id, position)
    below: dict[int, list[int]] = {}
    for position, factor in enumerate(factors):
        parent = places.get(factor.parent, -1) if factor.parent else -1
        below.setdefault(-1 if parent == position else parent, []).append(position)
    return below


def _roots(count: int, below: dict[int, list[int]]) -> list[int]:
    """Where to begin so that every factor is reached: the true roots, and one of every ring."""
    reached: set[int] = set()

    def reach(start: int) -> None:
        queue = [start]
        while queue:
            here = queue.pop()
            if here not in reached:
                reached.add(here)
                queue += below.get(here, ())

    roots = list(below.get(-1, ()))
    for root in roots:
        reach(root)
    for position in range(count):
        if position not in reached:
            roots.append(position)
            reach(position)
    return sorted(roots)


def warnings(session: Session) -> tuple[str, ...]:
    """What is worth a question about the factors, one sentence each. None of them blocks anything."""
    placed = walk(session)
    if not placed:
        return ()
    found = [*_chains(placed)]
    if len(placed) < _FEW:
        found.append(f"{_count(len(placed), 'factor')} so far: what else had to be true?")
    for each in placed:
        if not each.children and (words := _blame(each.factor.text)):
            found.append(
                f"{each.factor.id} stops at a person (“{words}”): what made that the sensible step then?"
            )
    bare = sum(not (each.factor.events or each.factor.evidence) for each in placed)
    if bare:
        found.append(f"No evidence yet for {_count(bare, 'factor')}.")
    return tuple(found)


def _chains(placed: tuple[Placed, ...]) -> list[str]:
    """A sentence for every tree that is deep and never branches."""
    found = []
    start = 0
    for position in range(1, len(placed) + 1):
        if position < len(placed) and placed[position].depth:
            continue
        tree = placed[start:position]
        if tree[-1].depth >= _DEEP and all(each.children <= 1 for each in tree):
            found.append(f"One chain only below “{_short(tree[0].factor.text)}”: what else had to be true?")
        start = position
    return found


def _blame(text: str) -> str:
    """The words of a factor that blame, or nothing."""
    return next((finding.words for finding in check(text) if finding.rule.group == "blame"), "")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39].rstrip()}…"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
