"""A certificate for loopback, made once; a journal in memory; mail settings."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.review.records import Session
from tests.fakes.classic_review import classic_review


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


class Open:
    """An open review, in memory: notes and edits in the order in which they came."""

    def __init__(self) -> None:
        self.session: Session = classic_review()
        self.kept: list[tuple[str, dict[str, Any]]] = []
        self.labels: list[str] = []

    def note(self, kind: str, data: dict[str, Any]) -> None:
        self.kept.append((kind, data))

    def notes(self, kind: str) -> list[dict[str, Any]]:
        return [data for each, data in self.kept if each == kind]

    def record(self, label: str, edit: Callable[[Session], Session]) -> None:
        self.session = edit(self.session)
        self.labels.append(label)


@pytest.fixture
def review() -> Open:
    return Open()
