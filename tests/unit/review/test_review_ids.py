"""Ids are short, stable, and never given out twice."""

from hypothesis import given
from hypothesis import strategies as st

from app.review import edits
from app.review.ids import FAMILIES, by_id, find_list, name, next_ids, number
from app.review.records import LISTS, Action, Event, Factor, Session


def test_every_list_of_the_session_has_a_family_of_ids() -> None:
    assert set(FAMILIES) == set(LISTS)
    assert len(set(FAMILIES.values())) == len(FAMILIES)


@given(st.sampled_from(sorted(FAMILIES.values())), st.integers(1, 10**12))
def test_a_name_is_read_back_as_its_number(family: str, value: int) -> None:
    assert number(name(family, value), family) == value


def test_actions_are_numbered_as_trackers_do() -> None:
    assert next_ids(Session(), "actions", 2) == ["AI-001", "AI-002"]
    assert name("AI-", 1234) == "AI-1234"


def test_names_that_people_chose_are_no_numbers_of_ours() -> None:
    for free in ("E", "e1", "E1a", "EV-1", "E١", "", "AI-1"):
        assert number(free, "E") == 0


def test_the_next_id_is_behind_the_highest_also_in_a_file_with_holes() -> None:
    session = Session(events=(Event(id="E9"), Event(id="E2"), Event(id="first-row")))
    assert next_ids(session, "events") == ["E10"]


def test_the_number_of_a_deleted_record_does_not_come_back() -> None:
    session = edits.add(edits.add(Session(), "events", Event(text="a")), "events", Event(text="b"))
    session = edits.delete(session, "events", {"E1", "E2"})
    session = edits.delete(edits.add(session, "events", Event(text="c")), "events", {"E3"})
    assert next_ids(session, "events") == ["E4"]
    assert session.retired == ("E3",)
    assert next_ids(session, "factors") == ["F1"]


def test_a_huge_number_in_a_hand_edited_file_is_still_counted_on_from() -> None:
    session = Session(events=(Event(id="E999999999"),))
    for _ in range(3):
        session = edits.add(session, "events", Event(text="x"))
    assert len({event.id for event in session.events}) == 4


def test_a_record_is_found_by_its_id_in_whichever_list_it_is() -> None:
    session = Session(events=(Event(id="E1"),), factors=(Factor(id="F1"),), actions=(Action(id="AI-001"),))
    assert [find_list(each, session) for each in ("E1", "F1", "AI-001", "E2")] == [
        "events",
        "factors",
        "actions",
        None,
    ]
    assert by_id(session, "actions") == {"AI-001": 0}
