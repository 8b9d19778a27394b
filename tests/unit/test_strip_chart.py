"""The strip over the timeline: values in equal parts of time, blocks in proportion, nothing where nothing is known."""

import math

from hypothesis import given
from hypothesis import strategies as st

from app.review.extent import buckets
from widgets.spark import BLOCKS
from widgets.strip_chart import bars


def test_each_part_shows_the_highest_of_its_values() -> None:
    points = [(0.0, 1.0), (10.0, 5.0), (20.0, 2.0), (30.0, 9.0)]
    assert buckets(points, (0.0, 40.0), 2) == [5.0, 9.0]


def test_a_value_lasts_until_the_next_is_due_and_no_longer() -> None:
    points = [(0.0, 1.0), (60.0, 2.0), (300.0, 3.0), (360.0, 4.0)]
    found = buckets(points, (0.0, 400.0), 20)
    assert found[:6] == [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]
    assert found[6:15] == [None] * 9
    assert found[15] == 3.0


def test_blocks_are_in_proportion_and_start_at_zero() -> None:
    assert bars([0.0, 4.0, 8.0, None], 1) == ["▁▄█ "]
    assert bars([1.0, 8.0], 2) == [" █", "▂█"]
    assert bars([5.0, 5.0], 1) == ["██"]
    assert bars([], 2) == ["", ""]


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats()), max_size=30),
    st.integers(0, 60),
    st.integers(1, 5),
)
def test_any_series_can_be_drawn(points: list[tuple[float, float]], width: int, height: int) -> None:
    found = buckets(sorted(points, key=lambda point: point[0]), (0.0, 1e6), width)
    assert len(found) == width
    assert all(each is None or math.isfinite(each) for each in found)
    lines = bars(found, height)
    assert [len(line) for line in lines] == [width] * height
    assert set("".join(lines)) <= {*BLOCKS, " "}
