"""What is said when the program itself fails: where the review is, and a file for whoever repairs it.

Neither shows local variables nor the error's own message: both may hold tokens and text from the incident.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app import __version__
from app.review.plain import visible

if TYPE_CHECKING:
    from traceback import FrameSummary

CRASHED: Final = 70
"""Exit code of a program that itself failed (``EX_SOFTWARE``)."""


def report(error: BaseException | None, folder: Path | None) -> str:
    """Write a crash file, and return up to three lines for the person: what, where the review is, what to report."""
    import shlex

    error = _inner(error)
    lines = [f"blamefree failed: {_what(error)}."]
    if folder is not None:
        command = shlex.join(["blamefree", "open", visible(str(folder))])
        lines.append(f"Every edit that was saved is on disk. Resume with: {command}")
    path = _write(error)
    if path is not None:
        lines.append(f"Please report this with the file {path} (it holds no text of the review).")
    return "\n".join(lines)


def _inner(error: BaseException | None) -> BaseException | None:
    """The failure itself, where *error* only says that a background task failed."""
    inner = getattr(error, "error", None)
    return inner if isinstance(inner, BaseException) else error


def _what(error: BaseException | None) -> str:
    if error is None:
        return "unknown error"
    name = type(error).__name__
    if isinstance(error, ImportError) and error.name:
        name += f" ({visible(error.name)})"  # an installation that lacks a part; no text of the review
    frames = _frames(error)
    return f"{name} in {_place(frames[-1])}" if frames else name


def _frames(error: BaseException) -> "list[FrameSummary]":
    import traceback

    return traceback.extract_tb(error.__traceback__)


def _place(frame: "FrameSummary") -> str:
    path = Path(frame.filename)
    return f"{path.parent.name}/{path.name}:{frame.lineno} in {frame.name}"


def _write(error: BaseException | None) -> Path | None:
    """Write types and places of *error* and of those behind it; None where that is not possible."""
    if error is None:
        return None
    import platform
    import tempfile

    text = [
        f"blamefree {__version__} failed at {datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}",
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}",
    ]
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        text.append(type(one).__name__ if one is error else f"behind it: {type(one).__name__}")
        text += [f"  {_place(frame)}" for frame in _frames(one)]
        one = one.__cause__ or one.__context__
    try:
        handle, name = tempfile.mkstemp(prefix="blamefree-crash-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("\n".join(text) + "\n")
    except OSError:
        return None
    return Path(name)
