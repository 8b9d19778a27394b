"""Any command as a source: what it writes is kept as evidence and read like a file.

For cloud logs, vendors' tools, and whatever a team already has. A command is a list of words, never a line for
a shell, and runs only after the person at this machine confirmed exactly that list (:mod:`collectors.confirmed`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from app.evidence.index import Cancel
from app.evidence.window import Window
from app.text import cut, one_line
from collectors.apart import KEEPING_S, collect_apart
from collectors.confirmed import is_confirmed, require
from collectors.intake import READING_FIELDS, STOPPED, Intake, Part, broken_off, check_reading, take
from collectors.interface import Collected, Collector, CollectProblem, Command, Examination, Field, Job
from collectors.program import Program, program_of

TIMEOUT = "5m"
MOST_MB = 1024
_LENGTH = re.compile(r"(\d{1,6}(?:\.\d{1,3})?) ?(s|m|h|)")
_MOMENTS = ("{from}", "{to}", "{from_s}", "{to_s}", "{from_ms}", "{to_ms}")


class CommandCollector(Collector):
    """Runs one command in a thread and reads its output; see the module."""

    kind: ClassVar[str] = "command"
    title: ClassVar[str] = "any command"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "argv", "Command", required=True, kind="words", example="journalctl -u api --since {from} -o json"
        ),
        Field("folder", "Runs in", kind="path", example="your home folder, unless you name another"),
        Field("timeout", "At most", example=TIMEOUT),
        Field("most_mb", "At most MB", example=str(MOST_MB)),
        *READING_FIELDS,
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """The command must be a list of words, and its bounds must be some."""
        argv = settings.get("argv")
        if isinstance(argv, str):
            return f"A quote is not closed in {one_line(argv)}: close it, or put a backslash before it."
        if not _is_vector(argv):
            return "A command source needs a command: write the program and its arguments."
        if _timeout_of(settings) is None:
            return "“At most” is a time such as 90s or 10m: correct it."
        if _most_of(settings) is None:
            return "“At most MB” is a number of megabytes such as 500: correct it."
        return check_reading(settings)

    def describe(self, settings: Mapping[str, Any]) -> str:
        """The program and its first words."""
        argv = settings.get("argv")
        return cut(" ".join(map(str, argv)), 60) if _is_vector(argv) and argv else "command"

    def command(self, settings: Mapping[str, Any]) -> Command | None:
        """The command as it has to be confirmed."""
        return None if self.check(settings) else command_of(settings)

    async def examine(self, job: Job) -> Examination | None:
        """Whether the program is there, and whether its command was confirmed on this machine; nothing runs."""
        command = command_of(job.source.settings)
        try:
            program_of(command, job.environment)
        except CollectProblem as problem:
            return Examination(reachable=False, sentences=(str(problem),))
        if is_confirmed(command):
            return Examination(reachable=True, authorised=True)
        sentence = f"The command {command.shown} was not confirmed on this machine yet: run it to be asked."
        return Examination(reachable=True, authorised=False, sentences=(sentence,))

    async def collect(self, job: Job) -> Collected:
        """Run it and read what it writes. Raises NeedsConfirmation before anything runs."""
        command = command_of(job.source.settings)
        require(command)
        return await collect_apart(partial(_collect, command), job, KEEPING_S)


def command_of(settings: Mapping[str, Any]) -> Command:
    """The command that *settings* mean, as it has to be confirmed: with its placeholders."""
    folder = settings.get("folder")
    home = Path(folder).expanduser() if isinstance(folder, str) and folder.strip() else Path.home()
    return Command(tuple(str(word) for word in settings.get("argv", ())), home.absolute())


def _is_vector(argv: Any) -> bool:
    return (
        isinstance(argv, list | tuple)
        and bool(argv)
        and all(isinstance(word, str) for word in argv)
        and bool(argv[0].strip())
    )


def _timeout_of(settings: Mapping[str, Any]) -> timedelta | None:
    found = _LENGTH.fullmatch(str(settings.get("timeout") or TIMEOUT).strip())
    return (
        timedelta(seconds=float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]) if found else None
    )


def _most_of(settings: Mapping[str, Any]) -> int | None:
    try:
        most = float(str(settings.get("most_mb") or MOST_MB))
    except ValueError:
        return None
    return round(most * 1_000_000) if 0 < most < 1_000_000 else None


def _filled(command: Command, window: Window | None) -> Command:
    """The command with the window's ends in the place of its placeholders."""
    if window is None:
        if any(mark in word for word in command.argv for mark in _MOMENTS):
            raise CollectProblem(
                "The command asks for the window, and the incident has no start yet: set it, and run again."
            )
        return command
    values = {
        f"{{{name}{unit}}}": text
        for name, at in (("from", window.start), ("to", window.end))
        for unit, text in _written(at)
    }
    return Command(tuple(_replaced(word, values) for word in command.argv), command.folder)


def _written(at: datetime) -> tuple[tuple[str, str], ...]:
    seconds = int(at.timestamp())
    return ("", f"{at:%Y-%m-%dT%H:%M:%SZ}"), ("_s", str(seconds)), ("_ms", str(seconds * 1000))


def _replaced(word: str, values: Mapping[str, str]) -> str:
    for mark, value in values.items():
        word = word.replace(mark, value)
    return word


def _collect(command: Command, job: Job) -> Collected:
    timeout, most = _timeout_of(job.source.settings), _most_of(job.source.settings)
    if timeout is None or most is None:
        raise CollectProblem("The bounds of the command are no numbers: correct its settings.")
    full = _filled(command, job.window)
    program = Program(
        full, job.environment, job.cancelled, timeout_s=timeout.total_seconds(), most_bytes=most
    )
    name = f"{Path(full.argv[0]).name}.log"
    size = 0

    def output() -> Iterator[bytes]:
        nonlocal size
        job.report(step=f"running {Path(full.argv[0]).name}")
        try:
            for block in program.blocks():
                size += len(block)
                yield block
        except Cancel:
            if not size:
                raise
            program.cut = STOPPED

    def how_it_ended() -> str:
        parts = [f"exit code {program.exit_code}"] if not program.cut else [f"it {program.cut}"]
        return "; ".join([*parts, *([f"it said: {cut(program.said, 300)}"] if program.said else [])])

    query = f"command {json.dumps(list(full.argv), ensure_ascii=False)} in {full.folder}"
    with program:
        part = take(
            job,
            Intake(name, one_line(query), output, after=how_it_ended, once=True),
            lambda lines: job.report(bytes=size, rows=lines),
        )
    job.report(bytes=size, rows=part.artifact.rows, covered=part.coverage.covered)
    return _judged(job, program, part, Path(full.argv[0]).name)


def _judged(job: Job, program: Program, part: Part, name: str) -> Collected:
    """A command that failed is a source that failed: what it wrote before is kept, the rest is a hole."""
    said = f": {cut(program.said, 300)}" if program.said else ""
    if program.exit_code and not program.cut:
        ended = (
            f"with exit code {program.exit_code}"
            if program.exit_code > 0
            else f"by signal {-program.exit_code}"
        )
        raise CollectProblem(f"{one_line(name)} ended {ended}{said or ' and said nothing about it'}.")
    notes = (*part.notes, *((f"{one_line(name)} said{said}.",) if said else ()))
    if program.cut:
        why = f"{one_line(name)} {program.cut}"
        notes += (f"{why}." if program.cut == STOPPED else f"{why}: allow more in its settings.",)
        part = broken_off(job, part, why)
    return Collected((part.artifact, *part.beside), part.coverage.gaps, notes)
