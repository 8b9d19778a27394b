"""No text from outside reaches a widget as a ``str``: Textual would read ``[red]`` and ``[@click=…]`` in it.

The rule is held by reading the source, because a path that nobody tests is the one that will be taken. What
is given to a widget is a constant of this program, or was made by :mod:`widgets.safe`, or is not parsed.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUARDED = (
    *sorted(ROOT.glob("widgets/**/*.py")),
    *sorted(ROOT.glob("screens/**/*.py")),
    ROOT / "app/tui.py",
    ROOT / "app/terminal.py",
)

WIDGETS = {
    "Static", "Label", "Button", "OptionList", "Option", "Checkbox", "RadioButton", "RadioSet", "Select",
    "SelectionList", "Selection", "Collapsible", "TabPane", "Tab", "Link", "Placeholder", "Tooltip", "Toast",
    "Digits", "Pretty", "ToggleButton",
}  # fmt: skip
METHODS = {
    "update", "notify", "add_row", "add_rows", "add_column", "add_columns", "add_option", "add_options",
    "set_label", "set_content", "replace_option_prompt", "add_leaf", "with_tooltip", "panic",
}  # fmt: skip
ATTRIBUTES = {"border_title", "border_subtitle", "tooltip", "label"}
KEYWORDS = {"label", "content", "prompt", "title", "tooltip", "renderable"}
MADE_SAFE = {"content", "rich_text", "Content", "Text"}
"""Calls of these names are safe: the constructors do not parse markup."""
MADE_SAFE_BY = {"Content": {"assemble", "styled"}, "Text": {"assemble"}}
TYPES = {"Content", "Text"}
ESCAPES = {"textual.markup", "rich.markup"}


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _is_type(node: ast.expr | None) -> bool:
    return node is not None and ast.unparse(node).strip("\"'") in TYPES


class Gate:
    """What one module gives to widgets."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.sure: set[str] = set()
        """Names that a test just said to be content."""
        nodes = list(ast.walk(tree))
        self.returning = {
            node.name
            for node in nodes
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_type(node.returns)
        }
        self.values: dict[str, list[ast.expr]] = {}
        for node in nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Attribute):
                        self.values.setdefault(ast.unparse(target), []).append(node.value)

    def safe(self, node: ast.expr) -> bool:
        """Whether *node* can only be a constant of the program, or content that is not parsed."""
        match node:
            case ast.Constant():
                return True
            case ast.IfExp():
                if (checked := _checked(node.test)) and not self.safe(node.body):
                    return ast.unparse(node.body) == checked and self.safe(node.orelse)
                return self.safe(node.body) and self.safe(node.orelse)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=made)) if owner in MADE_SAFE_BY:
                return made in MADE_SAFE_BY[owner]
            case ast.Call(func=ast.Attribute(value=value, attr="join")):
                # Joining content gives content; joining text gives text.
                return not isinstance(value, ast.Constant) and self.safe(value)
            case ast.Call(func=ast.Name(id=made)):
                return made in MADE_SAFE or made in self.returning
            case ast.Attribute():
                given = self.values.get(ast.unparse(node), [])
                return bool(given) and all(map(self.safe, given))
            case ast.Starred(value=ast.GeneratorExp(elt=made)) | ast.GeneratorExp(elt=made):
                return self.safe(made)
        return False

    def violations(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield from self._called(node)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Attribute) and target.attr in ATTRIBUTES:
                        yield from self._given(node.value, target.attr)
            elif isinstance(node, ast.ImportFrom) and node.module in ESCAPES:
                yield f"{node.lineno}: {node.module} does not make text safe"

    def _called(self, call: ast.Call) -> Iterator[str]:
        name = _name(call.func)
        if name == "from_markup":
            owner = _name(call.func.value) if isinstance(call.func, ast.Attribute) else ""
            if owner == "Text" or not all(isinstance(each, ast.Constant) for each in call.args):
                yield f"{call.lineno}: from_markup parses its text"
            return
        method = isinstance(call.func, ast.Attribute) and name in METHODS
        if not method and name not in WIDGETS:
            return
        keywords = {each.arg: each.value for each in call.keywords}
        if isinstance(markup := keywords.get("markup"), ast.Constant) and markup.value is False:
            return
        first = call.args if name in {"OptionList", "add_row", "add_rows", "add_columns"} else call.args[:1]
        for value in (*first, *(value for key, value in keywords.items() if key in KEYWORDS)):
            yield from self._given(value, name)

    def _given(self, value: ast.expr, name: str) -> Iterator[str]:
        if not self.safe(value):
            yield f"{value.lineno}: {name} is given {ast.unparse(value)}"


