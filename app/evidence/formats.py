"""What an artifact holds, told from its beginning."""

import re

from app.evidence.alerts import ALERTS_JSON
from app.evidence.series import QUERY_RANGE

LINES = "lines"
ATTACHMENT = "attachment"
"""Kept, but without times: a runbook, a picture, a log that lost its stamps."""

_MATRIX = re.compile(rb'^\s*\{\s*"status"\s*:\s*"success".{0,4000}"resultType"\s*:\s*"matrix"', re.DOTALL)
_ALERTS = re.compile(rb'^\s*\[\s*\{.*"startsAt"', re.DOTALL)


_WEBHOOK = re.compile(rb'^\s*[\[{].*"alerts"\s*:\s*\[.*"startsAt"', re.DOTALL)
_RECORDER = re.compile(
    rb'^\s*\{[^\n]*"data"\s*:\s*\{\s*"(?:alert|alertmanager|silence|inhibition|notification)[A-Za-z]*"'
)
_DOCUMENT = re.compile(
    r".+\.(?:md|markdown|rst|adoc|org|x?html?|pdf|docx?|odt|rtf|pptx?|odp|xlsx?|ods|drawio|vsdx|key|png|jpe?g|gif|webp"
    r"|svg|bmp|heic|mp4|mov|eml|msg|ics|ipynb|tex)",
    re.IGNORECASE,
)


def is_document(name: str) -> bool:
    """Whether a file called *name* is something people wrote or drew, whatever dates stand in it."""
    return _DOCUMENT.fullmatch(name) is not None


def sniff(head: bytes) -> str:
    """The format of a file that begins with *head* (some kilobytes); ``lines`` unless it is another."""
    if _MATRIX.match(head) or (b'"resultType":"matrix"' in head[:4000] and head.lstrip()[:1] == b"{"):
        return QUERY_RANGE
    if _ALERTS.match(head) and b'"labels"' in head:
        return ALERTS_JSON
    if b'"startsAt"' in head and (b'"groupKey"' in head or b'"receiver"' in head) and _WEBHOOK.match(head):
        return ALERTS_JSON
    if b'"@timestamp"' in head[:4000] and _RECORDER.match(head):
        return ALERTS_JSON
    if re.fullmatch(rb"\s*\[\s*\]\s*", head):
        return ALERTS_JSON
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ATTACHMENT
    return LINES
