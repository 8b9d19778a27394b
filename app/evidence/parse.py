"""Many lines of a log at once: the instant, the level and the object of each, as columns.

What a stamp means is said in :mod:`app.evidence.times` and nowhere else. Here the engine finds the stamps of a
whole piece of a log with one pattern; the few different minutes among them are read there, and every line in
which the pattern finds nothing is read there, too. So both ways give the same instant for every line.

The patterns keep to ASCII on purpose: they must not find what those over bytes would not find.
"""

from typing import TYPE_CHECKING

from app.evidence.levels import level_of, object_of, says_start
from app.evidence.times import EARLIEST, LATEST, SECOND, Clock, minute_of
from app.text import LINE_LIMIT, decode

if TYPE_CHECKING:
    import polars as pl

_BODY = (
    r"(([0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T _][0-9]{2}:[0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,9}))?"
    r"(?: ?(Z|z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?)([0-9])?"
)
_NO_WORD = r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]{0,3}"
_SPACE = r"[ \t\n\r\x0b\x0c]"
_PATTERNS = {
    "rfc3339": "^" + _NO_WORD + _BODY,
    "rfc3339 inside": r"^[\x00-\x09\x0b-\x2f\x3a-\x7f]{0,48}[ \t\r\x0b\x0c\[(<]" + _BODY,
    "access": r"\[(([0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}):([0-9]{2})() ([+-][0-9]{4}))\]()",
    "klog": r"^[IWEF](([0-9]{4} [0-9]{2}:[0-9]{2}):([0-9]{2})\.([0-9]{1,9}))()()",
    "syslog": r"^(?:<[0-9]{1,3}>)?(([A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?)()()",
    "value": "^" + _BODY,
}
"""Groups: the stamp, its minute, seconds, fraction, zone, and a digit behind the zone, which undoes it."""
_EPOCH = r"^[\[(]?([0-9]{10,19}(?:\.[0-9]{1,9})?)([0-9.])?"
_EPOCH_VALUE = r"^([0-9]{10,19}(?:\.[0-9]{1,9})?)$"
_VALUE = r'(?:"([^"]{2,40})"|([0-9]{10,19}(?:\.[0-9]{1,9})?))'
_LOGFMT = rf'(?:^|{_SPACE})(?:time|ts|timestamp|t|at)=(?:"([^"]{{2,40}})"|([^ \t\n\r\x0b\x0c]{{2,40}}))'
_HEAD = 56
"""Where a stamp at the beginning of a line ends, at the latest."""
_FAR = 2048
"""Where a stamp in the middle of a line is looked for; longer lines are left to the reader itself."""


def parsed(piece: bytes, clock: Clock | None, zone: str, form: str = "") -> "pl.DataFrame":
    """The lines of *piece* (joined by LF): ``at``, ``stamp``, ``zone``, ``level``, ``object``, ``start``, ``text``.

    ``at`` is in microseconds since 1970; it, ``stamp`` and ``zone`` are nothing in lines without a stamp of
    their own. ``zone`` is the one that the stamp names, else *zone*.
    """
    import polars as pl

    raw = pl.DataFrame({"raw": [piece.decode("utf-8", "replace")]}).select(
        pl.col("raw").str.split("\n").explode(empty_as_null=False)
    )
    times = _times(raw, piece, clock, zone)
    return raw.select(
        times["at"],
        times["stamp"],
        times["zone"],
        level_of(raw, piece).alias("level"),
        object_of(piece, form or (clock.style if clock else "")).alias("object"),
        says_start().alias("start"),
        _shown(raw["raw"], piece).alias("text"),
    ).with_columns(pl.col("start") & ~pl.col("level").is_in(["error", "fatal"]))


_SAFE = bytes(range(0x20, 0x7F)) + b"\n\t"
_UNSAFE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


def _shown(raw: "pl.Series", piece: bytes) -> "pl.Series":
    """The lines as :func:`app.text.decode` shows them; most are what they are."""
    import polars as pl

    frame = raw.to_frame("raw")
    odd = pl.col("raw").str.len_bytes() > LINE_LIMIT
    if not piece.isascii() or piece.translate(None, _SAFE):
        odd = odd | pl.col("raw").str.contains(_UNSAFE)
    where = frame.select(odd.arg_true()).to_series()
    if not len(where):
        return raw
    lines = piece.split(b"\n")
    return raw.scatter(where, pl.Series([decode(lines[at]) for at in where], dtype=pl.String))


