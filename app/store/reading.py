"""The bytes of a session file as a session: bounded, checked, cleaned, and every error one sentence."""

import hashlib
import re
import tomllib
from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.review.delta import NOUNS
from app.review.ids import next_ids
from app.review.plain import scrub, visible
from app.review.records import LISTS, SCHEMA, Session
from app.review.tables import columns
from app.store.errors import NewerSchema, Unreadable

SIZE_LIMIT = 32 * 1024 * 1024
"""Bytes of the largest session file that is parsed."""
DOTS_LIMIT = 64
"""Parts of the longest dotted key that is parsed: Python 3.11 takes 40 s for one of 100 kB (gh-149231)."""

MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""What turns the table of one schema into that of the next; the key is the older one."""

_CHECK_LINE = re.compile(rb"# blamefree seq=([0-9]{1,18}) journal=([0-9a-f]*) sha256=([0-9a-f]{64})\s*\Z")
_STRINGS = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|\#[^\n]*', re.DOTALL
)
_LONG_KEY = re.compile(rf"(?:[\w\"-]++[ \t]*+\.[ \t]*+){{{DOTS_LIMIT}}}")


class CheckLine(NamedTuple):
    """What the last line of a file says, and whether it fits the rest."""

    seq: int
    journal: str
    sha256: str
    """Of the bytes above the check line; of all bytes where there is none."""
    present: bool
    fits: bool


class Loaded(NamedTuple):
    """A session as its file has it, and what there is to say about the file."""

    session: Session
    check: CheckLine
    newer: int = 0
    """The schema of a newer version of the program, else 0."""
    migrated_from: int = 0
    """The schema of an older version, from which the session was brought up to date, else 0."""
    notices: tuple[str, ...] = ()


def check_line(data: bytes) -> CheckLine:
    """Read the last line of a session file and compare it with what stands above it."""
    match = _CHECK_LINE.search(data, max(0, len(data) - 200))
    if match is None:
        return CheckLine(0, "", hashlib.sha256(data).hexdigest(), present=False, fits=False)
    sha256 = hashlib.sha256(memoryview(data)[: match.start()]).hexdigest()
    seq, journal = int(match[1]), match[2].decode()
    return CheckLine(seq, journal, sha256, present=True, fits=sha256 == match[3].decode())


def load(data: bytes) -> Loaded:
    """Read a session file. Raises Unreadable or NewerSchema with one sentence (without the file's name)."""
    table = parse(data)
    check = check_line(data)
    found, table, migrated_from = _to_this_schema(table)
    if newer := found if found > SCHEMA else 0:
        notice = (
            f"written by a newer version (schema {found}; this one knows {SCHEMA}): opened for reading only"
        )
    try:
        session = Session.model_validate(table)
    except ValidationError as error:
        if newer:
            raise NewerSchema(
                f"a newer version wrote it (schema {found}; this one knows {SCHEMA}); update blamefree"
            ) from error
        raise Unreadable(sentence(error, table)) from error
    session, named = _with_ids(session)
    notices = (notice, *named) if newer else named
    return Loaded(session, check, newer, migrated_from, notices)


def parse(data: bytes) -> dict[str, Any]:
    """The bytes of a session file as a table of clean text. Raises Unreadable."""
    if len(data) > SIZE_LIMIT:
        raise Unreadable(f"it has {len(data):,} bytes; a session file has at most {SIZE_LIMIT:,}")
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"line {line} holds bytes that are not UTF-8 text") from error
    if any(line.count(".") > DOTS_LIMIT for line in text.split("\n")) and _LONG_KEY.search(
        _STRINGS.sub('""', text)
    ):
        raise Unreadable(f"a key in it has more than {DOTS_LIMIT} parts")
    try:
        table = tomllib.loads(text)
    except RecursionError as error:
        raise Unreadable("its values are nested too deeply") from error
    except (ValueError, OverflowError) as error:
        raise Unreadable(_toml_sentence(str(error))) from error
    if not table:
        raise Unreadable("it is empty")
    # Nearly every file is clean: one search instead of one per string.
    return table if "\\" not in text and visible(text) is text else scrub(table)


