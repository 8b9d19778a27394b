"""Deltas: what an edit changed, how to take it back, and what happens where it does not fit."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.review import edits
from app.review.delta import Delta, DeltaConflict, DeltaError, apply, diff
from app.review.records import Action, Event, Factor, Session, Source
from app.review.tables import NotStorable, as_table, identical, pack, same, unpack
from tests.store_strategies import VALUES, edited, sessions


def review() -> Session:
    return Session(
        id="PM-1",
        incident={"title": "Pool exhausted"},
        events=[Event(id=f"E{n}", text=f"row {n}") for n in range(1, 7)],
        factors=[Factor(id="F1", text="no index"), Factor(id="F2", text="no plan check")],
    )


def renamed(session: Session, event_id: str, text: str) -> Session:
    return edits.change(session, "events", {event_id}, text=text)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_applying_a_difference_gives_the_second_session_and_its_inverse_the_first(
    data: st.DataObject,
) -> None:
    before = data.draw(sessions())
    after = data.draw(edited(before))
    written = json.loads(json.dumps(diff(before, after).parts))
    there = apply(before, Delta(written))
    assert there == after
    assert identical(there, after)
    back = apply(there, Delta(written).inverse())
    assert back == before
    assert identical(back, before)


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_any_value_of_an_unknown_key_survives_json(value: object) -> None:
    returned = unpack(json.loads(json.dumps(pack(value))))
    assert returned == value
    assert same(pack(returned), pack(value))


@pytest.mark.parametrize(
    "value",
    [
        datetime(2025, 2, 9, 10, 5, 23, 114000, timezone(timedelta(hours=-3, minutes=-30))),
        datetime(2025, 2, 9, 10, 5),
        date(2025, 2, 9),
        time(23, 59, 1, 5),
        float("inf"),
        {"$date": "not a date"},
        {"$table": {"$float": "1"}},
        [1, 1.0, True],
    ],
)
def test_json_tags_are_never_mistaken(value: object) -> None:
    returned = unpack(json.loads(json.dumps(pack(value))))
    assert repr(returned) == repr(value)


def test_records_that_did_not_change_stay_the_same_objects() -> None:
    before = review()
    after = apply(before, diff(before, renamed(before, "E3", "new words")))
    assert [one is other for one, other in zip(before.events, after.events, strict=True)].count(False) == 1
    assert after.factors is before.factors
    assert after.incident is before.incident


def test_only_what_differs_is_in_the_difference() -> None:
    before = review()
    assert not diff(before, before)
    assert not diff(before, before.model_copy(update={"events": tuple(before.events)}))
    assert diff(before, renamed(before, "E3", "x")).parts == {
        "events": {"changed": [[2, "E3", {"text": "row 3"}, {"text": "x"}]]}
    }


def test_moving_one_row_names_only_the_stretch_that_moved() -> None:
    before = review()
    rows = list(before.events)
    rows.insert(1, rows.pop(3))
    delta = diff(before, before.model_copy(update={"events": tuple(rows)}))
    assert delta.parts == {"events": {"order": [["E2", "E3", "E4"], ["E4", "E2", "E3"]]}}


def test_the_same_instant_in_another_zone_is_a_change() -> None:
    at = datetime(2025, 2, 9, 10, 5, tzinfo=UTC)
    before = Session(events=[Event(id="E1", at=at)])
    after = Session(events=[Event(id="E1", at=at.astimezone(timezone(timedelta(hours=1))))])
    assert before == after
    assert identical(apply(before, diff(before, after)), after)


@pytest.mark.parametrize(
    ("theirs", "record", "field"),
    [
        (lambda s: renamed(s, "E3", "their words"), "event E3", "text"),
        (lambda s: edits.delete(s, "events", {"E3"}), "event E3", ""),
    ],
)
def test_a_change_that_does_not_fit_names_the_record_and_the_field(theirs, record: str, field: str) -> None:
    before = review()
    ours = diff(before, renamed(before, "E3", "our words"))
    with pytest.raises(DeltaConflict) as caught:
        apply(theirs(before), ours)
    assert (caught.value.record, caught.value.field) == (record, field)


def test_removing_a_row_that_somebody_changed_is_refused() -> None:
    before = review()
    ours = diff(before, edits.delete(before, "events", {"E3"}))
    with pytest.raises(DeltaConflict, match="event E3 text"):
        apply(renamed(before, "E3", "their words"), ours)


def test_adding_an_id_that_is_taken_is_refused() -> None:
    before = review()
    ours = diff(before, edits.add(before, "events", Event(text="ours")))
    with pytest.raises(DeltaConflict, match="event E7"):
        apply(edits.add(before, "events", Event(text="theirs")), ours)


def test_changes_in_different_places_go_together() -> None:
    before = review()
    ours = renamed(edits.add(before, "events", Event(text="ours"), 3), "E1", "our words")
    theirs = edits.delete(renamed(before, "E6", "their words"), "events", {"E2"})
    merged = apply(theirs, diff(before, ours))
    assert [event.text for event in merged.events] == [
        "our words", "row 3", "ours", "row 4", "row 5", "their words",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "words"),
    [([Event(text="x")], "an event has no id"), ([Event(id="E1"), Event(id="E1")], "'E1' is used twice")],
)
def test_ids_must_be_there_and_be_unique(rows: list[Event], words: str) -> None:
    with pytest.raises(DeltaError, match=words):
        diff(Session(), Session().model_copy(update={"events": tuple(rows)}))
    with pytest.raises(DeltaError, match="used twice"):
        diff(review(), review().model_copy(update={"events": (*review().events, Event(id="E2"))}))


@pytest.mark.parametrize(
    "value",
    [None, object(), b"bytes", time(1, tzinfo=UTC), 10**5000],
    ids=["none", "object", "bytes", "zoned time", "huge number"],
)
def test_what_no_file_can_hold_is_refused_with_its_place(value: object) -> None:
    with pytest.raises(NotStorable, match=r"`settings\.a\.b`"):
        as_table(Source(settings={"a": {"b": value}}))


def test_the_places_of_a_change_are_words_for_people() -> None:
    before = review()
    after = edits.set_incident(renamed(before, "E3", "x"), severity="P1")
    after = edits.add(edits.delete(after, "factors", {"F1"}), "actions", Action(text="alert"))
    assert list(diff(before, after).places()) == [
        "session retired", "incident severity", "event E3 text", "factor F1 removed", "action AI-001 added",
    ]  # fmt: skip
