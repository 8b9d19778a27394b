"""Commands that sources run, and tokens that they send, are shown to the person at this machine before: in a shell."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from app.commands.common import Problem, remark

if TYPE_CHECKING:
    from app.review.records import Session, Source
    from collectors.interface import Command, Lent


def confirm_own(source: "Source", before: "Source | None" = None) -> None:
    """A command, or a token for a server, that was typed on this machine's command line is its person's own.

    What stood in the source *before* was typed by somebody else, perhaps.
    """
    from collectors.confirmed import confirm, confirm_lent
    from collectors.registry import collectors

    if collector := collectors().get(source.kind):
        confirm_lent(collector, source.settings, before.settings if before else None)
    if before is not None and _command(before) == _command(source):
        return

    command = _command(source)
    if command:
        confirm(command)
        remark(f"It may run on this machine: {command.shown}")


def confirm_named(session: "Session", ids: Iterable[str]) -> None:
    """Confirm what the sources *ids* run and use, and say what it was. Raises Problem for one without."""
    from collectors.confirmed import confirm
    from collectors.interface import Command, Lent

    for source in _sources(session, ids):
        items: list[Command | Lent] = list(_lent(source))
        if command := _command(source):
            items.append(command)
        if not items:
            raise Problem(f"{source.id} ({source.name or source.kind}) needs no confirmation: leave it out.")
        for item in items:
            confirm(item)
            where = f" (in {item.folder})" if isinstance(item, Command) else ""
            remark(f"Confirmed for this machine: {item.shown}{where}")


def confirm_when_asked(session: "Session", ids: Iterable[str]) -> None:
    """At a terminal, ask about what nobody has confirmed here; without one, nothing is asked."""
    from collectors.confirmed import confirm, waiting
    from collectors.interface import Command
    from collectors.registry import collectors

    if not _at_a_terminal():
        return
    for source in _sources(session, ids):
        collector = collectors().get(source.kind)
        for item in waiting(collector, source.settings) if collector else ():
            who = f"{source.id} {source.name}: this review wants"
            if isinstance(item, Command):
                remark(f"{who} to run a command on this machine, with your rights:")
                for number, word in enumerate(item.argv, 1):
                    remark(f"  {number:2}  {word}")
                remark(f"  in  {item.folder}")
                question = "Run it, now and in later collections?"
            else:
                remark(f"{who} to use what is yours: {item.shown}.")
                question = "Is that right, now and in later collections?"
            if click.confirm(question, default=False, err=True):
                confirm(item)


def _at_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _sources(session: "Session", ids: Iterable[str]) -> "list[Source]":
    wanted = set(ids)
    return [each for each in session.sources if each.id in wanted]


def _lent(source: "Source") -> "tuple[Lent, ...]":
    from collectors.registry import collectors

    collector = collectors().get(source.kind)
    return collector.lent(source.settings) if collector else ()


def _command(source: "Source") -> "Command | None":
    from collectors.registry import collectors

    collector = collectors().get(source.kind)
    return collector.command(source.settings) if collector else None
