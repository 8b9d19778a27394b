"""The words around a time: "about", "shortly after", "(maybe earlier?)", "(Time TBC)"."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from app.review.timewords import tongues
from app.review.timewords.tongues import DASHES

Side = Literal["", "after", "before"]

_ABOUT = re.compile(
    r"(?:[~≈∼≃±約约]\s{0,3}|(?:(?:some ?(?:where|time) )?around|about"
    r"|(?:just |a little )?(?:under|over)|(?:less|more) than|approx(?:imately|\b\.?)|approximate|roughly"
    r"|estimated|est\.|circa|ca\.|ca\b|c\.|nearly|almost|close to|probably|maybe|perhaps|likely|presumably"
    rf"|gegen|gg\.|{tongues.ABOUT})\s{{1,3}}(?:at\s{{1,3}})?|ca\.(?=\d)"
    r"|[\[(](?:~|approx(?:imately|imate|\.)?|about|circa|ca?\.|est(?:imated|\.)?)[\])]\s{0,3})",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"(?:(?P<near>shortly|just|soon|right|immediately|slightly|(?:a )?(?:bit|little)(?: while)?"
    r"|(?:a )?few (?:minutes|seconds|moments|hours)|(?:some )?(?:minutes|moments|time)|not long|some ?time)\s{1,3})?"
    r"(?P<word>after|before|prior to|past)\s{1,3}"
    rf"|(?:(?P<near_other>{tongues.NEAR})\s)?(?:(?P<after>{tongues.AFTER})|(?P<before>{tongues.BEFORE}))\s{{1,3}}"
    r"|(?P<least>(?:no|not) (?:earlier|sooner) than|not before)\s{1,3}"
    rf"|(?P<limit>{tongues.LIMIT}|by|at or before|no later than|not later than|at the latest"
    r"|until|up to|till|through)\s{1,3}"
    rf"|(?P<from>{tongues.FROM}|since|as of|from|(?:starting|beginning)(?: at| from)?)\s{{1,3}}",
    re.IGNORECASE,
)
_FILLER = re.compile(
    rf"(?:(?:{tongues.FILLER}|at|on|since|from|during|date|time|when|the time|as (?:early|late) as|exactly"
    r"|precisely)\b:?|@)\s{1,3}",
    re.IGNORECASE,
)
# "by the morning of November 15", "early on 9 Feb", "late January 8 at 5:20".
_PART_OF = re.compile(
    r"(?:(?:in )?the )?(?:(?:early|late|mid)[ -](?:in the )?)?(?:morning|afternoon|evening|night|hours)(?: hours)?"
    r" (?:of|on) |(?:early|late) (?:on |(?=(?-i:[A-Z])[a-z]{2,8}\.? [0-9]{1,2}(?:st|nd|rd|th)?\b))",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\s*[0-9]{1,3}[.)]\s")
_LABEL = re.compile(r"[A-Z][\w /-]{0,30}:")
_BRACKET: Final = "[(<{\"'“‘*_`|>#-–—•·+ \t"

_TAIL_ABOUT = re.compile(
    r"(?:\+(?=[\s|:,;)\]]|\Z)|-?ish\b|\s?(?:頃|ごろ|ころ|前後|左右|경)|~(?!\s?\d)|\?(?=[\s)\],;:|*`\"<.]|\Z)"
    r"|\s{0,2}[(\[](?:(?:all )?times? (?:are |is )?)?(?:approx(?:imately|imate|\.)?|ca\.?|circa|about|roughly"
    r"|estimated?|est\.?|maybe|perhaps|probably"
    r"|possibly|not sure|unsure|not exact|uncertain|or (?:earlier|later|before|after)|give or take|\?|~)"
    r"[^)\]\n]{0,30}[)\]]|\s(?:or so|at a guess|give or take)\b)",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\s{0,3}(?:[,;:–-]\s{0,2})?(?P<open>[(\[]?)(?P<reason>"
    r"(?:exact |precise )?(?:times?|timestamps?)(?: (?:is|was|are|not|to|be|yet))* ?"
    r"(?:TBC|TBD|TBA|unknown|unclear|missing|unavailable|recorded|confirmed|determined|lost|n/a|\?)"
    r"|TBC|TBD|TBA|\?{2,3}|time\?|unknown(?: time)?|unclear time|n/a"
    r"|no (?:exact )?time(?:stamp)?(?: (?:recorded|given|known))?)(?P<close>[)\]]?)(?=[\s,;:.|*_`]|\Z)",
    re.IGNORECASE,
)
_OPEN_END = re.compile(
    rf"\s{{0,3}}(?:-{{1,2}}>?|→|[{DASHES}]|to|until|till|bis|à|a|até|hasta)\s{{0,3}}"
    r"(?:\?{1,3}(?::\?\?)?|now|ongoing|present|unknown|on-going|--:--|TBC|TBD|open)(?=\s{0,2}(?:[)\],;:|–—*`\"<]|[-.]\s|\Z))"
    r"|\s{1,3}on-?wards?\b|\s{1,3}on(?=\s{0,2}(?:[,:;.|–—*_`]|-\s|\Z))",
    re.IGNORECASE,
)
_PART_OF_DAY = re.compile(
    r",? (?:in the|that|this|the same) (?P<part>morning|afternoon|evening)\b|,? at (?P<night>night)\b",
    re.IGNORECASE,
)
_PART_BEFORE = re.compile(
    r"(?:that|this|the same|in the) (?P<part>morning|afternoon|evening|night),? (?=(?:at )?[0-9])",
    re.IGNORECASE,
)
_PART_OF_DATE = re.compile(r",? (?P<part>morning|afternoon|evening|night)(?=,? (?:at )?[0-9])", re.IGNORECASE)
_STILL = re.compile(
    r"[\s,;(]{1,3}(?:and )?(?:still |is )?(?:ongoing|on-going|in progress)\b\)?", re.IGNORECASE
)
_ALONE = re.compile(
    r"[\s\-–—*_`•|>\[(#]*(?P<words>(?:(?:in|during|by|towards) )?(?:the )?"
    r"(?:(?:early|mid|late)[ -])?(?:morning|afternoon|evening|night)|(?:late )?(?:at |during the )night|overnight"
    r"|(?:start|end|close) of (?:the )?(?:business|day)|EOD|COB|EOB|dawn|before dawn)"
    r"(?=[*_`\])]{0,3}(?:\s?[:|]|\s?[–—]|\s-\s|[,;.]\s|\s*\Z))",
    re.IGNORECASE,
)
_SOMETIME = re.compile(r"(?:(?:at )?some ?(?:time|point|where)(?: in)?|somewhere)\s+", re.IGNORECASE)
_DURING = re.compile(
    r"\b(?:was|were|is|are|been|experienced?|experiencing|suffered|saw|had|have|has|degraded|failing|failed|down"
    r"|unavailable|broken|outages?|incidents?|delay(?:s|ed)?|disruptions?|degradation"
    r"|impact(?:ed)?|unable|could not|couldn.t|lasted|continued|remained)\b",
    re.IGNORECASE,
)
_MOST_WORDS: Final = 6
"""As many words as stand before a time; a line of tildes ends here."""


@dataclass(frozen=True)
class Lead:
    """What stands before a time and says how it is meant."""

    end: int
    about: bool = False
    side: Side = ""
    limit: bool = False
    """"by", "until": the side is a limit, not a nearness."""
    open_ended: bool = False
    """"since", "from": begins there."""
    inside: bool = False
    """"sometime": somewhere in what follows."""
    part: str = ""
    """The part of the day that was said: "that evening at 7:15"."""


def lead(text: str, place: int) -> Lead:
    """The words before a time that stand at *place*, and where the time itself should begin."""
    about = limit = open_ended = inside = False
    side: Side = ""
    part = ""
    for _ in range(_MOST_WORDS):
        if match := _SOMETIME.match(text, place):
            inside = True
        elif match := _ABOUT.match(text, place):
            about = True
        elif match := _SIDE.match(text, place):
            if match["from"]:
                open_ended = True
            else:
                later = match["after"] or match["least"] or (match["word"] or "").lower() in {"after", "past"}
                side = "after" if later else "before"
                limit = bool(match["limit"] or match["least"])
                about = about or bool(match["near"] or match["near_other"])
        elif match := _PART_BEFORE.match(text, place):
            part = match["part"].lower()
        else:
            match = _FILLER.match(text, place) or _PART_OF.match(text, place)
        if match is None:
            break
        place = match.end()
    # "Some time after 10:15" is not shortly after it, and not exactly known.
    return Lead(place, about or (inside and bool(side)), side, limit, open_ended, inside, part)


def tail_about(text: str, place: int) -> int:
    """Where a remark such as "(maybe earlier?)" behind a time ends; *place* where there is none."""
    match = _TAIL_ABOUT.match(text, place)
    return match.end() if match else place


def reason(text: str, place: int) -> tuple[str, int] | None:
    """Why the time is missing, as the author says at *place*, and where that ends."""
    match = _REASON.match(text, place)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    return match["reason"], match.end()


def open_end(text: str, place: int) -> int | None:
    """Where a range without an end ("10:15 - ?", "onwards") ends; None for anything else."""
    match = _OPEN_END.match(text, place)
    return match.end() if match else None


def part_of_day(text: str, place: int) -> re.Match[str] | None:
    """The words "in the afternoon", "at night" behind a time of day at *place*."""
    return _PART_OF_DAY.match(text, place)


def part_of_date(text: str, place: int) -> re.Match[str] | None:
    """The part of the day between a date and its time of day: "Sunday evening at 7:15"."""
    return _PART_OF_DATE.match(text, place)


def still(text: str, place: int) -> int | None:
    """Where "…, still ongoing" behind a beginning ends; None for anything else."""
    match = _STILL.match(text, place)
    return match.end() if match else None


def alone(text: str) -> re.Match[str] | None:
    """A part of a day that a row begins with instead of a time: "Early morning – first complaints"."""
    return _ALONE.match(text)


def only_before(text: str) -> bool:
    """Whether *text* is nothing but what may stand before the time of a line: bullets, brackets, "At"."""
    rest = _NUMBERED.sub("", text, count=1).strip(_BRACKET)
    while match := _FILLER.match(f"{rest} "):
        rest = rest[match.end() :].lstrip(_BRACKET)
    return not rest or bool(_LABEL.fullmatch(rest))


def lasted(text: str) -> bool:
    """Whether a sentence speaks of something that went on, so that "between" is its whole length."""
    return bool(_DURING.search(text[:200]))
