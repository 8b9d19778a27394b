"""A file, and the clipboard: of the terminal (OSC 52, works over SSH) and of the system, by its own command."""

import asyncio
import base64
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from app.report.pdf import PdfProblem, as_pdf
from app.report.write import WriteProblem, format_of, write_to
from app.review.plain import one_line
from app.sending.interface import Content, Ready, SendProblem, Sent

_COMMANDS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
    ("", ("pbcopy",)),
    ("", ("clip.exe",)),
)
"""Commands that take the clipboard's text from their input, and the variable without which they cannot."""
_TIMEOUT_S: Final = 5
OSC_LIMIT: Final = 74_994
"""Bytes that terminals take by OSC 52: base64 of them is 99,992 characters, xterm's limit is 100,000."""


def file_ready(content: Content, name: str) -> Ready:
    """The report as a file called *name*, in the format that its ending says; Markdown where it says none."""
    path = Path(name).expanduser()
    form = format_of(path) or "md"
    text = content.told("html" if form == "pdf" else form)

    async def go() -> Sent:
        try:
            data = await asyncio.to_thread(as_pdf, text) if form == "pdf" else text
            written = await asyncio.to_thread(write_to, path, data)
        except (WriteProblem, PdfProblem) as problem:
            raise SendProblem(str(problem)) from problem
        return Sent(str(written))

    there = " (replaces the file there)" if path.exists() else ""
    printed = ", printed by a browser from this page" if form == "pdf" else ""
    return Ready("file", one_line(str(path)), f"write {one_line(str(path))}{there}{printed}\n\n{text}", go)


def clipboard_ready(
    content: Content, environment: Mapping[str, str], terminal: Callable[[str], bool] | None = None
) -> Ready:
    """The report as Markdown in the clipboard. *terminal* hands a text to the terminal, and tells whether it could."""
    text = content.markdown
    command = system_command(environment)

    async def go() -> Sent:
        where: list[str] = []
        if command:
            filled = await asyncio.to_thread(_filled, command, text)
            where += [command[0]] if filled else []
        if terminal is not None and len(text.encode()) <= OSC_LIMIT and terminal(text):
            where.append("terminal")
        if not where:
            raise SendProblem(
                "There is no clipboard to reach: run this in a terminal that knows OSC 52, install wl-copy or xclip, "
                "or send it to a file."
            )
        alone = where == ["terminal"] and environment.get("TMUX")
        remark = "inside tmux it arrives only with: tmux set -g set-clipboard on" if alone else ""
        return Sent(f"clipboard ({', '.join(where)})", (remark,) if remark else ())

    return Ready("clipboard", "clipboard", f"copy {len(text.encode()):,} bytes of Markdown\n\n{text}", go)


def system_command(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The command of this system that fills its clipboard; nothing where there is none."""
    for needs, command in _COMMANDS:
        if (not needs or environment.get(needs)) and shutil.which(command[0], path=environment.get("PATH")):
            return command
    return ()


def _filled(command: tuple[str, ...], text: str) -> bool:
    try:
        subprocess.run(
            command,
            input=text.encode(),
            timeout=_TIMEOUT_S,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def osc52(text: str) -> bytes:
    """What makes a terminal put *text* into its clipboard; to be written to it as it is."""
    return b"\x1b]52;c;" + base64.b64encode(text.encode()) + b"\x07"


def to_terminal(text: str) -> bool:
    """Hand *text* to the clipboard of the terminal that controls this program, if it has one."""
    try:
        terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        left = osc52(text)
        while left:
            left = left[os.write(terminal, left) :]
    except OSError:
        return False
    finally:
        os.close(terminal)
    return True
