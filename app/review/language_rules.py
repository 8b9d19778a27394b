"""The rules of blameless language as data: the sets that ship, and what a team changes about them.

A set is a file ``language.<code>.toml``: ``[parts]`` are pieces that patterns use as ``{name}``, every
``[[rule]]`` carries its own test cases. A team's file may choose the language, add rules, switch rules off,
change levels, and allow what a rule marks with ``allow``.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final, Literal, cast

Level = Literal["error", "warn", "info"]

LEVELS: Final[tuple[Level, ...]] = ("info", "warn", "error")
"""How much a finding matters, the least first. An error blocks a review's "blameless" mark."""

_NEEDED: Final = ("id", "group", "level", "pattern", "say")
_KNOWN: Final = frozenset((*_NEEDED, "hit", "no_hit", "needs", "offer", "allow"))
_SETTINGS: Final = frozenset(("language", "off", "levels", "people", "parts", "rule"))
_NAME: Final = re.compile(r"[^\W\d_]{2,}(?:[-'’. ][^\W\d_]+)*")


class RulesProblem(ValueError):
    """A set of rules that cannot be used; the sentence says what to correct."""


@dataclass(frozen=True)
class Offer:
    """A better wording: what of the sentence it takes the place of, and what it writes there.

    ``\\1`` is what the pattern's first group found; ``…`` stands for a fact that only people know.
    """

    find: str
    write: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """What to find, compiled when it is first asked for: a start of the program has no use for it."""
        return _compiled(self.find)


@dataclass(frozen=True)
class Rule:
    """One thing that language should not do, and what to do instead."""

    id: str
    group: str
    level: Level
    pattern: re.Pattern[str]
    say: str
    hit: tuple[str, ...] = ()
    no_hit: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Parts of words, in lower case, one of which every hit contains; none: the rule looks at every text."""
    offers: tuple[Offer, ...] = ()
    allow: str = ""
    """The name of the setting ``allow_<name>`` that switches the rule off."""


@dataclass(frozen=True, eq=False)
class Ruleset:
    """Rules to check texts by. Two sets are the same only when they are one object."""

    language: str
    rules: tuple[Rule, ...]
    _base: Mapping[str, Any] = field(repr=False, default_factory=dict)
    _team: Mapping[str, Any] = field(repr=False, default_factory=dict)

    def naming(self, people: Collection[str]) -> "Ruleset":
        """These rules where *people* are persons too, as "we" and "the engineer" are."""
        names = tuple(sorted({name.strip().lstrip("@") for name in people}))
        return _naming(self, tuple(name for name in names if _NAME.fullmatch(name)))


@cache
def shipped(language: str = "en") -> Ruleset:
    """The rules that come with the program. Raises RulesProblem for a language that does not."""
    table = shipped_table(language)
    return Ruleset(language, _build(table, {}, ()), table)


_IN_FORCE: list[Ruleset] = []


def in_force() -> Ruleset:
    """The rules that texts are checked by where nothing else is said: a team's own, or those that ship."""
    return _IN_FORCE[-1] if _IN_FORCE else shipped()


def put_in_force(rules: Ruleset | None) -> None:
    """Check everything by *rules* from now on; None brings back those that ship.

    Set once when the program starts, as the words of a team are the same wherever it writes.
    """
    _IN_FORCE[:] = [rules] if rules else []


def shipped_table(language: str) -> Mapping[str, Any]:
    """The rules of a language as they stand in their file. Raises RulesProblem where there are none."""
    file = resources.files("app.review").joinpath(f"language.{language}.toml")
    if not re.fullmatch(r"[a-z]{2,3}(?:-[A-Za-z]+)?", language) or not file.is_file():
        raise RulesProblem(
            f"There are no rules for the language “{language}”: put language.{language}.toml beside your rules."
        )
    return tomllib.loads(file.read_text("utf-8"))


def ruleset(base: Mapping[str, Any], team: Mapping[str, Any] | None = None) -> Ruleset:
    """The rules of a language, changed as a *team* wants it. Raises RulesProblem with what to correct."""
    team = team or {}
    people = _texts(team, "people", "the team's rules")
    rules = _build(base, team, people)
    for rule in rules:
        for offer in rule.offers:
            _pattern(rule.id, offer.find)
    return Ruleset(str(base.get("language", "")), rules, base, team)


