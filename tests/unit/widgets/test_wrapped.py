"""A text on a few lines: broken at spaces, and cut with a sign."""

from app.text import cell_len
from widgets.wrapped import broken


def test_a_short_text_is_one_line() -> None:
    assert broken("app.log line 7\npool exhausted", 40, 3) == ["app.log line 7", "pool exhausted"]


def test_a_long_line_is_broken_at_a_space() -> None:
    assert broken("a\nconnection pool exhausted after", 17, 3) == ["a", "connection pool", "exhausted after"]


def test_what_does_not_fit_ends_with_an_ellipsis() -> None:
    lines = broken("where\n" + "word " * 100, 20, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(cell_len(line) <= 20 for line in lines)


def test_wide_characters_and_a_word_without_end_keep_the_width() -> None:
    for text in ("漢字" * 200, "x" * 5000, "e\u0301" * 300, "👩‍🚀" * 99):
        lines = broken(text, 21, 2)
        assert len(lines) <= 2
        assert all(cell_len(line) <= 21 for line in lines)


def test_no_room_shows_nothing() -> None:
    assert broken("text", 0, 2) == []
    assert broken("text", 10, 0) == []
