"""Whether what stands in the place of a secret is one: placeholders, plain words, numbers and paths are not."""

import base64
import binascii
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

_TAG = re.compile(r"\[?[a-z][a-z0-9-]*:[0-9a-f]{6}\]?")
_PLACEHOLDER = re.compile(
    r"(?i)[*•.xX_#-]+|<[^>]*>?|\$\{?[A-Za-z_(].*|%[A-Z_]+%|\{\{.*|\{[a-z_]*\}?|null|none|nil|true|false|undefined|"
    r"redacted.*|\[?(?:redacted|filtered|masked|hidden|removed|secret)\]?|\(?empty\)?|n/?a|tbd|todo|\.\.\.|…|string|"
    r"optional|required|process\.env.*|os\.environ.*|env\(.*|var\..*|vault:.*|op://.*|arn:.*|ref\+.*|ssm:.*|\*\*.*"
)
_PATH = re.compile(r"(?:~|\.{1,2})?(?:/[\w.@-]+){2,}/?|[A-Z]:\\.*|/[\w.-]+")
_NUMBER = re.compile(
    r"[\d.,:%+-]+(?:[a-zA-Z]{1,4}|/\w+)?|0x[0-9a-fA-F]{1,8}|\d{4}-\d\d-\d\d.*|\d+(?:ms|s|m|h|d|MB|GB|KB|MiB|GiB|k|x)"
)
_WORD = re.compile(r"_*[^\W\d_]+(?:[-_'’./]+[^\W\d_]+)*_*")
_SCHEMES = frozenset(
    (
        "bearer",
        "basic",
        "digest",
        "negotiate",
        "ntlm",
        "token",
        "api-token",
        "ssws",
        "apikey",
        "bot",
        "splunk",
        "header",
    )
)
_CODE = re.compile(r"[A-Za-z_][\w.]*(?:\((?:.*\))?|\[.*\]?)")


def is_value(text: str) -> bool:
    """Anything but a placeholder, or what was masked before."""
    text = text.strip("\"'`,;)")
    return bool(text) and not _TAG.fullmatch(text) and not _PLACEHOLDER.fullmatch(text)


def is_assigned(text: str) -> bool:
    """A value that a key, a token or a secret may have: eight characters or more that are no word or number."""
    text = text.strip("\"'`,;)")
    return len(text) >= 8 and is_value(text) and not _ordinary(text)


def is_header(text: str) -> bool:
    """What a header carries, not only the name of its scheme."""
    return is_value(text) and text.strip(",;:").casefold() not in _SCHEMES


def is_password(text: str) -> bool:
    """A value that a password may have: short ones too, plain words only where they are long."""
    text = text.strip("\"'`,;:)")
    if len(text) < 4 or not is_value(text) or _is_path(text) or _CODE.fullmatch(text):
        return False
    if _NUMBER.fullmatch(text):
        return text.isdigit() and len(text) >= 6
    return not _WORD.fullmatch(text) or len(text) >= 12


def is_spoken(text: str) -> bool:
    """A value in a sentence: letters with digits or signs in them."""
    text = text.strip("\"'`,;).:!?")
    return len(text) >= 6 and is_value(text) and not _ordinary(text) and any(c.isalpha() for c in text)


def is_drawn(text: str) -> bool:
    """A value that nobody typed: letters and digits mixed, and no id that is written in groups."""
    return (
        any(each.isdigit() for each in text)
        and any(each.isalpha() for each in text)
        and not _GROUPS.fullmatch(text)
        and not _ordinary(text)
    )


_GROUPS = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]+(?:[-_][a-z0-9]{1,12})+")


def is_basic(text: str) -> bool:
    """Base64 of ``user:password``."""
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in plain and all(32 <= byte < 127 or byte > 159 for byte in plain)


def is_email(text: str) -> bool:
    """An address of a person or a list; not a host that a program logs in to, nor a name of an image or a package."""
    name, _, host = text.replace("%40", "@").partition("@")
    return name.casefold() not in {"git", "hg", "svn"} and not _IMAGE.search(host)


_IMAGE = re.compile(r"(?i)\.(?:png|jpe?g|gif|svg|js|py|css|local|service|slice|timer|mount)$|^sha256|^\d")


def is_card(text: str) -> bool:
    """The check digit of payment cards (Luhn)."""
    digits = [int(each) for each in text if each.isdigit()]
    if not 13 <= len(digits) <= 16 or len(set(digits)) == 1:
        return False
    total = sum(sum(divmod(each * 2, 10)) if odd else each for odd, each in _from_right(digits))
    return total % 10 == 0


def _from_right(digits: list[int]) -> list[tuple[int, int]]:
    return [(number % 2, each) for number, each in enumerate(reversed(digits))]


def is_iban(text: str) -> bool:
    """The check of international account numbers (ISO 13616, remainder 1 by 97)."""
    plain = text.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(each, 36)) for each in plain[4:] + plain[:4])) % 97 == 1


def _ordinary(text: str) -> bool:
    """Whether it is a word, a number, a path or a piece of code: what stands after any colon."""
    return bool(
        (_WORD.fullmatch(text) and not _looks_drawn(text))
        or _NUMBER.fullmatch(text)
        or _is_path(text)
        or _CODE.fullmatch(text)
        or text.startswith(("http://", "https://"))
    )


def _is_path(text: str) -> bool:
    """A path; base64 that happens to begin with a slash has long parts with digits and both cases in them."""
    if not _PATH.fullmatch(text):
        return False
    longest = max(text.split("/"), key=len)
    mixed = any(c.isdigit() for c in longest) and longest.lower() != longest and longest.upper() != longest
    return not (len(longest) >= 24 and mixed and "." not in longest and "-" not in longest)


def _looks_drawn(text: str) -> bool:
    """Letters only, but long and in both cases all over: nobody writes words like that."""
    changes = sum(one.islower() and two.isupper() for one, two in pairwise(text))
    return len(text) >= 16 and text.isalpha() and changes > len(text) // 6


CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    each.__name__: each
    for each in (
        is_header,
        is_value,
        is_assigned,
        is_password,
        is_spoken,
        is_drawn,
        is_basic,
        is_email,
        is_card,
        is_iban,
    )
}
