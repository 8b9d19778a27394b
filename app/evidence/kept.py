"""The rows of a log as a table beside the artifact, and the numbers of the pass that made them.

A Parquet file that the engine asks, and a small JSON file. They are hidden, derived, and safe to delete; they are
made anew when the artifact's hash or size, the zone, the time it is near to, or the version of
:mod:`app.evidence.index` differs.
"""

import atexit
import json
import os
import shutil
import tempfile
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

from app.evidence.artifacts import EvidenceProblem, blocks, locate
from app.evidence.index import (
    VERSION,
    Cancel,
    Cancelled,
    Index,
    Scanner,
    near_to,
    never,
    reading_of,
    scan,
    zone_of,
)
from app.evidence.times import Reading
from app.review.records import Artifact, Session, Source

_building = threading.Lock()
"""Screens ask for the same log at the same moment; one of them reads it and the others wait."""


@dataclass(frozen=True)
class Table:
    """The rows of one log: where they lie, and what they are in numbers."""

    source: Source
    artifact: Artifact
    index: Index
    path: Path


def index_of(
    session: Session, folder: Path, source: Source, artifact: Artifact, cancelled: Cancelled = never
) -> Index:
    """The index of a log, from its cache or made now; raises as :func:`table_of` does."""
    return table_of(session, folder, source, artifact, cancelled).index


def table_of(
    session: Session, folder: Path, source: Source, artifact: Artifact, cancelled: Cancelled = never
) -> Table:
    """The rows of a log, from beside the artifact or made now.

    Raises :class:`Cancel`, or :class:`EvidenceProblem` when the artifact cannot be read at all.
    """
    path = locate(folder, artifact)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise EvidenceProblem(f"{path} cannot be read ({error.strerror}): check that it is there.") from error
    reading = reading_of(session, source, artifact)
    key = Index(sha256=artifact.sha256, zone=zone_of(source)[0], near=near_to(reading), size=size)
    known = _known(path, key)
    while known is None and not _building.acquire(timeout=0.05):
        if cancelled():
            raise Cancel
    if known is None:
        try:
            # Another thread may have made it while this one waited.
            known = _known(path, key) or _made(path, key, reading, artifact.format, cancelled)
        finally:
            _building.release()
    return Table(source, artifact, *known)


def _made(path: Path, key: Index, reading: Reading, form: str, cancelled: Cancelled) -> tuple[Index, Path]:
    place = path.parent if os.access(path.parent, os.W_OK) else _elsewhere()
    part = place / f".{path.name}.{threading.get_ident()}.part"
    scanner = Scanner(reading, key.zone, part, form)
    scan(blocks(path), scanner, cancelled)
    scanner.index.sha256 = key.sha256
    return scanner.index, save(path, scanner.index, part)


def save(path: Path, index: Index, rows: Path | None = None) -> Path:
    """Put the numbers, and the *rows* where they were written, beside the artifact at *path*.

    Returns where the rows are. They go to a folder of this process where nothing can be written beside the
    artifact.
    """
    place = path.parent if os.access(path.parent, os.W_OK) else _elsewhere()
    table = _table(place, path)
    with suppress(OSError):
        index.size = path.stat().st_size
    # Numbers without rows are worth nothing: the rows come first.
    _numbers(place, path).unlink(missing_ok=True)
    if rows is not None:
        rows.chmod(0o600)
        rows.replace(table)
        content = asdict(index) | {
            "minutes": [[minute, *pair] for minute, pair in sorted(index.minutes.items())]
        }
        part = _numbers(place, path).with_suffix(f".{threading.get_ident()}.part")
        with suppress(OSError):
            part.touch(mode=0o600)
            part.write_text(json.dumps(content, separators=(",", ":")), "utf-8")
            part.replace(_numbers(place, path))
    return table


def save_collected(folder: Path, artifact: Artifact, index: Index, rows: Path) -> None:
    """Put what was found while *artifact* was collected beside it, so that nobody reads it again."""
    index.sha256 = artifact.sha256
    if artifact.from_:
        # Whoever asks for the rows knows the log by where it begins.
        index.near = near_to(Reading(near=artifact.from_.astimezone(UTC)))
    save(locate(folder, artifact), index, rows)


@cache
def _elsewhere() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="blamefree-evidence-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _table(place: Path, path: Path) -> Path:
    return place / f".{path.name}.parquet"


def _numbers(place: Path, path: Path) -> Path:
    return place / f".{path.name}.index"


def _known(path: Path, key: Index) -> tuple[Index, Path] | None:
    """The numbers and the rows that are there already, where they are those of *key*."""
    for place in (path.parent, _elsewhere() if not os.access(path.parent, os.W_OK) else path.parent):
        index = _load(_numbers(place, path))
        fits = (
            index is not None
            and key.sha256
            and all(getattr(index, name) == getattr(key, name) for name in ("sha256", "zone", "near", "size"))
        )
        if index is not None and fits and _table(place, path).is_file():
            return index, _table(place, path)
    return None


def _load(numbers: Path) -> Index | None:
    try:
        content: dict[str, Any] = json.loads(numbers.read_bytes())
        if content["version"] != VERSION:
            return None
        content["minutes"] = {
            int(minute): (int(rows), int(errors)) for minute, rows, errors in content["minutes"]
        }
        index = Index(**content)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return index
