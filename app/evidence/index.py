"""One pass over a log, in pieces, whatever its size: its rows as a table, and what it is in numbers.

Where the rows and the numbers are kept, and when they are made anew, is said in :mod:`app.evidence.kept`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app.evidence.artifacts import EvidenceProblem
from app.evidence.facts import FACTS
from app.evidence.formats import LINES
from app.evidence.lines import Pieces
from app.evidence.times import MINUTE, Clock, Reading, clock_for, moment
from app.review.records import Artifact, Session, Source

if TYPE_CHECKING:
    import polars as pl

VERSION = 2
Cancelled = Callable[[], bool]

SAMPLE = 500
"""Lines from the beginning of a log that decide which stamps it uses."""
_AT_ONCE = 2
"""Pieces that are parsed at the same time: the engine has no use for more than the cores of a laptop."""
_GROUP = 64 * 1024
"""Rows that are read together, at the least, when the table is asked for a few of them."""


class Cancel(Exception):
    """The person stopped it."""


def never() -> bool:
    """Not cancelled, ever."""
    return False


@dataclass
class Index:
    """A log in numbers. Instants are raw: the source's clock correction is not in them.

    *minutes* maps the whole minute since 1970 to (lines, errors). *disorder_us* is how far back in time the
    log jumps at most: 0 means that it is sorted.
    """

    version: int = VERSION
    sha256: str = ""
    zone: str = ""
    near: str = ""
    size: int = 0
    style: str = ""
    zoneless: bool = False
    rows: int = 0
    timed: int = 0
    first_us: int | None = None
    last_us: int | None = None
    disorder_us: int = 0
    cut: int = 0
    invalid: int = 0
    damaged: str = ""
    errors: int = 0
    minutes: dict[int, tuple[int, int]] = field(default_factory=dict)


class Scanner:
    """Makes rows and an :class:`Index` of blocks of bytes as they pass by; *into* is where the rows go.

    Nothing is written without *into*.
    """

    def __init__(self, reading: Reading, zone: str = "", into: Path | None = None, form: str = LINES) -> None:
        self.index = Index(zone=zone, near=near_to(reading))
        self.into = into
        self._form = FACTS if form == FACTS else ""
        self._reading = reading
        self._pieces = Pieces()
        self._clock: Clock | None = None
        self._begun = False
        self._last: int | None = None
        self._highest: int | None = None

    def feed(self, block: bytes) -> None:
        """Take the next block, and count what is in it."""
        piece = self._pieces.feed(block)
        if piece is not None:
            self._placed(self._parsed(piece))

    def finish(self) -> Index:
        """The index, once everything was fed."""
        piece = self._pieces.finish()
        if piece is not None:
            self._placed(self._parsed(piece))
        self.index.cut, self.index.invalid = self._pieces.cut, self._pieces.invalid
        return self.index

    def frames(self, incoming: Iterable[bytes], cancelled: Cancelled) -> "Iterator[pl.DataFrame]":
        """The rows of all blocks, piece by piece, each counted when it is given; several are parsed at once."""
        waiting: deque[Future[pl.DataFrame]] = deque()
        with ThreadPoolExecutor(_AT_ONCE, "evidence") as pool:
            for piece in self._cut(incoming):
                if cancelled():
                    raise Cancel
                waiting.append(pool.submit(self._parsed, piece))
                if len(waiting) > _AT_ONCE:
                    yield self._placed(waiting.popleft().result())
            while waiting:
                if cancelled():
                    raise Cancel
                yield self._placed(waiting.popleft().result())
        self.index.cut, self.index.invalid = self._pieces.cut, self._pieces.invalid

    def _cut(self, incoming: Iterable[bytes]) -> Iterator[bytes]:
        """Pieces, and what a file that breaks off held before that; it is noted in the index."""
        began = False
        try:
            for block in incoming:
                piece = self._pieces.feed(block)
                if piece is not None:
                    self._begin(piece)
                    yield piece
                began = True
        except EvidenceProblem as problem:
            if not began:
                raise
            self.index.damaged = str(problem)
        piece = self._pieces.finish()
        if piece is not None:
            self._begin(piece)
            yield piece

    def _begin(self, piece: bytes) -> None:
        if self._begun:
            return
        self._begun = True
        self._clock = clock_for(piece.split(b"\n", SAMPLE)[:SAMPLE], self._reading)
        if self._clock:
            self.index.style = self._clock.style
            self.index.zoneless = self._clock.zoneless

    def _parsed(self, piece: bytes) -> "pl.DataFrame":
        from app.evidence.parse import parsed

        self._begin(piece)
        return parsed(piece, self._clock, self.index.zone or "UTC", self._form)

    def _placed(self, frame: "pl.DataFrame") -> "pl.DataFrame":
        """Count *frame*, and give its rows their numbers and the time of the line before where they have none."""
        import polars as pl

        index = self.index
        placed = frame.select(
            pl.int_range(index.rows + 1, index.rows + frame.height + 1, dtype=pl.UInt32).alias("line"),
            pl.col("at")
            .forward_fill()
            .fill_null(pl.lit(self._last, pl.Int64))
            .cast(pl.Datetime("us", "UTC"))
            .alias("time"),
            pl.exclude("at"),
        )
        index.rows += frame.height
        timed = frame.select("at", pl.col("level").is_in(["error", "fatal"]).alias("wrong")).drop_nulls("at")
        if timed.height:
            self._count(timed)
            self._last = timed["at"][-1]
        return placed

    def _count(self, timed: "pl.DataFrame") -> None:
        import polars as pl

        index = self.index
        counted = timed.group_by((pl.col("at") // MINUTE).alias("minute")).agg(
            pl.len(), pl.col("wrong").sum()
        )
        for minute, lines, wrong in counted.iter_rows():
            known = index.minutes.get(minute, (0, 0))
            index.minutes[minute] = (known[0] + lines, known[1] + wrong)
            index.errors += wrong
        at = pl.col("at")
        before = (
            at.cum_max() if self._highest is None else pl.max_horizontal(at.cum_max(), pl.lit(self._highest))
        )
        low, high, back = timed.select(
            at.min(), at.max().alias("max"), (before - at).max().alias("back")
        ).row(0)
        index.timed += timed.height
        index.disorder_us = max(index.disorder_us, back)
        index.first_us = low if index.first_us is None else min(index.first_us, low)
        index.last_us = self._highest = high if self._highest is None else max(self._highest, high)


def scan(incoming: Iterable[bytes], scanner: Scanner, cancelled: Cancelled = never) -> str:
    """Let *scanner* take everything; returns a sentence when the file broke off after something was read.

    Raises :class:`Cancel`, and :class:`EvidenceProblem` when nothing can be read at all.
    """
    if scanner.into is None:
        for _ in scanner.frames(incoming, cancelled):
            pass
    else:
        _write(scanner, incoming, cancelled, scanner.into)
    return scanner.index.damaged


def _write(scanner: Scanner, incoming: Iterable[bytes], cancelled: Cancelled, into: Path) -> None:
    """Write the rows as they come, in bounded memory."""
    import polars as pl
    from polars.io.plugins import register_io_source

    broken: list[BaseException] = []

    def source(
        columns: list[str] | None, predicate: "pl.Expr | None", limit: int | None, size: int | None
    ) -> "Iterator[pl.DataFrame]":
        del predicate, limit, size
        try:
            for frame in scanner.frames(incoming, cancelled):
                yield frame.select(columns) if columns else frame
        except BaseException as error:
            # The engine makes an error of its own of it.
            broken.append(error)
            raise

    try:
        register_io_source(source, schema=schema()).sink_parquet(
            into, compression="zstd", compression_level=1, row_group_size=_GROUP
        )
    except pl.exceptions.PolarsError as error:
        into.unlink(missing_ok=True)
        if broken:
            raise broken[0] from None
        raise EvidenceProblem(f"The rows of {into.name} cannot be kept ({error}): make room.") from error
    except BaseException:
        into.unlink(missing_ok=True)
        raise


def schema() -> "dict[str, Any]":
    """The columns of a table on disk."""
    import polars as pl

    return {
        "line": pl.UInt32, "time": pl.Datetime("us", "UTC"), "stamp": pl.String, "zone": pl.String,
        "level": pl.String, "object": pl.String, "start": pl.Boolean, "text": pl.String,
    }  # fmt: skip


def reading_of(session: Session, source: Source, artifact: Artifact) -> Reading:
    """How to read the stamps of *artifact*: the source's zone setting, and a time near to its own."""
    near = artifact.from_ or session.incident.started_at or artifact.collected_at
    return Reading(zone_of(source)[1], near.astimezone(UTC) if near else datetime(1970, 1, 1, tzinfo=UTC))


def near_to(reading: Reading) -> str:
    """The day that decides stamps without a year; rows read with another one are made anew."""
    return f"{reading.near:%Y-%m-%d}"


def is_zone(name: str) -> bool:
    """Whether there is a zone of that name."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return False
    return True


def zone_of(source: Source) -> tuple[str, tzinfo]:
    """The zone that stamps without one are read in: the source's ``zone`` setting, else UTC."""
    name = source.settings.get("zone")
    return (name, ZoneInfo(name)) if isinstance(name, str) and name and is_zone(name) else ("", UTC)


def span_of(index: Index) -> tuple[datetime, datetime] | None:
    """First and last instant of the log, raw."""
    if index.first_us is None or index.last_us is None:
        return None
    return moment(index.first_us), moment(index.last_us)
