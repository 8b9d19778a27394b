"""How the factors of a review become the nodes of a tree and of a list by category."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.fishbone import FRESH, MARK_SIGNS
from app.review import branches
from app.review.prompts import child_prompt, short
from app.review.records import Factor, Session
from app.review.remarks import has_evidence
from app.review.ribs import ribs
from widgets.outline import Node

_LINK = "↗"
_HEAD = "="

KIND_QUESTIONS = {
    "event": "What happened?",
    "condition": "What was true?",
    "decision": "What made it sensible?",
    "absence": "What stops this?",
    "amplifier": "What made it worse?",
    "saver": "What limited it?",
}


class Fresh(NamedTuple):
    """A node that is being typed: what it will be, and behind which factor it stands."""

    factor: Factor
    after: str


def factor_of(key: str) -> str:
    """The id of the factor that a node stands for; nothing for a heading or a node that is being typed."""
    return "" if key == FRESH or key.startswith(_HEAD) else key.partition(_LINK)[0]


def link_of(key: str) -> str:
    """The second parent that a node stands under as a link, or nothing."""
    return key.partition(_LINK)[2]


def heading_of(key: str) -> str | None:
    """The category that a node is the heading of; None for a factor."""
    return key[len(_HEAD) :] if key.startswith(_HEAD) else None


def tree_nodes(session: Session, top: str, fresh: Fresh | None, cut: str) -> list[Node]:
    """The tree, or the branch below *top*; the branch *cut* is faint until it is pasted."""
    kept = branches.subtree(session, top) if top else {factor.id for factor in session.factors}
    faint = branches.subtree(session, cut) if cut else set()
    nodes = [
        factor_node(factor, "" if factor.id == top else factor.parent, faint=factor.id in faint)
        for factor in session.factors
        if factor.id in kept
    ]
    nodes += [
        Node(
            f"{factor.id}{_LINK}{parent}",
            factor.text,
            parent,
            prefix=f"{_LINK} {factor.id}",
            marks=(MARK_SIGNS.get(factor.mark, ""), _evidence(factor), factor.category),
            style="muted",
            target=factor.id,
        )
        for factor in session.factors
        for parent in factor.also_under
        if parent in kept
    ]
    if fresh is not None:
        nodes.insert(_place(nodes, session, fresh), _fresh_node(fresh, fresh.factor.parent))
    return nodes


def _place(nodes: Sequence[Node], session: Session, fresh: Fresh) -> int:
    """Where a node stands among *nodes*: behind the factor *after* and all below it."""
    family = branches.subtree(session, fresh.after) if fresh.after else set()
    own = [index for index, node in enumerate(nodes) if not link_of(node.key)]
    return max((index for index in own if nodes[index].key in family), default=len(own) - 1) + 1


def _fresh_node(fresh: Fresh, parent: str) -> Node:
    return Node(FRESH, "", parent, prefix=short(fresh.factor.question) if fresh.factor.question else "")


def list_nodes(session: Session, fresh: Fresh | None, cut: str) -> list[Node]:
    """Every factor once, under the heading of its category."""
    faint = branches.subtree(session, cut) if cut else set()
    nodes: list[Node] = []
    for rib in ribs(session):
        head = _HEAD + rib.category
        number = len(rib.twigs)
        nodes.append(Node(head, rib.name, marks=("", "", f"{number or 'nothing yet'}"), style="strong"))
        nodes += [
            factor_node(twig.factor, head, prefix="", category=False, faint=twig.factor.id in faint)
            for twig in rib.twigs
        ]
        if fresh is not None and fresh.factor.category == rib.category:
            keys = [node.key for node in nodes]
            place = keys.index(fresh.after) + 1 if fresh.after in keys else len(nodes)
            nodes.insert(place, _fresh_node(fresh, head))
    return nodes


def factor_node(
    factor: Factor, parent: str, prefix: str | None = None, *, category: bool = True, faint: bool = False
) -> Node:
    """A factor as a node of an outline."""
    text = f"{factor.label}: {factor.text}" if factor.label else factor.text
    asked = short(factor.question) if factor.question else KIND_QUESTIONS.get(factor.kind, child_prompt(0))
    if prefix is None:
        prefix = short(asked) if factor.parent else ""
    if faint:
        prefix = f"✂ {prefix}".strip()
    marks = [MARK_SIGNS.get(factor.mark, ""), _evidence(factor)]
    if category:
        marks.append(factor.category)
    style = "muted" if faint else "strong" if factor.mark == "immediate" else ""
    return Node(factor.id, text, parent, prefix, marks, style)


def _evidence(factor: Factor) -> str:
    shown = " ".join(factor.events[:2]) + (" …" if len(factor.events) > 2 else "")
    return f"{shown} ●".strip() if has_evidence(factor) else "○"


def path_to(session: Session, factor_id: str) -> list[Factor]:
    """The factor and those above it, the root first."""
    found: list[Factor] = []
    here = branches.find(session, factor_id)
    while here is not None and here not in found:
        found.insert(0, here)
        here = branches.find(session, here.parent)
    return found


def as_text(session: Session, factor_id: str) -> str:
    """A branch as an indented list, to be pasted elsewhere."""
    family = branches.subtree(session, factor_id)
    depths: dict[str, int] = {}
    lines = []
    for factor in _in_order(session, family):
        depths[factor.id] = depths.get(factor.parent, -1) + 1
        lines.append(f"{'  ' * depths[factor.id]}- {' '.join(factor.text.split())}")
    return "\n".join(lines)


def _in_order(session: Session, family: Iterable[str]) -> list[Factor]:
    from app.review.factors import walk

    wanted = set(family)
    return [placed.factor for placed in walk(session) if placed.factor.id in wanted]
