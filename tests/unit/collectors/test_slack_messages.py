"""What a message of Slack becomes: the same rule for the export and for the API."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.slack_messages import Room, fact, left_out, names, plain, stamp

ROOM = Room(
    "C1", "incident-42", {"U1": "carol", "U2": "Bob Builder"}, {"C9": "general"}, "https://acme.slack.com/"
)
SAID = {"type": "message", "user": "U1", "text": "pool exhausted", "ts": "1739095523.000200"}


def test_a_message_has_its_time_author_place_and_link() -> None:
    found = fact(SAID, ROOM)
    assert found is not None
    assert (found.at, found.text, found.actor, found.object, found.kind, found.key) == (
        datetime(2025, 2, 9, 10, 5, 23, 200, tzinfo=UTC),
        "pool exhausted",
        "carol",
        "#incident-42",
        "communication",
        "C1/1739095523.000200",
    )
    assert found.url == "https://acme.slack.com/archives/C1/p1739095523000200"
    assert not found.notable


def test_a_reply_names_its_thread_and_an_edit_its_time() -> None:
    reply = {
        **SAID, "user": "U2", "text": "raising to 40", "ts": "1739095600.000000", "thread_ts": SAID["ts"],
        "edited": {"user": "U2", "ts": "1739099999.000000"},
    }  # fmt: skip
    found = fact(reply, ROOM, SAID)
    assert found is not None
    assert found.text == "↳ raising to 40 (edited 2025-02-09 11:19 UTC)"
    assert found.object == "#incident-42, thread “pool exhausted”"
    assert found.url.endswith("p1739095600000000?thread_ts=1739095523.000200&cid=C1")
    alone = fact(reply, ROOM)
    assert alone is not None
    assert alone.object == "#incident-42, thread"


@pytest.mark.parametrize(
    "more",
    [
        {"pinned_to": ["C1"]},
        {"reactions": [{"name": "eyes"}, {"name": "pushpin", "users": ["U2"], "count": 1}]},
    ],
)
def test_what_people_marked_is_offered_for_the_timeline(more: dict[str, Any]) -> None:
    found = fact({**SAID, **more}, ROOM)
    assert found is not None
    assert found.notable


@pytest.mark.parametrize("subtype", ["channel_join", "channel_leave", "bot_add", "group_join", "tombstone"])
def test_what_a_channel_says_about_itself_is_left_out(subtype: str) -> None:
    assert left_out({**SAID, "subtype": subtype})
    assert not left_out({**SAID, "subtype": "thread_broadcast"})
    assert not left_out(SAID)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U1> see <#C9> and <#C8|ops>", "@carol see #general and #ops"),
        ("<@U7> <@W1|dan>", "@U7 @dan"),
        ("<!here> <!channel> <!subteam^S1|@oncall>", "@here @channel @oncall"),
        ("<!date^1739095523^{date}|9 Feb>", "9 Feb"),
        ("<https://x.example/a?b=1&amp;c=2|the board>", "the board (https://x.example/a?b=1&c=2)"),
        ("<https://x.example>", "https://x.example"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("a &lt;b&gt; &amp;amp; &amp;lt;", "a <b> &amp; &lt;"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
    ],
)
def test_markup_is_read_as_people_read_it(written: str, read: str) -> None:
    assert plain(written, ROOM) == read


def test_a_tool_has_its_words_in_attachments_and_blocks_and_its_name_in_its_profile() -> None:
    alert = {
        "type": "message", "subtype": "bot_message", "text": "", "ts": SAID["ts"], "bot_id": "B1",
        "bot_profile": {"name": "Alerts"},
        "attachments": [{"title": "[FIRING] PoolExhausted", "text": "on <https://g.example|api>"}, {"fallback": "x"}],
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*severity* critical"}}],
        "files": [{"name": "pool.png"}, {}],
    }  # fmt: skip
    found = fact(alert, ROOM)
    assert found is not None
    assert found.text == (
        "[FIRING] PoolExhausted: on api (https://g.example)\nx\n*severity* critical\n[file pool.png]\n[file]"
    )
    assert found.actor == "Alerts"


def test_people_are_called_as_they_are_shown() -> None:
    assert names([
        {"id": "U1", "name": "c", "profile": {"display_name": "carol", "real_name": "Carol C"}},
        {"id": "U2", "name": "b", "profile": {"display_name": "", "real_name": "Bob"}},
        {"id": "U3", "name": "d\x1b[2J"},
        {"id": "U4"}, None, 5, {"name": "x"},
    ]) == {"U1": "carol", "U2": "Bob", "U3": "d^[[2J"}  # fmt: skip


@pytest.mark.parametrize(
    "ts", ["", "1", "1739095523", "x.y", "9999999999999.000000", 5, None, True, "1739095523.1"]
)
def test_without_a_time_there_is_no_fact(ts: Any) -> None:
    assert stamp({"ts": ts}) is None
    assert fact({**SAID, "ts": ts}, ROOM) is None


def test_hostile_text_is_visible_bounded_and_never_a_link_to_elsewhere() -> None:
    text = "\x1b]52;c;x\x07 [@click=app.quit]go[/] @everyone \u202egnp " + "<" * 100_000 + "A" * 1_000_000
    found = fact({**SAID, "text": text, "user": "U9\x1b", "username": "\x1b[31mroot"}, ROOM)
    assert found is not None
    assert found.text.startswith("^[]52;c;x^G [@click=app.quit]go[/] @everyone <202E>gnp <<<")
    assert len(found.text) <= 4_000
    assert found.actor == "^[[31mroot"
    evil = fact(SAID, Room("C1/../../x", "c", home="https://evil.example/x/"))
    assert evil is not None
    assert evil.url == ""


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["ts", "text", "user", "files", "blocks", "attachments", "edited", "reactions", "thread_ts"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(json, json)
def test_no_shape_of_a_message_breaks_it(message: Any, parent: Any) -> None:
    fact(message, ROOM, parent)
    left_out(message)
    if isinstance(message, dict):
        fact({**message, "ts": "1739095523.000200"}, ROOM, parent)
