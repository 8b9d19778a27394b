"""Disks that fail on purpose, and one that remembers enough to work out what a power cut may leave."""

import errno
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.store.disk import Disk

OPERATIONS = (
    "create", "open_end", "write", "sync", "sync_data", "truncate", "close", "rename", "link", "remove",
    "make_folder", "sync_folder",
)  # fmt: skip


class FailingDisk(Disk):
    """Fails the *nth* operation (from 1), once or for as long as it is broken."""

    def __init__(self, nth: int = 0, error: int = errno.EIO, *, short: bool = False):
        self.nth, self.error, self.short = nth, error, short
        self.count = 0
        self.hit = ""
        self.broken: set[str] = set()
        """Operations that fail until they are taken out of this set."""

    def __getattribute__(self, name: str) -> object:
        value = super().__getattribute__(name)
        if name not in OPERATIONS:
            return value

        def operation(*args: object) -> object:
            self.count += 1
            if self.count == self.nth:
                self.hit = name
                if self.short and name == "write":
                    handle, data = args
                    return value(handle, data[: max(1, len(data) // 2)])  # type: ignore[index, operator, arg-type]
                if not self.short and name != "close":
                    raise OSError(self.error, "injected")
            if name in self.broken:
                raise OSError(self.error, "injected")
            return value(*args)  # type: ignore[operator]

        return operation


@dataclass
class Inode:
    """A file's content: what is safe, and the writes since then."""

    safe: bytes = b""
    pending: list[tuple[str, bytes | int]] = field(default_factory=list)

    def now(self) -> bytes:
        content = self.safe
        for kind, value in self.pending:
            content = content + value if kind == "write" else content[:value]  # type: ignore[operator, misc]
        return content

    def possible(self) -> list[bytes]:
        """What may be found after a cut: nothing of what is pending, all of it, or a part, torn or zeroed."""
        if not self.pending:
            return [self.safe]
        states, content = [self.safe], self.safe
        for kind, value in self.pending:
            if kind == "write":
                data = bytes(value)  # type: ignore[arg-type]
                states += [content + data[: len(data) // 2], content + bytes(len(data)), content + data]
                content += data
            else:
                content = content[:value]  # type: ignore[misc]
                states.append(content)
        return list(dict.fromkeys(states))


class RecordingDisk(Disk):
    """The real disk, with a log of everything that was asked of it."""

    def __init__(self, without: tuple[str, ...] = ()):
        self.without = without
        """Promises that are dropped: the negative controls."""
        self.log: list[tuple[object, ...]] = []
        self._paths: dict[int, Path] = {}

    def create(self, path: Path) -> int:
        handle = super().create(path)
        self._paths[handle] = path
        self.log.append(("create", path))
        return handle

    def open_end(self, path: Path) -> int:
        handle = super().open_end(path)
        self._paths[handle] = path
        return handle

    def write(self, handle: int, data: bytes) -> int:
        size = super().write(handle, data)
        self.log.append(("write", self._paths[handle], data[:size]))
        return size

    def sync(self, handle: int) -> None:
        if "sync" not in self.without:
            self.log.append(("sync", self._paths[handle]))

    def sync_data(self, handle: int) -> None:
        if "sync_data" not in self.without:
            self.log.append(("sync", self._paths[handle]))

    def truncate(self, handle: int, length: int) -> None:
        super().truncate(handle, length)
        self.log.append(("truncate", self._paths[handle], length))

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self.log.append(("rename", old, new))

    def link(self, old: Path, new: Path) -> None:
        super().link(old, new)
        self.log.append(("link", old, new))

    def remove(self, path: Path) -> None:
        super().remove(path)
        self.log.append(("remove", path))

    def make_folder(self, path: Path) -> None:
        super().make_folder(path)
        self.log.append(("mkdir", path))

    def sync_folder(self, path: Path) -> None:
        if "sync_folder" not in self.without:
            self.log.append(("sync_folder", path))

    def mark(self, kind: str, value: int) -> None:
        """Put a mark of the test into the log: an edit was made, or was called saved."""
        self.log.append((kind, value))


Tree = dict[Path, "Inode | None"]
"""Names and what they lead to; None is a folder."""


class Cut:
    """Plays a log up to some point, and says what a power cut there may leave."""

    def __init__(self) -> None:
        self.safe: Tree = {}
        self.now: Tree = {}
        self.pending: list[tuple[object, ...]] = []

    def play(self, step: tuple[object, ...]) -> None:
        kind, *args = step
        path = args[0] if isinstance(args[0], Path) else Path()
        if kind == "create":
            entry = ("create", path, Inode())
            self.pending.append(entry)
            _change(self.now, entry)
        elif kind in ("rename", "link", "remove", "mkdir"):
            if kind in ("rename", "link"):
                # What the name leads to is settled now, whatever happens to the name later.
                step = (kind, path, args[1], self.now[path])
            self.pending.append(step)
            _change(self.now, step)
        elif kind == "write":
            self._inode(path).pending.append(("write", args[1]))  # type: ignore[arg-type]
        elif kind == "truncate":
            if len(self._inode(path).now()) != args[1]:
                self._inode(path).pending.append(("truncate", args[1]))  # type: ignore[arg-type]
        elif kind == "sync":
            inode = self._inode(path)
            inode.safe, inode.pending = inode.now(), []
        elif kind == "sync_folder":
            mine = [step for step in self.pending if _folder(step) == path]
            for each in mine:
                _change(self.safe, each)
            self.pending = [step for step in self.pending if _folder(step) != path]

    def _inode(self, path: Path) -> Inode:
        inode = self.now[path]
        assert inode is not None
        return inode

    def states(self) -> Iterator[dict[Path, bytes | None]]:
        """Every legal state: any of the pending changes of names, each unsynced content in any stage."""
        for chosen in _subsets(self.pending):
            tree = dict(self.safe)
            for step in chosen:
                _change(tree, step)
            files = {path: inode for path, inode in tree.items() if inode is not None}
            inodes = {id(inode): inode for inode in files.values()}
            for contents in itertools.product(*(inode.possible() for inode in inodes.values())):
                content = dict(zip(inodes, contents, strict=True))
                state: dict[Path, bytes | None] = {
                    path: None for path, inode in tree.items() if inode is None
                }
                state |= {path: content[id(inode)] for path, inode in files.items()}
                yield {
                    path: data for path, data in state.items() if path.parent in state or _top(path, state)
                }


def _top(path: Path, state: dict[Path, bytes | None]) -> bool:
    return state.get(path, b"") is None


def _subsets(steps: list[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    if len(steps) > 8:
        yield from (steps[:end] for end in range(len(steps) + 1))
        return
    for keep in itertools.product((False, True), repeat=len(steps)):
        yield [step for step, kept in zip(steps, keep, strict=True) if kept]


def _folder(step: tuple[object, ...]) -> Path:
    where = step[2] if step[0] in ("rename", "link") else step[1]
    assert isinstance(where, Path)
    return where.parent


def _change(tree: Tree, step: tuple[object, ...]) -> None:
    kind, path, *rest = step
    assert isinstance(path, Path)
    if kind == "create":
        tree[path] = rest[0]  # type: ignore[assignment]
    elif kind == "mkdir":
        tree[path] = None
    elif kind == "remove":
        tree.pop(path, None)
    elif kind == "link":
        tree[rest[0]] = rest[1]  # type: ignore[index, assignment]
    elif kind == "rename":
        tree.pop(path, None)
        tree[rest[0]] = rest[1]  # type: ignore[index, assignment]
