"""What holds for every command: it explains itself, its data can be read by programs, and a pipe may close early."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest

from app.__main__ import main
from app.cli import cli
from app.history import Desk
from app.review import edits
from app.review.records import Tracking
from tests.fakes.classic_review import classic_review

LOG = "2025-02-09T10:05:23Z ERROR connection pool exhausted\n"
FILL = {
    "wanted": "review",
    "what": "timeline",
    "name": "TEST_TOKEN",
    "text": "pool",
    "sql": "select count(*) as lines from rows",
    "words": "pool exhausted",
    "title": "Another",
    "kind": "file",
    "source_id": "S1",
    "pairs": "path=app.log",
    "zone": "UTC",
    "shell": "bash",
    "files": "notes.md",
    "expression": "2025-02-09 10:15",
}
"""A word for each argument of any command."""
MORE = {
    "send": ("--to", "file:out.md", "--dry-run"),
    "add": ("--set", "path=app.log"),
    "note": ("pool exhausted",),
    "track": ("--dry-run",),
}
"""What a command needs besides, to do something harmless."""


def commands(group: click.Group = cli, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that does something, as words with its arguments filled in."""
    for name, command in group.commands.items():
        filled = [
            FILL[str(each.name)]
            for each in command.params
            if isinstance(each, click.Argument) and each.name != "words"
        ]
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name, *filled))
        else:
            yield (*before, name, *filled, *MORE.get(name, ()))


def command_of(words: tuple[str, ...]) -> click.Command:
    here: click.Command = cli
    for word in words:
        if isinstance(here, click.Group) and word in here.commands:
            here = here.commands[word]
    return here


ALL = [words for words in commands() if words[0] != "token"]
"""All but those that change this machine's keyring, which have tests of their own."""
WITH_DATA = [words for words in ALL if any("--json" in each.opts for each in command_of(words).params)]
SCREENS = {"open", "demo"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one review that has everything: rows, actions, a log that can be collected."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.log").write_text(LOG)
    (tmp_path / "notes.md").write_text("Bob should have known better.\n")
    session = classic_review().model_copy(update={"tracking": Tracking(tracker="github", repo="acme/api")})
    session = edits.set_follow_up(session, review_on=date(2025, 3, 9))
    session = edits.delete(session, "sources", {each.id for each in session.sources})
    Desk.create(tmp_path / "sessions" / "review", session).close()
    assert main(["source", "review", "add", "file", "--set", "path=app.log"]) == 0
    return tmp_path


def test_the_table_knows_every_command() -> None:
    assert {words[0] for words in ALL} == set(cli.commands) - {"token"}
    assert {words[0] for words in WITH_DATA} >= {
        "new",
        "list",
        "source",
        "collect",
        "suggest",
        "check",
        "track",
    }


@pytest.mark.parametrize("words", ALL, ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself_and_its_example_names_it(
    words: tuple[str, ...], flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([*words[: 3 if words[0] == "source" else 1], flag])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    assert out.startswith("Usage: blamefree ")
    example = out.partition("Example:")[2]
    assert re.search(rf"blamefree .*\b{command_of(words).name}\b", example)
    assert all(len(line) <= 100 for line in out.splitlines())


@pytest.mark.parametrize("words", WITH_DATA, ids=" ".join)
def test_data_on_request_is_json_and_nothing_else_on_standard_output(
    place: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["collect", "review"])
    capsys.readouterr()
    assert main([*words, "--json"]) in (0, 1)
    out, _ = capsys.readouterr()
    assert out.isascii()
    documents = [json.loads(line) for line in out.splitlines()] if words[0] == "collect" else json.loads(out)
    # Clocks that agree, and a review without a secret, are empty lists.
    assert documents or {"clock", "secrets"} & set(words)
    assert all(names_are_plain(each) for each in (documents if isinstance(documents, list) else [documents]))


def names_are_plain(value: Any) -> bool:
    """Whether every name in *value* can be written after the dot in ``jq``."""
    if isinstance(value, dict):
        return all(
            (re.fullmatch(r"[a-z][a-z0-9_]*", name) or isinstance(inner, str)) and names_are_plain(inner)
            for name, inner in value.items()
        )
    return all(map(names_are_plain, value)) if isinstance(value, list) else True


def run(words: tuple[str, ...], place: Path, output: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *words],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        cwd=place,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        timeout=60,
        check=False,
    )


PRINTING = [words for words in ALL if words[0] not in SCREENS]


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_a_pipe_whose_reader_has_left_is_no_reason_for_a_traceback(
    place: Path, words: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(words, place, writing)
    finally:
        os.close(writing)
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr
    if words[0] == "collect":
        with Desk.open(place / "sessions" / "review") as desk:
            assert desk.session.sources[0].artifacts


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "words", [("report", "review"), ("list", "--json"), ("collect", "review")], ids=" ".join
)
def test_an_output_that_is_full_is_one_sentence(place: Path, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(words, place, full.fileno())
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr
