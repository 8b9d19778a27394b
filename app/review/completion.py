"""What a half-typed mark of a line may become: ``@al`` an actor, ``#sy`` a kind, ``<app`` a source.

Offered is what the session knows: words used before, the latest first, then the words of the field. Nothing
is guessed from the text itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Final

from app.review.capture import category
from app.review.facets import Facet
from app.review.records import Session
from app.review.vocabulary import ACTION_KINDS, CATEGORIES, FACTOR_KINDS, KINDS, MARKS, MILESTONES, PRIORITIES

Known = Mapping[str, Sequence[str]]
"""For each sign that begins a mark, the words that may follow it, the likeliest first."""

MACHINES = ("System",)
"""Actors that are nobody's handle: written without the sign."""

_PLAIN = "\x00"
"""Key of the actors that are written without the sign."""


_ACTORS: Final[Facet[str]] = Facet(attrgetter("actor"))
_KINDS: Final[Facet[str]] = Facet(attrgetter("kind"))
_SOURCES: Final[Facet[str]] = Facet(attrgetter("source"))


def event_words(session: Session) -> Known:
    """What a line of the timeline may hold."""
    rows = session.events
    used_actors, used_kinds, used_sources = (
        tuple(dict.fromkeys(reversed(facet.of(rows)))) for facet in (_ACTORS, _KINDS, _SOURCES)
    )
    people = [
        *session.incident.authors,
        session.incident.facilitator,
        *(each.owner for each in session.actions),
    ]
    actors = _once([*used_actors, *people, *MACHINES])
    handles = {each for each in actors if each.startswith("@")}
    return {
        "@": tuple(each.removeprefix("@") for each in actors if each != "-"),
        "#": _once([*(kind for kind in used_kinds if kind in KINDS), *KINDS, *MILESTONES]),
        "<": _once([*used_sources, *(source.name for source in session.sources)]),
        _PLAIN: tuple(each for each in actors if not each.startswith("@") and f"@{each}" not in handles),
    }


def factor_words(session: Session) -> Known:
    """What a line of the why-tree may hold."""
    rows = tuple(reversed(session.factors))
    return {
        "%": _once(map(_in_a_word, [*(row.category for row in rows), *CATEGORIES])),
        "#": _once([*FACTOR_KINDS, *MARKS]),
    }


def _in_a_word(name: str) -> str:
    """How a category is typed: in one word that is read as it; empty where no word is."""
    word = name.split(" ")[0]
    return word if category(word) == name else ""


def action_words(session: Session) -> Known:
    """What a line of the actions may hold."""
    owners = [each.owner for each in reversed(session.actions)]
    people = [*owners, *session.incident.authors, session.incident.facilitator]
    actors = [row.actor for row in reversed(session.events) if row.actor.startswith("@")]
    return {
        "@": tuple(each.removeprefix("@") for each in _once([*people, *actors])),
        "!": PRIORITIES,
        "#": ACTION_KINDS,
    }


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))


def spelled(actor: str, known: Known) -> str:
    """The actor as the session writes it: ``@System`` is System where no handle of that name was used."""
    bare = actor.removeprefix("@").casefold()
    if actor == "@-":
        return "-"
    return next((each for each in known.get(_PLAIN, ()) if each.casefold() == bare), actor)


def completions(line: str, known: Known) -> tuple[str, ...]:
    """The lines that *line* may become when the mark at its end is finished, the likeliest first.

    Each of them begins as *line* does, whatever the case of the letters, and goes on where it stops.
    """
    start = _mark_start(line, known)
    if start is None:
        return ()
    head, sign, typed = line[:start], line[start], line[start + 1 :]
    folded = typed.casefold()
    hits = [word for word in known[sign] if word.casefold().startswith(folded)]
    # Who types a capital means one.
    hits.sort(key=lambda word: not word.startswith(typed))
    end = ">" if sign == "<" else ""
    return tuple(
        f"{head}{sign}{word}{end}"
        for word in hits
        if (end or len(word) > len(typed)) and not set("<>") & set(word)
    )


def _mark_start(line: str, known: Known) -> int | None:
    """Where the mark begins that is being typed at the end of *line*."""
    if (
        "<" in known
        and (start := line.rfind("<")) >= 0
        and ">" not in line[start:]
        and _begins_word(line, start)
    ):
        return start
    start = max(line.rfind(" "), line.rfind("\t")) + 1
    return start if start < len(line) and line[start] in known and line[start] != "<" else None


def _begins_word(line: str, start: int) -> bool:
    return start == 0 or line[start - 1].isspace()
