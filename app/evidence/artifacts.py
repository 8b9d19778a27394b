"""Artifacts on disk: kept exactly as they came, compressed, private, and never written over.

An artifact lies under ``evidence/<source id>/<safe name>.gz``. Its SHA-256 and size are those of what
came (``zcat FILE | sha256sum``), so that they do not depend on how it was compressed.
"""

import hashlib
import itertools
import os
import re
import threading
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app import __version__
from app.review.records import Artifact, Source

EVIDENCE = "evidence"
BLOCK = 64 * 1024
_LEVEL = 4
"""zlib level: on logs a third faster than the usual 6, for a few per cent more bytes."""
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_WINDOW = 128 * 1024 * 1024
"""What ``zstd --long`` needs to unpack its files; more memory is not given."""
_SIP = 1024
_DEVICES = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}


class EvidenceProblem(Exception):
    """Evidence cannot be kept or read; ``str()`` is one sentence that says what to do."""


def safe_name(name: str) -> str:
    """*name* as a file name that is harmless everywhere: letters, digits, ``._-``, at most 80 characters."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip(".-")
    if len(plain) > 80:
        plain = plain[:48].rstrip(".-") + "-" + plain[-31:].lstrip(".-")
    if not plain:
        return "unnamed"
    return f"_{plain}" if plain.split(".")[0].lower() in _DEVICES else plain


def locate(folder: Path, artifact: Artifact) -> Path:
    """Where *artifact* of the session in *folder* lies.

    A session may come from somebody else: a path that leads out of its evidence folder raises
    :class:`EvidenceProblem`.
    """
    root = (folder / EVIDENCE).resolve()
    path = (folder / artifact.path).resolve()
    if not artifact.path or not path.is_relative_to(root) or path == root:
        raise EvidenceProblem(
            f"The evidence “{artifact.path}” lies outside the session's folder: collect it again."
        )
    return path


def content_hash(path: Path) -> str:
    """SHA-256 of what the file holds, unpacked."""
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
    return digest.hexdigest()


def blocks(path: Path) -> Iterator[bytes]:
    """What *path* holds in blocks of at most 64 KiB, unpacked when it is gzip or zstd.

    Raises :class:`EvidenceProblem` when it cannot be opened, or when a compressed file is damaged; what
    came before the damage has been given by then.
    """
    try:
        with path.open("rb") as file:
            head = file.read(len(_ZSTD))
            file.seek(0)
            incoming = iter(lambda: file.read(BLOCK), b"")
            yield from unpacked(incoming, path.name) if is_packed(head) else incoming
    except OSError as error:
        raise EvidenceProblem(f"{path} cannot be read ({error.strerror}): check that it is there.") from error


def is_packed(head: bytes) -> bool:
    """Whether a file that begins with *head* (four bytes) is gzip or zstd."""
    # A skippable frame may come first: its number has sixteen variants.
    return head[:2] == _GZIP or head[:4] == _ZSTD or (head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50)


def unpacked(compressed: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Unpack gzip or zstd, several members included, never more than 64 KiB at a time."""
    first = next(compressed, b"")
    whole = itertools.chain([first], compressed)
    return _inflated(whole, name) if first[:2] == _GZIP else _unzstd(whole, name)


def _unzstd(compressed: Iterator[bytes], name: str) -> Iterator[bytes]:
    import zstandard

    unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    inflate, fresh = unpacker.decompressobj(), True
    try:
        for data in compressed:
            # A few bytes may stand for 128 KiB: never unpack more than a handful of them at a time.
            for at in range(0, len(data), _SIP):
                sip = data[at : at + _SIP]
                while sip:
                    whole = inflate.decompress(sip)
                    for begin in range(0, len(whole), BLOCK):
                        yield whole[begin : begin + BLOCK]
                    fresh, sip = inflate.eof, inflate.unused_data if inflate.eof else b""
                    if fresh:
                        inflate = unpacker.decompressobj()
    except (zstandard.ZstdError, MemoryError) as error:
        raise EvidenceProblem(f"{name} is damaged and can be read only in part: get it again.") from error
    if not fresh:
        raise EvidenceProblem(f"{name} ends too early and can be read only in part: get it again.")


