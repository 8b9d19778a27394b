"""The opening list: new reviews, the sample, the filter, open actions of all, and reviews that cannot be opened."""

from datetime import date
from pathlib import Path

from app.demo import copy_sample
from app.history import Desk
from app.review import edits
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
    async with running(tmp_path, size=(160, 40)) as (app, pilot):
        await steps(pilot, "o")
        shown = frame(app)
        assert shown.count("Alert on pool use") == 2
        assert "Certificate expired" in shown
        assert "due within seven days (4)" in shown
        assert "without a date (2)" in shown
        assert "6 open, 0 overdue · nobody: 2 open · @alice: 2 open, 2 due soon" in shown
        assert "▲ high priority without a sponsor (2): AI-002 Show query plans" in shown
        await steps(pilot, "o")
        assert frame(app).index("nobody (2)") < frame(app).index("@alice (2)") < frame(app).index("@bob (2)")
        await steps(pilot, "y")
        assert app.clipboard.startswith("| Due | Owner |")
        await steps(pilot, "escape")
        assert "blamefree   reviews" in frame(app)


async def test_enter_on_an_open_action_goes_to_it_in_its_review(tmp_path: Path) -> None:
    saved(tmp_path, titled("Pool exhausted"), "a")
    folder = saved(tmp_path, titled("Certificate expired"), "b")
    async with running(tmp_path, size=(120, 40)) as (app, pilot):
        await steps(pilot, "o")
        app.screen.grid.move_cursor(f"{folder}\nAI-002")
        await steps(pilot, "enter")
        await quiet(pilot)
        assert app.current_mode == "actions"
        assert app.bench.session.incident.title == "Certificate expired"
        assert app.screen.grid.cursor_key == "AI-002"
        await steps(pilot, "q")
        assert "blamefree   reviews" in frame(app)


async def test_what_was_done_lately_stands_below_the_open_actions(tmp_path: Path) -> None:
    session = edits.change(small_review(), "actions", {"AI-001"}, status="done", closed_on=date(2025, 2, 9))
    session = edits.change(session, "actions", {"AI-003"}, status="done", closed_on=date(2025, 1, 9))
    saved(tmp_path, session)
    async with running(tmp_path, size=(120, 30)) as (app, pilot):
        await steps(pilot, "o")
        assert "closed since 2025-02-03 (1)" in frame(app)
        assert line_with(app, "done 02-09").split()[2:5] == ["@bob", "Alert", "on"]


async def test_syncing_without_any_ticket_asks_no_tracker(tmp_path: Path) -> None:
    saved(tmp_path)
    async with running(tmp_path) as (app, pilot):
        await steps(pilot, "o", "s")
        assert "The tickets' states are those of the trackers now." in said(app)


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
