"""All sessions of a folder: the opening list, finding one by part of its name, places for new ones."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from app.review.plain import one_line
from app.review.records import Session
from app.store import files
from app.store.errors import NotFound, StoreError
from app.store.reading import SIZE_LIMIT, parse

SLUG_LENGTH = 80


@dataclass(frozen=True)
class Card:
    """One line of the opening list. *problem* says why a session cannot be shown; the rest is then empty."""

    folder: Path
    id: str = ""
    title: str = ""
    severity: str = ""
    status: str = ""
    started: date | None = None
    saved_at: datetime | None = None
    problem: str = ""


def default_root(flag: Path | None, environ: Mapping[str, str]) -> Path:
    """Where sessions are kept: ``--sessions``, else ``BLAMEFREE_SESSIONS``, else ``sessions`` right here."""
    return flag or Path(environ.get("BLAMEFREE_SESSIONS") or "sessions")


def sessions(root: Path) -> list[Card]:
    """All sessions below *root*, the last saved first. Reads the session files only."""
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(
        map(card, _folders(root)), key=lambda each: (each.saved_at or never, each.folder.name), reverse=True
    )


def folders(root: Path) -> list[Path]:
    """The folders of all sessions below *root*, the last saved first. Opens no file."""

    def saved(folder: Path) -> tuple[float, str]:
        try:
            return (folder / files.SESSION).stat().st_mtime, folder.name
        except OSError:
            return 0.0, folder.name

    return sorted(_folders(root), key=saved, reverse=True)


def _folders(root: Path) -> list[Path]:
    try:
        return [entry for entry in root.iterdir() if (entry / files.SESSION).exists()]
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        raise StoreError(f"{root} is a file, not a folder of sessions; name the folder") from error
    except OSError as error:
        raise StoreError(f"{root} cannot be read ({error.strerror}); see to its permissions") from error


def card(folder: Path) -> Card:
    """The facts of one session that the opening list shows."""
    path = folder / files.SESSION
    saved_at = None
    try:
        facts = path.stat()
        saved_at = datetime.fromtimestamp(facts.st_mtime, UTC)
        # A file that is too large is refused by its size, not by reading it.
        table = parse(path.read_bytes() if facts.st_size <= SIZE_LIMIT else bytes(SIZE_LIMIT + 1))
    except OSError as error:
        return Card(folder, saved_at=saved_at, problem=f"cannot be read ({error.strerror})")
    except StoreError as error:
        return Card(folder, saved_at=saved_at, problem=f"cannot be read: {error}")
    incident = table.get("incident")
    facts_of: dict[str, Any] = incident if isinstance(incident, dict) else {}
    return Card(
        folder,
        id=_text(table.get("id")),
        title=_text(facts_of.get("title")),
        severity=_text(facts_of.get("severity")),
        status=_text(facts_of.get("status", "draft")),
        started=_day(facts_of.get("started_at")) or _first_day(table.get("event")),
        saved_at=saved_at,
    )


def _day(value: object) -> date | None:
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None


def _first_day(events: object) -> date | None:
    """The first day of the rows: of those with a milestone, for others may tell what came long before."""
    rows = [row for row in events if isinstance(row, dict)] if isinstance(events, list) else []
    days = [day for row in rows if row.get("milestone") and (day := _day(row.get("at")))]
    return min(days or filter(None, (_day(row.get("at")) for row in rows)), default=None)


def _text(value: object) -> str:
    return one_line(value) if isinstance(value, str) else ""


def find(root: Path, wanted: str) -> Path:
    """The folder of the session that *wanted* names: an id, a folder, a TOML file, or any part of a name.

    Raises NotFound with the names that come near, or with those that fit if there are several.
    """
    if not wanted.strip():
        raise NotFound(f"no session was named; {_offer(sessions(root))}")
    for place in (Path(wanted).expanduser(), root / wanted):
        if place.name == files.SESSION and place.is_file():
            return place.parent
        if (place / files.SESSION).is_file():
            return place
        if place.is_file() and place.suffix == ".toml":
            raise NotFound(f"{place} is not the {files.SESSION} of a session's folder")
    cards = sessions(root)
    key = wanted.casefold()
    for fits in (
        [each for each in cards if wanted in (each.id, each.folder.name)],
        [each for each in cards if key in {name.casefold() for name in _names(each)}],
        [each for each in cards if any(key in name.casefold() for name in _names(each))],
    ):
        if len(fits) == 1:
            return fits[0].folder
        if fits:
            names = ", ".join(each.folder.name for each in fits[:6]) + (" …" if len(fits) > 6 else "")
            raise NotFound(f"{wanted!r} fits {len(fits)} sessions: {names}; say more of the name")
    raise NotFound(f"no session fits {wanted!r} in {root}; {_offer(cards, wanted)}")


def _names(each: Card) -> tuple[str, ...]:
    return tuple(name for name in (each.folder.name, each.id, each.title) if name)


def _offer(cards: list[Card], wanted: str = "") -> str:
    names = [each.folder.name for each in cards]
    if not names:
        return "there are none yet: make one with `blamefree new`"
    import difflib  # needed for a wrong name only

    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.3) or names[:3]
    return f"there is {', '.join(near)}" + (" …" if len(names) > len(near) else "")


def new_folder(root: Path, session: Session) -> Path:
    """A free place for *session* below *root*, named by its day and title. Makes nothing.

    The name holds letters, digits and hyphens only, so it cannot lead out of *root*.
    """
    started = session.incident.started_at
    day = started.date().isoformat() if started else ""
    name = "-".join(part for part in (day, _slug(session.incident.title)) if part)[:SLUG_LENGTH].strip("-")
    name = name or _slug(session.id)[:SLUG_LENGTH] or "session"
    taken = (
        root / f"{name[: SLUG_LENGTH - len(end)]}{end}" for end in ("", *(f"-{n}" for n in range(2, 10_000)))
    )
    return next(place for place in taken if not place.exists() and not place.is_symlink())


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def free_id(root: Path, day: date) -> str:
    """An id that no other review in *root* has, from the day of the incident: tickets are found again by it."""
    taken = {card.id for card in sessions(root)}
    names = (f"PM-{day.isoformat()}{end}" for end in ("", *(f"-{each}" for each in range(2, len(taken) + 3))))
    return next(name for name in names if name not in taken)
