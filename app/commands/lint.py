"""Blameless language in files: for Markdown in pre-commit and continuous integration."""

import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.common import (
    Problem,
    examples,
    json_option,
    put_json,
    reading,
    remark,
    say,
    sessions_option,
)
from app.problems import MISSING
from app.review.plain import one_line, visible

if TYPE_CHECKING:
    from app.review.language import Finding, Ruleset
    from app.review.records import Session

_COMMANDS = {"error": "error", "warn": "warning", "info": "notice"}
_NOUNS = {"error": "error", "warn": "warning", "info": "hint"}


@dataclass(frozen=True)
class _Hit:
    """A finding, the text that it stands in, and what that text is called."""

    path: str
    text: "_Text"
    finding: "Finding"
    file: bool
    accepted: str | None = None
    """The reason for which the sentence may stand."""


class _Text:
    """A text that knows the line and the column of each of its characters, both counted from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def at(self, place: int) -> tuple[int, int]:
        line = bisect_right(self._starts, place)
        return line, place - self._starts[line - 1] + 1


@click.command(
    short_help="Check the language of files.",
    epilog=examples(
        "blamefree lint docs/post-mortems/*.md",
        "blamefree lint --github --level warn report.md",
        "blamefree report api-service | blamefree lint -",
    ),
)
@click.argument("files", metavar="FILE…", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@json_option
@click.option("--github", is_flag=True, help="Print annotations for GitHub Actions.")
@click.option(
    "--level",
    type=click.Choice(["error", "warn", "info"]),
    default="error",
    show_default=True,
    help="Exit with 1 from this level on.",
)
@click.option(
    "--rules",
    "team",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The team's changes to the rules.",
)
@click.option(
    "--session",
    "wanted",
    metavar="SESSION",
    help="Check a review too; what it accepted stands in files as well.",
)
@sessions_option
def lint(
    files: tuple[Path, ...],
    as_json: bool,
    github: bool,
    level: str,
    team: Path | None,
    wanted: str | None,
    root: Path | None,
) -> int:
    """Check Markdown files for blame, hindsight and single causes.

    FILE may be - for standard input. Exits with 1 when something is found at or above the level.
    """
    from app.review.language_rules import LEVELS

    if not files and wanted is None:
        raise click.UsageError("Name a file to check, - for standard input, or a review with --session.")
    if as_json and github:
        raise click.UsageError("Choose one of --json and --github.")
    rules = _rules(team)
    session = None
    name = ""
    if wanted is not None:
        with reading(root, wanted) as (folder, session):
            name = folder.name
    texts = [(one_line(str(path)), _read(path)) for path in files]
    hits = [hit for path, text in texts for hit in _file_hits(path, text, rules, session)]
    hits += _session_hits(name, rules, session) if session else []
    left = [hit for hit in hits if hit.accepted is None]
    if as_json:
        put_json([_facts(hit) for hit in hits])
    else:
        for hit in left:
            if github:
                click.echo(_annotation(hit))
            else:
                _print(hit)
        remark(_summary(left, len(texts) + (session is not None)))
    return MISSING if any(LEVELS.index(hit.finding.rule.level) >= LEVELS.index(level) for hit in left) else 0


def _rules(path: Path | None) -> "Ruleset":
    """The rules to check by: those in force, or as the file at *path* changes those that ship. Raises Problem."""
    from app.review.language_rules import RulesProblem, in_force
    from app.rules import team_rules

    if path is None:
        return in_force()
    try:
        return team_rules(path)
    except RulesProblem as problem:
        raise Problem(str(problem)) from problem


def _read(path: Path) -> str:
    raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(f"{path} is not text in UTF-8: convert it, or leave it out.") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _file_hits(path: str, text: str, rules: "Ruleset", session: "Session | None") -> Iterator[_Hit]:
    from app.review.language import names
    from app.review.language_document import check_document

    accepted = [(each.rule, each.text, each.reason) for each in session.accepted] if session else []
    checked = check_document(text, rules.naming(names(session)) if session else rules, accepted)
    placed = _Text(text)
    for finding in checked.findings:
        yield _Hit(path, placed, finding, file=True)
    for allowed in checked.allowed:
        yield _Hit(path, placed, allowed.finding, file=True, accepted=allowed.reason)


def _session_hits(name: str, rules: "Ruleset", session: "Session") -> Iterator[_Hit]:
    from app.review.language import all_places, key

    reasons = {(each.rule, each.text): each.reason for each in session.accepted}
    for place in all_places(session, rules):
        placed = _Text(place.finding.passage.source)
        yield _Hit(
            f"{name}/{place.where}", placed, place.finding, file=False, accepted=reasons.get(key(place))
        )


def _print(hit: _Hit) -> None:
    finding = hit.finding
    line, column = hit.text.at(finding.start)
    say(
        f"{hit.path}:{line}:{column}: {finding.rule.level} {finding.rule.id} “{one_line(finding.words)}”"
        f" - {finding.rule.say}"
    )
    if finding.rewrite:
        say(f"    better: {one_line(_reworded(hit)) or '(leave it out)'}")


def _reworded(hit: _Hit) -> str:
    """The sentence with the better wording in it."""
    finding, better = hit.finding, hit.finding.rewrite
    if better is None:
        return ""
    low, high = finding.sentence_span
    source = hit.text.text
    return (
        source[min(low, better.start) : better.start]
        + better.text
        + source[better.end : max(high, better.end)]
    )


def _annotation(hit: _Hit) -> str:
    """A workflow command; what could end one of its parts is written as its escape."""
    finding = hit.finding
    line, column = hit.text.at(finding.start)
    end_line, end_column = hit.text.at(finding.end)
    facts: dict[str, object] = {"title": f"{finding.rule.id} {finding.rule.group}"}
    if hit.file:
        facts = {
            "file": hit.path,
            "line": line,
            "endLine": end_line,
            "col": column,
            "endColumn": end_column,
        } | facts
    where = ",".join(f"{key}={_escaped(str(value), property=True)}" for key, value in facts.items())
    message = f"“{one_line(finding.words)}” - {finding.rule.say}"
    if not hit.file:
        message = f"{hit.path}: {message}"
    if finding.rewrite:
        message += f"\nbetter: {one_line(_reworded(hit))}"
    return f"::{_COMMANDS[finding.rule.level]} {where}::{_escaped(message)}"


def _escaped(text: str, *, property: bool = False) -> str:
    text = visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property else text


def _facts(hit: _Hit) -> dict[str, Any]:
    finding = hit.finding
    line, column = hit.text.at(finding.start)
    end_line, end_column = hit.text.at(finding.end)
    better = finding.rewrite
    return {
        "path": hit.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "level": finding.rule.level,
        "rule": finding.rule.id,
        "group": finding.rule.group,
        "words": finding.words,
        "sentence": finding.sentence,
        "say": finding.rule.say,
        "rewrite": {"start": better.start, "end": better.end, "text": better.text} if better else None,
        "accepted": hit.accepted,
    }


def _summary(hits: list[_Hit], texts: int) -> str:
    counts = {level: sum(hit.finding.rule.level == level for hit in hits) for level in _NOUNS}
    said = [f"{count} {_NOUNS[level]}{'' if count == 1 else 's'}" for level, count in counts.items() if count]
    where = "1 text" if texts == 1 else f"{texts} texts"
    return f"{where}: {', '.join(said) or 'nothing to say'}."
