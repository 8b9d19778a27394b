"""The filter's language: every text is a filter, and every row is shown or not as its words say."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.review.filter import parse
from app.review.moments import Context
from app.review.records import Event

CONTEXT = Context(date(2025, 2, 9))


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-02-09T{clock}+00:00")


ROWS = (
    Event(id="E1", at=at("10:05:23"), text="First 5xx errors appear", kind="symptom", source="nginx access"),
    Event(id="E2", at=at("10:06:45"), text="HighErrorRate fires", kind="alert", milestone="detected"),
    Event(id="E3", at=at("10:08"), text="On-call paged", kind="page", precision="minute", actor="@oncall"),
    Event(id="E4", at=at("10:15:30"), text="pool exhausted", source="app logs", starred=True, tags=("db",)),
    Event(id="E5", at=at("10:20"), until=at("10:25"), text="failover", kind="action", track="database"),
    Event(id="E6", precision="order-only", text="nobody knows when", kind="gap"),
)


def kept(text: str, context: Context = CONTEXT) -> str:
    found = parse(text, context)
    return " ".join(row.id for row in ROWS if found.matches(row))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", "E1 E2 E3 E4 E5 E6"),
        ("POOL exhausted", "E4"),
        ("exhausted pool", "E4"),
        ('"pool exhausted"', "E4"),
        ('"exhausted pool"', ""),
        ("nginx", "E1"),
        ("kind:alert", "E2"),
        ("KIND:Alert", "E2"),
        ("kind:alert,page", "E2 E3"),
        ("kind:-", "E4"),
        ("-kind:-", "E1 E2 E3 E5 E6"),
        ("-kind:gap", "E1 E2 E3 E4 E5"),
        ("actor:oncall", "E3"),
        ('source:"app logs"', "E4"),
        ('source:"app', "E4"),
        ("tag:db", "E4"),
        ("track:data", "E5"),
        ("milestone:detected", "E2"),
        ("star:", "E4"),
        ("star:no kind:page", "E3"),
        ("-star:yes kind:page", "E3"),
        (">10:15", "E4 E5"),
        ("<10:06:45", "E1"),
        ("<=10:06:45", "E1 E2"),
        ("10:06..10:08", "E2 E3"),
        ("10:06..", "E2 E3 E4 E5"),
        ("..10:08", "E1 E2 E3"),
        ("-10:06..10:08", "E1 E4 E5 E6"),
        (">2025-02-09T10:15", "E4 E5"),
        (">2025-02-10", ""),
        ("10:15", "E4"),
        ("errors -first", ""),
        ("paged -alert", "E3"),
    ],
)
def test_a_filter_keeps_the_rows_that_it_names(text: str, ids: str) -> None:
    assert kept(text) == ids


def test_a_span_is_found_by_any_moment_of_it() -> None:
    assert kept(">10:23") == "E5"


def test_a_row_known_to_the_minute_may_have_been_at_its_end() -> None:
    assert kept("10:08:30..10:09") == "E3"


def test_times_are_read_in_the_zone_that_is_shown() -> None:
    berlin = Context(date(2025, 2, 9), ZoneInfo("Europe/Berlin"))
    assert kept(">11:15", berlin) == "E4 E5"
    assert parse(">11:15", berlin).understood() == "from 11:15"


def test_times_are_compared_with_the_clock_corrected() -> None:
    found = parse(">10:15", CONTEXT)
    assert found.matches(ROWS[1], at("10:15:01"))
    assert not found.matches(ROWS[3], at("10:14:59.5") - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        ("kind:alert,page", "kind “alert” or “page”"),
        ('-source:"app logs" pool', "not source “app logs” · “pool”"),
        ("star:", "starred"),
        ("10:15..10:30", "from 10:15 before 10:31"),
        ("<10:30", "before 10:30"),
        ("kind:", ""),
        ("http://api", "“http://api”"),
        (">soon", "“>soon”"),
    ],
)
def test_what_was_understood_is_said(text: str, said: str) -> None:
    assert parse(text, CONTEXT).understood() == said


# Against a reading that is as simple as it can be: word by word, without the parser's shapes.

WORDS = st.sampled_from(
    [
        "pool",
        "1",
        "10:",
        "10:15",
        "kind:alert,page",
        "kind:-",
        "-kind:gap",
        "star:",
        "star:no",
        "tag:db",
        "tag:-",
        ">10:15",
        "10:06..10:20",
        "-exhausted",
        "actor:oncall",
        "-star:",
        "source:app",
        "track:data",
        "id:E",
        "-<10:10",
    ]
)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=4), st.permutations(ROWS), st.sampled_from([UTC, ZoneInfo("Asia/Tokyo")]))
def test_all_rows_at_once_are_kept_as_each_of_them_is(words: list[str], rows: list[Event], zone):
    found = parse(" ".join(words), Context(date(2025, 2, 9), zone))
    assert found.keep(tuple(rows)) == tuple(row for row in rows if found.matches(row))
