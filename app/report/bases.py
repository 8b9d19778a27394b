"""What numbers are based on, printed where they stand: "in 1.5 hours (basis: support hours)"."""

import re
from typing import Any, Final

from app import markdown
from app.review.claims import Judgement, judged
from app.review.claims.model import RULE
from app.review.records import Session

_BETWEEN: Final = r"[\s*_`~|]+"


def stated(session: Session) -> tuple[Judgement, ...]:
    """The claims that stand with a basis which somebody gave."""
    if not any(each.rule == RULE for each in session.accepted):
        return ()
    return tuple(each for each in judged(session) if each.basis)


def with_bases(session: Session) -> Session:
    """The review with every accepted basis behind the words that it was given for."""
    for each in stated(session):
        session = _with(session, each)
    return session


def _with(session: Session, found: Judgement) -> Session:
    spot = found.spot
    if spot.place == "impacts":
        impacts = tuple(
            each.model_copy(update={"text": _behind(each.text, found.words, found.basis)})
            if each.id == spot.id
            else each
            for each in session.impacts
        )
        return session.model_copy(update={"impacts": impacts})
    basis = markdown.inline(found.basis)
    narrative = session.narrative
    change: dict[str, Any] = {}
    if spot.place == "passages":
        change["passages"] = tuple(
            each.model_copy(update={"text": _behind(each.text, found.words, basis)})
            if number == spot.point
            else each
            for number, each in enumerate(narrative.passages)
        )
    elif spot.place == "narrative" and spot.point >= 0:
        change[spot.field] = tuple(
            _behind(each, found.words, basis) if number == spot.point else each
            for number, each in enumerate(getattr(narrative, spot.field))
        )
    elif spot.place == "narrative":
        change[spot.field] = _behind(getattr(narrative, spot.field), found.words, basis)
    return (
        session.model_copy(update={"narrative": narrative.model_copy(update=change)}) if change else session
    )


def _behind(text: str, words: str, basis: str) -> str:
    """*text* with the basis behind *words*, which lost their markup; at its end where they are not found."""
    pattern = _BETWEEN.join(map(re.escape, words.rstrip(".").split()))
    place = re.search(rf"{pattern}(?:[*_`]+(?!\w))?", text) if pattern else None
    end = place.end() if place else len(text.rstrip())
    line = text[:end].rpartition("\n")[2]
    if line.count("(") > line.count(")"):
        # It stands in parentheses itself.
        return f"{text[:end]}; basis: {basis}{text[end:]}"
    return f"{text[:end]} (basis: {basis}){text[end:]}"
