"""What all widgets have in common: themes, borders, small terminals."""

from collections.abc import Callable

import pytest
from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.theme import BUILTIN_THEMES
from textual.widget import Widget

from tests.tui.frames import frame, line_with
from tests.tui.widgets.host import Host
from widgets.capture import CaptureLine
from widgets.checklist import Checklist, Item
from widgets.editor import Editor
from widgets.grid import Column, Grid, Row
from widgets.outline import Node, Outline
from widgets.preview import Preview
from widgets.prompt import PromptLine
from widgets.stepbar import Header, Step, StepBar
from widgets.tree_host import Written


class Silent:
    """A screen that wants nothing of a tree."""

    def node_wanted(self, key: str, where: str) -> None:
        """Nothing is added."""

    def node_written(self, written: Written) -> bool:
        return False


def filled() -> list[Widget]:
    """One of each, to be filled by :func:`fill`."""
    return [
        StepBar(
            Header("Title", steps=(Step(1, "Collect", "done"), Step(2, "Timeline", problems=2)), current=1)
        ),
        Grid([Column("a", "title", grow=1)]),
        Outline(Silent()),
        Checklist([Item(True, "done"), Item(False, "open", "detail")]),
        Editor("text"),
        Preview(),
        PromptLine("Say this", "next"),
        CaptureLine(lambda text: "understood"),
    ]


async def fill(app: App[None]) -> None:
    app.screen.query_one(Grid).set_rows(
        [Row("r", ("grid cell",), "problem"), Row("b", ("gap",), "gap", banner=True)]
    )
    app.screen.query_one(Outline).set_nodes(
        [Node("F1", "why", marks=("E1",)), Node("F2", "how", "F1", "How?")]
    )
    app.screen.query_one(Preview).show("# Report\n\n**bold** `code` [link](x)\n\n> quote\n\n- item")
    await app.workers.wait_for_complete()


class Everything(App[None]):
    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield from filled()

    def on_mount(self) -> None:
        for widget in self.query("Grid, Outline, Editor, Preview").results(Widget):
            widget.styles.height = 5


@pytest.mark.parametrize("theme", [*BUILTIN_THEMES])
async def test_every_widget_is_drawn_in_every_theme(theme):
    app = Everything()
    app.theme = theme
    async with app.run_test(size=(60, 40)) as pilot:
        await fill(app)
        await pilot.pause()
        for key in ("tab", "tab", "enter", "escape", "tab", "tab", "tab"):
            await pilot.press(key)
        for text in ("Title", "grid cell", "why", "done", "text", "Report", "Say this"):
            assert text in frame(app)


@pytest.mark.parametrize("size", [(40, 10), (10, 4), (1, 1), (250, 70)])
async def test_no_size_is_too_small_or_too_large(size):
    app = Everything()
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(app)
        await pilot.resize_terminal(*size)
        await pilot.pause()
        for key in ("tab", "tab", "enter", "x", "enter", "down", "tab", "enter", "x", "escape"):
            await pilot.press(key)
        await app.workers.wait_for_complete()


def bordered(widget: Widget) -> Widget:
    widget.styles.border = ("round", "red")
    widget.styles.padding = (1, 2)
    return widget


def _grid() -> Grid:
    return Grid([Column("a", "title", 20), Column("b", "other", 10)])


async def test_inside_a_border_the_field_lies_over_its_cell_and_a_click_finds_it():
    app = Host(bordered(_grid()))
    async with app.run_test(size=(60, 14)) as pilot:
        app.widget.set_rows([Row(f"r{n}", (f"row {n}", "x")) for n in range(50)])
        await pilot.press(*["down"] * 12, "enter")
        await pilot.pause()
        line = line_with(app, "row 12")
        field = app.focused.region
        assert field.y == frame(app).split("\n").index(line)
        assert field.x + 1 == line.index("row 12")
        await pilot.press("escape")
        await pilot.click(app.widget, offset=(7, field.y - 2))
        assert app.widget.cursor_key == "r10"
        assert app.widget.cursor_column == "a"


class Beside(App[None]):
    """A grid that does not begin at the left, below something else."""

    def __init__(self, make: Callable[[], Grid]) -> None:
        super().__init__()
        self.make = make

    def compose(self) -> ComposeResult:
        yield StepBar()
        with Horizontal():
            yield Checklist([Item(False, "left")])
            yield self.make()


async def test_the_field_lies_over_its_cell_wherever_the_grid_lies():
    app = Beside(_grid)
    async with app.run_test(size=(80, 14)) as pilot:
        app.query_one(Checklist).styles.width = 20
        grid = app.query_one(Grid)
        grid.set_rows([Row(f"r{n}", (f"row {n}", "x")) for n in range(5)])
        app.screen.set_focus(grid)
        await pilot.press("down", "enter")
        await pilot.pause()
        line = line_with(app, "row 1")
        assert app.focused.region.offset == (line.index("row 1") - 1, frame(app).split("\n").index(line))
