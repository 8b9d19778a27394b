"""Edits: values in, values out; nothing is lost, no link dangles, no ring appears, no id comes back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.review import edits
from app.review.records import (
    LISTS,
    Action,
    Event,
    Factor,
    Parked,
    Pointer,
    Session,
    Source,
    Ticket,
)
from app.review.timeline import in_order, instant

START = datetime(2025, 2, 9, 10, tzinfo=UTC)


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


def timeline(*minutes: int | None) -> Session:
    """Rows as they were written, each named after its minute."""
    session = Session()
    for number in minutes:
        event = Event(text=str(number), at=None if number is None else minute(number))
        session = edits.add(session, "events", event, position=len(session.events))
    return session


def texts(session: Session) -> list[str]:
    return [event.text for event in session.events]


def tree(*links: str) -> Session:
    """Factors F1, F2 … with the given parents."""
    return Session(
        factors=tuple(Factor(id=f"F{n}", text=f"f{n}", parent=up) for n, up in enumerate(links, 1))
    )


def parents(session: Session) -> dict[str, str]:
    return {factor.id: factor.parent for factor in session.factors}


# Adding


def test_an_event_goes_where_its_time_says_behind_those_of_the_same_instant() -> None:
    session = edits.add(timeline(0, 5, 5, 10), "events", Event(text="new", at=minute(5)))
    assert texts(session) == ["0", "5", "5", "new", "10"]
    assert texts(edits.add(timeline(5), "events", Event(text="new", at=minute(0)))) == ["new", "5"]


def test_a_new_row_does_not_come_between_a_row_and_what_belongs_to_it() -> None:
    session = edits.add(timeline(0, None, 10), "events", Event(text="new", at=minute(5)))
    assert texts(session) == ["0", "None", "new", "10"]


def test_a_row_without_a_time_goes_to_the_end_or_where_it_is_put() -> None:
    assert texts(edits.add(timeline(0, 5), "events", Event(text="new"))) == ["0", "5", "new"]
    assert texts(edits.add(timeline(0, 5), "events", Event(text="new"), position=1)) == ["0", "new", "5"]


def test_several_records_are_added_as_one_edit_each_with_an_id_of_its_own() -> None:
    session = edits.add_all(Session(), "actions", [Action(text="a"), Action(text="b")])
    assert [action.id for action in session.actions] == ["AI-001", "AI-002"]


# Changing


def test_what_did_not_change_is_the_same_object() -> None:
    before = timeline(0, 5, 10)
    after = edits.change(before, "events", {"E2"}, text="new")
    assert after.events[0] is before.events[0]
    assert after.events[2] is before.events[2]
    assert (after.incident, after.actions) == (before.incident, before.actions)
    assert after.incident is before.incident
    assert before.events[1].text == "5"


def test_an_edit_takes_only_what_a_record_may_hold() -> None:
    with pytest.raises(ValueError):
        edits.change(timeline(0), "events", {"E1"}, precision="roughly")
    with pytest.raises(ValueError):
        edits.change(timeline(0), "events", {"E1"}, at=datetime(2025, 2, 9, 10))
    assert edits.change(timeline(0), "events", {"E1"}, text="\x1b[2J").events[0].text == "^[[2J"


def test_unknown_keys_of_a_record_survive_an_edit() -> None:
    session = Session.model_validate({"event": [{"id": "E1", "team": "db", "at": START}]})
    after = edits.change(session, "events", {"E1"}, text="x")
    assert after.events[0].model_extra == {"team": "db"}


def test_a_row_whose_time_changes_moves_with_what_stands_behind_it() -> None:
    session = edits.change(timeline(0, None, 5, 10), "events", {"E1"}, at=minute(7))
    assert texts(session) == ["5", "0", "None", "10"]


def test_a_row_whose_time_stays_does_not_move() -> None:
    session = timeline(0, 0, None, 5)
    assert texts(edits.change(session, "events", {"E1"}, at=minute(0), precision="minute")) == texts(session)
    assert edits.change(session, "events", {"E1"}, at=minute(0)).events == session.events


def test_a_row_that_loses_its_time_stays_where_it_is() -> None:
    session = edits.change(timeline(0, 5, 10), "events", {"E2"}, at=None, precision="order-only")
    assert texts(session) == ["0", "5", "10"]
    assert [event.id for event in in_order(session)] == ["E1", "E2", "E3"]


def test_a_row_that_gets_a_time_leaves_the_row_it_stood_behind() -> None:
    session = edits.change(timeline(0, None, None, 5, 10), "events", {"E2"}, at=minute(7))
    assert [event.id for event in session.events] == ["E1", "E3", "E4", "E2", "E5"]


def test_rows_shifted_together_keep_their_order_and_their_companions() -> None:
    session = edits.shift_events(timeline(0, None, 5, 30), {"E1", "E2", "E3"}, timedelta(minutes=10))
    assert [(event.text, event.at) for event in session.events] == [
        ("0", minute(10)),
        ("None", None),
        ("5", minute(15)),
        ("30", minute(30)),
    ]


def test_shifting_moves_the_end_of_a_span_too_and_counts_in_real_minutes() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    at = datetime(2025, 3, 30, 1, 30, tzinfo=berlin)
    session = edits.add(Session(), "events", Event(at=at, until=at))
    moved = edits.shift_events(session, {"E1"}, timedelta(hours=1)).events[0]
    assert moved.at == moved.until
    assert moved.at is not None
    assert moved.at.astimezone(UTC) - at.astimezone(UTC) == timedelta(hours=1)


def test_a_shift_out_of_the_calendar_changes_nothing() -> None:
    session = timeline(0)
    assert edits.shift_events(session, {"E1"}, timedelta(days=3_000_000)) == session


@given(
    st.lists(st.none() | st.integers(0, 9), max_size=8),
    st.sets(st.integers(1, 8).map("E{}".format)),
    st.integers(-20, 20),
)
def test_shifting_forth_and_back_keeps_every_row_and_time(
    rows: list[int | None], chosen: set[str], by: int
) -> None:
    before = timeline(*rows)
    there = edits.shift_events(before, chosen, timedelta(minutes=by))
    back = edits.shift_events(there, chosen, timedelta(minutes=-by))
    assert sorted(event.id for event in there.events) == sorted(event.id for event in before.events)
    assert {event.id: event.at for event in back.events} == {event.id: event.at for event in before.events}
    for event in there.events:
        if event.id not in chosen:
            assert any(event is old for old in before.events)


# Deleting


def test_deleting_cleans_every_link() -> None:
    session = timeline(0, 5)
    session = edits.add(session, "factors", Factor(text="f", events=("E1", "E2")))
    session = edits.add(session, "actions", Action(text="a", factors=("F1",)))
    assert edits.delete(session, "events", {"E1"}).factors[0].events == ("E2",)
    assert edits.delete(session, "factors", {"F1"}).actions[0].factors == ()
    assert edits.delete(session, "events", {"E7"}) is session


def test_what_a_row_says_about_its_evidence_stays_when_the_source_goes() -> None:
    session = edits.add(timeline(0), "sources", Source(kind="file"))
    session = edits.change(session, "events", {"E1"}, evidence=(Pointer(source="S1", line=3),))
    assert edits.delete(session, "sources", {"S1"}).events[0].evidence[0].line == 3


def test_the_answers_below_a_deleted_factor_move_up() -> None:
    session = edits.delete(tree("", "F1", "F2", "F2"), "factors", {"F2"})
    assert parents(session) == {"F1": "", "F3": "F1", "F4": "F1"}
    assert parents(edits.delete(tree("", "F1", "F2"), "factors", {"F1", "F2"})) == {"F3": ""}


# Duplicating and merging


def test_a_copy_stands_behind_its_original_without_milestone_ticket_or_suggestion() -> None:
    session = edits.change(
        timeline(0, 5), "events", {"E1"}, milestone="started", suggestion="k", starred=True
    )
    session = edits.duplicate(session, "events", {"E1", "E2"})
    assert [event.id for event in session.events] == ["E1", "E3", "E2", "E4"]
    assert (session.events[1].milestone, session.events[1].suggestion, session.events[1].starred) == (
        "",
        "",
        True,
    )
    action = Action(text="a", ticket=Ticket(url="https://example.org/1"))
    copied = edits.duplicate(edits.add(Session(), "actions", action), "actions", {"AI-001"})
    assert copied.actions[1].ticket is None
    assert copied.actions[0].ticket == action.ticket


def test_a_copy_is_made_also_where_a_file_names_two_records_the_same() -> None:
    session = Session(events=(Event(id="E1", text="a"), Event(id="E1", text="b")))
    copies = edits.duplicate(session, "events", {"E1"})
    assert [(event.id, event.text) for event in copies.events] == [
        ("E1", "a"),
        ("E2", "a"),
        ("E1", "b"),
        ("E3", "b"),
    ]


def test_merging_keeps_everything() -> None:
    session = edits.add_all(
        Session(),
        "events",
        [
            Event(
                at=minute(5), text="later", source="B", actor="@bob", kind="page", milestone="paged", tags=("t", "u"),
                evidence=(Pointer(source="S2"),), suggestion="key", note="n2", until=minute(9),
            ),
            Event(at=minute(0), text="first", source="A", actor="-", tags=("t",), evidence=(Pointer(source="S1"),)),
        ],
    )  # fmt: skip
    session = edits.change(session, "events", {"E1"}, starred=True, kind="page")
    session = edits.add(session, "factors", Factor(events=("E1", "E2")))
    merged = edits.merge_events(session, {"E1", "E2"})
    (row,) = merged.events
    assert (row.id, row.at, row.text, row.source, row.actor) == (
        "E2",
        minute(0),
        "first; later",
        "A, B",
        "@bob",
    )
    assert (row.kind, row.milestone, row.starred, row.tags) == ("page", "paged", True, ("t", "u"))
    assert [pointer.source for pointer in row.evidence] == ["S1", "S2"]
    assert row.note == "n2\nE1 was 2025-02-09 10:05:00+00:00 to 2025-02-09 10:09:00+00:00"
    assert merged.factors[0].events == ("E2",)
    # What was suggested and accepted once must not be suggested again.
    assert merged.dismissed == ("key",)
    assert edits.add(merged, "events", Event()).events[-1].id == "E3"


def test_unknown_keys_of_all_merged_rows_stay() -> None:
    rows = [{"id": "E1", "team": "db"}, {"id": "E2", "team": "api", "ticket": "X-1"}]
    merged = edits.merge_events(Session.model_validate({"event": rows}), {"E1", "E2"})
    assert merged.events[0].model_extra == {"team": "db", "ticket": "X-1"}


def test_a_second_milestone_or_kind_goes_into_the_note() -> None:
    session = edits.change(timeline(0, 0), "events", {"E1"}, milestone="started", kind="symptom")
    session = edits.change(session, "events", {"E2"}, milestone="detected", kind="alert")
    assert edits.merge_events(session, {"E1", "E2"}).events[0].note == "E2 was alert, detected"


def test_a_merged_row_stays_put_when_evidence_with_a_corrected_clock_comes_to_it() -> None:
    session = edits.add(timeline(0, 5), "sources", Source(clock_offset_s=42.0))
    session = edits.change(session, "events", {"E2"}, evidence=(Pointer(source="S1"),))
    merged = edits.merge_events(session, {"E1", "E2"})
    assert instant(merged, merged.events[0]) == minute(0)


def test_one_row_alone_is_not_merged() -> None:
    session = timeline(0, 5)
    assert edits.merge_events(session, {"E1", "E9"}) is session


# Milestones and suggestions


def test_a_milestone_is_on_one_row_at_most() -> None:
    session = edits.set_milestone(timeline(0, 5), "E1", "started")
    session = edits.set_milestone(session, "E2", "started")
    assert [event.milestone for event in session.events] == ["", "started"]
    assert session.events[1].starred
    assert edits.set_milestone(session, "E9", "started") is session
    assert edits.set_milestone(session, "E2", "").events[1].milestone == ""


def test_a_suggestion_is_accepted_once() -> None:
    found = Event(text="alert", at=minute(0), suggestion="alert:1")
    session = edits.accept(edits.accept(Session(), found), found)
    assert len(session.events) == 1
    assert len(edits.accept(edits.accept(Session(), Event(text="a")), Event(text="a")).events) == 2


def test_a_dismissed_suggestion_is_remembered_once() -> None:
    assert edits.dismiss(edits.dismiss(Session(), ["a"]), ["b", "a"]).dismissed == ("a", "b")


RECORDS: dict[str, Any] = {
    "events": Event,
    "actions": Action,
    "parked": Parked,
    "sources": Source,
    "factors": Factor,
}


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(RECORDS)), st.sampled_from(["add", "delete", "copy", "merge"]), st.integers(0, 12)
        ),
        max_size=30,
    )
)  # fmt: skip
def test_no_id_is_ever_used_twice(moves: list[tuple[str, str, int]]) -> None:
    session, given_out = Session(), set[str]()
    for field, move, number in moves:
        before = {entry.id for entry in getattr(session, field)}
        picked = {each for each in before if each.endswith(str(number % 5))}
        if move == "add":
            session = edits.add(session, field, RECORDS[field](text="x") if field != "sources" else Source())
        elif move == "delete":
            session = edits.delete(session, field, picked)
        elif move == "copy":
            session = edits.duplicate(session, field, picked)
        elif field == "events":
            session = edits.merge_events(session, picked)
        fresh = {entry.id for entry in getattr(session, field)} - before
        assert not fresh & given_out
        given_out |= fresh
        assert len({entry.id for entry in getattr(session, field)}) == len(getattr(session, field))


def test_every_list_can_be_added_to_and_deleted_from() -> None:
    session = Session()
    for field, kind in LISTS.items():
        session = edits.add(session, field, kind())  # type: ignore[arg-type]
        added = getattr(session, field)[0].id
        assert added
        assert getattr(edits.delete(session, field, {added}), field) == ()


def test_the_facts_the_words_and_the_follow_up_are_edited_by_name() -> None:
    session = edits.set_incident(Session(), title="Slow\nAPI", services=["api"])
    session = edits.set_narrative(session, summary="What happened.")
    session = edits.set_follow_up(session, weekly="MO 10:00")
    assert (session.incident.title, session.incident.services) == ("Slow API", ("api",))
    assert session.narrative.summary == "What happened."
    assert session.follow_up.weekly == "MO 10:00"
