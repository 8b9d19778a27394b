"""The times of log lines: which of the usual stamps a log uses, and the instant of each line.

A :class:`Clock` is made once per artifact from its first lines, and reads the rest quickly: the lines of a
busy log share their minute, so most of a stamp is parsed once. Instants are whole microseconds since 1970.

Stamps: RFC 3339 and its relatives (nanoseconds, comma, space, slashes; after the prefix that ``kubectl logs
--prefix`` writes), access logs, klog, syslog, JSON lines, logfmt, and seconds since 1970 in four units.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

SECOND = 1_000_000
MINUTE = 60 * SECOND
EARLIEST = 946_684_800 * SECOND  # 2000-01-01
LATEST = 4_102_444_800 * SECOND  # 2100-01-01
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = {
    name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}

Read = Callable[[bytes], int | None]

_ZONE = rb"(Z|z|UTC|GMT|[+-]\d\d:?\d\d)?"
_ISO_BODY = rb"(\d{4}[-/]\d\d[-/]\d\d[T _]\d\d:\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?" + _ZONE + rb"(?![\d]))?"
_ISO = re.compile(rb"(?:\[[^\]]{1,253}\] )?[^0-9A-Za-z]{0,3}" + _ISO_BODY)
_ISO_LATER = re.compile(rb"[^\d\n]{0,48}[\s\[(<]" + _ISO_BODY)
_ISO_VALUE = re.compile(_ISO_BODY)
_ACCESS = re.compile(rb"\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d):(\d\d) ([+-]\d{4})\]")
_KLOG = re.compile(rb"[IWEF](\d{4} \d\d:\d\d):(\d\d)\.(\d{1,9})")
_SYSLOG = re.compile(rb"(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d):(\d\d)(?:\.(\d{1,9}))?")
_EPOCH_HEAD = re.compile(rb"[\[(]?(\d{19}|\d{16}|\d{13}|\d{10}(?:\.\d{1,9})?)(?![\d.])")
_JSON_KEYS = ("@timestamp", "timestamp", "time", "ts", "datetime", "date", "t", "created_at", "eventTime")
_LOGFMT = re.compile(rb'(?:^|\s)(?:time|ts|timestamp|t|at)=(?:"([^"]{8,40})"|(\S{8,40}))')
_WRITTEN = {
    "rfc3339": _ISO, "rfc3339 inside": _ISO_LATER, "access": _ACCESS, "klog": _KLOG, "syslog": _SYSLOG,
    "epoch": _EPOCH_HEAD,
}  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """How to read stamps that leave something out.

    *zone* is for stamps without one. *near* is an instant close to the log's, for stamps without a year.
    """

    zone: tzinfo = UTC
    near: datetime = _EPOCH


class Clock:
    """Reads the stamps of one log.

    *style* names what they look like; *zoneless* says whether they leave their zone out, *yearless* their
    year.
    """

    def __init__(
        self, styles: Sequence[tuple[str, Read]], *, zoneless: bool, key: str = "", reading: Reading
    ) -> None:
        self.styles = tuple(style for style, _ in styles)
        """The style of the log, and the one that lines are tried with which do not have it."""
        self.style = self.styles[0]
        self.zoneless = zoneless
        self.yearless = self.style in ("klog", "syslog")
        self.key = key
        """The field that carries the time, where lines are JSON."""
        self.reading = reading
        self._reads = tuple(read for _, read in styles)
        self.read: Read = self._reads[0] if len(self._reads) == 1 else _either(*self._reads)
        """Microseconds since 1970 of a line's stamp; nothing when it has none."""

    def written(self, line: bytes) -> tuple[bytes, bytes]:
        """The stamp of *line* as it is written there, and the zone that it names; empty where it has none."""
        for style, read in zip(self.styles, self._reads, strict=True):
            if read(line) is None:
                continue
            if style in ("json", "logfmt"):
                found = (_json_pattern(self.key) if style == "json" else _LOGFMT).search(line)
                value = (found[1] or found[2]) if found else b""
                iso = _ISO_VALUE.match(value)
                return value, (iso and iso[4]) or b""
            found = _WRITTEN[style].search(line)
            if found is None:
                continue
            stamp = line[found.start(1) : found.end()].rstrip(b"] ")
            if style == "access":
                return stamp, found[3]
            return stamp, (found[4] or b"") if style.startswith("rfc3339") else b""
        return b"", b""


