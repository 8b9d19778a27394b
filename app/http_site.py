"""A server and how to log in there: its address, its secrets, its certificates, and how long to wait for it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.text import one_line

_SHORTEST = 6
"""Characters of a word that is taken for a secret in somebody else's text."""


class Secret:
    """A token or password that never shows itself: not in ``repr``, not in a log, not in a traceback."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself; call it only where the header is made."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self._value)


@dataclass(frozen=True)
class Site:
    """A server and how to log in there.

    *name* is what sentences call it. *url* may have a path, which goes before every path asked for.
    *secrets* are headers with a secret in them, such as ``PRIVATE-TOKEN``. *ca_file* is a PEM file with the
    only authorities to trust there; *cert_file* and *key_file* are the PEM files of a client certificate
    (the key may be in the same file). *login_hint* says where its credentials come from, e.g. ``the
    environment variable PROM_TOKEN``.
    """

    name: str
    url: str
    bearer: Secret | None = None
    user: str = ""
    password: Secret | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    login_hint: str = ""

    def conceal(self, text: str) -> str:
        """*text* without what logs in here: a server may repeat the token that it refuses."""
        values = [each.reveal() for each in (self.bearer, self.password, *self.secrets.values()) if each]
        if self.password:
            pair = f"{self.user}:{self.password.reveal()}"
            values.append(base64.b64encode(pair.encode()).decode().rstrip("="))
        # A header may hold more than the token itself: "Token token=…".
        words = {word for value in values for word in (value, *value.replace("=", " ").split())}
        for word in sorted(words, key=len, reverse=True):
            if len(word) >= _SHORTEST:
                text = text.replace(word, "***")
        return text


@dataclass(frozen=True)
class Limits:
    """How long and how much: seconds, bytes, and the number of tries of a call that only reads.

    *total* is for one call with all its tries. *patience* is how long a call may wait besides, where the
    server itself asks to wait (``Retry-After``); one that asks for more is a failure at once.
    """

    connect: float = 5.0
    read: float = 15.0
    total: float = 60.0
    patience: float = 60.0
    max_bytes: int = 64 * 1024 * 1024
    tries: int = 3


def address_problem(url: str) -> str:
    """One sentence on what is wrong with *url* as the address of a server; empty when nothing is."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return f"“{one_line(url)}” is not an address: write it like https://host:port."
    if parts.username is not None or parts.password is not None:
        return "The address holds a user or password: leave them out and name the variable that holds them."
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return f"“{one_line(url)}” is not an address: write it like https://host:port."
    if parts.query or parts.fragment:
        return f"The address “{one_line(parts.netloc + parts.path)}” must end before the “?” or “#”."
    return ""
