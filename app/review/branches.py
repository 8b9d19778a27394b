"""Edits of the tree of factors: grow, move, cut, link. Like all edits, from a session to a session.

The order of the file is the order of the tree, read from top to bottom: what moves takes everything below it
along. A factor hangs under one parent; *also_under* names others, and the two together never form a ring.
"""

from app.review.edits import add, change, replace
from app.review.records import Factor, Session


def subtree(session: Session, factor_id: str) -> set[str]:
    """The ids of a factor and everything that hangs below it."""
    return _reached(factor_id, _children(session, links=False))


def below(session: Session, factor_id: str) -> set[str]:
    """The ids of a factor and everything below it, through links too."""
    return _reached(factor_id, _children(session, links=True))


def _children(session: Session, *, links: bool) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {}
    for factor in session.factors:
        for parent in {factor.parent, *(factor.also_under if links else ())}:
            children.setdefault(parent, []).append(factor.id)
    return children


def _reached(start: str, children: dict[str, list[str]]) -> set[str]:
    family, queue = set(), [start]
    while queue:
        current = queue.pop()
        if current not in family:
            family.add(current)
            queue += children.get(current, [])
    return family


def find(session: Session, factor_id: str) -> Factor | None:
    """The factor with this id."""
    return next((factor for factor in session.factors if factor.id == factor_id), None)


def siblings(session: Session, factor_id: str) -> list[str]:
    """The ids of the factors under the same parent, itself among them, in order; none for an unknown id.

    A parent that is missing from the session counts as none.
    """
    known = {factor.id for factor in session.factors}
    parents = {factor.id: factor.parent if factor.parent in known else "" for factor in session.factors}
    return [each for each in parents if factor_id in known and parents[each] == parents[factor_id]]


def add_factor(session: Session, factor: Factor, after: str = "") -> Session:
    """Add a factor: behind the factor *after* and everything below it, or at the end."""
    position = None
    if after:
        ids = [each.id for each in session.factors]
        family = subtree(session, after)
        position = max((ids.index(each) for each in family if each in ids), default=len(ids) - 1) + 1
    return add(session, "factors", factor, position)


def set_parent(session: Session, factor_id: str, parent: str) -> Session:
    """Hang a factor, with all below it, under another as its last child, or under none as the last root.

    Nothing changes where that would make a ring, where there is no such parent, or where it hangs there.
    """
    factor = find(session, factor_id)
    if factor is None or factor.parent == parent:
        return session
    return _moved(session, factor, parent, behind=parent)


def move_behind(session: Session, factor_id: str, sibling: str) -> Session:
    """Put a factor, with all below it, behind another one and under the same parent."""
    factor, other = find(session, factor_id), find(session, sibling)
    if factor is None or other is None or sibling in subtree(session, factor_id):
        return session
    return _moved(session, factor, other.parent, behind=sibling)


def _moved(session: Session, factor: Factor, parent: str, behind: str) -> Session:
    if (parent and find(session, parent) is None) or parent in below(session, factor.id):
        return session
    family = subtree(session, factor.id)
    if parent != factor.parent:
        links = tuple(each for each in factor.also_under if each != parent)
        session = change(session, "factors", {factor.id}, parent=parent, also_under=links)
    block = [row for row in session.factors if row.id in family]
    rest = [row for row in session.factors if row.id not in family]
    before = subtree(session, behind) if behind else {row.id for row in rest}
    place = max((index for index, row in enumerate(rest) if row.id in before), default=len(rest) - 1) + 1
    return session.model_copy(update={"factors": (*rest[:place], *block, *rest[place:])})


def indent(session: Session, factor_id: str) -> Session:
    """Hang a factor under the sibling before it."""
    row = siblings(session, factor_id)
    place = row.index(factor_id) if row else 0
    return set_parent(session, factor_id, row[place - 1]) if place else session


def outdent(session: Session, factor_id: str) -> Session:
    """Put a factor behind its parent, as one of the parent's siblings."""
    factor = find(session, factor_id)
    return session if factor is None else move_behind(session, factor_id, factor.parent)


def swap_factor(session: Session, factor_id: str, step: int) -> Session:
    """Move a factor up (-1) or down (+1) among its siblings."""
    row = siblings(session, factor_id)
    target = row.index(factor_id) + step if row else -1
    if not 0 <= target < len(row):
        return session
    first, second = sorted((row.index(factor_id), target))
    return move_behind(session, row[first], row[second])


def link(session: Session, factor_id: str, parent: str) -> Session:
    """Let a factor belong below a second parent, too. A ring, or a parent that it has, changes nothing."""
    factor = find(session, factor_id)
    if (
        factor is None
        or find(session, parent) is None
        or parent in {factor.parent, *factor.also_under}
        or parent in below(session, factor_id)
    ):
        return session
    return change(session, "factors", {factor_id}, also_under=(*factor.also_under, parent))


def unlink(session: Session, factor_id: str, parent: str) -> Session:
    """Take a factor away from a second parent; where it hangs stays."""
    return replace(
        session,
        "factors",
        {factor_id},
        lambda factor: factor.model_copy(
            update={"also_under": tuple(each for each in factor.also_under if each != parent)}
        ),
    )