def clock_for(sample: Sequence[bytes], reading: Reading) -> Clock | None:
    """The clock that fits the first lines of a log; nothing when they show no stamps.

    A few lines without one are normal (stack traces, banners). A single date in a long text is not a log.
    """
    lines = [line for line in sample if line.strip()]
    scored: list[tuple[int, int, str, Read]] = []
    for order, (style, make) in enumerate(_styles(lines).items()):
        read = make(reading)
        hits = sum(_plausible(read(line)) for line in lines)
        if hits:
            scored.append((-hits, order, style, read))
    if not scored:
        return None
    scored.sort(key=lambda entry: entry[:2])
    best, _, style, read = scored[0]
    if -best * 20 < len(lines):
        return None
    zoneless = any(_is_zoneless(style, line) for line in lines[:50] if read(line) is not None)
    tried = [(name, reader) for _, _, name, reader in scored[:2]]
    return Clock(tried, zoneless=zoneless, key=_json_key(lines), reading=reading)


def moment(microseconds: int) -> datetime:
    """The instant as an aware datetime in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(at: datetime) -> int:
    """The instant as whole microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def parse_instant(text: str, reading: Reading | None = None) -> datetime | None:
    """A single written instant (a JSON field, say) in any of the forms with a date; nothing if it is none."""
    at = _value_reader(reading or Reading())(text.strip().encode("utf-8", "replace"))
    return moment(at) if at is not None and _plausible(at) else None


def _either(first: Read, second: Read) -> Read:
    def read(line: bytes) -> int | None:
        at = first(line)
        return second(line) if at is None else at

    return read


def _plausible(at: int | None) -> bool:
    return at is not None and EARLIEST <= at < LATEST


def _styles(lines: Sequence[bytes]) -> dict[str, Callable[[Reading], Read]]:
    """The styles to try, the most telling first."""
    styles: dict[str, Callable[[Reading], Read]] = {
        "rfc3339": lambda reading: _iso_reader(_ISO, reading),
        "access": lambda _reading: _access_reader(),
        "klog": lambda reading: _yearless_reader(_KLOG, _klog_minute, reading),
        "syslog": lambda reading: _yearless_reader(_SYSLOG, _syslog_minute, reading),
    }
    key = _json_key(lines)
    if key:
        styles["json"] = lambda reading: _json_reader(key, reading)
    styles["logfmt"] = _logfmt_reader
    styles["epoch"] = lambda _reading: _epoch_reader()
    styles["rfc3339 inside"] = lambda reading: _iso_reader(_ISO_LATER, reading)
    return styles


def _is_zoneless(style: str, line: bytes) -> bool:
    if style in ("klog", "syslog"):
        return True
    if style in ("access", "epoch"):
        return False
    pattern = _ISO if style == "rfc3339" else _ISO_LATER if style == "rfc3339 inside" else None
    found = pattern.match(line) if pattern else _ISO_VALUE.search(line)
    return bool(found and not found[4])


def _fraction(digits: bytes | None) -> int:
    """Microseconds of a fraction; more digits than six are dropped, never rounded up into the next second."""
    if not digits:
        return 0
    return int(digits[:6]) if len(digits) >= 6 else int(digits) * 10 ** (6 - len(digits))


def minute_of(style: str, minute: bytes, zone: bytes | None, reading: Reading) -> int | None:
    """The instant at which a written *minute* begins; nothing when there is no such minute.

    *minute* is what a stamp of *style* has before its seconds, *zone* what it has behind them.
    """
    match style:
        case "access":
            return _access_minute(minute, zone)
        case "klog":
            return _closest(_klog_minute, minute, reading)
        case "syslog":
            return _closest(_syslog_minute, minute, reading)
        case _:
            return _iso_minute(minute, zone, reading)


def _access_minute(minute: bytes, zone: bytes | None) -> int | None:
    month = b"%02d" % _MONTHS.get(minute[3:6], 0)
    return _iso_minute(minute[7:11] + b"-" + month + b"-" + minute[:2] + b"T" + minute[12:], zone, Reading())


def _closest(
    numbers: Callable[[bytes], tuple[int, int, int, int]], stamp: bytes, reading: Reading
) -> int | None:
    """Of three years, the one that puts a stamp without year closest to the window."""
    month, day, hour, minute = numbers(stamp)
    candidates: list[datetime] = []
    for year in (reading.near.year - 1, reading.near.year, reading.near.year + 1):
        try:
            candidates.append(datetime(year, month, day, hour, minute, tzinfo=reading.zone))
        except ValueError:
            continue
    if not candidates:
        return None
    return microseconds(min(candidates, key=lambda at: abs(at - reading.near)).astimezone(UTC))


def _iso_minute(minute: bytes, zone: bytes | None, reading: Reading) -> int | None:
    try:
        year, month, day, hour, minutes = (int(part) for part in re.split(rb"\D", minute))
        local = datetime(year, month, day, hour, minutes, tzinfo=UTC if zone else reading.zone)
    except ValueError:
        return None
    at = microseconds(local.astimezone(UTC))
    if zone is None:
        return at
    if zone[:1] in b"+-":
        digits = zone.replace(b":", b"")
        offset = (int(digits[1:3]) * 60 + int(digits[3:5])) * MINUTE
        at += -offset if digits[:1] == b"+" else offset
    return at


