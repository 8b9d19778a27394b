"""Growing the tree of whys: nodes that are typed, one after the other, and what a line becomes."""

from typing import NamedTuple

from textual.widgets import Input, TextArea

from app.fishbone import FRESH
from app.review import branches, capture, edits
from app.review.completion import Known, factor_words
from app.review.prompts import child_prompt
from app.review.records import Factor, Session
from app.review.writing import Spot
from screens.frame import StepScreen
from screens.frame_base import READ_ONLY
from screens.whys_nodes import Fresh, factor_of, heading_of, link_of
from screens.workbench import Workbench
from widgets.outline import Outline
from widgets.tree_host import Written


class _Next(NamedTuple):
    """What follows a node that was typed: a node beside it, below it, or beside its parent."""

    after: str
    where: str


_FOLLOWS = {"stay": "sibling", "next": "child", "previous": "out"}
"""Where the next node stands when a new one ends with Enter, Tab, or Shift+Tab."""


class Growing(StepScreen):
    """The part of the screen that adds nodes. A node that never gets a text was never there."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.fresh: Fresh | None = None
        """The node that is being typed."""
        self.asking = ""
        """The question that the next node answers, if somebody chose one."""

    @property
    def outline(self) -> Outline:
        """The tree."""
        return self.query_one("#whys", Outline)

    def view_key(self) -> str:
        """The key under the cursor of the view that is shown."""
        return self.outline.cursor_key

    def view_go(self, key: str) -> bool:
        """Put the cursor of the view that is shown on a node."""
        return self.outline.move_cursor(key)

    def view_edit(self, key: str) -> bool:
        """Open the field on a node of the view that is shown."""
        return self.outline.edit(key)

    def show_tree(self) -> None:
        """Give the view its nodes anew."""
        raise NotImplementedError

    @property
    def current(self) -> Factor | None:
        """The factor under the cursor; a link counts as what it links to."""
        return branches.find(self.bench.session, factor_of(self.view_key()))

    # The capture line

    def words(self, session: Session) -> Known:
        """What a line may be completed to."""
        return factor_words(session)

    def understand(self, text: str) -> str:
        """Say which node a line would become, and where."""
        here = self.current
        where = f"below “{here.text[:30]}”" if here else "a new root"
        return f"{where} · {capture.describe_factor(capture.factor(text))}"

    def said(self, text: str) -> str:
        """The factor's text, without category, kind and mark."""
        return capture.factor(text).text

    def is_prose(self, field: Input | TextArea) -> bool:
        """Every field here is a sentence."""
        return True

    def spots_here(self) -> tuple[Spot, ...]:
        """The factor's own words."""
        here = factor_of(self.view_key())
        return (Spot("factors", "text", here),) if here else ()

    def reveal(self, spot: Spot) -> None:
        """Put the cursor on the factor, wherever the view has it."""
        if spot.id:
            self.view_show(spot.id)
        self.query_one(self.MAIN).focus()

    def view_show(self, key: str) -> None:
        """Put the cursor on a factor, even if the view has to show more for it."""
        self.view_go(key)

    def enter(self, text: str) -> None:
        """Add a child of the selected node; the cursor stays, so that branches grow side by side."""
        here = self.current
        parent = here.id if here else ""
        found = capture.factor(text)
        asked = {"parent": parent, "question": self.question_below(parent)}
        heading = heading_of(self.view_key())
        if heading and not found.category:
            asked["category"] = heading
        added = self.add_factor(found.model_copy(update=asked), after=parent)
        if added and here is None and heading is None:
            self.view_go(added)

    def add_factor(self, factor: Factor, after: str) -> str:
        """Add a factor and return its id; empty when nothing was added."""
        before = {each.id for each in self.bench.session.factors}
        label = f"Add factor “{factor.text[:40]}”"
        if not self.edit(label, lambda session: branches.add_factor(session, factor, after)):
            return ""
        self.asking = ""
        self.show_tree()
        return next(each.id for each in self.bench.session.factors if each.id not in before)

    def question_below(self, parent: str) -> str:
        """What is asked for the next answer below a factor; nothing is asked for a root."""
        if self.asking:
            return self.asking
        if not parent:
            return ""
        session = self.bench.session
        count = sum(each.parent == parent for each in session.factors)
        return child_prompt(count, hows=session.analysis.hows)

    # Nodes that are typed in place

    def node_wanted(self, key: str, where: str) -> None:
        """Open a node beside or below the one named, to be typed."""
        session = self.bench.session
        here = branches.find(session, factor_of(key))
        heading = heading_of(key)
        parent = self.parent_for(here, key, where)
        category = heading or (here.category if here and self.sorting else "")
        self.open_fresh(parent, link_of(key) or (here.id if here else ""), category)

    @property
    def sorting(self) -> bool:
        """Whether the view groups by category, so that a new node begins in one."""
        return False

    def parent_for(self, here: Factor | None, key: str, where: str) -> str:
        """The parent of a node beside or below another; in a place outside of the branch shown there is none."""
        if here is None:
            return ""
        if where == "child":
            return here.id
        if (second := link_of(key)) or here.id == self.zoomed:
            return second or here.id
        return here.parent

    @property
    def zoomed(self) -> str:
        """The id of the factor whose branch fills the view, or nothing."""
        return ""

    def open_fresh(self, parent: str, after: str, category: str = "") -> None:
        """Show an empty node and put the caret into it."""
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        question = self.question_below(parent)
        self.fresh = Fresh(Factor(parent=parent, question=question, category=category), after)
        self.show_tree()
        self.view_edit(FRESH)

    def node_written(self, written: Written) -> bool:
        """Take what was typed into a node; True when the cursor is where it goes on."""
        if written.key == FRESH:
            self._fresh_written(written)
            return True
        self._rewritten(written)
        if written.step in {"next", "previous"}:
            here = branches.find(self.bench.session, factor_of(written.key))
            if here is not None:
                self._go_on(_Next(here.id, "child" if written.step == "next" else "out"))
            return True
        return False

    def _fresh_written(self, written: Written) -> None:
        fresh, self.fresh = self.fresh, None
        text = written.text if written.step != "cancel" else ""
        if fresh is None:
            return
        if not text:
            self._fresh_left_empty(fresh, written.step)
            return
        found = capture.factor(text)
        own = {
            name: getattr(fresh.factor, name)
            for name in ("parent", "question", "category")
            if not getattr(found, name)
        }
        added = self.add_factor(found.model_copy(update=own), fresh.after)
        if not added:
            self.show_tree()
            return
        self.view_go(added)
        if written.step in _FOLLOWS:
            self._go_on(_Next(added, _FOLLOWS[written.step]))

    def _fresh_left_empty(self, fresh: Fresh, step: str) -> None:
        """An empty node moves in or out with Tab and Shift+Tab, as in any outliner; else it leaves no trace."""
        session = self.bench.session
        parent, after = fresh.factor.parent, fresh.after
        before = branches.find(session, after)
        if step == "next" and (above_it := self._sibling_above(before, parent)):
            self.open_fresh(above_it, above_it, fresh.factor.category)
            return
        if step == "previous" and parent and parent != self.zoomed:
            above = branches.find(session, parent)
            if above is not None:
                self.open_fresh(above.parent, above.id, fresh.factor.category)
                return
        self.asking = ""
        self.show_tree()
        if after:
            self.view_go(after)

    def _sibling_above(self, before: Factor | None, parent: str) -> str:
        """The id of the node that stands right above an empty one, under the same parent; nothing if none does."""
        factors = self.bench.session.factors
        if before is not None and before.id == parent:
            return next((each.id for each in reversed(factors) if each.parent == parent), "")
        while before is not None and before.parent != parent:
            before = branches.find(self.bench.session, before.parent)
        return before.id if before else ""

    def _go_on(self, follows: _Next) -> None:
        """Open the node that follows one that was typed."""
        session = self.bench.session
        here = branches.find(session, follows.after)
        if here is None:
            return
        category = here.category if self.sorting else ""
        above = branches.find(session, here.parent)
        if follows.where == "child":
            self.open_fresh(here.id, here.id, category)
        elif follows.where == "out" and above is not None and above.id != self.zoomed:
            self.open_fresh(above.parent, above.id, category)
        else:
            self.open_fresh(here.id if here.id == self.zoomed else here.parent, here.id, category)

    def _rewritten(self, written: Written) -> None:
        key = factor_of(written.key)
        here = branches.find(self.bench.session, key)
        heading = heading_of(written.key)
        if heading is not None:
            self._renamed(heading, written)
            return
        if here is None or written.step == "cancel" or written.text == written.old:
            return
        if not written.text:
            self.say(f"{key} keeps its text: d deletes it.")
            return
        found = capture.factor(written.text)
        changes = {name: value for name in ("category", "kind", "mark") if (value := getattr(found, name))}
        label, text = here.label, found.text
        if label and text.startswith(f"{label}: "):
            text = text.removeprefix(f"{label}: ")
        elif label:
            changes["label"] = ""
        self.edit(f"Edit {key}", lambda s: edits.change(s, "factors", {key}, text=text, **changes))
        self.show_tree()

    def _renamed(self, old: str, written: Written) -> None:
        """Give a category another name, with every factor in it."""
        new = written.text
        if not old or not new or new == old or written.step == "cancel":
            return

        def rename(session: Session) -> Session:
            from app.review.ribs import categories

            keys = {factor.id for factor in session.factors if factor.category == old}
            session = edits.change(session, "factors", keys, category=new)
            names = tuple(dict.fromkeys(new if each == old else each for each in categories(session)))
            return edits.set_analysis(session, categories=names)

        self.edit(f"Rename category “{old[:40]}”", rename)
        self.show_tree()
