"""A claim that was judged."""

from typing import Final, Literal, NamedTuple

from app.review.plain import one_line
from app.review.records import Accepted, Session
from app.review.writing import Spot

RULE: Final = "claim"
"""The rule under which a basis is kept among what a session accepted."""
Kind = Literal["length", "count", "total", "date", "order"]


class Judgement(NamedTuple):
    """A claim, where it stands, and what the records say to it."""

    kind: Kind
    holds: bool
    spot: Spot
    words: str
    """The words of the claim, on one line: what a basis is kept for."""
    say: str
    """One sentence that names both sources."""
    where: str
    """What people call the place."""
    basis: str = ""
    """Why it stands although the records say otherwise; empty where nobody said so."""


def accept(session: Session, found: Judgement, basis: str, by: str = "") -> Session:
    """Let a claim stand with its basis ("support hours"). Raises ValueError without one."""
    if not basis.strip():
        raise ValueError("Say what the number is based on: a claim stands with its basis only.")
    kept = tuple(each for each in session.accepted if (each.rule, each.text) != (RULE, found.words))
    fresh = Accepted(rule=RULE, text=found.words, reason=basis.strip(), by=by)
    return session.model_copy(update={"accepted": (*kept, fresh)})


def bases(session: Session) -> dict[str, str]:
    """What was accepted: the basis by the words of the claim."""
    return {each.text: each.reason for each in session.accepted if each.rule == RULE}


def open_claims(found: tuple[Judgement, ...]) -> tuple[Judgement, ...]:
    """The contradictions that nobody gave a basis for."""
    return tuple(each for each in found if not each.holds and not each.basis)


def line(words: str) -> str:
    """The words of a claim as they are kept: on one line, without markup around them."""
    return one_line(" ".join(words.split())).strip(" *_`-|")
