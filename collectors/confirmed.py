"""What the person at this machine has seen and agreed to: commands that run, tokens that go to a server.

A session may come from somebody else. A command in it would run with the rights of whoever opens it, and it may pair
any token of theirs with any server. So a command runs only when exactly that vector, in exactly that folder, was
confirmed *here*, and a token goes to a server only when exactly that pair was. What is remembered is a hash, in the
platform's state folder, where no session can put it.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

from app.secrets import goes_there_anyway
from app.settings import load_settings
from app.text import one_line
from collectors.interface import Collector, CollectProblem, Command, Lent, NeedsConfirmation

_MOST = 2_000


def fingerprint(item: Command | Lent) -> str:
    """The hash that stands for *item*: of each argument by itself and the folder, or of what is lent to whom."""
    words = (
        [list(item.argv), str(item.folder)] if isinstance(item, Command) else [item.what, item.name, item.to]
    )
    whole = json.dumps(words, ensure_ascii=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def is_confirmed(item: Command | Lent) -> bool:
    """Whether the person at this machine has confirmed exactly *item*."""
    return fingerprint(item) in _known()


def waiting(
    collector: Collector, settings: Mapping[str, Any], environment: Mapping[str, str] = os.environ
) -> list[Command | Lent]:
    """What a source with *settings* would run or use and nobody here has confirmed."""
    items: list[Command | Lent] = [
        each for each in collector.lent(settings) if not _is_own(each, environment)
    ]
    if command := collector.command(settings):
        items.append(command)
    items = [each for each in items if not is_confirmed(each)]
    # A source of the person's own settings is theirs already: they are read only where that may matter.
    own = any(
        each.kind == collector.kind and collector.lent(each.settings) == collector.lent(settings)
        for each in (load_settings().profiles if any(isinstance(each, Lent) for each in items) else ())
    )
    return [each for each in items if not own or isinstance(each, Command)]


def _is_own(item: Lent, environment: Mapping[str, str]) -> bool:
    if item.what == "token":
        return goes_there_anyway(item.name, item.to, environment)
    paths = environment.get("KUBECONFIG", "").split(os.pathsep)
    usual = {Path(each).expanduser().absolute() for each in (*paths, "~/.kube/config") if each}
    return Path(item.name).absolute() in usual


def require_lent(collector: Collector, settings: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """Raise :class:`NeedsConfirmation` when a source would use something of this person's that they did not confirm."""
    for item in _unlent(collector, settings, environment):
        raise NeedsConfirmation(item)


def may_lend(collector: Collector, settings: Mapping[str, Any], environment: Mapping[str, str]) -> bool:
    """Whether nothing that a source uses still waits for the person."""
    return not _unlent(collector, settings, environment)


def _unlent(collector: Collector, settings: Mapping[str, Any], environment: Mapping[str, str]) -> list[Lent]:
    return [each for each in waiting(collector, settings, environment) if isinstance(each, Lent)]


def confirm_lent(
    collector: Collector, settings: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    """Remember what a source uses that the person typed here; not what stood in its settings *before*."""
    stood = collector.lent(before) if before is not None else ()
    for item in _unlent(collector, settings, os.environ):
        if item not in stood:
            confirm(item)


def require(command: Command) -> None:
    """Raise :class:`NeedsConfirmation` unless *command* was confirmed here."""
    if not is_confirmed(command):
        raise NeedsConfirmation(command)


def confirm(command: Command | Lent) -> None:
    """Remember that the person has seen *command* and wants it to run, or lends what it says."""
    path = _path()
    known = [each for each in _known() if each != fingerprint(command)][1 - _MOST :]
    fresh = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps([*known, fingerprint(command)]), "utf-8")
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise CollectProblem(
            f"The confirmation cannot be kept in {one_line(str(path.parent))} ({error.strerror}): allow writing."
        ) from error


def _path() -> Path:
    return user_state_path("blamefree") / "commands.json"


def _known() -> list[str]:
    try:
        found = json.loads(_path().read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
