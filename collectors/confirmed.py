"""Which commands the person at this machine has seen and confirmed.

A session may come from somebody else, and a command in it would run with the rights of whoever opens it. So a
command runs only when exactly that vector, in exactly that folder, was confirmed *here*. What is remembered is
a hash, in the platform's state folder, where no session can put it.
"""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_state_path

from app.text import one_line
from collectors.interface import CollectProblem, Command, NeedsConfirmation

_MOST = 2_000


def fingerprint(command: Command) -> str:
    """The hash that stands for *command*: of each argument by itself, and of the folder."""
    whole = json.dumps([list(command.argv), str(command.folder)], ensure_ascii=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def is_confirmed(command: Command) -> bool:
    """Whether the person at this machine has confirmed exactly *command*."""
    return fingerprint(command) in _known()


def require(command: Command) -> None:
    """Raise :class:`NeedsConfirmation` unless *command* was confirmed here."""
    if not is_confirmed(command):
        raise NeedsConfirmation(command)


def confirm(command: Command) -> None:
    """Remember that the person has seen *command* and wants it to run."""
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
