"""How a tree of texts becomes lines: guides, folding, wrapping. Pure values."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from app.text import cell_len, cut, fit, wrap

LEAST_TEXT = 16
"""Texts are never wrapped narrower than this; the outline scrolls sideways instead."""
MOST_LINES = 8
"""Lines that one text may take: a pasted log must not push the tree off the screen."""
PREFIX_SHARE = 0.6
"""A word before the text takes at most this part of its first line."""


class Node(NamedTuple):
    """One entry of an outline. Siblings stand in the order in which they are given.

    *prefix* is a short word before the text (``How?``) that is not edited with it; *marks* are short texts
    that stand in columns at the right; *style* is ``muted``, ``problem``, ``ok``, ``strong``, or nothing. A
    node whose *parent* is unknown stands at the top level. *target* is the key of the node that this one only
    points to.
    """

    key: str
    text: str
    parent: str = ""
    prefix: str = ""
    marks: Sequence[str] = ()
    style: str = ""
    target: str = ""


class Line(NamedTuple):
    """One line of the drawing: which node, what stands left of its text, and a piece of the text."""

    node: Node
    guide: str
    prefix: str
    text: str
    first: bool
    hidden: int
    """How many nodes are folded away under this one."""


class Branch(NamedTuple):
    """A node with its place in the tree."""

    node: Node
    depth: int
    lasts: tuple[bool, ...]
    """For the node and its ancestors, outermost first: whether it is the last of its siblings."""
    children: int
    hidden: int


def children_of(nodes: Sequence[Node]) -> dict[str, list[Node]]:
    """The nodes by the key of their parent; every node can be reached from ``""``, whatever the data says."""
    keys = {node.key for node in nodes}
    family: dict[str, list[Node]] = {"": []}
    for node in nodes:
        family.setdefault(node.parent if node.parent in keys else "", []).append(node)
    reached: set[str] = set()

    def reach(key: str) -> None:
        pending = [key]
        while pending:
            for child in family.get(pending.pop(), []):
                if child.key not in reached:
                    reached.add(child.key)
                    pending.append(child.key)

    reach("")
    for node in nodes:
        # Two nodes that are each other's parent: the first of them is taken for a root.
        if node.key not in reached:
            family[node.parent].remove(node)
            family[""].append(node)
            reached.add(node.key)
            reach(node.key)
    return family


def branches(nodes: Sequence[Node], folded: Collection[str]) -> list[Branch]:
    """The visible nodes in the order in which they are drawn."""
    family = children_of(nodes)

    def below(key: str) -> int:
        count, pending = 0, [key]
        while pending:
            children = family.get(pending.pop(), [])
            count += len(children)
            pending.extend(child.key for child in children)
        return count

    def walk() -> Iterator[Branch]:
        pending: list[tuple[Node, int, tuple[bool, ...]]] = [
            (node, 0, (node is family[""][-1],)) for node in reversed(family[""])
        ]
        while pending:
            node, depth, lasts = pending.pop()
            children = family.get(node.key, [])
            fold = node.key in folded and bool(children)
            yield Branch(node, depth, lasts, len(children), below(node.key) if fold else 0)
            if not fold:
                pending.extend(
                    (child, depth + 1, (*lasts, child is children[-1])) for child in reversed(children)
                )

    return list(walk())


def lay_out(tree: Sequence[Branch], width: int, edited: str = "") -> list[Line]:
    """Draw the branches into lines whose guides and text take *width* cells; *edited* gets a single line."""
    deepest = max((branch.depth for branch in tree), default=0)
    step = next((step for step in (3, 2) if deepest * step <= width // 2), 1)
    lines: list[Line] = []
    for branch in tree:
        node = branch.node
        outer = "".join((" " if last else "│").ljust(step) for last in branch.lasts[1:-1])
        lead = outer + (("└" if branch.lasts[-1] else "├") + "─" * (step - 2)).ljust(step)[:step]
        follow = outer + (" " if branch.lasts[-1] else "│").ljust(step)
        if not branch.depth:
            lead = follow = ""
        follow += "│ " if branch.children and not branch.hidden else "  "
        room = max(LEAST_TEXT, width - len(follow))
        asked = f"{cut(node.prefix, int(room * PREFIX_SHARE))} " if node.prefix else ""
        prefix = ("▸ " if branch.hidden else "") + asked
        tail = f" (+{branch.hidden})" if branch.hidden else ""
        # The first line is shorter by the prefix: hold its place while wrapping.
        held = "\N{NO-BREAK SPACE}" * min(cell_len(prefix), room - 1)
        pieces = [held] if node.key == edited else _wrapped(held + node.text, tail, room)
        for number, piece in enumerate(pieces):
            first = number == 0
            text = piece[len(held) :] if first else piece
            lines.append(
                Line(node, lead if first else follow, prefix if first else "", text, first, branch.hidden)
            )
    return lines


def _wrapped(text: str, tail: str, room: int) -> list[str]:
    """*text* and *tail* in lines; of a text that is too long the beginning, which says so."""
    most = MOST_LINES * room
    if len(text) > most or len(pieces := wrap(text + tail, room)) > MOST_LINES:
        pieces = wrap(text[:most], room)[:MOST_LINES]
        pieces[-1] = fit(pieces[-1], room - cell_len(tail) - 1).rstrip() + "…" + tail
    return pieces
