"""Names to roles by keys: in one row, in several, in the whole review, and back."""

from pathlib import Path

from app.review import edits as change
from tests.tui.driving import edits, quiet, refused, running, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import saved, small_review

WIDE = (140, 30)


def named():
    review = change.change(small_review(), "events", {"E4"}, text="@alice deploys the cache")
    return change.set_incident(review, authors=("@alice", "@bob"))


async def test_one_row_is_shown_in_roles_and_its_words_stay_to_be_edited(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, named()), "timeline", WIDE) as (app, pilot):
        app.screen.grid.move_cursor("E4", "text")
        session = await edits(pilot, "R", "=this row", "enter")
        assert session.events[3].text == "@alice deploys the cache"
        line = line_with(app, "deploys")
        assert "The engineer" in line
        assert "alice" not in line
        await steps(pilot, "f2")
        assert app.focused.value == "@alice deploys the cache"
        await steps(pilot, "escape")
        session = await edits(pilot, "R", "=show names in this row", "enter")
        assert "alice" in line_with(app, "deploys")


async def test_the_whole_review_and_its_report_are_shown_in_roles_that_people_choose(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, named()), "timeline", WIDE) as (app, pilot):
        await steps(pilot, "R", "=who has", "enter")
        assert "Alice" in frame(app)
        session = await edits(pilot, "=cache owner", "ctrl+s")
        assert session.people[0].role == "cache owner"
        session = await edits(pilot, "R", "=whole", "enter")
        assert "The cache owner deploys the cache" in frame(app)
        await pilot.press("alt+5")
        await quiet(pilot)
        assert "alice" not in frame(app).casefold()


async def test_a_review_that_names_nobody_says_so(tmp_path: Path) -> None:
    bare = small_review().model_copy(update={"actions": ()})
    bare = change.change(bare, "events", {"E4"}, actor="")
    async with running(tmp_path, saved(tmp_path, bare), "timeline", WIDE) as (_, pilot):
        await refused(pilot, "The review names nobody", "R")
