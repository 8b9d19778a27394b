"""A text in the person's own editor: ``$VISUAL``, ``$EDITOR``, or the one that is nearly always there."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from textual.app import App, SuspendNotSupported

from app.text import decode, visible

LONGEST = 1_000_000


class NoEditor(Exception):
    """The editor could not be run; the sentence says what to do."""


def edit_text(app: App[object], text: str, suffix: str = ".md") -> str | None:
    """Let the person edit *text* outside of the program. None when nothing was changed.

    Raises :class:`NoEditor` with one sentence when there is no editor, or it failed: the text stays as it was.
    """
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    # A file of its own in a private folder: editors write swap and backup files beside it.
    with tempfile.TemporaryDirectory(prefix="blamefree-") as folder:
        path = Path(folder, f"text{suffix}")
        path.write_text(text, encoding="utf-8")
        try:
            argv = [*shlex.split(command), str(path)]
            with app.suspend():
                status = subprocess.run(argv, check=False).returncode
        except SuspendNotSupported:
            raise NoEditor("This terminal cannot be lent to an editor: edit the text in place.") from None
        except (OSError, ValueError):
            raise NoEditor(f"The editor “{command}” was not found: set EDITOR to one that is here.") from None
        if status:
            raise NoEditor(f"The editor “{command}” ended with status {status}: the text was left as it was.")
        edited = visible(decode(path.read_bytes(), LONGEST)).rstrip("\n")
    return None if edited == text.rstrip("\n") else edited
