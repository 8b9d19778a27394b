"""Has anything like it happened again? Other incidents that share services and factors, each with what it shares. Pure.

Points, so that anybody can count along: two for each service that both name; two for each factor of this review that
has a counterpart with at least two telling words in common, and one more where both stand in the same category.
From :data:`ENOUGH` points on it is a relative. A telling word has four letters or a digit, is no word of every
sentence, and is not in the factors of more than half of the reviews (where there are four or more).
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.review.records import Factor, Session
from app.tracking.review import Known

ENOUGH: Final = 3
_SHARED_WORDS: Final = 2
_COMMON_FROM: Final = 4
_WORD = re.compile(r"[^\W_]+(?:[.-][^\W_]+)*")
_EVERYWHERE: Final = frozenset(
    re.findall(
        r"\w+",
        "about after again alert alerts also because been before being could does down during each from "
        "have into just more most only other over same should some such than that their them then there "
        "these they this those through under until very were what when where which while will with "
        "without would your incident caused service services system systems team error errors issue "
        "issues problem problems users using used case time times ",
    )
)


@dataclass(frozen=True)
class Relative:
    """Another incident that is like this one, and why that is thought."""

    title: str
    folder: str
    session_id: str
    on: date | None
    """The day it began."""
    later: bool
    """It began after this one: it may have happened again."""
    points: int
    why: tuple[str, ...]


def relatives(session: Session, others: Iterable[Known]) -> tuple[Relative, ...]:
    """The relatives of *session* among *others*, those that came later first, then those with most in common.

    The session itself is left out where it is among *others* (the same object, or the same id and start).
    """
    known = [other for other in others if not _same(other.session, session)]
    common = _common([session, *(other.session for other in known)])
    found = [each for other in known if (each := _relative(session, other, common)) is not None]
    return tuple(
        sorted(found, key=lambda each: (not each.later, -each.points, each.on or date.min, each.folder))
    )


def _same(other: Session, session: Session) -> bool:
    return other is session or (other.id, other.incident.started_at) == (
        session.id,
        session.incident.started_at,
    )


def _relative(session: Session, other: Known, common: frozenset[str]) -> Relative | None:
    theirs = other.session
    points, why = 0, []
    services = _services(session) & _services(theirs)
    if services:
        points += 2 * len(services)
        why.append(f"same service: {', '.join(sorted(services))}")
    for factor in _factors(session):
        best = _counterpart(factor, _factors(theirs), common)
        if best is None:
            continue
        twin, shared = best
        alike = bool(factor.category) and factor.category.casefold() == twin.category.casefold()
        points += 3 if alike else 2
        category = f", both {factor.category}" if alike else ""
        why.append(f"{factor.id} is like {twin.id} “{twin.text}” ({', '.join(shared)}{category})")
    if points < ENOUGH:
        return None
    began, mine = theirs.incident.started_at, session.incident.started_at
    return Relative(
        title=other.title,
        folder=other.folder,
        session_id=theirs.id,
        on=began.date() if began else None,
        later=bool(began and mine and began > mine),
        points=points,
        why=tuple(why),
    )


def _services(session: Session) -> set[str]:
    return {name.strip().casefold() for name in session.incident.services} - {""}


def _factors(session: Session) -> list[Factor]:
    """What contributed: a saver did not, and an event says what happened rather than why."""
    return [factor for factor in session.factors if factor.kind != "saver" and factor.text.strip()]


def _counterpart(
    factor: Factor, others: Sequence[Factor], common: frozenset[str]
) -> tuple[Factor, list[str]] | None:
    """The factor among *others* that has most telling words in common with *factor*, if enough of them."""
    mine = _spelled(factor.text)
    best: tuple[Factor, list[str]] | None = None
    for other in others:
        shared = [mine[word] for word in sorted((mine.keys() & words(other.text)) - common)]
        if len(shared) >= _SHARED_WORDS and (best is None or len(shared) > len(best[1])):
            best = other, shared
    return best


def words(text: str) -> set[str]:
    """The telling words of *text*, in lower case, in the singular."""
    return set(_spelled(text))


def _spelled(text: str) -> dict[str, str]:
    """The telling words of *text* in the singular, each as it stands there."""
    found = (match[0].casefold() for match in _WORD.finditer(text))
    return {
        _singular(word): word
        for word in found
        if word not in _EVERYWHERE and (len(word) >= 4 or any(sign.isdigit() for sign in word))
    }


def _singular(word: str) -> str:
    if len(word) > 5 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


def _common(sessions: Sequence[Session]) -> frozenset[str]:
    """Words in the factors of more than half of *sessions*: they tell nothing apart."""
    if len(sessions) < _COMMON_FROM:
        return frozenset()
    counted = Counter(
        word
        for session in sessions
        for word in {word for factor in _factors(session) for word in words(factor.text)}
    )
    return frozenset(word for word, count in counted.items() if count > len(sessions) / 2)
