"""What Alertmanager posts and records, as a history of alerts.

The webhook payload is the fourth version of its format (``notify/webhook``); the year 1 is
Go's zero time.
The event recorder's lines follow ``eventrecorder/eventrecorderpb/eventrecorder.proto`` of prometheus/alertmanager
(0.33), written by ``protojson``: camel case, ``@timestamp``, numbers of 64 bits as text, false left out. The second
version (``events/v2``) has labels as a table.
"""

import json
from datetime import UTC, datetime

import pytest

from app.evidence.alerts import ALERTS_JSON, parse_alerts, parse_silences
from app.evidence.formats import LINES, sniff

ZERO = "0001-01-01T00:00:00Z"


def payload(status: str, ends: str, name: str = "HighErrors", starts: str = "2025-02-09T10:06:45Z") -> dict:
    alert = {
        "status": status,
        "labels": {"alertname": name, "severity": "critical"},
        "annotations": {"summary": "too many errors"},
        "startsAt": starts,
        "endsAt": ends,
        "fingerprint": "a1bc48475b20e73d",
    }
    return {"receiver": "ops", "status": status, "version": "4", "groupKey": "{}:{}", "alerts": [alert]}


FIRING = payload("firing", ZERO)
RESOLVED = payload("resolved", "2025-02-09T10:38:00Z")


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in records)


@pytest.mark.parametrize(
    "content", [json.dumps(FIRING, indent=2).encode(), json.dumps([FIRING]).encode(), lines(FIRING, FIRING)]
)
def test_a_webhook_payload_in_any_wrapping_is_one_alert_that_still_fires(content):
    assert sniff(content) == ALERTS_JSON
    (one,) = parse_alerts(content)
    assert (one.alert, one.summary, one.resolved) == ("HighErrors", "too many errors", None)
    assert one.fired == datetime(2025, 2, 9, 10, 6, 45, tzinfo=UTC)


def test_firing_and_resolved_notifications_are_one_episode_and_a_second_firing_is_another():
    again = payload("firing", ZERO, starts="2025-02-09T11:00:00Z")
    found = parse_alerts(lines(FIRING, FIRING, RESOLVED, again))
    assert [(one.fired.hour, one.resolved and one.resolved.minute) for one in found] == [(10, 38), (11, None)]


def labels(version: int, **pairs: str) -> object:
    listed = [{"key": key, "value": value} for key, value in pairs.items()]
    return {"labels": listed} if version == 1 else pairs


def recorded(version: int) -> bytes:
    firing = {
        "fingerprint": "9223372036854775808",
        "name": "HighErrors",
        "labels": labels(version, alertname="HighErrors", job="api"),
        "annotations": labels(version, summary="too many errors"),
        "startsAt": "2025-02-09T10:06:45.123Z",
        "endsAt": "2025-02-09T10:11:45.123Z",
    }
    ended = {**firing, "endsAt": "2025-02-09T10:38:00Z", "resolved": True}
    matchers = [{"type": "TYPE_EQUAL", "name": "job", "pattern": "api", "rendered": 'job="api"'}]
    silence = {
        "id": "0c7f…", "matchers": matchers, "createdBy": "bob", "comment": "known\u001b[2J, on it",
        "startsAt": "2025-02-09T10:12:00Z", "endsAt": "2025-02-09T11:12:00Z",
    }  # fmt: skip
    events = [
        ("10:00:00", {"alertmanagerStartupEvent": {"version": "0.33.0"}}),
        ("10:06:46", {"alertCreated": {"alert": firing}}),
        ("10:07:16", {"notification": {"alerts": [{"hash": "1", "details": firing}], "flushId": "1"}}),
        ("10:12:00", {"silenceCreated": {"silence": silence}}),
        ("10:12:16", {"silenceMutedAlert": {"silence": silence, "mutedAlert": {"fingerprint": "1"}}}),
        ("10:38:16", {"alertResolved": {"alert": {"hash": "1", "details": ended}, "groupInfo": {}}}),
    ]
    return lines(
        *({"@timestamp": f"2025-02-09T{at}.5Z", "instance": "am-0", "data": data} for at, data in events)
    )


@pytest.mark.parametrize("version", [1, 2])
def test_the_event_recorder_is_a_history_with_its_silences(version):
    content = recorded(version)
    assert sniff(content) == ALERTS_JSON
    (one,) = parse_alerts(content)
    assert (one.alert, dict(one.labels)) == ("HighErrors", {"alertname": "HighErrors", "job": "api"})
    assert (one.fired.microsecond, one.resolved) == (123_000, datetime(2025, 2, 9, 10, 38, tzinfo=UTC))
    (fact,) = parse_silences(content)
    assert fact.text == 'Silence created for job="api": known^[[2J, on it'
    assert (fact.actor, fact.kind, fact.until.hour) == ("bob", "action", 11)


def test_a_line_that_was_torn_costs_only_itself():
    content = recorded(1)
    assert len(parse_alerts(content[: len(content) - 20])) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[1, 2]",
        b'"alerts"',
        b'{"alerts": 3}',
        b'{"alerts": [{"labels": 1, "startsAt": 2}]}',
        b'{"@timestamp": "x", "data": {"alertCreated": {"alert": {"labels": 3}}}}',
        b"[" * 100_000,
        b"not json\nat all\n",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_alert_is_none(content):
    assert not parse_alerts(content)
    assert parse_silences(content) == []


def test_a_log_that_speaks_of_alerts_stays_a_log():
    assert (
        sniff(b'{"time": "2025-02-09T10:06:45Z", "msg": "sent alerts", "data": {"alerts": 3}}\n' * 50)
        == LINES
    )
    assert sniff(b'{"@timestamp": "2025-02-09T10:06:45Z", "data": {"user": 3}}\n' * 50) == LINES
