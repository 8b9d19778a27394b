"""PagerDuty as a source, against a fake that is held to PagerDuty's published schemas."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.evidence.artifacts import Keeper, blocks
from app.evidence.facts import FACTS, Fact, parse_facts
from app.http import Limits
from app.review.records import Incident, Session, Source
from collectors import pagerduty
from collectors.interface import Job
from collectors.outcome import Outcome
from collectors.pagerduty import ENTRIES, PagerDutyCollector, entry
from collectors.runner import Run
from tests.fakes.pagerduty import TOKEN, FakePagerDuty

START = datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC)
NOW = datetime(2025, 2, 9, 12, 0, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[FakePagerDuty]:
    async with FakePagerDuty() as running:
        running.incident("PT4KHLK", "2025-02-09T10:06:00Z", "API slow")
        said = [
            ("E1", "trigger", "10:06:00", "Triggered through the API", {"event_details": {"description": "p99 > 2 s"}}),
            ("E2", "notify", "10:06:05", "Notified Earline Greenholt by push", {}),
            ("E3", "notify", "10:06:40", "Notified Earline Greenholt by phone", {}),
            ("E4", "escalate", "10:11:00", "Escalated to Bob on Level 2", {}),
            ("E5", "acknowledge", "10:12:30", "Acknowledged by Bob", {}),
            ("E6", "annotate", "10:20:00", "Note added by Bob", {"note": "pool is exhausted\nraising it"}),
            ("E7", "assign", "10:21:00", "Assigned to Carol", {}),
            ("E8", "resolve", "12:41:00", "Resolved by Bob", {}),
        ]  # fmt: skip
        for key, what, at, summary, more in said:
            running.entry(key, "PT4KHLK", what, f"2025-02-09T{at}Z", summary, **more)
        yield running


async def collect(folder: Path, server: FakePagerDuty, token: str = TOKEN, **settings: Any) -> Outcome:
    chosen = {"region": server.url, **settings}
    source = Source(id="S1", kind="pagerduty", name="PagerDuty", settings=chosen)
    session = Session(
        incident=Incident(started_at=START, ended_at=START + timedelta(minutes=35)), sources=(source,)
    )
    run = Run(session, folder, now=NOW, environment={"PAGERDUTY_TOKEN": token} if token else {})
    run.start()
    outcome = (await run.wait())["S1"]
    assert server.violations == []
    return outcome


def facts(folder: Path, outcome: Outcome) -> list[Fact]:
    found: list[Fact] = []
    for artifact in outcome.artifacts:
        if artifact.format == FACTS:
            found += [fact for _, fact in parse_facts(b"".join(blocks(folder / artifact.path)))]
    return found


async def test_a_named_incident_is_told_from_its_trigger_to_its_end_also_beyond_the_window(
    tmp_path: Path, server: FakePagerDuty
) -> None:
    outcome = await collect(tmp_path, server, incidents="https://acme.pagerduty.com/incidents/PT4KHLK?utm=x")
    assert (outcome.state, outcome.gaps, outcome.notes) == ("done", (), ())
    told = [(f"{fact.at:%H:%M:%S}", fact.kind, fact.notable, fact.text) for fact in facts(tmp_path, outcome)]
    assert told == [
        ("10:06:00", "page", True, "[#12] API slow: Triggered through the API: p99 > 2 s"),
        ("10:06:05", "page", True, "Notified Earline Greenholt by push ([#12] API slow)"),
        ("10:06:40", "page", False, "Notified Earline Greenholt by phone ([#12] API slow)"),
        ("10:11:00", "page", True, "Escalated to Bob on Level 2 ([#12] API slow)"),
        ("10:12:30", "action", True, "Acknowledged by Bob ([#12] API slow)"),
        (
            "10:20:00",
            "communication",
            True,
            "Note added by Bob ([#12] API slow): pool is exhausted\nraising it",
        ),
        ("10:21:00", "page", False, "Assigned to Carol ([#12] API slow)"),
        ("12:41:00", "action", True, "Resolved by Bob ([#12] API slow)"),
    ]
    (first, *_) = facts(tmp_path, outcome)
    assert (first.actor, first.object, first.key) == ("Earline Greenholt", "api", "log-entry/E1")
    assert first.url == "https://acme.pagerduty.com/incidents/PT4KHLK/log_entries/E1"
    assert first.ref == outcome.artifacts[0].path


async def test_services_give_the_incidents_of_the_window_and_of_the_day_before(
    tmp_path: Path, server: FakePagerDuty
) -> None:
    server.incident("POLD000", "2025-02-08T23:00:00Z", "older")
    server.entry("E0", "POLD000", "acknowledge", "2025-02-09T09:50:00Z", "Acknowledged by Dan")
    server.incident("POTHER0", "2025-02-09T10:00:00Z", "another service", service="PELSE00")
    server.entry("EX", "POTHER0", "trigger", "2025-02-09T10:00:00Z", "Triggered")
    outcome = await collect(tmp_path, server, services="PSERVICE")
    keys = [fact.key for fact in facts(tmp_path, outcome)]
    assert keys == [f"log-entry/E{number}" for number in range(8)]


async def test_without_a_name_the_whole_account_is_asked_for_the_window(
    tmp_path: Path, server: FakePagerDuty
) -> None:
    outcome = await collect(tmp_path, server)
    assert [fact.key for fact in facts(tmp_path, outcome)] == [
        f"log-entry/E{number}" for number in range(1, 8)
    ]
    (asked,) = server.asked("/log_entries")
    assert "since=2025-02-09T09%3A35%3A23Z&until=2025-02-09T10%3A50%3A23Z&time_zone=UTC&limit=100" in asked


async def test_pages_go_on_while_there_are_more_and_end_at_the_limit_with_a_gap(
    tmp_path: Path, server: FakePagerDuty
) -> None:
    for number in range(250):
        at = START + timedelta(seconds=number)
        server.entry(f"N{number}", "PT4KHLK", "notify", f"{at:%Y-%m-%dT%H:%M:%SZ}", "Notified")
    server.entries.sort(key=lambda each: str(each["created_at"]), reverse=True)
    outcome = await collect(tmp_path, server)
    assert (outcome.state, outcome.gaps) == ("done", ())
    assert len(facts(tmp_path, outcome)) == 257
    server.endless = True
    server.requests.clear()
    outcome = await collect(tmp_path, server)
    assert len(server.requests) == 100
    (gap,) = outcome.gaps
    assert "PagerDuty gives 10,000 records for one question" in gap.why


async def test_one_incident_that_is_gone_is_a_gap_and_the_other_is_told(
    tmp_path: Path, server: FakePagerDuty
) -> None:
    outcome = await collect(tmp_path, server, incidents="PGONE00 PT4KHLK")
    assert outcome.state == "done"
    assert len(facts(tmp_path, outcome)) == 8
    (gap,) = outcome.gaps
    assert gap.why.startswith("incident PGONE00: PagerDuty says 404 Not Found")


async def test_a_limit_is_waited_for_as_long_as_the_server_says(
    tmp_path: Path, server: FakePagerDuty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagerduty, "_LIMITS", Limits(tries=2, patience=5))
    server.faults["log_entries"] = [(429, {"error": {"message": "Rate Limit"}}, {"ratelimit-reset": "3600"})]
    outcome = await collect(tmp_path, server)
    assert outcome.state == "failed"
    assert outcome.message == "PagerDuty says 429 Too Many Requests: try again in 3600 s."
    busy = [(429, {"error": {"message": "Rate Limit"}}, {"ratelimit-reset": "0"})]
    whole = server.answer
    monkeypatch.setattr(server, "answer", lambda path, query: busy.pop() if busy else whole(path, query))
    server.faults.clear()
    outcome = await collect(tmp_path, server)
    assert outcome.state == "done"


async def test_a_wrong_token_is_one_sentence_and_no_token_names_both_ways(
    tmp_path: Path, server: FakePagerDuty
) -> None:
    outcome = await collect(tmp_path, server, token="old")
    assert outcome.message == (
        "PagerDuty says 401 Unauthorized: check the token in the environment variable PAGERDUTY_TOKEN."
    )
    server.requests.clear()
    outcome = await collect(tmp_path, server, token="")
    assert server.requests == []
    assert outcome.message == (
        "PagerDuty needs a token: export PAGERDUTY_TOKEN and start again, or keep it in the keyring with: "
        "blamefree token set PAGERDUTY_TOKEN"
    )


async def test_the_token_is_in_nothing_that_is_kept_or_said(tmp_path: Path, server: FakePagerDuty) -> None:
    outcome = await collect(tmp_path, server, incidents="PT4KHLK")
    assert TOKEN not in repr(outcome)
    for path in tmp_path.rglob("*.gz"):
        assert TOKEN.encode() not in b"".join(blocks(path))


@pytest.mark.parametrize("form", ["answer", "list", "lines", "answers"])
async def test_saved_entries_are_read_without_a_token(
    tmp_path: Path, server: FakePagerDuty, form: str
) -> None:
    content = {
        "answer": json.dumps({"log_entries": server.entries, "more": False}),
        "list": json.dumps(server.entries),
        "lines": "\n".join(json.dumps(each) for each in server.entries) + "\n",
        "answers": "\n".join(json.dumps({"log_entries": [each]}) for each in server.entries),
    }[form]
    (tmp_path / "saved.json").write_text(content)
    outcome = await collect(tmp_path, server, token="", path="saved.json")
    assert outcome.state == "done", outcome.message
    assert len(facts(tmp_path, outcome)) == 8
    assert server.requests == []


@pytest.mark.parametrize("content", ["", "[]", "{", "hello", '{"log_entries": 5}', "[" * 100_000])
async def test_a_file_without_entries_is_one_sentence(
    tmp_path: Path, server: FakePagerDuty, content: str
) -> None:
    (tmp_path / "saved.json").write_text(content)
    outcome = await collect(tmp_path, server, path="saved.json")
    assert outcome.message == "saved.json holds no log entries of PagerDuty: save the API's answer as it is."
    outcome = await collect(tmp_path, server, path="nowhere.json")
    assert "is not there: name the file" in outcome.message


def test_every_kind_of_entry_has_its_row_and_an_unknown_one_is_only_searched() -> None:
    for what, (kind, _) in ENTRIES.items():
        found = entry({"id": "E", "type": f"{what}_log_entry", "created_at": "2025-02-09T10:00:00+01:00"})
        assert found is not None
        assert found.kind == kind
        assert found.at == datetime(2025, 2, 9, 9, 0, tzinfo=UTC)
    new = entry({"id": "E", "type": "dream_log_entry", "created_at": "2025-02-09T10:00:00Z"})
    assert new is not None
    assert (new.kind, new.notable, new.text) == ("context", False, "dream")


@pytest.mark.parametrize(
    "record", [None, [], 5, {}, {"id": "x"}, {"id": "x", "type": "t", "created_at": "soon"}]
)
def test_what_is_no_entry_is_none(record: Any) -> None:
    assert entry(record) is None


def test_hostile_words_of_an_entry_are_data() -> None:
    found = entry({
        "id": "E\x1b[2J", "type": "annotate_log_entry", "created_at": "2025-02-09T10:00:00Z",
        "summary": "\x1b]0;owned\x07[@click=app.quit]x[/]", "note": "\u202e" + "A" * 1_000_000,
        "html_url": "javascript:alert(1)", "agent": {"summary": "root\nroot"},
    })  # fmt: skip
    assert found is not None
    assert found.text.startswith("^[]0;owned^G[@click=app.quit]x[/]: <202E>AAA")
    assert len(found.text) < 2_000
    assert (found.url, found.actor) == ("", "root root")


async def test_an_examination_is_one_small_request(tmp_path: Path, server: FakePagerDuty) -> None:
    source = Source(id="S1", kind="pagerduty", name="PagerDuty", settings={"region": server.url})
    keeper = Keeper(tmp_path, source, NOW)
    job = Job(
        source, tmp_path, None, NOW, keeper, lambda **_: None, lambda: False, {"PAGERDUTY_TOKEN": TOKEN}
    )
    found = await PagerDutyCollector().examine(job)
    assert found is not None
    assert (found.reachable, found.authorised, found.sentences) == (True, True, ())
    assert server.requests == ["/log_entries?limit=1"]
    assert server.violations == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"incidents": "../x"}, "is no incident"),
        ({"services": "my api"}, "is no service"),
        ({"region": "mars"}, "write us or eu"),
        ({"region": "https://evil.example"}, "write us or eu"),
        ({}, ""),
        ({"region": "eu", "incidents": "Q02JTSNZWHSEKV"}, ""),
    ],
)
def test_settings_are_checked(settings: dict[str, Any], words: str) -> None:
    problem = PagerDutyCollector().check(settings)
    assert words in problem if words else problem == ""


def test_the_european_host_is_its_own() -> None:
    assert pagerduty.HOSTS["eu"] == "https://api.eu.pagerduty.com"
    assert PagerDutyCollector().describe({"incidents": "PT4KHLK"}) == "pagerduty PT4KHLK"