def _checked(test: ast.expr) -> str:
    """What ``isinstance(x, Content)`` says to be content."""
    match test:
        case ast.Call(func=ast.Name(id="isinstance"), args=[what, kind]) if _is_type(kind):
            return ast.unparse(what)
    return ""


def violations(source: str) -> list[str]:
    return list(Gate(ast.parse(source)).violations())


@pytest.mark.parametrize("path", GUARDED, ids=lambda path: str(path.relative_to(ROOT)))
def test_widgets_are_given_constants_or_content_that_is_not_parsed(path: Path) -> None:
    found = violations(path.read_text("utf-8"))
    assert not found, f"{path}: use widgets.safe.content, or markup=False\n" + "\n".join(found)


def test_the_gate_looks_at_every_module_that_draws() -> None:
    drawing = [
        path
        for folder in ("app", "widgets", "screens", "collectors")
        for path in ROOT.glob(f"{folder}/**/*.py")
        if "\nfrom textual" in (text := path.read_text("utf-8")) or "\nimport textual" in text
    ]
    assert set(drawing) <= set(GUARDED)


@pytest.mark.parametrize(
    "snippet",
    [
        "Static(session.title)",
        "Static(f'{title}')",
        "Static('a' + title)",
        "Static(content=title)",
        "Label(str(title), classes='x')",
        "Button(title, markup=True)",
        "OptionList('all', title)",
        "Option(row.text)",
        "Checkbox(title)",
        "self.query_one(Static).update(title)",
        "line.update('%s' % title)",
        "line.update('\\n'.join(texts))",
        "line.update(content(a) if a else b)",
        "line.update(a if isinstance(b, Content) else content(a))",
        "self.notify(str(problem))",
        "self.notify(problem, markup=yes)",
        "self.notify('done', title=title)",
        "self.border_title = title",
        "widget.tooltip = f'{title}'",
        "widget.with_tooltip(title)",
        "table.add_row('x', title)",
        "Content.from_markup(title)",
        "Content.from_text(title)\nStatic(Content.from_text(title))",
        "Text.from_markup('[b]')",
        "from rich.markup import escape",
        "from textual.markup import escape",
        "def made(x) -> str: ...\nStatic(made(title))",
        "self.text = title\nStatic(self.text)",
        "self.text = content(title)\nself.text = title\nStatic(self.text)",
    ],
)
def test_the_gate_catches(snippet: str) -> None:
    assert violations(snippet)


@pytest.mark.parametrize(
    "snippet",
    [
        "Static('a constant')",
        "Static()",
        "Static(id='x', classes=names)",
        "Static(content(title))",
        "Static(content(title), id=name)",
        "Label(title, markup=False)",
        "Button(content(no), variant='primary')",
        "OptionList(markup=False)",
        "Option(Content.assemble(content(a), '  ', content(b, 'dim')))",
        "line.update(content('\\n'.join(texts)))",
        "line.update(Content('\\n').join(lines))",
        "line.update(a if isinstance(a, Content) else content(a))",
        "self.notify(sentence, severity=known, markup=False)",
        "widget.tooltip = content(text)",
        "widget.tooltip = None",
        "self.panic(Text(report))",
        "def made(x) -> Content: ...\nStatic(made(title))",
        "self.text = content(title)\nStatic(self.text)",
        "Content.from_markup('[b]constant[/b]')",
    ],
)
def test_the_gate_lets_pass(snippet: str) -> None:
    assert not violations(snippet)