def _times(raw: "pl.DataFrame", piece: bytes, clock: Clock | None, zone: str) -> "pl.DataFrame":
    import polars as pl

    if clock is None:
        columns = {"at": pl.Int64, "stamp": pl.String, "zone": pl.String}
        return raw.select(pl.repeat(None, pl.len(), dtype=kind).alias(name) for name, kind in columns.items())
    found = _found(raw, clock.styles[0], clock)
    missing = found.select(pl.col("at").is_null().arg_true()).to_series()
    if len(missing):
        lines = piece.split(b"\n")
        read, written = clock.read, clock.written
        at: list[int | None] = []
        stamps: list[str | None] = []
        zones: list[str | None] = []
        for number in missing:
            line = lines[number]
            instant = read(line)
            stamp, named = written(line) if instant is not None else (b"", b"")
            at.append(instant)
            stamps.append(decode(stamp) if instant is not None else None)
            zones.append(named.decode("ascii", "replace") if instant is not None else None)
        found = found.select(
            found["at"].scatter(missing, pl.Series(at, dtype=pl.Int64)),
            found["stamp"].scatter(missing, pl.Series(stamps, dtype=pl.String)),
            found["zone"].scatter(missing, pl.Series(zones, dtype=pl.String)),
        )
    unnamed = pl.when(pl.col("at").is_not_null() & (pl.col("zone").fill_null("") == ""))
    return found.with_columns(unnamed.then(pl.lit(zone)).otherwise(pl.col("zone")).alias("zone"))


def _found(raw: "pl.DataFrame", style: str, clock: Clock) -> "pl.DataFrame":
    """What the engine finds of *style*: nothing wherever it is not sure."""
    import polars as pl

    text = pl.col("raw")
    near = pl.when(text.str.len_bytes() <= _FAR).then(text)
    match style:
        case "rfc3339":
            return _prefixed(raw, clock)
        case "rfc3339 inside":
            return _stamps(raw, text.str.head(110), style, clock)
        case "klog" | "syslog":
            return _stamps(raw, text.str.head(40), style, clock)
        case "access":
            return _stamps(raw, near, style, clock)
        case "epoch":
            return _epochs(raw, text.str.head(32), _EPOCH, exact=True)
        case "json":
            field = rf'"{_escaped(clock.key)}"{_SPACE}*:{_SPACE}*{_VALUE}'
            holds = pl.when(text.str.contains("{", literal=True)).then(text)
            return _values(raw, holds, field, clock)
        case _:
            return _values(raw, near, _LOGFMT, clock)


def _prefixed(raw: "pl.DataFrame", clock: Clock) -> "pl.DataFrame":
    """Stamps at the beginning, or behind a prefix in brackets, which is tried first."""
    import polars as pl

    text = pl.col("raw")
    where = raw.select(text.str.starts_with("[").arg_true()).to_series()
    if not len(where):
        return _stamps(raw, text.str.head(_HEAD), "rfc3339", clock)
    # Without the prefix the pattern is one that the engine reads in a single pass.
    behind = text.str.find("]", literal=True)
    prefix = (
        behind.is_between(2, 254)
        & (text.str.find("] ", literal=True) == behind)
        & (text.str.len_bytes() == text.str.len_chars())
    )
    rest = raw[where].select(pl.when(prefix).then(text.str.slice(behind + 2, _HEAD)).alias("raw"))
    later = _stamps(rest, text, "rfc3339", clock)
    # A minute that does not exist is a stamp all the same: nothing else is looked for then.
    matched = rest.select(
        text.str.contains(_PATTERNS["rfc3339"]).fill_null(value=False).arg_true()
    ).to_series()
    if len(matched) == raw.height:
        return later
    plain = _stamps(raw, text.str.head(_HEAD), "rfc3339", clock)
    which = where.gather(matched)
    return plain.select(plain[name].scatter(which, later[name].gather(matched)) for name in plain.columns)


