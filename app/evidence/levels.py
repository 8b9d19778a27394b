"""How serious a log line says it is: ``error``, ``fatal``, ``warn``, ``info``, ``debug``, or nothing.

Declared facts only: a level field, a level word in capitals or brackets, klog's letter, the status of an
access log. The word “error” somewhere in a sentence says nothing.
"""

import re

_WORDS = {
    "trace": "debug", "debug": "debug", "verbose": "debug", "fine": "debug",
    "info": "info", "information": "info", "notice": "info", "log": "info",
    "warn": "warn", "warning": "warn",
    "error": "error", "err": "error", "severe": "error",
    "fatal": "fatal", "crit": "fatal", "critical": "fatal", "alert": "fatal", "emerg": "fatal",
    "emergency": "fatal", "panic": "fatal", "dpanic": "fatal",
    # pino and bunyan write numbers into JSON
    "10": "debug", "20": "debug", "30": "info", "40": "warn", "50": "error", "60": "fatal",
}  # fmt: skip
_FIELD = re.compile(
    rb"""(?:^|["\s,{.])(?:log\.level|level|levelname|severity|lvl)"?\s*[=:]\s*"?([A-Za-z]{3,11})\b""",
    re.IGNORECASE,
)
_NUMBER = re.compile(rb'"level": ?([1-6]0)\b')
_STATUS = re.compile(rb'HTTP/[\d.]+" ([1-5])\d\d ')
_WORD = re.compile(
    rb"(?<![\w.-])(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|SEVERE|FATAL|CRIT(?:ICAL)?|EMERG|PANIC)(?![\w-])"
    rb"|\[(?:trace|debug|info|notice|warn|warning|error|crit|alert|emerg|fatal)\]"
)
_KLOG = re.compile(rb"(?:^|Z )([IWEF])[01]\d[0-3]\d [0-2]\d:\d\d:\d\d\.")
_KLOG_WORDS = {b"I": "info", b"W": "warn", b"E": "error", b"F": "fatal"}
_PANIC = re.compile(rb"(?:^|[\sZ])(?:panic: |Traceback \(most recent call last\)|Exception in thread )")
_HINTS = (
    b'" 5', b"err", b"atal", b"crit", b"anic", b"merg", b"evere", b"raceback", b"xception in", b"alert",
    b'evel":50', b'evel":60', b'evel": 50', b'evel": 60', b"z e0", b"z e1", b"z f0", b"z f1",
    b"\ne0", b"\ne1", b"\nf0", b"\nf1",
)  # fmt: skip
_HEAD = 400
"""A level stands near the beginning of a line; looking further only finds words."""


def level(line: bytes) -> str:
    """The level that *line* declares; empty when it declares none."""
    head = line[:_HEAD]
    if b"HTTP/" in line and (status := _STATUS.search(line[:4096])):
        return "error" if status[1] == b"5" else "info"
    if (number := _NUMBER.search(head)) is not None:
        return _WORDS[number[1].decode()]
    if (found := _FIELD.search(head)) and (word := _WORDS.get(found[1].decode().lower())):
        return word
    if found := _WORD.search(head):
        return _WORDS[found[0].strip(b"[]").decode().lower()]
    if found := _KLOG.search(head):
        return _KLOG_WORDS[found[1]]
    return "fatal" if _PANIC.search(head) else ""


def hints_in(batch: bytes) -> tuple[bytes, ...]:
    """The hints of an error that occur anywhere in many lines; usually none, or the one that this log uses.

    Searching a block for twenty words costs less than searching each of its lines for one.
    """
    lowered = b"\n" + batch.lower()
    return tuple([hint for hint in _HINTS if hint in lowered])


def is_error(line: bytes, hints: tuple[bytes, ...] = _HINTS) -> bool:
    """Whether *line* declares an error; *hints* are those that its block has."""
    lowered = b"\n" + line.lower()
    for hint in hints:
        if hint in lowered:
            return level(line) in ("error", "fatal")
    return False
