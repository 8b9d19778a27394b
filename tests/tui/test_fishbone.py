"""The fishbone on the screen: the same factors as the tree, the same cursor, the same edits."""

import os
from pathlib import Path

import pytest

from app.review import edits as change
from app.review.records import Session
from screens.whys import WhysScreen
from tests.tui.driving import edits, quiet, refused, running, said, settle, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import saved, small_review
from tests.tui.test_frames import SAVED, UPDATE
from tests.tui.test_whys_screen import factor, tree
from tests.why_tree import empty, imported, sorted_tree, typed


def in_categories() -> Session:
    session = small_review()
    for key, category in {"F1": "Data & capacity", "F2": "Change & code", "F3": "Process & review"}.items():
        session = change.change(session, "factors", {key}, category=category)
    return change.change(session, "factors", {"F4"}, category="Data & capacity")


async def test_tree_fishbone_and_list_share_one_cursor(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, in_categories()), "whys", (100, 30)) as (app, pilot):
        app.screen.outline.move_cursor("F3")
        for key in ("f", "c", "f", "t"):
            await steps(pilot, key)
            # A view is drawn for the room it has, which it knows a moment after it is shown.
            while app.screen.view_key() != "F3":
                await pilot.pause(0.01)
        await steps(pilot, "f", "left")
        here = app.screen.view_key()
        assert here != "F3"
        await steps(pilot, "t")
        assert app.screen.outline.cursor_key == here
        assert not app.bench.desk.labels()


async def test_arrows_walk_along_the_ribs_and_over_the_spine(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, in_categories()), "whys", (100, 30)) as (app, pilot):
        await steps(pilot, "f", "home")
        assert app.screen.fishbone.cursor_key == "F2"
        assert line_with(app, "query without").split("▸")[1].startswith(" query")
        walked = []
        for key in ("down", "down", "down", "up", "right", "left", "end", "home"):
            await steps(pilot, key)
            walked.append(app.screen.fishbone.cursor_key)
        assert walked == ["F1", "F4", "F4", "F1", "F3", walked[5], "F3", "F2"]


async def test_the_effect_is_a_factor_when_the_tree_has_one_root_that_happened(tmp_path: Path) -> None:
    session = change.change(in_categories(), "factors", {"F1"}, kind="event")
    async with running(tmp_path, saved(tmp_path, session), "whys", (100, 30)) as (app, pilot):
        await steps(pilot, "f", "end")
        assert app.screen.fishbone.cursor_key == "F1"
        assert "│▸pool of 20 was" in frame(app)
        session = await edits(pilot, "e", "=orders failed", "enter")
        assert factor(session, "F1").text == "orders failed"


async def test_the_fishbone_is_edited_like_the_tree(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, in_categories()), "whys", (120, 36)) as (app, pilot):
        bone = app.screen.fishbone
        await steps(pilot, "f")
        bone.move_cursor("F2")
        session = await edits(pilot, "e", "=query without [an] index", "enter")
        assert factor(session, "F2").text == "query without [an] index"
        assert "[an]" in frame(app)
        session = await edits(pilot, "enter", "=beside it", "enter")
        assert (factor(session, "F5").category, factor(session, "F5").parent) == ("Change & code", "F1")
        session = await edits(pilot, "=and beside that", "tab")
        session = await edits(pilot, "=below it", "enter")
        assert (factor(session, "F7").category, factor(session, "F7").parent) == ("Change & code", "F6")
        await steps(pilot, "escape")
        assert not bone.editing
        for key in ("F5", "F6", "F7"):
            bone.move_cursor(key)
            await edits(pilot, "d")
        bone.move_cursor("F4")
        for key, category in (("alt+left", "Change & code"), ("alt+right", "Data & capacity")):
            session = await edits(pilot, key)
            assert factor(session, "F4").category == category
            assert bone.cursor_key == "F4"
        session = await edits(pilot, "alt+up")
        assert [each.id for each in session.factors if each.parent == "F1"] == ["F4", "F2"]
        session = await edits(pilot, "m", "=systemic", "enter")
        assert factor(session, "F4").mark == "systemic"
        await refused(pilot, "keeps its text", "f2", "=", "enter")
        await steps(pilot, "tab", "escape", "enter", "enter")
        assert app.bench.session == session


async def test_up_and_down_save_and_go_on_along_the_rib(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, in_categories()), "whys", (100, 30)) as (app, pilot):
        await steps(pilot, "f")
        app.screen.fishbone.move_cursor("F1")
        session = await edits(pilot, "e", "=changed", "down")
        assert factor(session, "F1").text == "changed"
        assert (app.screen.fishbone.editing, app.screen.fishbone.cursor_key) == (True, "F4")
        await steps(pilot, "escape")


