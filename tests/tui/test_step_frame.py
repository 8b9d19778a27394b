"""What works the same on every step: jumping, undo across a restart, parking, prompts, clock, drafts, resuming."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.review.agenda import agenda
from app.review.prompts import prompts
from app.tui import Blamefree
from screens.frame import StepScreen
from screens.workbench import STEPS
from tests.tui.driving import NOW, edits, quiet, running, said, steps, type_text
from tests.tui.frames import frame
from tests.tui.reviews import saved, small_review


def row_of(app: Blamefree) -> str:
    return app.screen.query("Grid, Outline").first().cursor_key  # type: ignore[attr-defined]


async def test_steps_are_jumped_to_by_number_and_with_alt_while_typing(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "collect") as (app, pilot):
        for number, name in enumerate(STEPS, 1):
            await steps(pilot, str(number))
            assert app.current_mode == name
        await steps(pilot, "n", "2")
        assert app.current_mode == "track"
        assert app.screen.capture.text == "2"
        await steps(pilot, "alt+2")
        assert app.current_mode == "timeline"
        await pilot.click("StepBar", offset=(frame(app).split("\n")[1].index("4 Act"), 1))
        await steps(pilot)
        assert app.current_mode == "actions"


async def test_undo_and_redo_go_on_after_a_restart(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    async with running(tmp_path, folder, "timeline") as (app, pilot):
        await steps(pilot, "n", "=10:20 all clear", "enter", "escape", "3")
        await steps(pilot, "n", "=nobody saw it", "enter", "escape", "u")
        assert len(app.bench.session.factors) == 4
    async with running(tmp_path, folder, "timeline") as (app, pilot):
        await steps(pilot, "U")
        assert len(app.bench.session.factors) == 5
        await steps(pilot, "u", "u")
        assert app.bench.session.events == small_review().events
        await steps(pilot, "U")
        assert len(app.bench.session.events) == 5
        assert "Done again: Add “all clear”" in said(app)


@pytest.mark.parametrize("step", STEPS)
async def test_an_idea_is_parked_from_every_step(tmp_path: Path, step: str) -> None:
    async with running(tmp_path, saved(tmp_path), step) as (app, pilot):
        await steps(pilot, "n", "=p what about [the] cache?")
        assert "park: “what about [the] cache?”" in frame(app)
        session = await edits(pilot, "enter")
        assert session.parked[-1].text == "what about [the] cache?"
        if step == "whys":
            await steps(pilot, "escape")
            session = await edits(pilot, "p", "=a fix", "enter")
            assert session.parked[-1].text == "a fix"
            await steps(pilot, "p", "escape")
            assert app.bench.session == session


async def test_prompts_go_on_and_back_and_hide_before_an_audience(tmp_path: Path) -> None:
    known = prompts("timeline")
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        assert known[0] in frame(app)
        await steps(pilot, "right_square_bracket")
        assert known[1] in frame(app)
        await steps(pilot, "left_square_bracket", "left_square_bracket")
        assert known[-1] in frame(app)
        await pilot.click("PromptLine", offset=(10, 0))
        await steps(pilot)
        assert known[0] in frame(app)
        await steps(pilot, "f5")
        assert known[0] not in frame(app)
        assert "Presenter mode: prompts and private notes are hidden." in said(app)
        await steps(pilot, "1")
        assert prompts("collect")[0] not in frame(app)
        await steps(pilot, "f5")
        assert prompts("collect")[0] in frame(app)


async def test_the_clock_runs_the_agenda_and_can_be_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = agenda(30)
    async with running(tmp_path, saved(tmp_path), "timeline", (160, 30)) as (app, pilot):
        await steps(pilot, "f9", "=30", "enter")
        assert parts[0].name in frame(app)
        await steps(pilot, "f9")
        assert "held" in frame(app)
        await steps(pilot, "f9")
        assert "held" not in frame(app)
        monkeypatch.setattr(app.bench.clock, "_now", lambda: NOW + timedelta(hours=2))
        app._tick()
        await steps(pilot)
        assert f"{parts[-1].name} +" in frame(app)


async def test_the_checklist_leads_to_the_step_that_can_tick_an_item(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "collect") as (app, pilot):
        await steps(pilot, "l", "=follow-up", "enter")
        assert app.current_mode == "track"
        await quiet(pilot)
        bar = frame(app).split("\n")[1]
        await pilot.click("StepBar", offset=(bar.index("/7"), 1))
        await steps(pilot, "=owners", "enter")
        assert app.current_mode == "actions"


@pytest.mark.parametrize("step", STEPS)
async def test_the_keys_of_every_step_can_be_looked_up(tmp_path: Path, step: str) -> None:
    async with running(tmp_path, saved(tmp_path), step, (80, 60)) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, StepScreen)
        await steps(pilot, "question_mark")
        shown = " ".join(frame(app).split())
        for binding in type(screen).BINDINGS:
            assert f" {binding.description} " in shown, binding
        assert "Jump to a step; alt works while typing" in shown


async def test_keys_of_the_last_line_can_be_clicked(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        bar = frame(app).split("\n")[-1]
        await pilot.click("KeyBar", offset=(bar.index("Edit"), 0))
        await steps(pilot)
        assert app.screen.grid.editing
        await steps(pilot, "escape")
        bar = frame(app).split("\n")[-1]
        await pilot.click("KeyBar", offset=(bar.index("Delete"), 0))
        await steps(pilot)
        assert len(app.bench.session.events) == 3
        await pilot.click("KeyBar", offset=(bar.index("Type"), 0))
        await steps(pilot)
        assert app.screen.capture.has_caret


async def test_the_palette_offers_what_has_no_key(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await steps(pilot, "ctrl+p")
        await type_text(pilot, "incident")
        await quiet(pilot)
        await steps(pilot, "enter")
        await quiet(pilot)
        assert "What that means" in frame(app)
        session = await edits(pilot, "=Pool was full", "enter", "=P1", "ctrl+s")
        assert (session.incident.title, session.incident.severity) == ("Pool was full", "P1")
        assert session.incident.started_at == small_review().incident.started_at
        assert "Pool was full · P1" in frame(app)
        await steps(pilot, "ctrl+p")
        await type_text(pilot, "hist")
        await quiet(pilot)
        await steps(pilot, "enter")
        await quiet(pilot)
        assert "Change the incident's facts" in frame(app)


async def test_facts_that_are_none_are_said_in_the_form(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        before = app.bench.session
        app.screen.edit_incident()
        await pilot.pause()
        await steps(pilot, "=", "ctrl+s")
        assert "Title is needed." in frame(app)
        await steps(pilot, "=x", "down", "down", "down", "=soon", "ctrl+s")
        assert "“soon” is not a time" in frame(app)
        await steps(pilot, "=", "down", "down", "=Nowhere/Land", "ctrl+s")
        assert "is not a time zone" in frame(app)
        await steps(pilot, "escape")
        assert app.bench.session == before


async def test_half_a_line_is_there_again_after_a_restart(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    async with running(tmp_path, folder, "whys") as (app, pilot):
        await steps(pilot, "n", "=half a sen")
        await steps(pilot, "alt+2", "n", "=10:15 somebody", "escape", "q")
        assert app.current_mode == "sessions"
    async with running(tmp_path, folder, "whys") as (app, pilot):
        assert app.screen.capture.text == "half a sen"
        await steps(pilot, "n", "enter", "escape")
        assert app.bench.session.factors[-1].text == "half a sen" or "half a sen" in frame(app)
        await steps(pilot, "2")
        assert app.screen.capture.text == "10:15 somebody"
    async with running(tmp_path, folder, "whys") as (app, pilot):
        assert app.screen.capture.text == ""


async def test_a_review_is_resumed_where_it_was_left(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    async with running(tmp_path, folder, "timeline") as (app, pilot):
        app.screen.grid.move_cursor("E3")
        await steps(pilot, "q")
        assert "Pool exhausted" in frame(app)
        await steps(pilot, "enter")
        await quiet(pilot)
        assert (app.current_mode, row_of(app)) == ("timeline", "E3")
        await steps(pilot, "4", "down", "ctrl+q")
    async with running(tmp_path, folder) as (app, pilot):
        assert (app.current_mode, row_of(app)) == ("actions", "AI-002")


async def test_a_terminal_that_is_too_small_says_so_and_comes_back(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    async with running(tmp_path, folder, "timeline") as (app, pilot):
        await pilot.resize_terminal(40, 10)
        await steps(pilot)
        assert "This terminal is too small" in " ".join(frame(app).split())
        assert "errors appear" not in frame(app)
        await pilot.resize_terminal(80, 24)
        await steps(pilot, "down", "d")
        assert len(app.bench.session.events) == 3
    async with running(tmp_path, size=(40, 10)) as (app, pilot):
        assert "This terminal is too small" in " ".join(frame(app).split())
        await pilot.resize_terminal(60, 16)
        await steps(pilot)
        assert "Pool exhausted" in frame(app)
