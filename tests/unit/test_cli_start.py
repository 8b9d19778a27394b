"""How the program starts and ends: what it imports, which way it takes, and what is said when it fails."""

import ast
import importlib
import os
import pkgutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click import ClickException

import app
import collectors
from app import opening, problems
from app.__main__ import main
from app.history import Desk
from app.review.records import Event, Session
from app.store.errors import Locked, StoreError

HEAVY = (
    "textual",
    "rich",
    "httpx",
    "pydantic",
    "kubernetes",
    "jinja2",
    "polars",
    "icalendar",
    "app.store",
    "app.history",
)


def loaded_by(*words: str, **environment: str) -> tuple[int, set[str]]:
    """Run the program in a process of its own; its exit code and which heavy modules it imported."""
    code = (
        "import sys\nfrom app.__main__ import main\n"
        "try:\n    code = main(sys.argv[1:])\nexcept SystemExit as ended:\n    code = ended.code or 0\n"
        f"heavy = [name for name in {(*HEAVY, 'click', 'screens', 'collectors')!r} if name in sys.modules]\n"
        "print('loaded:', *heavy, file=sys.stderr)\nsys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
    )
    last = done.stderr.splitlines()[-1]
    assert last.startswith("loaded:"), done.stderr
    return done.returncode, set(last.split()[1:])


@pytest.mark.parametrize(
    "words", [("--version",), ("--help",), ("collect", "--help"), ("completion", "bash")]
)
def test_help_and_version_import_nothing_heavy(words: tuple[str, ...]) -> None:
    code, loaded = loaded_by(*words)
    assert code == 0
    assert loaded == {"click"}


def test_a_command_imports_only_what_it_needs(tmp_path: Path) -> None:
    code, loaded = loaded_by("list", "--sessions", str(tmp_path))
    assert code == 0
    assert loaded.isdisjoint(
        {"textual", "httpx", "kubernetes", "jinja2", "icalendar", "screens", "collectors"}
    )


