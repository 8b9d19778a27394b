"""Files as a source: a log, an export of Prometheus or Alertmanager, a folder of them, plain or gzip.

What the post-mortem's commands write is recognised by its content: ``kubectl logs --timestamps`` (with
``--prefix`` or without), the JSON of ``query_range``, and ``amtool alert query --output json``. Anything else
is read as lines; what has no times in it is kept as an attachment.
"""

import asyncio
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any, ClassVar

from app.evidence.alerts import ALERTS_JSON, parse_alerts
from app.evidence.artifacts import BLOCK, Draft, unpacked
from app.evidence.coverage import Coverage, of_log, of_series, span_of_points
from app.evidence.formats import ATTACHMENT, LINES, sniff
from app.evidence.index import Cancel, Index, Scanner, is_zone, save, scan, span_of, zone_of
from app.evidence.series import LARGEST, QUERY_RANGE, parse_matrix, warnings_of
from app.evidence.times import Reading
from app.evidence.window import merged
from app.review.records import Artifact
from app.text import one_line
from collectors.interface import Collected, Collector, CollectProblem, Field, Job

_MOST_FILES = 500
"""Reading them merged by time opens all of them at once, and a process may open about a thousand."""
_HEAD = 64 * 1024


class FileCollector(Collector):
    """Reads a file or every file of a folder, in a thread, in bounded memory."""

    kind: ClassVar[str] = "file"
    title: ClassVar[str] = "file or folder"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("path", "File or folder", required=True, example="incident-logs.txt", kind="path"),
        Field("zone", "Zone of its times", example="Europe/Berlin, where they name none"),
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """The path must be named, and the zone must exist."""
        if not _text(settings, "path"):
            return "A file source needs a path: name the file or folder."
        zone = _text(settings, "zone")
        if zone and not is_zone(zone):
            return (
                f"There is no zone called “{one_line(zone)}”: write it like Europe/Berlin, or leave it out."
            )
        return ""

    def describe(self, settings: Mapping[str, Any]) -> str:
        """The file's name."""
        return one_line(Path(_text(settings, "path")).name or "file")

    async def collect(self, job: Job) -> Collected:
        """Keep and read every file; see the module."""
        try:
            return await asyncio.to_thread(_collect, job)
        except Cancel:
            # Only the person's own cancel sets the flag: the task is being cancelled, too.
            raise asyncio.CancelledError from None


def _text(settings: Mapping[str, Any], name: str) -> str:
    value = settings.get(name, "")
    return value.strip() if isinstance(value, str) else ""


@dataclass(frozen=True)
class _Part:
    """What one file came to."""

    artifact: Artifact
    coverage: Coverage = field(default_factory=Coverage)
    notes: tuple[str, ...] = ()


def _collect(job: Job) -> Collected:
    root = _root(job)
    files = list(_files(root))
    if not files:
        raise CollectProblem(f"{one_line(str(root))} holds no files: name another folder.")
    total = sum(size for _, _, size in files) or 1
    parts: list[_Part] = []
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
    return Collected(
        tuple(part.artifact for part in parts),
        tuple(gap for part in parts for gap in part.coverage.gaps),
        tuple(note for part in parts for note in part.notes),
    )


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


def _read(path: Path, name: str, job: Job, moved: Callable[[int, int], None]) -> _Part:
    """Keep one file, and read it in the same pass."""
    zone, zone_info = zone_of(job.source)
    near = job.window.start if job.window else job.now
    scanner = Scanner(Reading(zone_info, near.astimezone(UTC)), zone)
    with path.open("rb") as file, job.keeper.open(name) as draft:
        raw = iter(lambda: file.read(BLOCK), b"")
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        tasting = _Tasting()

        def passing() -> Iterator[bytes]:
            for block in unpacked(raw, name) if packed else raw:
                draft.write(block)
                tasting.take(block)
                moved(file.tell(), scanner.index.rows)
                yield block

        damaged = scan(passing(), scanner, job.cancelled)
        index = scanner.finish()
        index.damaged = one_line(damaged)
        return _judged(path, name.removesuffix(".gz"), job, draft, tasting, index)


