"""Files of any encoding: every byte of a text is kept, and what is no text is said to be none."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.importing.decoding import NotText, decode

WORDS = "# Störung\n\n- 10:15 Prüfung – „Pool voll“\n"


@pytest.mark.parametrize(
    "raw",
    [
        WORDS.encode(),
        codecs.BOM_UTF8 + WORDS.encode(),
        WORDS.encode("utf-16"),
        codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"),
        WORDS.encode("utf-16-le"),
        WORDS.encode("utf-16-be"),
        WORDS.encode("cp1252"),
    ],
    ids=[
        "utf-8",
        "utf-8 with a mark",
        "utf-16",
        "utf-16-be",
        "utf-16-le unmarked",
        "utf-16-be unmarked",
        "windows",
    ],
)
def test_the_words_are_the_same_in_every_encoding(raw: bytes) -> None:
    assert decode(raw)[0] == WORDS


def test_a_guess_is_said() -> None:
    assert "Windows-1252" in decode(WORDS.encode("cp1252"))[1]
    assert "UTF-16" in decode(WORDS.encode("utf-16-le"))[1]
    assert decode(WORDS.encode())[1] == ""


def test_one_bad_byte_in_a_text_of_utf_8_is_shown_and_the_rest_stays() -> None:
    raw = WORDS.encode().replace("ü".encode(), b"\xfc", 1)
    text, remark = decode(raw)
    assert "Störung" in text
    assert "\\xfc" in text
    assert "Byte" in remark


@pytest.mark.parametrize(
    "raw", [b"\x00\x01\x02PK", bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"]
)
def test_what_is_no_text_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(NotText):
        decode(raw)


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_are_said_to_be_none(raw: bytes) -> None:
    try:
        text, _ = decode(raw)
    except NotText:
        return
    assert "\ufffd" not in text or "\ufffd".encode() in raw or "\ufffd".encode("utf-16-le") in raw
