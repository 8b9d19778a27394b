"""Due dates as people say them."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.review.dates import is_unmistakable, read_due

MONDAY = date(2025, 2, 10)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("fri", date(2025, 2, 14)),
        ("Friday", date(2025, 2, 14)),
        ("by friday", date(2025, 2, 14)),
        ("mon", date(2025, 2, 17)),
        ("next mon", date(2025, 2, 17)),
        ("tues", date(2025, 2, 11)),
        ("+2w", date(2025, 2, 24)),
        ("+ 10 d", date(2025, 2, 20)),
        ("+1m", date(2025, 3, 10)),
        ("in 3 weeks", date(2025, 3, 3)),
        ("in two days", date(2025, 2, 12)),
        ("in a month", date(2025, 3, 10)),
        ("today", MONDAY),
        ("Tomorrow", date(2025, 2, 11)),
        ("next week", date(2025, 2, 17)),
        ("next month", date(2025, 3, 10)),
        ("eom", date(2025, 2, 28)),
        ("end of month", date(2025, 2, 28)),
        ("2025-02-16", date(2025, 2, 16)),
        ("2020-02-16", date(2020, 2, 16)),
        ("02-16", date(2025, 2, 16)),
        ("01-20", date(2025, 1, 20)),
        ("01-05", date(2026, 1, 5)),
        ("16 feb", date(2025, 2, 16)),
        ("16. February", date(2025, 2, 16)),
        ("16th feb 2026", date(2026, 2, 16)),
        ("feb 16", date(2025, 2, 16)),
        ("September 1st, 2025", date(2025, 9, 1)),
        ("1 sept", date(2025, 9, 1)),
        ("3.4.", date(2025, 4, 3)),
        ("3.4.2026", date(2026, 4, 3)),
        ("29 feb", date(2028, 2, 29)),
    ],
)
def test_a_day_is_understood(said: str, meant: date) -> None:
    assert read_due(said, MONDAY) == meant


@pytest.mark.parametrize(
    "said",
    [
        *(
            "",
            " ",
            "t",
            "fr",
            "someday",
            "3/4",
            "2025-02-30",
            "30 feb",
            "31.4.2025",
            "13-01",
            "5 minutes",
            "10 days",
        ),
        *(
            "20 pods",
            "size 20",
            "friday the 13th",
            "in some days",
            "+5",
            "ma 3",
            "20250216",
            "16 feb 20",
            "٣.٤.",
        ),
    ],
)
def test_what_names_no_day_is_not_guessed(said: str) -> None:
    assert read_due(said, MONDAY) is None


@given(
    st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), st.dates(max_value=date(9999, 12, 1))
)
def test_a_weekday_is_the_next_one_after_today(word: str, today: date) -> None:
    due = read_due(word, today)
    assert due is not None
    assert timedelta(days=1) <= due - today <= timedelta(days=7)
    assert due.strftime("%a").casefold() == word


@given(st.integers(0, 999), st.dates(max_value=date(9800, 1, 1)))
def test_some_months_later_is_the_same_day_or_the_last_of_a_shorter_month(count: int, today: date) -> None:
    due = read_due(f"+{count}m", today)
    assert due is not None
    assert (due.year * 12 + due.month) - (today.year * 12 + today.month) == count
    assert due.day == today.day or (due.day < today.day and (due + timedelta(days=1)).day == 1)


@given(st.dates(), st.dates())
def test_a_written_date_is_itself(due: date, today: date) -> None:
    assert read_due(due.isoformat(), today) == due


WORDS = st.sampled_from(
    ["in", "3", "weeks", "feb", "30", ".", "-", "+", "999", "w", "m", "next", "mon", "9999"]
)


@settings(max_examples=300)
@given(st.text(max_size=12) | st.lists(WORDS).map(" ".join), st.dates())
def test_any_text_and_any_today_is_answered_without_a_failure(said: str, today: date) -> None:
    assert read_due(said, today) is None or isinstance(read_due(said, today), date)


def test_only_signs_and_full_dates_are_unmistakable() -> None:
    assert is_unmistakable("+2w")
    assert is_unmistakable("by 2025-02-16")
    assert not any(map(is_unmistakable, ["may", "sat", "in 3 days", "16 feb", "10-20", "next week"]))
