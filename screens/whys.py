"""Step 3: what had to be true. A tree with several roots, grown by asking how, not who."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from app.review import edits
from app.review.prompts import covered, families, hows
from app.review.records import Session
from app.review.remarks import Remark, remarks
from screens.whys_marking import Marking
from screens.whys_nodes import factor_of, list_nodes, path_to, tree_nodes
from screens.whys_side import SIDE_FROM, SIDE_OF_FISHBONE_FROM, heading, legend, notes, side
from screens.workbench import Workbench
from widgets.fishbone import Fishbone
from widgets.outline import Outline
from widgets.safe import content


class WhysScreen(Marking):
    """The tree of contributing factors, each with its evidence; the same by category, and as a fishbone."""

    STEP = "whys"
    MAIN = ".-main"
    PLACEHOLDER = "below the selected node: pool size unchanged %capacity #condition"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "view('tree')", "Tree", show=False, id="whys.tree"),
        Binding("f", "view('fishbone')", "Fishbone", id="whys.fishbone"),
        Binding("c", "view('list')", "List by category", show=False, id="whys.list"),
        Binding("w", "remark", "Next warning", id="whys.warning"),
        Binding("W", "remarks", "All warnings", show=False, id="whys.warnings"),
        Binding("h", "hows", "Ask by how only", show=False, id="whys.hows"),
        Binding("i", "ask", "Ask a key question", show=False, id="whys.ask"),
        Binding("X", "report_fishbone", "Fishbone in the report", show=False, id="whys.report"),
        Binding("I", "families", "Tick a family of questions", show=False, id="whys.families"),
    ]

    DEFAULT_CSS = """
    WhysScreen #whys-trail { height: 1; padding: 0 1; background: $panel; }
    WhysScreen #whys-main { width: 1fr; }
    WhysScreen #whys, WhysScreen #whys-fishbone { display: none; }
    WhysScreen #whys.-main, WhysScreen #whys-fishbone.-main { display: block; }
    WhysScreen #whys-side {
        width: 40; height: 1fr; padding: 0 1; border-left: solid $panel; display: none; overflow-y: auto;
    }
    WhysScreen #whys-notes { height: auto; max-height: 2; padding: 0 1; color: $text-warning; background: $panel; }
    WhysScreen #whys-legend { height: 1; padding: 0 1; color: $text-muted; }
    WhysScreen.-wide #whys-side { display: block; }
    WhysScreen.-wide #whys-notes { display: none; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._view = "tree"
        self._remarks: tuple[Remark, ...] = ()
        self._remark = -1

    def body(self) -> ComposeResult:
        """The tree, what it still lacks, and what its signs mean."""
        with Horizontal():
            with Vertical(id="whys-main"):
                yield Static(id="whys-trail")
                yield Outline(
                    self,
                    empty="No factor yet: press Enter and type what had to be true, or n and a line",
                    id="whys",
                    classes="-main",
                )
                yield Fishbone(
                    self, empty="No factor yet: press Enter and type what had to be true", id="whys-fishbone"
                )
            yield Static(id="whys-side")
        yield Static(id="whys-notes")
        yield Static(id="whys-legend")

    def on_resize(self) -> None:
        """Beside the tree where there is room for both, else below it."""
        self._mind_width()
        self._show_around()

    def _mind_width(self) -> None:
        needed = SIDE_OF_FISHBONE_FROM if self._view == "fishbone" else SIDE_FROM
        self.set_class(self.app.size.width >= needed, "-wide")

    @property
    def sorting(self) -> bool:
        """Whether the view groups by category."""
        return self._view != "tree"

    @property
    def fishbone(self) -> Fishbone:
        """The fishbone."""
        return self.query_one("#whys-fishbone", Fishbone)

    def view_key(self) -> str:
        """The key under the cursor of the view that is shown."""
        return self.fishbone.cursor_key if self._view == "fishbone" else self.outline.cursor_key

    def view_go(self, key: str) -> bool:
        """Put the cursor of the view that is shown on a node."""
        return (self.fishbone if self._view == "fishbone" else self.outline).move_cursor(key)

    def view_edit(self, key: str) -> bool:
        """Open the field on a node of the view that is shown."""
        return (self.fishbone if self._view == "fishbone" else self.outline).edit(key)

    # Showing

    def show_session(self, session: Session) -> None:
        """Show the tree and its warnings."""
        self._remarks = remarks(session)
        self.show_tree()

    def show_tree(self) -> None:
        """Give the view its nodes anew, and say what belongs to them."""
        session = self.bench.session
        if self._view == "fishbone":
            self.fishbone.show_factors(session, self.fresh.factor if self.fresh else None)
        elif self._view == "list":
            self.outline.set_nodes(list_nodes(session, self.fresh, self.cut_key))
        else:
            self.outline.set_nodes(tree_nodes(session, self.zoomed, self.fresh, self.cut_key))
        self._show_around()

    def _show_around(self) -> None:
        session = self.bench.session
        trail = self.query_one("#whys-trail", Static)
        path = path_to(session, self.zoomed) if self._view == "tree" else []
        trail.update(Content.assemble(heading(self._view, path, max(20, trail.size.width))))
        wide = self.has_class("-wide")
        below = self.query_one("#whys-notes", Static)
        below.display = bool(self._remarks) and not wide
        below.update(content("\n".join(notes(self._remarks, self.size.width - 2))))
        self.query_one("#whys-legend", Static).update(content(legend(session, self.size.width - 2)))
        if wide:
            self.query_one("#whys-side", Static).update(
                Content.assemble(
                    side(session, self.current, self._remarks, self.bench.zone, self.bench.first_day)
                )
            )

    @on(Outline.NodeHighlighted)
    @on(Fishbone.NodeHighlighted)
    def _highlighted(self) -> None:
        self.mind_wording()
        if self.has_class("-wide"):
            self._show_around()

    def action_view(self, view: str) -> None:
        """The same factors as a tree or as a list by category; the cursor stays on its factor."""
        key = factor_of(self.view_key())
        self._view = view
        self.outline.set_class(view != "fishbone", "-main")
        self.fishbone.set_class(view == "fishbone", "-main")
        self._mind_width()
        # A widget that is hidden has no size yet: the drawing is made for the room that is there.
        self.call_after_refresh(self._view_shown, key)

    def _view_shown(self, key: str) -> None:
        self.show_tree()
        if key:
            self.view_show(key)
        self.query_one(self.MAIN).focus()

    # Warnings

    def action_remark(self) -> None:
        """Go to the node of the next warning."""
        places = [(remark, key) for remark in self._remarks for key in remark.keys]
        if not places:
            self.say("Nothing to ask about the tree. Stop where the next answer repeats.")
            return
        self._remark = (self._remark + 1) % len(places)
        remark, key = places[self._remark]
        self.view_show(key)
        self.say(remark.say)

    @work
    async def action_remarks(self) -> None:
        """Every warning; choosing one goes to its node."""
        from screens.dialogs import Choice, Choose

        if not self._remarks:
            self.say("Nothing to ask about the tree. Stop where the next answer repeats.")
            return
        picked = await self.app.push_screen_wait(
            Choose(
                "Worth a question: Enter goes to the node",
                [Choice(f"{n}", each.say, " ".join(each.keys[:6])) for n, each in enumerate(self._remarks)],
            )
        )
        if picked:
            self.view_show(self._remarks[int(picked)].keys[0])

    def view_show(self, key: str) -> None:
        """Put the cursor on a factor, out of the zoom if need be."""
        if not self.view_go(key):
            self._zoom("", key)

    # How to ask

    def facilitator_lines(self) -> tuple[str, ...]:
        """Asking by "how" only, the prompts do so too."""
        return hows() if self.bench.session.analysis.hows else super().facilitator_lines()

    def action_hows(self) -> None:
        """Ask by "how" only, or as before."""
        on = not self.bench.session.analysis.hows
        if self.edit(
            "Ask by how only" if on else "Ask in turn again", lambda s: edits.set_analysis(s, hows=on)
        ):
            self.say(
                "Every question begins with “how” now." if on else "The four questions come in turn again."
            )
            self._show_prompt()

    @work
    async def action_ask(self) -> None:
        """Ask one of the key questions: the answer is typed below the node under the cursor."""
        from screens.dialogs import Choice, Choose

        session = self.bench.session
        done = covered(session)
        choices = [
            Choice(question, f"{'✓' if family.name in done else '○'} {question}", family.name)
            for family in families()
            for question in (family.ask[:1] if session.analysis.hows else family.ask)
        ]
        picked = await self.app.push_screen_wait(Choose("Ask: the answer is typed below the node", choices))
        if picked is not None:
            here = self.current
            self.asking = picked
            self.open_fresh(here.id if here else "", here.id if here else "")

    @work
    async def action_families(self) -> None:
        """Tick a family of questions by hand, or take the tick away."""
        from screens.dialogs import Choice, Choose

        session = self.bench.session
        done, ticked = covered(session), session.analysis.covered
        choices = [
            Choice(each.name, f"{'✓' if each.name in done else '○'} {each.name}", each.ask[0])
            for each in families()
        ]
        picked = await self.app.push_screen_wait(Choose("Which family of questions is covered?", choices))
        if picked is None:
            return
        if picked in done and picked not in ticked:
            self.say(f"“{picked}” is covered by an answer in the tree.")
            return
        now = tuple(each for each in ticked if each != picked) if picked in ticked else (*ticked, picked)
        verb = "Untick" if picked in ticked else "Tick"
        self.edit(f"{verb} “{picked}”", lambda s: edits.set_analysis(s, covered=now))

    def action_report_fishbone(self) -> None:
        """Let the report show the fishbone, or not."""
        on = not self.bench.session.analysis.fishbone
        label = "Show the fishbone in the report" if on else "Leave the fishbone out of the report"
        if self.edit(label, lambda s: edits.set_analysis(s, fishbone=on)):
            self.say("The report shows the fishbone." if on else "The report leaves the fishbone out.")

    def commands(self) -> Iterable[SystemCommand]:
        """What the command palette offers on this step."""
        yield from super().commands()
        yield SystemCommand("Categories", "The ribs of the fishbone, in order", self.action_categories)
        on = self.bench.session.analysis.fishbone
        yield SystemCommand(
            "Leave the fishbone out of the report" if on else "Show the fishbone in the report",
            "As text in Markdown, as a picture in HTML",
            self.action_report_fishbone,
        )
        yield SystemCommand("Ask by how only", "Or by the four questions in turn", self.action_hows)