class _Tasting:
    """The beginning of a file tells its format; JSON is kept whole, to be parsed at the end."""

    def __init__(self) -> None:
        self._form = ""
        self._content = bytearray()

    def take(self, block: bytes) -> None:
        """Take the next block."""
        if self._form in ("", QUERY_RANGE, ALERTS_JSON) and len(self._content) <= LARGEST:
            self._content += block
        if not self._form and len(self._content) >= _HEAD:
            self._form = sniff(bytes(self._content[:_HEAD]))
            if self._form in (LINES, ATTACHMENT):
                self._content.clear()

    def result(self) -> tuple[str, bytes]:
        """The format, and the content where it is JSON."""
        form = self._form or sniff(bytes(self._content))
        if form in (LINES, ATTACHMENT):
            return form, b""
        return (form, bytes(self._content)) if len(self._content) <= LARGEST else (LINES, b"")


def _judged(path: Path, name: str, job: Job, draft: Draft, tasting: _Tasting, index: Index) -> _Part:
    """What the file turned out to be, kept as that."""
    form, content = tasting.result()
    facts = {"query": _request(path, job)}
    notes: tuple[str, ...] = (index.damaged,) if index.damaged else ()
    offset = job.source.clock_offset_s
    series = parse_matrix(content) if form == QUERY_RANGE else None
    if series is not None:
        span = span_of_points(series) or (None, None)
        rows = sum(len(one.points) for one in series)
        artifact = draft.commit(
            **facts, format=QUERY_RANGE, rows=rows, from_=span[0], to=span[1], note=Path(name).stem
        )
        notes += tuple(f"{name}: the server warned “{text}”." for text in warnings_of(content))
        return _Part(artifact, of_series(series, name, job.window, offset), notes)
    listed = parse_alerts(content) if form == ALERTS_JSON else None
    if listed is not None:
        begin = min((one.fired for one in listed), default=None)
        end = max((one.resolved or one.fired for one in listed), default=None)
        artifact = draft.commit(**facts, format=ALERTS_JSON, rows=len(listed), from_=begin, to=end)
        if not listed:
            notes += (f"{name} lists no alert: Alertmanager forgets them once they are resolved.",)
        return _Part(artifact, notes=notes)
    times = span_of(index)
    if form == ATTACHMENT or times is None:
        artifact = draft.commit(**facts, format=ATTACHMENT, rows=index.rows)
        if not draft.size:
            notes += (f"{name} is empty.",)
        elif form == ATTACHMENT:
            notes += (f"{name} is not text: it is kept as an attachment, not as a log.",)
        else:
            notes += (
                f"{name} has no times in a form known here: it is kept as an attachment, not as a log.",
            )
        return _Part(artifact, notes=notes)
    remarks = _remarks(index)
    artifact = draft.commit(
        **facts, format=LINES, rows=index.rows, from_=times[0], to=times[1], note="; ".join(remarks)
    )
    index.sha256 = artifact.sha256
    save(job.keeper.folder / artifact.path, index)
    notes += tuple(f"{name}: {remark}." for remark in remarks)
    return _Part(artifact, of_log(index, name, job.window, offset), notes)


def _request(path: Path, job: Job) -> str:
    """The file that was read; one of the session's own by its place in there."""
    whole, home = path.resolve(), job.folder.resolve()
    return one_line(f"file {whole.relative_to(home).as_posix() if whole.is_relative_to(home) else whole}")


def _remarks(index: Index) -> list[str]:
    """What a person should know about how the times and texts of a log were read."""
    remarks: list[str] = []
    if index.zoneless:
        read_as = f"as {index.zone}" if index.zone else "as UTC, because no zone is set for this source"
        remarks.append(f"its times name no zone and were read {read_as}")
    if index.style in ("klog", "syslog"):
        remarks.append("its times name no year and got that of the incident")
    if index.invalid:
        remarks.append(f"{_of_its_lines(index.invalid)} not UTF-8 and shown with replacement characters")
    if index.cut:
        remarks.append(f"{_of_its_lines(index.cut)} longer than 64 KiB and shown cut")
    return remarks


def _of_its_lines(count: int) -> str:
    return f"{count:,} of its lines {'is' if count == 1 else 'are'}"
