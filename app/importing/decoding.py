"""The bytes of a document as text, in the encoding that they are in; no byte is lost."""

import codecs
import re
from typing import Final

from app.importing.read import ImportProblem

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT: Final = 4000
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


class NotText(ImportProblem):
    """The bytes are no text in any encoding that reports are written in."""


def decode(raw: bytes) -> tuple[str, str]:
    """The text of *raw*, and a remark where its encoding had to be guessed. Raises NotText."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, "backslashreplace"), ""
    if b"\0" in raw[:_LOOKED_AT]:
        return _wide(raw), "The file does not say that it is UTF-16, and was read so."
    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError as problem:
        if _is_binary(raw):
            raise NotText from None
        if len(_MULTIBYTE.findall(raw)) > raw[problem.start :].count(raw[problem.start : problem.start + 1]):
            return raw.decode("utf-8", "backslashreplace"), (
                f"Byte {problem.start + 1} is no UTF-8: such bytes are shown as \\x.."
            )
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        # Every byte is a letter or a control there.
        text = raw.decode("latin-1")
    return text, "The file is no UTF-8 and was read as Windows-1252: save it as UTF-8 if letters are wrong."


def _wide(raw: bytes) -> str:
    """Text in UTF-16 without its mark, which shows by the zeros between its letters. Raises NotText."""
    head = raw[:_LOOKED_AT]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(len(head) // 2, 1)
    for zeros, others, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if zeros > 0.5 * half and others < 0.05 * half:
            return raw.decode(encoding, "backslashreplace")
    raise NotText


def _is_binary(raw: bytes) -> bool:
    """Whether many bytes are controls that no text has."""
    head = raw[:_LOOKED_AT]
    controls = sum(each < 32 and each not in b"\t\n\r\f\x1b" for each in head)
    return controls > 0.05 * len(head)
