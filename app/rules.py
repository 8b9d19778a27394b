"""A team's own rules of language: found beside the reviews or in the settings, and put in force everywhere.

``rules.toml`` in the folder of the reviews travels with them; the setting ``rules`` names another file. A set
for another language, ``language.<code>.toml``, lies beside it.
"""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.review.plain import one_line

if TYPE_CHECKING:
    from app.review.language_rules import Ruleset

NAME = "rules.toml"


def team_rules(path: Path) -> "Ruleset":
    """The rules that ship, as the file at *path* changes them; every rule has passed its own cases.

    Raises :class:`~app.review.language_rules.RulesProblem` with one sentence on what to correct.
    """
    from app.review.language import broken_case
    from app.review.language_rules import RulesProblem, ruleset, shipped_table

    team = _toml(path)
    code = str(team.get("language", "en"))
    beside = path.parent / f"language.{code}.toml"
    try:
        known = ruleset(_toml(beside) if beside.is_file() else shipped_table(code), team)
        if problem := broken_case(known):
            raise RulesProblem(problem)
    except RulesProblem as problem:
        raise RulesProblem(f"{path}: {problem}") from problem
    return known


def use_team_rules(root: Path, setting: str = "") -> str:
    """Put a team's rules in force, where there are any; returns a sentence when they cannot be used."""
    path = Path(setting).expanduser() if setting else root / NAME
    if not setting and not path.is_file():
        return ""
    from app.review.language_rules import RulesProblem, put_in_force

    try:
        put_in_force(team_rules(path))
    except RulesProblem as problem:
        return f"{problem} Until then the rules that ship are used."
    return ""


def _toml(path: Path) -> dict[str, Any]:
    from app.review.language_rules import RulesProblem

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RulesProblem(f"{path} cannot be read ({error.strerror}): correct its name.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise RulesProblem(f"{path} is not TOML ({one_line(str(error))}): correct it.") from error
