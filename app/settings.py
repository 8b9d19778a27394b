"""What the person chose for this machine, and where they were: outside of the sessions, which are shared.

Settings are read from ``config.toml`` in the platform's configuration folder (``~/.config/blamefree``); where
a review was left is kept in the platform's state folder. Losing either loses nothing that matters.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_state_path

from app.review.plain import one_line, scrub

_MOST_PLACES = 200
_LONGEST_MINUTES = 60 * 24 * 31


@dataclass(frozen=True)
class Profile:
    """A source that a team uses again and again: its kind, and its settings without the secrets themselves."""

    name: str
    kind: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Settings:
    """What can be set. *problems* are sentences about lines of the file that were not understood."""

    sessions: str = ""
    """Folder of the reviews; empty for ``sessions`` in the working folder."""
    theme: str = ""
    """Name of a Textual theme; empty for the default."""
    rules: str = ""
    """A team's own rules of language; empty for ``rules.toml`` beside the reviews, where there is one."""
    templates: str = ""
    """A team's own templates of reports; empty for ``templates`` beside the reviews, where there are any."""
    lead_minutes: int = 30
    """How long before the incident's start evidence is gathered from."""
    tail_minutes: int = 10
    """How long after its end."""
    profiles: tuple[Profile, ...] = ()
    """A team's sources, ready for the next review: the tables ``[source.NAME]``."""
    trackers: tuple[Profile, ...] = ()
    """A team's trackers: the tables ``[tracker.NAME]``; without a kind, NAME is the kind."""
    people: Mapping[str, Any] = field(default_factory=dict)
    """Who is who: the table ``[people]`` from handles to accounts, or to accounts by tracker."""
    sending: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """How reports are sent: the tables ``[send.mail]``, ``[send.slack]`` and ``[send.git]``."""
    type_to_replace: bool = False
    """Whether the timeline is a spreadsheet from the start: ``typing = "replace"`` in the table ``[timeline]``."""
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
    known = {each.name for each in fields(Settings)} - {
        "problems",
        "profiles",
        "trackers",
        "people",
        "sending",
        "type_to_replace",
    }
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in data.items():
        said = one_line(name)
        if name in ("source", "tracker", "people", "send", "timeline"):
            continue
        if name not in known:
            names = ", ".join(sorted(known))
            problems.append(
                f"{path}: “{said}” is not a setting; there are {names}, [source.NAME], [tracker.NAME], [people], "
                "[send.mail] and [timeline]."
            )
        elif name.endswith("_minutes"):
            if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LONGEST_MINUTES:
                values[name] = value
            else:
                problems.append(f"{path}: “{said}” must be a number of minutes from 0 to {_LONGEST_MINUTES}.")
        elif isinstance(value, str):
            values[name] = one_line(value)
        else:
            problems.append(f"{path}: “{said}” must be text in quotes.")
    profiles, wrong = _profiles(data.get("source", {}), path)
    trackers, amiss = _trackers(data.get("tracker", {}), path)
    people = data.get("people", {})
    if not isinstance(people, dict):
        people, amiss = (
            {},
            [*amiss, f'{path}: people are written as [people] with lines like "@bob" = "bob-h".'],
        )
    sending = data.get("send", {})
    if not isinstance(sending, dict) or not all(isinstance(table, dict) for table in sending.values()):
        sending, amiss = (
            {},
            [*amiss, f"{path}: ways to send are written as [send.mail], [send.slack] or [send.git]."],
        )
    replaces, puzzling = _timeline(data.get("timeline", {}), path)
    return Settings(
        **values,
        type_to_replace=replaces,
        profiles=profiles,
        trackers=trackers,
        people=scrub(people),
        sending=scrub(sending),
        problems=(*problems, *wrong, *amiss, *puzzling),
    )


def _timeline(table: Any, path: Path) -> tuple[bool, list[str]]:
    """Whether typing replaces cells from the start, and what was not understood."""
    if table == {}:
        return False, []
    if isinstance(table, dict) and set(table) == {"typing"} and table["typing"] in ("command", "replace"):
        return table["typing"] == "replace", []
    return False, [f'{path}: the timeline is set by [timeline] with typing = "replace" or "command".']


def _profiles(tables: Any, path: Path) -> tuple[tuple[Profile, ...], list[str]]:
    if not isinstance(tables, dict):
        return (), [f"{path}: sources are written as [source.NAME] with a kind and settings."]
    found: list[Profile] = []
    problems: list[str] = []
    for name, table in tables.items():
        said = one_line(name)
        kind = table.get("kind") if isinstance(table, dict) else None
        if isinstance(kind, str) and kind.strip():
            settings = scrub({key: value for key, value in table.items() if key != "kind"})
            found.append(Profile(said, one_line(kind), settings))
        else:
            problems.append(f'{path}: [source.{said}] has no kind: write kind = "prometheus", say.')
    return tuple(found), problems


def _trackers(tables: Any, path: Path) -> tuple[tuple[Profile, ...], list[str]]:
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        return (), [f"{path}: trackers are written as [tracker.NAME] with a kind and settings."]
    return tuple(
        Profile(
            one_line(name),
            one_line(str(table.get("kind") or name)),
            scrub({key: value for key, value in table.items() if key != "kind"}),
        )
        for name, table in tables.items()
    ), []


class ProfileProblem(ValueError):
    """A profile cannot be written; the sentence says what to do."""


def save_profile(profile: Profile, path: Path | None = None) -> Path:
    """Add *profile* to the end of the settings file, whose other lines and comments stay as they are.

    Raises :class:`ProfileProblem` when there is one of that name, or the file cannot be read or written.
    """
    import tomli_w

    path = path or config_path()
    try:
        before = path.read_text("utf-8") if path.exists() else ""
        known = tomllib.loads(before).get("source", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileProblem(
            f"{path} was not read ({one_line(str(error))}): correct or remove it."
        ) from error
    if profile.name in known:
        raise ProfileProblem(f"{path} has a source “{profile.name}” already: choose another name.")
    table = {"source": {profile.name: {"kind": profile.kind, **profile.settings}}}
    gap = "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
    fresh = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.write_text(f"{before}{gap}{tomli_w.dumps(table)}", "utf-8")
        fresh.replace(path)
    except OSError as error:
        raise ProfileProblem(f"{path} cannot be written ({error.strerror}): allow writing there.") from error
    return path


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
