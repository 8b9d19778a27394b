"""A review in which every text is an attack: on markup, on the terminal, on the eye, on the layout."""

import types
import typing
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from typing import Any

from pydantic import AwareDatetime

from app.review.records import LISTS, Record, Session

MARKUP = (
    "[red]",
    "[/]",
    "[/red] [bold",
    "[@click=app.quit]x[/]",
    "[ @click=app.simulate_key('d')]y",
    "[$primary @click=app.quit]z",
    "[link=https://evil.example]w[/link]",
    "\\[x] $text-error %s {0} C:\\d",
)
ESCAPES = (
    "\x1b]0;PWNED\x07",
    "\x1b]52;c;UFdORUQ=\x07",
    "\x1b[2J\x1b[H",
    "\x1b[31;5m",
    "\x9b2J\x9d0;PWNED\x9c",
    "\x1bP$qm\x1b\\",
    "\x1b_Gf=100;AAAA\x1b\\",
    "a\x00b\x08c\x07d\re\x7f",
)
SIGHT = (
    "漢字テスト全角",
    "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪",
    "\u202eltr\u202c \u2066x\u2069 \u061c",
    "עברית العربية",
    "a\u200bb\ufeffc\u2060d",
    "e\u0301\u0302\u0303 ก็",
    "tab\there",
)
LONG = "long " + "x" * 10_000
PAYLOADS = tuple(each for three in zip_longest(MARKUP, ESCAPES, SIGHT) for each in three if each)
EVERYTHING = " ".join(PAYLOADS)
"""One of each kind comes first, so that something of each stands in a cell that is cut."""

SIGNATURES = {
    "title": b"\x1b]0;",
    "title 2": b"\x1b]2;",
    "clipboard": b"\x1b]52;",
    "clear": b"\x1b[2J\x1b[H",
    "blinking red": b"\x1b[31;5m",
    "device control": b"\x1bP$",
    "graphics": b"\x1b_G",
    "C1 control sequence": b"\xc2\x9b",
    "C1 operating system command": b"\xc2\x9d",
    "C1 terminator": b"\xc2\x9c",
    "override": "\u202e".encode(),
    "isolate": "\u2066".encode(),
    "letter mark": "\u061c".encode(),
    "zero-width space": "\u200b".encode(),
    "byte order mark": "\ufeff".encode(),
    "word joiner": "\u2060".encode(),
    "null": b"\x00",
    "backspace": b"c\x07d",
    "link": b"\x1b]8;",
}
"""What a terminal would obey, or an eye be fooled by, if it came through."""

_AT = datetime(2025, 2, 9, 10, 5, tzinfo=UTC)


class _Filler:
    """Fills every field of a record; texts take their turn, so that each attack is everywhere somewhere."""

    def __init__(self) -> None:
        self._turn = 0
        self._of: Counter[str] = Counter()

    def text(self, name: str) -> str:
        self._turn += 1
        self._of[name] += 1
        match self._of[name] % 3:
            case 1:
                return f"{name}: {EVERYTHING}"
            case 2 if name in {"text", "name", "title", "owner", "to"}:
                return LONG
        return PAYLOADS[self._turn % len(PAYLOADS)]

    def value(self, annotation: Any, name: str) -> Any:
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is typing.Annotated:
            return self.value(args[0], name)
        if origin in (typing.Union, types.UnionType):
            return self.value(next(arg for arg in args if arg is not type(None)), name)
        if origin is typing.Literal:
            return args[0] or args[-1]
        if origin is tuple:
            return tuple(self.value(args[0], name) for _ in range(2))
        if origin is dict:
            return {self.text("key"): self.text("setting"), "path": EVERYTHING, "url": EVERYTHING}
        if isinstance(annotation, type) and issubclass(annotation, Record):
            return self.record(annotation)
        self._turn += 1
        values: dict[Any, Any] = {
            str: lambda: self.text(name),
            AwareDatetime: lambda: _AT + timedelta(minutes=self._turn % 45),
            date: lambda: date(2025, 2, 9),
            bool: lambda: True,
            int: lambda: 2**40,
            float: lambda: 1e300,
        }
        return values[annotation]()

    def record(self, kind: type[Record], /, **given: Any) -> Record:
        filled = {name: self.value(field.annotation, name) for name, field in kind.model_fields.items()}
        return kind(**(filled | given))


def hostile_review(rows: int = 4) -> Session:
    """Every text field of every record is hostile, ids included; links still lead somewhere."""
    filler = _Filler()

    def ids(field: str) -> list[str]:
        return [f"{field[0]}[red]{number}[/] \x1b]0;PWNED\x07" for number in range(rows)]

    lists: dict[str, Any] = {}
    for field, kind in LISTS.items():
        given = [{"id": each} for each in ids(field)]
        for number, more in enumerate(given):
            if field == "factors":
                more |= {
                    "parent": ids(field)[number - 1] if number % 3 else "",
                    "events": tuple(ids("events")),
                }
            if field == "actions":
                more["factors"] = tuple(ids("factors")[:-1])
                more |= {"ticket": None} if not number else {}
            if field == "parked":
                more["outcome"] = ""
            if field == "sources":
                # One that can be collected from, and one whose clock is far outside of any calendar.
                more |= {"clock_offset_s": 0.0, "kind": "file"} if not number else {}
        lists[field] = tuple(filler.record(kind, **more) for more in given)
    rest = {
        name: filler.value(field.annotation, name)
        for name, field in Session.model_fields.items()
        if name not in LISTS and name != "schema_"
    }
    rest["tracking"] = rest["tracking"].model_copy(
        update={"tracker": "github", "repo": "acme/api", "base_url": ""}
    )
    return Session(**(rest | lists))