async def test_an_empty_fishbone_says_how_it_begins_and_begins(tmp_path: Path) -> None:
    bare = small_review().model_copy(update={"factors": (), "actions": ()})
    async with running(tmp_path, saved(tmp_path, bare), "whys") as (app, pilot):
        await steps(pilot, "f")
        assert "press Enter and type what had to be true" in frame(app)
        await steps(
            pilot, "up", "down", "left", "right", "home", "end", "e", "d", "alt+left", "m", "pagedown"
        )
        assert app.bench.session == bare
        session = await edits(pilot, "enter", "=the pool was full", "enter")
        assert tree(session) == {"F1": ""}


async def test_what_does_not_fit_is_scrolled_to(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, sorted_tree()), "whys", (80, 24)) as (app, pilot):
        await steps(pilot, "f")
        seen = set()
        for key in app.screen.fishbone._order():
            app.screen.fishbone.move_cursor(key)
            await pilot.pause()
            shown = frame(app)
            assert "▸ " in shown.split("categories")[1], key
            seen.add(key)
        assert len(seen) == 18


async def test_the_mouse_chooses_and_edits(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, in_categories()), "whys", (100, 30)) as (app, pilot):
        await steps(pilot, "f")
        bone = app.screen.fishbone
        place = bone._places["F3"]
        at = (place.x + 3, place.y - bone.scroll_offset.y)
        await pilot.click(bone, offset=at)
        assert bone.cursor_key == "F3"
        await pilot.click(bone, offset=at, times=2)
        assert bone.editing
        await steps(pilot, "escape")


async def test_rows_of_the_timeline_become_nodes_from_there(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        app.screen.grid.move_cursor("E3")
        session = await edits(pilot, "w")
        made = factor(session, "F5")
        assert (made.text, made.events, made.parent, made.kind) == ("pool is full", ("E3",), "", "event")
        assert len(session.events) == 4
        assert "1 row on step 3 Whys now" in said(app)


async def test_the_report_shows_the_fishbone_or_not(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, in_categories()), "whys") as (app, pilot):
        session = await edits(pilot, "X")
        assert session.analysis.fishbone
        assert app.bench.desk.labels() == ["Show the fishbone in the report"]
        session = await edits(pilot, "X")
        assert not session.analysis.fishbone


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (200, 60)])
async def test_every_view_lives_through_a_resize(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running(tmp_path, saved(tmp_path, sorted_tree()), "whys", size) as (app, pilot):
        for key in ("f", "c", "t"):
            await steps(pilot, key, "end", "e")
            await pilot.resize_terminal(100, 20)
            await steps(pilot, "escape")
            await pilot.resize_terminal(*size)
            await settle(pilot)
        assert not app.bench.desk.labels()


async def test_the_tree_of_a_real_report_is_typed_by_keys_and_is_the_imported_one(tmp_path: Path) -> None:
    wanted = imported().factors
    async with running(tmp_path, saved(tmp_path, empty()), "whys", (120, 40)) as (app, pilot):
        assert isinstance(app.screen, WhysScreen)
        await steps(pilot, *typed(wanted))
        made = app.bench.session.factors
        assert [(each.id, each.parent, each.text) for each in made] == [
            (each.id, each.parent, each.text) for each in wanted
        ]
        assert sum(each.parent == "F2" for each in made) == 3
        assert {each.question for each in made if each.parent == "F2"} == {
            "How was that possible?",
            "What else had to be true?",
            "What made it hard to see?",
        }
        # One step back for each answer.
        assert len(app.bench.desk.labels()) == len(wanted)
        await steps(pilot, "ctrl+home")
        assert "├─ How? The pull request introduced tests" in frame(app)


REAL = Path(__file__).parent / "frames_real"


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
@pytest.mark.parametrize("view", ["tree", "fishbone"])
async def test_the_real_tree_looks_as_it_was_accepted(
    tmp_path: Path, view: str, size: tuple[int, int]
) -> None:
    async with running(tmp_path, saved(tmp_path, sorted_tree()), "whys", size) as (app, pilot):
        await steps(pilot, "t" if view == "tree" else "f")
        await quiet(pilot)
        app.bench.saving.publish(SAVED)
        await pilot.pause()
        shown = frame(app) + "\n"
    kept = REAL / f"{view}-{size[0]}x{size[1]}.txt"
    if os.environ.get(UPDATE):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(shown, "utf-8")
    assert shown == kept.read_text("utf-8"), (
        f"{kept.name} looks different; if that is meant: {UPDATE}=1 pytest"
    )
