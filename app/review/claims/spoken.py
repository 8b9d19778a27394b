"""The texts of a review that make claims, sentence by sentence, and the lengths in them with what they are lengths of."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from app.review.claims.anchors import Named, named
from app.review.claims.lengths import Length, lengths
from app.review.records import Session
from app.review.writing import Spot

_BREAK: Final = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d+[.)]|#{1,6}|\|)\s)|(?<=[.!?])\s+(?=[A-Z(“\"])")
_MARKUP: Final = re.compile(r"[*`]|(?<!\w)_+|_+(?!\w)|^\s*(?:[-+#>]+|\d+[.)])\s+")
_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)|<?https?://\S+>?")

TOTAL: Final = re.compile(
    r"(?:last(?:ed|ing|s)|(?:incident|outage|impact|total|overall) (?:duration|length|time)|duration"
    r"|down(?:time)?|unavailab\w+|outage|offline|unreachable|inaccessible|disruption|degrad(?:ed|ation)|incident)"
    r"(?: (?:was|were|is|of|for|to|a|an|the|total|approximately|about|around|just|over|under|in|time|period|only|lasted|roughly"
    r"|nearly|almost|more|than|less|at|least|up|service|API|completely|fully|and|took))*[\s:(]*$",
    re.IGNORECASE,
)
_TOTAL_AFTER: Final = re.compile(
    r"[\s-]*(?:of |long |total )?(?:[\w-]+ )?(?:downtime|outage|unavailability|disruption|degradation|incident)\b",
    re.IGNORECASE,
)
_OVER: Final = re.compile(r"\b(?:over|during|for|in)\s+(?:a period of |the |about |around )?$", re.IGNORECASE)
_MANY: Final = re.compile(r"\b(?:incidents|outages|across|each|combined|times|periods)\b", re.IGNORECASE)
_FROM: Final = re.compile(
    r"\s*(?:\w+ )?(?:from|between)\s+(?P<a>.{2,60}?)\s+(?:to|until|till|and)\s+(?P<b>.{2,80})", re.IGNORECASE
)
_TO: Final = re.compile(
    r"\b(?:from|between)\s+(?P<a>.{2,60}?)\s+(?:to|until|till|and)\s+(?P<b>.{2,60}?)(?:\s+(?:was|took|in|within|is|of|=))*"
    r"[\s:=(]*(?:only |just |about |~)*$",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(
    r"\s*(?:later\s+than|after|of|from|since|following)\s+(?:the |our |its |a |an )?(?P<a>.{2,60})",
    re.IGNORECASE,
)
_AHEAD: Final = re.compile(
    r"\s*(?:before|prior to|ahead of)\s+(?:the |our |its |a |an )?(?P<b>.{2,60})", re.IGNORECASE
)
_TIME_TO: Final = re.compile(
    r"\btime[ -]to[ -](?P<b>[\w ]{3,30}?)(?: (?:was|is|of|took))?[\s:=(]*(?:only |just |about |~)*$",
    re.IGNORECASE,
)
_TO_DO: Final = re.compile(r"\s*(?:for \w+ )?to (?P<b>[\w ]{3,40})", re.IGNORECASE)
_DONE_IN: Final = re.compile(
    r"(?:within|in|took|in under|in less than)\s*(?:about |around |only |just |under |~)*$", re.IGNORECASE
)
_OTHER_ENDS: Final = re.compile(
    r"\b(?:which|but|while|whereas|although|because|so that)\b|[;–—]", re.IGNORECASE
)


class Text(NamedTuple):
    """A sentence, where it stands, and whether it is about the effect on users."""

    spot: Spot
    where: str
    text: str
    effect: bool = False


class Said(NamedTuple):
    """A length, and what it is the length of: two moments, a moment's usual time, or the whole."""

    text: Text
    length: Length
    words: str
    begin: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    whole: bool = False
    weak: bool = False
    """Only an attribute of an effect ("40,000 failed requests over 1.5 hours")."""


