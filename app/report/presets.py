"""Which sections a report has, in which order, and what they are called: the presets that ship, and a team's own.

A team's folder ``templates`` (beside the reviews, or named in the settings) may hold ``md/summary.md.j2`` and the like,
which take the place of the shipped template of a section; new sections of its own; and ``presets.toml``:

    [presets.ours]
    sections = ["header", "summary", "sla", "timeline", "actions", "passages"]
    headings = { summary = "In short" }
    custom = true

Sections of people's own (``Passage``) stand behind the section that they have their place after; those without a place
stand together at ``passages``, and are left out where a preset does not name it. ``custom = false`` leaves out all.

Templates run in Jinja2's sandbox and see one value, ``report`` (:class:`app.report.view.Report`), and ``heading``.
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.review.sections import HEADINGS

FOLDER: Final = "templates"


class PresetProblem(Exception):
    """A preset or a template cannot be used; ``str()`` is one sentence that says what to do."""


@dataclass(frozen=True)
class Preset:
    """Sections in order, with the headings that differ from the usual ones."""

    name: str
    text: str
    sections: tuple[str, ...]
    headings: dict[str, str] = field(default_factory=dict)
    public: bool = False
    """It is for readers outside: names, hosts, links and private sections are left out of it."""
    custom: bool = True
    """Sections of people's own are shown behind those that they have their place after."""

    def heading(self, section: str) -> str:
        """What the section is called."""
        return self.headings.get(section) or HEADINGS.get(section) or section.replace("_", " ").capitalize()


_SHIPPED: Final = (
    Preset(
        "seed",
        "the classic report",
        ("header", "summary", "impact", "root_cause", "timeline", "detection", "response", "factors", "fishbone",
         "actions", "declined", "went_well", "was_hard", "lucky", "surprises", "lessons", "prevention", "passages",
         "questions", "gaps", "definitions", "appendix"),
    ),
    Preset(
        "short",
        "summary, impact, timeline, factors, actions",
        ("header", "summary", "impact", "timeline", "factors", "actions", "definitions"),
    ),
    Preset(
        "sre",
        "in the order of the SRE book",
        ("header", "summary", "impact", "factors", "fishbone", "root_cause", "response", "detection", "actions",
         "lessons", "went_well", "was_hard", "lucky", "surprises", "timeline", "declined", "prevention", "passages",
         "questions", "gaps", "people", "evidence", "definitions", "facts", "appendix"),
        {"factors": "Root Causes and Contributing Factors", "root_cause": "Trigger", "response": "Resolution",
         "was_hard": "What Went Wrong", "evidence": "Supporting Information"},
    ),
    Preset(
        "pagerduty",
        "in the order of PagerDuty's guide",
        ("header", "summary", "root_cause", "factors", "fishbone", "detection", "response", "impact", "people",
         "timeline", "went_well", "was_hard", "lucky", "surprises", "lessons", "actions", "declined", "prevention",
         "passages", "questions", "gaps", "evidence", "definitions", "facts", "appendix"),
        {"summary": "Overview", "root_cause": "What Happened", "response": "Resolution", "people": "Responders",
         "went_well": "What Went Well?", "was_hard": "What Didn't Go So Well?"},
    ),
    Preset(
        "customer",
        "for customers: what happened, what we are doing; names, hosts and links are left out",
        ("header", "summary", "impact", "root_cause", "doing", "definitions"),
        {"root_cause": "What Happened"},
        public=True,
        custom=False,
    ),
)  # fmt: skip
SHIPPED: Final[dict[str, Preset]] = {each.name: each for each in _SHIPPED}

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")


def presets(folder: Path | None = None) -> dict[str, Preset]:
    """The presets by name: those that ship, and those of a team's folder. Raises :class:`PresetProblem`."""
    if folder is None or not (folder / "presets.toml").is_file():
        return dict(SHIPPED)
    path = folder / "presets.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise PresetProblem(f"{path} cannot be read ({error.strerror}): correct its rights.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise PresetProblem(f"{path} is no TOML ({' '.join(str(error).split())}): correct it.") from error
    tables = data.get("presets")
    if not isinstance(tables, dict):
        raise PresetProblem(f"{path} has no table [presets.NAME]: give each preset its sections there.")
    return SHIPPED | {name: _preset(path, name, table) for name, table in tables.items()}


def _preset(path: Path, name: str, table: Any) -> Preset:
    sections = table.get("sections") if isinstance(table, dict) else None
    if not isinstance(sections, list) or not all(
        isinstance(each, str) and _NAME.fullmatch(each) for each in sections
    ):
        raise PresetProblem(
            f'{path}: the preset “{name}” needs sections = ["header", …]: names of small letters, digits and _.'
        )
    headings = table.get("headings", {})
    if not isinstance(headings, dict) or not all(isinstance(each, str) for each in headings.values()):
        raise PresetProblem(f"{path}: the headings of “{name}” are a table of texts: correct them.")
    return Preset(
        name,
        str(table.get("text", "a preset of your own")),
        tuple(sections),
        dict(headings),
        table.get("public") is True,
        table.get("custom") is not False,
    )


def team_folder(root: Path, setting: str = "") -> Path | None:
    """The folder of a team's templates: the one in the settings, or ``templates`` beside the reviews."""
    folder = Path(setting).expanduser() if setting else root / FOLDER
    return folder if folder.is_dir() else None
