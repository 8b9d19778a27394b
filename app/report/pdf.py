"""The report as PDF: the page, printed by a browser that is on this machine. Nothing is loaded while it prints."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_BROWSERS: Final = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge",
    "brave-browser",
)  # fmt: skip
_PLACES: Final = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
SECONDS: Final = 120


class PdfProblem(Exception):
    """No PDF can be made; ``str()`` is one sentence that says what to do."""


def browser(environ: Mapping[str, str] = os.environ) -> str:
    """The browser to print with: ``BLAMEFREE_BROWSER``, or one that is installed. Raises :class:`PdfProblem`."""
    named = environ.get("BLAMEFREE_BROWSER", "")
    if named:
        found = shutil.which(named, path=environ.get("PATH"))
        if found is None:
            raise PdfProblem(
                f"BLAMEFREE_BROWSER names {named}, which is not there: name a Chromium or a Chrome."
            )
        return found
    for name in (*_BROWSERS, *_PLACES):
        if found := shutil.which(name, path=environ.get("PATH")):
            return found
    raise PdfProblem(
        "No browser was found to print with: install Chromium, name one in BLAMEFREE_BROWSER, or print the"
        " HTML."
    )


def as_pdf(page: str, environ: Mapping[str, str] = os.environ) -> bytes:
    """The page as PDF. Raises :class:`PdfProblem`."""
    program = browser(environ)
    with tempfile.TemporaryDirectory(prefix="blamefree-pdf-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder, "report.html"), Path(folder, "report.pdf")
        source.write_text(page, "utf-8")
        command = [
            program,
            "--headless",
            "--disable-gpu",
            "--disable-extensions",
            "--no-first-run",
            # The page loads nothing; should it ever, no name has an address here.
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder}/profile",
            "--no-pdf-header-footer",
            f"--print-to-pdf={target}",
            source.as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # Chromium's sandbox refuses to run as root; the page has no script and loads nothing.
            command.insert(1, "--no-sandbox")
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired as error:
            raise PdfProblem(
                f"{program} did not print within {SECONDS} s: write --format html and print that."
            ) from error
        except OSError as error:
            raise PdfProblem(
                f"{program} cannot be run ({error.strerror}): name another in BLAMEFREE_BROWSER."
            ) from error
        if not target.is_file():
            raise PdfProblem(
                f"{program} printed nothing (exit code {done.returncode}): write --format html and print that."
            )
        return target.read_bytes()
