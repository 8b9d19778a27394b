"""From an exception to what a person is told, and the exit code that goes with it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Final

from app.crash import CRASHED, report
from app.review.plain import visible

MISSING: Final = 1
"""Something is missing, or not everything succeeded."""
USAGE: Final = 2
"""Wrong usage or bad input; nothing was done."""
INTERRUPTED: Final = 130
"""Ended by ctrl+c: 128 + SIGINT."""

SENTENCES: Final[dict[str, tuple[str, ...]]] = {
    "app.demo": ("SampleMissing",),
    "app.evidence.artifacts": ("EvidenceProblem",),
    "app.evidence.sql": ("BadQuery",),
    "app.http": ("HttpProblem",),
    "app.importing.read": ("ImportProblem",),
    "app.opening": ("NoTerminal",),
    "app.report.pdf": ("PdfProblem",),
    "app.report.presets": ("PresetProblem",),
    "app.report.public": ("PublicProblem",),
    "app.report.render": ("ReportProblem",),
    "app.report.write": ("WriteProblem",),
    "app.review.language_rules": ("RulesProblem",),
    "app.review.replacing": ("BadPattern",),
    "app.settings": ("ProfileProblem",),
    "app.store.errors": ("StoreError",),
    "app.tracking.calendar": ("CalendarProblem",),
    "app.secrets": ("TokenProblem",),
    "app.sending.interface": ("SendProblem",),
    "app.tracking.interface": ("TrackingProblem",),
    "collectors.interface": ("CollectProblem",),
}
"""Exceptions whose text is one sentence for the person, by module; a module that is not loaded raised none."""

_folder: ContextVar[Path | None] = ContextVar("_folder", default=None)


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Remember *folder* as the review at work, so that a crash can say where it is safe."""
    token = _folder.set(folder)
    yield
    # Not in a finally: behind an exception the folder is still wanted.
    _folder.reset(token)


def tell(error: BaseException) -> int:
    """Say on standard error what went wrong, never as a traceback, and return the exit code."""
    click = sys.modules.get("click")
    if isinstance(error, KeyboardInterrupt) or (click and isinstance(error, click.Abort)):
        return INTERRUPTED
    if click and isinstance(error, click.ClickException):
        said = error.format_message()
        if isinstance(error, click.UsageError) and error.ctx:
            said = f"{said.rstrip('.')}; see `{error.ctx.command_path} --help`."
        _write(said)
        return int(error.exit_code)
    if (said := sentence(error)) is not None:
        _write(said)
        return USAGE
    _write(report(error, _folder.get()))
    return CRASHED


def sentence(error: BaseException) -> str | None:
    """The sentence in an error that a person can cause; None for an error of the program."""
    for module, names in SENTENCES.items():
        loaded = sys.modules.get(module)
        if loaded and isinstance(error, tuple(getattr(loaded, name) for name in names)):
            return str(error)
    if isinstance(error, OSError):
        why = error.strerror or str(error) or "the system gave no reason"
        what = str(error.filename) if error.filename else "A file or stream"
        return f"{what} could not be used ({why}): see to it, or choose another place."
    return None


def ended(text: str) -> str:
    """*text* with the full stop that sentences have which are also parts of others."""
    return text if text.endswith((".", "!", "?", "…", "`")) else f"{text}."


def _write(text: str) -> None:
    sys.stderr.write(f"{visible(ended(text))}\n")
