"""Moving in the tree of whys: in and out, cut and paste, a second parent, to the timeline and back."""

from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from app.redaction.session import masked
from app.review import branches, edits
from app.review.records import Factor
from app.review.ribs import ribs
from screens.whys_growing import Growing
from screens.whys_nodes import as_text, factor_of, heading_of, link_of
from screens.workbench import Workbench
from widgets.fishbone import Fishbone
from widgets.outline import Outline


class Moving(Growing):
    """The part of the screen that changes the shape of the tree."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x,ctrl+x", "cut", "Cut the branch", show=False, id="whys.cut"),
        Binding("P,ctrl+v", "paste", "Paste the branch below", show=False, id="whys.paste"),
        Binding("y", "copy", "Copy the branch as text", show=False, id="whys.copy"),
        Binding("j", "cross_link", "Also under a second parent", show=False, id="whys.also"),
        Binding("r", "reparent", "Hang under another node", show=False, id="whys.reparent"),
        Binding("R", "root", "New root", show=False, id="whys.root"),
        Binding("z", "zoom_in", "Zoom into the branch", show=False, id="whys.zoom"),
        Binding("Z,backspace", "zoom_out", "Zoom out", show=False, id="whys.zoom_out"),
        Binding("escape", "let_go", "Let go of what is cut, then zoom out", show=False),
    ]

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.cut_key = ""
        """The branch that is cut and waits to be pasted."""
        self._top = ""

    @property
    def zoomed(self) -> str:
        """The id of the factor whose branch fills the view, or nothing."""
        return self._top if branches.find(self.bench.session, self._top) else ""

    # In, out, up, down

    @on(Outline.MoveRequested)
    def _move(self, event: Outline.MoveRequested) -> None:
        event.stop()
        self.move_node(event.key, event.direction)

    @on(Fishbone.MoveRequested)
    def _carry(self, event: Fishbone.MoveRequested) -> None:
        event.stop()
        if event.direction in {"up", "down"}:
            self.move_node(event.key, event.direction)
        else:
            self._carry_over(event.key, -1 if event.direction == "left" else 1)

    def _carry_over(self, key: str, by: int) -> None:
        """Put a factor into the category before or behind its own."""
        here = branches.find(self.bench.session, key)
        names = [rib.category for rib in ribs(self.bench.session)]
        if here is None:
            return
        # A factor without a category stands behind all of them.
        place = names.index(here.category) if here.category in names else len(names)
        target = place + by
        if 0 <= target < len(names) and names[target]:
            self.edit(
                f"Set category of {key}",
                lambda s: edits.change(s, "factors", {key}, category=names[target]),
            )

    def move_node(self, key: str, direction: str) -> None:
        """Move a node up, down, left (out), right (in)."""
        here = branches.find(self.bench.session, factor_of(key))
        if here is None or link_of(key):
            if here is not None:
                self.say(f"This is a link to {here.id}: move {here.id} itself, or d takes the link away.")
            return
        if direction in {"up", "down"}:
            step = -1 if direction == "up" else 1
            self.edit(f"Move {here.id} {direction}", lambda s: branches.swap_factor(s, here.id, step))
        elif direction == "left":
            if (here.id != self.zoomed and here.parent != self.zoomed) or not self.zoomed:
                self.edit(f"Move {here.id} out", lambda s: branches.outdent(s, here.id))
        elif here.id != self.zoomed and not self._refused_below(here.id):
            self.edit(f"Move {here.id} in", lambda s: branches.indent(s, here.id))
        self.show_tree()

    def _refused_below(self, key: str) -> bool:
        """Whether moving in would make a ring through a link; say so."""
        row = branches.siblings(self.bench.session, key)
        place = row.index(key)
        if place and row[place - 1] in branches.below(self.bench.session, key):
            self.say(f"{row[place - 1]} hangs below {key} already, through a link.")
            return True
        return False

    def action_root(self) -> None:
        """Add a root and edit it in place."""
        self._top = ""
        self.open_fresh("", "")

    @work
    async def action_reparent(self) -> None:
        """Hang the node, with all below it, under another one."""
        from screens.dialogs import Choice

        here = self.current
        if here is None:
            return
        picked = await self._choose_parent(
            f"Hang {here.id} under", here, [Choice("-", "nothing: make it a root")], here.parent or "-"
        )
        if picked is not None:
            parent = "" if picked == "-" else picked
            self.edit(
                f"Hang {here.id} under {parent or 'the root'}",
                lambda s: branches.set_parent(s, here.id, parent),
            )

    @work
    async def action_cross_link(self) -> None:
        """Let the node belong below a second parent as well; the tree shows a link there."""
        here = self.current
        if here is None:
            return
        picked = await self._choose_parent(f"{here.id} belongs below … as well", here, [], "")
        if picked is None:
            return
        if picked in here.also_under:
            self._unlink(here.id, picked)
        elif picked == here.parent:
            self.say(f"{here.id} hangs under {picked} already.")
        else:
            self.edit(f"Link {here.id} below {picked}", lambda s: branches.link(s, here.id, picked))

    def _unlink(self, key: str, parent: str) -> None:
        if self.edit(f"Unlink {key} from {parent}", lambda s: branches.unlink(s, key, parent)):
            self.say(f"{key} is no longer linked below {parent}; where it hangs stays. u brings it back.")

    async def _choose_parent(self, title: str, here: Factor, first: list[Any], current: str) -> str | None:
        from screens.dialogs import Choice, Choose

        session = self.bench.session
        below = branches.below(session, here.id)
        others = [
            Choice(each.id, f"{'↗ ' if each.id in here.also_under else ''}{each.text}", each.id)
            for each in session.factors
            if each.id not in below
        ]
        if not first and not others:
            self.say("There is no other node to link it below.")
            return None
        answer: str | None = await self.app.push_screen_wait(Choose(title, [*first, *others], current))
        return answer

    # Delete

    @on(Outline.DeleteRequested)
    @on(Fishbone.DeleteRequested)
    def _delete(self, event: Outline.DeleteRequested | Fishbone.DeleteRequested) -> None:
        event.stop()
        self.delete_node(event.key)

    def delete_node(self, key: str) -> None:
        """Delete a factor, or take a link away."""
        factor_id, heading = factor_of(key), heading_of(key)
        if second := link_of(key):
            self._unlink(factor_id, second)
        elif heading is not None:
            self.say("A category goes when it is taken off the list: G edits the list.")
        elif factor_id and self.edit(
            f"Delete {factor_id}", lambda s: edits.delete(s, "factors", {factor_id})
        ):
            self.say(f"Deleted {factor_id}; what was below it moved up. u brings it back.")

    # Cut and paste

    def action_cut(self) -> None:
        """Take the branch up; it stays where it is, faint, until it is pasted."""
        here = self.current
        if here is None:
            return
        if link_of(self.view_key()):
            self.say(f"This is a link to {here.id}: cut {here.id} itself, or d takes the link away.")
            return
        self.cut_key = "" if self.cut_key == here.id else here.id
        if self.cut_key:
            more = len(branches.subtree(self.bench.session, here.id)) - 1
            what = f"{here.id} and {more} below it are" if more else f"{here.id} is"
            self.say(f"{what} cut: go to another node, P pastes below it. Esc lets go.")
        self.show_tree()

    def action_paste(self) -> None:
        """Hang the branch that was cut below the node under the cursor."""
        here, key = self.current, self.cut_key
        session = self.bench.session
        if not key or branches.find(session, key) is None:
            self.cut_key = ""
            self.say("Nothing is cut: x cuts the branch under the cursor.")
            return
        if here is None:
            return
        if here.id in branches.below(session, key):
            self.say(f"{here.id} belongs to what is cut: go to a node outside of it.", "warning")
            return
        self.cut_key = ""
        if not self.edit(f"Paste {key} below {here.id}", lambda s: branches.set_parent(s, key, here.id)):
            self.say(f"{key} hangs under {here.id} already.")
        self.show_tree()
        self.view_go(key)

    def action_copy(self) -> None:
        """Copy the branch to the clipboard, as an indented list."""
        here = self.current
        if here is not None:
            self.app.copy_to_clipboard(as_text(masked(self.bench.session), here.id))
            self.say(f"Copied {here.id} and what is below it, as an indented list.")

    # Zoom

    def action_zoom_in(self) -> None:
        """Let the branch under the cursor fill the view."""
        here = self.current
        if here is not None:
            self._zoom(here.id, here.id)

    def action_zoom_out(self) -> None:
        """One level out again."""
        top = branches.find(self.bench.session, self.zoomed)
        if top is not None:
            self._zoom(top.parent, top.id)

    def _zoom(self, top: str, cursor: str) -> None:
        self._top = top
        self.show_tree()
        self.view_go(cursor)

    def action_let_go(self) -> None:
        """Let go of what is cut; if nothing is, zoom out."""
        if self.cut_key:
            self.cut_key = ""
            self.show_tree()
        else:
            self.action_zoom_out()
