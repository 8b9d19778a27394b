"""A commit into a repository of reports. It never pushes, and nothing of the repository runs: no hook, no signing.

Only the report's own file is committed; what else is staged there stays as it is.
"""

import asyncio
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from app.report.write import WriteProblem, write_to
from app.review.plain import one_line
from app.sending.interface import Content, Ready, SendProblem, Sent

_QUIET: Final = (
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "commit.gpgSign=false"),
    *("-c", "gc.auto=0"),
)
_TIMEOUT_S: Final = 30


def ready(content: Content, repository: Path, folder: str, environment: Mapping[str, str]) -> Ready:
    """The commit that would be made in *repository*, with the report below its *folder*."""
    root = repository.expanduser()
    if not root.is_dir():
        raise SendProblem(
            f"There is no folder {one_line(str(root))}: name a clone of the reports' repository."
        )
    top = _git(root, environment, "rev-parse", "--show-toplevel").strip()
    target = _inside(Path(top), Path(folder) / f"{content.name}.md")
    name = target.relative_to(Path(top).resolve()).as_posix()
    commands = (("add", "--", name), ("commit", "--no-verify", "--only", "-m", content.title, "--", name))

    async def go() -> Sent:
        return await asyncio.to_thread(_commit, Path(top), target, content.markdown, commands, environment)

    shown = "\n".join(f"git {' '.join(_shown(word) for word in command)}" for command in commands)
    exactly = (
        f"in {one_line(top)}\nwrite {one_line(name)}\n{shown}\n(nothing is pushed)\n\n{content.markdown}"
    )
    return Ready("git commit", f"{one_line(top)} {one_line(name)}", exactly, go)


def _commit(
    top: Path,
    target: Path,
    text: str,
    commands: tuple[tuple[str, ...], ...],
    environment: Mapping[str, str],
) -> Sent:
    name = target.relative_to(top.resolve()).as_posix()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_to(target, text)
    except (OSError, WriteProblem) as problem:
        raise SendProblem(f"{one_line(str(target))} cannot be written: {one_line(str(problem))}") from problem
    _git(top, environment, *commands[0])
    if not _git(top, environment, "status", "--porcelain", "--", name).strip():
        return Sent(
            f"{one_line(str(top))} {name}", ("the repository has this report already: nothing to commit",)
        )
    _git(top, environment, *commands[1])
    commit = _git(top, environment, "rev-parse", "--short", "HEAD").strip()
    return Sent(f"{one_line(str(top))} {name} ({commit})", ("not pushed",))


def _inside(top: Path, relative: Path) -> Path:
    """The real place of *relative* below *top*. A link that leads elsewhere is refused."""
    top = top.resolve()
    target = (top / relative).parent.resolve() / relative.name
    if not target.is_relative_to(top) or ".git" in target.relative_to(top).parts or target.is_symlink():
        raise SendProblem(
            f"{one_line(str(relative))} leads out of the repository: name another folder in it."
        )
    return target


def _git(top: Path, environment: Mapping[str, str], *words: str) -> str:
    clean = {key: value for key, value in environment.items() if not key.startswith("GIT_")}
    try:
        done = subprocess.run(
            ("git", *_QUIET, *words),
            cwd=top,
            env={**clean, "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError as error:
        raise SendProblem("There is no git on this machine: install it, or send it to a file.") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise SendProblem(
            f"git did not finish ({type(error).__name__}): look into {one_line(str(top))}."
        ) from error
    if done.returncode:
        said = (
            one_line(done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:][0])
            if done.stderr
            else ""
        )
        raise SendProblem(f"git {words[0]} failed in {one_line(str(top))} ({said}): see to it there.")
    return done.stdout.decode("utf-8", "replace")


def _shown(word: str) -> str:
    return f"'{word}'" if " " in word else one_line(word)
