"""How serious a log line says it is, and what it is about: columns over many lines at once.

Levels are ``error``, ``fatal``, ``warn``, ``info``, ``debug``, or nothing. Declared facts only: a level field,
a level word in capitals or brackets, klog's letter, the status of an access log. The word “error” somewhere in
a sentence says nothing.
"""

from typing import TYPE_CHECKING

from app.evidence.facts import FACTS

if TYPE_CHECKING:
    import polars as pl

_WORDS = {
    "trace": "debug", "debug": "debug", "verbose": "debug", "fine": "debug",
    "info": "info", "information": "info", "notice": "info", "log": "info",
    "warn": "warn", "warning": "warn",
    "error": "error", "err": "error", "severe": "error",
    "fatal": "fatal", "crit": "fatal", "critical": "fatal", "alert": "fatal", "emerg": "fatal",
    "emergency": "fatal", "panic": "fatal", "dpanic": "fatal",
    # klog's letter
    "i": "info", "w": "warn", "e": "error", "f": "fatal",
    # pino and bunyan write numbers into JSON
    "10": "debug", "20": "debug", "30": "info", "40": "warn", "50": "error", "60": "fatal",
}  # fmt: skip
_STATUSES = {"1": "info", "2": "info", "3": "info", "4": "info", "5": "error"}
_SPACE = r"[ \t\n\r\x0b\x0c]"
_STATUS = r'HTTP/[0-9.]+" ([1-5])[0-9][0-9] '
_NUMBER = r'"level": ?([1-6]0)(?:[^0-9A-Za-z_]|$)'
_FIELD = (
    r"""(?:^|["{,.]|[ \t\n\r\x0b\x0c])(?:log\.level|level|levelname|severity|lvl|LEVEL|SEVERITY|Level|Severity)"?"""
    + rf'{_SPACE}*[=:]{_SPACE}*"?([A-Za-z]{{3,11}})(?:[^0-9A-Za-z_]|$)'
)
_FIELD_HINTS = (b"evel", b"everity", b"lvl", b"LEVEL", b"SEVERITY")
_WORD = (
    r"(?:^|[^0-9A-Za-z_.-])(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|SEVERE|FATAL|CRIT(?:ICAL)?|EMERG|PANIC)"
    r"(?:[^0-9A-Za-z_-]|$)|\[(trace|debug|info|notice|warn|warning|error|crit|alert|emerg|fatal)\]"
)
_KLOG = r"(?:^|Z )([IWEF])[01][0-9][0-3][0-9] [0-2][0-9]:[0-9][0-9]:[0-9][0-9]\."
_PANIC = r"(?:^|[ \t\n\r\x0b\x0cZ])(?:panic: |Traceback \(most recent call last\)|Exception in thread )"
_HEAD = 400
"""A level stands near the beginning of a line; looking further only finds words."""
_FAR = 4096

_START_HINT = r"tart|isten|oot|ready|serving"
_START = (
    r"(?i)\b(?:start(?:ing|ed) (?:up\b|server|service|application|container|process|worker|\S+ v?[0-9]+\.)"
    r"|(?:server|service|application|process|container)(?: \S+)? (?:has )?started\b"
    r"|started \S+ in [0-9.]+ ?(?:s|ms|seconds)\b|listening (?:on|at)\b|booting\b|now serving\b"
    r"|ready to accept connections|ready for start up)"
)

_POD = r"^\[(pod/[^\]]{1,253})\] "
_HOST = r"^(?:<[0-9]{1,3}>)?[A-Z][a-z]{2} [ 0-9][0-9] [0-9:.]{8,18} ([0-9A-Za-z._:-]{1,253}) "
_OBJECT = (
    r'(?:^|[{, "])(?:pod|pod_name|kubernetes\.pod_name|container|host|hostname|service|service\.name|app|object)"?'
    r'[=:] ?(?:"((?:[^"\\]|\\.){1,200})"|([^ ",{}\[\]]{1,200}))'
)
_DECLARED = r'"object": "((?:[^"\\]|\\.){1,400})"(?:, "(?:url|ref|key|notable)"|\})'


def level(line: bytes) -> str:
    """The level that one line declares; empty when it declares none."""
    import polars as pl

    frame = pl.DataFrame({"raw": [line.decode("utf-8", "replace")]})
    return str(level_of(frame, line)[0])


def level_of(raw: "pl.DataFrame", piece: bytes) -> "pl.Series":
    """The levels of the lines in the column ``raw``; *piece* are the same lines as bytes."""
    import polars as pl

    found = pl.Series("level", [""], dtype=pl.String).new_from_index(0, raw.height)
    rest = raw.select(pl.int_range(pl.len()).alias("at"), pl.col("raw").str.head(_HEAD).alias("head"))

    def take(text: "pl.Expr", pattern: str, known: dict[str, str]) -> None:
        nonlocal found, rest
        names = list(known)
        groups = text.str.extract_groups(pattern).struct
        value = (
            groups.field("1") if pattern is not _WORD else pl.coalesce(groups.field("1"), groups.field("2"))
        )
        told = value.str.to_lowercase().replace_strict(
            names, [known[name] for name in names], default=None, return_dtype=pl.String
        )
        rest = rest.with_columns(told.alias("told"))
        hits = rest.filter(pl.col("told").is_not_null())
        if hits.height:
            found = (
                hits["told"].alias("level")
                if hits.height == raw.height
                else found.scatter(hits["at"], hits["told"])
            )
            rest = rest.filter(pl.col("told").is_null())

    if b"HTTP/" in piece:
        rest = rest.with_columns(raw["raw"].str.head(_FAR).alias("far"))
        take(pl.col("far"), _STATUS, _STATUSES)
    if b'"level":' in piece:
        take(pl.col("head"), _NUMBER, _WORDS)
    for pattern in (_FIELD, _WORD, _KLOG):
        if rest.height and (pattern is not _FIELD or any(hint in piece for hint in _FIELD_HINTS)):
            take(pl.col("head"), pattern, _WORDS)
    if rest.height:
        panics = rest.filter(pl.col("head").str.contains(_PANIC))["at"]
        if len(panics):
            found = found.scatter(panics, "fatal")
    return found


def says_start() -> "pl.Expr":
    """Whether the line ``raw`` says that a process or container started."""
    import polars as pl

    return pl.col("raw").str.contains(_START)


def object_of(piece: bytes, style: str) -> "pl.Expr":
    """What the line ``raw`` says that it is about: a pod, a host, a service; empty where it says nothing."""
    import polars as pl

    text = pl.col("raw")
    if b"[pod/" in piece:
        return text.str.extract(_POD, 1).fill_null("")
    if style == "syslog":
        return text.str.head(300).str.extract(_HOST, 1).fill_null("")
    if style == FACTS:
        declared = text.str.extract(_DECLARED, 1).fill_null("")
        return declared.str.replace_all(r'\\(["\\/])', "$1")
    if style in ("json", "logfmt"):
        found = text.str.head(1000).str.extract_groups(_OBJECT).struct
        return pl.coalesce(found.field("1"), found.field("2")).fill_null("")
    return pl.lit("")
