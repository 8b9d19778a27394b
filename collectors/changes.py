"""What the sources of changes share: which of them matter, links, addresses that a token may go to, times."""

import re
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from app.http import address_problem
from app.text import one_line
from collectors.answers import words

DEPLOYS: Final = re.compile(
    r"deploy|release|roll-?out|roll-?back|publish|promot|migrat|\bcd\b", re.IGNORECASE
)
"""Workflows and pipelines that sound as if they changed what runs; the others are there to be searched."""


def safe_address(url: str) -> str:
    """What is wrong with *url* as a server that a token goes to; empty when nothing is."""
    if problem := address_problem(url):
        return problem
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        return f"{one_line(parts.netloc)} is asked over http, which would show the token: use https."
    return ""


def web_address(record: Any, name: str) -> str:
    """A link that people may follow: http or https, nothing else."""
    url = words(record, name)
    return url if re.fullmatch(r"https?://[^\s<>\"]{1,1900}", url) else ""


def written(at: datetime) -> str:
    """*at* as an API takes it: whole seconds, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
