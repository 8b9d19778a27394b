"""Commands that sources run are shown to the person at this machine before they run: on the command line."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from app.commands.common import Problem, remark

if TYPE_CHECKING:
    from app.review.records import Session, Source
    from collectors.interface import Command


def confirm_own(source: "Source") -> None:
    """A command that was typed on this machine's command line is its person's own."""
    from collectors.confirmed import confirm

    command = _command(source)
    if command:
        confirm(command)
        remark(f"It may run on this machine: {command.shown}")


def confirm_named(session: "Session", ids: Iterable[str]) -> None:
    """Confirm the commands of the sources *ids*, and say which they were. Raises Problem for one without."""
    from collectors.confirmed import confirm

    for source in _sources(session, ids):
        command = _command(source)
        if command is None:
            raise Problem(f"{source.id} ({source.name or source.kind}) runs no command: leave it out.")
        confirm(command)
        remark(f"Confirmed for this machine: {command.shown} (in {command.folder})")


def confirm_when_asked(session: "Session", ids: Iterable[str]) -> None:
    """At a terminal, ask about each command that nobody has confirmed here; without one, nothing is asked."""
    from collectors.confirmed import confirm, is_confirmed

    if not _at_a_terminal():
        return
    for source in _sources(session, ids):
        command = _command(source)
        if command is None or is_confirmed(command):
            continue
        remark(
            f"{source.id} {source.name}: this review wants to run a command on this machine, with your rights:"
        )
        for number, word in enumerate(command.argv, 1):
            remark(f"  {number:2}  {word}")
        remark(f"  in  {command.folder}")
        if click.confirm("Run it, now and in later collections?", default=False, err=True):
            confirm(command)


def _at_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _sources(session: "Session", ids: Iterable[str]) -> "list[Source]":
    wanted = set(ids)
    return [each for each in session.sources if each.id in wanted]


def _command(source: "Source") -> "Command | None":
    from collectors.registry import collectors

    collector = collectors().get(source.kind)
    return collector.command(source.settings) if collector else None
