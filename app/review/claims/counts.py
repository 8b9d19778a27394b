"""Numbers that two places give for the same thing, parts that do not make their whole, records that are counted."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from app.review.claims.model import Judgement, line
from app.review.claims.spoken import Text, texts
from app.review.records import Session
from app.review.writing import Spot

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?\s?(?:k|M|million|thousand|billion)?\b"
_ABOUT = r"(?P<about>(?:about|around|approximately|approx\.?|roughly|nearly|almost|some|over|more than|at least|up to|~|≈)\s*)?"
_COUNTED: Final = re.compile(
    rf"(?<![\w.,:/$€£#+-]){_ABOUT}(?P<number>{_NUMBER})(?!\s?(?:%|percent|per\b|/|of\b|out of\b|x\b|st\b|nd\b|rd\b|th\b))"
    r"\s+(?P<what>[a-z][a-z-]+(?:\s+[a-z][a-z-]+)?)",
    re.IGNORECASE,
)
_SHARE: Final = re.compile(
    rf"(?<![\w.,])(?P<part>{_NUMBER})\s+(?:out of|of)\s+(?:the |all |our |about )?(?P<whole>{_NUMBER})"
    r"(?P<between>[^.;%]{0,40}?)\(?\s?(?:~|about |roughly )?(?P<share>\d{1,3}(?:\.\d+)?)\s?(?:%|percent)",
    re.IGNORECASE,
)
_SUM: Final = re.compile(rf"(?<![\w.,])(?P<parts>{_NUMBER}(?:\s*\+\s*{_NUMBER})+)\s*=\s*(?P<sum>{_NUMBER})")
_STATUS: Final = re.compile(r"[1-5]\d\d (?:error|response|status|code|http|answer|s)")  # of HTTP
_TOTAL: Final = re.compile(r"\b(?:total|in all|altogether|overall|combined|sum)\b", re.IGNORECASE)
_UNITS: Final = frozenset(
    [
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "year",
        "sec",
        "min",
        "am",
        "pm",
        "utc",
        "cet",
        "gmt",
        "times",
        "percent",
        "ms",
        "gb",
        "mb",
        "kb",
        "node",
        "more",
        "other",
        "of",
        "to",
        "or",
        "and",
        "in",
        "on",
        "at",
        "from",
        "was",
        "were",
        "is",
        "are",
        "the",
        "a",
        "an",
        "by",
        "per",
        "each",
        "for",
        "with",
        "during",
        "while",
        "when",
        "across",
    ]
)
_RECORDS: Final = re.compile(
    r"\b(?P<number>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s+"
    r"(?P<what>action items?|actions|follow-?ups? actions?|contributing factors?)\b(?!\s+(?:was|were|are|is) (?:not )?(?:planned|open|left|done|closed))",
    re.IGNORECASE,
)
_WORDS: Final = dict(
    zip(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(1, 13),
        strict=True,
    )
)
_MANY: Final = {"k": 1e3, "thousand": 1e3, "M": 1e6, "million": 1e6, "billion": 1e9}


class _Count(NamedTuple):
    value: float
    what: tuple[str, ...]
    words: str
    about: bool
    text: Text


def judged(session: Session) -> Iterator[Judgement]:
    """What is counted in the report: shares, sums, totals, records, and the same thing in two places."""
    counted: list[_Count] = []
    for text in texts(session):
        yield from _shares(text)
        yield from _sums(text)
        yield from _records(session, text)
        counted += _counts(text)
    counted = [*_of_records(session), *counted]
    totals, parts = _apart(counted)
    yield from _totals(totals, parts)
    yield from _twice(counted)


def _counts(text: Text) -> Iterator[_Count]:
    for found in _COUNTED.finditer(text.text):
        what = tuple(_stem(word) for word in found["what"].split())
        if what[0] in _UNITS or _STATUS.fullmatch(f"{found['number'].strip()} {what[0]}"):
            continue
        what = what if len(what) == 2 and what[1] not in _UNITS else what[:1]
        yield _Count(_value(found["number"]), what, found[0].strip(), bool(found["about"]), text)


def _of_records(session: Session) -> Iterator[_Count]:
    """Impacts whose number stands in a field of its own."""
    for impact in session.impacts:
        if impact.value is None:
            continue
        words = f"{impact.unit} {impact.text}".split()
        what = tuple(_stem(word) for word in words[:2] if word.isalpha())
        if what and what[0] not in _UNITS:
            spot = Spot("impacts", "text", impact.id)
            text = Text(spot, "impact", f"{impact.value:,} {impact.unit or impact.text}".strip(), effect=True)
            yield _Count(float(impact.value), what, text.text, impact.estimated, text)


def _stem(word: str) -> str:
    word = word.casefold().strip(".,;:()")
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _value(number: str) -> float:
    found = re.match(r"([\d,.]+?)\.?\s?(k|M|million|thousand|billion)?$", number.strip())
    if not found:
        return 0.0
    return float(found[1].replace(",", "")) * _MANY.get(found[2] or "", 1)


def _shares(text: Text) -> Iterator[Judgement]:
    for found in _SHARE.finditer(text.text):
        part, whole, share = _value(found["part"]), _value(found["whole"]), float(found["share"])
        if not whole or part > whole:
            continue
        actual = 100 * part / whole
        step = 0.1 if "." in found["share"] else 1.0
        holds = abs(actual - share) <= step
        words = line(found[0])
        say = f"“{words}” ({text.where}): {found['part'].strip()} of {found['whole'].strip()} is {actual:.3g} %, not {found['share']} %."
        if holds:
            say = f"“{words}” ({text.where}): {found['part'].strip()} of {found['whole'].strip()} is {actual:.3g} %."
        yield Judgement("total", holds, text.spot, words, say, text.where)


def _sums(text: Text) -> Iterator[Judgement]:
    for found in _SUM.finditer(text.text):
        parts = [_value(each) for each in found["parts"].split("+")]
        total, stated = sum(parts), _value(found["sum"])
        holds = abs(total - stated) < 1e-6 * max(1.0, stated)
        words = line(found[0])
        say = f"“{words}” ({text.where}): the parts make {total:,.15g}{'' if holds else f', not {stated:,.15g}'}."
        yield Judgement("total", holds, text.spot, words, say, text.where)


def _records(session: Session, text: Text) -> Iterator[Judgement]:
    for found in _RECORDS.finditer(text.text):
        word = found["number"].casefold()
        stated = _WORDS.get(word) or int(word)
        is_factor = "factor" in found["what"].casefold()
        if is_factor:
            marked = [each for each in session.factors if each.mark == "contributing"]
            actual = len(marked or session.factors)
        else:
            actual = len([each for each in session.actions if each.status != "declined"])
        if not actual:
            continue
        words = line(found[0])
        name = "contributing factors" if is_factor else "actions"
        say = f"“{words}” ({text.where}): the review has {actual} {name}{'' if stated == actual else f', not {stated}'}."
        yield Judgement("count", stated == actual, text.spot, words, say, text.where)


def _apart(counted: list[_Count]) -> tuple[list[_Count], list[_Count]]:
    effects = [each for each in counted if each.text.effect]
    totals = [each for each in effects if _TOTAL.search(each.text.text)]
    return totals, [each for each in effects if each not in totals]


def _totals(totals: list[_Count], parts: list[_Count]) -> Iterator[Judgement]:
    for total in totals:
        mine = [each for each in parts if _same(each, total)]
        if len(mine) < 2:
            continue
        actual = sum(each.value for each in mine)
        about = total.about or any(each.about for each in mine)
        holds = abs(actual - total.value) <= (0.1 * total.value if about else 0)
        words = line(total.words)
        listed = " + ".join(f"{each.value:,.15g}" for each in mine)
        say = f"“{words}” ({total.text.where}): the parts make {listed} = {actual:,.15g}{'' if holds else f', not {total.value:,.15g}'}."
        yield Judgement("total", holds, total.text.spot, words, say, total.text.where)


def _twice(counted: list[_Count]) -> Iterator[Judgement]:
    """The same thing with two numbers in two parts of the report: the impact's records are what others are held to."""
    by_thing: dict[tuple[str, ...], list[_Count]] = defaultdict(list)
    for each in counted:
        if each.text.effect and not _TOTAL.search(each.text.text):
            by_thing[each.what].append(each)
    for each in counted:
        if each.text.effect:
            continue
        records = [known for what, known in by_thing.items() if _alike(what, each.what)]
        known = [one for group in records for one in group]
        if not known:
            continue
        same = next((one for one in known if _near(one, each)), None)
        against = same or known[0]
        words = line(each.words)
        said = f"the impact says “{line(against.words)}”"
        say = f"“{words}” ({each.text.where}): {said}{'' if same else ', which is another number'}."
        yield Judgement("count", same is not None, each.text.spot, words, say, each.text.where)


def _same(one: _Count, two: _Count) -> bool:
    return _alike(one.what, two.what)


def _alike(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    shorter, longer = sorted((one, two), key=len)
    return longer[: len(shorter)] == shorter


def _near(one: _Count, two: _Count) -> bool:
    room = 0.1 if one.about or two.about else 0.0
    return abs(one.value - two.value) <= room * max(one.value, two.value)
