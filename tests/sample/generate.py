"""Writes the sample review anew: ``python -m tests.sample.generate``.

The raw evidence is made from :mod:`tests.sample.model`, goes through the file collector as any evidence does,
and the rows of the timeline point to the lines that the collected evidence really has.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from app.evidence import query
from app.evidence.artifacts import EVIDENCE
from app.evidence.window import Window
from app.review.records import Pointer, Session, Source
from app.store.toml import Renderer
from app.suggest import suggest
from collectors.outcome import with_outcome
from collectors.runner import Run
from tests.sample import logs, metrics
from tests.sample.review import moment, review

TARGET = Path(__file__).parents[2] / "sessions" / "2025-02-09-api-service-degradation"
COLLECTED = datetime(2025, 2, 10, 8, 0, 12, tzinfo=UTC)
_SINCE = "2025-02-09T09:30:00Z"
SOURCES = {
    "S1": ("nginx access logs", "access.log", "copied from gateway:/var/log/nginx/access.log"),
    "S2": (
        "app logs",
        "api-service.log",
        f"kubectl logs -f -l app=api-service --prefix --timestamps --since-time={_SINCE}",
    ),
    "S3": ("Prometheus", "", ""),
    "S4": ("Alertmanager", "alerts.json", 'amtool alert query alertname="HighErrorRate" --output json'),
    "S5": ("PagerDuty", "log-entries.jsonl", "GET https://api.pagerduty.com/incidents/PM0209/log_entries"),
    "S6": ("pganalyze", "pganalyze.log", "copied from the log of api-db"),
    "S7": ("kubectl", "cluster-changes.log", "kubectl get events and the shell history of the incident"),
}
_WANTED = {
    "10:05:23": ("S1", '" 503 '),
    "10:08:12": ("S5", "notify_log_entry"),
    "10:12:00": ("S5", "acknowledge_log_entry"),
    "10:15:30": ("S2", "connection pool exhausted"),
    "10:18:45": ("S6", "marked as slow"),
    "10:22:10": ("S7", "deployment/api-cache"),
    "10:40:00": ("S5", "resolve_log_entry"),
}
_FIRING = 'ALERTS{alertname="HighErrorRate",alertstate="firing"}'


def raw(folder: Path) -> None:
    """Write every raw file below *folder*, in a folder for each source."""
    contents: dict[str, dict[str, Iterable[str]]] = {
        "S1": {"access.log": logs.access_log()},
        "S2": {"api-service.log": logs.app_log()},
        "S3": {f"{name}.json": [answer] for name, answer in metrics.answers().items()},
        "S4": {"alerts.json": [metrics.amtool()]},
        "S5": {"log-entries.jsonl": logs.pagerduty()},
        "S6": {"pganalyze.log": logs.pganalyze()},
        "S7": {"cluster-changes.log": logs.kubectl()},
    }
    for source, files in contents.items():
        (folder / source).mkdir(parents=True)
        for name, lines in files.items():
            with (folder / source / name).open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(lines)


def build(target: Path) -> Session:
    """Collect the raw evidence into *target* and return the session that goes with it."""
    with tempfile.TemporaryDirectory() as scratch:
        raw(Path(scratch))
        sources = tuple(
            Source(id=name, kind="file", name=title, settings={"path": str(Path(scratch) / name)})
            for name, (title, _, _) in SOURCES.items()
        )
        bare = review(sources)
        outcomes = asyncio.run(_collect(bare, target))
    for name, outcome in outcomes.items():
        if outcome.state != "done":
            raise RuntimeError(f"{name}: {outcome.message}")
        bare = with_outcome(bare, name, outcome)
    named = tuple(_named(source) for source in bare.sources)
    bare = bare.model_copy(update={"sources": named, "events": ()})
    return review(named, _pointers(bare, target), _accepted(bare, target))


async def _collect(session: Session, target: Path):
    run = Run(session, target, now=COLLECTED)
    run.start()
    return await run.wait()


def _named(source: Source) -> Source:
    """The source with the requests that made its artifacts, and its settings pointing into the session."""
    _, file, request = SOURCES[source.id]
    artifacts = tuple(
        artifact.model_copy(update={"query": request or _request(artifact.note), "tool": ""})
        for artifact in source.artifacts
    )
    path = f"{EVIDENCE}/{source.id}" + (f"/{file}.gz" if file else "")
    return source.model_copy(update={"settings": {"path": path}, "artifacts": artifacts})


def _request(name: str) -> str:
    asked = f"query={metrics.QUERIES[name]}&start=2025-02-09T09:30:00Z&end=2025-02-09T10:54:45Z&step=15s"
    return f"POST http://prometheus:9090/api/v1/query_range {asked}"


def _pointers(session: Session, target: Path) -> dict[str, tuple[Pointer, ...]]:
    """Where each row of the timeline stands in the evidence; a row that is not there is an error."""
    found: dict[str, tuple[Pointer, ...]] = {}
    for clock, (source, text) in _WANTED.items():
        at = moment(clock)
        window = Window(at, at.replace(microsecond=999_999))
        row = next(iter(query.rows(session, target, window=window, sources=[source], contains=text)))
        found[clock] = (Pointer(source=source, artifact=row.artifact, line=row.line),)
    series = {artifact.note: artifact.path for artifact in session.sources[2].artifacts}
    alerts = session.sources[3].artifacts[0].path
    found["10:06:45"] = (
        Pointer(source="S3", artifact=series["alerts"], query=_FIRING),
        Pointer(source="S4", artifact=alerts, line=1),
    )
    found["10:35:00"] = (
        Pointer(source="S3", artifact=series["error-share"], query=metrics.QUERIES["error-share"]),
    )
    return found


def _accepted(session: Session, target: Path) -> dict[str, str]:
    """The suggestions that three of the rows were accepted from, by the time of the row."""
    offered = suggest(session, target)
    wanted = {"10:05:23": "S1", "10:06:45": "S3", "10:35:00": "S3"}
    return {
        clock: next(
            one.key
            for one in offered
            if one.event.at == moment(clock) and one.event.evidence[0].source == source
        )
        for clock, source in wanted.items()
    }


def main() -> None:
    shutil.rmtree(TARGET / EVIDENCE, ignore_errors=True)
    TARGET.mkdir(parents=True, exist_ok=True)
    session = build(TARGET)
    (TARGET / "session.toml").write_bytes(Renderer().render(session, 0, "").data)
    for cache in (TARGET / EVIDENCE).rglob(".*"):
        cache.unlink()
    # What is shipped may be read by everybody; a collection of one's own may not.
    for path in (TARGET / EVIDENCE).rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


if __name__ == "__main__":
    main()
