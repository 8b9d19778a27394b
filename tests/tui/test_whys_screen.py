"""Step 3 by keys: the tree grows, moves, folds; marks, categories and evidence."""

from pathlib import Path

import pytest

from app.review.records import Factor, Session
from tests.tui.driving import edits, refused, running, said, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import saved, small_review

Tree = dict[str, str]


def tree(session: Session) -> Tree:
    return {factor.id: factor.parent for factor in session.factors}


def factor(session: Session, key: str) -> Factor:
    return next(each for each in session.factors if each.id == key)


async def test_nodes_are_added_below_beside_and_at_the_root(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        outline = app.screen.outline
        outline.move_cursor("F2")
        await steps(pilot, "a", "=index was not needed before %code #condition", "enter")
        added = factor(app.bench.session, "F5")
        assert (added.parent, added.text) == ("F2", "index was not needed before")
        assert (added.category, added.kind) == ("Change & code", "condition")
        outline.move_cursor("F2")
        await steps(pilot, "A", "=traffic tripled", "enter")
        assert tree(app.bench.session)["F6"] == "F1"
        await steps(pilot, "R", "=alerts fire late", "enter")
        assert tree(app.bench.session)["F7"] == ""
        # One step back takes the text away, the next the node.
        await steps(pilot, "u", "u")
        assert "F7" not in tree(app.bench.session)
        outline.move_cursor("F4")
        session = await edits(pilot, "n", "=nobody saw it %detection #systemic", "enter")
        added = next(each for each in session.factors if each.text == "nobody saw it")
        assert (added.parent, added.mark) == ("F4", "systemic")


async def test_a_node_that_never_gets_a_text_leaves_no_trace(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        before = app.bench.session.factors
        for keys in (("a", "escape"), ("A", "enter"), ("R", "=x", "escape")):
            await steps(pilot, *keys)
            assert app.bench.session.factors == before, keys
        assert not app.bench.desk.labels()


async def test_leaving_a_node_without_a_text_takes_nothing_else_back(tmp_path: Path) -> None:
    empty = small_review().model_copy(update={"factors": (Factor(id="F1"), Factor(id="F2", text="b"))})
    async with running(tmp_path, saved(tmp_path, empty), "whys") as (app, pilot):
        app.bench.edit("Something else", lambda s: s.model_copy(update={"id": "PM-1"}), "whys")
        await steps(pilot, "ctrl+home", "enter", "escape")
        assert app.bench.session.id == "PM-1"


async def test_a_text_is_edited_in_place_and_never_lost(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        app.screen.outline.move_cursor("F4")
        session = await edits(pilot, "enter", "=pool size [unchanged] 漢 %cap", "enter")
        assert factor(session, "F4").text == "pool size [unchanged] 漢"
        assert factor(session, "F4").category == "Data & capacity"
        assert "pool size [unchanged] 漢" in frame(app)
        await refused(pilot, "keeps its text: d deletes it", "enter", "=", "enter")
        assert "pool size [unchanged] 漢" in frame(app)


async def test_nodes_move_among_in_and_out(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        outline = app.screen.outline
        outline.move_cursor("F4")
        session = await edits(pilot, "alt+up")
        assert [each.id for each in session.factors if each.parent == "F1"] == ["F4", "F2"]
        session = await edits(pilot, "alt+down")
        assert [each.id for each in session.factors if each.parent == "F1"] == ["F2", "F4"]
        session = await edits(pilot, "alt+right")
        assert tree(session)["F4"] == "F2"
        session = await edits(pilot, "alt+left")
        assert tree(session)["F4"] == "F1"
        session = await edits(pilot, "alt+left")
        assert tree(session)["F4"] == ""
        assert outline.cursor_key == "F4"
        session = await edits(pilot, "r", "=no plan", "enter")
        assert tree(session)["F4"] == "F3"
        outline.move_cursor("F1")
        await steps(pilot, "r")
        assert "no plan was shown" not in frame(app).split("Hang F1 under")[1].split("╯")[0]
        await steps(pilot, "escape")


async def test_deleting_a_node_lifts_what_was_below_it(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        app.screen.outline.move_cursor("F2")
        session = await edits(pilot, "d")
        assert tree(session) == {"F1": "", "F3": "F1", "F4": "F1"}
        assert "what was below it moved up" in said(app)


@pytest.mark.parametrize(
    ("key", "typed", "field", "value"),
    [
        ("m", "syst", "mark", "systemic"),
        ("k", "abs", "kind", "absence"),
        ("c", "runb", "category", "Response & runbooks"),
    ],
)
async def test_a_node_gets_a_mark_a_kind_a_category(
    tmp_path: Path, key: str, typed: str, field: str, value: str
) -> None:
    async with running(tmp_path, saved(tmp_path), "whys", (120, 24)) as (app, pilot):
        app.screen.outline.move_cursor("F2")
        session = await edits(pilot, key, f"={typed}", "enter")
        assert getattr(factor(session, "F2"), field) == value
        session = await edits(pilot, key, f"=no {field}", "enter")
        assert getattr(factor(session, "F2"), field) == ""


async def test_evidence_is_linked_and_unlinked(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        app.screen.outline.move_cursor("F2")
        session = await edits(pilot, "v", "=pool is full", "enter")
        assert factor(session, "F2").events == ("E3",)
        assert "E3 ●" in line_with(app, "query without an index")
        session = await edits(pilot, "v", "=pool is full", "enter")
        assert factor(session, "F2").events == ()


async def test_branches_fold_without_an_edit(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        app.screen.outline.move_cursor("F2")
        await steps(pilot, "space")
        assert "no plan was shown" not in frame(app)
        assert "(+1)" in frame(app)
        await steps(pilot, "right", "right")
        assert app.screen.outline.cursor_key == "F3"
        assert not app.bench.desk.labels()


async def test_the_empty_tree_says_how_it_begins(tmp_path: Path) -> None:
    bare = small_review().model_copy(update={"factors": (), "events": (), "actions": ()})
    async with running(tmp_path, saved(tmp_path, bare), "whys") as (app, pilot):
        assert "press n and type what had to be true" in frame(app)
        before = app.bench.session
        await steps(pilot, "d", "m", "c", "k", "v", "r", "alt+up", "ctrl+e", "space", "enter")
        assert app.bench.session == before
        session = await edits(pilot, "n", "=the pool was full", "enter")
        assert tree(session) == {"F1": ""}
        assert app.screen.outline.cursor_key == "F1"
