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
        session = await edits(pilot, "tab", "=index was not needed before %code #condition", "enter")
        added = factor(session, "F5")
        assert (added.parent, added.text) == ("F2", "index was not needed before")
        assert (added.category, added.kind) == ("Change & code", "condition")
        await steps(pilot, "escape")
        outline.move_cursor("F2")
        session = await edits(pilot, "enter", "=traffic tripled", "enter")
        assert tree(session)["F6"] == "F1"
        assert [each.id for each in session.factors] == ["F1", "F2", "F3", "F5", "F6", "F4"]
        await steps(pilot, "escape")
        session = await edits(pilot, "R", "=alerts fire late", "enter")
        assert tree(session)["F7"] == ""
        await steps(pilot, "escape", "u")
        assert "F7" not in tree(app.bench.session)
        assert "Undone: Add factor “alerts fire late”" in said(app)
        outline.move_cursor("F4")
        session = await edits(pilot, "n", "=nobody saw it %detection #systemic", "enter")
        added = next(each for each in session.factors if each.text == "nobody saw it")
        assert (added.parent, added.mark) == ("F4", "systemic")


async def test_a_whole_tree_is_typed_without_leaving_the_field(tmp_path: Path) -> None:
    bare = small_review().model_copy(update={"factors": (), "actions": ()})
    async with running(tmp_path, saved(tmp_path, bare), "whys") as (app, pilot):
        await steps(pilot, "enter", "=root", "tab", "=child", "tab", "=grandchild", "shift+tab")
        await steps(
            pilot, "=second child", "enter", "=third child", "enter", "shift+tab", "=second root", "enter"
        )
        # An empty node goes in and out as in any outliner.
        await steps(pilot, "tab", "=below the second root", "enter", "tab", "=deeper", "enter", "escape")
        drawn = [(each.text, each.parent) for each in app.bench.session.factors]
        assert drawn == [
            ("root", ""),
            ("child", "F1"),
            ("grandchild", "F2"),
            ("second child", "F1"),
            ("third child", "F1"),
            ("second root", ""),
            ("below the second root", "F6"),
            ("deeper", "F7"),
        ]
        assert not app.screen.outline.editing
        for _ in drawn:
            await steps(pilot, "u")
        assert app.bench.session == bare


async def test_keys_that_come_in_one_burst_land_in_the_nodes_they_were_typed_for(tmp_path: Path) -> None:
    from textual import events

    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        app.screen.outline.move_cursor("F4")
        for key in ("enter", *"dax", "tab", *"uzk", "enter", "escape", "left"):
            event = events.Key(key, key if len(key) == 1 else None)
            event.set_sender(app)
            app.post_message(event)
        while len(app.bench.session.factors) < 6:
            await pilot.pause()
        await steps(pilot)
        assert [each.text for each in app.bench.session.factors[-2:]] == ["dax", "uzk"]
        assert tree(app.bench.session)["F6"] == "F5"
        assert len(app.bench.session.factors) == 6


