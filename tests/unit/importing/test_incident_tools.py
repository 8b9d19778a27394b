"""What incident tools give out, held to their published interfaces.

``tests/fakes/incident-tools.json`` has the names of the fields that incident.io, Rootly, FireHydrant and Grafana
Incident publish, and where they were taken from; PagerDuty's document is held to in ``test_other_formats``. The values
are made up; no server was asked. Jeli and Blameless publish no such document that could be read.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.importing.document import Options
from app.importing.draft import Draft
from app.importing.read import read
from app.importing.result import session_of

SCHEMAS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "fakes" / "incident-tools.json").read_text("utf-8")
)

LISA = {"user": {"id": "01A", "name": "Lisa Curtis", "role": "owner", "email": "lisa@acme.example"}}
INCIDENT_IO: dict[str, Any] = {
    "incident": {
        "id": "01FDAG", "reference": "INC-123", "name": "Our database is sad", "summary": "Really sad.",
        "severity": {"id": "01S", "name": "Minor", "rank": 1}, "created_at": "2026-09-01T15:20:00Z",
        "incident_timestamp_values": [
            {"incident_timestamp": {"id": "01T", "name": "Impact started at", "rank": 0},
             "value": {"value": "2026-09-01T15:05:00Z"}},
            {"incident_timestamp": {"id": "01U", "name": "Fixed at", "rank": 3},
             "value": {"value": "2026-09-01T15:40:00Z"}},
            {"incident_timestamp": {"id": "01V", "name": "Resolved at", "rank": 4}},
        ],
    },
    "incident_timeline_items": [
        {"id": "01I", "incident_id": "01FDAG", "timestamp": "2026-09-01T15:30:00Z", "title": "Rolled back payments-api",
         "description": "Rolled back **payments-api** to v411.", "created_at": "2026-09-01T15:31:04Z", "creator": LISA},
    ],
    "incident_updates": [
        {"id": "01W", "incident_id": "01FDAG", "message": "Looking into it", "created_at": "2026-09-01T15:22:00Z",
         "updater": LISA, "new_severity": {"name": "Major"}},
    ],
    "follow_ups": [
        {"id": "01X", "incident_id": "01FDAG", "title": "Cat therapy", "description": "One hour a week",
         "labels": ["people"], "status": "outstanding", "priority": {"id": "01P", "name": "High", "rank": 1},
         "assignee": LISA["user"],
         "created_at": "2026-09-01T16:00:00Z", "creator": LISA,
         "external_issue_reference": {"provider": "linear", "issue_name": "INC-1609",
                                      "issue_permalink": "https://linear.app/acme/issue/INC-1609/cat"}},
        {"id": "01Y", "incident_id": "01FDAG", "title": "Second cat", "status": "not_doing", "labels": [],
         "created_at": "2026-09-01T16:00:00Z"},
    ],
}  # fmt: skip
ROOTLY: dict[str, Any] = {
    "incident": {"data": {"id": "r-1", "type": "incidents", "attributes": {
        "title": "Checkout down", "sequential_id": 42, "summary": "No orders for 35 minutes.",
        "severity": {"data": {"id": "s", "type": "severities", "attributes": {"name": "SEV1"}}},
        "started_at": "2025-02-09T10:05:00.000Z", "detected_at": "2025-02-09T10:07:00.000Z",
        "mitigated_at": "2025-02-09T10:30:00.000Z", "resolved_at": "2025-02-09T10:40:00.000Z"}}},
    "incident_events": {"data": [
        {"id": "e-1", "type": "incident_events", "attributes": {
            "event": "Pool exhausted", "occurred_at": "2025-02-09T10:12:00.000-05:00", "visibility": "internal",
            "created_at": "2025-02-09T10:13:00.000Z"}},
    ]},
    "action_items": {"data": [
        {"id": "a-1", "type": "incident_action_items", "attributes": {
            "summary": "Alert on the pool", "status": "in_progress", "priority": "high", "due_date": "2025-02-16",
            "assigned_to": {"id": "7", "full_name": "Bob Fisher", "email": "bob@acme.example"},
            "jira_issue_key": "OPS-7", "jira_issue_url": "https://acme.atlassian.net/browse/OPS-7"}},
    ]},
}  # fmt: skip
FIREHYDRANT: dict[str, Any] = {
    "id": "fh-1", "name": "Checkout down", "number": 7, "severity": "SEV1", "started_at": "2025-02-09T10:05:00Z",
    "customer_impact_summary": "No orders", "tag_list": ["checkout"], "customers_impacted": 1200,
    "monetary_impact": 5000,
    "services": [{"id": "s1", "name": "checkout"}, {"id": "s2", "name": "payments"}],
    "environments": [{"id": "n1", "name": "production"}], "last_update": "Fixed", "channel_name": "#inc-7",
    "milestones": [
        {"id": "m1", "type": "started", "occurred_at": "2025-02-09T10:05:00Z", "duration": "PT7M"},
        {"id": "m2", "type": "acknowledged", "occurred_at": "2025-02-09T10:12:00Z"},
    ],
    "lifecycle_phases": [
        {"id": "p1", "name": "Response", "type": "started", "position": 1, "milestones": [
            {"id": "l1", "name": "Acknowledged by a person", "slug": "acknowledged", "position": 2,
             "occurred_at": "2025-02-09T10:12:00Z", "updated_at": "2025-02-09T11:00:00Z"},
            {"id": "l2", "name": "Mitigated", "slug": "mitigated", "position": 3,
             "occurred_at": "2025-02-09T10:31:00Z"},
            {"id": "l3", "name": "Resolved", "slug": "resolved", "position": 4, "occurred_at": None,
             "updated_at": "2025-02-09T11:00:00Z"},
        ]},
    ],
    "events": [
        {"id": "v1", "incident_id": "fh-1", "occurred_at": "2025-02-09T10:06:00Z", "type": "note", "visibility": "open",
         "data": {"body": "5xx on checkout"}, "author": {"id": "u", "name": "Al", "email": "al@acme.example"}},
    ],
    "tasks": [
        {"id": "t1", "title": "Roll back", "description": "to v2.2", "state": "done", "due_at": "2025-02-12T00:00:00Z",
         "assignee": {"id": "u", "name": "Al"}},
    ],
}  # fmt: skip
MORTY = {"name": "Morty Smith", "photoURL": "https://pictures.example/morty.png", "userID": "user-123"}
GRAFANA: dict[str, Any] = {
    "incident": {
        "incidentID": "incident-123", "title": "high latency in web requests", "severity": "minor",
        "status": "resolved", "summary": "We fixed it.",
        "incidentStart": "2022-02-11 00:50:20.574137", "incidentEnd": "2022-02-11 01:20:00",
        "createdTime": "2022-02-11T00:55:00Z", "isDrill": False,
        "taskList": {"doneCount": 0, "todoCount": 1, "tasks": [
            {"taskID": "task-1", "text": "Assign an investigator", "status": "todo", "assignedUser": MORTY,
             "createdTime": "2022-02-11T00:56:00Z", "immutable": True},
        ]},
    },
    "activityItems": [
        {"activityItemID": "activity-1", "activityKind": "userNote", "body": "Saw slow queries", "tags": ["important"],
         "eventTime": "2022-02-11T00:58:00Z", "createdTime": "2022-02-11T00:59:00Z", "user": MORTY,
         "incidentID": "incident-123"},
    ],
}  # fmt: skip


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def imported(value: Any) -> Draft:
    return read(json.dumps(value), Options(), "export.json")


def rows(draft: Draft) -> list[tuple[str, str, str, str]]:
    return [
        (f"{event.at:%Y-%m-%dT%H:%M%z}" if event.at else "", event.text, event.actor, event.milestone)
        for event in draft.events
    ]


def actions(draft: Draft) -> list[tuple[str, str, str, str, str, str]]:
    return [
        (
            *(each.text, each.owner, str(each.due or ""), each.priority, each.status),
            each.ticket.url if each.ticket else "",
        )
        for each in draft.actions
    ]


@pytest.mark.parametrize(
    ("tool", "schema", "values"),
    [
        ("incident.io", "IncidentV2", [INCIDENT_IO["incident"]]),
        ("incident.io", "SeverityV2", [INCIDENT_IO["incident"]["severity"]]),
        ("incident.io", "IncidentTimestampWithValueV2", INCIDENT_IO["incident"]["incident_timestamp_values"]),
        ("incident.io", "IncidentTimelineItemV2", INCIDENT_IO["incident_timeline_items"]),
        ("incident.io", "IncidentUpdateV2", INCIDENT_IO["incident_updates"]),
        ("incident.io", "FollowUpV2", INCIDENT_IO["follow_ups"]),
        (
            "incident.io",
            "ExternalIssueReferenceV2",
            [INCIDENT_IO["follow_ups"][0]["external_issue_reference"]],
        ),
        ("incident.io", "ActorV2", [LISA]),
        ("incident.io", "UserV2", [LISA["user"]]),
        ("rootly", "Resource", [ROOTLY["incident"]["data"], *ROOTLY["incident_events"]["data"]]),
        ("rootly", "Incident", [ROOTLY["incident"]["data"]["attributes"]]),
        ("rootly", "IncidentEvent", [each["attributes"] for each in ROOTLY["incident_events"]["data"]]),
        ("rootly", "IncidentActionItem", [each["attributes"] for each in ROOTLY["action_items"]["data"]]),
        (
            "firehydrant",
            "IncidentEntity",
            [{key: FIREHYDRANT[key] for key in FIREHYDRANT if key not in {"events", "tasks"}}],
        ),
        ("firehydrant", "IncidentsLifecyclePhaseEntity", FIREHYDRANT["lifecycle_phases"]),
        (
            "firehydrant",
            "IncidentsLifecycleMilestoneEntity",
            FIREHYDRANT["lifecycle_phases"][0]["milestones"],
        ),
        ("firehydrant", "SuccinctEntity", FIREHYDRANT["services"]),
        ("firehydrant", "IncidentsMilestoneEntity", FIREHYDRANT["milestones"]),
        ("firehydrant", "IncidentEventEntity", FIREHYDRANT["events"]),
        ("firehydrant", "TaskEntity", FIREHYDRANT["tasks"]),
        ("grafana", "Incident", [GRAFANA["incident"]]),
        ("grafana", "ActivityItem", GRAFANA["activityItems"]),
        ("grafana", "Task", GRAFANA["incident"]["taskList"]["tasks"]),
        ("grafana", "UserPreview", [MORTY]),
    ],
)
def test_the_documents_of_these_tests_have_the_fields_that_the_tool_publishes(
    tool: str, schema: str, values: list[dict[str, Any]]
) -> None:
    for value in values:
        assert value.keys() <= set(SCHEMAS[tool]["schemas"][schema]), schema


def test_what_incident_io_gives_out_is_rows_milestones_and_follow_ups() -> None:
    draft = imported(INCIDENT_IO)
    assert draft.incident["severity"] == "Minor"
    assert draft.review_id == "INC-123"
    assert rows(draft) == [
        ("2026-09-01T15:05+0000", "Impact started at", "", "started"),
        ("2026-09-01T15:40+0000", "Fixed at", "", ""),
        (
            "2026-09-01T15:30+0000",
            "Rolled back payments-api\n\nRolled back **payments-api** to v411.",
            "Lisa Curtis",
            "",
        ),
        ("2026-09-01T15:22+0000", "Looking into it", "Lisa Curtis", ""),
    ]
    assert actions(draft) == [
        ("Cat therapy", "Lisa Curtis", "", "high", "open", "https://linear.app/acme/issue/INC-1609/cat"),
        ("Second cat", "", "", "", "declined", ""),
    ]


def test_what_rootly_gives_out_is_read_out_of_its_resources() -> None:
    draft = imported(ROOTLY)
    assert (draft.incident["title"], draft.incident["severity"], draft.review_id) == (
        "Checkout down",
        "SEV1",
        "42",
    )
    assert f"{draft.incident['ended_at']:%H:%M}" == "10:40"
    assert rows(draft) == [
        ("2025-02-09T10:07+0000", "Detected", "", "detected"),
        ("2025-02-09T10:30+0000", "Mitigated", "", "mitigated"),
        ("2025-02-09T10:12-0500", "Pool exhausted", "", ""),
    ]
    ticket = "https://acme.atlassian.net/browse/OPS-7"
    assert actions(draft) == [
        ("Alert on the pool", "Bob Fisher", "2025-02-16", "high", "in-progress", ticket)
    ]


def test_what_firehydrant_gives_out_is_milestones_notes_and_tasks() -> None:
    draft = imported(FIREHYDRANT)
    assert rows(draft) == [
        ("2025-02-09T10:05+0000", "started", "", "started"),
        ("2025-02-09T10:12+0000", "acknowledged", "", "acknowledged"),
        ("2025-02-09T10:31+0000", "Mitigated", "", "mitigated"),
        ("2025-02-09T10:06+0000", "5xx on checkout", "Al", ""),
    ]
    assert actions(draft) == [("Roll back", "Al", "2025-02-12", "", "done", "")]
    assert draft.prose["summary"] == "No orders"
    assert draft.incident["services"] == ["checkout", "payments"]
    assert [(each.text, each.value) for each in draft.impacts] == [
        ("customers impacted", 1200),
        ("monetary impact", 5000),
    ]
    # Told twice, it is one row; what is still to come is none.
    assert "Acknowledged by a person" in draft.events[1].note
    assert "resolved" not in {each.milestone for each in draft.events}


def test_what_customers_felt_is_an_effect_where_the_summary_says_something_else() -> None:
    draft = imported({**FIREHYDRANT, "summary": "The pool was full."})
    assert draft.prose["summary"] == "The pool was full."
    assert draft.impacts[0].text == "No orders"


def test_what_grafana_incident_gives_out_is_read_in_its_spelling() -> None:
    draft = imported(GRAFANA)
    assert draft.incident["title"] == "high latency in web requests"
    assert f"{draft.incident['started_at']:%Y-%m-%dT%H:%M:%S}" == "2022-02-11T00:50:20"
    assert rows(draft) == [("2022-02-11T00:58+0000", "Saw slow queries", "Morty Smith", "")]
    assert actions(draft) == [("Assign an investigator", "Morty Smith", "", "", "open", "")]


@pytest.mark.parametrize("export", [INCIDENT_IO, ROOTLY, FIREHYDRANT, GRAFANA])
def test_no_value_of_an_export_is_lost(export: dict[str, Any]) -> None:
    draft = imported(export)
    known = "\n".join(strings(session_of(draft).model_dump(mode="json")))
    taken = {"outstanding", "not_doing", "in_progress", "done", "todo", "High", "resolved"}
    for value in strings(export):
        moment = value[:4].isdigit() and value[4:5] == "-"
        assert moment or value in taken or value in known, value


def test_an_export_with_ten_thousand_entries_is_read_in_the_time_that_it_takes_to_read_each() -> None:
    """The account finds the values of an entry by where they begin, not by looking through all."""
    entry = FIREHYDRANT["events"][0]
    draft = imported({**FIREHYDRANT, "events": [entry] * 10_000})
    assert len(draft.events) == 10_003
    assert all(use is not None for use in draft.uses)
