"""Names, backups, atomic replacement and links planted by others."""

import errno
from datetime import date
from pathlib import Path

import pytest

from app.history import Desk
from app.review import edits
from app.review.records import Session
from app.store import files
from app.store.disk import DISK, replace
from tests.faults.disks import FailingDisk


def backup(folder: Path, seq: int, day: date) -> Path:
    path = files.backup_path(folder, seq, f"{seq:064x}"[::-1], day)
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    return path


def test_the_last_ten_backups_and_the_last_of_each_day_are_kept(tmp_path: Path) -> None:
    made = [backup(tmp_path, seq, date(2025, 2, 1 + seq // 10)) for seq in range(45)]
    files.prune(DISK, tmp_path)
    kept = {path.name for path in (tmp_path / "backups").iterdir()}
    assert kept == {made[seq].name for seq in (9, 19, 29, *range(35, 45))}
    assert [each.seq for each in files.backups(tmp_path)][:2] == [44, 43]


def test_other_files_among_the_backups_are_left_alone(tmp_path: Path) -> None:
    backup(tmp_path, 1, date(2025, 2, 1))
    (tmp_path / "backups" / "session.mine.toml").write_text("x")
    assert len(files.backups(tmp_path)) == 1


@pytest.mark.parametrize("operation", ["create", "write", "sync", "rename"])
def test_a_failed_replacement_leaves_the_old_content_and_nothing_else(tmp_path: Path, operation: str) -> None:
    path = tmp_path / "session.toml"
    path.write_bytes(b"old")
    disk = FailingDisk(error=errno.ENOSPC)
    disk.broken = {operation}
    with pytest.raises(OSError, match="injected"):
        replace(disk, path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["session.toml"]


def test_where_links_are_refused_the_backup_is_a_copy(tmp_path: Path) -> None:
    disk = FailingDisk(error=errno.EPERM)
    disk.broken = {"link"}
    path, kept = tmp_path / "session.toml", tmp_path / "kept"
    path.write_bytes(b"old")
    replace(disk, path, b"new", kept)
    assert (path.read_bytes(), kept.read_bytes()) == (b"new", b"old")


@pytest.mark.parametrize("name", [".session.toml.tmp", "session.toml"])
def test_a_planted_link_is_replaced_and_its_target_stays(tmp_path: Path, name: str) -> None:
    target = tmp_path / "precious"
    target.write_bytes(b"precious")
    (tmp_path / name).symlink_to(target)
    replace(DISK, tmp_path / "session.toml", b"new")
    assert target.read_bytes() == b"precious"
    assert not (tmp_path / "session.toml").is_symlink()
    assert (tmp_path / "session.toml").read_bytes() == b"new"


def test_what_a_crash_left_behind_does_not_stand_in_the_way(tmp_path: Path) -> None:
    desk = Desk.create(tmp_path / "review", Session())
    desk.close()
    for name in (".session.toml.tmp", ".session.journal.tmp", ".session.owner"):
        (tmp_path / "review" / name).write_text("left behind")
    with Desk.open(tmp_path / "review") as again:
        again.apply("title", lambda session: edits.set_incident(session, title="x"))
    with Desk.open(tmp_path / "review") as third:
        assert third.session.incident.title == "x"


def test_names_for_copies_are_always_free(tmp_path: Path) -> None:
    names = set()
    for _ in range(3):
        path = files.aside(tmp_path / "session.toml", "damaged")
        path.write_text("x")
        names.add(path)
    assert len(names) == 3
    assert all(path.match("session.damaged-*.toml") for path in names)
