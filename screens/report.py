"""Step 5: the report, rendered as the review changes, beside what it still lacks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.timer import Timer
from textual.widgets import Input, Static, TextArea

from app.review import edits
from app.review.checklist import Item as CheckItem
from app.review.claims import Judgement
from app.review.language import Place
from app.review.records import Impact, Session
from app.review.writing import Spot
from app.text import cut
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


@dataclass(frozen=True)
class Part:
    """A part of the report that people write. A *listed* one is several lines, one per bullet."""

    key: str
    title: str
    listed: bool = False


PARTS = (
    Part("summary", "Summary"),
    Part("impacts", "Impact", listed=True),
    Part("trigger", "Trigger"),
    Part("detection", "Detection"),
    Part("response", "Response"),
    Part("went_well", "What went well", listed=True),
    Part("was_hard", "What was hard", listed=True),
    Part("lucky", "Where we were lucky", listed=True),
    Part("surprises", "What surprised us", listed=True),
    Part("lessons", "Lessons learned", listed=True),
    Part("prevention", "Prevention"),
)


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
        Binding("b", "basis", "State the basis of a claim", show=False, id="report.basis"),
        Binding("y", "copy", "Copy", id="report.copy"),
    ]

    DEFAULT_CSS = """
    ReportScreen #columns { height: 1fr; }
    ReportScreen #left { width: 30; border-right: solid $panel; scrollbar-size-vertical: 1; }
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

    @property
    def parts(self) -> Checklist:
        """The parts to write."""
        return self.query_one("#parts", Checklist)

    def show_session(self, session: Session) -> None:
        """Show what is written; the preview, the checklist and the findings follow a moment later."""
        self.parts.show([Item(bool(part_text(session, part)), part.title) for part in PARTS])
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
        return PARTS[self.parts.cursor]

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
        found = next((number for number, part in enumerate(PARTS) if part.key == key), None)
        if spot.place == "passages":
            self.say(f"It stands under the heading “{spot.field}”, which came with the report as it was.")
            return
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
        import asyncio

        from app.report.render import ReportProblem

        try:
            text = await asyncio.to_thread(_as_markdown, self.bench.session, self._shape_wanted())
        except ReportProblem as problem:
            self.say(str(problem), "error")
            return
        self.app.copy_to_clipboard(text)
        self.say(
            "The report was sent to the terminal's clipboard as Markdown (inside tmux: set-clipboard must be on)."
        )


def _as_markdown(session: Session, shape: "Shape") -> str:
    from app.report.render import render

    return render(session, "md", shape=shape)


def part_text(session: Session, part: Part) -> str:
    """The text of a part as it is edited; a listed part is one point a line."""
    if part.key == "impacts":
        return "\n".join(_impact_line(impact) for impact in session.impacts)
    value = getattr(session.narrative, part.key)
    return "\n".join(value) if part.listed else str(value)


def _impact_line(impact: Impact) -> str:
    number = "" if impact.value is None else f"{impact.value:,} "
    return f"{number}{impact.text}{' (estimated)' if impact.estimated else ''}"


def with_part(session: Session, part: Part, text: str) -> Session:
    """The session with a part as it was written."""
    lines = [line.strip().removeprefix("- ").strip() for line in text.split("\n")]
    points = tuple(line for line in lines if line)
    if part.key == "impacts":
        return _with_impacts(session, points)
    value = points if part.listed else text.strip()
    return edits.set_narrative(session, **{part.key: value})


def _with_impacts(session: Session, lines: tuple[str, ...]) -> Session:
    """Lines become impact records; a line that did not change keeps its record with all it knows."""
    known = {_impact_line(impact): impact for impact in session.impacts}
    kept = [known[line] for line in lines if line in known]
    gone = {impact.id for impact in session.impacts} - {impact.id for impact in kept}
    session = edits.delete(session, "impacts", gone)
    for place, line in enumerate(lines):
        if line not in known:
            session = edits.add(session, "impacts", _impact_of(line), place)
    return session


def _impact_of(line: str) -> Impact:
    estimated = line.endswith("(estimated)")
    words = line.removesuffix("(estimated)").strip()
    head, _, rest = words.partition(" ")
    digits = head.replace(",", "")
    if digits.isdigit() and len(digits) <= 15 and rest:
        return Impact(text=rest, value=int(digits), estimated=estimated)
    return Impact(text=words, estimated=estimated)
