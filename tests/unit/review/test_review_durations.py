"""Durations: the expected values of the classic incident, and what is never claimed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review import edits
from app.review.durations import Duration, clock, durations, spell
from app.review.records import Event, Pointer, Session, Source
from app.review.timeline import milestones
from tests.fakes.classic_review import at, classic_review

EXPECTED = {
    "TTD": "0:01:22",
    "TTA": "0:03:48",
    "TTI": "0:12:00",
    "TTM": "0:16:47",
    "recover": "0:29:37",
    "TTR": "0:34:37",
    "impact": "0:29:37",
    "response": "0:33:15",
    "hands": "0:10:10",
}


def named(session: Session) -> dict[str, Duration]:
    return {each.name: each for each in durations(session)}


def marked(**rows: str) -> Session:
    session = Session()
    for milestone, time in rows.items():
        session = edits.add(session, "events", Event(text=milestone, at=at(time), milestone=milestone))
    return session


def test_the_classic_incident_has_the_durations_that_were_counted_by_hand() -> None:
    assert {name: str(each.value) for name, each in named(classic_review()).items()} == EXPECTED


def test_alert_to_page_is_the_difference_of_the_two_rows() -> None:
    rows = milestones(classic_review())
    assert rows["paged"].at - rows["detected"].at == timedelta(minutes=1, seconds=27)  # type: ignore[operator]


def test_unknown_stays_unknown_and_says_which_row_is_missing() -> None:
    for each in durations(Session()):
        assert each.value is None
        assert each.problem.startswith("unknown: no row is marked “")
    only = named(marked(started="10:05:23"))["TTD"]
    assert (only.value, only.problem) == (None, "unknown: no row is marked “detected”")


def test_a_row_without_a_time_gives_no_duration() -> None:
    session = marked(started="10:05:23")
    session = edits.add(session, "events", Event(text="x", milestone="detected", precision="order-only"))
    assert named(session)["TTD"].problem == "unknown: E2 has no time"


@given(st.sets(st.sampled_from(["started", "detected", "paged", "acknowledged", "identified", "mitigated"])))
def test_no_duration_is_zero_because_something_is_missing(present: set[str]) -> None:
    session = marked(**{name: f"10:{minute:02d}:00" for minute, name in enumerate(sorted(present))})
    assert all(each.value != timedelta() for each in durations(session))


def test_an_end_before_its_start_is_an_error_that_names_both_rows() -> None:
    found = named(marked(started="10:05:23", detected="10:04:00"))["TTD"]
    assert found.value is None
    assert found.contradicts
    assert found.problem == "E2 (detected) is before E1 (started): check both times"


def test_a_row_known_to_the_day_contradicts_nothing_on_that_day() -> None:
    session = marked(started="10:05:23")
    session = edits.add(session, "events", Event(at=at("00:00:00"), precision="day", milestone="resolved"))
    found = named(session)["TTR"]
    assert (found.value, found.contradicts) == (None, False)
    assert found.problem == "unknown: E2 (resolved) is only known to the day"


@pytest.mark.parametrize("change", [{"about": True}, {"precision": "hour"}])
def test_a_duration_is_about_when_one_of_its_rows_is(change: dict[str, object]) -> None:
    session = edits.change(marked(started="10:00:00", detected="11:00:00"), "events", {"E1"}, **change)
    assert named(session)["TTD"].about
    assert not named(marked(started="10:00:00", detected="11:00:00"))["TTD"].about


def test_acknowledging_is_counted_from_the_alert_when_nobody_was_paged() -> None:
    found = named(marked(detected="10:06:45", acknowledged="10:12:00"))["TTA"]
    assert found.value == timedelta(minutes=5, seconds=15)
    assert found.formula == "acknowledged - paged (else detected)"


def test_a_corrected_clock_corrects_the_durations() -> None:
    session = marked(started="10:05:23", detected="10:06:45")
    session = edits.add(session, "sources", Source(kind="file", clock_offset_s=-42.0))
    session = edits.change(session, "events", {"E1"}, evidence=(Pointer(source="S1"),))
    assert named(session)["TTD"].value == timedelta(minutes=2, seconds=4)
    assert named(edits.change(session, "sources", {"S1"}, clock_offset_s=0.0))["TTD"].value == timedelta(
        seconds=82
    )


def test_the_definition_stands_beside_every_number() -> None:
    for each in durations(classic_review()):
        assert " - " in each.formula
        assert "MTTR" not in each.name + each.label + each.formula


@pytest.mark.parametrize(
    ("seconds", "words", "stopwatch"),
    [
        (0, "0 s", "0:00"),
        (82, "1 min 22 s", "1:22"),
        (120, "2 min", "2:00"),
        (3_600, "1 h", "1h00m"),
        (5_700, "1 h 35 min", "1h35m"),
        (5_759, "1 h 35 min", "1h35m"),
        (86_400, "1 d", "1d0h"),
        (183_600, "2 d 3 h", "2d3h"),
        (-82, "-1 min 22 s", "-1:22"),
    ],
)
def test_a_duration_in_words_and_as_a_stopwatch(seconds: int, words: str, stopwatch: str) -> None:
    assert spell(timedelta(seconds=seconds)) == words
    assert clock(timedelta(seconds=seconds)) == stopwatch
