"""Step 5 by keys: every part is written in place, the preview follows, the report goes out."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.review import edits as review_edits
from app.review.records import Distribution, Event, Passage, Session
from tests.tui.driving import edits, quiet, running, said, steps, type_text
from tests.tui.frames import frame, line_with
from tests.tui.reviews import at, saved, small_review
from widgets.preview import Preview


async def shown(holds: Callable[[], bool]) -> None:
    """Wait for what follows in a thread; a busy machine takes its time."""
    for _ in range(1_500):
        if holds():
            return
        await asyncio.sleep(0.02)
    assert holds()


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


async def test_one_key_shows_the_report_s_times_in_another_zone(tmp_path: Path) -> None:
    session = saved(tmp_path)
    async with running(tmp_path, session, "report") as (app, pilot):
        incident = app.bench.session.incident
        app.bench.edit(
            "Zone",
            lambda before: review_edits.set_incident(before, timezone="America/New_York"),
            "report",
        )
        preview = app.screen.query_one("#preview", Preview)
        await shown(lambda: "America/New_York" in str(preview.headings))
        await steps(pilot, "z")
        assert "The report's times are in UTC." in said(app)
        await shown(lambda: "all times UTC" in str(preview.headings))
        assert app.bench.session.incident == incident.model_copy(update={"timezone": "America/New_York"})


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


def claiming() -> Session:
    session = small_review()
    narrative = session.narrative.model_copy(
        update={
            "went_well": ("The incident lasted 9 hours.",),
            "summary": "Ask bob@acme.example, password=hunter2-x9.",
        }
    )
    return session.model_copy(update={"narrative": narrative})


async def test_a_claim_that_does_not_hold_leads_to_its_place_and_stands_with_its_basis(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, saved(tmp_path, claiming()), "report", (160, 60)) as (app, pilot):
        await quiet(pilot)
        await shown(lambda: "○ went well 1: “The" in frame(app))
        app.screen.query_one("#claims").focus()
        await steps(pilot, "enter")
        assert "What went well (one point a line)" in frame(app)
        await steps(pilot, "escape")
        app.screen.query_one("#claims").focus()
        session = await edits(pilot, "b", "=support hours", "enter")
        assert [(each.rule, each.reason) for each in session.accepted] == [("claim", "support hours")]
        await quiet(pilot)
        await shown(lambda: "✓ went well 1" in frame(app))


async def test_without_a_claim_in_hand_the_key_says_where_to_go(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "report") as (app, pilot):
        await quiet(pilot)
        await steps(pilot, "b")
        assert "Choose a claim" in said(app)


async def test_the_preview_masks_secrets_and_one_may_leave_with_a_reason(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, claiming()), "report", (160, 48)) as (app, pilot):
        await quiet(pilot)
        assert "hunter2" not in frame(app)
        assert "[e-mail:" in frame(app)
        await steps(pilot, "m")
        assert "2 masked wherever the report goes" in frame(app)
        assert "hunter2" not in frame(app)
        session = await edits(pilot, "=e-mail", "enter", "=the public address", "enter")
        assert [(each.rule, each.text) for each in session.accepted] == [
            ("secret.e-mail", "bob@acme.example")
        ]
        await quiet(pilot)
        assert "bob@acme.example" in frame(app)
        session = await edits(pilot, "m", "=e-mail", "enter")
        assert session.accepted == ()


async def test_the_public_version_is_shown_with_every_removal_before_it_is_written(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, claiming()), "report", (160, 48)) as (app, pilot):
        await quiet(pilot)
        await steps(pilot, "v", "=customer", "enter")
        await quiet(pilot)
        assert "What Happened" in frame(app)
        await steps(pilot, "w", "=repository", "enter")
        assert "things are taken out" in frame(app)
        assert "secret: bob@acme.example" in frame(app)
        await steps(pilot, "escape")
        assert not (app.bench.desk.folder / "reports").exists()
        await steps(pilot, "w", "=repository", "enter", "right", "enter")
        (path,) = (app.bench.desk.folder / "reports").glob("[!.]*")
        assert path.name.endswith("-customer-public.md")
        assert "bob@" not in path.read_text("utf-8")


def with_sections() -> Session:
    session = small_review()
    passages = (
        Passage(heading="Cost", text="5,000 EUR.", after="impact"),
        Passage(heading="Thanks", text="To all."),
    )
    return session.model_copy(
        update={"narrative": session.narrative.model_copy(update={"passages": passages})}
    )


async def test_a_section_of_ones_own_is_moved_written_and_removed_by_keys(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, with_sections()), "report", (160, 48)) as (app, pilot):
        await quiet(pilot)
        assert "behind Impact" in frame(app)
        await steps(pilot, "end", "up")
        session = await edits(pilot, "J")
        assert session.narrative.passages[0].after == "root_cause"
        await quiet(pilot)
        assert "behind Root Cause" in frame(app)
        await steps(pilot, "u")
        assert app.bench.session.narrative.passages[0].after == "impact"
        await steps(pilot, "enter")
        write(app, "6,000 EUR.")
        session = await edits(pilot, "ctrl+s")
        assert session.narrative.passages[0].text == "6,000 EUR."
        await steps(pilot, "enter")
        write(app, " ")
        session = await edits(pilot, "ctrl+s")
        assert [each.heading for each in session.narrative.passages] == ["Thanks"]


async def test_a_section_is_added_and_stands_in_the_report(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "report", (160, 48)) as (app, pilot):
        await quiet(pilot)
        await steps(pilot, "a")
        session = await edits(pilot, "=What it cost", "enter")
        (passage,) = session.narrative.passages
        assert (passage.heading, passage.after) == ("What it cost", "lessons")
        await quiet(pilot)
        assert "What it cost" in frame(app)
        await steps(pilot, "K")
        assert "Choose a section of your own" in said(app)


async def test_sections_are_switched_off_and_on_and_the_preview_follows(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, with_sections()), "report", (160, 48)) as (app, pilot):
        await quiet(pilot)

        def titles() -> list[str]:
            return [text for _, text in app.screen.query_one("#preview").headings]

        await shown(lambda: {"Summary", "Cost"} <= {*titles()})
        await steps(pilot, "o", "=your own", "enter", "escape")
        await shown(lambda: "Summary" in titles() and "Cost" not in titles())
        await steps(pilot, "o", "=your own", "enter", "escape")
        await shown(lambda: "Cost" in titles())


async def test_the_48_hours_and_those_who_have_the_report_are_on_the_screen(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "report") as (app, pilot):
        await quiet(pilot)
        due = app.screen.query_one("#due")
        app.bench.now = lambda: at("11:40")
        app.screen.show_session(app.bench.session)
        assert "47 h left of 48 h" in str(due.render())
        assert not due.has_class("-late")
        app.bench.now = lambda: at("11:40") + timedelta(days=9)
        app.screen.show_session(app.bench.session)
        assert "! not sent, and the incident ended" in str(due.render())
        assert due.has_class("-late")
        for name in ("team", "boss"):
            sent = Distribution(to=f"{name}@acme.example", sent_at=at("11:00"), how="mail")
            app.screen.edit(
                "Report sent", lambda session, sent=sent: review_edits.add(session, "distribution", sent)
            )
        await quiet(pilot)
        assert "2 receivers" in str(due.render())
        assert not due.has_class("-late")


async def test_headings_come_into_sight_and_the_item_in_hand_stays_in_it(tmp_path: Path) -> None:
    passages = tuple(Passage(heading=f"Section {number}", text="Words") for number in range(30))
    session = small_review().model_copy(deep=True)
    session = session.model_copy(
        update={"narrative": session.narrative.model_copy(update={"passages": passages})}
    )
    async with running(tmp_path, saved(tmp_path, session), "report", (80, 24)) as (app, pilot):
        await quiet(pilot)
        assert "parts to write" in frame(app)
        await steps(pilot, "end")
        assert "▌" in line_with(app, "Section 29")
        assert "parts to write" not in frame(app)
        # Back from another list, the last section is still in hand, and in sight.
        await steps(pilot, "tab", "shift+tab")
        assert "▌" in line_with(app, "Section 29")
        await steps(pilot, "home")
        assert "parts to write" in frame(app)
