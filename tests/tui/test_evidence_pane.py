"""The raw lines behind the timeline by keys: around a row's moment, searched, narrowed, made rows, and back."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.app import App

from app.review.records import Artifact, Pointer, Source
from screens.evidence_pane import EvidencePane
from tests.tui.driving import edits, running, said, settle, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import at, saved, small_review, with_evidence

WIDE = (140, 30)


async def until(pilot, met: Callable[[], bool]) -> None:
    """Wait for what a thread answers."""
    for _ in range(400):
        await pilot.pause()
        if met():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(frame(pilot.app))


async def opened(pilot) -> EvidencePane:
    await pilot.press("v")
    await until(
        pilot, lambda: isinstance(pilot.app.screen, EvidencePane) and bool(len(pilot.app.screen.grid.rows))
    )
    await until(pilot, lambda: "…" not in [row.cells[1] for row in pilot.app.screen.grid.rows[:3]])
    assert isinstance(pilot.app.screen, EvidencePane)
    return pilot.app.screen


def here(app: App[None]) -> str:
    """The line under the cursor, as it is drawn."""
    return next((line for line in frame(app).split("\n") if line.startswith("▌")), "")


def two_sources(root: Path, ahead: float = 0.0) -> Path:
    """Two logs of which the second has a clock of its own."""
    sources = []
    texts = {
        "S1": (
            "app",
            [f"2025-02-09T10:0{m}:{s:02d}Z INFO app {m}:{s}" for m in range(4, 8) for s in (0, 30)],
        ),
        "S2": (
            "db",
            [f"2025-02-09T10:0{m}:{s:02d}Z ERROR db {m}:{s}" for m in range(4, 8) for s in (10, 40)],
        ),
    }
    for key, (name, lines) in texts.items():
        path = f"evidence/{key}/{name}.log"
        artifact = Artifact(path=path, rows=len(lines), from_=at("10:04"), to=at("10:08"))
        sources.append(
            Source(
                id=key,
                kind="file",
                name=name,
                artifacts=(artifact,),
                clock_offset_s=ahead if key == "S2" else 0.0,
            )
        )
    folder = saved(root, small_review().model_copy(update={"sources": tuple(sources)}))
    for key, (name, lines) in texts.items():
        (folder / "evidence" / key).mkdir(parents=True)
        (folder / "evidence" / key / f"{name}.log").write_text("\n".join(lines))
    return folder


async def test_the_lines_of_all_sources_stand_around_the_moment_of_the_row(tmp_path: Path) -> None:
    async with running(tmp_path, two_sources(tmp_path), "timeline", WIDE) as (app, pilot):
        app.screen.query_one("#timeline").move_cursor("E2")  # 10:06:45
        await opened(pilot)
        assert "app 7:0" in here(app)
        shown = [line for line in frame(app).split("\n") if " app 6:" in line or " db 6:" in line]
        assert [("app" in line, line.split(":")[-1].split()[0]) for line in shown]
        order = [
            next(word for word in ("app 6:0", "db 6:10", "app 6:30", "db 6:40") if word in line)
            for line in shown
        ]
        assert order == ["app 6:0", "db 6:10", "app 6:30", "db 6:40"]
        assert line_with(app, "16 lines")


async def test_clocks_are_corrected_before_lines_are_merged(tmp_path: Path) -> None:
    async with running(tmp_path, two_sources(tmp_path, ahead=25.0), "timeline", WIDE) as (app, pilot):
        app.screen.query_one("#timeline").move_cursor("E2")
        await opened(pilot)
        assert line_with(app, "db 6:10").split()[0] == "10:06:35.000"
        text = frame(app)
        assert text.index("app 6:30") < text.index("db 6:10")


async def test_a_search_goes_from_match_to_match_and_round(tmp_path: Path) -> None:
    async with running(tmp_path, two_sources(tmp_path), "timeline", WIDE) as (app, pilot):
        await opened(pilot)
        await steps(pilot, "slash", "=DB 7:")
        await until(pilot, lambda: "db 7:10" in here(app))
        await steps(pilot, "enter", "n")
        await until(pilot, lambda: "db 7:40" in here(app))
        await steps(pilot, "n")
        await until(pilot, lambda: "db 7:10" in here(app))
        assert "From the other end." in said(app)
        await steps(pilot, "N")
        await until(pilot, lambda: "db 7:40" in here(app))
        await steps(pilot, "slash", "=nowhere [red]")
        await until(pilot, lambda: "No line holds “nowhere [red]”." in said(app))


async def test_a_line_becomes_a_row_that_keeps_its_pointer_and_its_raw_time(tmp_path: Path) -> None:
    async with running(tmp_path, two_sources(tmp_path, ahead=25.0), "timeline", WIDE) as (app, pilot):
        await opened(pilot)
        await steps(pilot, "slash", "=db 6:10")
        await until(pilot, lambda: "db 6:10" in here(app))
        await steps(pilot, "enter")
        session = await edits(pilot, "a")
        row = next(event for event in session.events if event.evidence)
        assert row.evidence == (Pointer(source="S2", artifact="evidence/S2/db.log", line=5),)
        assert (row.at, row.text, row.source) == (at("10:06:10"), "db 6:10", "db")
        assert here(app).split()[1] == "●" or "●" in here(app)
        await steps(pilot, "a")
        assert f"on the timeline as {row.id}" in said(app)
        await steps(pilot, "enter")
        assert app.screen.query_one("#timeline").cursor_key == row.id
        # From the row the pane opens at its line.
        await opened(pilot)
        assert "▸" in here(app)
        assert "db 6:10" in here(app)
        await steps(pilot, "escape")
        assert app.screen.query_one("#timeline").cursor_key == row.id


async def test_several_lines_become_rows_in_one_step(tmp_path: Path) -> None:
    async with running(tmp_path, two_sources(tmp_path), "timeline", WIDE) as (app, pilot):
        await opened(pilot)
        await steps(pilot, "ctrl+home", "space", "shift+down", "shift+down")
        session = await edits(pilot, "a")
        assert [event.text for event in session.events if event.evidence] == [
            "app 4:0",
            "db 4:10",
            "app 4:30",
        ]
        await steps(pilot, "u")
        assert not any(event.evidence for event in app.bench.session.events)


async def test_lines_are_narrowed_to_words_errors_and_a_source(tmp_path: Path) -> None:
    async with running(tmp_path, two_sources(tmp_path), "timeline", WIDE) as (app, pilot):
        pane = await opened(pilot)
        for keys, number, fact in (
            (("e",), 8, "errors only"),
            (("e",), 16, "16 lines"),
            (("f", "=6:"), 4, "only with “6:”"),
            (("enter", "s"), 2, "only"),
            (("s",), 4, "4 lines"),
            (("escape",), 16, "16 lines"),
        ):
            await steps(pilot, *keys)
            await until(pilot, lambda number=number: len(pane.grid.rows) == number)
            assert line_with(app, fact)


async def test_lines_stand_by_their_gist_or_as_they_were_written(tmp_path: Path) -> None:
    async with running(tmp_path, two_sources(tmp_path), "timeline", WIDE) as (app, pilot):
        await opened(pilot)
        assert "2025-02-09T10:05:30Z" not in here(app)
        await steps(pilot, "r")
        assert "2025-02-09T10:05:30Z INFO app 5:30" in here(app)
        await steps(pilot, "r", "slash", "=T10:07:10Z")
        await until(pilot, lambda: "T10:07:10Z ERROR db 7:10" in here(app))


async def test_one_goes_to_a_time_and_back(tmp_path: Path) -> None:
    async with running(tmp_path, two_sources(tmp_path), "timeline", WIDE) as (app, pilot):
        await opened(pilot)
        before = here(app)
        await steps(pilot, "g", "=10:07:05", "enter")
        await until(pilot, lambda: "db 7:10" in here(app))
        await steps(pilot, "b")
        await until(pilot, lambda: here(app) == before)


async def test_without_evidence_a_sentence_says_where_it_comes_from(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await steps(pilot, "v")
        assert "collect it on step 1" in said(app)


async def test_evidence_of_a_source_opens_at_its_first_error_and_enter_leads_to_the_timeline(
    tmp_path: Path,
) -> None:
    folder = with_evidence(tmp_path)
    async with running(tmp_path, folder, "collect", WIDE) as (app, pilot):
        await opened(pilot)
        await until(pilot, lambda: "pool exhausted" in here(app))
        assert "10:05:00" in here(app)
        await steps(pilot, "enter")
        await settle(pilot)
        assert app.current_mode == "timeline"


async def test_a_line_shows_a_factor_and_the_factor_leads_back_to_it(tmp_path: Path) -> None:
    async with running(tmp_path, with_evidence(tmp_path), "timeline", WIDE) as (app, pilot):
        await opened(pilot)
        session = await edits(pilot, "w", "=index", "enter")
        factor = next(each for each in session.factors if each.id == "F2")
        assert len(factor.evidence) == 1
        line = here(app)
        await steps(pilot, "w", "=index", "enter")
        assert "F2 points there already" in said(app)
        await steps(pilot, "escape", "3")
        app.screen.outline.move_cursor("F2")
        await pilot.press("V")
        await until(pilot, lambda: isinstance(app.screen, EvidencePane) and bool(len(app.screen.grid.rows)))
        await until(pilot, lambda: here(app) != "" and here(app).split()[-3:] == line.split()[-3:])
