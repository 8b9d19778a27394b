"""Taking in one stream of bytes: kept as it came, recognised by its content, read in the same pass.

Files, standard input and the output of commands all come through here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from itertools import chain
from pathlib import Path
from typing import Any

from app.evidence.alerts import ALERTS_JSON, parse_alerts, parse_silences
from app.evidence.artifacts import Draft, EvidenceProblem
from app.evidence.coverage import Coverage, of_log, of_series, span_of_points
from app.evidence.formats import ATTACHMENT, LINES, is_document, sniff
from app.evidence.index import Index, Scanner, is_zone, never, scan, span_of, zone_of
from app.evidence.kept import save_collected
from app.evidence.packing import plain
from app.evidence.series import LARGEST, QUERY_RANGE, parse_matrix, warnings_of
from app.evidence.times import Reading
from app.evidence.window import uncovered
from app.evidence.zones import remark_on_zone
from app.review.records import Artifact, Gap
from app.text import one_line
from collectors.csv_rows import Table, check_columns, is_table
from collectors.interface import Field, Job

CSV = "csv"
"""What an artifact calls a table: its rows are read from the lines that were made of it."""
STOPPED = "was stopped by hand before its end"
_HEAD = 64 * 1024
READ_AS = ("", "log", "csv", "attachment")
READING_FIELDS = (
    Field("zone", "Zone of its times", example="Europe/Berlin, where they name none"),
    Field("read_as", "Read as", example="attachment to keep it only; csv; log"),
    Field("columns", "Columns of a CSV", kind="pairs", example="time = When ;; message = What"),
    Field("time_format", "Format of times", example="%d.%m.%Y %H:%M:%S, for a CSV"),
)
"""The settings that say how to read what came; every source that takes files has them."""


@dataclass(frozen=True)
class Intake:
    """What to take in. *name* is what it is called, *query* how it was asked for.

    *blocks* gives it from its beginning each time it is called. *after* is asked once all came, for what is
    worth a note then. What comes only *once* is read to the end of *blocks* also when the person stops the
    source: the blocks end early then, and what came is kept.
    """

    name: str
    query: str
    blocks: Callable[[], Iterator[bytes]]
    after: Callable[[], str] = lambda: ""
    once: bool = False


@dataclass(frozen=True)
class Part:
    """What one stream came to. *beside* are artifacts that were made out of it."""

    artifact: Artifact
    coverage: Coverage = field(default_factory=Coverage)
    notes: tuple[str, ...] = ()
    beside: tuple[Artifact, ...] = ()


def check_reading(settings: Mapping[str, Any]) -> str:
    """One sentence on what is wrong with the settings in :data:`READING_FIELDS`."""
    zone = _text(settings, "zone")
    if zone and not is_zone(zone):
        return f"There is no zone called “{one_line(zone)}”: write it like Europe/Berlin, or leave it out."
    if _text(settings, "read_as") not in READ_AS:
        return "“Read as” is log, csv or attachment: correct it, or leave it out to have it recognised."
    return check_columns(settings.get("columns"))


def take(job: Job, what: Intake, moved: Callable[[int], None]) -> Part:
    """Keep *what* and read it; *moved* hears how many lines were read so far."""
    read_as = job.setting("read_as")
    if is_table(_unpacked_name(what.name), read_as):
        return _table(job, what, moved)
    return _stream(job, what, moved, read_as)


def broken_off(job: Job, part: Part, why: str) -> Part:
    """*part*, of a stream that ended before its time: what it did not reach is a hole for that reason."""
    if job.window is None:
        return part
    reached = part.coverage.covered[-1][1] if part.coverage.covered else job.window.start
    gaps = tuple(gap for gap in part.coverage.gaps if gap.to is None or gap.to <= reached)
    left = uncovered(job.window, [(job.window.start, reached)])
    gaps += tuple(Gap(from_=start, to=end, why=why, artifact=part.artifact.path) for start, end in left)
    return replace(part, coverage=replace(part.coverage, gaps=gaps))


def _table(job: Job, what: Intake, moved: Callable[[int], None]) -> Part:
    """Keep a table as it came, and beside it its rows as lines; one that asks something is a hole until then."""
    name = _unpacked_name(what.name)
    columns = job.source.settings.get("columns")
    table = Table(name, columns if isinstance(columns, Mapping) else {}, job.setting("time_format"))
    broken = ""
    with job.keeper.open(name) as draft:

        def kept() -> Iterator[bytes]:
            nonlocal broken
            try:
                for block in plain(what.blocks(), what.name):
                    draft.write(block)
                    yield block
            except EvidenceProblem as problem:
                broken = one_line(str(problem))

        lines = table.lines(kept())
        # Without a single row nothing is made: what was kept has to be asked about.
        first = next(lines, None)
        part = None
        if first is not None:
            rows = Intake(f"{name}.rows.jsonl", what.query, lambda: chain([first], lines), once=what.once)
            part = _stream(job, rows, moved, "log", fresh=True)
        # Its rows are counted where they are read: in the lines that were made of it.
        raw = draft.commit(query=what.query, format=CSV, note=what.after())
    notes = tuple(filter(None, (broken, table.problem)))
    if table.skipped:
        notes += (f"{name}: {table.skipped:,} of its rows have no time or are broken, and were left out.",)
    if part:
        return Part(part.artifact, part.coverage, notes + part.notes, (raw, *part.beside))
    window = job.window
    why = table.problem or f"{name} has no row with a time"
    gaps = (Gap(from_=window.start, to=window.end, why=why, artifact=raw.path),) if window else ()
    return Part(raw, Coverage((), gaps), notes)


def _stream(
    job: Job, what: Intake, moved: Callable[[int], None], read_as: str, *, fresh: bool = False
) -> Part:
    """Keep and read what is no table; *fresh* was made here, and is not unpacked."""
    zone, zone_info = zone_of(job.source)
    near = job.window.start if job.window else job.now
    scanner = Scanner(Reading(zone_info, near.astimezone(UTC)), zone)
    with job.keeper.open(_unpacked_name(what.name)) as draft, draft.beside("rows") as rows:
        scanner.into = rows
        tasting = _Tasting(read_as)

        def passing() -> Iterator[bytes]:
            for block in what.blocks() if fresh else plain(what.blocks(), what.name):
                draft.write(block)
                tasting.take(block)
                moved(scanner.index.rows)
                yield block

        damaged = scan(passing(), scanner, never if what.once else job.cancelled)
        index = scanner.finish()
        index.damaged = one_line(damaged)
        return _judged(what, job, draft, tasting, index, rows, read_as)


class _Tasting:
    """The beginning of a file tells its format; JSON is kept whole, to be parsed at the end."""

    def __init__(self, read_as: str) -> None:
        self._form = {"log": LINES, "attachment": ATTACHMENT}.get(read_as, "")
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


def _judged(
    what: Intake, job: Job, draft: Draft, tasting: _Tasting, index: Index, rows: Path, read_as: str
) -> Part:
    """What it turned out to be, kept as that."""
    name = _unpacked_name(what.name)
    form, content = tasting.result()
    if form == LINES and read_as != "log" and is_document(name):
        form = ATTACHMENT
    known = {"query": what.query}
    after = what.after()
    notes: tuple[str, ...] = (index.damaged,) if index.damaged else ()
    offset = job.source.clock_offset_s
    series = parse_matrix(content) if form == QUERY_RANGE else None
    if series is not None:
        span = span_of_points(series) or (None, None)
        points = sum(len(one.points) for one in series)
        artifact = draft.commit(
            **known, format=QUERY_RANGE, rows=points, from_=span[0], to=span[1], note=Path(name).stem
        )
        notes += tuple(f"{name}: the server warned “{text}”." for text in warnings_of(content))
        return Part(artifact, of_series(series, name, job.window, offset), notes)
    if form == ALERTS_JSON and (part := _alerts(name, known, job, draft, content, after)):
        return replace(part, notes=notes + part.notes)
    times = span_of(index)
    if form == ATTACHMENT or times is None:
        artifact = draft.commit(**known, format=ATTACHMENT, note=after)
        return Part(artifact, notes=notes + _why_attached(name, job, draft, form))
    remarks = _remarks(index)
    artifact = draft.commit(
        **known,
        format=LINES,
        rows=index.rows,
        from_=times[0],
        to=times[1],
        note="; ".join([*remarks, *([after] if after else [])]),
        zoneless=index.zoneless,
    )
    save_collected(job.keeper.folder, artifact, index, rows)
    notes += tuple(f"{name}: {remark}." for remark in remarks)
    return Part(artifact, _shown_by(artifact, of_log(index, name, job.window, offset)), notes)


def _alerts(
    name: str, known: Mapping[str, str], job: Job, draft: Draft, content: bytes, after: str
) -> Part | None:
    """Alerts in one of the forms that Alertmanager writes, with the silences as facts beside them."""
    listed = parse_alerts(content)
    if listed is None:
        return None
    begin = min((one.fired for one in listed), default=None)
    end = max((one.resolved or one.fired for one in listed), default=None)
    artifact = draft.commit(**known, format=ALERTS_JSON, rows=len(listed), from_=begin, to=end, note=after)
    notes: tuple[str, ...] = ()
    silences = [replace(fact, ref=artifact.path) for fact in parse_silences(content)]
    if not listed and not silences:
        notes = (f"{name} lists no alert: Alertmanager forgets them once they are resolved.",)
    if not silences:
        return Part(artifact, notes=notes)
    return Part(artifact, notes=notes, beside=(job.keep_facts(f"{name}.facts", silences, known["query"]),))


def _why_attached(name: str, job: Job, draft: Draft, form: str) -> tuple[str, ...]:
    if job.setting("read_as") == "attachment":
        return ()
    if not draft.size:
        return (f"{name} is empty.",)
    if form == ATTACHMENT and is_document(name):
        return (f"{name} is a document: it is kept as an attachment.",)
    if form == ATTACHMENT:
        return (f"{name} is not text: it is kept as an attachment, not as a log.",)
    return (f"{name} has no times in a form known here: it is kept as an attachment, not as a log.",)


def _shown_by(artifact: Artifact, coverage: Coverage) -> Coverage:
    gaps = tuple(gap.model_copy(update={"artifact": artifact.path}) for gap in coverage.gaps)
    return replace(coverage, gaps=gaps)


def _remarks(index: Index) -> list[str]:
    """What a person should know about how the times and texts of a log were read."""
    remarks: list[str] = []
    if index.zoneless:
        remarks.append(remark_on_zone(index.zone))
    if index.style in ("klog", "syslog"):
        remarks.append("its times name no year and got that of the incident")
    if index.invalid:
        remarks.append(f"{_of_its_lines(index.invalid)} not UTF-8 and shown with replacement characters")
    if index.cut:
        remarks.append(f"{_of_its_lines(index.cut)} longer than 64 KiB and shown cut")
    return remarks


def _of_its_lines(count: int) -> str:
    return f"{count:,} of its lines {'is' if count == 1 else 'are'}"


def _unpacked_name(name: str) -> str:
    return name.removesuffix(".gz").removesuffix(".zst").removesuffix(".zstd")


def _text(settings: Mapping[str, Any], name: str) -> str:
    value = settings.get(name, "")
    return value.strip() if isinstance(value, str) else ""
