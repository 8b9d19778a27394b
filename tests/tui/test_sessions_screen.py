"""The opening list: new reviews, the sample, the filter, open actions of all, and reviews that cannot be opened."""

from pathlib import Path

from app.demo import copy_sample
from app.history import Desk
from app.review.records import Session
from tests.tui.driving import quiet, running, said, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import saved, small_review


def titled(title: str) -> Session:
    session = small_review()
    return session.model_copy(update={"incident": session.incident.model_copy(update={"title": title})})


async def test_an_empty_list_says_how_to_begin(tmp_path: Path) -> None:
    async with running(tmp_path / "none") as (app, pilot):
        assert "No reviews yet: press n for a new one, or d to rehearse on the sample" in frame(app)
        await steps(pilot, "o")
        await steps(pilot, "escape", "enter", "u", "2", "p")
        assert app.current_mode == "sessions"


async def test_only_a_title_is_needed_for_a_new_review(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await steps(pilot, "n", "ctrl+s")
        assert "Title is needed." in frame(app)
        await steps(pilot, "=[red] pool ../../x", "enter", "enter", "=soonish", "ctrl+s")
        assert "“soonish” is not a time" in frame(app)
        await steps(pilot, "=", "ctrl+s")
        await quiet(pilot)
        assert app.current_mode == "collect"
        assert app.bench.session.incident.title == "[red] pool ../../x"
        assert app.bench.desk.folder.parent == tmp_path.resolve()
        await steps(pilot, "q")
        assert "[red] pool ../../x" in frame(app)
        await steps(pilot, "n", "escape")
        assert len(list(tmp_path.iterdir())) == 1


async def test_the_sample_is_opened_as_a_copy(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await steps(pilot, "d")
        await quiet(pilot)
        assert app.current_mode == "collect"
        assert app.bench.desk.folder.parent == tmp_path.resolve()
        assert app.bench.session.incident.title == "API Service Degradation"


async def test_the_list_shows_what_each_review_came_to_and_is_narrowed_while_typing(tmp_path: Path) -> None:
    saved(tmp_path, titled("Pool exhausted"), "a")
    saved(tmp_path, titled("Certificate expired"), "b")
    copy_sample(tmp_path)
    async with running(tmp_path, size=(120, 24)) as (app, pilot):
        line = line_with(app, "API Service Degradation")
        assert line.split()[-6:] == ["P1", "2025-02-09", "track", "6/7", "6", "-"]
        await steps(pilot, "slash", "=cert")
        assert len(app.screen.grid.rows) == 1
        await steps(pilot, "enter")
        await quiet(pilot)
        assert app.bench.session.incident.title == "Certificate expired"
        await steps(pilot, "q", "escape")
        assert len(app.screen.grid.rows) == 3


async def test_open_actions_of_all_reviews_are_one_list(tmp_path: Path) -> None:
    saved(tmp_path, titled("Pool exhausted"), "a")
    saved(tmp_path, titled("Certificate expired"), "b")
    async with running(tmp_path, size=(120, 40)) as (app, pilot):
        await steps(pilot, "o")
        shown = frame(app)
        assert shown.count("Alert on pool use") == 2
        assert "Certificate expired" in shown
        await steps(pilot, "escape")


async def test_a_review_that_is_broken_is_listed_with_its_sentence_and_harms_nothing(tmp_path: Path) -> None:
    saved(tmp_path, titled("Pool exhausted"), "good")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "session.toml").write_text("schema = 1\n[incident\ntitle = [red]\n")
    async with running(tmp_path, size=(120, 24)) as (app, pilot):
        line = line_with(app, "✗ broken")
        assert "line 2" in line or "line" in line
        app.screen.grid.move_cursor(str(broken))
        await steps(pilot, "enter")
        await quiet(pilot)
        assert app.current_mode == "sessions"
        assert "session.toml" in said(app)
        app.screen.grid.move_cursor(str(tmp_path / "good"))
        await steps(pilot, "enter")
        await quiet(pilot)
        assert app.current_mode == "collect"
    assert (broken / "session.toml").read_text().startswith("schema = 1\n[incident\n")


async def test_a_review_that_is_open_elsewhere_says_by_whom(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    with Desk.open(folder, who="alice"):
        async with running(tmp_path) as (app, pilot):
            await steps(pilot, "enter")
            await quiet(pilot)
            assert app.current_mode == "sessions"
            assert "alice" in said(app)


async def test_a_review_of_a_newer_version_opens_for_reading(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    path = folder / "session.toml"
    path.write_text(path.read_text().replace("schema = 1", "schema = 99"))
    (folder / "session.journal").unlink()
    async with running(tmp_path) as (app, pilot):
        await steps(pilot, "enter")
        await quiet(pilot)
        assert app.current_mode == "collect"
        assert "read only" in frame(app)
