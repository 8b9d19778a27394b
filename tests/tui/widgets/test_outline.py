"""The outline: drawing, folding, editing, requests."""

import pytest

from tests.tui.frames import frame, line_with
from tests.tui.widgets.host import Host
from widgets.outline import Node, Outline
from widgets.tree_host import Written

NODES = (
    Node("F1", "pool exhausted", marks=("E5", "●")),
    Node("F2", "scans held connections", "F1", "How?", ("E6", "●")),
    Node("F3", "no index", "F2", "How?"),
    Node("F4", "no plan was shown", "F2", "How?"),
    Node("F5", "no dashboard", "F1", "What hid it?"),
    Node("F6", "another root"),
)


class Recorder:
    """A screen that notes what it is told and changes nothing."""

    def __init__(self) -> None:
        self.wanted: list[tuple[str, str]] = []
        self.written: list[Written] = []

    def node_wanted(self, key: str, where: str) -> None:
        self.wanted.append((key, where))

    def node_written(self, written: Written) -> bool:
        self.written.append(written)
        return False


def hosted() -> tuple[Host, Recorder]:
    recorder = Recorder()
    return Host(Outline(recorder, empty="Press enter to ask the first why")), recorder


async def test_the_tree_is_drawn_with_its_branches_and_marks():
    app, _ = hosted()
    async with app.run_test(size=(60, 12)) as pilot:
        app.widget.set_nodes(NODES)
        await pilot.pause()
        assert [line[:36].rstrip() for line in frame(app).split("\n")[:6]] == [
            "▌ pool exhausted",
            "  ├─ How? scans held connections",
            "  │  ├─ How? no index",
            "  │  └─ How? no plan was shown",
            "  └─ What hid it? no dashboard",
            "  another root",
        ]
        assert line_with(app, "pool").index("E5") == line_with(app, "scans").index("E6")


async def test_an_empty_outline_says_the_next_key_and_asks_for_a_first_node():
    app, told = hosted()
    async with app.run_test(size=(60, 12), message_hook=app.hook) as pilot:
        assert "Press enter to ask the first why" in frame(app)
        await pilot.press("up", "left", "right", "e", "delete", "alt+up", "space", "a", "enter")
        assert told.wanted == [("", "child"), ("", "sibling")]
        assert not app.posted(Outline.DeleteRequested)


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        (["down"], "F2"),
        (["down", "up"], "F1"),
        (["end"], "F6"),
        (["end", "home"], "F1"),
        (["right"], "F2"),
        (["down", "down", "left"], "F2"),
        (["left", "down"], "F6"),
        (["left", "right", "right"], "F2"),
        (["space", "down"], "F6"),
        (["pagedown"], "F6"),
        (["pagedown", "pageup"], "F1"),
    ],
)
async def test_keys_move_and_fold(keys, key):
    app, _ = hosted()
    async with app.run_test(size=(60, 12)) as pilot:
        app.widget.set_nodes(NODES)
        await pilot.press(*keys)
        assert app.widget.cursor_key == key


async def test_a_fold_says_how_much_it_hides_and_survives_new_nodes():
    app, _ = hosted()
    async with app.run_test(size=(60, 12)) as pilot:
        app.widget.set_nodes(NODES)
        await pilot.press("down", "left")
        assert "▸ How? scans held connections (+2)" in frame(app)
        assert "no index" not in frame(app)
        app.widget.set_nodes((*NODES, Node("F7", "new")))
        await pilot.pause()
        assert app.widget.folded == {"F2"}
        assert app.widget.cursor_key == "F2"
        assert app.widget.move_cursor("F3")
        assert app.widget.folded == set()


@pytest.mark.parametrize(
    ("key", "request_type", "detail"),
    [
        ("K", Outline.MoveRequested, "up"),
        ("J", Outline.MoveRequested, "down"),
        ("less_than_sign", Outline.MoveRequested, "left"),
        ("greater_than_sign", Outline.MoveRequested, "right"),
        ("alt+up", Outline.MoveRequested, "up"),
        ("alt+down", Outline.MoveRequested, "down"),
        ("alt+left", Outline.MoveRequested, "left"),
        ("alt+right", Outline.MoveRequested, "right"),
        ("d", Outline.DeleteRequested, None),
        ("delete", Outline.DeleteRequested, None),
    ],
)
async def test_keys_ask_for_changes_of_the_structure(key, request_type, detail):
    app, _ = hosted()
    async with app.run_test(size=(60, 12), message_hook=app.hook) as pilot:
        app.widget.set_nodes(NODES)
        await pilot.press("down", key)
        (request,) = app.posted(request_type)
        assert request.key == "F2"
        if detail:
            assert request.direction == detail


