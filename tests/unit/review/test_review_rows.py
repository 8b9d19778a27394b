"""Rows folded, parted and moved: nothing is lost, and reading order is what was asked for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review import edits, rows
from app.review.records import Event, Pointer, Session
from app.review.timeline import in_order, warnings

START = datetime(2025, 2, 9, 10, tzinfo=UTC)


def event(number: int, text: str, second: int | None = 0, **more: Any) -> Event:
    at = None if second is None else START + timedelta(seconds=second)
    return Event.model_validate({"id": f"E{number}", "text": text, "at": at, "source": "db", **more})


def ids(session: Session) -> list[str]:
    return [row.id for row in in_order(session)]


def test_rows_that_say_the_same_in_one_minute_are_twins() -> None:
    session = Session(
        events=(
            event(1, "slow query 812 ms", 1),
            event(2, "slow query 93 ms", 20),
            event(3, "slow query 7 ms", 61),
            event(4, "slow query 7 ms", 30, source="other"),
            event(5, "slow query x ms", 31),
            event(6, "slow query 5 ms", None),
            event(7, "slow query 5 ms", 59, starred=True),
        )
    )
    assert [[row.id for row in group] for group in rows.twins(session)] == [["E7", "E1", "E2"]]
    once = rows.fold(session)
    assert rows.folded(once) == {"E7": ("E1", "E2")}
    assert rows.fold(once) == once
    assert rows.with_folded(once, ["E7", "E4"]) == ("E7", "E1", "E2", "E4")
    assert rows.unfold(once, {"E7"}) == session
    assert rows.unfold(once) == session
    assert rows.fold(session, {"E4"}) == session
    assert rows.fold(session, {"E2"}) == once


def test_a_milestone_is_never_folded_away() -> None:
    session = Session(
        events=(event(1, "x 1", milestone="started"), event(2, "x 2", milestone="detected"), event(3, "x 3"))
    )
    assert rows.folded(rows.fold(session)) == {"E1": ("E3",)}


def test_rows_whose_head_is_deleted_are_lines_of_their_own_again() -> None:
    session = rows.fold(Session(events=(event(1, "x 1"), event(2, "x 2"))))
    assert rows.folded(session) == {"E1": ("E2",)}
    left = edits.delete(session, "events", {"E1"})
    assert [row.fold for row in left.events] == [""]


def test_one_row_becomes_two_and_both_keep_what_was_known() -> None:
    pointer = Pointer(source="S1", line=3)
    whole = event(
        1, "a; b", 0, kind="action", evidence=(pointer,), milestone="mitigated", suggestion="k", tags=("t",)
    )
    session = Session(events=(whole, event(2, "later", 90)))
    done = rows.split(
        session,
        "E1",
        [Event(text="a"), Event(text="b"), Event(text="c", at=START + timedelta(minutes=2), actor="@bob")],
    )
    assert [(row.id, row.text) for row in done.events] == [
        ("E1", "a"),
        ("E3", "b"),
        ("E2", "later"),
        ("E4", "c"),
    ]
    first, second, _, third = done.events
    assert (first.milestone, first.suggestion) == ("mitigated", "k")
    for row in (second, third):
        assert (row.milestone, row.suggestion, row.kind, row.evidence, row.tags) == (
            "",
            "",
            "action",
            (pointer,),
            ("t",),
        )
    assert second.at == whole.at
    assert (third.at, third.actor) == (START + timedelta(minutes=2), "@bob")
    assert rows.split(session, "E1", [Event(text="a")]) == session
    assert rows.split(session, "E9", [Event(text="a"), Event(text="b")]) == session


def test_a_row_without_a_time_is_moved_place_by_place() -> None:
    session = Session(events=(event(1, "a", 0), event(2, "b", 60), event(3, "x", None)))
    up = rows.move(session, "E3", -1)
    assert ids(up) == ["E1", "E3", "E2"]
    top = rows.move(up, "E3", -1)
    assert ids(top) == ["E3", "E1", "E2"]
    assert rows.move(top, "E3", -1) == top
    assert ids(rows.move(top, "E3", 1)) == ["E1", "E3", "E2"]
    assert rows.move(session, "E3", 1) == session
    assert rows.move(session, "E1", 1) == session, "time says where it stands"
    assert rows.move(session, "E9", 1) == session


def test_rows_of_one_instant_may_change_places() -> None:
    session = Session(events=(event(1, "a", 0), event(2, "b", 0)))
    assert ids(rows.move(session, "E1", 1)) == ["E2", "E1"]
    assert ids(rows.move(session, "E2", -1)) == ["E2", "E1"]


@given(
    st.lists(st.none() | st.integers(0, 4), min_size=1, max_size=7),
    st.integers(0, 6),
    st.sampled_from([-1, 1]),
)
def test_a_move_swaps_neighbours_and_touches_no_other(
    seconds: list[int | None], place: int, step: int
) -> None:
    session = Session(events=tuple(event(n, f"t{n}", second) for n, second in enumerate(seconds)))
    before = ids(session)
    at = place % len(before)
    after = ids(rows.move(session, before[at], step))
    if after != before:
        expected = list(before)
        expected[at], expected[at + step] = expected[at + step], expected[at]
        assert after == expected
    elif 0 <= at + step < len(before):
        assert session.events[int(before[at][1:])].at is not None, "a row without a time can always move"


def test_what_is_wrong_about_a_row_names_both_rows() -> None:
    session = Session(
        events=(
            event(1, "a", 60, milestone="started"),
            event(2, "b", 0),
            event(3, "", 70),
            event(4, "d", 80, until=START, milestone="started"),
        )
    )
    found = warnings(session)
    assert found["E2"].startswith("E2 is written behind E1 but lies 1 min before it")
    assert found["E3"] == "E3 does not say what happened."
    assert "E4 ends before it begins." in found["E4"]
    assert "“started”" in found["E4"]
    assert "E1" not in found


def test_folded_rows_are_shown_as_one_line_that_holds_the_others() -> None:
    session = rows.fold(Session(events=(event(1, "x 1"), event(2, "x 2", 5), event(3, "y", 2))))
    shown = rows.lines(session)
    assert [(row.id, [each.id for each in hidden]) for row, hidden in shown] == [("E1", ["E2"]), ("E3", [])]
    assert rows.times_folded("x 1", shown[0][1]) == "x 1 (×2)"


def test_a_row_that_is_folded_into_none_is_a_line_of_its_own() -> None:
    session = Session(events=(event(1, "x", fold="E9"),))
    assert rows.lines(session) == ((session.events[0], ()),)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.25, "0.25 s"), (42, "42 s"), (218.1, "3 min 38 s"), (7200, "2 h"), (90_061, "1 d 1 h")],
)
def test_how_far_a_row_runs_backwards_is_said_in_whole_units(seconds: float, words: str) -> None:
    late = datetime(2025, 2, 9, 10, tzinfo=UTC)
    both = (
        Event(id="E1", at=late, text="first as written"),
        Event(id="E2", at=late - timedelta(seconds=seconds), text="behind it", precision="subsecond"),
    )
    found = warnings(Session(events=both))
    assert f"lies {words} before it" in found["E2"]