def _inflated(compressed: Iterator[bytes], name: str) -> Iterator[bytes]:
    inflate = zlib.decompressobj(31)
    fresh = True
    try:
        for data in compressed:
            while data:
                # Zero bytes may follow the last member (tar and tape padding).
                if fresh and not data.strip(b"\0"):
                    break
                fresh = False
                block = inflate.decompress(data, BLOCK)
                if block:
                    yield block
                data = inflate.unconsumed_tail
                if inflate.eof:
                    data = inflate.unused_data
                    inflate, fresh = zlib.decompressobj(31), True
        while not fresh and (block := inflate.decompress(inflate.unconsumed_tail, BLOCK)):
            yield block
    except zlib.error as error:
        raise EvidenceProblem(f"{name} is damaged and can be read only in part: get it again.") from error
    if not fresh and not inflate.eof:
        raise EvidenceProblem(f"{name} ends too early and can be read only in part: get it again.")


class Draft:
    """An artifact while it is written. Leaving the context without :meth:`commit` throws it away."""

    def __init__(self, keeper: "Keeper", name: str) -> None:
        self._keeper = keeper
        self._name = safe_name(name).removesuffix(".gz")
        self._part = keeper.directory / f".{next(keeper.numbers)}.part"
        self._digest = hashlib.sha256()
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
        self.size = 0
        self._part.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        self._file = os.fdopen(os.open(self._part, flags, 0o600), "wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)

    @contextmanager
    def beside(self, what: str) -> Iterator[Path]:
        """A place for *what* is derived while the artifact is written; what still lies there at the end goes."""
        path = self._part.with_suffix(f".{what}")
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def write(self, block: bytes) -> None:
        """Add *block* as it came."""
        self.size += len(block)
        self._digest.update(block)
        self._file.write(self._deflate.compress(block))

    def commit(self, **facts: Any) -> Artifact:
        """Put the artifact in its place and return its record; *facts* are further fields of it.

        What was kept before is never replaced: the same content is kept once, another gets another name.
        """
        self._file.write(self._deflate.flush())
        self._file.flush()
        os.fsync(self._file.fileno())
        digest = self._digest.hexdigest()
        keeper = self._keeper
        with keeper.lock:
            path = self._place(digest)
        artifact = Artifact(
            path=path.relative_to(keeper.folder).as_posix(),
            sha256=digest,
            bytes=self.size,
            collected_at=keeper.now,
            **{"tool": f"blamefree {__version__}"} | facts,
        )
        keeper.kept.append(artifact)
        return artifact

    def _place(self, digest: str) -> Path:
        """The file that now holds the content: this one under a free name, or one that held it before."""
        directory, number = self._keeper.directory, 1
        path = directory / f"{self._name}.gz"
        while path.exists() and not self._keeper.holds(path, digest):
            number += 1
            path = directory / f"{_numbered(self._name, number)}.gz"
        if not path.exists():
            self._part.replace(path)
        return path


class Keeper:
    """Keeps the artifacts of one source; thread-safe. *kept* lists what was kept so far, in order."""

    def __init__(self, folder: Path, source: Source, now: datetime) -> None:
        self.folder = folder.resolve()
        self.now = now
        self.kept: list[Artifact] = []
        self.lock = threading.Lock()
        self.numbers = itertools.count()
        self.directory = self.folder / EVIDENCE / safe_name(source.id)

    def open(self, name: str) -> Draft:
        """Begin an artifact called *name*; any text will do."""
        try:
            # Parents get the system's mode, whatever is asked: make them one by one.
            for folder in (self.folder, self.directory.parent, self.directory):
                folder.mkdir(mode=0o700, exist_ok=True)
            if not self.directory.resolve().is_relative_to(self.folder):
                raise EvidenceProblem(
                    f"{self.directory} leads out of the session's folder: remove that link and collect again."
                )
            return Draft(self, name)
        except OSError as error:
            raise EvidenceProblem(
                f"Evidence cannot be kept in {self.directory} ({error.strerror}): make room or allow writing."
            ) from error

    def keep(self, name: str, content: bytes, **facts: Any) -> Artifact:
        """Keep *content* as an artifact in one go."""
        with self.open(name) as draft:
            draft.write(content)
            return draft.commit(**facts)

    @staticmethod
    def holds(path: Path, digest: str) -> bool:
        """Whether *path* is sound and its content has the hash *digest*."""
        try:
            return content_hash(path) == digest
        except EvidenceProblem:
            return False


def _numbered(name: str, number: int) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}-{number}.{ending}" if dot else f"{name}-{number}"
