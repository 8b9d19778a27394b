"""Where the program begins. Opening a review is the common case, and goes past the command line's machinery."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


def main(words: Sequence[str] | None = None) -> int:
    """Run the program with the given words of the command line and return its exit code."""
    words = sys.argv[1:] if words is None else list(words)
    for stream in (sys.stdout, sys.stderr):
        # A terminal or a file in an old encoding must not turn a dash in a sentence into a crash.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        way = _straight(words)
        if way is not None:
            return way()
        from app.cli import run

        return run(words)
    except (Exception, KeyboardInterrupt) as error:
        from app.problems import tell

        status = tell(error)
        _let_go_of_output()
        return status


def _let_go_of_output() -> None:
    """What an output that is full or gone did not take is forgotten: Python would try again, and end with 120."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _straight(words: Sequence[str]) -> Callable[[], int] | None:
    """The way into the screens that *words* ask for in full and without doubt; None for all else."""
    if "_BLAMEFREE_COMPLETE" in os.environ:
        return None
    plain: list[str] = []
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, sign, value = word.partition("=")
        if name in {"--sessions", "--screen"} and name not in options:
            options[name] = value if sign else next(rest, "")
        elif word.startswith("-"):
            return None
        else:
            plain.append(word)
    from app import opening

    screen = options.get("--screen", "")
    known = "--screen" not in options or (screen in opening.STEPS and plain[:1] == ["open"])
    if not known or options.get("--sessions") == "":
        return None
    root = Path(options["--sessions"]) if "--sessions" in options else None
    match plain:
        case []:
            return lambda: opening.review_list(opening.root_of(root))
        case ["demo"]:
            return lambda: opening.demo(opening.root_of(root))
        case ["open", wanted] if wanted:
            return lambda: opening.review(opening.root_of(root), wanted, screen)
    return None


if __name__ == "__main__":
    sys.exit(main())
