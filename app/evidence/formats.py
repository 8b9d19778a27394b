"""What an artifact holds, told from its beginning."""

import re

from app.evidence.alerts import ALERTS_JSON
from app.evidence.series import QUERY_RANGE

LINES = "lines"
ATTACHMENT = "attachment"
"""Kept, but without times: a runbook, a picture, a log that lost its stamps."""

_MATRIX = re.compile(rb'^\s*\{\s*"status"\s*:\s*"success".{0,4000}"resultType"\s*:\s*"matrix"', re.DOTALL)
_ALERTS = re.compile(rb'^\s*\[\s*\{.*"startsAt"', re.DOTALL)


def sniff(head: bytes) -> str:
    """The format of a file that begins with *head* (some kilobytes); ``lines`` unless it is another."""
    if _MATRIX.match(head) or (b'"resultType":"matrix"' in head[:4000] and head.lstrip()[:1] == b"{"):
        return QUERY_RANGE
    if _ALERTS.match(head) and b'"labels"' in head:
        return ALERTS_JSON
    if re.fullmatch(rb"\s*\[\s*\]\s*", head):
        return ALERTS_JSON
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ATTACHMENT
    return LINES
