"""Step 5 by keys: every part is written in place, the preview follows, the report goes out."""

import json
from pathlib import Path

import pytest

from app.review.records import Event
from tests.tui.driving import edits, quiet, running, said, steps, type_text
from tests.tui.frames import frame, line_with
from tests.tui.reviews import at, saved, small_review


def write(app: object, text: str) -> None:
    app.screen.query_one("#editor").text = text  # type: ignore[attr-defined]


async def test_a_part_is_written_in_place_and_the_preview_follows(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "report") as (app, pilot):
        await quiet(pilot)
        assert "The pool was full." in frame(app)
        await steps(pilot, "enter")
        assert "Summary (Markdown) · Ctrl+S keeps, Esc gives up" in frame(app)
        write(app, "It was [red]full[/] ^ \x1b]0;x\x07.")
        session = await edits(pilot, "ctrl+s")
        assert session.narrative.summary == "It was [red]full[/] ^ ^[]0;x^G."
        await quiet(pilot)
        assert "It was [red]full[/]" in frame(app)
        assert app.screen.parts.has_focus


async def test_a_part_with_points_has_one_a_line(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "report") as (app, pilot):
        await steps(pilot, *["down"] * 5, "enter")
        assert "What went well (one point a line)" in frame(app)
        write(app, "- the alert fired\n\n  two people helped \n")
        session = await edits(pilot, "ctrl+s")
        assert session.narrative.went_well == ("the alert fired", "two people helped")
        session = await edits(pilot, "n", "=calm voices", "enter")
        assert session.narrative.went_well[-1] == "calm voices"
        assert "✓ What went well" in frame(app)


async def test_impacts_that_stay_keep_their_ids_and_all_they_know(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "report") as (app, pilot):
        known = app.bench.session.impacts[0]
        await steps(pilot, "down", "enter")
        write(app, "2,000 pages were slow (estimated)\n40,000 failed requests")
        session = await edits(pilot, "ctrl+s")
        assert session.impacts[1] == known
        added = session.impacts[0]
        assert (added.value, added.text, added.estimated) == (2000, "pages were slow", True)
        assert added.id not in {"", "I1", "I2"}


async def test_giving_up_leaves_the_part_as_it_was(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "report") as (app, pilot):
        before = app.bench.session
        await steps(pilot, "enter")
        write(app, "something else")
        await steps(pilot, "escape")
        await steps(pilot, "enter", "ctrl+s")
        assert app.bench.session == before
        assert app.screen.query_one("#preview").display


async def test_items_and_findings_lead_to_their_place(tmp_path: Path) -> None:
    session = small_review()
    blaming = session.model_copy(
        update={
            "narrative": session.narrative.model_copy(update={"summary": "Bob should have known."}),
            "events": (*session.events, Event(id="E9", at=at("10:20"), text="Bob made a stupid mistake")),
        }
    )
    async with running(tmp_path, saved(tmp_path, blaming), "report", (160, 48)) as (app, pilot):
        await quiet(pilot)
        assert "should have" in line_with(app, "○ ") or "should have" in frame(app)
        findings = app.screen.query_one("#findings")
        places = [place.where for place in app.screen._findings]
        assert "summary" in places
        findings.focus()
        await steps(pilot, *["down"] * places.index("summary"), "enter")
        assert "Summary (Markdown)" in frame(app)
        await steps(pilot, "escape")
        elsewhere = next(place.screen for place in app.screen._findings if place.screen != "report")
        findings.focus()
        index = next(n for n, place in enumerate(app.screen._findings) if place.screen == elsewhere)
        await steps(pilot, "home", *["down"] * index, "enter")
        assert app.current_mode == elsewhere
        await steps(pilot, "alt+5")
        app.screen.query_one("#items").focus()
        await steps(pilot, "down", "enter")
        assert app.current_mode == "whys"


@pytest.mark.parametrize("kind", ["md", "html", "json"])
async def test_the_report_is_written_to_a_file(tmp_path: Path, kind: str) -> None:
    async with running(tmp_path, saved(tmp_path), "report") as (app, pilot):
        before = app.bench.session
        word = {"md": "repository", "html": "prints", "json": "programs"}[kind]
        await steps(pilot, "w", f"={word}", "enter")
        (path,) = (app.bench.desk.folder / "reports").glob("[!.]*")
        assert path.suffix == f".{kind}"
        assert f"Written: {path}"[:60] in said(app)
        text = path.read_text("utf-8")
        assert "The pool was full." in text
        if kind == "json":
            assert json.loads(text)
        assert app.bench.session == before


async def test_the_report_is_copied_through_the_terminal(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "report") as (app, pilot):
        await steps(pilot, "y")
        assert app.clipboard.startswith("# Post-Mortem: Pool exhausted")
        assert "clipboard" in said(app)


async def test_what_was_being_written_is_kept_when_another_step_is_shown(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "report") as (app, pilot):
        await steps(pilot, "enter")
        await type_text(pilot, "Yes. ")
        await steps(pilot, "alt+2", "alt+5")
        shown = app.screen.query_one("#editor").text
        assert shown.startswith("Yes. ") or app.bench.session.narrative.summary.startswith("Yes. ")
