"""The comparison of claims with records. Pure; what cannot be tied to a record is left alone."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final, NamedTuple

from app.review.claims import counts, dates
from app.review.claims.anchors import BEFORE, Moment, moments
from app.review.claims.lengths import Length, lengths
from app.review.claims.model import Judgement, bases, line
from app.review.claims.spoken import Said, Text, said, texts
from app.review.durations import spell
from app.review.records import Session
from app.review.zones import zone_of

_ZONE: Final = r"(?:UTC|CET|CEST|GMT|BST|[ECMP][SD]T)?"
_RANGE: Final = re.compile(
    r"\b(?P<h1>[01]?\d|2[0-3])[:.](?P<m1>[0-5]\d)(?:[:.](?P<s1>[0-5]\d))?\s*(?P<p1>[ap]\.?m\b\.?)?\s*"
    + _ZONE
    + r"(?:,? (?:on )?\w{3,9} \d{1,2})?,?\s*"
    r"(?:-|–|—|to|until|till|and(?: (?:ended|ending|lasted|lasting|(?:was )?(?:resolved|fixed|over|restored)))?(?: (?:at|by|until|till))?)\s*"
    r"(?P<h2>[01]?\d|2[0-3])[:.](?P<m2>[0-5]\d)(?:[:.](?P<s2>[0-5]\d))?\s*(?P<p2>[ap]\.?m\b\.?)?",
    re.IGNORECASE,
)

_TOGETHER: Final = re.compile(
    r"\b(?:total\w*|cumulative\w*|altogether|combined|in all|together)\b", re.IGNORECASE
)

_INCIDENT: Final = "the incident has from its start to its end"


class _Measured(NamedTuple):
    """A length that the records give, how exactly, and the records by name."""

    value: timedelta
    slack: timedelta
    source: str


def judged(session: Session) -> tuple[Judgement, ...]:
    """Every claim that could be tied to records, right or wrong, in the order of the report."""
    known = bases(session)
    found = [*_lengths(session), *counts.judged(session), *dates.judged(session)]
    return tuple(each._replace(basis=known.get(each.words, "")) for each in found)


def check_claims(session: Session) -> tuple[Judgement, ...]:
    """The claims that contradict the records, those with a basis too."""
    return tuple(each for each in judged(session) if not each.holds)


def _lengths(session: Session) -> Iterator[Judgement]:
    rows = moments(session)
    totals = list(_totals(session, rows))
    sentences = list(texts(session))
    yield from _sums(sentences)
    seen: set[tuple[str, str]] = set()
    for text in sentences:
        spans = _spans(text)
        stated = {each.length.start: each for each in said(text)}
        for length in lengths(text.text):
            each = stated.get(length.start)
            found = _judge(session, each, rows, totals, spans) if each else None
            if found is None and spans and _beside(text, length):
                words = Said(text, length, text.text)
                fitting = next((span for span in spans if length.fits(span.value, span.slack)), None)
                found = _judgement(words, fitting or spans[0], holds=fitting is not None)
            if found is not None and (found.where, found.words) not in seen:
                seen.add((found.where, found.words))
                yield found


def _beside(text: Text, length: Length) -> bool:
    """Whether a length stands right beside a window: ``21:45 to 23:28 UTC (103 minutes)``."""
    return any(
        0 <= length.start - each.end() <= 20 or 0 <= each.start() - length.end <= 16
        for each in _RANGE.finditer(text.text)
    )


def _sums(sentences: list[Text]) -> Iterator[Judgement]:
    """Lengths in parentheses, one an item of a list, and the sentence that says what they make together."""
    for _, group in groupby(sentences, key=lambda each: each.spot):
        texts_here = list(group)
        parts = [(each, found[0]) for each in texts_here if len(found := list(_in_parentheses(each))) == 1]
        for text in texts_here:
            for length in lengths(text.text):
                others = [part for where, part in parts if where is not text]
                if len(others) < 2 or not _TOGETHER.search(_around(text, length)):
                    continue
                total = sum((part.value for part in others), timedelta())
                holds = length.fits(total, sum((part.unit for part in others), timedelta()) / 2)
                words = line(text.text)
                told = " + ".join(spell(part.value) for part in others)
                say = f"“{words}” ({text.where}): the parts make {told} = {spell(total)}{'' if holds else f', not {_stated(length)}'}."
                yield Judgement("total", holds, text.spot, words, say, text.where)


def _around(text: Text, length: Length) -> str:
    return text.text[max(0, length.start - 60) : length.end + 25]


def _in_parentheses(text: Text) -> Iterator[Length]:
    return (
        each
        for each in lengths(text.text)
        if text.text[: each.start].endswith("(") and text.text[each.end :].startswith(")")
    )


def _judge(
    session: Session, each: Said, rows: dict[str, Moment], totals: list[_Measured], spans: list[_Measured]
) -> Judgement | None:
    if each.whole:
        if spans and not _fits(each.length, spans):
            return _judgement(each, spans[0], holds=False)
        measured = list(_impact_spans(session, each)) or _independent(totals, spans) or spans
    else:
        measured = list(_between(each, rows))
    if not measured:
        return None
    fitting = min(
        (found for found in measured if each.length.fits(found.value, found.slack)),
        key=lambda found: abs(found.value - each.length.value),
        default=None,
    )
    if fitting is None and not each.whole and not each.begin and any(row.guessed for row in rows.values()):
        # What it is counted from is not said, and the rows are only guessed at: that is no contradiction.
        return None
    return _judgement(each, fitting or measured[0], holds=fitting is not None)


def _independent(totals: list[_Measured], spans: list[_Measured]) -> list[_Measured]:
    """Lengths that say more than the window beside the number: an incident that was read from that window does not."""
    others = [each for each in totals if each.source != _INCIDENT]
    read_from_it = len(others) < len(totals) and any(span.value == totals[0].value for span in spans)
    return others if others and read_from_it else totals


def _fits(length: Length, measured: Iterable[_Measured]) -> bool:
    return any(length.fits(found.value, found.slack) for found in measured)


def _judgement(each: Said, measured: _Measured, *, holds: bool) -> Judgement:
    words = line(each.words)
    stated = _stated(each.length)
    verb = "is" if holds else "is not"
    say = f"“{words}” ({each.text.where}): {stated} {verb} {spell(measured.value)}, which {measured.source}."
    return Judgement("length", holds, each.text.spot, words, say, each.text.where)


def _stated(length: Length) -> str:
    prefix = "at most " if length.bound == "most" else "about " if length.about else ""
    return f"{prefix}{spell(length.value)}"


def _between(each: Said, rows: dict[str, Moment]) -> Iterator[_Measured]:
    for end in each.end:
        starts = each.begin or BEFORE.get(end, ())
        for begin in starts:
            if begin in rows and end in rows and rows[begin].event.id != rows[end].event.id:
                one, two = rows[begin], rows[end]
                if two.at < one.at:
                    continue
                yield _Measured(
                    two.at - one.at, one.slack + two.slack, f"the timeline has from {_at(one)} to {_at(two)}"
                )


def _at(row: Moment) -> str:
    return f"{row.told} at {row.at:%H:%M:%S}"


def _totals(session: Session, rows: dict[str, Moment]) -> Iterator[_Measured]:
    """What can be called the length of the incident, the likeliest first."""
    incident = session.incident
    if incident.started_at and incident.ended_at and incident.ended_at >= incident.started_at:
        yield _Measured(incident.ended_at - incident.started_at, timedelta(), _INCIDENT)
    for end in ("resolved", "recovered", "mitigated"):
        for begin in ("started", "detected", "declared"):
            if begin in rows and end in rows:
                one, two = rows[begin], rows[end]
                if two.at >= one.at:
                    yield _Measured(
                        two.at - one.at,
                        one.slack + two.slack,
                        f"the timeline has from {_at(one)} to {_at(two)}",
                    )
    for impact in session.impacts:
        if impact.from_ and impact.to and impact.to >= impact.from_:
            yield _Measured(
                impact.to - impact.from_,
                timedelta(minutes=1),
                f"the impact {impact.id} has from its start to its end",
            )


def _impact_spans(session: Session, each: Said) -> Iterable[_Measured]:
    """The window of the very record that the sentence is the text of."""
    for impact in session.impacts:
        if (
            impact.id == each.text.spot.id
            and each.text.effect
            and impact.from_
            and impact.to
            and impact.to >= impact.from_
        ):
            return [
                _Measured(
                    impact.to - impact.from_,
                    timedelta(minutes=1),
                    f"this impact has from {_clock(session, impact.from_)} to {_clock(session, impact.to)}",
                )
            ]
    return []


def _clock(session: Session, at: datetime) -> str:
    return f"{at.astimezone(zone_of(session)):%H:%M:%S}"


def _window_end(found: "re.Match[str]", which: str, half: str | None) -> datetime:
    """One end of a window, on any day; *half* is ``am`` or ``pm`` where it is written so."""
    hour = int(found[f"h{which}"])
    if half is not None and hour <= 12:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    return datetime(2000, 1, 1, hour, int(found[f"m{which}"]), int(found[f"s{which}"] or 0), tzinfo=UTC)


def _spans(text: Text) -> list[_Measured]:
    """The window that a sentence itself gives: ``(10:05 - 11:40 UTC)``."""
    found = []
    for each in _RANGE.finditer(text.text):
        first, second = each["p1"], each["p2"]
        if first is None and second is not None and int(each["h1"]) <= 12:
            # "1:15 to 3:00 PM" is all in the afternoon, "11:45 to 1:00 PM" begins before noon.
            first = second if int(each["h1"]) % 12 <= int(each["h2"]) % 12 else "am"
        one, two = _window_end(each, "1", first), _window_end(each, "2", second)
        if two < one:
            two += timedelta(days=1)
        slack = timedelta(0) if each["s1"] and each["s2"] else timedelta(minutes=1)
        found.append(_Measured(two - one, slack, f"the same sentence has ({each[0]})"))
    return found
