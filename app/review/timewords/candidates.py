"""The times that a line might speak of, and how much each looks like the time of its row."""

import re
from dataclasses import replace

from app.review.timewords import phrases
from app.review.timewords.points import of_stamp
from app.review.timewords.spans import Span, match_span
from app.review.timewords.stamps import field_values, match_epoch
from app.review.timewords.tongues import EASTERN

_LINKS = re.compile(r"\b[a-z][a-z+.-]{1,15}://[^\s|>)\]]+")
PLACES = re.compile(rf"(?<![^\W_{EASTERN}])(?=[^\s.,;:!)\]}}/\\'\"=_*|>])")
_ON = re.compile(r"\W*(?:on|am|op|le|el|il|em)\b", re.IGNORECASE)
_HEADED = re.compile(r"\([^()]{3,30}\)(?:\Z|:)")
_EASTERN_LETTER = re.compile(f"[{EASTERN}]")
_PART_FOLLOWS = re.compile(r"\s(?:morning|afternoon|evening|night)\b", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,2}[hH][0-9]{2}")
_TOOK = re.compile(
    r"\b(?:took|takes?|taken|lasted|lasting|for|within|in|over|of|than|durée|pendant|depuis)\s+\Z",
    re.IGNORECASE,
)
_SENTENCE_DAY = re.compile(
    r"(?:on|in|the|from|since|before|after|by|until|early|between)\s+\Z", re.IGNORECASE
)


def candidates(text: str) -> list[tuple[int, Span]]:
    """Every expression in *text* that could be its time, with its score."""
    found: list[tuple[int, Span]] = []
    for place in field_values(text):
        stamp = match_epoch(text, place)
        span = Span(of_stamp(stamp), place, stamp.end, phrases.Lead(place)) if stamp else None
        span = span or match_span(text, place, strict=False)
        if span:
            found.append((_score(text, span) + 6, span))
    links = [match.span() for match in _LINKS.finditer(text)]
    done = 0
    for match in PLACES.finditer(text):
        place = match.start()
        if place < done or _within(place, links) or inside_word(text, place):
            continue
        span = match_span(text, place, strict=False)
        if span and _is_said(text, span):
            found.append((_score(text, span), span))
            done = span.end
    return found


def clock_of_sentence(text: str, span: Span, others: list[tuple[int, Span]]) -> tuple[int, Span] | None:
    """The time of day that a sentence names behind its date: "On 17 November the API failed (10:15-11:02)".

    A date that stands alone before its text ("2021-12-10 | planned for 15:40") is the whole time of the row.
    """
    if span.first.clock or span.second:
        return None
    clocks = [
        (score, each)
        for score, each in others
        if each.begin >= span.end and each.first.clock and not each.first.day and not each.first.log
    ]
    if not _ON.match(text, span.begin):
        # A heading: "April 14: API outage (6:00 EST): …".
        clocks = [
            (score, each)
            for score, each in clocks
            if (each.first.zone or (each.second and each.second.zone))
            and _HEADED.match(text, each.begin, each.end + 1)
        ]
    return max(clocks, key=lambda pair: pair[0], default=None)


def also_said(text: str, span: Span, others: list[Span]) -> tuple[str, ...]:
    """A doubt where a sentence names a second time of day: "retired at 16:00, went down approx 16:03".

    A row that begins with its time has that time, whatever its text speaks of.
    """
    if span.first.clock is None or span.first.log or phrases.only_before(text[: span.begin]):
        return ()
    more = [
        text[each.begin : each.end].strip()
        for each in others
        if each.begin >= span.end and each.first.clock and not each.first.log
    ]
    return (f"The sentence also says “{more[0]}”: is it two rows?",) if more else ()


def with_day_before(span: Span, others: list[Span]) -> Span:
    """The span with the date that the sentence named before it: "On 17 November the API failed (10:15-11:02)"."""
    if span.first.day or (span.second and span.second.day) or not span.first.clock or span.first.log:
        return span
    days = [
        each.first.day
        for each in others
        if each.end <= span.begin and not each.first.clock and not each.second
    ]
    named = [day for day in days if day and day.precision == "day" and day.month and not day.joint]
    return replace(span, first=replace(span.first, day=named[-1])) if named else span


def _within(place: int, links: list[tuple[int, int]]) -> bool:
    return any(begin <= place < end for begin, end in links)


def inside_word(text: str, place: int) -> bool:
    """Whether the place is joined to a word before it: ``eks-2022-11-15``, ``v1.10:15``, ``#4711``."""
    before = text[place - 1 : place]
    if not before or before.isspace() or before in "([{\"'“‘*|>,;–—→~_" or _EASTERN_LETTER.match(before):
        return False
    return before in "#@$%&/\\" or text[max(place - 2, 0) : place - 1].isalnum()


def _is_said(text: str, span: Span) -> bool:
    """Whether a day without a month is spoken of as a day: "on the 10th", not "the 2nd attempt"."""
    day = span.first.day
    if (
        day is None
        and not span.second
        and _LENGTH.fullmatch(text[span.begin : span.end])
        and _TOOK.search(text[: span.begin])
    ):
        return False
    if span.first.clock or day is None or span.second:
        return True
    if day.precision in {"month", "10day"} and day.year is None:
        # "We renew it in July" says no time.
        return phrases.only_before(text[: span.begin])
    if day.month is None and day.year is None and not day.step:
        return (
            span.lead.end > span.begin
            or bool(_SENTENCE_DAY.search(text[: span.begin]))
            or bool(day.weekday is not None and _PART_FOLLOWS.match(text, span.end))
            or _alone(text, span)
        )
    return True


def _alone(text: str, span: Span) -> bool:
    before, after = text[: span.begin], text[span.end :]
    return phrases.only_before(before) and not re.match(r"\s*\w", after)


def _score(text: str, span: Span) -> int:
    first = span.first
    day = first.day or (span.second.day if span.second else None)
    score = 4 if first.clock else 0
    if day:
        score += 2 if day.month or day.year or day.step is not None else 1
    score += bool(first.zone) + bool(span.second)
    if phrases.only_before(text[: span.begin]):
        score += 5
    return score
