"""Sources as words of the command line: ``prometheus:url=http://…,step=1m``, or ``--set`` once per setting."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.commands.common import Problem

if TYPE_CHECKING:
    from app.review.records import Session, Source
    from app.settings import Profile
    from collectors.interface import Collector


def source_from_word(word: str) -> "Source":
    """The source that ``KIND:KEY=VALUE,KEY=VALUE`` means; KIND may be one of the settings. Raises Problem."""
    kind, colon, rest = word.partition(":")
    profile = _profile(kind)
    collector = find_collector(profile.kind if profile else kind)
    # A value may hold commas, as PromQL does: only a comma before a setting's name separates.
    names = "|".join(re.escape(field.name) for field in collector.fields)
    pairs = re.split(rf",(?=(?:{names})=)", rest) if colon and rest else []
    return source_from_pairs(kind, pairs)


def source_from_pairs(
    kind: str, pairs: Iterable[str], name: str = "", clock_offset_s: float = 0.0
) -> "Source":
    """A source with the settings ``KEY=VALUE``; a key that comes again adds a line. Raises Problem.

    *kind* may also be the name of a source in the person's settings; what is given here goes over its own.
    """
    from app.review.records import Source
    from collectors.own_window import check_window

    profile = _profile(kind)
    kind = profile.kind if profile else kind
    collector = find_collector(kind)
    settings = {**(profile.settings if profile else {}), **_settings(collector, pairs)}
    if problem := check_window(settings) or collector.check(settings):
        raise Problem(problem)
    return Source(
        kind=kind,
        name=name or collector.describe(settings),
        clock_offset_s=clock_offset_s,
        settings=settings,
    )


def _profile(name: str) -> "Profile | None":
    """The source of the person's settings that is called *name*; a kind of source goes before it."""
    from app.settings import load_settings
    from collectors.registry import collectors

    if name in collectors():
        return None
    return next((each for each in load_settings().profiles if each.name == name), None)


def settings_with(source: "Source", pairs: Iterable[str]) -> dict[str, Any]:
    """The settings of *source* with ``KEY=VALUE`` in the place of what was there. Raises Problem."""
    from collectors.own_window import check_window

    collector = find_collector(source.kind)
    given = list(pairs)
    named = {pair.partition("=")[0].strip() for pair in given}
    kept = {key: value for key, value in source.settings.items() if key not in named}
    settings = kept | _settings(collector, given)
    if problem := check_window(settings) or collector.check(settings):
        raise Problem(problem)
    return settings


def _settings(collector: "Collector", pairs: Iterable[str]) -> dict[str, Any]:
    from pathlib import Path

    from collectors.interface import settings_from_text
    from collectors.own_window import WINDOW_FIELDS

    kind = collector.kind
    asked = (*collector.fields, *WINDOW_FIELDS)
    fields = {field.name: field for field in asked}
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
    return settings_from_text(asked, {key: "\n".join(values) for key, values in form.items()})


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


def chosen(session: "Session", words: tuple[str, ...]) -> list[str]:
    """The ids of the sources that *words* name by id, kind or name; all of them without words."""
    if not words:
        return [each.id for each in session.sources]
    found: list[str] = []
    for word in words:
        fits = [each.id for each in session.sources if word.casefold() in _names(each)]
        if not fits:
            known = (
                ", ".join(f"{each.id} ({each.name or each.kind})" for each in session.sources) or "none yet"
            )
            raise Problem(f"No source is called “{word}”: there is {known}.")
        found += fits
    return list(dict.fromkeys(found))


def _names(each: "Source") -> set[str]:
    return {each.id.casefold(), each.kind.casefold(), each.name.casefold()}
