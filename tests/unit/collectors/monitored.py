"""Collecting from one server, as the tests of the monitoring sources do it."""

import gzip
from datetime import UTC, datetime, timedelta

from app.evidence.artifacts import Keeper
from app.review.records import Incident, Session, Source
from collectors.interface import Collector, Job
from collectors.outcome import with_outcome
from collectors.runner import Run, window_of

START = datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC)
BEGIN = START - timedelta(minutes=30)
END = START + timedelta(minutes=45)
NOW = datetime(2025, 2, 9, 12, 0, tzinfo=UTC)


def session_with(kind, url, **settings) -> Session:
    offset = settings.pop("clock_offset_s", 0.0)
    source = Source(id="S1", kind=kind, name=kind, settings={"url": url, **settings}, clock_offset_s=offset)
    incident = Incident(started_at=START, ended_at=START + timedelta(minutes=35))
    return Session(incident=incident, sources=(source,))


async def collect(kind, folder, url, environment=None, now=NOW, **settings):
    session = session_with(kind, url, **settings)
    progress = []
    run = Run(session, folder, now=now, environment=environment or {}, on_progress=progress.append)
    run.start()
    outcome = (await run.wait())["S1"]
    return outcome, with_outcome(session, "S1", outcome), progress


async def examine(collector: Collector, folder, url, environment=None, now=NOW, **settings):
    session = session_with(collector.kind, url, **settings)
    (source,) = session.sources
    window = window_of(session, source, now)
    job = Job(
        source,
        folder,
        window,
        now,
        Keeper(folder, source, now),
        lambda **_: None,
        lambda: False,
        environment or {},
    )
    found = await collector.examine(job)
    assert job.keeper.kept == []
    return found


def kept(folder, outcome, ending):
    (artifact,) = (each for each in outcome.artifacts if each.path.endswith(f"{ending}.gz"))
    return gzip.decompress((folder / artifact.path).read_bytes())
