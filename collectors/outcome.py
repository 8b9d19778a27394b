"""What a collection came to, and the edit that puts it into the session."""

from dataclasses import dataclass
from typing import Literal

from app.evidence.window import Window
from app.review.records import Artifact, Gap, Session, Source
from collectors.interface import Command, Lent


@dataclass(frozen=True)
class Outcome:
    """How the collection of one source ended.

    *message* is one sentence when it failed, empty otherwise. Whatever was kept before a failure is in
    *artifacts* all the same. *window* is what was asked for. *confirm* waits for the person
    at this machine to look at it. *clock_s* is how far the server's clock was ahead, where that is known.
    """

    source_id: str
    state: Literal["done", "failed", "cancelled"]
    artifacts: tuple[Artifact, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    message: str = ""
    window: Window | None = None
    confirm: Command | Lent | None = None
    clock_s: float | None = None


def with_outcome(session: Session, source_id: str, outcome: Outcome) -> Session:
    """The session with *outcome* recorded on its source; a source that is gone meanwhile changes nothing.

    Artifacts are added, never replaced. Earlier gaps inside the window of a collection that succeeded go:
    the new collection knows better what it covered. One that failed gives the same hole its newest reason.
    A cancelled collection leaves the gaps as they are, and adds the holes in what it kept.
    """
    return session.model_copy(
        update={
            "sources": tuple(
                _updated(source, outcome) if source.id == source_id else source for source in session.sources
            )
        }
    )


def _updated(source: Source, outcome: Outcome) -> Source:
    known = {artifact.path for artifact in source.artifacts}
    added = tuple(artifact for artifact in outcome.artifacts if artifact.path not in known)
    gaps = source.gaps
    if outcome.state == "done":
        gaps = tuple(gap for gap in gaps if not _inside(gap, outcome.window))
    if outcome.state != "done":
        holes = {(gap.from_, gap.to) for gap in outcome.gaps}
        gaps = tuple(gap for gap in gaps if (gap.from_, gap.to) not in holes)
    gaps += tuple(gap for gap in outcome.gaps if gap not in gaps)
    ahead = source.clock_ahead_s if outcome.clock_s is None else outcome.clock_s
    if not added and gaps == source.gaps and ahead == source.clock_ahead_s:
        return source
    return source.model_copy(
        update={"artifacts": source.artifacts + added, "gaps": gaps, "clock_ahead_s": ahead}
    )


def _inside(gap: Gap, window: Window | None) -> bool:
    if window is None or gap.from_ is None or gap.to is None:
        return window is None
    return window.start <= gap.from_ and gap.to <= window.end
