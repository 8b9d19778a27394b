"""A session as the bytes of ``session.toml``: one key per line, in a stable order, checked by reading back.

Every record is written as a piece of its own and kept with the record it came from: records never change, so
a save after one edit among 10,000 events writes one new piece. Each new piece is parsed again and must give
the same data, so that no save can write what a load would not understand.

The last line is a comment with the SHA-256 of everything above it, because a damaged TOML file is often
still valid TOML; :mod:`app.store.reading` looks at it.
"""

import hashlib
import re
import time as clock
import tomllib
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import tomli_w

from app.review.delta import SECTIONS
from app.review.records import LISTS, Record, Session
from app.review.tables import as_table, columns, pack, same

PAUSE_EVERY = 20
"""Records between two pauses while many are rendered, so that the screen stays quick meanwhile."""


class Rendered(NamedTuple):
    """The file's bytes, and the SHA-256 that its check line carries."""

    data: bytes
    sha256: str


class Renderer:
    """Writes sessions as TOML. It remembers the records of the last one, and what they look like."""

    def __init__(self) -> None:
        self._pieces: dict[int, tuple[Record, bytes]] = {}

    def render(
        self, session: Session, seq: int, journal: str, pause: Callable[[float], object] = clock.sleep
    ) -> Rendered:
        """The session as the bytes of its file.

        *seq* is the number of the last change in it, *journal* the name of the journal that counts them.
        """
        kept: dict[int, tuple[Record, bytes]] = {}
        own = {"schema": session.schema_, "id": session.id, **as_table(session, _APART)}
        # TOML wants a table's own values before the tables below it.
        tables = {key: own.pop(key) for key in [key for key in own if _is_table(own[key])]}
        parts = [_verified(own, "")]
        fresh = 0
        for name, key, default in columns(Session):
            value = getattr(session, name)
            if name in SECTIONS:
                if value != default:
                    parts.append(self._piece(kept, value, f"[{key}]"))
            elif name in LISTS:
                for record in value:
                    fresh += id(record) not in self._pieces
                    parts.append(self._piece(kept, record, f"[[{key}]]"))
                    if fresh >= PAUSE_EVERY:
                        fresh = 0
                        pause(0.0005)
        if tables:
            parts.append(_verified(tables, ""))
        self._pieces = kept
        body = b"\n".join(parts) + b"\n"
        sha256 = hashlib.sha256(body).hexdigest()
        return Rendered(body + f"# blamefree seq={seq} journal={journal} sha256={sha256}\n".encode(), sha256)

    def _piece(self, kept: dict[int, tuple[Record, bytes]], record: Record, header: str) -> bytes:
        known = self._pieces.get(id(record))
        if known is None or known[0] is not record:
            known = (record, _verified(as_table(record), header))
        kept[id(record)] = known
        return known[1]


_APART = frozenset(key for name, key, _ in columns(Session) if name in LISTS or name in SECTIONS)
"""Keys of the lists and sections: they are pieces of their own."""


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
    )


def _verified(table: dict[str, Any], header: str) -> bytes:
    """*table* under *header* as TOML that reads back to the same data."""
    packed = pack(table)
    for prose in (_multiline, _string):
        lines = _lines(table, header, prose)
        text = "\n".join(lines) + "\n"
        if same(pack(_unwrapped(tomllib.loads(text), header)), packed):
            return text.encode()
    raise ValueError(f"{header} does not read back as it was written")


def _unwrapped(parsed: dict[str, Any], header: str) -> Any:
    if not header:
        return parsed
    ((_, inner),) = parsed.items()
    return inner[0] if isinstance(inner, list) else inner


def _lines(table: dict[str, Any], header: str, prose: Callable[[str], str]) -> list[str]:
    lines = [header] if header else []
    path = header.strip("[]") + "." if header else ""
    tables = []
    for key, value in table.items():
        if _is_table(value):
            tables.append((_key(key), value))
        elif type(value) is str and "\n" in value:
            lines.append(f"{_key(key)} = {prose(value)}")
        else:
            lines.append(f"{_key(key)} = {_value(value)}")
    for name, value in tables:
        if isinstance(value, dict):
            lines += _lines(value, f"[{path}{name}]", prose)
        else:
            for item in value:
                lines += _lines(item, f"[[{path}{name}]]", prose)
    return lines


_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')
_WIDTH = 100


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _string(text: str) -> str:
    # tomli_w looks at each character; most strings hold none that needs it.
    return _literal(text) if _ESCAPED.search(text) else f'"{text}"'


def _multiline(text: str) -> str:
    # Quotes need no escape inside a multi-line string, except three in a row and one at its end.
    escaped = "\n".join(_literal(line)[1:-1] for line in text.split("\n")).replace('\\"', '"')
    return '"""\n' + re.sub(r'"(?="")|"\Z', r'\\"', escaped) + '"""'


def _literal(value: Any) -> str:
    return tomli_w.dumps({"x": value}).removeprefix("x = ").removesuffix("\n")


def _value(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return _string(value)
    if kind is datetime:
        moment = str(value.isoformat())
        return moment.removesuffix("+00:00") + "Z" if moment.endswith("+00:00") else moment
    if kind is list and not any(isinstance(item, list | dict) for item in value):
        items = [_value(item) for item in value]
        line = f"[{', '.join(items)}]"
        return line if len(line) <= _WIDTH else "[\n" + "".join(f"    {item},\n" for item in items) + "]"
    return _literal(value)
