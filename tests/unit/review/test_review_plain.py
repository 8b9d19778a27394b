"""The innermost gate for text: nothing that a terminal obeys or a file refuses stays, and nothing is lost."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.review.plain import one_line, scrub, visible

# All of Unicode, lone surrogates included, with the dangerous parts more often than by chance.
ANY_TEXT = st.text(
    st.one_of(
        st.characters(),
        st.characters(max_codepoint=0x9F),
        st.sampled_from("\u202e\u2066\u200b\u200e\ufeff\u2028\u2029\ud800\udfff\x1b\x9b\r\n\t"),
    )
)
KEPT = {"\n", "\t"}
# Joiners that emoji and several scripts need; invisible, but they fool nobody.
JOINERS = {"\u200c", "\u200d"}


def dangerous(text: str) -> list[str]:
    """Characters that control a terminal, turn the direction of text, or cannot be written as UTF-8."""
    return [
        character
        for character in text
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(character)
        in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    ]


@settings(max_examples=300)
@given(ANY_TEXT)
def test_nothing_dangerous_is_left_but_line_breaks_and_tabs(text: str) -> None:
    assert set(dangerous(visible(text))) <= KEPT
    visible(text).encode()


@given(ANY_TEXT)
def test_doing_it_twice_changes_nothing(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert one_line(one_line(text)) == one_line(text)


@given(ANY_TEXT)
def test_one_line_is_one_line(text: str) -> None:
    assert not dangerous(one_line(text))
    assert len(one_line(text).splitlines()) <= 1


@given(st.text(st.characters(exclude_categories=("C", "Z")) | st.sampled_from([" ", *JOINERS])))
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert visible(text) == text
    assert one_line(text) == text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred", "^[[31mred"),
        ("\x00\x7f", "^@^?"),
        ("\x9b2J", "<009B>2J"),
        ("user\u202egnp.exe", "user<202E>gnp.exe"),
        ("\ud83d", "<D83D>"),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\u200bb\u2060c\ufeffd", "a<200B>b<2060>c<FEFF>d"),
        ("a\u061cb\u180ec\ufff9d", "a<061C>b<180E>c<FFF9>d"),
        ("tab\tstays", "tab\tstays"),
        ("naïve 漢字 👩‍💻", "naïve 漢字 👩‍💻"),
    ],
)
def test_what_is_dangerous_is_shown_not_dropped(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@given(
    st.recursive(
        ANY_TEXT | st.integers(), lambda deeper: st.lists(deeper) | st.dictionaries(ANY_TEXT, deeper)
    )
)
def test_scrubbing_reaches_every_string_at_any_depth(value: object) -> None:
    def strings(inner: object) -> list[str]:
        if isinstance(inner, str):
            return [inner]
        if isinstance(inner, dict):
            return [each for pair in inner.items() for item in pair for each in strings(item)]
        return [each for item in inner for each in strings(item)] if isinstance(inner, list) else []

    assert all(set(dangerous(each)) <= KEPT for each in strings(scrub(value)))
