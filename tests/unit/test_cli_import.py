"""``blamefree import`` and ``export`` from a shell: one folder a report, the file kept, nothing overwritten."""

import json
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from app.__main__ import main
from app.evidence.artifacts import content_hash, locate
from app.history import Desk
from app.review.records import Incident, Session

REPORTS = Path(__file__).parents[1] / "data" / "incidents"
NOTES = """# Checkout broken

**Severity**: P1

## Timeline

- 2025-02-09 10:05 errors
- 10:15 pool full

## Odd

words
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text(NOTES)
    return tmp_path


def session_in(folder: Path) -> Session:
    with Desk.open(folder, read_only=True) as desk:
        return desk.session


def test_every_file_becomes_a_review_that_keeps_the_file_and_points_at_its_lines(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", *map(str, sorted(REPORTS.glob("*.txt"))), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told) == 8
    for facts, path in zip(told, sorted(REPORTS.glob("*.txt")), strict=True):
        folder = here / facts["folder"]
        session = session_in(folder)
        (source,) = session.sources
        (artifact,) = source.artifacts
        assert content_hash(locate(folder, artifact)) == artifact.sha256
        assert artifact.bytes == path.stat().st_size
        assert all(event.evidence[0].artifact == artifact.path for event in session.events)
        numbers = [line for run in facts["account"] for line in range(run["first"], run["last"] + 1)]
        assert numbers == list(range(1, path.read_text("utf-8").count("\n") + 2))


def test_an_exported_report_is_imported_as_the_identical_review_from_the_shell(here: Path) -> None:
    report = next(REPORTS.glob("11-*"))
    assert main(["import", str(report)]) == 0
    assert main(["report", "total-node-failure", "-o", "out.md"]) == 0
    assert main(["import", "out.md", "--sessions", "again"]) == 0
    (first,) = (here / "sessions").iterdir()
    (second,) = (here / "again").iterdir()

    def carried(session: Session) -> Session:
        events = tuple(event.model_copy(update={"evidence": ()}) for event in session.events)
        return session.model_copy(update={"sources": (), "events": events})

    assert carried(session_in(first)) == carried(session_in(second))


def test_into_a_review_is_one_step_back(here: Path) -> None:
    folder = here / "sessions" / "review"
    Desk.create(folder, Session(id="PM-1", incident=Incident(title="Mine", severity="P2"))).close()
    before = session_in(folder)
    assert main(["import", "notes.md", "--into", "review"]) == 0
    after = session_in(folder)
    assert [event.text for event in after.events] == ["errors", "pool full"]
    assert (after.incident.title, after.incident.severity) == ("Mine", "P2")
    with Desk.open(folder) as desk:
        assert desk.undo() == "Import notes.md"
        assert desk.session.events == before.events
        assert desk.session.sources == ()


def test_a_dry_run_makes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "notes.md", "--dry-run"]) == 0
    assert "2 rows" in capsys.readouterr().err
    assert not (here / "sessions").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["import", "empty.md"], "empty.md is empty: there is nothing to import."),
        (["import", "absent.md"], "absent.md"),
        (["import", "notes.md", "--zone", "Mars/Base"], "there is no zone “Mars/Base”"),
        (["import", "picture.png"], "is not text"),
        (["import", "notes.md", "--into", "nothing"], "there are none yet"),
    ],
)
def test_bad_input_is_one_sentence(
    here: Path, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "picture.png").write_bytes(b"\x89PNG\0\0\0")
    (here / "empty.md").write_text(" \n\n")
    assert main(words) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said


def test_a_zone_and_a_day_that_are_given_count(here: Path) -> None:
    (here / "bare.txt").write_text("10:05 errors\n10:15 pool full\n")
    assert main(["import", "bare.txt", "--zone", "Europe/Berlin", "--date", "2025-02-09"]) == 0
    (folder,) = (here / "sessions").iterdir()
    session = session_in(folder)
    assert [event.at.isoformat() for event in session.events if event.at] == [
        "2025-02-09T10:05:00+01:00",
        "2025-02-09T10:15:00+01:00",
    ]
    assert session.incident.timezone == "Europe/Berlin"
    assert session.incident.title == "bare"


def test_a_folder_is_all_reports_in_it_and_one_that_cannot_be_read_stops_none_of_the_others(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "all" / "2025").mkdir(parents=True)
    (here / "all" / "2025" / "b.md").write_text(NOTES)
    (here / "all" / "a.md").write_bytes(b"\x00\x01\x02PK")
    (here / "all" / "c.txt").write_bytes("# Störung\n\n- 2025-02-09 10:15 Prüfung\n".encode("latin-1"))
    (here / "all" / "picture.png").write_bytes(b"x")
    assert main(["import", "all", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [each["file"] for each in told] == ["a.md", "c.txt", "b.md"]
    assert "is not text" in told[0]["error"]
    assert session_in(here / told[1]["folder"]).events[0].text == "Prüfung"
    assert main(["import", "all"]) == 1
    assert "not imported: a.md is not text" in capsys.readouterr().err


def test_a_report_is_piped_in_where_no_file_is_named(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(NOTES.encode())))
    assert main(["import", "--dry-run"]) == 0
    assert "2 rows" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"\n")))
    assert main(["import"]) == 2
    assert "Standard input is empty: there is nothing to import." in capsys.readouterr().err


def test_at_a_terminal_an_import_of_nothing_says_how_it_is_called(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = TextIOWrapper(BytesIO())
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    assert main(["import"]) == 2
    assert "Name the reports to read" in capsys.readouterr().err


def test_what_is_said_of_many_rows_is_said_once(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "times.txt").write_text("Timeline\n10:05 errors\n10:10 page\n10:15 restart\n")
    assert main(["import", "times.txt", "--dry-run"]) == 0
    said = capsys.readouterr().err
    assert "3 rows (10:05 …): The date is not known. Give --date if all are of one day." in said


def test_a_folder_without_reports_says_what_import_reads(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "none").mkdir()
    assert main(["import", "none"]) == 2
    assert "holds no report" in capsys.readouterr().err
