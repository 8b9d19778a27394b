"""What comes compressed is unpacked as it passes by, told by its first bytes and never by its name."""

from collections.abc import Iterator
from itertools import chain

from app.evidence.artifacts import is_packed, unpacked

_HEAD = 4


def plain(blocks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """*blocks* of what is called *name*, unpacked where they are gzip or zstd, as they came where not.

    Raises :class:`EvidenceProblem` when a compressed stream is damaged or ends too early; what came before
    the damage has been given by then.
    """
    head = b""
    for block in blocks:
        head += block
        if len(head) >= _HEAD:
            break
    whole = chain([head], blocks) if head else iter(())
    return unpacked(whole, name) if is_packed(head[:_HEAD]) else whole
