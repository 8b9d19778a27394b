"""``blamefree secrets``: the list, and exceptions with a reason."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.__main__ import main
from app.history import Desk
from app.review.records import Action, Event, Incident, Narrative, Session


@pytest.fixture
def home(tmp_path: Path) -> Path:
    session = Session(
        id="PM-7", narrative=Narrative(summary="ask bob@acme.example, who knows password=hunter2-Canary-7741")
    )
    Desk.create(tmp_path / "review", session).close()
    return tmp_path


def run(home: Path, *words: str) -> int:
    return main(["--sessions", str(home), "secrets", "review", *words])


def listed(home: Path, capsys) -> list[dict[str, str]]:
    assert run(home, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_the_list_shows_tags_and_places_but_no_secret(home: Path, capsys) -> None:
    assert run(home) == 0
    out = capsys.readouterr()
    assert "narrative summary" in out.out
    assert "[password:" in out.out
    assert "hunter2" not in out.out + out.err
    assert "2 masked, 0 let through." in out.err


def test_a_value_is_let_through_by_its_tag_and_masked_again(home: Path, capsys) -> None:
    tag = next(each["tag"] for each in listed(home, capsys) if each["kind"] == "e-mail")
    assert run(home, "--let", tag, "--reason", "the public address") == 0
    capsys.readouterr()
    assert {each["kind"]: each["let_through"] for each in listed(home, capsys)} == {
        "e-mail": "the public address", "password": "",
    }  # fmt: skip
    assert main(["--sessions", str(home), "report", "review"]) == 0
    assert "bob@acme.example" in capsys.readouterr().out
    assert run(home, "--mask", tag.strip("[]")) == 0
    capsys.readouterr()
    assert not any(each["let_through"] for each in listed(home, capsys))


def test_a_domain_is_let_through_for_its_addresses(home: Path, capsys) -> None:
    assert run(home, "--let", "@acme.example", "--reason", "all public") == 0
    assert "1 masked, 1 let through." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--let", "e-mail:000000", "--reason", "x"), "No secret of this review has the tag"),
        (("--let", "e-mail:000000"), "Say why it may leave"),
        (("--let", "a", "--mask", "b"), "Choose one of --let and --mask"),
    ],
)
def test_bad_input_gets_one_sentence(home: Path, capsys, words: tuple[str, ...], said: str) -> None:
    assert run(home, *words) == 2
    assert said in capsys.readouterr().err


def test_a_review_without_secrets_says_so(tmp_path: Path, capsys) -> None:
    Desk.create(tmp_path / "review", Session(id="PM-8")).close()
    assert run(tmp_path) == 0
    assert "Nothing was found" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("search", "ask", "--json"),
        ("search", "ask"),
        ("stats", "--json"),
        ("review", "--json"),
        ("review",),
        ("follow-up", "review", "--dry-run", "--json"),
        ("follow-up", "review", "--dry-run"),
        ("export", "review", "--format", "json"),
        ("export", "review", "--format", "csv"),
        ("report", "review", "--format", "json"),
    ],
    ids=" ".join,
)
def test_no_output_that_is_passed_on_holds_a_secret(tmp_path: Path, capsys, words: tuple[str, ...]) -> None:
    leak = "ask with password=hunter2-Canary-7741"
    session = Session(
        id="PM-7",
        incident=Incident(title=leak),
        narrative=Narrative(summary=leak),
        event=(Event(id="E1", text=leak, at=datetime(2025, 2, 9, 10, 5, tzinfo=UTC)),),
        action=(
            Action(id="AI-001", text=leak, done_when=leak),
            Action(id="AI-002", text=leak, status="done"),
        ),
    )
    Desk.create(tmp_path / "review", session).close()
    main(["--sessions", str(tmp_path), *words])
    out = capsys.readouterr()
    assert "hunter2" not in out.out + out.err
    assert "[password:" in out.out
