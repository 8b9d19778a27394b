"""The three ways into the terminal application: the list of reviews, one review, the sample.

They are apart from the command line because starting quickly is measured: they need none of its machinery.
"""

import os
import sys
from pathlib import Path
from typing import Final

STEPS: Final = ("collect", "timeline", "whys", "actions", "report", "track")
"""The names of the six screens, as they are typed."""


class NoTerminal(Exception):
    """The application cannot be shown; the sentence says what works instead."""


def root_of(flag: Path | None) -> Path:
    """Where reviews are kept: *flag*, else ``BLAMEFREE_SESSIONS``, else the settings, else ``sessions`` here.

    A team's own rules of language are in force from then on. Says on standard error what was not understood.
    """
    from app.rules import use_team_rules
    from app.settings import load_settings
    from app.store.catalogue import default_root

    settings = load_settings()
    for problem in settings.problems:
        sys.stderr.write(f"{problem}\n")
    configured = Path(settings.sessions).expanduser() if settings.sessions else None
    if flag is None and configured and not os.environ.get("BLAMEFREE_SESSIONS"):
        root = configured
    else:
        root = default_root(flag, os.environ)
    if problem := use_team_rules(root, settings.rules):
        sys.stderr.write(f"{problem}\n")
    return root


def review_list(root: Path) -> int:
    """Show the reviews in *root*; returns the exit code."""
    _need_terminal()
    from app import launch

    return launch.run(root=root)


def review(root: Path, wanted: str, screen: str = "") -> int:
    """Open the review that *wanted* names, where it was left or on *screen*; returns the exit code."""
    _need_terminal()
    from app import launch
    from app.store.catalogue import find

    return launch.run(root=root, folder=find(root, wanted), screen=screen)


def demo(root: Path) -> int:
    """Open a fresh copy of the sample review; returns the exit code."""
    _need_terminal()
    from app import launch
    from app.demo import copy_sample

    return launch.run(root=root, folder=copy_sample(root))


def _need_terminal() -> None:
    # TEXTUAL_DRIVER: served to a browser, where there is no terminal and none is needed.
    # Textual draws on standard error: redirected, the screens would be drawn into a file.
    whole = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    if not whole and not os.environ.get("TEXTUAL_DRIVER"):
        raise NoTerminal(
            "The screens need a terminal: run this in one, or use a command such as `blamefree list` here."
        )
