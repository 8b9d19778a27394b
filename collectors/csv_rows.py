"""Tables as logs: each row of a CSV becomes a line of JSON, with the columns that a log has under their known names.

Which column is which is said in the source's settings, or guessed from the header where that is clear. Where it is
not, nothing is guessed: :attr:`Table.problem` asks, with the columns that there are.
"""

import codecs
import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import chain, islice
from typing import Any

from app.evidence.lines import Lines
from app.evidence.times import parse_instant
from app.text import cut, one_line

ROLES = ("time", "message", "level", "object")
_SAMPLE = 50
_DELIMITERS = (",", ";", "\t", "|")
_TIMES = (
    {"@timestamp", "timestamp", "time", "ts", "_time", "datetime", "eventtime"},
    {"date", "when", "logtime", "createdat", "created", "occurredat", "starttime", "startedat", "timelocal"},
)
"""Names of columns that hold the time; the first set is believed before the second."""
_KNOWN = {
    "message": ("message", "msg", "text", "summary", "log", "_raw", "description", "event", "body", "title"),
    "level": ("level", "severity", "loglevel", "log.level", "priority"),
    "object": ("object", "resource", "service", "pod", "host", "hostname", "instance", "component", "logger"),
}
_NO_SECONDS = re.compile(r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d")
_MONTH_FIRST = (
    "%b %d, %Y @ %H:%M:%S.%f",
    "%b %d, %Y @ %H:%M:%S",
    "%b %d, %Y %H:%M:%S",
    "%d/%b/%Y:%H:%M:%S %z",
)
"""Forms that name the month (Kibana's, an access log's): the order of day and month cannot be mistaken."""


def is_table(name: str, read_as: str) -> bool:
    """Whether a file called *name* is to be read as a table."""
    return read_as == "csv" or (not read_as and name.lower().endswith((".csv", ".tsv")))


def check_columns(columns: Any) -> str:
    """One sentence on what is wrong with the setting that names the columns."""
    if columns in (None, "", {}):
        return ""
    if not isinstance(columns, Mapping):
        return "Columns are written as “time = When”, one a line: correct them."
    for role in columns:
        if role not in ROLES:
            return f"“{one_line(str(role))}” is no column that is known: use {', '.join(ROLES)}."
    return "" if columns.get("time") else "Say which column holds the time, as in “time = When”."


@dataclass(frozen=True)
class _Layout:
    """Which columns (by number) hold what; *written* makes a time of them, or nothing."""

    names: tuple[str, ...]
    time: tuple[int, ...]
    roles: Mapping[str, int]
    written: Callable[[str], str | None]

    def line(self, row: Sequence[str]) -> bytes | None:
        """*row* as a line; nothing when it has no time."""
        at = self.written(" ".join(row[place] for place in self.time if place < len(row)).strip())
        if at is None:
            return None
        taken = {*self.time, *self.roles.values()}
        record: dict[str, str] = {"@timestamp": at}
        for role in ("level", "object", "message"):
            place = self.roles.get(role)
            if place is not None and place < len(row) and row[place]:
                record[role] = row[place]
        others = {
            self.names[place] if place < len(self.names) else f"column {place + 1}": cell
            for place, cell in enumerate(row)
            if cell and place not in taken
        }
        if "message" not in record:
            record["message"] = " ".join(f"{name}={cell}" for name, cell in others.items())
        else:
            record |= {name: cell for name, cell in others.items() if name not in record}
        return json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


class Table:
    """Reads one table. Once it was read: *problem* is one sentence where it could not be, else empty.

    *rows* were read, *skipped* had no time or were broken.
    """

    def __init__(self, name: str, columns: Mapping[str, Any], time_format: str) -> None:
        self.problem = ""
        self.rows = self.skipped = 0
        self._name = name
        self._columns = {str(role): str(column) for role, column in columns.items()}
        self._format = time_format

    def lines(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The rows as JSON lines; everything of *blocks* is taken, whatever it holds."""
        texts = _texts(blocks)
        first = next(texts, "")
        if first.lower().startswith("sep="):
            first = next(texts, "")
        delimiter = max(_DELIMITERS, key=first.count)
        rows = self._rows(csv.reader(chain([first], texts), delimiter=delimiter))
        header = tuple(one_line(cell).strip() for cell in next(rows, ()))
        sample = list(islice(rows, _SAMPLE))
        layout = self._layout(header, sample)
        for row in chain(sample, rows):
            line = layout.line(row) if layout else None
            if line is None:
                self.skipped += bool(layout)
            else:
                self.rows += 1
                yield line

    def _rows(self, reader: Iterator[list[str]]) -> Iterator[list[str]]:
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                # A quote that is never closed swallows lines up to the reader's own limit, and no further.
                self.skipped += 1
                continue
            if any(row):
                yield row

    def _layout(self, header: tuple[str, ...], sample: list[list[str]]) -> _Layout | None:
        if not any(header):
            self.problem = f"{self._name} has no rows."
            return None
        time = self._time(header)
        if not time:
            return None
        written = _formatted(self._format) if self._format else _written
        values = [" ".join(row[place] for place in time if place < len(row)).strip() for row in sample]
        known = [value for value in values if value]
        if known and sum(written(value) is not None for value in known) * 5 < len(known) * 4:
            fits = "does not fit" if self._format else "is needed:"
            example = " time_format = %d.%m.%Y %H:%M:%S, for instance" if not self._format else ""
            self.problem = (
                f"{self._name} writes times like “{cut(known[0], 40)}”: the format of times {fits}{example}."
            )
            return None
        return _Layout(header, time, self._others(header, time), written)

    def _time(self, header: tuple[str, ...]) -> tuple[int, ...]:
        there = f"Its columns are {cut(', '.join(header), 300)}."
        named = self._columns.get("time", "")
        if named:
            wanted = [named] if named in header else [part.strip() for part in named.split(" + ")]
            missing = [part for part in wanted if part not in header]
            if missing:
                self.problem = f"{self._name} has no column “{one_line(missing[0])}”: correct it. {there}"
                return ()
            return tuple(header.index(part) for part in wanted)
        plain = [_plain(cell) for cell in header]
        if "date" in plain and "time" in plain:
            return plain.index("date"), plain.index("time")
        for names in _TIMES:
            found = [place for place, cell in enumerate(plain) if cell in names]
            if len(found) == 1:
                return (found[0],)
            if found:
                break
        self.problem = f"Say which column of {self._name} holds the time: columns = time = NAME. {there}"
        return ()

    def _others(self, header: tuple[str, ...], time: tuple[int, ...]) -> dict[str, int]:
        """Where the message, the level and the object are; what is not there is no question."""
        roles: dict[str, int] = {}
        plain = [_plain(cell) for cell in header]
        for role, names in _KNOWN.items():
            if self._columns.get(role) in header:
                roles[role] = header.index(self._columns[role])
                continue
            place = next((plain.index(name) for name in names if name in plain), None)
            if place is not None and place not in time and role not in self._columns:
                roles[role] = place
        return roles


def _plain(cell: str) -> str:
    return re.sub(r"[\s_-]+", "", cell.lower()) if not cell.startswith("_") else cell.lower()


def _texts(blocks: Iterator[bytes]) -> Iterator[str]:
    """Lines of text, each cut at 64 KiB; spreadsheets write UTF-16, and a mark at the beginning."""
    lines = Lines()
    first = True
    for block in _as_utf8(blocks):
        for raw in lines.feed(block):
            text = raw.decode("utf-8", "replace").replace("\0", "")
            yield (text.removeprefix("\ufeff") if first else text) + "\n"
            first = False
    for raw in lines.finish():
        text = raw.decode("utf-8", "replace").replace("\0", "")
        yield text.removeprefix("\ufeff") if first else text


def _as_utf8(blocks: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for block in blocks:
        head += block
        if len(head) >= 2:
            break
    whole = chain([head], blocks)
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield from whole
        return
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    for block in whole:
        yield decoder.decode(block).encode("utf-8", "replace")


def _formatted(pattern: str) -> Callable[[str], str | None]:
    def written(value: str) -> str | None:
        try:
            # Without a zone on purpose: the source is asked for it like any other.
            return datetime.strptime(value, pattern).isoformat(timespec="microseconds")  # noqa: DTZ007
        except (ValueError, re.error):
            return None

    return written


def _written(value: str) -> str | None:
    """*value* in a form that the reader of times knows; nothing when its meaning could be mistaken."""
    if parse_instant(value):
        return value
    if _NO_SECONDS.fullmatch(value):
        return f"{value}:00"
    for pattern in _MONTH_FIRST:
        if found := _formatted(pattern)(value):
            return found
    try:
        return parsedate_to_datetime(value).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
