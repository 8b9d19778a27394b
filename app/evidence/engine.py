"""Asking the tables of rows: the one place that runs the engine, so that every question can be stopped."""

import signal
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from app.evidence.index import Cancel, Cancelled, never
from app.evidence.kept import Table
from app.evidence.times import SECOND

if TYPE_CHECKING:
    import polars as pl

WRONG = ("error", "fatal")
_GLANCE = 0.05
"""Seconds between two looks at whether somebody cancelled."""


def load() -> None:
    """Load the engine, which takes a moment; :func:`leave_interrupts` may follow."""
    import polars  # noqa: F401


def leave_interrupts() -> None:
    """Have ctrl+c end nothing that the engine computes. For the main thread, once the engine is loaded.

    Loading puts a handler of the engine in front of ours, which breaks off whatever runs with a
    ``KeyboardInterrupt``: also a log that is just being kept, and would be lost. Where work is told to stop and puts
    away what it has, ours must be the only one.
    """
    ours = signal.getsignal(signal.SIGINT)
    if ours is not None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, ours)


def lines_of(table: Table) -> "pl.LazyFrame":
    """The rows of a log with ``source`` and ``artifact``; ``time`` has the clock correction of the source in it.

    ``time`` is that of the line before where a line has none, and nothing before the first; ``stamp`` tells
    which lines have one of their own.
    """
    import polars as pl

    time = pl.col("time")
    offset = round(table.source.clock_offset_s * SECOND)
    if offset:
        time = time + pl.duration(microseconds=offset)
    about = pl.col("object")
    if table.artifact.object:
        about = pl.when(about == "").then(pl.lit(table.artifact.object)).otherwise(about).alias("object")
    return pl.scan_parquet(table.path, glob=False).with_columns(
        time, about, pl.lit(table.source.id).alias("source"), pl.lit(table.artifact.path).alias("artifact")
    )


def collect(asked: "pl.LazyFrame", cancelled: Cancelled = never) -> "pl.DataFrame":
    """The answer to *asked*, in bounded memory where the question allows it. Raises :class:`Cancel`.

    The engine cannot be stopped in the middle while it works in bounded memory: who cancels is let go at once,
    and the answer, when it comes, is thrown away. Long questions are asked in stretches for that reason.
    """
    if cancelled is never:
        return asked.collect(engine="streaming")
    if cancelled():
        raise Cancel
    answer: Future[pl.DataFrame] = Future()
    threading.Thread(target=_answer, args=(asked, answer), daemon=True, name="evidence").start()
    while True:
        try:
            return answer.result(timeout=_GLANCE)
        except TimeoutError:
            if cancelled():
                raise Cancel from None


def _answer(asked: "pl.LazyFrame", answer: "Future[pl.DataFrame]") -> None:
    try:
        answer.set_result(asked.collect(engine="streaming"))
    except BaseException as error:
        answer.set_exception(error)


def containing(text: str) -> "pl.Expr":
    """Whether a line holds *text*, in capitals or not."""
    import polars as pl

    return pl.col("text").str.contains("(?i)" + pl.escape_regex(text))
