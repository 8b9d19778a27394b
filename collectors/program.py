"""A program that runs for its output: never through a shell, never at the terminal, never without an end.

It gets a session and a process group of its own, so that nothing it starts can reach the terminal, and so
that all of it ends when the person cancels. Output comes in blocks while it runs; nothing is gathered up here.
"""

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from app.evidence.artifacts import BLOCK
from app.evidence.index import Cancel, Cancelled
from app.text import decode, one_line
from collectors.interface import CollectProblem, Command

_LOOK = 0.05
"""Seconds between two looks at whether the person stopped it."""
_LINGER = 2.0
"""Seconds for what the program left behind to close its output after the program itself has ended."""
_GRACE = 0.3
"""Seconds between asking to end and ending it."""
_STDERR = 8 * 1024
_QUIET = {
    "TERM": "dumb",
    "NO_COLOR": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "AWS_PAGER": "",
}
"""What tells well-behaved programs that nobody is there to answer or to look."""


class Program:
    """One run of a command. Read :meth:`blocks` to its end, then the rest is known.

    Use it as a context: however it is left, nothing of the command runs any more.

    *exit_code* is negative when a signal ended it; *said* is what it wrote to its error output, its beginning
    and end; *cut* says why it was ended early, in words that follow “it”.
    """

    def __init__(
        self,
        command: Command,
        environment: Mapping[str, str],
        cancelled: Cancelled,
        *,
        timeout_s: float,
        most_bytes: int,
    ) -> None:
        self.exit_code = 0
        self.said = ""
        self.cut = ""
        self._command = command
        self._environment = {**environment, **_QUIET}
        self._cancelled = cancelled
        self._timeout_s = timeout_s
        self._most = most_bytes
        self._errors = b""
        self._dropped = False
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Whoever reads may be stopped between two blocks, and then nobody reads to the end.
        self._finish()

    def blocks(self) -> Iterator[bytes]:
        """What it writes, as it writes it. Raises :class:`Cancel`, :class:`CollectProblem` when it cannot start."""
        self._process = process = self._started()
        try:
            yield from self._output(process)
        finally:
            self._finish()

    def _finish(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            self._end(process)
            self.exit_code = process.returncode
            middle = b" [\xe2\x80\xa6] " if self._dropped else b""
            half = _STDERR // 2
            said = self._errors[:half] + middle + self._errors[half:] if middle else self._errors
            self.said = one_line(decode(said).strip())

    def _started(self) -> "subprocess.Popen[bytes]":
        folder, argv = self._command.folder, self._command.argv
        if not folder.is_dir():
            raise CollectProblem(
                f"There is no folder {one_line(str(folder))} to run {one_line(argv[0])} in: correct the folder."
            )
        try:
            return subprocess.Popen(
                [str(program_of(self._command, self._environment)), *argv[1:]],
                cwd=folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise CollectProblem(
                f"{one_line(argv[0])} could not be started ({one_line(str(why))}): correct the command."
            ) from error

    def _output(self, process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
        deadline = time.monotonic() + self._timeout_s
        ended: float | None = None
        size = 0
        with selectors.DefaultSelector() as selector:
            for pipe in filter(None, (process.stdout, process.stderr)):
                os.set_blocking(pipe.fileno(), False)
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                if self._cancelled():
                    raise Cancel
                now = time.monotonic()
                if now > deadline:
                    self.cut = f"ran longer than {self._timeout_s:g} s and was stopped"
                    return
                if ended is None and _has_ended(process):
                    ended = now
                if ended is not None and now > ended + _LINGER:
                    return
                for key, _ in selector.select(_LOOK):
                    try:
                        block = os.read(key.fd, BLOCK)
                    except BlockingIOError:
                        continue
                    if not block:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is process.stderr:
                        self._hear(block)
                    else:
                        ended = None if ended is None else now
                        yield block[: self._most - size]
                        size += len(block)
                        if size > self._most:
                            self.cut = f"wrote more than {self._most:,} bytes and was stopped"
                            return
        while not _has_ended(process):
            if self._cancelled():
                raise Cancel
            if time.monotonic() > deadline:
                self.cut = f"ran longer than {self._timeout_s:g} s and was stopped"
                return
            time.sleep(_LOOK)

    def _hear(self, block: bytes) -> None:
        """Keep the beginning and the end of the error output, whatever its length."""
        said = self._errors + block
        if len(said) > _STDERR:
            self._dropped = True
            half = _STDERR // 2
            said = said[:half] + said[-half:]
        self._errors = said

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        """End the whole group, politely first where it still runs."""
        if not _has_ended(process):
            _signal(process, signal.SIGTERM)
            until = time.monotonic() + _GRACE
            while time.monotonic() < until and not _has_ended(process):
                time.sleep(0.01)
        # The leader is not reaped yet: its number, and so that of its group, cannot belong to anybody else.
        _signal(process, signal.SIGKILL)
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()
        process.wait()


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Whether the program ended; it is not reaped, where the system allows to look without that."""
    if process.returncode is not None:
        return True
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    with suppress(ChildProcessError):
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return True


def _signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def program_of(command: Command, environment: Mapping[str, str]) -> Path:
    """The program's file: by its path, or on PATH in folders with whole names. Raises CollectProblem."""
    name = command.argv[0]
    if "/" in name:
        return command.folder / name
    found = shutil.which(name, path=environment.get("PATH", os.defpath))
    if found is None or not Path(found).is_absolute():
        raise CollectProblem(
            f"There is no program “{one_line(name)}” on this machine: install it, or correct the command."
        )
    return Path(found)
