"""Characters that are safe to keep: the innermost of the gates that text from outside passes.

A terminal obeys escape sequences, a reader is fooled by characters that turn the direction of text, and
UTF-8 cannot write lone surrogates. None of these may live inside a record. They are *shown*, not dropped,
so that nobody has to guess what a log line really held: ``ESC`` becomes ``^[`` and U+202E ``<202E>``.
"""

import re
from collections.abc import Mapping
from typing import Any

_VISIBLE: dict[int, str] = {code: f"^{chr(code ^ 0x40)}" for code in [*range(0x20), 0x7F]}
_VISIBLE |= {code: f"<{code:04X}>" for code in range(0x80, 0xA0)}
# Directional overrides, isolates and marks; zero-width characters except the joiners that emoji and
# several scripts need; line and paragraph separators; interlinear annotation.
_VISIBLE |= {
    code: f"<{code:04X}>"
    for code in [
        0x061C, 0x180E, 0x200B, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2060, 0x2070),
        0xFEFF, *range(0xFFF9, 0xFFFC),
    ]
}  # fmt: skip
_VISIBLE |= {code: f"<{code:04X}>" for code in range(0xD800, 0xE000)}
del _VISIBLE[0x0A], _VISIBLE[0x09]

# The keys of the table as ranges: spelt out one by one they take longer to compile than a session to load.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def visible(text: str) -> str:
    """Return *text* with every character that a terminal or a file could choke on made visible.

    Line breaks of all three kinds become ``\\n``; tabs stay. Applying it twice changes nothing.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # The search is in C and most text is clean: do not pay for a translation that changes nothing.
    return text.translate(_VISIBLE) if _UNSAFE.search(text) else text


def one_line(text: str) -> str:
    """Return *text* made visible and put on one line: runs of line breaks and tabs become one space."""
    if text.isascii() and text.isprintable():
        # Most lines of a log: neither anything to be shown nor anything to be joined.
        return text
    text = visible(text)
    return (
        " ".join(part.strip() for part in re.split(r"[\n\t]+", text)).strip()
        if re.search(r"[\n\t]", text)
        else text
    )


def scrub(value: Any) -> Any:
    """Apply :func:`visible` to every string inside *value*, keys included, whatever its nesting."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {visible(key): scrub(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(item) for item in value]
    return value


def about(name: str, sentence: str) -> str:
    """*sentence* without the *name* that it begins with: what shows it says the name already."""
    rest = sentence.removeprefix(name) if name else sentence
    return rest.lstrip(": ") if rest[:1] in (":", " ") and rest.strip(": ") else sentence
