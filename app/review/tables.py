"""Records as plain tables and back: what the session file and the journal are made of.

A table holds what the session file would hold: keys as written there (``from``, ``event``), fields with
their default value left out, unknown keys kept. :func:`pack` turns a table's values into JSON without loss,
so that a date in a key that this program does not know is still a date after a restart.
"""

import json
import math
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, NamedTuple, TypeVar

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from app.review.plain import visible
from app.review.records import Record

R = TypeVar("R", bound=Record)

ABSENT: Any = None
"""Stands for a key that is left out. A table never holds None, so it cannot be mistaken for a value."""


class NotStorable(ValueError):
    """A value that neither the session file nor the journal can hold, with its place."""


class Column(NamedTuple):
    """One field of a record: its name in Python, its key in the file, and what is left out."""

    name: str
    key: str
    default: Any


@cache
def columns(kind: type[Record]) -> tuple[Column, ...]:
    """The fields of a record in the order in which they are written."""
    return tuple(
        Column(name, field.alias or name, _default(field)) for name, field in kind.model_fields.items()
    )


def _default(field: FieldInfo) -> Any:
    value = field.get_default(call_default_factory=True, validated_data={})
    return ABSENT if value is PydanticUndefined else value


def as_table(record: Record, without: Collection[str] = ()) -> dict[str, Any]:
    """*record* as a plain table, some keys left out. Raises NotStorable for what no file can hold."""
    fields = record.__dict__
    table: dict[str, Any] = {}
    for name, key, default in columns(type(record)):
        value = fields[name]
        if key not in without and not _is_default(value, default):
            table[key] = _plain(value, key)
    for key, value in (record.__pydantic_extra__ or {}).items():
        table[visible(key)] = _plain(value, key)
    return table


def cell(record: Record, key: str) -> Any:
    """What :func:`as_table` holds under *key*, packed, or ABSENT; cheaper than the whole table."""
    for name, alias, default in columns(type(record)):
        if alias == key:
            value = record.__dict__[name]
            return ABSENT if _is_default(value, default) else pack(_plain(value, key))
    extra = record.__pydantic_extra__ or {}
    return pack(_plain(extra[key], key)) if key in extra else ABSENT


def _is_default(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and bool(value == default))


def _plain(value: Any, where: str) -> Any:
    kind = type(value)
    if kind is str:
        return visible(value)
    if kind is bool or kind is float or kind is date:
        return value
    if kind is datetime:
        # TOML offsets are whole minutes.
        offset = value.utcoffset()
        return value.astimezone(UTC) if offset and offset.total_seconds() % 60 else value
    if (kind is int and value.bit_length() < _INT_BITS) or (kind is time and value.tzinfo is None):
        return value
    if isinstance(value, Record):
        return as_table(value)
    if isinstance(value, list | tuple):
        return [_plain(item, where) for item in value]
    if isinstance(value, Mapping):
        return {visible(key): _plain(item, f"{where}.{key}") for key, item in value.items()}
    for atom in (str, int, float):
        if kind is not atom and isinstance(value, atom):  # an enumeration: its plain value is what counts
            return _plain(atom.__call__(value), where)
    raise NotStorable(f"`{where}` holds a {kind.__name__}, which a session file cannot hold")


_INT_BITS = 4096
"""Python refuses to print or read numbers of more than 4,300 digits."""


def pack(value: Any) -> Any:
    """A plain value as JSON can hold it; values that JSON lacks are tagged. :func:`unpack` undoes it."""
    kind = type(value)
    if kind is str or kind is bool or kind is int:
        return value
    if kind is float:
        return value if math.isfinite(value) else {"$float": repr(value)}
    if kind is dict:
        packed = {key: pack(item) for key, item in value.items()}
        return {"$table": packed} if any(key.startswith("$") for key in packed) else packed
    if kind is list:
        return [pack(item) for item in value]
    return {f"${kind.__name__}": value.isoformat()}


def unpack(value: Any) -> Any:
    """The plain value behind what :func:`pack` made."""
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((tag, inner),) = value.items()
        if tag == "$table":
            return {key: unpack(item) for key, item in inner.items()}
        if tag in _READERS:
            return _READERS[tag](inner)
    return {key: unpack(item) for key, item in value.items()}


_READERS: dict[str, Any] = {
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$float": float,
}


def same(one: Any, other: Any) -> bool:
    """Whether two packed values are the same to the letter: ``1``, ``1.0`` and ``true`` differ."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    return bool(one == other) if type(one) is str else _text(one) == _text(other)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def identical(one: Record, other: Record) -> bool:
    """Whether two records would be written to the same bytes (equal instants in two zones are not)."""
    return one is other or same(pack(as_table(one)), pack(as_table(other)))
