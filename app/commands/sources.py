"""Sources as words of the command line: ``prometheus:url=http://…,step=1m``, or ``--set`` once per setting."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.commands.common import Problem

if TYPE_CHECKING:
    from app.review.records import Session, Source
    from collectors.interface import Collector


def source_from_word(word: str) -> "Source":
    """The source that ``KIND:KEY=VALUE,KEY=VALUE`` means. Raises Problem."""
    kind, colon, rest = word.partition(":")
    collector = find_collector(kind)
    # A value may hold commas, as PromQL does: only a comma before a setting's name separates.
    names = "|".join(re.escape(field.name) for field in collector.fields)
    pairs = re.split(rf",(?=(?:{names})=)", rest) if colon and rest else []
    return source_from_pairs(kind, pairs)


def source_from_pairs(
    kind: str, pairs: Iterable[str], name: str = "", clock_offset_s: float = 0.0
) -> "Source":
    """A source with the settings ``KEY=VALUE``; a key that comes again adds a line. Raises Problem."""
    from pathlib import Path

    from app.review.records import Source
    from collectors.interface import settings_from_text

    collector = find_collector(kind)
    fields = {field.name: field for field in collector.fields}
    form: dict[str, list[str]] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        key = key.strip()
        if not sign or key not in fields:
            known = ", ".join(fields)
            raise Problem(f"“{pair}” is no setting of {kind}: write KEY=VALUE, where KEY is one of {known}.")
        if fields[key].kind == "path" and value:
            # The review may be opened from anywhere later; evidence inside of it stays relative.
            path = Path(value).expanduser()
            value = str(path.absolute()) if path.exists() else value
        form.setdefault(key, []).append(value)
    settings = settings_from_text(collector.fields, {key: "\n".join(values) for key, values in form.items()})
    if problem := collector.check(settings):
        raise Problem(problem)
    return Source(
        kind=kind,
        name=name or collector.describe(settings),
        clock_offset_s=clock_offset_s,
        settings=settings,
    )


def with_words(kind: str, pairs: Iterable[str], words: Iterable[str]) -> list[str]:
    """*pairs*, and what stood behind ``--`` as the setting that takes a command. Raises Problem."""
    import shlex

    given = list(words)
    if not given:
        return list(pairs)
    takes = [field.name for field in find_collector(kind).fields if field.kind == "words"]
    if not takes:
        raise Problem(f"A {kind} source takes no command: give its settings with --set KEY=VALUE.")
    return [*pairs, f"{takes[0]}={shlex.join(given)}"]


def repeatable(session: "Session", ids: Iterable[str]) -> list[str]:
    """Those of the sources *ids* that can be asked again at any time; standard input cannot."""
    from collectors.registry import collectors

    known = collectors()
    wanted = set(ids)
    return [
        each.id
        for each in session.sources
        if each.id in wanted and (each.kind not in known or known[each.kind].repeatable(each.settings))
    ]


def find_collector(kind: str) -> "Collector":
    """The collector of a kind of source. Raises Problem naming the kinds there are."""
    from collectors.registry import load

    registry = load()
    if kind not in registry.collectors:
        known = ", ".join(sorted(registry.collectors))
        broken = " ".join(registry.problems)
        raise Problem(f"There is no kind of source “{kind}”: use one of {known}. {broken}".rstrip())
    return registry.collectors[kind]
