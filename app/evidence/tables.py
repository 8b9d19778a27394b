"""The tables of all logs of a review, made where they are not there yet."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from app.evidence.artifacts import EvidenceProblem
from app.evidence.current import logs
from app.evidence.index import Cancel, Cancelled, never
from app.evidence.kept import Table, table_of
from app.review.records import Session


def tables(
    session: Session, folder: Path, sources: Iterable[str] | None, cancelled: Cancelled = never
) -> Iterator[Table]:
    """The tables of all logs that can be read; of a log that was collected again, the copy that holds all."""
    for source, artifact in logs(session, sources):
        if cancelled():
            raise Cancel
        try:
            yield table_of(session, folder, source, artifact, cancelled)
        except EvidenceProblem:
            continue
