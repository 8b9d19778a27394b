"""Reports as files: written atomically, beside what other people wrote, never over it.

A report under its usual name is replaced when this program wrote it and nobody changed it since; a small
list of digests in ``reports/.written.json`` says so. Otherwise the new one goes beside it as ``name-2.md``.
No symbolic link is followed: a link in the place of a file is left alone like any file of somebody else's,
and a link in the place of the folder is refused.
"""

import contextlib
import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.review.plain import one_line
from app.review.records import Session

FOLDER: Final = "reports"
_FORMATS: Final = {
    "md": "md", "markdown": "md", "html": "html", "htm": "html", "json": "json", "pdf": "pdf", "txt": "txt",
    "csv": "csv", "xml": "confluence",
}  # fmt: skip
_LEDGER: Final = ".written.json"
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


class WriteProblem(Exception):
    """A report could not be written; ``str()`` is one sentence that says what to do."""


def file_name(session: Session, suffix: str) -> str:
    """The usual name of a report: from the session's id, safe on every file system."""
    return f"{_safe(session.id or session.incident.title)}.{suffix}"


def format_of(path: Path) -> str:
    """The format that the ending of a file's name says; empty where it says none."""
    if path.name.casefold().endswith(".slack.txt"):
        return "slack"
    return _FORMATS.get(path.suffix[1:].casefold(), "")


def write(folder: Path, name: str, text: str | bytes) -> Path:
    """Write *text* into ``folder/reports/`` under *name*, or beside a file there that is not ours.

    Returns the path written. Raises :class:`WriteProblem`.
    """
    reports = folder / FOLDER
    data = _bytes(text)
    try:
        if reports.is_symlink():
            raise WriteProblem(f"{_shown(reports)} is a link: put a folder of its own there.")
        reports.mkdir(mode=0o700, exist_ok=True)
        ledger = _read_ledger(reports / _LEDGER)
        target = next(path for path in _names(reports, name) if _is_free(path, ledger))
        # The digest goes first: should the program die in between, the file is not ours and is kept.
        _replace(reports / _LEDGER, json.dumps(ledger | {target.name: _digest(data)}, indent=1).encode())
        _replace(target, data)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise WriteProblem(
            f"The report could not be written to {_shown(reports)} ({why}): free some space or name another "
            "place."
        ) from error
    return target


def write_to(path: Path, text: str | bytes) -> Path:
    """Write *text* to a path that a person named, replacing a file there, atomically.

    A symbolic link at *path* is replaced by the file; what it points to is not touched.
    Raises :class:`WriteProblem`.
    """
    if path.is_dir() and not path.is_symlink():
        raise WriteProblem(f"{_shown(path)} is a folder: name a file in it.")
    try:
        _replace(path, _bytes(text))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise WriteProblem(f"{_shown(path)} could not be written ({why}): choose another place.") from error
    return path


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")


def _names(folder: Path, name: str) -> Iterator[Path]:
    stem, dot, suffix = _safe(name).rpartition(".")
    yield folder / f"{stem}{dot}{suffix}"
    for number in range(2, 10_000):
        yield folder / (f"{stem}-{number}.{suffix}" if stem else f"{suffix}-{number}")


def _is_free(path: Path, ledger: dict[str, str]) -> bool:
    """Whether *path* is unused, or holds exactly what this program last wrote there."""
    if path.is_symlink():
        return False
    if not path.exists():
        return True
    return path.is_file() and ledger.get(path.name) == _digest(path.read_bytes())


def _read_ledger(path: Path) -> dict[str, str]:
    """The digests by file name; an unreadable list means that nothing is known to be ours."""
    if path.is_symlink():
        return {}
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {name: digest for name, digest in content.items() if isinstance(digest, str)}


def _replace(path: Path, data: bytes) -> None:
    """Put *data* at *path* in one step: a new file that is renamed over it, on disk before this returns."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable, where the system can do that for folders."""
    with contextlib.suppress(PermissionError, NotImplementedError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _safe(name: str) -> str:
    """*name* as one harmless file name: letters, digits, ``.``, ``_`` and ``-``, at most 80."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", unicodedata.normalize("NFKC", name)).strip("-.")[-80:].strip("-.")
    return f"report-{name}" if not name or _RESERVED.match(name) else name


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _shown(path: Path) -> str:
    return one_line(str(path))
