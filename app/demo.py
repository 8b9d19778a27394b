"""The sample review: a fresh copy to rehearse on, never the shipped files."""

import shutil
from importlib import resources
from pathlib import Path

NAME = "2025-02-09-api-service-degradation"


class SampleMissing(Exception):
    """The sample is not there, or cannot be copied; the sentence says what to do."""


def sample_folder() -> Path:
    """Where the sample lies: inside the installed package, or in the repository's ``sessions`` folder."""
    inside = Path(str(resources.files("app"))) / "sample" / NAME
    beside = Path(__file__).parent.parent / "sessions" / NAME
    for folder in (inside, beside):
        if (folder / "session.toml").is_file():
            return folder
    raise SampleMissing("The sample review is not part of this installation: install blamefree again.")


def copy_sample(root: Path) -> Path:
    """Copy the sample into *root* under a name of its own, and return the folder of the copy.

    Raises :class:`SampleMissing`.
    """
    source = sample_folder()
    try:
        return _copied(source, root)
    except OSError as error:
        why = error.strerror or "the system gave no reason"
        raise SampleMissing(
            f"The sample cannot be copied to {root} ({why}): choose another place."
        ) from error


def _copied(source: Path, root: Path) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        target = root / (f"demo-{NAME}" if number == 1 else f"demo-{NAME}-{number}")
        try:
            target.mkdir(mode=0o700)
            break
        except FileExistsError:
            number += 1
    shutil.copy2(source / "session.toml", target / "session.toml")
    if (source / "evidence").is_dir():
        shutil.copytree(source / "evidence", target / "evidence")
    return target
