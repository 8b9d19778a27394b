"""Logs whose times name no zone: which sources still have to be asked about, and what an answer changes.

Until somebody says which zone they were written in, such times are read as UTC, and every list of sources says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from app.evidence.artifacts import EvidenceProblem
from app.evidence.coverage import of_log
from app.evidence.index import Cancelled, never, span_of, zone_of
from app.evidence.kept import index_of
from app.evidence.window import Window
from app.review.edits import change, replace
from app.review.records import Artifact, Event, Gap, Session, Source

NO_ZONE = "its times name no zone and were read"
"""How a remark on an artifact begins that says in which zone it was read."""


def remark_on_zone(zone: str) -> str:
    """What a person should know about an artifact whose times name no zone."""
    return f"{NO_ZONE} as {zone}" if zone else f"{NO_ZONE} as UTC, because no zone is set for this source"


def needs_zone(source: Source) -> bool:
    """Whether times of *source* name no zone, and nobody has said yet which it is."""
    return not zone_of(source)[0] and any(artifact.zoneless for artifact in source.artifacts)


@dataclass(frozen=True)
class Reread:
    """A source read in another zone: its artifacts and gaps as they are then."""

    source_id: str
    zone: str
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    gaps: Mapping[str, tuple[Gap, ...]] = field(default_factory=dict)


def reread(
    session: Session,
    folder: Path,
    source_id: str,
    zone: str,
    window: Window | None = None,
    cancelled: Cancelled = never,
) -> Reread:
    """Read the logs of a source whose times name no zone in *zone*; nothing is changed yet.

    Reads every such log once: call it in a thread. Raises :class:`app.evidence.index.Cancel`. A log that
    cannot be read any more keeps what is known of it.
    """
    artifacts: dict[str, Artifact] = {}
    gaps: dict[str, tuple[Gap, ...]] = {}
    for source in (each for each in session.sources if each.id == source_id):
        fresh = source.model_copy(update={"settings": source.settings | {"zone": zone}})
        for artifact in (each for each in source.artifacts if each.zoneless):
            try:
                index = index_of(session, folder, fresh, artifact, cancelled)
            except EvidenceProblem:
                continue
            span = span_of(index) or (artifact.from_, artifact.to)
            remarks = [
                remark_on_zone(zone) if part.startswith(NO_ZONE) else part
                for part in artifact.note.split("; ")
            ]
            artifacts[artifact.path] = artifact.model_copy(
                update={"from_": span[0], "to": span[1], "note": "; ".join(remarks)}
            )
            name = artifact.path.rpartition("/")[2].removesuffix(".gz")
            found = of_log(index, name, window, source.clock_offset_s).gaps
            gaps[artifact.path] = tuple(gap.model_copy(update={"artifact": artifact.path}) for gap in found)
    return Reread(source_id, zone, artifacts, gaps)


def with_zone(session: Session, fresh: Reread) -> Session:
    """The session with the answer in it: the setting, what the source covers, and the rows made of its lines.

    A row of the timeline that was accepted from such a line moves with it; one whose time a person wrote stays.
    """
    source = next((each for each in session.sources if each.id == fresh.source_id), None)
    if source is None:
        return session
    old, new = zone_of(source)[1], zone_of(_answered(source, fresh))[1]
    moving = {
        event.id
        for event in session.events
        if event.at
        and event.suggestion
        and not event.written
        and event.evidence
        and event.evidence[0].source == source.id
        and event.evidence[0].artifact in fresh.artifacts
    }
    session = replace(session, "sources", {source.id}, lambda each: _answered(each, fresh))
    moved = {event.id: _moved(event, old, new) for event in session.events if event.id in moving}
    for event_id, (at, until) in moved.items():
        session = change(session, "events", {event_id}, at=at, until=until)
    return session


def _answered(source: Source, fresh: Reread) -> Source:
    kept = tuple(gap for gap in source.gaps if gap.artifact not in fresh.gaps)
    found = tuple(gap for artifact in source.artifacts for gap in fresh.gaps.get(artifact.path, ()))
    return source.model_copy(
        update={
            "settings": source.settings | {"zone": fresh.zone},
            "artifacts": tuple(fresh.artifacts.get(each.path, each) for each in source.artifacts),
            "gaps": kept + found,
        }
    )


def _moved(event: Event, old: tzinfo, new: tzinfo) -> tuple[datetime | None, datetime | None]:
    return event.at and _as_written(event.at, old, new), event.until and _as_written(event.until, old, new)


def _as_written(at: datetime, old: tzinfo, new: tzinfo) -> datetime:
    """The instant that the same wall clock shows in *new*."""
    return at.astimezone(old).replace(tzinfo=new).astimezone(UTC)
