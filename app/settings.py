"""What the person chose for this machine, and where they were: outside of the sessions, which are shared.

Settings are read from ``config.toml`` in the platform's configuration folder (``~/.config/blamefree``); where
a review was left is kept in the platform's state folder. Losing either loses nothing that matters.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_state_path

from app.review.plain import one_line

_MOST_PLACES = 200


@dataclass(frozen=True)
class Settings:
    """What can be set. *problems* are sentences about lines of the file that were not understood."""

    sessions: str = ""
    """Folder of the reviews; empty for ``sessions`` in the working folder."""
    theme: str = ""
    """Name of a Textual theme; empty for the default."""
    rules: str = ""
    """A team's own rules of language; empty for ``rules.toml`` beside the reviews, where there is one."""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a review was left: its screen and the row under the cursor."""

    screen: str = ""
    row: str = ""


def config_path(environ: Mapping[str, str] = os.environ) -> Path:
    """The settings file: ``BLAMEFREE_CONFIG``, or the platform's place for it."""
    named = environ.get("BLAMEFREE_CONFIG")
    return Path(named) if named else user_config_path("blamefree") / "config.toml"


def load_settings(path: Path | None = None) -> Settings:
    """The settings; a file that is not there, or not readable, changes nothing but is spoken of."""
    path = path or config_path()
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Settings(problems=(f"{path} was not read ({one_line(str(error))}): correct or remove it.",))
    return _settings(data, path)


def _settings(data: dict[str, Any], path: Path) -> Settings:
    known = {field.name for field in fields(Settings)} - {"problems"}
    values = {
        name: one_line(value) for name, value in data.items() if name in known and isinstance(value, str)
    }
    problems = tuple(
        f"{path}: “{one_line(name)}” is not a setting; there are {', '.join(sorted(known))}."
        if name not in known
        else f"{path}: “{name}” must be text in quotes."
        for name in data
        if name not in values
    )
    return Settings(**values, problems=problems)


def _places_path() -> Path:
    return user_state_path("blamefree") / "places.json"


def _places() -> dict[str, dict[str, Any]]:
    try:
        data = json.loads(_places_path().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return (
        {key: value for key, value in data.items() if isinstance(value, dict)}
        if isinstance(data, dict)
        else {}
    )


def place(folder: Path) -> Place:
    """Where the review in *folder* was left on this machine."""
    known = _places().get(str(folder.resolve()), {})
    return Place(one_line(str(known.get("screen", ""))), one_line(str(known.get("row", ""))))


def last_places() -> list[Path]:
    """The folders of the reviews that were opened on this machine, the last one first."""
    return [Path(folder) for folder in reversed(_places())]


def remember_place(folder: Path, screen: str, row: str) -> None:
    """Remember where a review was left; a home that cannot be written to is no reason to fail."""
    places = _places()
    key = str(folder.resolve())
    places.pop(key, None)
    places[key] = {"screen": screen, "row": row}
    for oldest in list(places)[:-_MOST_PLACES]:
        del places[oldest]
    path = _places_path()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}.tmp")
        fresh.write_text(json.dumps(places), "utf-8")
        fresh.replace(path)
