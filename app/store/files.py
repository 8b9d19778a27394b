"""The files of one session's folder: their names, the lock, the backups, and copies set aside."""

import contextlib
import getpass
import os
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.store.disk import FILE_MODE, Disk
from app.store.errors import Locked, StoreError

if TYPE_CHECKING:
    from filelock import BaseFileLock

SESSION = "session.toml"
JOURNAL = "session.journal"
LOCK = "session.lock"
OWNER = ".session.owner"
BACKUPS = "backups"

SHA_LENGTH = 12
"""Digits of a file's SHA-256 in the name of its backup."""
KEEP_LAST = 10
"""Backups that are always kept; of older ones the last of each day is."""


class Identity(NamedTuple):
    """A cheap sign that a file is still the same."""

    size: int
    mtime_ns: int
    inode: int


def identity(path: Path) -> Identity | None:
    """The file's identity, or None where there is no file."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return Identity(facts.st_size, facts.st_mtime_ns, facts.st_ino)


def person() -> str:
    """Who is at the keyboard: ``user@host``."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def lock(folder: Path, who: str) -> "BaseFileLock":
    """Take the session's lock, or raise Locked naming who has it. The kernel frees it when a program dies.

    *folder* must be the real path, or two names of one folder would be two locks.
    """
    # Imported here: listing and reading sessions needs no lock.
    from filelock import FileLock, Timeout

    guard = FileLock(folder / LOCK, timeout=0, mode=FILE_MODE, thread_local=False)
    try:
        guard.acquire()
    except Timeout as error:
        raise Locked(
            f"{folder.name} is open elsewhere{_holder(folder)}; open it read-only, or close it there"
        ) from error
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written to ({error.strerror}); open the session read-only"
        ) from error
    with contextlib.suppress(OSError):
        # For people to read, never to decide by; so it may fail.
        since = datetime.now().astimezone().isoformat(" ", "seconds")
        owner = folder / OWNER
        owner.unlink(missing_ok=True)
        handle = os.open(owner, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, FILE_MODE)
        with os.fdopen(handle, "w") as file:
            file.write(f"{who}, process {os.getpid()} on {socket.gethostname()}, since {since}\n")
    return guard


def unlock(folder: Path, guard: "BaseFileLock") -> None:
    """Give the lock back."""
    with contextlib.suppress(OSError):
        (folder / OWNER).unlink()
    guard.release()


def _holder(folder: Path) -> str:
    try:
        text = (folder / OWNER).read_text("utf-8", "replace")[:200].strip()
    except OSError:
        return ""
    return f" ({text})" if text else ""


class Backup(NamedTuple):
    """An earlier session file, by what its name says."""

    seq: int
    day: str
    sha: str
    path: Path


def backups(folder: Path) -> list[Backup]:
    """The backups of a session, newest first."""
    return sorted(_backups(folder), reverse=True)


def _backups(folder: Path) -> Iterator[Backup]:
    for path in (folder / BACKUPS).glob("session.*.toml"):
        parts = path.name.split(".")
        if len(parts) == 5 and parts[2].isdigit():
            yield Backup(int(parts[2]), parts[1], parts[3], path)


def backup_path(folder: Path, seq: int, sha: str, day: date) -> Path:
    """Where the session file as of change *seq* is kept."""
    return folder / BACKUPS / f"session.{day.isoformat()}.{seq:06d}.{sha[:SHA_LENGTH]}.toml"


def prune(disk: Disk, folder: Path) -> None:
    """Remove backups beyond the last ten and the last of each day."""
    days: set[str] = set()
    for index, backup in enumerate(backups(folder)):
        if index >= KEEP_LAST and backup.day in days:
            disk.remove(backup.path)
        days.add(backup.day)


def aside(path: Path, why: str) -> Path:
    """A free name beside *path* that says *why* and when, for a copy that people may need."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    names = (
        f"{path.stem}.{why}-{stamp}{extra}{path.suffix}" for extra in ("", *(f"-{n}" for n in range(2, 1000)))
    )
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())
