"""Which artifacts to ask: of a log that was collected again, only the copy that holds all of the earlier one."""

from collections.abc import Iterable, Iterator

from app.evidence.facts import FACTS
from app.evidence.formats import LINES
from app.review.records import Artifact, Session, Source


def artifacts(session: Session, sources: Iterable[str] | None) -> Iterator[tuple[Source, Artifact]]:
    """Every artifact of the sources with these ids, of all sources without them."""
    wanted = None if sources is None else set(sources)
    for source in session.sources:
        if wanted is None or source.id in wanted:
            for artifact in source.artifacts:
                yield source, artifact


def logs(session: Session, sources: Iterable[str] | None) -> Iterator[tuple[Source, Artifact]]:
    """The artifacts that hold lines.

    Every copy is kept on disk; but a line that two of them hold happened once.
    """
    wanted = None if sources is None else set(sources)
    for source in session.sources:
        if wanted is None or source.id in wanted:
            for artifact in _current(source):
                yield source, artifact


def _current(source: Source) -> list[Artifact]:
    current: list[Artifact] = []
    for artifact in (each for each in source.artifacts if each.format in ("", LINES, FACTS)):
        current = [earlier for earlier in current if not _holds_all_of(artifact, earlier)]
        current.append(artifact)
    return current


def _holds_all_of(later: Artifact, earlier: Artifact) -> bool:
    if later.query != earlier.query:
        return False
    if later.sha256 == earlier.sha256:
        return True
    spans = (later.from_, later.to, earlier.from_, earlier.to)
    if later.rows < earlier.rows or None in spans:
        return False
    begin, end, first, last = (moment for moment in spans if moment is not None)
    return begin <= first and last <= end
