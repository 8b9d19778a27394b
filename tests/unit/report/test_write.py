"""A written report is whole, replaces only what this program wrote, and follows no link."""

import os
import stat
from pathlib import Path

import pytest

from app.report.sheets import actions_csv, timeline_csv
from app.report.write import WriteProblem, file_name, write, write_to
from app.review.records import Action, Incident, Session
from tests.fakes.classic_review import classic_review


def test_the_same_report_is_replaced_while_nobody_changed_it(tmp_path: Path) -> None:
    first = write(tmp_path, "PM-1.md", "one")
    second = write(tmp_path, "PM-1.md", "two")
    assert first == second == tmp_path / "reports" / "PM-1.md"
    assert second.read_text() == "two"


def test_a_report_that_somebody_edited_is_kept_and_the_new_one_goes_beside_it(tmp_path: Path) -> None:
    first = write(tmp_path, "PM-1.md", "one")
    first.write_text("edited by hand")
    second = write(tmp_path, "PM-1.md", "two")
    third = write(tmp_path, "PM-1.md", "three")
    assert first.read_text() == "edited by hand"
    assert second == third == tmp_path / "reports" / "PM-1-2.md"
    assert third.read_text() == "three"


def test_a_file_of_somebody_elses_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    theirs = tmp_path / "reports" / "PM-1.md"
    theirs.write_text("theirs")
    assert write(tmp_path, "PM-1.md", "ours").name == "PM-1-2.md"
    assert theirs.read_text() == "theirs"


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "PM-1.md").symlink_to(target)
    (tmp_path / "reports" / ".written.json").symlink_to(target)
    assert write(tmp_path, "PM-1.md", "ours").name == "PM-1-2.md"
    write_to(tmp_path / "link.md", "x")
    (tmp_path / "out.md").symlink_to(target)
    write_to(tmp_path / "out.md", "ours")
    assert target.read_text() == "precious"
    assert (tmp_path / "out.md").read_text() == "ours"


def test_a_link_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "reports").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WriteProblem, match="is a link"):
        write(tmp_path, "PM-1.md", "x")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_full_disk_leaves_the_old_report_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "PM-1.md", "one")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteProblem, match="No space left on device"):
        write(tmp_path, "PM-1.md", "two")
    assert path.read_text() == "one"
    assert sorted(each.name for each in path.parent.iterdir()) == [".written.json", "PM-1.md"]


def test_a_folder_cannot_be_the_file(tmp_path: Path) -> None:
    with pytest.raises(WriteProblem, match="is a folder"):
        write_to(tmp_path, "x")
    with pytest.raises(WriteProblem, match="could not be written"):
        write_to(tmp_path / "missing" / "x.md", "x")


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "..",
        "",
        "CON",
        "a\x00b",
        "-rf",
        "x" * 300,
        "．．／x",
        ".hidden",
        "nul.md",
    ],
)
def test_a_report_never_leaves_its_folder_whatever_the_session_is_called(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, file_name(Session(id=name), "md"), "x")
    assert path.parent == tmp_path / "reports"
    assert path.name[0] not in "-."
    assert stat.S_ISREG(path.lstat().st_mode)
    assert len(path.name) < 100


def test_the_usual_name_is_the_sessions_id() -> None:
    assert file_name(classic_review(), "html") == "PM-2025-02-09.html"
    assert file_name(Session(incident=Incident(title="Two words")), "md") == "Two-words.md"


def test_the_sheets_hold_every_row_and_no_formula() -> None:
    assert timeline_csv(classic_review()).count("\r\n") == 10
    sheet = actions_csv(Session(action=(Action(id="AI-001", text="=1+1", owner="@bob"),)))
    assert sheet.split("\r\n")[1].startswith("AI-001,'=1+1,,'@bob,")
