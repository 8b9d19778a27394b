"""Keyrings that behave as real ones do: one that keeps, one that is silent, and the ways in which others fail."""

import threading
from typing import Any

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class Memory(KeyringBackend):
    """Keeps what it is given, as an unlocked keyring does."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class Locked(Memory):
    """Its owner said no."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(f"cannot read {self.entries}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(f"cannot keep {password}")


class Forgetful(Memory):
    """Takes everything and keeps nothing, as the null backend does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class PlaintextKeyring(Memory):
    """Keeps passwords in a file that anybody can read."""


class Silent(Memory):
    """Asks its owner and waits, for ever or until :attr:`answered`."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.answered.wait()
        return super().get_password(service, username)


def use(monkeypatch: Any, backend: KeyringBackend) -> KeyringBackend:
    """Make *backend* the keyring of this test."""
    monkeypatch.setattr("keyring.core._keyring_backend", backend)
    return backend
