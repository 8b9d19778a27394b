"""A tree of 200 factors as outline and as fishbone, against Textual's tree: CPU milliseconds from key to frame."""

import asyncio
import statistics
import time
from collections.abc import Callable
from typing import Any

from rich.text import Text
from textual import events
from textual.widget import Widget
from textual.widgets import Tree

from app.review.records import Factor, Incident, Session
from app.review.remarks import remarks
from app.review.vocabulary import CATEGORIES
from screens.whys_nodes import tree_nodes
from tests.bench.costs import figure, frame
from tests.bench.grid import _Host
from widgets.fishbone import Fishbone
from widgets.outline import Outline
from widgets.tree_host import Written

COUNT = 200
KEYS = 60


class _Nobody:
    """A host that does nothing."""

    def node_wanted(self, key: str, where: str) -> None:
        pass

    def node_written(self, written: Written) -> bool:
        return False


def review(count: int = COUNT) -> Session:
    """Factors of a sentence or two, three below each, in all categories."""
    factors = tuple(
        Factor(
            id=f"F{n}",
            parent=f"F{(n - 1) // 3}" if n else "",
            question="What else had to be true?" if n else "",
            text=f"pool {n} was not on any dashboard, since the exporter had been switched off in the spring",
            category=CATEGORIES[n % len(CATEGORIES)],
            also_under=("F1",) if n % 40 == 39 else (),
        )
        for n in range(count)
    )
    return Session(incident=Incident(title="Checkout down"), factors=factors)


def _textual(session: Session) -> Tree[str]:
    tree: Tree[str] = Tree("whys")
    tree.show_root = False
    _fill(tree, session)
    return tree


def _fill(tree: Tree[str], session: Session) -> None:
    tree.clear()
    nodes: dict[str, Any] = {"": tree.root}
    for factor in session.factors:
        nodes[factor.id] = nodes[factor.parent].add(Text(factor.text), data=factor.id, expand=True)
    tree.root.expand()


Load = Callable[[Any, Session], None]
LOADS: dict[str, tuple[Callable[[Session], Widget], Load]] = {
    "Outline": (
        lambda _: Outline(_Nobody()),
        lambda widget, session: widget.set_nodes(tree_nodes(session, "", None, "")),
    ),
    "Fishbone": (lambda _: Fishbone(_Nobody()), lambda widget, session: widget.show_factors(session)),
    "Tree (Textual)": (_textual, _fill),
}


async def measure(name: str, session: Session) -> dict[str, list[float]]:
    """Load the review, move over it, and show it again after an edit of one factor."""
    make, load = LOADS[name]
    widget = make(session)
    app = _Host(widget)
    figures: dict[str, list[float]] = {}
    async with app.run_test(size=(120, 40)) as pilot:
        app.screen.set_focus(widget)
        await pilot.pause()
        figures["load"] = [await frame(app, lambda: load(widget, session))]
        await pilot.press("down")  # Textual's tree has its cursor nowhere at first
        figures["move"] = [
            await frame(app, lambda key=key: app.post_message(events.Key(key, None)))
            for key in ("down", "up") * (KEYS // 2)
        ]
        edited: list[float] = []
        for number in range(10):
            changed = session.factors[7].model_copy(update={"text": f"edited {number}"})
            fresh = session.model_copy(
                update={"factors": (*session.factors[:7], changed, *session.factors[8:])}
            )
            edited.append(await frame(app, lambda fresh=fresh: load(widget, fresh)))
        figures["edit"] = edited
    return figures


def run() -> None:
    """Measure and print."""
    session = review()
    found = {name: asyncio.run(measure(name, session)) for name in LOADS}
    print(f"{COUNT} factors, key to frame, CPU ms: median / 95th; load is a single run")
    print(
        f"{'what':<8}"
        + "".join(f"{name:>20}" for name in LOADS)
        + f"{'Outline/Tree':>14}{'Fishbone/Tree':>15}"
    )
    for what in ("load", "move", "edit"):
        shown = "".join(f"{figure(found[name][what]):>20}" for name in LOADS)
        outline, bone, tree = (statistics.median(found[name][what]) for name in LOADS)
        print(f"{what:<8}{shown}{outline / tree:>14.2f}{bone / tree:>15.2f}")
    remarks(session)
    start = time.process_time()
    for _ in range(20):
        remarks(session)
    print(f"warnings about {COUNT} factors: {(time.process_time() - start) * 50:.1f} ms CPU")


if __name__ == "__main__":
    run()