def _values(raw: "pl.DataFrame", where: "pl.Expr", field: str, clock: Clock) -> "pl.DataFrame":
    """Stamps that are the value of a field: written, or as a number."""
    import polars as pl

    both = raw.select(where.str.extract_groups(field).alias("found")).unnest("found")
    value = pl.coalesce(pl.col("1"), pl.col("2"))
    sure = (
        (value.str.len_bytes() >= 8)
        & (value.str.len_bytes() <= 40)
        & (value.str.len_bytes() == value.str.len_chars())
    )
    values = both.select(pl.when(sure).then(value).alias("raw"))
    iso = _stamps(values, pl.col("raw"), "value", clock)
    numbers = _epochs(values, pl.col("raw"), _EPOCH_VALUE, exact=False) if iso["at"].has_nulls() else None
    if numbers is None:
        return iso.with_columns(values["raw"].alias("stamp"))
    at = pl.coalesce(iso["at"], numbers["at"])
    joined = iso.select(at.alias("at"), pl.lit(values["raw"]).alias("stamp"), pl.col("zone"))
    return joined.with_columns(pl.when(pl.col("at").is_not_null()).then(pl.col("stamp")).alias("stamp"))


def _stamps(raw: "pl.DataFrame", where: "pl.Expr", style: str, clock: Clock) -> "pl.DataFrame":
    """Stamps with a date: the minutes among them are few, and read by :func:`app.evidence.times.minute_of`."""
    import polars as pl

    groups = raw.select(where.str.extract_groups(_PATTERNS[style]).alias("found")).unnest("found")
    named = pl.col("5").is_not_null() & (pl.col("5") != "")
    # A digit behind the zone: the reader says what that is.
    sure = pl.col("1").is_not_null() & ~(named & pl.col("6").is_not_null() & (pl.col("6") != ""))
    keys = groups.select(
        pl.when(sure).then(pl.concat_str("2", pl.lit("\n"), pl.col("5").fill_null(""))).alias("key"),
        pl.col("1").alias("stamp"),
        pl.col("3").cast(pl.Int64).alias("second"),
        pl.col("4").fill_null("").str.head(6).str.pad_end(6, "0").cast(pl.Int64).alias("fraction"),
        pl.when(named).then(pl.col("5")).alias("zone"),
    )
    minutes: dict[str, int] = {}
    for key in keys["key"].unique().drop_nulls():
        minute, _, zone = key.partition("\n")
        base = minute_of(style, minute.encode(), zone.encode() or None, clock.reading)
        if base is not None:
            minutes[key] = base
    at = pl.col("key").replace_strict(
        list(minutes), list(minutes.values()), default=None, return_dtype=pl.Int64
    )
    return keys.select(
        (at + pl.col("second") * SECOND + pl.col("fraction")).alias("at"), "stamp", "zone"
    ).with_columns(pl.when(pl.col("at").is_not_null()).then(pl.col("stamp", "zone")))


def _epochs(raw: "pl.DataFrame", where: "pl.Expr", pattern: str, *, exact: bool) -> "pl.DataFrame":
    """Seconds since 1970 in four units, told apart by their digits."""
    import polars as pl

    groups = raw.select(where.str.extract_groups(pattern).alias("found")).unnest("found")
    digits = pl.col("1")
    sure = pl.col("2").is_null() if exact else pl.lit(value=True)
    parts = groups.select(
        pl.when(sure).then(digits).alias("stamp"),
        digits.str.extract(r"^([0-9]+)", 1).cast(pl.Int64, strict=False).alias("whole"),
        digits.str.extract(r"^([0-9]+)", 1).str.len_bytes().alias("size"),
        digits.str.extract(r"\.([0-9]+)$", 1).alias("fraction"),
    )
    whole, size, fraction = pl.col("whole"), pl.col("size"), pl.col("fraction").fill_null("")
    plain = pl.col("fraction").is_null() if exact else pl.lit(value=True)
    told = (
        pl.when(size == 10)
        .then(whole * SECOND + fraction.str.head(6).str.pad_end(6, "0").cast(pl.Int64))
        .when((size == 13) & plain)
        .then(whole * 1000 + fraction.str.head(3).str.pad_end(3, "0").cast(pl.Int64))
        .when((size == 16) & plain)
        .then(whole)
        .when((size == 19) & plain)
        .then(whole // 1000)
    )
    at = pl.when(pl.col("stamp").is_not_null()).then(told)
    return (
        parts.select(at.alias("at"), "stamp", pl.lit(None, pl.String).alias("zone"))
        .with_columns(
            pl.when((pl.col("at") >= EARLIEST) & (pl.col("at") < LATEST)).then(pl.col("at")).alias("at")
        )
        .with_columns(pl.when(pl.col("at").is_not_null()).then(pl.col("stamp")).alias("stamp"))
    )


def _escaped(key: str) -> str:
    return "".join(character if character.isalnum() else rf"\{character}" for character in key)