def _iso_reader(pattern: re.Pattern[bytes], reading: Reading) -> Read:
    match = pattern.match
    known: tuple[bytes, bytes | None] = (b"", None)
    base: int | None = None

    def read(line: bytes) -> int | None:
        nonlocal known, base
        found = match(line)
        if found is None:
            return None
        minute, second, fraction, zone = found.groups()
        if (minute, zone) != known:
            known, base = (minute, zone), _iso_minute(minute, zone, reading)
        if base is None:
            return None
        return base + int(second) * SECOND + _fraction(fraction)

    return read


def _access_reader() -> Read:
    search = _ACCESS.search
    known = (b"", b"")
    base: int | None = None

    def read(line: bytes) -> int | None:
        nonlocal known, base
        found = search(line, 0, 2048)
        if found is None:
            return None
        minute, second, zone = found.groups()
        if (minute, zone) != known:
            known, base = (minute, zone), _access_minute(minute, zone)
        return None if base is None else base + int(second) * SECOND

    return read


def _klog_minute(stamp: bytes) -> tuple[int, int, int, int]:
    return int(stamp[:2]), int(stamp[2:4]), int(stamp[5:7]), int(stamp[8:10])


def _syslog_minute(stamp: bytes) -> tuple[int, int, int, int]:
    return _MONTHS.get(stamp[:3], 0), int(stamp[4:6]), int(stamp[7:9]), int(stamp[10:12])


def _yearless_reader(
    pattern: re.Pattern[bytes], numbers: Callable[[bytes], tuple[int, int, int, int]], reading: Reading
) -> Read:
    match = pattern.match
    known = b""
    base: int | None = None

    def read(line: bytes) -> int | None:
        nonlocal known, base
        found = match(line)
        if found is None:
            return None
        stamp, second, fraction = found.groups()
        if stamp != known:
            known, base = stamp, _closest(numbers, stamp, reading)
        return None if base is None else base + int(second) * SECOND + _fraction(fraction)

    return read


def _from_epoch(digits: bytes) -> int | None:
    """The unit of seconds since 1970 shows in how many digits there are."""
    whole, _, fraction = digits.partition(b".")
    at = int(whole)
    match len(whole):
        case 10:
            at = at * SECOND + _fraction(fraction)
        case 13:
            at = at * 1000 + int(fraction[:3].ljust(3, b"0") or b"0") if fraction else at * 1000
        case 16:
            pass
        case 19:
            at //= 1000
        case _:
            return None
    return at if _plausible(at) else None


def _epoch_reader() -> Read:
    def read(line: bytes) -> int | None:
        found = _EPOCH_HEAD.match(line)
        return _from_epoch(found[1]) if found else None

    return read


def _value_reader(reading: Reading) -> Read:
    iso = _iso_reader(_ISO_VALUE, reading)

    def read(value: bytes) -> int | None:
        at = iso(value)
        if at is None and re.fullmatch(rb"\d{10,19}(?:\.\d{1,9})?", value):
            return _from_epoch(value)
        return at

    return read


def _json_key(lines: Sequence[bytes]) -> str:
    """The field that carries the time in JSON lines; empty when there is none."""
    read = _value_reader(Reading())
    for line in lines:
        start = line.find(b"{")
        if start < 0:
            continue
        try:
            record = json.loads(line[start:])
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            for key in _JSON_KEYS:
                value = record.get(key)
                if (
                    isinstance(value, str | int | float)
                    and read(str(value).encode("utf-8", "replace")) is not None
                ):
                    return key
    return ""


@cache
def _json_pattern(key: str) -> re.Pattern[bytes]:
    return re.compile(
        rb'"' + re.escape(key.encode()) + rb'"\s*:\s*(?:"([^"]{8,40})"|(\d{10,19}(?:\.\d{1,9})?))'
    )


def _json_reader(key: str, reading: Reading) -> Read:
    # Searching for the field costs a fifth of parsing the whole line.
    search = _json_pattern(key).search
    value = _value_reader(reading)

    def read(line: bytes) -> int | None:
        if b"{" not in line:
            return None
        found = search(line)
        return value(found[1] or found[2]) if found else None

    return read


def _logfmt_reader(reading: Reading) -> Read:
    value = _value_reader(reading)

    def read(line: bytes) -> int | None:
        found = _LOGFMT.search(line, 0, 2048)
        return value(found[1] or found[2]) if found else None

    return read