def texts(session: Session) -> Iterator[Text]:
    """Every sentence that a report states in its own words. Rows, factors and actions state what they are."""
    narrative = session.narrative
    for field in ("summary", "trigger", "detection", "response", "prevention"):
        yield from _sentences(Spot("narrative", field), getattr(narrative, field))
    for impact in session.impacts:
        yield from _sentences(Spot("impacts", "text", impact.id), impact.text, effect=True)
    for field in ("went_well", "was_hard", "lucky", "surprises", "lessons"):
        for number, point in enumerate(getattr(narrative, field)):
            yield from _sentences(Spot("narrative", field, point=number), point)
    for number, passage in enumerate(narrative.passages):
        spot = Spot("passages", passage.heading, point=number)
        if "\n" not in passage.text.strip() and len(passage.text) < 120:
            yield Text(spot, passage.heading, plain(f"{passage.heading}: {passage.text}"))
        else:
            yield from _sentences(spot, passage.text)


def _sentences(spot: Spot, text: str, *, effect: bool = False) -> Iterator[Text]:
    where = spot.field if spot.place == "passages" else spot.where
    if spot.point >= 0 and spot.place != "passages":
        where += f" {spot.point + 1}"
    for part in _BREAK.split(text):
        sentence = plain(part)
        if sentence:
            yield Text(spot, where, sentence, effect)


def plain(text: str) -> str:
    """A sentence on one line and without markup."""
    text = _LINK.sub(lambda found: found[1] or " ", text)
    return " ".join(_MARKUP.sub("", text).split())


def said(text: Text) -> Iterator[Said]:
    """The lengths of a sentence whose meaning it names; all others are passed over."""
    for length in lengths(text.text):
        found = _meaning(text, length)
        if found is not None:
            yield found


def _meaning(text: Text, length: Length) -> Said | None:
    before, after = text.text[: length.start], text.text[length.end :]
    if pair := _FROM.match(after):
        begin, end = _first(pair["a"]), _first(pair["b"])
        if begin and end:
            return Said(
                text,
                length,
                _cut(text, length, length.end + pair.start("b") + end.end),
                begin.milestones,
                end.milestones,
            )
    if pair := _TO.search(before):
        begin, end = _first(pair["a"]), _first(pair["b"])
        if begin and end:
            return Said(text, length, text.text[pair.start() : length.end], begin.milestones, end.milestones)
    clause = _OTHER_ENDS.split(before)[-1]
    subject = _last(clause)
    if pair := _AFTER.match(after):
        begin = _close(pair["a"])
        if begin and subject and begin.milestones != subject.milestones:
            return Said(
                text,
                length,
                _from(text, subject, clause, length, begin, pair.start("a")),
                begin.milestones,
                subject.milestones,
            )
        if begin:
            return None
    if (pair := _AHEAD.match(after)) and (end := _close(pair["b"])):
        return Said(text, length, text.text, subject.milestones, end.milestones) if subject else None
    if pair := _TIME_TO.search(before):
        end = _first(pair["b"])
        return Said(text, length, text.text[pair.start() : length.end], (), end.milestones) if end else None
    if (pair := _TO_DO.match(after)) and (end := _close(pair["b"])):
        return Said(
            text, length, _cut(text, length, length.end + pair.start("b") + end.end), (), end.milestones
        )
    if _MANY.search(text.text):
        return None
    if TOTAL.search(before) or _TOTAL_AFTER.match(after):
        return Said(text, length, text.text, whole=True)
    if text.effect and _OVER.search(before):
        return Said(text, length, text.text, whole=True, weak=True)
    if (
        subject
        and subject.milestones != ("started",)
        and _DONE_IN.search(before)
        and len(clause) - subject.end < 30
    ):
        return Said(
            text,
            length,
            text.text[len(before) - len(clause) + subject.start : length.end],
            (),
            subject.milestones,
        )
    return None


def _first(text: str) -> Named | None:
    return next(named(text), None)


def _close(text: str) -> Named | None:
    """A moment that *text* begins with, but for a few words."""
    found = _first(text)
    return found if found and text[: found.start].count(" ") <= 2 else None


def _last(text: str) -> Named | None:
    found = None
    for found in named(text):  # noqa: B007 - the last one counts
        pass
    return found


def _cut(text: Text, length: Length, end: int) -> str:
    return text.text[length.start : end]


def _from(text: Text, subject: Named, clause: str, length: Length, begin: Named, shift: int) -> str:
    low = length.start - len(clause) + subject.start
    return text.text[max(0, low) : length.end + shift + begin.end]