@lru_cache(maxsize=16)
def _naming(known: Ruleset, people: tuple[str, ...]) -> Ruleset:
    if not people:
        return known
    everybody = (*_texts(known._team, "people", ""), *people)
    return Ruleset(known.language, _build(known._base, known._team, everybody), known._base, known._team)


def _build(base: Mapping[str, Any], team: Mapping[str, Any], people: Iterable[str]) -> tuple[Rule, ...]:
    parts = {**_table(base, "parts"), **_table(team, "parts")}
    names = "|".join(re.escape(name) for name in sorted(people, key=len, reverse=True))
    if names and "person" in parts:
        # Names have capitals: a "mark" or a "will" in the middle of a sentence is no person.
        parts["person"] = rf"(?:(?-i:\b(?:{names})\b)|{parts['person']})"
    rules = {rule.id: rule for rule in _rules(base, parts)}
    allowable = {f"allow_{rule.allow}" for rule in rules.values() if rule.allow}
    if strange := sorted(set(team) - _SETTINGS - allowable):
        known = ", ".join(sorted(_SETTINGS | allowable))
        raise RulesProblem(f"“{strange[0]}” is not a setting of the rules; there are {known}.")
    rules |= {rule.id: rule for rule in _rules(team, parts)}
    levels, off = _table(team, "levels"), _texts(team, "off", "the team's rules")
    for name in (*levels, *off):
        if name not in rules:
            raise RulesProblem(f"There is no rule “{name}” to change: write one of {', '.join(rules)}.")
    return tuple(
        _at(rule, levels.get(rule.id))
        for rule in rules.values()
        if rule.id not in off and not (rule.allow and team.get(f"allow_{rule.allow}") is True)
    )


def _at(rule: Rule, level: Any) -> Rule:
    if level is None:
        return rule
    values = {name: getattr(rule, name) for name in rule.__dataclass_fields__}
    return Rule(**{**values, "level": _level(rule.id, level)})


def _rules(data: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterable[Rule]:
    rows = data.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RulesProblem("Rules are written as [[rule]], each with id, group, level, pattern and say.")
    for row in rows:
        yield _rule(row, parts)


def _rule(row: Mapping[str, Any], parts: Mapping[str, Any]) -> Rule:
    name = row.get("id") or "without an id"
    for key in _NEEDED:
        if not isinstance(row.get(key), str) or not row[key]:
            raise RulesProblem(f"The rule {name} has no {key}: give it one, as text in quotes.")
    if strange := sorted(set(row) - _KNOWN):
        raise RulesProblem(
            f"“{strange[0]}” in the rule {name} is not known; there are {', '.join(sorted(_KNOWN))}."
        )
    offers = row.get("offer", [])
    if not isinstance(offers, list) or not all(
        isinstance(each, dict) and isinstance(each.get("find"), str) and isinstance(each.get("write"), str)
        for each in offers
    ):
        raise RulesProblem(f"An offer of the rule {name} needs a find and a write, as text in quotes.")
    needs = _texts(row, "needs", f"the rule {name}")
    if any(not need or need != need.lower() or re.search(r"\s", need) for need in needs):
        raise RulesProblem(f"Every one of needs in the rule {name} is part of one word, in lower case.")
    return Rule(
        row["id"],
        row["group"],
        _level(row["id"], row["level"]),
        _pattern(name, _filled(row["pattern"], parts)),
        row["say"],
        _texts(row, "hit", f"the rule {name}"),
        _texts(row, "no_hit", f"the rule {name}"),
        needs,
        tuple(Offer(_filled(each["find"], parts), each["write"]) for each in offers),
        str(row.get("allow", "")),
    )


def _filled(pattern: str, parts: Mapping[str, Any]) -> str:
    for part, text in parts.items():
        pattern = pattern.replace(f"{{{part}}}", str(text))
    return pattern


def _pattern(name: str, pattern: str) -> re.Pattern[str]:
    try:
        compiled = _compiled(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise RulesProblem(f"A pattern of the rule {name} cannot be read ({error}): correct it.") from error
    if compiled.match(""):
        raise RulesProblem(f"A pattern of the rule {name} fits the empty text: let it ask for a word.")
    return compiled


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _level(name: str, level: Any) -> Level:
    if level not in LEVELS:
        raise RulesProblem(f"The level of the rule {name} is “{level}”: write error, warn or info.")
    return cast("Level", level)


def _table(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise RulesProblem(f"“{key}” must be a table: [{key}].")
    return dict(value)


def _texts(data: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise RulesProblem(f"“{key}” in {where} must be a list of texts.")
    return tuple(value)
