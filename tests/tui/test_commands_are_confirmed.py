"""A command in a review is shown word for word before it runs, and Cancel is where the cursor stands."""

from pathlib import Path

from app.review.records import Source
from collectors.confirmed import is_confirmed
from collectors.interface import Command, Lent
from tests.tui.driving import quiet, running, said, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import saved, small_review


def hostile(root: Path, *argv: str) -> Path:
    one = Source(id="S1", kind="command", name="[b]harmless[/b]", settings={"argv": list(argv)})
    return saved(root, small_review().model_copy(update={"sources": (one,)}))


async def test_enter_on_the_dialog_runs_nothing(tmp_path: Path) -> None:
    trace = tmp_path / "it-ran"
    folder = hostile(tmp_path, "touch", str(trace), "[@click=app.quit]x[/]\x1b[2J")
    async with running(tmp_path, folder, "collect", (100, 30)) as (app, pilot):
        await steps(pilot, "r")
        shown = frame(app)
        assert "Run this command of 3 words?" in shown
        assert "1  touch" in shown
        assert "3  [@click=app.quit]x[/]^[[2J" in shown
        assert str(Path.home()) in shown
        await steps(pilot, "enter")
        await quiet(pilot)
        assert "was not run" in said(app)
        assert not trace.exists()
        assert not app.bench.session.sources[0].artifacts
        await steps(pilot, "R", "escape")
        assert not trace.exists()


async def test_a_confirmed_command_runs_and_is_not_asked_about_again(tmp_path: Path) -> None:
    folder = hostile(tmp_path, "echo", "2025-02-09T10:06:00Z it works")
    async with running(tmp_path, folder, "collect", (100, 30)) as (app, pilot):
        await steps(pilot, "r", "tab", "enter")
        while app.screen.gathering.running:  # type: ignore[attr-defined]
            await pilot.pause(0.02)
        await quiet(pilot)
        assert is_confirmed(Command(("echo", "2025-02-09T10:06:00Z it works"), Path.home()))
        assert "✓" in line_with(app, "harmless")
        await steps(pilot, "r")
        assert "Run this command" not in frame(app)
        while app.screen.gathering.running:  # type: ignore[attr-defined]
            await pilot.pause(0.02)
        await quiet(pilot)


async def test_what_stands_below_the_edge_of_the_dialog_can_be_seen_by_keys(tmp_path: Path) -> None:
    """Forty harmless words in front of the one that matters hide it from nobody."""
    folder = hostile(
        tmp_path, "echo", *(f"harmless-{number}" for number in range(40)), "--and-delete-everything"
    )
    async with running(tmp_path, folder, "collect", (80, 24)) as (app, pilot):
        await steps(pilot, "r")
        assert "Run this command of 42 words? ↑ ↓ show all of it" in frame(app)
        assert "--and-delete-everything" not in frame(app)
        await steps(pilot, *["pagedown"] * 6)
        assert "42  --and-delete-everything" in frame(app)
        await steps(pilot, "enter")
        await quiet(pilot)
        assert "was not run" in said(app)


async def test_a_command_or_a_clone_on_the_capture_line_is_understood(tmp_path: Path) -> None:
    clone = tmp_path / "api"
    (clone / ".git").mkdir(parents=True)
    async with running(tmp_path, saved(tmp_path), "collect", (120, 24)) as (app, pilot):
        await steps(pilot, "n", "=command echo 'a b'")
        assert "command: Enter adds it" in frame(app)
        await steps(pilot, "ctrl+u", "=command echo 'a b")
        assert "A quote is not closed" in frame(app)
        await steps(pilot, "ctrl+u", f"={clone}")
        assert "git: Enter adds it" in frame(app)
        await steps(pilot, "ctrl+u", "=command echo 'a b'", "enter")
        assert "2  a b" in frame(app)
        await steps(pilot, "escape")
        assert app.bench.session.sources[0].settings == {"argv": ["echo", "a b"]}


async def test_a_token_for_a_server_is_asked_about_unless_it_was_typed_here(tmp_path: Path) -> None:
    settings = {"url": "https://prom.acme.example", "token_env": "DEPLOY_KEY"}
    one = Source(id="S1", kind="prometheus", name="[b]prom[/b]", settings=settings)
    folder = saved(tmp_path, small_review().model_copy(update={"sources": (one,)}))
    pair = Lent("token", "DEPLOY_KEY", "prom.acme.example")
    async with running(tmp_path, folder, "collect", (80, 24)) as (app, pilot):
        await steps(pilot, "r")
        assert "your token DEPLOY_KEY would be sent to prom.acme.example" in frame(app)
        await steps(pilot, "enter")
        await quiet(pilot)
        assert "was not run" in said(app)
        assert not app.bench.session.sources[0].gaps
        await steps(pilot, "e", "ctrl+s")
        assert not is_confirmed(pair)
        await steps(pilot, "a", "=prometheus", "enter", "=https://prom.acme.example")
        await steps(pilot, *["enter"] * 5, "=DEPLOY_KEY", "ctrl+s")
        app.screen.gathering.cancel()  # type: ignore[attr-defined]
        await quiet(pilot)
        assert app.bench.session.sources[1].settings == settings
        assert is_confirmed(pair)
