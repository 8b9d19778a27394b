"""``blamefree doctor`` and the sources of the settings, on the command line."""

import json
from pathlib import Path

import pytest

from app.__main__ import main
from app.history import Desk
from app.settings import load_settings
from tests.fakes.classic_review import classic_review


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BLAMEFREE_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "app.log").write_text("2025-02-09T10:05:23Z ERROR it failed\n")
    Desk.create(tmp_path / "sessions" / "review", classic_review()).close()
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(list(words))
    told = capsys.readouterr()
    return status, told.out, told.err


def test_a_source_is_saved_and_added_to_another_review_by_its_name(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = run(capsys, "source", "review", "add", "file", "--set", "path=app.log")
    assert status == 0
    name = out.split("\t")[0]
    assert run(capsys, "source", "review", "save", name, "our-logs")[0] == 0
    assert [each.name for each in load_settings(place / "config.toml").profiles] == ["our-logs"]
    status, _, err = run(capsys, "source", "review", "save", name, "our-logs")
    assert (status, "choose another name" in err) == (2, True)
    status, out, _ = run(capsys, "source", "review", "add", "our-logs")
    assert (status, out.split("\t")[1]) == (0, "file")


def test_the_sources_of_a_review_are_asked_how_they_stand(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "source", "review", "add", "file", "--set", "path=app.log")
    run(capsys, "source", "review", "add", "file", "--set", "path=none.log", "--name", "gone")
    status, out, _ = run(capsys, "doctor", "review", "--json")
    assert status == 1
    facts = {each["name"]: each for each in json.loads(out)}
    assert facts["app.log"]["reachable"] is True
    assert facts["gone"]["reachable"] is False
    assert "none.log" in facts["gone"]["sentences"][0]
    status, out, _ = run(capsys, "doctor", "review", "--source", "app.log")
    assert (status, "yes" in out) == (0, True)


def test_without_a_review_the_sources_of_the_settings_are_asked(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = run(capsys, "doctor")
    assert (status, "There are no sources to ask" in err) == (2, True)
    (place / "config.toml").write_text(
        f'[source.logs]\nkind = "file"\npath = "{place / "app.log"}"\n[source.odd]\nkind = "odd"\n'
    )
    status, out, err = run(capsys, "doctor", "--json")
    assert [(each["name"], each["reachable"]) for each in json.loads(out)] == [
        ("app.log", True),
        ("odd", False),
    ]
    assert status == 1
    assert "Nothing here can collect from “odd”" in json.loads(out)[1]["sentences"][0]


def test_more_or_less_is_gathered_around_the_incident(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "source", "review", "add", "file", "--set", "path=gone.log")

    def hole(*words: str) -> tuple[str, str]:
        # A source that fails leaves all of what was asked for as a hole.
        lines = [
            json.loads(line) for line in run(capsys, "collect", "review", *words, "--json")[1].splitlines()
        ]
        (gap,) = next(each for each in lines if each["type"] == "outcome")["gaps"]
        return gap["from"], gap["to"]

    incident = classic_review().incident
    assert incident.started_at is not None
    assert incident.ended_at is not None
    usual, wide = hole(), hole("--lead", "120", "--tail", "0")
    assert wide[0] < usual[0]
    assert wide[1] < usual[1]
    (place / "config.toml").write_text("lead_minutes = 0\ntail_minutes = 0\n")
    narrow = hole()
    assert narrow == tuple(
        each.isoformat().replace("+00:00", "Z") for each in (incident.started_at, incident.ended_at)
    )
