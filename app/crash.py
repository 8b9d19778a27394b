"""What is said when the program itself fails: where the review is, and a file for whoever repairs it."""

import os
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from app.review.plain import visible


def report(error: BaseException | None, folder: Path | None) -> str:
    """Write a crash file without local variables, and return three lines for the person.

    Local variables are left out on purpose: they may hold tokens and text from the incident.
    """
    what = visible(f"{type(error).__name__}: {error}")[:200] if error is not None else "unknown error"
    lines = [f"blamefree failed ({what})."]
    if folder is not None:
        lines.append(f"Every edit that was saved is in {folder}. Resume with: blamefree open {folder}")
    path = _write(error)
    if path is not None:
        lines.append(f"Please report this with the file {path} (it holds no text of the review).")
    return "\n".join(lines)


def _write(error: BaseException | None) -> Path | None:
    if error is None:
        return None
    frames = traceback.extract_tb(error.__traceback__)
    text = [f"blamefree crash {datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}", type(error).__name__]
    text += [f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames]
    try:
        handle, name = tempfile.mkstemp(prefix="blamefree-crash-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("\n".join(text) + "\n")
    except OSError:
        return None
    return Path(name)
