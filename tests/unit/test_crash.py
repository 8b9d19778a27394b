"""What is said, and what is kept, when the program itself fails."""

import shlex
from pathlib import Path

import pytest

from app import problems
from app.crash import CRASHED, report

SECRET = "tok-91b0-canary"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where crash files go."""
    folder = tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def a_fault() -> BaseException:
    token = SECRET
    try:
        try:
            int(token)
        except ValueError as error:
            raise LookupError(f"nothing under {token}") from error
    except LookupError as error:
        return error


class TaskFailed(Exception):
    """As Textual wraps what failed in the background: never raised, so it has no place of its own."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        super().__init__(f"task failed: {error}")


def test_three_lines_say_what_where_the_review_is_and_what_to_report(kept: Path, tmp_path: Path) -> None:
    folder = tmp_path / "the review of Ada's team"
    what, where, which = report(a_fault(), folder).splitlines()
    assert what.startswith("blamefree failed: LookupError in unit/test_crash.py:")
    assert what.endswith(" in a_fault.")
    assert shlex.split(where.partition("Resume with: ")[2]) == ["blamefree", "open", str(folder)]
    (crash,) = kept.iterdir()
    assert str(crash) in which


def test_neither_the_lines_nor_the_file_hold_messages_or_variables(kept: Path) -> None:
    said = report(a_fault(), None)
    (crash,) = kept.iterdir()
    assert SECRET not in said + crash.read_text()
    assert "token" not in crash.read_text()


def test_the_file_is_for_its_owner_and_leads_to_the_cause(kept: Path) -> None:
    report(a_fault(), None)
    (crash,) = kept.iterdir()
    assert crash.stat().st_mode & 0o777 == 0o600
    text = crash.read_text()
    assert "LookupError" in text
    assert "behind it: ValueError" in text
    assert text.count("in a_fault") == 2


def test_a_failed_task_is_reported_as_what_failed_in_it(kept: Path) -> None:
    assert "LookupError in unit/test_crash.py" in report(TaskFailed(a_fault()), None)
    assert "in a_fault" in next(kept.iterdir()).read_text()


def test_errors_that_lead_to_each_other_end(kept: Path) -> None:
    one, other = ValueError(), KeyError()
    one.__context__, other.__context__ = other, one
    report(one, None)
    assert next(kept.iterdir()).read_text().count("behind it: KeyError") == 1


def test_a_full_disk_costs_the_file_and_not_the_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    assert len(report(a_fault(), tmp_path).splitlines()) == 2


def test_a_part_that_is_missing_is_named(kept: Path) -> None:
    with pytest.raises(ImportError) as caught:
        import no_such_part  # noqa: F401
    said = report(caught.value, None)
    assert said.startswith("blamefree failed: ModuleNotFoundError (no_such_part) in unit/")


def test_an_error_without_a_name_is_still_a_sentence() -> None:
    assert report(None, None) == "blamefree failed: unknown error."


def test_names_with_escapes_are_shown_and_not_sent(kept: Path) -> None:
    assert "\x1b" not in report(a_fault(), Path("/reviews/\x1b]0;owned\x07"))


def test_the_exit_code_is_that_of_software_that_failed() -> None:
    assert problems.CRASHED == CRASHED == 70
