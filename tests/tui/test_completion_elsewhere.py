"""The capture line completes what a review knows on the other steps too: owners, priorities, categories."""

from pathlib import Path

from tests.tui.driving import running, steps, type_text
from tests.tui.frames import frame
from tests.tui.reviews import saved


async def test_an_action_is_typed_with_what_is_offered(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", (100, 30)) as (app, pilot):
        await pilot.press("n")
        await type_text(pilot, "Add an index @bo")
        await steps(pilot)
        assert "tab @bob" in frame(app)
        await pilot.press("tab")
        await type_text(pilot, "!hi")
        await pilot.press("tab")
        assert app.screen.capture.text == "Add an index @bob !high "
        await steps(pilot, "enter")
        added = app.bench.session.actions[-1]
        assert (added.text, added.owner, added.priority) == ("Add an index", "@bob", "high")
        assert app.screen.capture.has_caret


async def test_a_why_is_typed_with_a_category_that_is_offered(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "whys", (100, 30)) as (app, pilot):
        await pilot.press("n")
        await type_text(pilot, "no dashboard showed it %det")
        await pilot.press("tab")
        assert "%" in app.screen.capture.text
        assert app.screen.capture.text != "no dashboard showed it %det"
        await steps(pilot, "enter")
        added = app.bench.session.factors[-1]
        assert added.text == "no dashboard showed it"
        assert added.category
        assert app.screen.capture.text == ""
