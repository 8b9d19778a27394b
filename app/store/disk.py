"""The few operations that the store asks of a file system, in one place.

Everything that writes goes through a :class:`Disk`, so that the tests can fail each operation in turn, and
can work out every state in which a power cut may leave the files.
"""

import contextlib
import os
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700


class Disk:
    """The real file system. Every method may raise OSError."""

    def create(self, path: Path) -> int:
        """Open a new file for writing; refuses an existing one, and never follows a link."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)

    def open_end(self, path: Path) -> int:
        """Open an existing file for appending; never follows a link."""
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)

    def write(self, handle: int, data: bytes) -> int:
        """Write some of *data*; return how many bytes."""
        return os.write(handle, data)

    def sync(self, handle: int) -> None:
        """Return once the file's content would survive a power cut."""
        os.fsync(handle)

    def sync_data(self, handle: int) -> None:
        """Like :meth:`sync`, without times and other facts that reading the content back does not need."""
        os.fdatasync(handle) if hasattr(os, "fdatasync") else os.fsync(handle)

    def truncate(self, handle: int, length: int) -> None:
        """Cut the file to *length* bytes."""
        os.ftruncate(handle, length)

    def close(self, handle: int) -> None:
        """Let go of the file."""
        os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name, in the place of whatever had it."""
        old.replace(new)

    def link(self, old: Path, new: Path) -> None:
        """Give a file a second name."""
        new.hardlink_to(old)

    def remove(self, path: Path) -> None:
        """Remove a name."""
        path.unlink()

    def make_folder(self, path: Path) -> None:
        """Make a folder for its owner alone."""
        path.mkdir(mode=FOLDER_MODE)

    def sync_folder(self, path: Path) -> None:
        """Return once the names in a folder would survive a power cut."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


DISK = Disk()


def write_all(disk: Disk, handle: int, data: bytes) -> None:
    """Write all of *data*: the system may take less at a time."""
    view = memoryview(data)
    while view:
        view = view[disk.write(handle, bytes(view)) :]


def write_new(disk: Disk, path: Path, data: bytes) -> None:
    """Make the file *path* with *data*, durably; on failure there is none. Its name is not yet durable."""
    handle = disk.create(path)
    try:
        write_all(disk, handle, data)
        disk.sync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            disk.close(handle)
        with contextlib.suppress(OSError):
            disk.remove(path)
        raise
    disk.close(handle)


def replace(disk: Disk, path: Path, data: bytes, backup: Path | None = None) -> None:
    """Put *data* in the place of the file *path*: after a crash there is either the old or the new content.

    The old file gets the name *backup* as well. Durable when it returns.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    # The session's lock admits one writer: what lies here was left by a crash.
    temporary.unlink(missing_ok=True)
    write_new(disk, temporary, data)
    try:
        if backup is not None and path.exists():
            keep(disk, path, backup)
            disk.sync_folder(backup.parent)
        disk.rename(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            disk.remove(temporary)
        raise
    disk.sync_folder(path.parent)


def keep(disk: Disk, path: Path, copy: Path) -> None:
    """Give the content of *path* a second name, by a link or, where the file system has none, by a copy."""
    if copy.exists():
        return
    try:
        disk.link(path, copy)
    except FileExistsError:
        return
    except OSError:
        write_new(disk, copy, path.read_bytes())
