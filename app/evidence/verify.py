"""Whether the evidence still is what was collected: every artifact against the hash in its record."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.evidence.artifacts import EvidenceProblem, blocks, locate
from app.evidence.current import artifacts
from app.evidence.index import Cancel, Cancelled, never
from app.review.records import Artifact, Session, Source

State = Literal["sound", "missing", "changed", "unreadable", "unproven"]


@dataclass(frozen=True)
class Verdict:
    """How it stands with one artifact. *sentence* says what is wrong and what to do; empty when nothing is.

    *found* is the hash of what lies there now, where all of it could be read.
    """

    source: str
    artifact: Artifact
    state: State
    sentence: str = ""
    found: str = ""


def verify(session: Session, folder: Path, *, cancelled: Cancelled = never) -> Iterator[Verdict]:
    """A verdict on each artifact of *session*, in its order. Reads everything: call it in a thread."""
    for source, artifact in artifacts(session, None):
        yield _judged(folder, source, artifact, cancelled)


def _judged(folder: Path, source: Source, artifact: Artifact, cancelled: Cancelled) -> Verdict:
    name = f"{artifact.path} of {source.name or source.id}"
    try:
        path = locate(folder, artifact)
        if not path.is_file():
            sentence = f"{name} is missing: bring it back from a copy of the review, or collect it again."
            return Verdict(source.id, artifact, "missing", sentence)
        found = _hash(path, cancelled)
    except EvidenceProblem as problem:
        return Verdict(source.id, artifact, "unreadable", str(problem))
    if not artifact.sha256:
        sentence = f"{name} has no hash in the review: nothing can be said about it."
        return Verdict(source.id, artifact, "unproven", sentence, found)
    if found != artifact.sha256:
        sentence = (
            f"{name} is not what was collected: its SHA-256 is {found}, not {artifact.sha256}; "
            "bring it back from a copy of the review, or collect it again."
        )
        return Verdict(source.id, artifact, "changed", sentence, found)
    return Verdict(source.id, artifact, "sound", found=found)


def _hash(path: Path, cancelled: Cancelled) -> str:
    digest = hashlib.sha256()
    for block in blocks(path):
        if cancelled():
            raise Cancel
        digest.update(block)
    return digest.hexdigest()
