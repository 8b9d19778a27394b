"""Step 3: what had to be true. A tree with several roots, grown by asking how, not who."""

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static, TextArea

from app.review import capture, edits
from app.review.completion import Known, factor_words
from app.review.factors import warnings
from app.review.prompts import child_prompt
from app.review.records import Factor, Session
from app.review.vocabulary import CATEGORIES, FACTOR_KINDS, MARKS
from app.review.writing import Spot
from screens.frame import StepScreen
from screens.workbench import Workbench
from widgets.outline import Node, Outline
from widgets.safe import content

ADDED = "Add a factor"
"""The name of the edit that adds a node without a text."""

_MARK_SIGNS = {"immediate": "!", "contributing": "+", "systemic": "§"}
_KIND_PREFIX = {
    "event": "What happened?",
    "condition": "What was true?",
    "decision": "What made it sensible?",
    "absence": "What usually stops this?",
    "amplifier": "What made it worse?",
    "saver": "What limited it?",
}


class WhysScreen(StepScreen):
    """The tree of contributing factors, each with its evidence."""

    STEP = "whys"
    MAIN = "#whys"
    PLACEHOLDER = "below the selected node: pool size unchanged %capacity #condition"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "category", "Category", id="whys.category"),
        Binding("m", "mark", "Mark", id="whys.mark"),
        Binding("k", "kind", "Kind", show=False, id="whys.kind"),
        Binding("v", "link", "Evidence", id="whys.link"),
        Binding("r", "reparent", "Hang under another node", show=False, id="whys.reparent"),
        Binding("R", "root", "New root", show=False, id="whys.root"),
        Binding("ctrl+e", "external", "Edit the text in $EDITOR", show=False, id="whys.editor"),
    ]

    DEFAULT_CSS = """
    WhysScreen #warnings { height: auto; max-height: 3; padding: 0 1; color: $text-warning; background: $panel; }
    WhysScreen #legend { height: 1; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._fresh = ""
        """The node that was added to be edited in place, until it has a text."""

    def body(self) -> ComposeResult:
        """The tree, what it still lacks, and what its signs mean."""
        yield Outline(
            empty="No factor yet: press n and type what had to be true, or R for a root to edit in place",
            id="whys",
        )
        yield Static(id="warnings")
        yield Static(
            content("● evidence  ○ no evidence yet   ! immediate  + contributing  § systemic"), id="legend"
        )

    @property
    def outline(self) -> Outline:
        """The tree."""
        return self.query_one("#whys", Outline)

    def show_session(self, session: Session) -> None:
        """Show the tree and its warnings."""
        self.outline.set_nodes([_node(factor) for factor in session.factors])
        found = warnings(session)
        line = self.query_one("#warnings", Static)
        line.display = bool(found) and bool(session.factors)
        line.update(content("\n".join(f"▲ {sentence}" for sentence in found[:3])))

    def _current(self) -> Factor | None:
        key = self.outline.cursor_key
        return next((factor for factor in self.bench.session.factors if factor.id == key), None)

    # The capture line

    def words(self, session: Session) -> Known:
        """What a line may be completed to."""
        return factor_words(session)

    def understand(self, text: str) -> str:
        """Say which node a line would become, and where."""
        here = self._current()
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
        here = self.outline.cursor_key
        return (Spot("factors", "text", here),) if here else ()

    def enter(self, text: str) -> None:
        """Add a child of the selected node; the cursor stays, so that branches grow side by side."""
        here = self._current()
        found = capture.factor(text).model_copy(update={"parent": here.id if here else ""})
        self._add(found, after=here.id if here else "")
        if here is None:
            self.outline.move_cursor(self.bench.session.factors[-1].id)

    def _add(self, factor: Factor, after: str) -> str:
        """Add a factor and return its id; empty when nothing was added."""
        before = {each.id for each in self.bench.session.factors}
        label = f"Add factor “{factor.text[:40]}”" if factor.text else ADDED
        if not self.edit(label, lambda session: edits.add_factor(session, factor, after)):
            return ""
        self.show_session(self.bench.session)
        return next(each.id for each in self.bench.session.factors if each.id not in before)

    # The tree

    @on(Outline.AddRequested)
    def _add_requested(self, event: Outline.AddRequested) -> None:
        event.stop()
        here = self._current()
        parent = "" if here is None else here.id if event.where == "child" else here.parent
        self._add_and_edit(parent, here.id if here else "")

    def action_root(self) -> None:
        """Add a root and edit it in place."""
        self._add_and_edit("", "")

    def _add_and_edit(self, parent: str, after: str) -> None:
        added = self._add(Factor(parent=parent), after)
        if added:
            self._fresh = added
            self.outline.move_cursor(added)
            self.outline.edit(added)

    @on(Outline.EditCancelled)
    def _cancelled(self, event: Outline.EditCancelled) -> None:
        event.stop()
        self._drop_fresh(event.key)

    @on(Outline.NodeEdited)
    def _edited(self, event: Outline.NodeEdited) -> None:
        event.stop()
        key = event.key
        if not event.new:
            self.say(f"{key} keeps its text: d deletes it.")
            self.show_session(self.bench.session)
            return
        self._fresh = ""
        written = capture.factor(event.new)
        changes = {"text": written.text} | {
            name: value for name in ("category", "kind", "mark") if (value := getattr(written, name))
        }
        self.edit(f"Edit {key}", lambda session: edits.change(session, "factors", {key}, **changes))

    def _drop_fresh(self, key: str) -> None:
        """A node that was added and never got a text leaves no trace."""
        fresh, self._fresh = self._fresh, ""
        if key and key == fresh and self.bench.desk.labels()[-1:] == [ADDED]:
            self.bench.desk.undo()

    @on(Outline.DeleteRequested)
    def _delete(self, event: Outline.DeleteRequested) -> None:
        event.stop()
        key = event.key
        if self.edit(f"Delete {key}", lambda session: edits.delete(session, "factors", {key})):
            self.say(f"Deleted {key}; what was below it moved up. u brings it back.")

    @on(Outline.MoveRequested)
    def _move(self, event: Outline.MoveRequested) -> None:
        event.stop()
        here = self._current()
        if here is None:
            return
        factors = self.bench.session.factors
        if event.direction in {"up", "down"}:
            step = -1 if event.direction == "up" else 1
            self.edit(
                f"Move {here.id} {event.direction}", lambda session: edits.swap_factor(session, here.id, step)
            )
            return
        if event.direction == "left":
            parent = next((each for each in factors if each.id == here.parent), None)
            target = parent.parent if parent else here.parent
        else:
            siblings = [each.id for each in factors if each.parent == here.parent]
            place = siblings.index(here.id)
            target = siblings[place - 1] if place else here.parent
        if target != here.parent:
            self.edit(
                f"Move {here.id} {event.direction}",
                lambda session: edits.set_parent(session, here.id, target),
            )

    @work
    async def action_reparent(self) -> None:
        """Hang the node, with all below it, under another one."""
        from screens.dialogs import Choice, Choose

        here = self._current()
        if here is None:
            return
        below = edits.subtree(self.bench.session, here.id)
        others = [
            Choice(each.id, each.text, each.id) for each in self.bench.session.factors if each.id not in below
        ]
        picked = await self.app.push_screen_wait(
            Choose(
                f"Hang {here.id} under", [Choice("-", "nothing: make it a root"), *others], here.parent or "-"
            )
        )
        if picked is not None:
            parent = "" if picked == "-" else picked
            self.edit(
                f"Hang {here.id} under {parent or 'the root'}", lambda s: edits.set_parent(s, here.id, parent)
            )

    # Marks, kinds, categories, evidence

    @work
    async def action_mark(self) -> None:
        """Mark the factor as immediate, contributing, or systemic."""
        await self._choose_field("mark", MARKS)

    @work
    async def action_kind(self) -> None:
        """Say what kind of thing the factor is."""
        await self._choose_field("kind", FACTOR_KINDS)

    @work
    async def action_category(self) -> None:
        """Put the factor into a category."""
        await self._choose_field("category", CATEGORIES)

    async def _choose_field(self, field: str, words: tuple[str, ...]) -> None:
        from screens.dialogs import Choice, Choose

        here = self._current()
        if here is None:
            return
        used = {getattr(each, field) for each in self.bench.session.factors} - {"", *words}
        choices = [Choice("-", f"no {field}"), *(Choice(word, word) for word in (*words, *sorted(used)))]
        current = getattr(here, field)
        picked = await self.app.push_screen_wait(
            Choose(f"{field.capitalize()} of “{here.text[:40]}”", choices, current)
        )
        if picked is not None:
            value = "" if picked == "-" else picked
            self.edit(
                f"Set {field} of {here.id}",
                lambda session: edits.change(session, "factors", {here.id}, **{field: value}),
            )

    @work
    async def action_link(self) -> None:
        """Link the factor to a row of the timeline that shows it, or take the link away."""
        from app.review.moments import show
        from app.review.timeline import in_order
        from screens.dialogs import Choice, Choose

        here = self._current()
        if here is None:
            return
        rows = in_order(self.bench.session)
        if not rows:
            self.say("The timeline has no rows yet to point to.")
            return
        zone, day = self.bench.zone, self.bench.first_day
        choices = [
            Choice(
                row.id, f"{'●' if row.id in here.events else '○'} {show(row, zone, day)} {row.text}", row.id
            )
            for row in rows
        ]
        picked = await self.app.push_screen_wait(
            Choose(f"Which row shows “{here.text[:40]}”? Enter links, or unlinks", choices)
        )
        if picked:
            linked = picked in here.events
            events = (
                tuple(each for each in here.events if each != picked) if linked else (*here.events, picked)
            )
            self.edit(
                f"{'Unlink' if linked else 'Link'} {here.id} and {picked}",
                lambda session: edits.change(session, "factors", {here.id}, events=events),
            )

    def action_external(self) -> None:
        """Edit the factor's text in the person's own editor."""
        from screens.external import NoEditor, edit_text

        here = self._current()
        if here is None:
            return
        try:
            text = edit_text(self.app, here.text)
        except NoEditor as problem:
            self.say(str(problem), "warning")
            return
        if text is not None:
            self.edit(
                f"Edit {here.id}", lambda session: edits.change(session, "factors", {here.id}, text=text)
            )


def _node(factor: Factor) -> Node:
    shown = factor.evidence or factor.events
    evidence = f"{' '.join(factor.events)} ●".strip() if shown else "○"
    text = f"{factor.label}: {factor.text}" if factor.label else factor.text
    prefix = _KIND_PREFIX.get(factor.kind, child_prompt(0) if factor.parent else "")
    return Node(
        factor.id,
        text,
        factor.parent,
        prefix=prefix if factor.parent else "",
        marks=(_MARK_SIGNS.get(factor.mark, ""), evidence, factor.category),
        style="strong" if factor.mark == "immediate" else "",
    )
