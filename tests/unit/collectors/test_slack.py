"""Slack as a source, against a fake that is held to the types of Slack's own package."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.evidence.artifacts import Keeper, blocks
from app.evidence.facts import FACTS, Fact, parse_facts
from app.http import Limits
from app.review.records import Incident, Session, Source
from collectors import slack
from collectors.interface import Job
from collectors.outcome import Outcome
from collectors.runner import Run
from collectors.slack import SlackCollector
from tests.fakes.contract import silence
from tests.fakes.slack import CHANNEL, TOKEN, FakeSlack

START = datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC)
NOW = datetime(2025, 2, 9, 12, 0, tzinfo=UTC)


def ts(minutes: float) -> str:
    return f"{(START + timedelta(minutes=minutes)).timestamp():.6f}"


@pytest.fixture
async def server() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        running.person("U1", "carol")
        running.person("U2", "bob")
        running.say(ts(-300), "U1", "the old deploy thread")
        running.say(ts(-40), "U1", "before the window")
        running.say(ts(1), "U1", "is <@U2> around? checkout is slow &lt;5s&gt;")
        running.say(ts(2), "U2", "has joined the channel", subtype="channel_join")
        running.say(ts(3), "U2", "looking", edited={"user": "U2", "ts": ts(4)})
        running.reply(ts(1), ts(6), "U2", "pool is exhausted")
        running.reply(ts(1), ts(200), "U2", "long after")
        running.reply(ts(-300), ts(7), "U1", "this one again")
        yield running


async def collect(folder: Path, server: FakeSlack, token: str = TOKEN, **settings: Any) -> Outcome:
    run = prepared(folder, server, token, **settings)
    run.start()
    outcome = (await run.wait())["S1"]
    assert server.violations == []
    return outcome


def prepared(folder: Path, server: FakeSlack, token: str = TOKEN, **settings: Any) -> Run:
    chosen = {"channel": CHANNEL, "base_url": server.url, **settings}
    source = Source(id="S1", kind="slack", name="Slack", settings=chosen)
    session = Session(
        incident=Incident(started_at=START, ended_at=START + timedelta(minutes=35)), sources=(source,)
    )
    return Run(session, folder, now=NOW, environment={"SLACK_TOKEN": token} if token else {})


def facts(folder: Path, outcome: Outcome) -> list[Fact]:
    found: list[Fact] = []
    for artifact in outcome.artifacts:
        if artifact.format == FACTS:
            found += [fact for _, fact in parse_facts(b"".join(blocks(folder / artifact.path)))]
    return found


async def test_what_was_said_in_the_window_is_told_with_names_threads_and_edits(
    tmp_path: Path, server: FakeSlack
) -> None:
    outcome = await collect(tmp_path, server, channel="#incident-42")
    assert (outcome.state, outcome.gaps, outcome.notes) == ("done", (), ())
    assert [(fact.actor, fact.text, fact.object) for fact in facts(tmp_path, outcome)] == [
        ("carol", "is @bob around? checkout is slow <5s>", "#incident-42"),
        ("bob", "looking (edited 2025-02-09 10:09 UTC)", "#incident-42"),
        ("bob", "↳ pool is exhausted", "#incident-42, thread “is @bob around? checkout is slow <5s>”"),
        ("carol", "↳ this one again", "#incident-42, thread “the old deploy thread”"),
    ]
    assert all(
        fact.url.startswith(f"https://acme.slack.com/archives/{CHANNEL}/p")
        for fact in facts(tmp_path, outcome)
    )


async def test_answers_are_kept_but_neither_the_token_nor_the_directory_of_people(
    tmp_path: Path, server: FakeSlack
) -> None:
    outcome = await collect(tmp_path, server)
    kept = b"".join(b"".join(blocks(path)) for path in tmp_path.rglob("*.gz"))
    assert b"pool is exhausted" in kept
    assert b"x@y.example" not in kept
    assert TOKEN.encode() not in kept
    assert TOKEN not in repr(outcome)
    assert any(f"conversations.history?channel={CHANNEL}" in artifact.query for artifact in outcome.artifacts)


@pytest.mark.parametrize(
    "given", [CHANNEL, f"https://acme.slack.com/archives/{CHANNEL}/p1739", "incident-42"]
)
async def test_a_channel_is_named_by_id_link_or_name(tmp_path: Path, server: FakeSlack, given: str) -> None:
    outcome = await collect(tmp_path, server, channel=given)
    assert len(facts(tmp_path, outcome)) == 4
    assert {fact.key.partition("/")[0] for fact in facts(tmp_path, outcome)} == {CHANNEL}


async def test_every_page_is_read_whatever_size_slack_allows(tmp_path: Path, server: FakeSlack) -> None:
    for number in range(100):
        server.say(ts(10 + number / 10), "U1", f"message {number}")
    server.page_size = 15
    outcome = await collect(tmp_path, server)
    assert len(facts(tmp_path, outcome)) == 104
    assert len(server.asked("conversations.history")) == 7


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            {"error": "invalid_auth"},
            "Slack refuses the token in the environment variable SLACK_TOKEN: make a new one",
        ),
        ({"error": "token_expired"}, "has expired: make a new one (token_expired)."),
        (
            {"error": "missing_scope", "needed": "channels:history"},
            "needs the scope channels:history for this",
        ),
        ({"error": "not_in_channel"}, "invite the app with /invite (not_in_channel)."),
        ({"error": "channel_not_found"}, "knows no such channel, or the app may not see it"),
        (
            {"error": "fatal_error\x1b"},
            "refused the request: see docs.slack.dev for what it means (fatal_error^[).",
        ),
        ({}, "(no reason given)."),
    ],
)
async def test_every_refusal_is_one_sentence(
    tmp_path: Path, server: FakeSlack, error: dict[str, Any], sentence: str
) -> None:
    server.errors["conversations.history"] = error
    outcome = await collect(tmp_path, server)
    assert outcome.state == "failed"
    assert sentence in outcome.message
    assert len(outcome.gaps) == 1


async def test_a_channel_that_the_app_does_not_see_is_named(tmp_path: Path, server: FakeSlack) -> None:
    outcome = await collect(tmp_path, server, channel="#secret")
    assert outcome.message.startswith("Slack shows this app no channel called #secret: check the name")


async def test_without_the_names_of_people_messages_carry_their_ids(
    tmp_path: Path, server: FakeSlack
) -> None:
    server.errors["users.list"] = {"error": "missing_scope", "needed": "users:read"}
    outcome = await collect(tmp_path, server)
    assert outcome.state == "done"
    assert [fact.actor for fact in facts(tmp_path, outcome)] == ["U1", "U2", "U2", "U1"]
    (note,) = outcome.notes
    assert note.startswith(
        "Names of people are missing, messages carry their ids: Slack needs the scope users:read"
    )


async def test_threads_that_fail_are_a_gap_and_the_channel_stays(tmp_path: Path, server: FakeSlack) -> None:
    server.errors["conversations.replies"] = {"error": "missing_scope", "needed": "groups:history"}
    outcome = await collect(tmp_path, server)
    assert outcome.state == "done"
    assert len(facts(tmp_path, outcome)) == 2
    (gap,) = outcome.gaps
    assert gap.why.startswith("threads: Slack needs the scope groups:history")


async def test_a_thread_that_is_gone_is_a_note(tmp_path: Path, server: FakeSlack) -> None:
    server.errors["conversations.replies"] = {"error": "thread_not_found"}
    outcome = await collect(tmp_path, server)
    assert outcome.gaps == ()
    assert outcome.notes == ("A thread is gone since the channel was read: somebody deleted its beginning.",)


async def test_slack_s_limit_is_waited_for_and_told_when_it_is_too_long(
    tmp_path: Path, server: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = [(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"})]
    whole = server.answer

    def limited(path: str, query: dict[str, str]) -> Any:
        return busy.pop() if busy and "history" in path else whole(path, query)

    monkeypatch.setattr(server, "answer", limited)
    monkeypatch.setattr(server, "_check", lambda *_: None)
    outcome = await collect(tmp_path, server)
    assert (outcome.state, len(facts(tmp_path, outcome))) == ("done", 4)
    monkeypatch.setattr(slack, "_LIMITS", Limits(patience=5))
    server.faults["conversations.history"] = [(429, {}, {"Retry-After": "600"})]
    outcome = await collect(tmp_path, server)
    assert outcome.message == "Slack says 429 Too Many Requests: try again in 600 s."


async def test_a_history_that_breaks_off_keeps_what_came_and_marks_what_is_older(
    tmp_path: Path, server: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack, "_LIMITS", Limits(tries=1))
    for number in range(30):
        server.say(ts(10 + number / 10), "U1", f"message {number}")
    server.page_size = 15
    whole = server.answer

    def broken(path: str, query: dict[str, str]) -> Any:
        return (502, b"bad gateway", {}) if "cursor" in query else whole(path, query)

    monkeypatch.setattr(server, "answer", broken)
    outcome = await collect(tmp_path, server)
    assert outcome.state == "done"
    assert len(facts(tmp_path, outcome)) == 15
    (gap,) = outcome.gaps
    assert (gap.from_, gap.to) == (START - timedelta(minutes=30), START + timedelta(minutes=11.5))


async def test_cancelling_returns_at_once_and_keeps_what_was_said(tmp_path: Path, server: FakeSlack) -> None:
    server.faults["conversations.replies"] = [silence]
    run = prepared(tmp_path, server)
    run.start()
    while not server.asked("conversations.replies"):
        await asyncio.sleep(0.01)
    run.cancel()
    async with asyncio.timeout(2):
        outcome = (await run.wait())["S1"]
    assert outcome.state == "cancelled"
    assert len(facts(tmp_path, outcome)) == 2


async def test_an_examination_asks_for_one_message_and_keeps_nothing(
    tmp_path: Path, server: FakeSlack
) -> None:
    source = Source(
        id="S1", kind="slack", name="Slack", settings={"channel": CHANNEL, "base_url": server.url}
    )
    job = Job(
        source, tmp_path, None, NOW, Keeper(tmp_path, source, NOW), lambda **_: None, lambda: False,
        {"SLACK_TOKEN": TOKEN},
    )  # fmt: skip
    found = await SlackCollector().examine(job)
    assert found is not None
    assert (found.reachable, found.authorised, found.sentences) == (True, True, ())
    server.errors["conversations.history"] = {"error": "not_in_channel"}
    found = await SlackCollector().examine(job)
    assert found is not None
    assert (found.reachable, found.authorised) == (True, False)
    assert "invite the app" in found.sentences[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "No channel is named"),
        ({"channel": "two words"}, "is no channel"),
        ({"channel": "x", "base_url": "https://evil.example/api"}, "Slack's API is at"),
        ({"channel": "x", "base_url": "http://slack.com/api"}, "Slack's API is at"),
        ({"channel": "x", "base_url": "https://notslack.com/api"}, "Slack's API is at"),
        ({"channel": "x", "base_url": "https://slack-gov.com/api"}, ""),
        ({"channel": "#incident-42"}, ""),
    ],
)
def test_settings_are_checked_and_the_token_goes_to_slack_only(settings: dict[str, Any], words: str) -> None:
    problem = SlackCollector().check(settings)
    assert words in problem if words else problem == ""
