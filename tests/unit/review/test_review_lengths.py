"""Lengths of time as people type them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.durations import read_length, short, spell


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3m", 180), ("90s", 90), ("3 min 30 s", 210), ("1h", 3600), ("1h30m", 5400), ("5", 300), ("1.5 min", 90),
        ("NEVER", 0), ("off", 0), ("0", 0), ("2 d", 172_800),
    ],
)  # fmt: skip
def test_lengths_are_read(text: str, seconds: int) -> None:
    assert read_length(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "-3m", "3x", "m", "99999999d", "900000h", "3m later", "٣m"])
def test_what_is_no_length_is_none(text: str) -> None:
    assert read_length(text) is None


@given(st.integers(0, 86_000))
def test_a_length_that_was_written_is_read_again(seconds: int) -> None:
    assert read_length(short(timedelta(seconds=seconds))) == timedelta(seconds=seconds)
    assert read_length(spell(timedelta(seconds=min(seconds, 3599)))) == timedelta(seconds=min(seconds, 3599))


@given(st.text())
def test_no_text_raises(text: str) -> None:
    read_length(text)
