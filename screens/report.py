"""Step 5: the report, rendered as the review changes, beside what it still lacks."""

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from app.review.checklist import Item as CheckItem
from app.review.claims import Judgement
from app.review.distribution import deadline
from app.review.language import Place
from app.review.records import Session
from app.review.writing import Spot
from app.text import cut
from screens.report_parts import (
    Part,
    part_text,
    parts_of,
    place_of,
    with_part,
    with_place,
    with_section,
)
from screens.sending import SendsReport
from screens.workbench import Workbench
from widgets.checklist import Checklist, Item
from widgets.editor import Editor
from widgets.preview import Preview
from widgets.safe import content

if TYPE_CHECKING:
    from app.report.render import Shape

RENDER_AFTER = 0.25
"""Seconds after an edit at which the preview follows."""

MOST_FINDINGS = 40
"""Findings that are listed: more than a room can talk about."""


LONGEST = 160
"""Cells of what is quoted in the narrow lists."""


class ReportScreen(SendsReport):
    """The checklist and the parts to write on the left; the report itself on the right."""

    STEP = "report"
    MAIN = "#parts"
    PLACEHOLDER = "a sentence for the selected part; Enter adds it"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "write_part", "Write the part", show=False, id="report.write-part"),
        Binding("ctrl+e", "external", "$EDITOR", id="report.editor"),
        Binding("w", "write", "Write to file", id="report.write"),
        Binding("v", "version", "Version", id="report.version"),
        Binding("m", "secrets", "What is masked", show=False, id="report.secrets"),
        Binding("o", "sections", "Sections on and off", show=False, id="report.sections"),
        Binding("a", "add_section", "Add a section", show=False, id="report.add-section"),
        Binding("K,alt+up", "move_section(-1)", "Move a section up", show=False, id="report.section-up"),
        Binding("J,alt+down", "move_section(1)", "Move a section down", show=False, id="report.section-down"),
        Binding("b", "basis", "State the basis of a claim", show=False, id="report.basis"),
        Binding("z", "zone", "Zone that times are shown in", show=False, id="report.zone"),
        Binding("y", "copy", "Copy", id="report.copy"),
    ]

    DEFAULT_CSS = """
    ReportScreen #columns { height: 1fr; }
    ReportScreen #left { width: 30; border-right: solid $panel; scrollbar-size-vertical: 1; }
    ReportScreen #due { padding: 0 1; color: $text-muted; }
    ReportScreen #due.-late { color: $text-warning; text-style: bold; }
    ReportScreen #right { width: 1fr; }
    ReportScreen .heading { color: $text-muted; text-style: bold; padding: 0 1; }
    ReportScreen #writing { display: none; height: 1; padding: 0 1; color: $text-accent; background: $panel; }
    ReportScreen Editor { display: none; height: 1fr; }
    ReportScreen.-writing Editor, ReportScreen.-writing #writing { display: block; }
    ReportScreen.-writing Preview { display: none; }
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._soon: Timer | None = None
        self._writing: Part | None = None
        self._items: tuple[CheckItem, ...] = ()
        self._findings: tuple[Place, ...] = ()
        self._claims: tuple[Judgement, ...] = ()
        self._shape: Shape | None = None

    def body(self) -> ComposeResult:
        """Parts, checklist and findings beside the preview, or beside the field that a part is written in."""
        with Horizontal(id="columns"):
            with VerticalScroll(id="left", can_focus=False):
                yield Static(id="due")
                yield Static("parts to write", classes="heading")
                yield Checklist(id="parts")
                yield Static("checklist", classes="heading")
                yield Checklist(id="items")
                yield Static("claims", classes="heading", id="claims-heading")
                yield Checklist(id="claims")
                yield Static("language", classes="heading", id="language")
                yield Checklist(id="findings")
            with Vertical(id="right"):
                yield Preview(id="preview", empty="The report appears here")
                yield Static(id="writing")
                yield Editor(id="editor")

    def can_view_entire(self, widget: Widget) -> bool:
        """A list that gets the focus scrolls to its own cursor; Textual would show the middle of it."""
        return isinstance(widget, Checklist) or super().can_view_entire(widget)

    @property
    def parts(self) -> Checklist:
        """The parts to write."""
        return self.query_one("#parts", Checklist)

    def show_session(self, session: Session) -> None:
        """Show what is written; the preview, the checklist and the findings follow a moment later."""
        shown = parts_of(session)
        self.parts.show(
            [
                Item(bool(part_text(session, part)), cut(part.title, LONGEST), place_of(session, part))
                for part in shown
            ]
        )
        self._show_due(session)
        if self._soon is not None:
            self._soon.stop()
        self._soon = self.set_timer(RENDER_AFTER, self.render_report)

    @work(exclusive=True, group="render", exit_on_error=False)
    async def render_report(self) -> None:
        """Render the report in a thread, and show it."""
        import asyncio

        from app.report.render import ReportProblem, render
        from app.review.checklist import checklist
        from app.review.claims import check_claims
        from app.review.language import check_session

        session, shape = self.bench.session, self._shape_wanted()

        def work() -> tuple[str, tuple[CheckItem, ...], tuple[Place, ...], tuple[Judgement, ...]]:
            try:
                text = render(session, "md", shape=shape)
            except ReportProblem as problem:
                text = str(problem)
            return text, checklist(session), check_session(session), check_claims(session)

        text, self._items, self._findings, self._claims = await asyncio.to_thread(work)
        self.query_one("#preview", Preview).show(text)
        items = [Item(item.done, item.text, cut(item.missing, LONGEST)) for item in self._items]
        self.query_one("#items", Checklist).show(items)
        self.query_one("#claims-heading", Static).display = bool(self._claims)
        self.query_one("#claims", Checklist).show(
            [
                Item(
                    bool(each.basis),
                    cut(f"{each.where}: “{each.words}”", LONGEST),
                    each.basis or each.say.partition("): ")[2] or each.say,
                )
                for each in self._claims[:MOST_FINDINGS]
            ]
        )
        self.query_one("#language", Static).display = bool(self._findings)
        self.query_one("#findings", Checklist).show(
            [
                Item(False, cut(f"{place.where}: “{place.finding.words}”", LONGEST), place.finding.rule.say)
                for place in self._findings[:MOST_FINDINGS]
            ]
        )

    def _part(self) -> Part:
        shown = parts_of(self.bench.session)
        return shown[min(self.parts.cursor, len(shown) - 1)]

    def _show_due(self, session: Session) -> None:
        """The 48 hours: how much of them is left, and to whom the report went."""
        text, warning = deadline(session, self.bench.now())
        count = sum(not each.unclear for each in session.distribution)
        sent = f" · {count} receivers" if count > 1 else ""
        due = self.query_one("#due", Static)
        due.update(content(f"{'! ' if warning else ''}{text}{sent}"))
        due.set_class(warning, "-late")

    # Writing

    @on(Checklist.Chosen, "#parts")
    def _part_chosen(self, event: Checklist.Chosen) -> None:
        event.stop()
        self.action_write_part()

    @on(Checklist.Chosen, "#items")
    async def _item_chosen(self, event: Checklist.Chosen) -> None:
        """Go to the step that can tick the item."""
        event.stop()
        await self.app.run_action(f"app.step('{self._items[event.index].screen}')")

    @on(Checklist.Chosen, "#findings")
    async def _finding_chosen(self, event: Checklist.Chosen) -> None:
        """Go to the text that the finding stands in."""
        event.stop()
        await self.go_to(self._findings[event.index].spot)

    @on(Checklist.Chosen, "#claims")
    async def _claim_chosen(self, event: Checklist.Chosen) -> None:
        """Go to the text that makes the claim."""
        event.stop()
        await self.go_to(self._claims[event.index].spot)

    def is_prose(self, field: Input | TextArea) -> bool:
        """Every field here is the report's own text."""
        return True

    def reveal(self, spot: Spot) -> None:
        """Open the part that the text stands in; the title is one of the incident's facts."""
        key = "impacts" if spot.place == "impacts" else spot.field
        shown = enumerate(parts_of(self.bench.session))
        if spot.place == "passages":
            found = next((place for place, part in shown if part.number == spot.point), None)
        else:
            found = next((place for place, part in shown if part.key == key), None)
        if found is None:
            self.edit_incident()
            return
        self.parts.focus()
        self.parts.action_to(0)
        self.parts.action_move(found)
        self.action_write_part()

    def action_write_part(self) -> None:
        """Write the selected part in place: Ctrl+S keeps it, Esc gives up."""
        part = self._part()
        self._writing = part
        self.add_class("-writing")
        hint = "one point a line" if part.listed else "Markdown"
        editor = self.query_one("#editor", Editor)
        editor.show(part_text(self.bench.session, part))
        self.query_one("#writing", Static).update(
            content(f"{part.title} ({hint}) · Ctrl+S keeps, Esc gives up")
        )
        editor.focus()

    @on(Editor.Saved)
    def _saved(self, event: Editor.Saved) -> None:
        event.stop()
        part, self._writing = self._writing, None
        self.remove_class("-writing")
        self.parts.focus()
        if part is not None:
            self._set(part, event.text)

    @on(Editor.Cancelled)
    def _cancelled(self, event: Editor.Cancelled) -> None:
        event.stop()
        self._writing = None
        self.remove_class("-writing")
        self.parts.focus()

    def _set(self, part: Part, text: str) -> None:
        if text.strip() != part_text(self.bench.session, part).strip():
            self.edit(f"Write “{part.title}”", lambda session: with_part(session, part, text))

    def action_external(self) -> None:
        """Write the selected part in the person's own editor."""
        from screens.external import NoEditor, edit_text

        part = self._part()
        try:
            text = edit_text(self.app, part_text(self.bench.session, part))
        except NoEditor as problem:
            self.say(str(problem), "warning")
            return
        if text is not None:
            self._set(part, text)

    # Sections

    def action_move_section(self, by: int) -> None:
        """Move a section of people's own behind the section before or the next one."""
        part = self._part()
        if not self.parts.has_focus or part.number < 0:
            self.say("Choose a section of your own on the left: the others stand where the preset puts them.")
            return
        self.edit(f"Move “{part.title[:40]}”", lambda session: with_place(session, part.number, by))

    @work
    async def action_add_section(self) -> None:
        """Add a section under a heading of people's own, behind the lessons until it is moved."""
        from screens.dialogs import Ask

        heading = await self.app.push_screen_wait(
            Ask("Heading of the section", hint="it stands behind the lessons; K and J move it")
        )
        if heading and heading.strip():
            self.edit(
                f"Add “{heading[:40]}”", lambda session: with_section(session, heading.strip(), "lessons")
            )

    @work
    async def action_sections(self) -> None:
        """Choose which sections the report has; the preview follows."""
        from screens.report_out import choose_sections

        chosen = await choose_sections(self, self._shape_wanted())
        if chosen is not None:
            self._shape = chosen
            self.render_report()

    # The capture line adds to the selected part

    def understand(self, text: str) -> str:
        """Say where a line would go."""
        return f"adds to “{self._part().title}” (choose another part on the left)"

    def enter(self, text: str) -> None:
        """Add a line to the selected part."""
        part = self._part()
        before = part_text(self.bench.session, part)
        joined = f"{before}{chr(10) if part.listed or not before else ' '}{text}" if before else text
        self._set(part, joined)

    # Out

    @work
    async def action_write(self) -> None:
        """Write the version that is shown into the session's folder."""
        from screens.report_out import write_report

        await write_report(self, self._shape_wanted())

    @work
    async def action_version(self) -> None:
        """Choose the preset, and for whom the report is; the preview follows."""
        from screens.report_out import choose_shape

        chosen = await choose_shape(self, self._shape_wanted())
        if chosen is not None:
            self._shape = chosen
            self.render_report()

    @work
    async def action_secrets(self) -> None:
        """Look at what is masked, and say what may leave all the same."""
        from screens.report_out import show_secrets

        await show_secrets(self)

    def shape_sent(self) -> "Shape":
        """The version that is shown is the one that goes."""
        return self._shape_wanted()

    def _shape_wanted(self) -> "Shape":
        from app.report.render import Shape

        return self._shape or Shape()

    @work
    async def action_basis(self) -> None:
        """State what the number of the selected claim is based on; it stands then."""
        from app.review.claims import accept
        from screens.dialogs import Ask

        claims = self.query_one("#claims", Checklist)
        if not self._claims or not claims.has_focus:
            self.say("Choose a claim in the list on the left first: Tab leads there.")
            return
        claim = self._claims[claims.cursor]
        basis = await self.app.push_screen_wait(
            Ask("What is this number based on?", claim.basis, hint=claim.say)
        )
        if basis and basis.strip():
            self.edit(f"Let “{claim.words[:40]}” stand", lambda session: accept(session, claim, basis))

    @work
    async def action_copy(self) -> None:
        """Copy the report as Markdown, through the terminal (works over SSH)."""
        from screens.report_out import copy_report

        await copy_report(self, self._shape_wanted())

    def action_zone(self) -> None:
        """Show the report's times in the next zone: the review's, UTC, this machine's."""
        from screens.report_out import in_next_zone

        self._shape = in_next_zone(self, self._shape_wanted())
        self.render_report()
