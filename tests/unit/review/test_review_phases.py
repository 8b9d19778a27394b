"""The incident as phases: in proportion, unknown where a milestone is, wrong where one runs backwards."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.review.phases import road, shares
from app.review.records import Event, Session
from tests.tui.reviews import at


def review(**milestones: str) -> Session:
    return Session(
        events=tuple(
            Event(id=f"E{number}", at=at(clock) if clock else None, milestone=name)
            for number, (name, clock) in enumerate(milestones.items(), 1)
        )
    )


def test_every_phase_lies_between_two_milestones_and_has_its_length() -> None:
    found = road(
        review(
            started="10:05:23", detected="10:06:45", acknowledged="10:12", mitigated="10:22:10",
            recovered="10:35", resolved="10:40",
        )
    )  # fmt: skip
    assert [(phase.name, phase.length) for phase in found.phases] == [
        ("undetected", timedelta(minutes=1, seconds=22)),
        ("waiting for a responder", timedelta(minutes=5, seconds=15)),
        ("in effect, worked on", timedelta(minutes=10, seconds=10)),
        ("mitigated, not yet normal", timedelta(minutes=12, seconds=50)),
        ("normal, not yet resolved", timedelta(minutes=5)),
    ]
    assert found.length == timedelta(minutes=34, seconds=37)
    assert (found.missing, found.wrong) == ((), ())


def test_a_milestone_that_is_not_known_makes_one_longer_phase_that_names_it() -> None:
    found = road(review(started="10:05", detected="", mitigated="10:20"))
    (phase,) = found.phases
    assert (phase.name, phase.unknown) == ("started to mitigated", ("detected", "acknowledged"))
    assert found.missing == ("detected", "acknowledged", "recovered", "resolved")


def test_a_milestone_that_runs_backwards_is_named_with_the_one_before_it() -> None:
    found = road(review(started="10:05", detected="10:04", resolved="10:30"))
    assert found.wrong == ("E2 (detected) is before E1 (started): check both times",)
    assert [(phase.start, phase.end) for phase in found.phases] == [("started", "resolved")]


def test_without_two_milestones_there_is_no_phase() -> None:
    assert road(Session()).phases == ()
    assert road(review(detected="10:05")).phases == ()


@given(st.lists(st.floats(0, 1e6, allow_nan=False), max_size=6), st.integers(0, 200))
def test_cells_are_shared_wholly_and_nothing_that_lasts_is_lost(lengths: list[float], width: int) -> None:
    found = shares(tuple(lengths), width)
    assert len(found) == len(lengths)
    assert all(each >= 0 for each in found)
    if lengths and width:
        assert sum(found) == width
    if width >= 2 * len(lengths):
        assert all(cells for cells, length in zip(found, lengths, strict=True) if length > 0)
