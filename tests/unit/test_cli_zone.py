"""Declaring the zone of a review from a shell: the same edit as on the timeline, and one step back."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.__main__ import main
from app.history import Desk
from app.importing.document import Options
from app.importing.read import read
from app.importing.result import session_of
from app.review.records import Event, Session
from tests.fakes.classic_review import classic_review

POSTED = datetime(2025, 2, 9, 10, 15, 20, tzinfo=UTC)
LINK = f"https://acme.slack.com/archives/C012AB3CD/p{int(POSTED.timestamp())}000100"
ROW = Event(precision="minute", zone="undeclared")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    at = datetime(2025, 2, 9, 11, 15, tzinfo=UTC)
    rows = (
        ROW.model_copy(update={"id": "E1", "at": at, "written": "11:15", "text": f"said {LINK}"}),
        ROW.model_copy(update={"id": "E2", "at": at, "written": "11:15", "text": "restarted"}),
        Event(id="E3", at=at, text="declared", zone="UTC"),
    )
    place = tmp_path / "sessions" / "review"
    Desk.create(place, Session(id="PM-1", events=rows)).close()
    return place


def rows_of(folder: Path) -> list[tuple[str, str]]:
    with Desk.open(folder, read_only=True) as desk:
        return [(f"{event.at:%H:%M%z}", event.zone) for event in desk.session.events]


def test_rows_without_a_zone_are_listed_with_what_links_prove(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["zone", "review"]) == 0
    out = capsys.readouterr().out
    assert "not declared for 2 of 3 rows: E1, E2." in out
    assert "beside E1 prove +01:00" in out
    assert main(["zone", "review", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["id"] for each in found["undeclared"]] == ["E1", "E2"]
    assert found["proposed"] == {"zone": "+01:00", "rows": ["E1"]}


def test_a_zone_is_declared_as_on_the_timeline_and_one_step_takes_it_back(folder: Path) -> None:
    before = rows_of(folder)
    assert main(["zone", "review", "Europe/Berlin"]) == 0
    assert rows_of(folder) == [
        ("11:15+0100", "Europe/Berlin"),
        ("11:15+0100", "Europe/Berlin"),
        ("11:15+0000", "UTC"),
    ]
    with Desk.open(folder) as desk:
        assert desk.undo() == "Read 2 rows in Europe/Berlin"
    assert rows_of(folder) == before


def test_one_row_may_be_declared_alone_and_by_an_abbreviation(folder: Path) -> None:
    assert main(["zone", "review", "UTC+2", "--row", "E2"]) == 0
    assert [each[0] for each in rows_of(folder)] == ["11:15+0000", "11:15+0200", "11:15+0000"]


def test_what_links_prove_is_declared_on_request(folder: Path) -> None:
    assert main(["zone", "review", "--proposed"]) == 0
    assert rows_of(folder)[0] == ("11:15+0100", "+01:00")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Mars/Base",), "there is no zone “Mars/Base”: write it like Europe/Berlin"),
        (("UTC", "--proposed"), "Give a zone, or --proposed; see"),
        (("UTC", "--row", "E9"), "There is no row E9"),
        (("UTC", "--row", "E3"), "The zone of E3 is declared already"),
    ],
)
def test_what_cannot_be_declared_is_one_sentence_and_changes_nothing(
    folder: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = rows_of(folder)
    assert main(["zone", "review", *words]) == 2
    assert said in capsys.readouterr().err
    assert rows_of(folder) == before


def test_where_nothing_is_open_nothing_is_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["zone", "review", "UTC"])
    assert main(["zone", "review", "Europe/Berlin"]) == 0
    assert "nothing was changed" in capsys.readouterr().err
    assert main(["zone", "review", "--proposed"]) == 2
    assert "Nothing proves the zone" in capsys.readouterr().err


def test_a_report_is_printed_in_another_zone_and_still_is_the_same_review(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    session = classic_review()
    Desk.create(tmp_path / "sessions" / "review", session).close()
    assert main(["report", "review"]) == 0
    own = capsys.readouterr().out
    assert main(["report", "review", "--zone", "America/New_York"]) == 0
    text = capsys.readouterr().out
    assert "all times America/New_York, UTC-05:00" in text
    assert "| 05:05:23 | First 5xx errors appear |" in text
    ours, theirs = (session_of(read(each, Options()), "PM-1") for each in (own, text))
    assert ours == theirs
    for form in ("html", "txt", "csv", "slack", "confluence", "json"):
        assert main(["report", "review", "--zone", "America/New_York", "--format", form]) == 0
        assert "America/New_York, UTC-05:00" in capsys.readouterr().out.replace("\\", "")
    assert main(["report", "review", "--zone", "Mars/Base"]) == 2
    assert "there is no zone “Mars/Base”" in capsys.readouterr().err
