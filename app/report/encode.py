"""The gate out of the program: one encoder per output format.

Markdown is :mod:`app.markdown` (tickets need it too), HTML is Jinja2's autoescape, iCalendar is the
icalendar package. CSV and JSON are here. Every encoder takes any text and gives that text back to a reader
of its format, and nothing that runs.
"""

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from app.markdown import cell, code, inline, link, quiet, safe_url
from app.review.plain import visible
from app.text import csv_cell

__all__ = ["cell", "code", "csv_cell", "csv_table", "inline", "json_text", "link", "quiet", "safe_url"]


def csv_table(rows: Iterable[Iterable[str]]) -> str:
    """Rows as CSV by RFC 4180: CRLF line ends, quotes where needed, every cell free of formulas."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([csv_cell(each) for each in row] for row in rows)
    return out.getvalue()


def json_text(value: Mapping[str, Any]) -> str:
    """*value* as indented JSON; times by RFC 3339, and what JSON cannot say (infinity, NaN) as null."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {visible(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
