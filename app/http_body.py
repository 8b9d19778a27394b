"""The body of an answer while it arrives: unpacked in small steps, counted, and stopped at a cap."""

import zlib

from app.http_answers import HttpProblem

_STEP = 64 * 1024
"""Bytes that are unpacked at a time: a thousandth of what is sent can be a bomb."""


class Body:
    """Gathers what a server called *name* sends, packed as *encoding* says, up to *cap* bytes unpacked.

    Only what was asked for is unpacked (gzip); a server that packs otherwise is told from one that breaks off.
    """

    def __init__(self, name: str, encoding: str, cap: int) -> None:
        self._name = name
        self._cap = cap
        self._parts: list[bytes] = []
        self._size = 0
        self._encoding = encoding.strip().lower()
        if self._encoding not in ("", "identity", "gzip", "x-gzip"):
            raise HttpProblem(
                f"{name} packed its answer as “{self._encoding[:40]}”, which was not asked for: check for a "
                "proxy that changes it.",
                kind="protocol",
                unclear=True,
            )
        self._inflate = zlib.decompressobj(31) if self._encoding.endswith("gzip") else None
        self._begun = False

    def take(self, block: bytes) -> None:
        """Take the next block as it came; raises :class:`HttpProblem` beyond the cap."""
        if self._inflate is None:
            self._add(block)
            return
        try:
            while block:
                self._begun = True
                self._add(self._inflate.decompress(block, _STEP))
                block = self._inflate.unconsumed_tail
                if self._inflate.eof:
                    block = self._inflate.unused_data
                    # Zero bytes may follow the last member; anything else begins another.
                    if not block.strip(b"\0"):
                        return
                    self._inflate = zlib.decompressobj(31)
        except zlib.error as error:
            raise HttpProblem(
                f"{self._name} sent a compressed answer that cannot be unpacked: try again.",
                kind="cut",
                unclear=True,
            ) from error

    def finish(self) -> bytes:
        """All of it; raises :class:`HttpProblem` when the packing says that the end is missing."""
        # The last step may have filled up exactly, with more of it still inside.
        while self._inflate and not self._inflate.eof and (more := self._inflate.decompress(b"", _STEP)):
            self._add(more)
        if self._inflate is not None and self._begun and not self._inflate.eof:
            raise HttpProblem(
                f"{self._name} broke off in the middle of its answer: try again; if it stays, ask for less.",
                kind="cut",
                unclear=True,
            )
        return b"".join(self._parts)

    def _add(self, block: bytes) -> None:
        self._size += len(block)
        if self._size > self._cap:
            raise HttpProblem(
                f"{self._name} sent more than {self._cap / 1_048_576:,.0f} MiB for one request: "
                "ask for less (a shorter window, a coarser step, fewer series).",
                kind="too-large",
            )
        self._parts.append(block)
