"""Find and replace: what is counted is what changes, whatever is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.records import Event, Session
from app.review.replacing import BadPattern, Wanted, changes, replace

ROWS = (
    Event(id="E1", text="Pool of api-1 full, pool waits 12 ms", source="pool logs", actor="@bob"),
    Event(id="E2", text="a.b [x] 漢 É", note="pool\nof two lines"),
)
SESSION = Session(events=ROWS)
ALL = {"E1", "E2"}


def after(wanted: Wanted) -> list[str]:
    return [row.text for row in replace(SESSION, ALL, wanted).events]


def test_plain_text_is_found_in_the_chosen_columns_only() -> None:
    done = replace(SESSION, ALL, Wanted("pool", "tank"))
    assert done.events[0].text == "tank of api-1 full, tank waits 12 ms"
    assert done.events[0].source == "pool logs"
    assert done.events[1] is ROWS[1]
    both = replace(SESSION, ALL, Wanted("pool", "tank", ("source", "note")))
    assert both.events[0].source == "tank logs"
    assert both.events[1].note == "tank\nof two lines"
    assert [each.times for each in changes(ROWS, Wanted("pool", "tank"))] == [2]


def test_case_counts_when_it_is_asked_for() -> None:
    assert after(Wanted("pool", "tank", any_case=False))[0] == "Pool of api-1 full, tank waits 12 ms"
    assert after(Wanted("é", "e"))[1] == "a.b [x] 漢 e"


def test_plain_text_is_no_pattern_on_either_side() -> None:
    assert after(Wanted("a.b", "\\1"))[1] == "\\1 [x] 漢 É"
    assert after(Wanted("[x]", "(y)"))[1] == "a.b (y) 漢 É"
    assert after(Wanted("p.ol", "x")) == [row.text for row in ROWS]


def test_a_pattern_may_use_what_it_found() -> None:
    assert after(Wanted(r"(\d+) ms", r"\1 milliseconds", pattern=True))[0].endswith("waits 12 milliseconds")


@pytest.mark.parametrize("find", ["(", "[a", "a{99999}", "x" * 2_000, "a*", r"\d+|"])
def test_a_pattern_that_cannot_be_used_is_said_in_one_sentence(find: str) -> None:
    with pytest.raises(BadPattern) as problem:
        changes(ROWS, Wanted(find, "y", pattern=True))
    assert str(problem.value).endswith(".")
    assert "\n" not in str(problem.value)


def test_a_group_that_is_not_there_is_said() -> None:
    with pytest.raises(BadPattern, match="names a group"):
        changes(ROWS, Wanted("Pool", r"\3", pattern=True))


def test_only_the_rows_that_are_meant_change() -> None:
    assert replace(SESSION, {"E2"}, Wanted("pool", "x")) == SESSION
    assert replace(SESSION, ALL, Wanted("", "x")) == SESSION


def test_what_is_put_in_is_made_visible_like_any_text() -> None:
    assert after(Wanted("full", "\x1b[2J"))[0].startswith("Pool of api-1 ^[[2J")


@given(st.text(min_size=1, max_size=6), st.text(max_size=6), st.text(max_size=30))
def test_plain_replacing_is_that_of_python(find: str, put: str, text: str) -> None:
    row = Event(id="E1", text=text)
    try:
        found = changes((row,), Wanted(find, put, any_case=False))
    except BadPattern:
        assert "\x00" in find or any(0xD800 <= ord(each) < 0xE000 for each in find)
        return
    expected = Event(text=row.text.replace(find, put)).text
    assert (found[0].after if found else row.text) == expected
