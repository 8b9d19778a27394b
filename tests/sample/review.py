"""What people wrote and decided in the sample review; the sources are added by the generator."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType

from app.review.records import (
    Action,
    Distribution,
    Event,
    Factor,
    FollowUp,
    Impact,
    Incident,
    Narrative,
    Parked,
    Pointer,
    Session,
    Source,
)

_TIMELINE = (
    ("10:05:23", "First 5xx errors appear", "nginx access logs", "-", "symptom", "started"),
    ("10:06:45", "High error rate alert fires", "Prometheus", "-", "alert", "detected"),
    ("10:08:12", "On-call engineer paged", "PagerDuty", "System", "page", "paged"),
    ("10:12:00", "Engineer acknowledges alert", "PagerDuty", "@alice", "page", "acknowledged"),
    ("10:15:30", "Database connection pool exhausted", "app logs", "-", "symptom", ""),
    ("10:18:45", "Database queries identified as slow", "pganalyze", "@alice", "observation", "identified"),
    ("10:22:10", "Cache layer deployed as mitigation", "kubectl", "@alice", "action", "mitigated"),
    ("10:35:00", "Error rate returns to normal", "Prometheus", "-", "observation", "recovered"),
    ("10:40:00", "Incident marked resolved", "PagerDuty", "@alice", "communication", "resolved"),
)
_FACTORS = (
    ("F1", "", "immediate", "", "Database connection pool exhausted (max 20 connections)"),
    ("F2", "F1", "immediate", "", "Query introduced in v2.3.0 deployment lacked index"),
    ("F3", "F1", "contributing", "Monitoring Gap", "Connection pool utilization not monitored"),
    ("F4", "F2", "contributing", "Testing Gap", "Load testing didn't include new query pattern"),
    ("F5", "F1", "contributing", "Runbook Gap", "No documented procedure for DB connection issues"),
    ("F6", "F1", "contributing", "Capacity Planning", "Pool size unchanged despite 3x traffic growth"),
    ("F7", "F2", "systemic", "", "No pre-deployment query plan review"),
    ("F8", "", "systemic", "", "Database alerts only fire on total failure, not degradation"),
)
_FACTOR_FACTS = {
    "F1": ("condition", "Data & capacity", ("E1", "E5")),
    "F2": ("condition", "Change & code", ("E6",)),
    "F3": ("absence", "Detection & alerting", ("E5",)),
    "F4": ("absence", "Process & review", ()),
    "F5": ("absence", "Response & runbooks", ("E4", "E7")),
    "F6": ("condition", "Data & capacity", ("E5",)),
    "F7": ("absence", "Process & review", ()),
    "F8": ("absence", "Detection & alerting", ("E2",)),
}
_ACTIONS = (
    ("Add connection pool metrics to Grafana", "@bob", "2025-02-16", "high", "detect", "F3"),
    ("Create runbook: DB connection saturation", "@alice", "2025-02-20", "high", "limit", "F5"),
    ("Add DB query plan check to CI/CD", "@charlie", "2025-03-01", "medium", "prevent", "F7"),
    ("Review and adjust connection pool size", "@dan", "2025-02-14", "high", "limit", "F6"),
    ("Implement DB slow query alerts (<100ms)", "@bob", "2025-02-23", "medium", "detect", "F8"),
    ("Add load testing for new query patterns", "@charlie", "2025-03-15", "low", "prevent", "F4"),
)
_DONE_WHEN = (
    "The API dashboard shows connections in use, free and waiting",
    "It was followed once in a game day",
    "A pull request with a full table scan on a large table fails",
    "A load test at three times today's traffic leaves a quarter of the pool free",
    "The alert has fired in staging",
    "The nightly load test replays last week's queries",
)


def moment(clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-02-09T{clock}+00:00")


def review(
    sources: tuple[Source, ...],
    pointers: Mapping[str, tuple[Pointer, ...]] = MappingProxyType({}),
    accepted: Mapping[str, str] = MappingProxyType({}),
) -> Session:
    """The whole session; by the time of a row, *pointers* and *accepted* give its evidence and suggestion."""
    return Session(
        id="PM-2025-02-09",
        incident=Incident(
            title="API Service Degradation",
            severity="P1",
            severity_note="Critical service degraded",
            status="in-review",
            started_at=moment("10:05:23"),
            ended_at=moment("10:40:00"),
            services=("api-service",),
            authors=("@alice", "@bob"),
            reviewed_on=date(2025, 2, 10),
        ),
        narrative=Narrative(
            summary=(
                "The API service experienced elevated error rates (40% of requests) due to\n"
                "database connection pool exhaustion. Service was restored by deploying a\n"
                "cache layer. No data loss occurred."
            ),
            trigger=(
                "Query introduced in v2.3.0 deployment performed a full table scan due to\n"
                "missing index. Under increased load, this saturated the connection pool."
            ),
            went_well=(
                "Alert fired within 90 seconds of first errors",
                "Mitigation deployed quickly (10 minutes from page to fix)",
                "Communication to customers was clear and timely",
            ),
            lessons=(
                "Database monitoring is insufficient; need connection-level metrics",
                "Load testing must cover new query patterns, not just volume",
                "Connection pool sizing hasn't kept pace with traffic growth",
            ),
            prevention="See Action Items above.",
        ),
        impacts=(
            Impact(
                id="I1",
                text="failed requests over 1.5 hours",
                value=40_000,
                from_=moment("10:05:23"),
                to=moment("10:35:00"),
            ),
            Impact(id="I2", text="customers affected", value=2_000),
            Impact(id="I3", text="Revenue impact: ~$5,000", estimated=True),
        ),
        sources=sources,
        events=tuple(
            Event(
                id=f"E{number}",
                at=moment(clock),
                text=text,
                kind=kind,
                milestone=milestone,
                source=source,
                actor=actor,
                starred=True,
                evidence=pointers.get(clock, ()),
                suggestion=accepted.get(clock, ""),
            )
            for number, (clock, text, source, actor, kind, milestone) in enumerate(_TIMELINE, 1)
        ),
        factors=tuple(
            Factor(
                id=name,
                parent=parent,
                text=text,
                kind=_FACTOR_FACTS[name][0],
                mark=mark,
                category=_FACTOR_FACTS[name][1],
                label=label,
                events=_FACTOR_FACTS[name][2],
            )
            for name, parent, mark, label, text in _FACTORS
        ),
        actions=tuple(
            Action(
                id=f"AI-{number:03d}",
                text=text,
                done_when=done_when,
                owner=owner,
                due=date.fromisoformat(due),
                priority=priority,
                kind=kind,
                factors=(factor,),
            )
            for number, ((text, owner, due, priority, kind, factor), done_when) in enumerate(
                zip(_ACTIONS, _DONE_WHEN, strict=True), 1
            )
        ),
        parked=(
            Parked(id="P1", text="What about the read replica?"),
            Parked(id="P2", text="Could the cache have been there before the rollout?"),
        ),
        distribution=(
            Distribution(
                id="D1",
                to="engineering@acme.example",
                sent_at=datetime(2025, 2, 10, 12, 0, tzinfo=UTC),
                how="mail",
            ),
        ),
        follow_up=FollowUp(weekly="MO 10:00", review_on=date(2025, 3, 9)),
    )
