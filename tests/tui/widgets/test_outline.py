"""The outline: drawing, folding, editing, requests."""

import pytest

from tests.tui.frames import frame, line_with
from tests.tui.widgets.host import Host
from widgets.outline import Node, Outline

NODES = (
    Node("F1", "pool exhausted", marks=("E5", "●")),
    Node("F2", "scans held connections", "F1", "How?", ("E6", "●")),
    Node("F3", "no index", "F2", "How?"),
    Node("F4", "no plan was shown", "F2", "How?"),
    Node("F5", "no dashboard", "F1", "What hid it?"),
    Node("F6", "another root"),
)


def hosted(**options: object) -> Host:
    return Host(Outline(empty="Press a to ask the first why", **options))  # type: ignore[arg-type]


async def test_the_tree_is_drawn_with_its_branches_and_marks():
    app = hosted()
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
    app = hosted()
    async with app.run_test(size=(60, 12), message_hook=app.hook) as pilot:
        assert "Press a to ask the first why" in frame(app)
        await pilot.press("up", "left", "right", "enter", "delete", "alt+up", "space", "a")
        assert [(m.key, m.where) for m in app.posted(Outline.AddRequested)] == [("", "child")]
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
    app = hosted()
    async with app.run_test(size=(60, 12)) as pilot:
        app.widget.set_nodes(NODES)
        await pilot.press(*keys)
        assert app.widget.cursor_key == key


async def test_a_fold_says_how_much_it_hides_and_survives_new_nodes():
    app = hosted()
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
        ("a", Outline.AddRequested, "child"),
        ("A", Outline.AddRequested, "sibling"),
        ("alt+up", Outline.MoveRequested, "up"),
        ("alt+down", Outline.MoveRequested, "down"),
        ("alt+left", Outline.MoveRequested, "left"),
        ("alt+right", Outline.MoveRequested, "right"),
        ("d", Outline.DeleteRequested, None),
        ("delete", Outline.DeleteRequested, None),
    ],
)
async def test_keys_ask_for_changes_of_the_structure(key, request_type, detail):
    app = hosted()
    async with app.run_test(size=(60, 12), message_hook=app.hook) as pilot:
        app.widget.set_nodes(NODES)
        await pilot.press("down", key)
        (request,) = app.posted(request_type)
        assert request.key == "F2"
        if detail:
            assert detail in (getattr(request, "where", ""), getattr(request, "direction", ""))


async def test_a_node_is_edited_where_it_stands():
    app = hosted()
    async with app.run_test(size=(60, 12), message_hook=app.hook) as pilot:
        app.widget.set_nodes(NODES)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "How? scans held connections" in frame(app)
        assert app.focused.region.y == 1
        await pilot.press("!", "tab", "x", "escape")
        assert [(m.key, m.old, m.new) for m in app.posted(Outline.NodeEdited)] == [
            ("F2", "scans held connections", "scans held connections!")
        ]
        assert [m.key for m in app.posted(Outline.EditCancelled)] == ["F3"]
        assert app.focused is app.widget


async def test_a_new_node_can_be_opened_empty_and_is_known_to_have_stayed_so():
    app = hosted()
    async with app.run_test(size=(60, 12), message_hook=app.hook) as pilot:
        app.widget.set_nodes((*NODES, Node("F7", "", "F3")))
        assert app.widget.edit("F7")
        await pilot.press("enter")
        assert [(m.key, m.text) for m in app.posted(Outline.EditCancelled)] == [("F7", "")]
        assert not app.widget.edit("nobody")


async def test_a_burst_of_keys_is_handled_in_the_order_of_typing():
    app = hosted()
    async with app.run_test(size=(60, 12), message_hook=app.hook) as pilot:
        app.widget.set_nodes(NODES)
        app.burst("down", "enter", "!", "enter", "down", "f2", "?", "enter", "a")
        await pilot.pause()
        await pilot.pause()
        assert [(m.key, m.new[-1]) for m in app.posted(Outline.NodeEdited)] == [("F2", "!"), ("F3", "?")]
        assert [m.key for m in app.posted(Outline.AddRequested)] == ["F3"]


async def test_long_texts_wrap_under_themselves_and_the_cursor_marks_all_their_lines():
    app = hosted()
    async with app.run_test(size=(40, 12)) as pilot:
        app.widget.set_nodes((Node("F1", "root"), Node("F2", "word " * 20, "F1")))
        await pilot.press("down")
        lines = [line for line in frame(app).split("\n") if "word" in line]
        assert len(lines) > 2
        assert all(line.startswith("▌") for line in lines)
        assert lines[1].index("word") == lines[0].index("word") + 2


async def test_with_typing_letters_replace_the_text_and_do_not_ask_for_anything():
    app = hosted(type_to_edit=True)
    async with app.run_test(size=(60, 12), message_hook=app.hook) as pilot:
        app.widget.set_nodes(NODES)
        await pilot.press(*"add", "enter")
        assert [m.new for m in app.posted(Outline.NodeEdited)] == ["add"]
        assert not app.posted(Outline.AddRequested)


async def test_the_mouse_moves_folds_and_edits():
    app = hosted()
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
    app = hosted()
    async with app.run_test(size=(60, 12)) as pilot:
        app.widget.set_nodes((Node("F1", text, "", text[:20], (text[:5],)), Node("F2", text, "F1")))
        await pilot.press("down", "enter", "escape", "left")
        assert "\x1b" not in frame(app)
        assert text[:3].replace("\x1b", "^[")[:3] in frame(app)


async def test_two_hundred_deep_nodes_and_a_resize():
    nodes = [Node(f"F{n}", f"why {n}", f"F{n - 1}" if n else "") for n in range(200)]
    app = hosted()
    async with app.run_test(size=(60, 12)) as pilot:
        app.widget.set_nodes(nodes)
        await pilot.press("end", "enter")
        await pilot.resize_terminal(40, 8)
        await pilot.press("escape")
        assert app.widget.cursor_key == "F199"
