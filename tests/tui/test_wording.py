"""The language check while people write: seen below the field, taken or left to stand with one key, listed."""

from pathlib import Path

from textual.widgets import Input

from app.review import edits as change
from app.review.records import Session
from screens.frame import StepScreen
from tests.tui.driving import edits, enter, quiet, running, said, steps, type_text
from tests.tui.frames import frame
from tests.tui.reviews import saved, small_review
from widgets.wording import WordingLine


def speaks(screen: StepScreen) -> str:
    line = screen.query_one(WordingLine)
    return f"{line.advice.rule} {line.advice.words} {line.advice.better}".strip() if line.advice else ""


async def test_a_finding_appears_while_typing_and_the_focus_stays(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await pilot.press("n")
        field = app.focused
        await type_text(pilot, "10:20 it was obvious")
        assert speaks(app.screen).startswith("H01 obvious")
        assert app.focused is field
        assert "H01" in frame(app)
        await type_text(pilot, " x")
        assert app.focused is field
        await steps(pilot, "=10:20 the graph was red")
        assert speaks(app.screen) == ""


async def test_one_key_takes_the_better_wording_into_the_line(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await pilot.press("n")
        await steps(pilot, "=10:20 @dan clearly saw the pool #symptom", "ctrl+r")
        field = app.focused
        assert isinstance(field, Input)
        assert "clearly" not in field.value
        assert field.value.startswith("10:20 @dan")
        assert field.value.endswith("#symptom")


async def test_one_key_lets_a_typed_sentence_stand_as_it_will_be_kept(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await pilot.press("n")
        await steps(pilot, "=10:20 the vendor calls it human error #symptom", "ctrl+g")
        await enter(pilot, "their words")
        assert app.bench.session.accepted[0].text == "the vendor calls it human error"
        await steps(pilot, "enter")
        event = next(each for each in app.bench.session.events if "vendor" in each.text)
        app.screen.grid.focus()
        app.screen.grid.move_cursor(event.id)
        await pilot.pause()
        assert speaks(app.screen) == ""


async def test_the_row_under_the_cursor_is_spoken_of_and_mended(tmp_path: Path) -> None:
    review = change.change(small_review(), "events", {"E3"}, text="obviously the pool was full")
    async with running(tmp_path, saved(tmp_path, review), "timeline") as (app, pilot):
        app.screen.grid.move_cursor("E3")
        await pilot.pause()
        assert speaks(app.screen).startswith("H01")
        session = await edits(pilot, "ctrl+r")
        assert next(each.text for each in session.events if each.id == "E3") == "The pool was full"
        assert speaks(app.screen) == ""


async def test_cells_of_names_and_dates_are_left_alone(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", (160, 24)) as (app, pilot):
        for column, speaks_there in (("owner", False), ("text", True), ("done_when", True)):
            app.screen.grid.move_cursor("AI-001", column)
            await steps(pilot, "enter", "=human error")
            assert bool(speaks(app.screen)) is speaks_there, column
            await pilot.press("escape")


async def test_the_list_names_every_finding_and_goes_there(tmp_path: Path) -> None:
    review = change.change(small_review(), "factors", {"F3"}, text="the engineer failed to look")
    review = change.set_narrative(review, lessons=("fine", "it was preventable"))
    async with running(tmp_path, saved(tmp_path, review), "timeline", (120, 30)) as (app, pilot):
        await steps(pilot, "L")
        shown = frame(app)
        assert "B04 F3" in shown
        assert "C03 lessons" in shown
        await steps(pilot, "=F3", "enter")
        await quiet(pilot)
        assert app.current_mode == "whys"
        assert app.screen.outline.cursor_key == "F3"
        assert speaks(app.screen).startswith("B04")
        await steps(pilot, "L", "=preventable", "enter")
        await quiet(pilot)
        assert app.current_mode == "report"
        assert app.screen.has_class("-writing")
        assert speaks(app.screen).startswith("C03")


async def test_without_a_finding_the_keys_say_so(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        before: Session = app.bench.session
        for key, sentence in (("ctrl+r", "here"), ("ctrl+g", "here"), ("L", "about this review")):
            await steps(pilot, key)
            assert f"nothing to say {sentence}" in said(app)
        assert app.bench.session == before


async def test_the_report_is_read_while_it_is_written(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "report") as (app, pilot):
        await steps(pilot, "e")
        await type_text(pilot, "Obviously it failed. ")
        await quiet(pilot)
        assert speaks(app.screen).startswith("H01")
        await pilot.press("ctrl+r")
        await quiet(pilot)
        assert app.screen.query_one("#editor").text.startswith("It failed. ")
        assert "The pool was full." in app.screen.query_one("#editor").text


async def test_presenting_leaves_rows_in_peace(tmp_path: Path) -> None:
    review = change.change(small_review(), "events", {"E3"}, text="obviously the pool was full")
    async with running(tmp_path, saved(tmp_path, review), "timeline") as (app, pilot):
        await pilot.press("f5")
        app.screen.grid.move_cursor("E3")
        await pilot.pause()
        assert speaks(app.screen) == ""


async def test_hostile_words_are_shown_as_they_are(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline", (120, 30)) as (app, pilot):
        await pilot.press("n")
        await steps(
            pilot, "=10:20 obviously [red]it[/] [ @click=app.quit]failed \u202e \x1b]0;x\x07 " + "x" * 3000
        )
        assert speaks(app.screen)
        assert "H01" in frame(app)


async def test_dialogs_that_ask_for_a_sentence_speak_up_too(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "actions", (120, 30)) as (app, pilot):
        await steps(pilot, "ctrl+home", "d", "=obviously the graph shows it")
        line = app.screen.query_one(WordingLine)
        assert line.advice is not None
        assert line.advice.rule == "H01"
        assert "let it stand" not in frame(app)
        await steps(pilot, "ctrl+r")
        assert app.focused.value == "The graph shows it"
        assert line.advice is None
        await steps(pilot, "enter")
        assert app.bench.session.actions[0].done_when == "The graph shows it"
