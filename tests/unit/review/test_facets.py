"""What edits leave alone is not asked about again, and the answers are those of asking about everything."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from app.review import edits
from app.review.facets import Facet, Places, stretch
from app.review.language import names
from app.review.records import Event, Incident, Pointer, Session, Source
from app.review.rows import folded
from app.review.timeline import (
    _sorted_anew,
    added,
    event_by_id,
    in_order,
    instant,
    instants,
    milestones,
    silences,
    warnings,
)

START = datetime(2025, 2, 9, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Record:
    """A record with an id and one value."""

    id: str
    value: int


def _records(values: list[int]) -> tuple[Record, ...]:
    return tuple(Record(str(number), value) for number, value in enumerate(values))


def test_only_what_changed_is_asked_about():
    asked: list[str] = []

    def ask(record: Record) -> int:
        asked.append(record.id)
        return record.value

    facet, records = Facet(ask), _records([1, 2, 3, 4])
    first = facet.of(records)
    asked.clear()
    other = (*records[:2], Record("2", 30), records[3])
    assert facet.of(other) == (1, 2, 30, 4)
    assert asked == ["2"]
    # The same values are the same object: who depends on them need not look at all.
    again = facet.of((*other[:2], Record("2", 30), other[3]))
    assert again is facet.of(other)
    assert first == (1, 2, 3, 4)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), max_size=8), max_size=6))
def test_the_values_are_those_of_asking_about_every_record(lists: list[list[int]]):
    pool = _records(list(range(6)))
    facet, places = Facet[int](lambda record: record.value), Places()
    for each in lists:
        records = tuple(pool[number] for number in each)
        assert facet.of(records) == tuple(record.value for record in records)
        assert places.of(records) == {record.id: place for place, record in enumerate(records)}


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), max_size=6), st.lists(st.integers(0, 3), max_size=6))
def test_a_stretch_is_what_two_lists_share_at_their_ends(before: list[int], after: list[int]):
    start, end = stretch(before, after)
    assert before[:start] == after[:start]
    assert start + end <= min(len(before), len(after))
    assert before[len(before) - end :] == after[len(after) - end :]


_EVENTS = st.builds(
    Event,
    id=st.sampled_from(["E1", "E2", "E3", "E4", "E5"]),
    at=st.none()
    | st.integers(0, 400).map(lambda minutes: START + timedelta(minutes=minutes))
    | st.integers(0, 400).map(
        lambda minutes: (START + timedelta(minutes=minutes)).astimezone(ZoneInfo("Asia/Tokyo"))
    ),
    text=st.sampled_from(["", "pool exhausted", "restart"]),
    milestone=st.sampled_from(["", "", "", "started", "resolved"]),
    actor=st.sampled_from(["", "@ana", "System"]),
    fold=st.sampled_from(["", "", "E1"]),
    evidence=st.sampled_from([(), (Pointer(source="S1", artifact="a", line=1),)]),
)
_SESSIONS = st.builds(
    Session,
    incident=st.just(Incident(title="x")),
    events=st.lists(_EVENTS, max_size=6, unique_by=lambda event: event.id).map(tuple),
    sources=st.sampled_from([(), (Source(id="S1", kind="file", name="log", clock_offset_s=-3600.0),)]),
)


@settings(deadline=None)
@given(st.lists(_SESSIONS, min_size=1, max_size=5))
def test_what_is_known_of_one_session_never_tells_about_another(sessions: list[Session]):
    for session in sessions:
        assert [event.id for event in in_order(session)] == [event.id for event in _sorted_anew(session)]
        first: dict[str, Event] = {}
        for event in in_order(session):
            if event.milestone:
                first.setdefault(event.milestone, event)
        assert milestones(session) == first
        found = warnings(session)
        assert {key for key in found if "does not say" in found[key]} == {
            event.id for event in session.events if not event.text
        }
        assert instants(session) == tuple(instant(session, event) for event in session.events)
        assert set(folded(session)) <= {event.id for event in session.events}
        assert ("Ana" in names(session)) is any(event.actor == "@ana" for event in session.events)
        for event in session.events:
            assert event_by_id(session, event.id) is event
        assert event_by_id(session, "E99") is None


@settings(deadline=None)
@given(_SESSIONS)
def test_silences_follow_an_edit_of_a_time(session: Session):
    silences(session, timedelta(minutes=5))
    for event in session.events:
        moved = edits.shift_events(session, {event.id}, timedelta(minutes=90))
        fresh = Session.model_validate(moved.model_dump())
        assert silences(moved, timedelta(minutes=5)) == silences(fresh, timedelta(minutes=5))
        assert [each.id for each in in_order(moved)] == [each.id for each in _sorted_anew(moved)]
        assert all(instant(moved, each) == instant(fresh, each) for each in moved.events)


@settings(deadline=None)
@given(_SESSIONS)
def test_a_row_that_was_added_has_a_fresh_id_and_is_found(session: Session):
    put = edits.add(session, "events", Event(at=START + timedelta(minutes=77), text="new"))
    fresh = {event.id for event in put.events} - {event.id for event in session.events}
    assert {added(session, put)} == fresh
    assert added(put, put) == ""
    again = edits.add(edits.delete(put, "events", fresh), "events", Event(text="newer"))
    assert added(session, again) not in fresh
