"""Small reviews to start a test from: built as records, because typing them costs a second each."""

from datetime import UTC, date, datetime
from pathlib import Path

from app.history import Desk
from app.review.records import (
    Action,
    Artifact,
    Event,
    Factor,
    Impact,
    Incident,
    Narrative,
    Parked,
    Session,
    Source,
)

LOG_LINES = 60


def at(clock: str) -> datetime:
    """A time of the incident's day."""
    return datetime.fromisoformat(f"2025-02-09T{clock}").replace(tzinfo=UTC)


def small_review() -> Session:
    """Four rows, four factors below one root and beside it, three actions, two parked ideas."""
    return Session(
        id="PM-2025-02-09",
        incident=Incident(
            title="Pool exhausted", severity="P2", started_at=at("10:05"), ended_at=at("10:40")
        ),
        narrative=Narrative(summary="The pool was full.", lessons=("Pool use needs a signal",)),
        impacts=(
            Impact(id="I1", text="failed requests", value=40000, from_=at("10:05")),
            Impact(id="I2", text="customers saw errors"),
        ),
        events=(
            Event(id="E1", at=at("10:05:23"), text="errors appear", kind="symptom", milestone="started"),
            Event(id="E2", at=at("10:06:45"), text="alert fires", kind="alert", milestone="detected"),
            Event(id="E3", at=at("10:08"), text="pool is full", precision="minute", source="app logs"),
            Event(id="E4", at=at("10:10"), text="cache deployed", actor="@alice", starred=True),
        ),
        factors=(
            Factor(id="F1", text="pool of 20 was full"),
            Factor(id="F2", parent="F1", text="query without an index"),
            Factor(id="F3", parent="F2", text="no plan was shown"),
            Factor(id="F4", parent="F1", text="pool size unchanged"),
        ),
        actions=(
            Action(id="AI-001", text="Alert on pool use", owner="@bob", due=date(2025, 2, 16)),
            Action(id="AI-002", text="Show query plans", priority="high", factors=("F3",)),
            Action(id="AI-003", text="Load test", owner="@alice", due=date(2025, 2, 14), priority="low"),
        ),
        parked=(Parked(id="P1", text="read replica?"), Parked(id="P2", text="bigger pool")),
    )


def saved(root: Path, session: Session | None = None, name: str = "review") -> Path:
    """A review on disk, closed."""
    folder = root / name
    Desk.create(folder, small_review() if session is None else session).close()
    return folder


def log_file(folder: Path, name: str = "app.log") -> Path:
    """A log of :data:`LOG_LINES` lines around the incident; errors in the minute of 10:05."""
    path = folder / name
    path.write_text(
        "\n".join(
            f"2025-02-09T10:0{minute}:{second:02d}Z {'ERROR pool exhausted' if minute == 5 else 'INFO ok'}"
            for minute in range(3, 8)
            for second in range(0, 60, 5)
        )
    )
    return path


def with_evidence(root: Path) -> Path:
    """A small review whose one source was collected: a log in its evidence folder."""
    artifact = Artifact(path="evidence/S1/app.log", rows=LOG_LINES, from_=at("10:03"), to=at("10:08"))
    source = Source(id="S1", kind="file", name="app log", artifacts=(artifact,))
    folder = saved(root, small_review().model_copy(update={"sources": (source,)}))
    (folder / "evidence" / "S1").mkdir(parents=True)
    log_file(folder / "evidence" / "S1")
    return folder
