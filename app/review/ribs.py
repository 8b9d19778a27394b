"""The factors by category: the ribs of a fishbone, and the spine's end.

The categories are those of the review, or the known ones for software work; "People" is not among them, since
it invites names. A category that only a factor names comes behind them, and what has none comes last.
"""

from typing import NamedTuple

from app.review.factors import walk
from app.review.records import Factor, Session
from app.review.vocabulary import CATEGORIES

UNSORTED = "no category yet"
"""The name of the rib of factors without a category."""


class Twig(NamedTuple):
    """A factor on a rib."""

    factor: Factor
    depth: int
    """How many factors of the same category stand above it in the tree."""


class Rib(NamedTuple):
    """A category with its factors, in the order of the tree."""

    category: str
    twigs: tuple[Twig, ...]

    @property
    def name(self) -> str:
        """What stands on the rib."""
        return self.category or UNSORTED


def categories(session: Session) -> tuple[str, ...]:
    """The categories that a review sorts into: its own, else the known ones."""
    return session.analysis.categories or CATEGORIES


def ribs(session: Session, without: str = "") -> tuple[Rib, ...]:
    """Every category with its factors, empty ones too; the factor *without* is left out (it is the effect)."""
    found: dict[str, list[Twig]] = {name: [] for name in categories(session)}
    unsorted: list[Twig] = []
    above: list[Factor] = []
    for placed in walk(session):
        del above[placed.depth :]
        factor = placed.factor
        if factor.id != without:
            depth = sum(each.category == factor.category and each.id != without for each in above)
            twigs = found.setdefault(factor.category, []) if factor.category else unsorted
            twigs.append(Twig(factor, depth))
        above.append(factor)
    rows = [Rib(name, tuple(twigs)) for name, twigs in found.items()]
    if unsorted:
        rows.append(Rib("", tuple(unsorted)))
    return tuple(rows)


class Effect(NamedTuple):
    """What the spine leads to: a text, and the factor that it is, if it is one."""

    text: str
    key: str = ""


def effect(session: Session) -> Effect:
    """The only root of the tree if it is what happened and no condition, else the incident.

    A root is what happened when its kind says so, or when it has neither a kind nor a category.
    """
    roots = [placed.factor for placed in walk(session) if not placed.depth]
    if len(roots) == 1:
        (root,) = roots
        if root.text.strip() and (root.kind == "event" or not (root.kind or root.category)):
            return Effect(root.text, root.id)
    return Effect(session.incident.title or "What happened")
