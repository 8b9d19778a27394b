from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.coverage import of_log, of_series
from app.evidence.index import Scanner
from app.evidence.series import Series
from app.evidence.times import Reading
from app.evidence.window import Window, incident_window, merged, uncovered
from app.review.records import Incident, Session

T0 = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)
HOUR = Window(T0, T0 + timedelta(hours=1))


def minute(number: float) -> datetime:
    return T0 + timedelta(minutes=number)


def index_of(minutes: list[float]):
    scanner = Scanner(Reading())
    scanner.feed("".join(f"{minute(each).isoformat()} x\n" for each in minutes).encode())
    return scanner.finish()


def busy(*spans: tuple[float, float]) -> list[float]:
    """A line every two seconds."""
    return [start + step / 30 for start, end in spans for step in range(round((end - start) * 30) + 1)]


def gaps(coverage) -> list[tuple[datetime, datetime]]:
    return [(gap.from_, gap.to) for gap in coverage.gaps]


def test_a_busy_log_over_the_whole_window_has_no_hole():
    coverage = of_log(index_of(busy((-5, 65))), "a.log", HOUR)
    assert coverage.gaps == ()
    assert coverage.covered == ((T0, HOUR.end),)


def test_a_busy_log_that_begins_late_pauses_and_ends_early_has_three_holes():
    coverage = of_log(index_of(busy((10, 30), (40, 50))), "a.log", HOUR)
    assert gaps(coverage) == [(T0, minute(10)), (minute(31), minute(40)), (minute(50), minute(60))]
    assert [gap.why.split(" ")[1] for gap in coverage.gaps] == ["begins", "has", "ends"]
    assert coverage.covered == ((minute(10), minute(31)), (minute(40), minute(50)))


def test_a_log_that_rarely_says_anything_is_not_accused():
    assert of_log(index_of([10, 20, 25]), "deploys.log", HOUR).gaps == ()


def test_a_log_of_another_day_covers_nothing_and_says_what_it_holds():
    coverage = of_log(index_of([-500, -400]), "a.log", HOUR)
    assert gaps(coverage) == [(T0, HOUR.end)]
    assert "2025-02-09 01:40:00 to 2025-02-09 03:20:00" in coverage.gaps[0].why
    assert coverage.covered == ()


def test_a_clock_correction_moves_the_coverage():
    coverage = of_log(index_of(busy((10, 20))), "a.log", Window(minute(12), minute(22)), offset_s=120.0)
    assert coverage.gaps == ()


def test_a_damaged_log_has_a_hole_even_when_it_is_quiet():
    index = index_of([1, 2])
    index.damaged = "a.log ends too early."
    assert gaps(of_log(index, "a.log", HOUR)) == [(minute(2), minute(60))]


def series_of(*minutes: float, name: str = "pool") -> Series:
    return Series({"__name__": name}, tuple((minute(each).timestamp(), 1.0) for each in minutes))


def every_quarter(start: float, end: float) -> list[float]:
    return [start + step / 4 for step in range(round((end - start) * 4) + 1)]


def test_points_that_are_missing_for_a_while_are_a_hole():
    one = series_of(*every_quarter(0, 20), *every_quarter(30, 60))
    coverage = of_series([one], "pool", HOUR)
    assert gaps(coverage) == [(minute(20), minute(30))]
    assert coverage.covered == ((T0, minute(20)), (minute(30), minute(60)))


def test_a_failed_scrape_or_two_are_no_hole():
    one = series_of(*every_quarter(0, 20), *every_quarter(20.75, 60))
    assert of_series([one], "pool", HOUR).gaps == ()


def test_series_fill_each_other_s_holes():
    one, other = series_of(*every_quarter(0, 40)), series_of(*every_quarter(35, 60))
    assert of_series([one, other], "pool", HOUR).gaps == ()


def test_an_alert_that_is_silent_is_no_hole():
    assert of_series([series_of(*every_quarter(5, 10), name="ALERTS")], "ALERTS", HOUR).gaps == ()


SPANS = st.lists(
    st.tuples(st.integers(-50, 150), st.integers(0, 60)).map(lambda pair: (pair[0], sum(pair))), max_size=6
)


@given(SPANS)
def test_what_is_covered_and_what_is_not_make_up_the_window(spans):
    window = Window(minute(0), minute(100))
    covered = [(minute(start), minute(end)) for start, end in spans]
    holes = uncovered(window, covered)
    assert list(holes) == sorted(holes)
    for number in range(100):
        middle = minute(number + 0.5)
        in_hole = any(start < middle < end for start, end in holes)
        assert in_hole != any(start < middle < end for start, end in covered)


@given(SPANS)
def test_merged_spans_do_not_touch(spans):
    together = merged((minute(start), minute(end)) for start, end in spans)
    assert all(before[1] < after[0] for before, after in pairwise(together))


@pytest.mark.parametrize(
    ("incident", "expected"),
    [
        (Incident(), None),
        (Incident(ended_at=minute(10)), None),
        (Incident(started_at=minute(0), ended_at=minute(10)), (minute(-30), minute(20))),
        (Incident(started_at=minute(0)), (minute(-30), minute(90))),
        (Incident(started_at=minute(200)), (minute(170), minute(170))),
    ],
)
def test_the_window_reaches_from_before_the_start_to_after_the_end_or_to_now(incident, expected):
    window = incident_window(Session(incident=incident), minute(90))
    assert (window and (window.start, window.end)) == expected
