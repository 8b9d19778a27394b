"""The tree of factors as it is drawn.

Files are edited by hand: a parent may be missing, and parents may form a ring. Every factor still appears
exactly once.
"""

from dataclasses import dataclass

from app.review.records import Factor, Session


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
