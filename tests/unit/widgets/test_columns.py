"""How columns share the width."""

from hypothesis import given
from hypothesis import strategies as st

from widgets.columns import ALWAYS, GUTTER, Column, Row, arrange

columns = st.lists(
    st.builds(
        Column,
        key=st.just("k"),
        title=st.just("t"),
        width=st.integers(0, 30),
        grow=st.integers(0, 3),
        min_width=st.integers(0, 20),
        priority=st.sampled_from([1, 2, ALWAYS]),
    ),
    max_size=8,
)


@given(columns, st.integers(1, 200))
def test_the_boxes_touch_and_fit_unless_nothing_may_be_hidden(given_columns, room):
    places = arrange(given_columns, room)
    x = GUTTER
    for place in places:
        assert place.x == x
        assert place.width >= given_columns[place.column].least
        x += place.box
    if any(given_columns[place.column].priority < ALWAYS for place in places):
        assert x <= room


@given(columns, st.integers(1, 200))
def test_what_must_stay_stays(given_columns, room):
    shown = {place.column for place in arrange(given_columns, room)}
    assert {n for n, column in enumerate(given_columns) if column.priority >= ALWAYS} <= shown


def test_growing_columns_take_all_the_rest_by_their_shares():
    places = arrange([Column("a", "", 10), Column("b", "", grow=1), Column("c", "", grow=3)], 100)
    assert places[-1].x + places[-1].box == 100
    assert [place.width for place in places] == [10, 8 + 16, 8 + 50]


def test_the_lowest_priority_leaves_first_and_of_equals_the_right_one():
    given_columns = [
        Column("a", "", 10),
        Column("b", "", 10, priority=2),
        Column("c", "", 10, priority=1),
        Column("d", "", 10, priority=1),
    ]
    assert [place.column for place in arrange(given_columns, 40)] == [0, 1, 2]
    assert [place.column for place in arrange(given_columns, 28)] == [0, 1]


def test_a_row_is_edited_as_it_says():
    assert Row("k", ("shown", "x")).edit_text(0) == "shown"
    assert Row("k", ("shown", "x"), edit_cells=("edited",)).edit_text(0) == "edited"
    assert Row("k", ("shown",)).edit_text(5) == ""
