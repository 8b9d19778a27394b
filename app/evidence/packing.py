"""What comes compressed is unpacked as it passes by, told by its first bytes and never by its name."""

from collections.abc import Iterator
from itertools import chain

from app.evidence.artifacts import BLOCK, EvidenceProblem, unpacked

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_PIECE = 1024
"""Compressed bytes of zstd given at a time: a thousand of them come to 32 MiB at the very most."""
_WINDOW = 128 * 1024 * 1024
"""Memory that a zstd stream may ask for: what ``zstd --ultra`` and ``--long=27`` write, and no more."""


def plain(blocks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """*blocks* of what is called *name*, unpacked where they are gzip or zstd, as they came where not.

    Raises :class:`EvidenceProblem` when a compressed stream is damaged or ends too early; what came before
    the damage has been given by then.
    """
    head = b""
    for block in blocks:
        head += block
        if len(head) >= len(_ZSTD):
            break
    whole = chain([head], blocks) if head else iter(())
    if head.startswith(_GZIP):
        return unpacked(whole, name)
    return _from_zstd(whole, name) if head.startswith(_ZSTD) else whole


def _from_zstd(compressed: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Unpack zstd, several frames included."""
    import zstandard

    context = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    inflate, fresh = context.decompressobj(), True
    try:
        for data in compressed:
            for start in range(0, len(data), _PIECE):
                piece = data[start : start + _PIECE]
                while piece:
                    fresh = False
                    yield from _cut(inflate.decompress(piece))
                    piece = b""
                    if inflate.eof:
                        piece = inflate.unused_data
                        inflate, fresh = context.decompressobj(), True
    except (zstandard.ZstdError, MemoryError) as error:
        raise EvidenceProblem(f"{name} is damaged and can be read only in part: get it again.") from error
    if not fresh:
        raise EvidenceProblem(f"{name} ends too early and can be read only in part: get it again.")


def _cut(block: bytes) -> Iterator[bytes]:
    for start in range(0, len(block), BLOCK):
        yield block[start : start + BLOCK]
