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


def _is_utf8(line: bytes) -> bool:
    if line.isascii():
        return True
    try:
        line.decode()
    except UnicodeDecodeError as error:
        # A character that the cut at LONGEST split is not the file's fault.
        return len(line) >= LONGEST and error.start >= LONGEST - 3
    return True