@pytest.mark.parametrize(
    ("key", "where"), [("enter", "sibling"), ("A", "sibling"), ("tab", "child"), ("a", "child")]
)
async def test_keys_ask_for_new_nodes(key, where):
    app, told = hosted()
    async with app.run_test(size=(60, 12)) as pilot:
        app.widget.set_nodes(NODES)
        await pilot.press("down", key)
        assert told.wanted == [("F2", where)]
        assert app.focused is app.widget


async def test_a_node_is_edited_where_it_stands():
    app, told = hosted()
    async with app.run_test(size=(60, 12), message_hook=app.hook) as pilot:
        app.widget.set_nodes(NODES)
        await pilot.press("down", "e")
        await pilot.pause()
        assert "How? scans held connections" in frame(app)
        assert app.focused.region.y == 1
        await pilot.press("!", "down", "x", "escape")
        assert told.written == [
            Written("F2", "scans held connections", "scans held connections!", "down"),
            Written("F3", "no index", "no index", "cancel"),
        ]
        assert app.focused is app.widget


async def test_a_new_node_can_be_opened_empty_and_is_known_to_have_stayed_so():
    app, told = hosted()
    async with app.run_test(size=(60, 12), message_hook=app.hook) as pilot:
        app.widget.set_nodes((*NODES, Node("F7", "", "F3")))
        assert app.widget.edit("F7")
        await pilot.press("enter")
        assert told.written == [Written("F7", "", "", "stay")]
        assert not app.widget.edit("nobody")


async def test_a_burst_of_keys_is_handled_in_the_order_of_typing():
    app, told = hosted()
    async with app.run_test(size=(60, 12), message_hook=app.hook) as pilot:
        app.widget.set_nodes(NODES)
        app.burst("down", "e", "!", "enter", "down", "f2", "?", "enter", "a")
        await pilot.pause()
        await pilot.pause()
        assert [(each.key, each.text[-1]) for each in told.written] == [("F2", "!"), ("F3", "?")]
        assert told.wanted == [("F3", "child")]


async def test_long_texts_wrap_under_themselves_and_the_cursor_marks_all_their_lines():
    app, _ = hosted()
    async with app.run_test(size=(40, 12)) as pilot:
        app.widget.set_nodes((Node("F1", "root"), Node("F2", "word " * 20, "F1")))
        await pilot.press("down")
        lines = [line for line in frame(app).split("\n") if "word" in line]
        assert len(lines) > 2
        assert all(line.startswith("▌") for line in lines)
        assert lines[1].index("word") == lines[0].index("word") + 2


async def test_the_mouse_moves_folds_and_edits():
    app, _ = hosted()
    async with app.run_test(size=(60, 12)) as pilot:
        app.widget.set_nodes(NODES)
        await pilot.pause()
        await pilot.click(app.widget, offset=(20, 4))
        assert app.widget.cursor_key == "F5"
        await pilot.click(app.widget, offset=(3, 1))
        assert app.widget.folded == {"F2"}
        await pilot.click(app.widget, offset=(20, 0), times=2)
        assert app.widget.editing


@pytest.mark.parametrize(
    "text", ["[red]x[/red] [@click=app.quit]y[/]", "\x1b]0;owned\x07", "日本語" * 30, "x" * 9000]
)
async def test_hostile_text_is_drawn_as_text(text):
    app, _ = hosted()
    async with app.run_test(size=(60, 12)) as pilot:
        app.widget.set_nodes((Node("F1", text, "", text[:20], (text[:5],)), Node("F2", text, "F1")))
        await pilot.press("down", "e", "escape", "left")
        assert "\x1b" not in frame(app)
        assert text[:3].replace("\x1b", "^[")[:3] in frame(app)


async def test_two_hundred_deep_nodes_and_a_resize():
    nodes = [Node(f"F{n}", f"why {n}", f"F{n - 1}" if n else "") for n in range(200)]
    app, _ = hosted()
    async with app.run_test(size=(60, 12)) as pilot:
        app.widget.set_nodes(nodes)
        await pilot.press("end", "e")
        await pilot.resize_terminal(40, 8)
        await pilot.press("escape")
        assert app.widget.cursor_key == "F199"
