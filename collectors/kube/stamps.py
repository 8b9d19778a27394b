"""The times that a cluster writes: in front of log lines, and in the fields of its objects."""

import re
from datetime import UTC, datetime, timedelta

from app.evidence.times import parse_instant

_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)(?= |$)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def line_ns(line: bytes) -> int | None:
    """Nanoseconds since 1970 of the stamp that ``timestamps=true`` puts before a line; nothing without one."""
    found = _STAMP.match(line)
    if found is None:
        return None
    zone = b"+00:00" if found[3] == b"Z" else found[3]
    try:
        whole = datetime.fromisoformat((found[1] + zone).decode())
    except ValueError:
        return None
    return (whole - _EPOCH) // timedelta(seconds=1) * 10**9 + int((found[2] or b"0").ljust(9, b"0"))


def to_ns(at: datetime) -> int:
    """*at* in nanoseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


def from_ns(ns: int) -> datetime:
    """The instant, cut to microseconds."""
    return _EPOCH + timedelta(microseconds=ns // 1000)


def instant(value: object) -> datetime | None:
    """The time in a field of an object; nothing when the field is empty or holds no time."""
    return parse_instant(value) if isinstance(value, str) and value else None


def written(at: datetime) -> str:
    """*at* as ``sinceTime`` takes it: whole seconds, which is all that it is exact to."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
