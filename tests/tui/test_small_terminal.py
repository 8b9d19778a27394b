"""A terminal that is too small: one sentence, and keys typed blindly do nothing."""

from pathlib import Path

from app.history import Desk
from app.review.records import Event, Session
from tests.tui.driving import running, settle, type_text


async def test_keys_do_nothing_while_there_is_no_room_and_go_on_where_they_were(tmp_path: Path) -> None:
    folder = tmp_path / "review"
    Desk.create(folder, Session(events=(Event(text="first"), Event(text="second")))).close()
    async with running(tmp_path, folder, "timeline", size=(100, 30)) as (app, pilot):
        await pilot.press("n")
        await type_text(pilot, "half a line")
        await pilot.resize_terminal(40, 10)
        await settle(pilot)
        assert app.screen.has_class("-too-small")
        await pilot.press("d", "escape", "d", "2", "q", "enter", "u")
        await settle(pilot)
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        assert not app.screen.has_class("-too-small")
        assert app.current_mode == "timeline"
        assert app.bench is not None
        assert [event.text for event in app.bench.session.events] == ["first", "second"]
        await type_text(pilot, " more")
        await pilot.press("enter")
        await settle(pilot)
        assert app.bench.session.events[-1].text == "half a line more"


async def test_keys_go_back_to_the_rows_when_they_had_them(tmp_path: Path) -> None:
    folder = tmp_path / "review"
    Desk.create(folder, Session(events=(Event(text="first"),))).close()
    async with running(tmp_path, folder, "timeline", size=(100, 30)) as (app, pilot):
        await pilot.resize_terminal(40, 10)
        await settle(pilot)
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        assert app.focused is not None
        assert app.focused.id == "timeline"
