"""Lines of any file in bounded memory, however long a single line is."""

from collections.abc import Iterable, Iterator

LONGEST = 64 * 1024
"""Bytes of one line that are looked at; the artifact on disk keeps all of it."""


class Lines:
    """Splits blocks of bytes into batches of lines.

    A line ends with LF or CRLF. What a line has beyond :data:`LONGEST` bytes is left out; *cut* counts such
    lines, *invalid* those that are not UTF-8.
    """

    def __init__(self) -> None:
        self.cut = 0
        self.invalid = 0
        self._rest = b""
        self._skipping = False

    def feed(self, block: bytes) -> list[bytes]:
        """The lines that *block* completes, without their line ends."""
        if self._skipping:
            end = block.find(b"\n")
            if end < 0:
                return []
            self._skipping = False
            block = block[end + 1 :]
        block = self._rest + block
        lines = block.split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LONGEST:
            lines.append(self._rest)
            self._rest, self._skipping = b"", True
        return self._checked(lines, block)

    def finish(self) -> list[bytes]:
        """The last line, where the file does not end with a line end."""
        rest, self._rest = self._rest, b""
        return self._checked([rest], rest) if rest else []

    def _checked(self, lines: list[bytes], block: bytes) -> list[bytes]:
        if b"\r" in block:
            lines = [line.removesuffix(b"\r") for line in lines]
        if len(max(lines, key=len, default=b"")) > LONGEST:
            self.cut += sum(len(line) > LONGEST for line in lines)
            lines = [line[:LONGEST] for line in lines]
        if not block.isascii():
            self.invalid += sum(not _is_utf8(line) for line in lines)
        return lines


def batches(blocks: Iterable[bytes], lines: Lines | None = None) -> Iterator[list[bytes]]:
    """All lines of *blocks*, in batches that come as the blocks do."""
    lines = lines or Lines()
    for block in blocks:
        if batch := lines.feed(block):
            yield batch
    if batch := lines.finish():
        yield batch


PIECE = 4 * 1024 * 1024
"""Bytes of whole lines that are looked at together."""


class Pieces:
    """Cuts blocks of bytes into pieces of whole lines, for who looks at many lines together.

    The lines of a piece are joined by LF, without one at the end, and are what :class:`Lines` would give.
    *cut* and *invalid* count as there, once the pieces were given.
    """

    def __init__(self, size: int = PIECE) -> None:
        self.cut = 0
        self.invalid = 0
        self._size = size
        self._blocks: list[bytes] = []
        self._held = 0
        self._skipping = False

    def feed(self, block: bytes) -> bytes | None:
        """Take the next block; returns a piece when enough came together."""
        if self._skipping:
            end = block.find(b"\n")
            if end < 0:
                return None
            self._skipping = False
            block = block[end + 1 :]
        self._blocks.append(block)
        self._held += len(block)
        if self._held < self._size:
            return None
        together = b"".join(self._blocks)
        end = together.rfind(b"\n")
        rest = together[end + 1 :]
        if len(rest) > LONGEST:
            # The line is longer than anybody looks at: what follows of it is passed over.
            together, rest, self._skipping = together[: end + 1 + LONGEST + 1] + b"\n", b"", True
            end = len(together) - 1
        self._blocks, self._held = ([rest], len(rest)) if rest else ([], 0)
        return self._checked(together[:end]) if end >= 0 else None

    def finish(self) -> bytes | None:
        """The rest, where there is any."""
        together = b"".join(self._blocks)
        self._blocks, self._held = [], 0
        return self._checked(together.removesuffix(b"\n")) if together else None

    def _checked(self, piece: bytes) -> bytes:
        if b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n").removesuffix(b"\r")
        if _has_long_line(piece):
            lines = piece.split(b"\n")
            self.cut += sum(len(line) > LONGEST for line in lines)
            piece = b"\n".join([line[:LONGEST] for line in lines])
        if not piece.isascii():
            try:
                piece.decode()
            except UnicodeDecodeError:
                self.invalid += sum(not _is_utf8(line) for line in piece.split(b"\n"))
        return piece


def _has_long_line(piece: bytes) -> bool:
    at = 0
    while len(piece) - at > LONGEST:
        end = piece.rfind(b"\n", at, at + LONGEST + 1)
        if end < 0:
            return True
        at = end + 1
    return False


def _is_utf8(line: bytes) -> bool:
    if line.isascii():
        return True
    try:
        line.decode()
    except UnicodeDecodeError as error:
        # A character that the cut at LONGEST split is not the file's fault.
        return len(line) >= LONGEST and error.start >= LONGEST - 3
    return True
