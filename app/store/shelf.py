"""All reviews of a folder with what is in them, for what looks at more than one: open actions, search, relatives.

Each is read as it was last saved together with its journal, also while it is open elsewhere; nothing is written.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.review.records import Session
from app.store import files, journal
from app.store.catalogue import folders
from app.store.errors import StoreError
from app.store.recovery import examine


@dataclass(frozen=True)
class Shelved:
    """One review: its folder and its session, or the *problem* for which that could not be read."""

    folder: Path
    session: Session = field(default_factory=Session)
    problem: str = ""

    @property
    def title(self) -> str:
        """What it is called in a list."""
        return self.session.incident.title or self.folder.name


def shelf(root: Path, wanted: Callable[[bytes], bool] = lambda _raw: True) -> Iterator[Shelved]:
    """Every review below *root*, the last saved first. Raises StoreError where *root* cannot be read.

    *wanted* may turn a review down by the bytes of its session file and its journal, which is quicker than
    reading what they say.
    """
    for folder in folders(root):
        if (found := _shelved(folder, wanted)) is not None:
            yield found


def _shelved(folder: Path, wanted: Callable[[bytes], bool]) -> Shelved | None:
    try:
        record = journal.read(folder / files.JOURNAL)
        if not wanted((folder / files.SESSION).read_bytes() + b"\n" + record):
            return None
        return Shelved(folder, examine(folder, record, read_only=True).session)
    except StoreError as problem:
        return Shelved(folder, problem=str(problem))
    except OSError as problem:
        return Shelved(folder, problem=f"cannot be read ({problem.strerror})")