def _toml_sentence(message: str) -> str:
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|(end of document))\)", message, re.DOTALL)
    if match is None:
        return visible(message)
    place = "its end" if match[4] else f"line {match[2]}, column {match[3]}"
    return visible(f"at {place}: {match[1][:1].lower()}{match[1][1:]}")


def _to_this_schema(table: dict[str, Any]) -> tuple[int, dict[str, Any], int]:
    found = table.get("schema", SCHEMA)
    if type(found) is not int or found < 1:
        raise Unreadable(f"`schema` needs a whole number from 1 to {SCHEMA}")
    version = found
    while version < SCHEMA:
        if version not in MIGRATIONS:
            raise Unreadable(f"schema {version} is not known to this version")
        table = MIGRATIONS[version](table)
        version += 1
    if found < SCHEMA:
        table = {**table, "schema": SCHEMA}
    for name, key, _ in columns(Session):
        if name != key and name in table:
            raise Unreadable(f"`{name}` is not a key of a session; records stand under `[[{key}]]`")
    return found, table, found if found < SCHEMA else 0


def _with_ids(session: Session) -> tuple[Session, tuple[str, ...]]:
    """Give an id to records that people wrote without one. Raises Unreadable where two have the same."""
    notices = []
    for field in LISTS:
        rows = getattr(session, field)
        missing = [index for index, row in enumerate(rows) if not row.id]
        if missing:
            fresh = next_ids(session, field, len(missing))
            named = dict(zip(missing, fresh, strict=True))
            rows = tuple(
                row.model_copy(update={"id": named[index]}) if index in named else row
                for index, row in enumerate(rows)
            )
            session = session.model_copy(update={field: rows})
            notices.append(
                f"{NOUNS[field]} without an id: given {', '.join(fresh[:5])}{' …' * (len(fresh) > 5)}"
            )
        if len({row.id for row in rows}) < len(rows):
            seen: set[str] = set()
            twice = next(row.id for row in rows if row.id in seen or seen.add(row.id))  # type: ignore[func-returns-value]
            raise Unreadable(f"two {NOUNS[field]} records are called {twice}; give one of them another id")
    return session, tuple(notices)


def with_ids(session: Session) -> Session:
    """*session* with an id for every record of its lists. Raises Unreadable where two have the same."""
    return _with_ids(session)[0]


_NEEDS = {
    "timezone": "a date and time with an offset, such as 2025-02-09T10:05:23Z",
    "datetime": "a date and time with an offset, such as 2025-02-09T10:05:23Z",
    "date": "a date, such as 2025-02-16",
    "string": "text in quotes",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "finite": "a number",
    "tuple": 'a list, such as ["a", "b"]',
    "list": 'a list, such as ["a", "b"]',
    "dict": "a table",
    "model": "a table",
}
"""What a field needs, by the first word of pydantic's name for the error."""


def sentence(error: ValidationError, table: dict[str, Any] | None = None) -> str:
    """A validation error as one sentence: the record, the field, and what is expected there."""
    first, *others = error.errors(include_url=False, include_context=True, include_input=False)
    record, field = _place(first, table or {})
    if first["type"] == "literal_error":
        needs = f"one of {first.get('ctx', {}).get('expected', '')}"
    else:
        needs = _NEEDS.get(first["type"].split("_")[0], "")
    text = f"`{field}` needs {needs}" if needs else f"`{field}`: {first['msg']}"
    more = f" (and {len(others)} more)" if others else ""
    return visible(f"{record} {text}{more}".strip())


def _place(error: ErrorDetails, table: dict[str, Any]) -> tuple[str, str]:
    """The record and the field that an error is about, in the words of the file."""
    place = [part for part in error["loc"] if part not in ("int", "float")]
    nouns = {key: NOUNS[name] for name, key, _ in columns(Session) if name in LISTS}
    if place and place[0] in nouns:
        noun = nouns[str(place[0])]
        if len(place) == 1 or not isinstance(place[1], int):
            return "", str(place[0])
        rows = table.get(str(place[0]), [])
        row = rows[place[1]] if place[1] < len(rows) and isinstance(rows[place[1]], dict) else {}
        record = f"{noun} {row.get('id') or f'number {place[1] + 1}'}:"
        return record, _dotted(place[2:]) or noun
    return "", _dotted(place) or "the record"


def _dotted(place: list[int | str]) -> str:
    words = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place]
    return "".join(words).removeprefix(".")
