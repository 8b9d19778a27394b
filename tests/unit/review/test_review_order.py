"""The timeline as it is read: order, milestones, silence, and what is wrong."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.review import edits
from app.review.records import Event, Pointer, Session, Source
from app.review.timeline import backwards, in_order, instant, milestones, problems, silences
from tests.fakes.classic_review import at, classic_review

START = datetime(2025, 2, 9, 10, tzinfo=UTC)
MINUTES = st.none() | st.integers(0, 20)


def written(*rows: tuple[str, str | None]) -> Session:
    return Session(
        events=tuple(
            Event(
                id=name,
                text=name,
                at=at(time) if time else None,
                precision="second" if time else "order-only",
            )
            for name, time in rows
        )
    )


def ids(events: tuple[Event, ...]) -> list[str]:
    return [event.id for event in events]


@given(st.lists(MINUTES))
def test_reading_order_is_by_time_and_rows_without_one_stay_behind_their_row(
    minutes: list[int | None],
) -> None:
    rows = tuple(
        Event(id=f"E{place}", at=None if each is None else START + timedelta(minutes=each))
        for place, each in enumerate(minutes)
    )
    ordered = in_order(Session(events=rows))
    assert sorted(ids(ordered)) == sorted(ids(rows))
    timed = [event for event in ordered if event.at]
    assert timed == sorted(timed, key=lambda event: (event.at, rows.index(event)))
    for place, event in enumerate(rows):
        if event.at is None and place:
            assert ordered[ordered.index(event) - 1] == rows[place - 1]
        elif event.at is None:
            assert ordered[0] == event


def test_a_clock_that_was_ahead_moves_its_rows_and_can_be_set_back() -> None:
    session = written(("E1", "10:00:00"), ("E2", "10:00:30"))
    session = edits.add(session, "sources", Source(kind="file", clock_offset_s=-42.0))
    moved = edits.change(session, "events", {"E2"}, evidence=(Pointer(source="S1"),))
    assert ids(in_order(moved)) == ["E2", "E1"]
    assert instant(moved, moved.events[1]) == at("09:59:48")
    assert ids(in_order(edits.change(moved, "sources", {"S1"}, clock_offset_s=0.0))) == ["E1", "E2"]


def test_a_correction_out_of_the_calendar_corrects_nothing() -> None:
    session = edits.add(written(("E1", "10:00:00")), "sources", Source(clock_offset_s=1e300))
    session = edits.change(session, "events", {"E1"}, evidence=(Pointer(source="S1"),))
    assert instant(session, in_order(session)[0]) == at("10:00:00")


def test_the_first_of_the_calendar_in_any_zone_does_not_break_the_timeline() -> None:
    first = datetime.fromisoformat("0001-01-01T00:00:00+14:00")
    session = Session(
        events=(Event(id="E1", at=first, until=first, text="x"), Event(id="E2", at=at("10:00:00")))
    )
    assert ids(in_order(session)) == ["E1", "E2"]
    assert silences(session, timedelta(minutes=3))
    assert instant(session, session.events[0]) == first


def test_the_first_row_in_reading_order_has_a_milestone_that_two_claim() -> None:
    session = edits.change(
        written(("E1", "10:05:00"), ("E2", "10:01:00")), "events", {"E1", "E2"}, milestone="started"
    )
    assert milestones(session)["started"].id == "E2"
    assert any("both marked “started”" in each for each in problems(session))


def test_neighbours_that_run_against_time_are_a_question() -> None:
    session = written(("E1", "11:08:00"), ("E2", None), ("E3", "11:07:00"))
    assert [(one.id, two.id) for one, two in backwards(session)] == [("E1", "E3")]
    assert backwards(classic_review()) == ()


def test_a_row_known_to_the_hour_stands_where_its_author_put_it() -> None:
    session = edits.change(
        written(("E1", "14:30:00"), ("E2", "14:00:00")), "events", {"E2"}, precision="hour"
    )
    assert backwards(Session(events=tuple(sorted(session.events, key=lambda event: event.id)))) == ()
    other = Session(
        events=(Event(id="E1", at=at("15:00:00")), Event(id="E2", at=at("14:00:00"), precision="hour"))
    )
    assert len(backwards(other)) == 1


def test_silence_is_what_no_row_covers() -> None:
    found = silences(classic_review(), timedelta(minutes=3))
    assert ("E4", timedelta(minutes=3, seconds=48)) in [(each.before, each.length) for each in found]
    assert ("E8", timedelta(minutes=12, seconds=50)) in [(each.before, each.length) for each in found]


def test_a_span_that_still_runs_is_no_silence() -> None:
    session = written(("E1", "10:00:00"), ("E2", "10:01:00"), ("E3", "10:30:00"))
    assert [each.before for each in silences(session, timedelta(minutes=3))] == ["E3"]
    covered = edits.change(session, "events", {"E1"}, until=at("10:40:00"))
    assert silences(covered, timedelta(minutes=3)) == ()


def test_before_the_start_and_behind_the_end_silence_says_nothing() -> None:
    session = written(("E1", "08:00:00"), ("E2", "10:00:00"), ("E3", "10:01:00"), ("E4", "18:00:00"))
    session = edits.set_milestone(edits.set_milestone(session, "E2", "started"), "E3", "resolved")
    assert silences(session, timedelta(minutes=3)) == ()


def test_a_timeline_says_what_it_lacks() -> None:
    assert problems(Session()) == ("The timeline is empty: type a time and what happened.",)
    assert problems(classic_review()) == ()
    session = edits.change(classic_review(), "events", {"E5"}, text=" ", until=at("10:00:00"))
    assert set(problems(session)) == {"E5 does not say what happened.", "E5 ends before it begins."}
    session = edits.set_milestone(classic_review(), "E9", "")
    assert problems(session) == ("No row is marked “resolved” (no more work under incident rules).",)
    # What is normal again need not be marked as mitigated too.
    assert problems(edits.set_milestone(classic_review(), "E7", "")) == ()