def test_the_way_to_the_screens_goes_past_the_command_line(tmp_path: Path) -> None:
    code, loaded = loaded_by("open", "x", "--sessions", str(tmp_path))
    assert code == 2
    assert loaded.isdisjoint({"click", "httpx", "kubernetes", "jinja2", "icalendar", "collectors"})


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The ways into the screens, only noted."""
    taken: list[tuple[Any, ...]] = []

    def note(name: str) -> Any:
        return lambda *values: taken.append((name, *values)) or 0

    for name in ("review_list", "review", "demo"):
        monkeypatch.setattr(opening, name, note(name))
    return taken


@pytest.mark.parametrize(
    ("words", "way"),
    [
        ((), ("review_list", Path("sessions"))),
        (("--sessions", "d"), ("review_list", Path("d"))),
        (("--sessions=d",), ("review_list", Path("d"))),
        (("demo",), ("demo", Path("sessions"))),
        (("demo", "--sessions", "d"), ("demo", Path("d"))),
        (("--sessions", "d", "demo"), ("demo", Path("d"))),
        (("open", "x"), ("review", Path("sessions"), "x", "")),
        (("open", "x", "--screen", "whys"), ("review", Path("sessions"), "x", "whys")),
        (("open", "--screen=whys", "x", "--sessions=d"), ("review", Path("d"), "x", "whys")),
        (("--sessions", "d", "open", "x"), ("review", Path("d"), "x", "")),
    ],
)
def test_the_short_way_and_the_command_line_understand_the_same(
    ways: list[tuple[Any, ...]], words: tuple[str, ...], way: tuple[Any, ...]
) -> None:
    from app.cli import run

    assert main(list(words)) == 0
    assert run(words) == 0
    assert ways == [way, way]


@pytest.mark.parametrize(
    "words",
    [
        ("open",),
        ("open", "x", "y"),
        ("open", "x", "--screen", "nowhere"),
        ("open", "x", "--screen"),
        ("demo", "x"),
        ("demo", "--screen", "whys"),
        ("--screen", "whys"),
        ("list", "--screen", "whys"),
        ("open", "x", "--sessions"),
    ],
)
def test_wrong_usage_never_reaches_the_screens(
    ways: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert main(list(words)) == 2
    assert ways == []
    assert "Traceback" not in capsys.readouterr().err


def test_the_steps_are_those_of_the_screens() -> None:
    from screens.workbench import STEPS

    assert opening.STEPS == STEPS


@pytest.mark.parametrize("words", [(), ("demo",), ("open", "x")])
def test_without_a_terminal_it_is_said_and_nothing_is_copied(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--sessions", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("The screens need a terminal")
    assert list(tmp_path.iterdir()) == []


# Endings


def test_a_review_that_is_open_elsewhere_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Desk.create(tmp_path / "review", Session()):
        assert main(["source", "review", "add", "file", "--set", "path=x", "--sessions", str(tmp_path)]) == 2
    assert "open elsewhere" in capsys.readouterr().err


def test_a_fault_of_the_program_says_where_the_review_is_and_shows_no_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "review"
    Desk.create(folder, Session()).close()

    def broken(_session: Session) -> None:
        token = "s3cret-token"  # noqa: F841 - what a traceback with local variables would show
        raise KeyError("fault")

    monkeypatch.setattr("app.review.checklist.checklist", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["check", "review", "--sessions", str(tmp_path)]) == problems.CRASHED == 70
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert str(folder) in said
    (crash,) = tmp_path.glob("blamefree-crash-*.txt")
    assert "in broken" in crash.read_text()
    assert "s3cret-token" not in said + crash.read_text()


def test_ctrl_c_ends_with_130_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_root: Path) -> list[Any]:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.store.catalogue.sessions", interrupted)
    assert main(["list", "--sessions", str(tmp_path)]) == 130
    assert capsys.readouterr().err.strip() == ""


def test_a_collection_that_is_interrupted_keeps_the_review_and_shows_no_traceback(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        program = [sys.executable, "-m", "app"]
        facts = ["--start", "2025-02-09T10:00:00Z", "--source", f"prometheus:url=http://127.0.0.1:{port}"]
        subprocess.run(
            [*program, "new", "slow", *facts, "--sessions", "s"], cwd=tmp_path, check=True, env=child()
        )
        running = subprocess.Popen(
            [*program, "collect", "slow", "--sessions", "s"],
            cwd=tmp_path,
            env=child(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        silent.settimeout(60)
        connection, _ = silent.accept()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
        connection.close()
    assert running.returncode == 130
    assert "Traceback" not in err
    assert "cancelled" in out
    (folder,) = (tmp_path / "s").iterdir()
    Desk.open(folder).close()


def child() -> dict[str, str]:
    """The environment of a process that finds this tree."""
    return os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent.parent)}


def test_a_pipe_that_closes_early_is_no_error_to_speak_of(tmp_path: Path) -> None:
    for number in range(3):
        Desk.create(tmp_path / f"review-{number}", Session()).close()
    command = f"{sys.executable} -m app list --json --sessions {tmp_path} | true"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, env=child())
    assert done.stderr == ""


def test_an_old_encoding_of_the_terminal_does_not_end_in_a_crash(tmp_path: Path) -> None:
    Desk.create(tmp_path / "review", Session(events=(Event(text="x"),))).close()
    done = subprocess.run(
        [sys.executable, "-m", "app", "check", "review", "--sessions", str(tmp_path)],
        capture_output=True,
        check=False,
        env=child() | {"PYTHONIOENCODING": "latin-1"},
    )
    assert done.returncode == 1
    assert rb"No row is marked \u201cstarted\u201d" in done.stdout


def our_modules() -> list[str]:
    return [
        each.name
        for package in (app, collectors)
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not each.name.startswith(("app.tui", "app.__main__"))
    ]


INTERNAL = {
    # Turned into one of the others, or into an outcome, before a person could see them.
    "Cancel",
    "DeltaConflict",
    "DeltaError",
    "NeedsProgram",
    "NotStorable",
    "BothChanged",
}


def test_every_error_for_people_is_told_as_a_sentence() -> None:
    errors: list[str] = []
    for name in our_modules():
        module = importlib.import_module(name)
        for each in ast.parse(Path(str(module.__file__)).read_text()).body:
            found = getattr(module, each.name) if isinstance(each, ast.ClassDef) else None
            if not (isinstance(found, type) and issubclass(found, Exception)) or found.__name__ in INTERNAL:
                continue
            known = [
                getattr(importlib.import_module(where), one)
                for where, names in problems.SENTENCES.items()
                for one in names
            ]
            if not issubclass(found, (*known, ClickException)):
                errors.append(f"{name}.{found.__name__}")
    assert errors == []


def test_errors_of_the_system_name_the_file_and_the_reason() -> None:
    assert (
        problems.sentence(FileNotFoundError(2, "No such file or directory", "/x"))
        == "/x could not be used (No such file or directory): see to it, or choose another place."
    )
    assert "(odd)" in str(problems.sentence(OSError("odd")))
    assert problems.sentence(Locked("it is open")) == "it is open"
    assert problems.sentence(StoreError("x")) == "x"
    assert problems.sentence(ValueError("a fault")) is None


def test_opening_a_review_imports_no_writer_of_reports() -> None:
    code = (
        "import sys\nimport app.tui, app.opening, screens.timeline\n"
        "wrong = {'app.report.view', 'app.redaction', 'app.markdown', 'app.importing', 'app.tracking', 'httpx'}\n"
        "sys.exit(' '.join(sorted(wrong & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
