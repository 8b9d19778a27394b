"""Coverage bars and spark lines."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.coverage import coverage_bar
from widgets.spark import BLOCKS, spark

START = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


WINDOW = (at(0), at(10))


def test_what_is_covered_is_full_what_is_not_is_empty():
    assert coverage_bar([(at(0), at(5))], [], WINDOW, 12) == "▕█████     ▏"


def test_a_gap_is_seen_however_short():
    assert coverage_bar([(at(0), at(10))], [(at(3.5), at(3.501))], WINDOW, 12) == "▕███▒██████▏"


def test_a_cell_of_which_only_a_part_is_missing_says_so():
    covered, gaps = [(at(0), at(3.5)), (at(7.5), at(10))], [(at(3.5), at(7.5))]
    assert coverage_bar(covered, gaps, WINDOW, 12) == "▕███▒░░░▒██▏"


def test_a_hole_inside_of_one_log_is_a_hole_although_the_log_goes_on_behind_it():
    assert coverage_bar([(at(0), at(10))], [(at(2), at(4))], WINDOW, 12) == "▕██░░██████▏"


def test_gaps_side_by_side_leave_nothing_between_them():
    gaps = [(at(2), at(2.5)), (at(2.5), at(3))]
    assert coverage_bar([(at(0), at(10))], gaps, WINDOW, 12) == "▕██░███████▏"


@pytest.mark.parametrize("width", [0, 1, 2, 3])
def test_a_bar_without_room_is_only_its_frame(width):
    assert len(coverage_bar([WINDOW], [], WINDOW, width)) == max(2, width)


def test_an_empty_window_is_not_covered():
    assert coverage_bar([WINDOW], [], (at(0), at(0)), 6) == "▕    ▏"


minutes = st.floats(-5, 15, allow_nan=False)
spans = st.lists(st.tuples(minutes, minutes).map(lambda pair: (at(min(pair)), at(max(pair)))), max_size=4)


@given(spans, spans, st.integers(3, 80))
def test_a_bar_has_its_width_and_nothing_is_full_inside_a_gap(covered, gaps, width):
    bar = coverage_bar(covered, gaps, WINDOW, width)
    assert len(bar) == width
    if not covered:
        assert "█" not in bar
        assert "▒" not in bar
    if not gaps:
        assert not set("░▒") & set(bar)


def test_a_series_rises_from_the_ground():
    assert spark([0, 1, 2, 3, 4, 5, 6, 7], 8) == BLOCKS


def test_peaks_survive_and_the_mean_shows_the_level():
    series = [0.0] * 9 + [8.0] + [4.0] * 10
    assert spark(series, 2) == "█▅"
    assert spark(series, 2, "mean") == "▂█"


def test_what_is_unknown_is_a_blank_and_a_flat_zero_lies_on_the_ground():
    assert spark([0, None, float("nan"), 0], 4) == "▁  ▁"
    assert spark([], 10) == ""
    assert spark([1], 0) == ""


@given(st.lists(st.none() | st.floats(), max_size=40), st.integers(1, 30), st.sampled_from(["max", "mean"]))
def test_any_series_is_drawn_in_blocks(series, width, how):
    drawn = spark(series, width, how)
    assert len(drawn) == min(width, len(series))
    assert set(drawn) <= {*BLOCKS, " "}
