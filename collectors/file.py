"""Files as a source: a log, a table, an export, a document, a folder of them, or standard input.

What is in a file is recognised by its content (:mod:`collectors.intake`), compressed or not. Anything else is
read as lines; what has no times in it is kept as an attachment.
"""

import os
import select
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from app.evidence.artifacts import BLOCK
from app.evidence.index import Cancel
from app.evidence.window import merged
from app.text import one_line
from collectors.apart import KEEPING_S, READING_S, collect_apart
from collectors.intake import READING_FIELDS, STOPPED, Intake, Part, broken_off, check_reading, take
from collectors.interface import Collected, Collector, CollectProblem, Examination, Field, Job

_MOST_FILES = 500
"""Reading them merged by time opens all of them at once, and a process may open about a thousand."""
STDIN = "-"
"""The path that means standard input."""
_STDIN_NUMBER = 0


class FileCollector(Collector):
    """Reads a file or every file of a folder, in a thread, in bounded memory."""

    kind: ClassVar[str] = "file"
    title: ClassVar[str] = "file or folder"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("path", "File or folder", required=True, example="incident-logs.txt", kind="path"),
        *READING_FIELDS,
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """The path must be named, and the zone must exist."""
        if not _text(settings, "path"):
            return "A file source needs a path: name the file or folder."
        return check_reading(settings)

    def describe(self, settings: Mapping[str, Any]) -> str:
        """The file's name."""
        path = _text(settings, "path")
        return "standard input" if path == STDIN else one_line(Path(path).name or "file")

    def repeatable(self, settings: Mapping[str, Any]) -> bool:
        """Standard input comes once."""
        return _text(settings, "path") != STDIN

    async def examine(self, job: Job) -> Examination | None:
        """Whether the file or folder is there and can be read; standard input cannot be asked."""
        if job.setting("path") == STDIN:
            return None
        try:
            path = _root(job)
        except CollectProblem as problem:
            return Examination(reachable=False, sentences=(str(problem),))
        if os.access(path, os.R_OK):
            return Examination(reachable=True, authorised=True)
        sentence = f"{one_line(str(path))} may not be read: ask its owner, or run as somebody who may."
        return Examination(reachable=True, authorised=False, sentences=(sentence,))

    async def collect(self, job: Job) -> Collected:
        """Keep and read every file; see the module."""
        once = not self.repeatable(job.source.settings)
        return await collect_apart(_collect, job, KEEPING_S if once else READING_S)


def _text(settings: Mapping[str, Any], name: str) -> str:
    value = settings.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _collect(job: Job) -> Collected:
    if job.setting("path") == STDIN:
        return _from_stdin(job)
    root = _root(job)
    files = list(_files(root))
    if not files:
        raise CollectProblem(f"{one_line(str(root))} holds no files: name another folder.")
    total = sum(size for _, _, size in files) or 1
    parts: list[Part] = []
    rows = done = 0

    def moved(read: int, lines: int) -> None:
        job.report(bytes=done + read, rows=rows + lines, done=min(1.0, (done + read) / total))

    for path, name, size in files:
        job.report(step=f"reading {name}")
        part = _read(path, name, job, moved)
        parts.append(part)
        rows += part.artifact.rows
        done += size
        covered = merged(span for each in parts for span in each.coverage.covered)
        job.report(bytes=done, rows=rows, covered=covered)
    job.report(step=f"{len(files):,} file{'s' if len(files) > 1 else ''}")
    return _together(parts)


def _together(parts: Sequence[Part]) -> Collected:
    return Collected(
        tuple(artifact for part in parts for artifact in (part.artifact, *part.beside)),
        tuple(gap for part in parts for gap in part.coverage.gaps),
        tuple(note for part in parts for note in part.notes),
    )


def _from_stdin(job: Job) -> Collected:
    """Read what is piped in, to its end; a person at a terminal is not kept waiting for what they did not type."""
    if os.isatty(_STDIN_NUMBER):
        raise CollectProblem(
            "Nothing is piped in: run `SOME COMMAND | blamefree collect SESSION --stdin NAME` in a shell."
        )
    size, stopped = 0, False

    def blocks() -> Iterator[bytes]:
        nonlocal size, stopped
        while True:
            # A pipe that is silent must not keep the thread from hearing that the person stopped it.
            ready, _, _ = select.select([_STDIN_NUMBER], [], [], 0.1)
            if job.cancelled():
                if not size:
                    raise Cancel
                stopped = True
                return
            if ready:
                block = os.read(_STDIN_NUMBER, BLOCK)
                if not block:
                    return
                size += len(block)
                yield block

    job.report(step="reading standard input")
    name = job.source.name or "standard input"
    what = Intake(name, "standard input", blocks, after=lambda: STOPPED if stopped else "", once=True)
    part = take(job, what, lambda lines: job.report(bytes=size, rows=lines))
    if stopped:
        part = broken_off(job, part, f"{one_line(name)} {STOPPED}")
    job.report(bytes=size, rows=part.artifact.rows, covered=part.coverage.covered)
    return _together([part])


def _root(job: Job) -> Path:
    """The path meant: as it stands, or below the session's folder (a review travels with its evidence)."""
    written = Path(_text(job.source.settings, "path")).expanduser()
    inside = job.folder / written
    path = inside if not written.is_absolute() and inside.exists() else written
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise CollectProblem(
            f"There is no file {one_line(str(written))} ({error.strerror}): correct the path."
        ) from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise CollectProblem(f"{one_line(str(written))} is neither a file nor a folder: name one of these.")
    return path


def _files(root: Path) -> Iterator[tuple[Path, str, int]]:
    """Path, name and size of each file; hidden ones, links and what is not a file are left out."""
    if root.is_file():
        yield root, root.name, root.stat().st_size
        return
    count = 0
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if any(part.startswith(".") for part in parts) or path.is_symlink() or not path.is_file():
            continue
        count += 1
        if count > _MOST_FILES:
            raise CollectProblem(
                f"{one_line(str(root))} holds more than {_MOST_FILES:,} files: name a folder with fewer."
            )
        yield path, "-".join(parts), path.stat().st_size


def _read(path: Path, name: str, job: Job, moved: Callable[[int, int], None]) -> Part:
    """Keep one file, and read it in the same pass."""
    with path.open("rb") as file:
        query = _request(path, job)
        blocks = iter(lambda: file.read(BLOCK), b"")
        return take(job, Intake(name, query, lambda: blocks), lambda lines: moved(file.tell(), lines))


def _request(path: Path, job: Job) -> str:
    """The file that was read; one of the session's own by its place in there."""
    whole, home = path.resolve(), job.folder.resolve()
    return one_line(f"file {whole.relative_to(home).as_posix() if whole.is_relative_to(home) else whole}")
