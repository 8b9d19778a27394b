"""What a log line says, without what is known besides: its stamp, its pod, its level, its client."""

import json
import re

_PREFIX = re.compile(
    r"^(?:\[pod/[^\]]{1,253}\] )?"
    r"(?:<\d{1,3}>)?[\[(]?"
    r"(?:\d{4}[-/]\d\d[-/]\d\d[T _]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?"
    r"|[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{1,9}"
    r"|\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19})"
    r"[\])]?[\s|:,-]*"
)
_LEVEL = re.compile(
    r"^[\[(]?(?:trace|debug|info|notice|warn|warning|error|err|crit|critical|alert|emerg|fatal|panic)[\])]?[\s|:-]+",
    re.IGNORECASE,
)
_LOGFMT = re.compile(r'(?:^|\s)(?:msg|message)=(?:"((?:[^"\\]|\\.)*)"|(\S+))\s*')
_LOGFMT_KNOWN = re.compile(r'(?:^|\s)(?:time|ts|timestamp|t|at|level|lvl|severity)=(?:"[^"]*"|\S+)')
_ACCESS = re.compile(r'"([A-Z]{3,10} \S+) HTTP/[\d.]+" (\d{3}) ')


def message(text: str) -> str:
    """The gist of a log line; the whole line where nothing is recognised."""
    if '" ' in text and (access := _ACCESS.search(text)):
        return f"{access[1]} {access[2]}"
    rest = _PREFIX.sub("", text, count=1)
    if rest.startswith("{"):
        return _from_json(rest) or text
    if found := _LOGFMT.search(rest):
        others = _LOGFMT_KNOWN.sub("", rest[: found.start()] + " " + rest[found.end() :]).strip()
        said = (found[1] or found[2] or "").replace('\\"', '"')
        return f"{said} {others}".strip()
    return _LEVEL.sub("", rest, count=1).strip() or text


def _from_json(text: str) -> str:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    for key in ("msg", "message", "summary", "event", "log"):
        value = record.get(key) if isinstance(record, dict) else None
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""
