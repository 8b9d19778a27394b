"""Damage: repaired from backup and journal and told, or refused with its place; never taken in silence."""

import random
import shutil
from pathlib import Path

import pytest

from app.history import Desk
from app.review import edits
from app.review.records import Event, Session
from app.review.tables import identical
from app.store import files, reading
from app.store.errors import StoreError, Unreadable
from app.store.reading import load
from app.store.recovery import examine

START = Session(
    id="PM-1",
    incident={"title": "start", "services": ["api"]},
    narrative={"summary": "Line one.\nLine two."},
    events=[Event(id=f"E{n}", text=f"row {n}", starred=n == 2) for n in range(1, 5)],
)


def retitle(desk: Desk, text: str) -> None:
    desk.apply(f"title {text}", lambda session: edits.set_incident(session, title=text))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A session with two saves behind it, and one edit that is only in the journal."""
    folder, crashed = tmp_path / "review", tmp_path / "crashed"
    desk = Desk.create(folder, START)
    for text in ("one", "two"):
        retitle(desk, text)
        desk.save()
    retitle(desk, "three")
    desk.flush()
    shutil.copytree(folder, crashed)
    desk.close()
    return crashed


def expected(title: str = "three") -> Session:
    return edits.set_incident(START, title=title)


def judged(folder: Path, damaged: bytes, journal: bytes, truth: list[Session]) -> str:
    """How *damaged* was taken: refused, told, or unchanged. Anything else is silence."""
    (folder / files.SESSION).write_bytes(damaged)
    try:
        opened = examine(folder, journal)
    except StoreError as error:
        return "refused" if "\n" not in str(error) else "silence"
    if opened.notices:
        return "told"
    return "unchanged" if any(identical(opened.session, each) for each in truth) else "silence"


@pytest.mark.parametrize("with_journal", [True, False])
def test_no_cut_of_the_session_file_is_taken_in_silence(folder: Path, with_journal: bool) -> None:
    data = (folder / files.SESSION).read_bytes()
    journal = (folder / files.JOURNAL).read_bytes() if with_journal else b""
    truth = [expected("three" if with_journal else "two")]
    outcomes = [judged(folder, data[:cut], journal, truth) for cut in range(len(data) + 1)]
    assert "silence" not in outcomes
    # Everything but the loss of the check line alone is noticed, and with a journal all of it is repaired.
    complete = [*([data.index(b"# blamefree")] if with_journal else []), len(data) - 1, len(data)]
    assert [cut for cut, outcome in enumerate(outcomes) if outcome == "unchanged"] == complete
    if with_journal:
        assert "refused" not in outcomes


def test_every_cut_is_repaired_to_the_last_edit(folder: Path) -> None:
    data, journal = (folder / files.SESSION).read_bytes(), (folder / files.JOURNAL).read_bytes()
    for cut in range(len(data)):
        (folder / files.SESSION).write_bytes(data[:cut])
        assert identical(examine(folder, journal).session, expected()), cut


@pytest.mark.parametrize("with_journal", [True, False])
def test_no_flipped_bit_is_taken_in_silence(folder: Path, with_journal: bool) -> None:
    data = (folder / files.SESSION).read_bytes()
    journal = (folder / files.JOURNAL).read_bytes() if with_journal else b""
    truth = [expected("three" if with_journal else "two")]
    chance = random.Random(11)
    for _ in range(1500):
        damaged = bytearray(data)
        damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        assert judged(folder, bytes(damaged), journal, truth) != "silence", bytes(damaged)


def test_no_damage_of_the_journal_costs_what_the_session_file_has(folder: Path) -> None:
    journal = (folder / files.JOURNAL).read_bytes()
    two, three = expected("two"), expected()
    chance = random.Random(12)
    for _ in range(600):
        damaged = bytearray(journal)
        damaged[chance.randrange(len(journal))] ^= 1 << chance.randrange(8)
        opened = examine(folder, bytes(damaged))
        assert identical(opened.session, three) or (identical(opened.session, two) and opened.notices)
    for cut in range(len(journal)):
        opened = examine(folder, journal[:cut])
        assert identical(opened.session, three) or identical(opened.session, two), cut


def test_a_cut_file_is_repaired_told_kept_and_written_anew(folder: Path) -> None:
    path = folder / files.SESSION
    cut = path.read_bytes()[:-100]
    path.write_bytes(cut)
    with Desk.open(folder) as desk:
        (notice,) = desk.notices
        assert notice.startswith("the end of session.toml was missing: recovered from session.")
        assert identical(desk.session, expected())
        assert desk.labels() == ["title one", "title two", "title three"]
        (kept,) = folder.glob("session.damaged-*.toml")
        assert kept.read_bytes() == cut
    assert load(path.read_bytes()).check.fits
    with Desk.open(folder) as again:
        assert again.notices == []
        assert identical(again.session, expected())


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 500, b"[incident\n", b"<<<<<<< HEAD\n", b"[incident]\ntitle = 3\n"]
)
def test_an_unreadable_file_is_replaced_from_backup_and_journal(folder: Path, content: bytes) -> None:
    (folder / files.SESSION).write_bytes(content)
    with Desk.open(folder) as desk:
        assert len(desk.notices) == 1
        assert desk.notices[0].startswith("session.toml could not be read (")
        assert identical(desk.session, expected())
    with Desk.open(folder) as again:
        assert again.notices == []


def test_a_missing_file_comes_back(folder: Path) -> None:
    (folder / files.SESSION).unlink()
    with Desk.open(folder) as desk:
        assert "it is missing" in desk.notices[0]
        assert identical(desk.session, expected())
    assert (folder / files.SESSION).exists()


def test_without_a_journal_the_newest_good_backup_is_shown_and_what_is_lost_is_said(folder: Path) -> None:
    (folder / files.SESSION).write_bytes(b"")
    (folder / files.JOURNAL).unlink()
    newest = files.backups(folder)[0].path
    newest.write_bytes(newest.read_bytes()[:-5])
    with Desk.open(folder) as desk:
        assert identical(desk.session, START)
        assert "later changes could not be recovered" in desk.notices[0]


def test_nothing_to_recover_from_is_an_error_with_its_place_and_never_an_empty_session(folder: Path) -> None:
    shutil.rmtree(folder / files.BACKUPS)
    for content, words in ((b"", "it is empty"), (b"id = 'a'\nid = \n", "at line 2, column 6")):
        (folder / files.SESSION).write_bytes(content)
        with pytest.raises(Unreadable, match=words):
            Desk.open(folder)
        assert (folder / files.SESSION).read_bytes() == content


def test_the_error_names_a_backup_that_is_there_even_if_it_is_damaged_too(folder: Path) -> None:
    (folder / files.SESSION).write_bytes(b"")
    for backup in files.backups(folder):
        backup.path.write_bytes(b"x")
    with pytest.raises(Unreadable, match=r"the last backup is .*backups/session\."):
        Desk.open(folder)


def test_a_journal_damaged_in_its_middle_is_kept_and_the_session_stays(folder: Path) -> None:
    path = folder / files.JOURNAL
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)
    with Desk.open(folder) as desk:
        assert identical(desk.session, expected("two"))
        assert "could not be used" in desk.notices[0]
        assert desk.labels() == []
        (kept,) = folder.glob("session.damaged-*.journal")
        assert kept.read_bytes() == data
        retitle(desk, "four")
    with Desk.open(folder) as again:
        assert again.notices == []
        assert again.session.incident.title == "four"


def test_a_journal_that_lost_its_end_never_takes_the_session_back_before_its_file(tmp_path: Path) -> None:
    # The file has the content of an earlier save again, so its hash alone does not tell which save it is.
    desk = Desk.create(tmp_path, START)
    retitle(desk, "one")
    desk.flush()
    early = (tmp_path / files.JOURNAL).read_bytes()
    retitle(desk, "start")
    desk.close()
    opened = examine(tmp_path, early)
    assert identical(opened.session, START)
    assert "its end is missing" in opened.notices[0]


def test_a_line_torn_by_a_crash_is_left_out_and_said(folder: Path) -> None:
    path = folder / files.JOURNAL
    data = path.read_bytes()
    path.write_bytes(data[:-3])
    with Desk.open(folder) as desk:
        assert identical(desk.session, expected("two"))
        assert desk.notices == [
            "a change that had not been called saved was not completely written and is left out"
        ]
        retitle(desk, "four")
    with Desk.open(folder) as again:
        assert again.notices == []
        assert again.labels()[-2:] == ["title two", "title four"]


def test_a_session_written_by_hand_opens_with_a_word_and_is_saved_on_the_first_edit(tmp_path: Path) -> None:
    path = tmp_path / files.SESSION
    path.write_text("[incident]\ntitle = 'By hand'\n[[event]]\ntext = 'x'\n")
    with Desk.open(tmp_path) as desk:
        assert [notice.split(":")[0] for notice in desk.notices] == [
            "event without an id",
            "session.toml has no check line",
        ]
        assert desk.session.events[0].id == "E1"
    assert path.read_text().startswith("[incident]\ntitle = 'By hand'"), "opening alone rewrote the file"
    with Desk.open(tmp_path) as desk:
        retitle(desk, "one")
        desk.save()
        path.write_bytes(b"")
    with Desk.open(tmp_path) as again:
        assert again.session.incident.title == "one"
        assert again.labels() == ["title one"]


def test_a_newer_file_is_shown_and_never_written(tmp_path: Path) -> None:
    path = tmp_path / files.SESSION
    path.write_text("schema = 9\nid = 'PM-9'\nfrom_the_future = 1\n")
    before = path.read_bytes()
    with Desk.open(tmp_path) as desk:
        assert desk.read_only
        assert "newer version (schema 9" in desk.notices[0]
        assert desk.session.id == "PM-9"
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] in (
        [files.SESSION, files.LOCK],
        [files.LOCK, files.SESSION],
    )


def test_an_older_file_is_brought_up_to_date_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Desk.create(tmp_path / "review", START).close()
    old = (tmp_path / "review" / files.SESSION).read_bytes()
    for module in (reading, "app.store.recovery.SCHEMA"):
        monkeypatch.setattr(module, 2) if isinstance(module, str) else monkeypatch.setattr(
            module, "SCHEMA", 2
        )
    monkeypatch.setattr(reading, "MIGRATIONS", {1: lambda table: {**table, "id": table["id"] + "-migrated"}})
    with Desk.open(tmp_path / "review") as desk:
        assert desk.session.id == "PM-1-migrated"
        assert desk.notices == [
            "brought from schema 1 to 2; the file as it was is kept as session.toml.v1.bak"
        ]
    assert (tmp_path / "review" / "session.toml.v1.bak").read_bytes() == old
    assert b"schema = 2" in (tmp_path / "review" / files.SESSION).read_bytes()