async def test_questions_for_a_child_alternate_and_stay_with_the_answer(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys", (100, 30)) as (app, pilot):
        app.screen.outline.move_cursor("F4")
        asked = []
        for text in ("one", "two", "three", "four"):
            app.screen.outline.move_cursor("F4")
            await steps(pilot, "tab")
            last = [line for line in frame(app).split("\n") if "└─ " in line][-1]
            asked.append(last.split("└─ ")[1].split("?")[0])
            await steps(pilot, f"={text}", "enter", "escape")
        assert asked == ["How", "What else", "Hard to see", "What stops it"]
        questions = [each.question for each in app.bench.session.factors[-4:]]
        assert questions[0] == "How was that possible?"
        assert questions[3] == "What usually stops this?"


async def test_a_node_that_never_gets_a_text_leaves_no_trace(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        before = app.bench.session.factors
        for keys in (("tab", "escape"), ("enter", "enter"), ("R", "=x", "escape"), ("a", "tab", "escape")):
            await steps(pilot, *keys)
            assert app.bench.session.factors == before, keys
            assert "+" not in app.screen.outline.cursor_key
        assert not app.bench.desk.labels()


async def test_a_text_is_edited_in_place_and_never_lost(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        app.screen.outline.move_cursor("F4")
        session = await edits(pilot, "e", "=pool size [unchanged] 漢 %cap", "enter")
        assert factor(session, "F4").text == "pool size [unchanged] 漢"
        assert factor(session, "F4").category == "Data & capacity"
        assert "pool size [unchanged] 漢" in frame(app)
        await refused(pilot, "keeps its text: d deletes it", "f2", "=", "enter")
        assert "pool size [unchanged] 漢" in frame(app)


async def test_a_label_stays_a_label_when_the_text_behind_it_is_edited(tmp_path: Path) -> None:
    labelled = Factor(id="F1", label="Testing Gap", text="no load test")
    review = small_review().model_copy(update={"factors": (labelled,), "actions": ()})
    async with running(tmp_path, saved(tmp_path, review), "whys") as (_, pilot):
        session = await edits(pilot, "e", "=Testing Gap: no load test at all", "enter")
        assert (session.factors[0].label, session.factors[0].text) == ("Testing Gap", "no load test at all")
        session = await edits(pilot, "e", "=nobody tested the load", "enter")
        assert (session.factors[0].label, session.factors[0].text) == ("", "nobody tested the load")


async def test_moving_on_from_an_edit_saves_it(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        app.screen.outline.move_cursor("F2")
        session = await edits(pilot, "e", "=changed", "down")
        assert factor(session, "F2").text == "changed"
        assert (app.screen.outline.editing, app.screen.outline.cursor_key) == (True, "F3")
        session = await edits(pilot, "=changed too", "tab")
        assert factor(session, "F3").text == "changed too"
        session = await edits(pilot, "=below it", "enter")
        assert factor(session, "F5").parent == "F3"


async def test_nodes_move_among_in_and_out(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        outline = app.screen.outline
        outline.move_cursor("F4")
        session = await edits(pilot, "alt+up")
        assert [each.id for each in session.factors if each.parent == "F1"] == ["F4", "F2"]
        session = await edits(pilot, "J")
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
        ("C", "runb", "category", "Response & runbooks"),
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


async def test_a_branch_is_cut_and_pasted_below_another_node(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys", (100, 24)) as (app, pilot):
        before, outline = app.bench.session, app.screen.outline
        await refused(pilot, "Nothing is cut", "P")
        outline.move_cursor("F2")
        await steps(pilot, "x")
        assert "F2 and 1 below it are cut" in said(app)
        assert "✂" in line_with(app, "query without an index")
        outline.move_cursor("F3")
        await refused(pilot, "F3 belongs to what is cut", "P")
        outline.move_cursor("F4")
        session = await edits(pilot, "P")
        assert tree(session) == {"F1": "", "F4": "F1", "F2": "F4", "F3": "F2"}
        assert app.bench.desk.labels() == ["Paste F2 below F4"]
        assert outline.cursor_key == "F2"
        await steps(pilot, "u")
        assert app.bench.session == before
        await steps(pilot, "ctrl+x", "escape")
        assert "✂" not in frame(app)
        await refused(pilot, "Nothing is cut", "ctrl+v")


async def test_a_branch_is_copied_as_an_indented_list(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        await steps(pilot, "y")
        assert app.clipboard == (
            "- pool of 20 was full\n  - query without an index\n    - no plan was shown\n  - pool size unchanged"
        )


async def test_a_factor_is_shown_below_a_second_parent(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys", (100, 24)) as (app, pilot):
        outline = app.screen.outline
        outline.move_cursor("F3")
        await steps(pilot, "j")
        assert "F3" not in frame(app).split("belongs below")[1].split("╯")[0].replace("F3 belongs", "")
        session = await edits(pilot, "=size unchanged", "enter")
        assert factor(session, "F3").also_under == ("F4",)
        assert "↗ F3 no plan was shown" in frame(app)
        # What would stand above itself is not offered.
        outline.move_cursor("F4")
        await steps(pilot, "j")
        assert "no plan was shown" not in frame(app).split("belongs below")[1].split("╯")[0]
        await steps(pilot, "escape")
        # The link is the factor: an edit there changes it, right goes to it, d takes only the link away.
        outline.move_cursor("F3↗F4")
        session = await edits(pilot, "e", "=no plan at all", "enter")
        assert factor(session, "F3").text == "no plan at all"
        await refused(pilot, "This is a link to F3", "alt+up")
        await refused(pilot, "This is a link to F3", "x")
        await steps(pilot, "right")
        assert outline.cursor_key == "F3"
        outline.move_cursor("F3↗F4")
        session = await edits(pilot, "d")
        assert factor(session, "F3").also_under == ()
        assert "no longer linked below F4" in said(app)
        assert app.bench.desk.labels()[-1] == "Unlink F3 from F4"
        outline.move_cursor("F3")
        await edits(pilot, "j", "=size unchanged", "enter")
        outline.move_cursor("F3")
        session = await edits(pilot, "j", "=size unchanged", "enter")
        assert factor(session, "F3").also_under == ()


async def test_one_zooms_into_a_branch_and_out(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys", (118, 24)) as (app, pilot):
        outline = app.screen.outline
        outline.move_cursor("F2")
        await steps(pilot, "z")
        assert "all ▸ pool of 20 was full ▸ query without an index" in frame(app)
        assert "How? pool size" not in frame(app)
        # A node beside the top of what is shown would not be seen: it goes below.
        session = await edits(pilot, "enter", "=inside", "enter")
        assert factor(session, "F5").parent == "F2"
        await steps(pilot, "escape")
        before = app.bench.session
        await steps(pilot, "alt+left", "home", "alt+left")
        assert app.bench.session == before
        outline.move_cursor("F3")
        await steps(pilot, "z", "Z")
        assert outline.cursor_key == "F3"
        assert "all ▸" in frame(app)
        await steps(pilot, "backspace", "backspace")
        assert "all ▸" not in frame(app)
        assert "How? pool size" in frame(app)
        assert not any("oom" in label for label in app.bench.desk.labels())
        await steps(pilot, "z", "escape")
        assert "all ▸" not in frame(app)


async def test_a_row_becomes_a_node_and_a_node_a_row(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys", (100, 30)) as (app, pilot):
        app.screen.outline.move_cursor("F4")
        session = await edits(pilot, "o", "=cache deployed", "enter")
        made = factor(session, "F5")
        assert (made.text, made.parent, made.events) == ("cache deployed", "F4", ("E4",))
        assert app.screen.outline.cursor_key == "F5"
        session = await edits(pilot, "O", "enter")
        assert [row.text for row in session.events][-2:] == ["cache deployed", "cache deployed"]
        assert factor(session, "F5").events == ("E4", "E5")
        app.screen.outline.move_cursor("F2")
        session = await edits(pilot, "O", "=take the node out", "enter")
        assert tree(session) == {"F1": "", "F3": "F1", "F4": "F1", "F5": "F4"}
        assert session.events[-1].text == "query without an index"
        assert "F2 left the tree" in said(app)


async def test_warnings_lead_to_their_nodes(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys") as (app, pilot):
        assert "▲" in frame(app)
        seen = []
        for _ in range(20):
            await steps(pilot, "w")
            seen.append(app.screen.outline.cursor_key)
            app.clear_notifications()
        assert {"F1", "F2", "F3", "F4"} <= set(seen)
        app.screen.outline.move_cursor("F4")
        await steps(pilot, "W", "=evidence", "enter")
        assert app.screen.outline.cursor_key == "F1"
        # Also when a zoom hides the node.
        app.screen.outline.move_cursor("F4")
        await steps(pilot, "z", "W", "=evidence", "enter")
        assert app.screen.outline.cursor_key == "F1"


async def test_a_list_by_category_shows_the_same_factors(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys", (100, 40)) as (app, pilot):
        app.screen.outline.move_cursor("F4")
        await edits(pilot, "C", "=capacity", "enter")
        await steps(pilot, "c")
        assert app.screen.outline.cursor_key == "F4"
        assert line_with(app, "Dependencies").split()[-1] == "yet"
        assert line_with(app, "Data & capacity").split()[-1] == "1"
        assert "no category yet" in frame(app)
        session = await edits(pilot, "enter", "=memory is scarce", "enter")
        assert factor(session, "F5").category == "Data & capacity"
        await steps(pilot, "escape")
        app.screen.outline.move_cursor("=Dependencies")
        session = await edits(pilot, "tab", "=DNS of the vendor", "enter")
        assert factor(session, "F6").category == "Dependencies"
        await steps(pilot, "escape")
        app.screen.outline.move_cursor("=Dependencies")
        session = await edits(pilot, "e", "=Vendors", "enter")
        assert factor(session, "F6").category == "Vendors"
        assert session.analysis.categories[2] == "Vendors"
        await refused(pilot, "G edits the list", "home", "d")
        await steps(pilot, "t")
        assert "Vendors" not in line_with(app, "pool of 20")


async def test_the_categories_of_a_review_are_its_own(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys", (100, 30)) as (app, pilot):
        session = await edits(pilot, "G", "=Code, Data , People & [red]", "enter")
        assert session.analysis.categories == ("Code", "Data", "People & [red]")
        await steps(pilot, "c")
        assert "People & [red]" in frame(app)
        session = await edits(pilot, "G", "=", "enter")
        assert session.analysis.categories == ()


async def test_asking_by_how_only_and_the_families_of_questions(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys", (120, 30)) as (app, pilot):
        assert "○cues" in frame(app)
        session = await edits(pilot, "h")
        assert session.analysis.hows
        assert "how only" in frame(app)
        app.screen.outline.move_cursor("F4")
        session = await edits(pilot, "tab", "=a", "enter")
        session = await edits(pilot, "=b", "enter")
        await steps(pilot, "escape")
        questions = [factor(session, key).question for key in ("F5", "F6")]
        assert all(question.startswith("How ") for question in questions)
        assert "✓cues" in frame(app)
        await refused(pilot, "covered by an answer", "I", "=cues", "enter")
        session = await edits(pilot, "I", "=goals", "enter")
        assert session.analysis.covered == ("goals",)
        assert "✓goals" in frame(app)
        session = await edits(pilot, "I", "=goals", "enter")
        assert session.analysis.covered == ()
        session = await edits(pilot, "h")
        session = await edits(pilot, "i", "=which options", "enter", "=rolling back took an hour", "enter")
        assert factor(session, "F7").question.startswith("Which options were on the table")
        assert "✓action" in frame(app)


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
        assert "press Enter and type what had to be true" in frame(app)
        before = app.bench.session
        await steps(
            pilot,
            "d",
            "m",
            "C",
            "k",
            "v",
            "r",
            "L",
            "x",
            "y",
            "z",
            "Z",
            "O",
            "alt+up",
            "ctrl+e",
            "space",
            "e",
        )
        assert app.bench.session == before
        session = await edits(pilot, "n", "=the pool was full", "enter")
        assert tree(session) == {"F1": ""}
        assert app.screen.outline.cursor_key == "F1"
