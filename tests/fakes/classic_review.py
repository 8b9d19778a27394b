"""The classic post-mortem of an API service as a session: nine rows, eight factors, six actions."""

from datetime import UTC, date, datetime

from app.review.records import (
    Action,
    Event,
    Factor,
    FollowUp,
    Impact,
    Incident,
    Narrative,
    Session,
)

TIMELINE = """\
| Time     | Event | Source | Actor |
|----------|-------|--------|-------|
| 10:05:23 | First 5xx errors appear | nginx access logs | - |
| 10:06:45 | High error rate alert fires | Prometheus | - |
| 10:08:12 | On-call engineer paged | PagerDuty | System |
| 10:12:00 | Engineer acknowledges alert | PagerDuty | @alice |
| 10:15:30 | Database connection pool exhausted | app logs | - |
| 10:18:45 | Database queries identified as slow | pganalyze | @alice |
| 10:22:10 | Cache layer deployed as mitigation | kubectl | @alice |
| 10:35:00 | Error rate returns to normal | Prometheus | - |
| 10:40:00 | Incident marked resolved | PagerDuty | @alice |
"""
ACTIONS = """\
| ID | Action | Owner | Deadline | Priority |
|----|--------|-------|----------|----------|
| AI-001 | Add connection pool metrics to Grafana | @bob | 2025-02-16 | High |
| AI-002 | Create runbook: DB connection saturation | @alice | 2025-02-20 | High |
| AI-003 | Add DB query plan check to CI/CD | @charlie | 2025-03-01 | Medium |
| AI-004 | Review and adjust connection pool size | @dan | 2025-02-14 | High |
| AI-005 | Implement DB slow query alerts (<100ms) | @bob | 2025-02-23 | Medium |
| AI-006 | Add load testing for new query patterns | @charlie | 2025-03-15 | Low |
"""
_MILESTONES = (
    "started",
    "detected",
    "paged",
    "acknowledged",
    "",
    "identified",
    "mitigated",
    "recovered",
    "resolved",
)
_FACTORS = (
    ("immediate", "", "Database connection pool exhausted (max 20 connections)"),
    ("immediate", "", "Query introduced in v2.3.0 deployment lacked index"),
    ("contributing", "Monitoring Gap", "Connection pool utilization not monitored"),
    ("contributing", "Testing Gap", "Load testing didn't include new query pattern"),
    ("contributing", "Runbook Gap", "No documented procedure for DB connection issues"),
    ("contributing", "Capacity Planning", "Pool size unchanged despite 3x traffic growth"),
    ("systemic", "", "No pre-deployment query plan review"),
    ("systemic", "", "Database alerts only fire on total failure, not degradation"),
)


def _cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-02-09T{clock}").replace(tzinfo=UTC)


def classic_review() -> Session:
    """The session that the classic report is made from."""
    return Session(
        id="PM-2025-02-09",
        incident=Incident(
            title="API Service Degradation",
            severity="P1",
            severity_note="Critical service degraded",
            status="reviewed",
            started_at=at("10:05:23"),
            ended_at=at("10:40:00"),
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
                "Mitigation deployed quickly (10 minutes from acknowledgement to fix)",
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
            Impact(id="I1", text="failed requests", value=40000, estimated=True),
            Impact(id="I2", text="customers affected", value=2000),
            Impact(id="I3", text="Revenue impact: ~$5,000", estimated=True),
        ),
        events=tuple(
            Event(
                id=f"E{number}",
                at=at(clock),
                text=text,
                source=source,
                actor=actor,
                starred=True,
                milestone=milestone,
            )
            for number, ((clock, text, source, actor), milestone) in enumerate(
                zip(_cells(TIMELINE), _MILESTONES, strict=True), 1
            )
        ),
        factors=tuple(
            Factor(id=f"F{number}", mark=mark, label=label, text=text)
            for number, (mark, label, text) in enumerate(_FACTORS, 1)
        ),
        actions=tuple(
            Action(id=name, text=text, owner=owner, due=date.fromisoformat(due), priority=priority.lower())
            for name, text, owner, due, priority in _cells(ACTIONS)
        ),
        follow_up=FollowUp(weekly="MO 10:00", review_on=date(2025, 3, 9)),
    )
