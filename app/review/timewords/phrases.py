"""The words around a time: "about", "shortly after", "(maybe earlier?)", "(Time TBC)"."""

import re
from dataclasses import dataclass
from typing import Final, Literal

Side = Literal["", "after", "before"]

_ABOUT = re.compile(
    r"(?:[~≈∼≃±]\s{0,3}|(?:(?:some ?(?:where|time) )?around|about|approx(?:imately|\b\.?)|approximate|roughly"
    r"|estimated|est\.|circa|ca\.|ca\b|c\.|nearly|almost|close to|probably|maybe|perhaps|likely|presumably"
    r"|gegen|gg\.)\s{1,3}(?:at\s{1,3})?|ca\.(?=\d))",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"(?:(?P<near>shortly|just|soon|right|immediately|slightly|(?:a )?(?:bit|little)(?: while)?"
    r"|(?:a )?few (?:minutes|seconds|moments|hours)|(?:some )?(?:minutes|moments|time)|not long|some ?time)\s{1,3})?"
    r"(?P<word>after|before|prior to|past)\s{1,3}"
    r"|(?P<limit>by|no later than|not later than|at the latest|until|up to|till)\s{1,3}"
    r"|(?P<from>since|as of|from|(?:starting|beginning)(?: at| from)?)\s{1,3}",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"(?:(?:at|on|um|am|since|from|during|date|time|when|the time)\b:?|@)\s{1,3}", re.IGNORECASE
)
_NUMBERED = re.compile(r"\s*[0-9]{1,3}[.)]\s")
_LABEL = re.compile(r"[A-Z][\w /-]{0,30}:")
_BRACKET: Final = "[(<{\"'“‘*_`|>#-–—•·+ \t"

_TAIL_ABOUT = re.compile(
    r"(?:-?ish\b|\?(?=[\s)\],;:|]|\Z)|\s{0,2}[(\[](?:approx(?:imately|imate|\.)?|ca\.?|circa|about|roughly"
    r"|estimated?|est\.?|maybe|perhaps|probably"
    r"|possibly|not sure|unsure|not exact|uncertain|or (?:earlier|later|before|after)|give or take|\?|~)"
    r"[^)\]\n]{0,30}[)\]]|\s(?:or so|at a guess|give or take)\b)",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\s{0,3}(?:[,;:–-]\s{0,2})?(?P<open>[(\[]?)(?P<reason>"
    r"(?:exact |precise )?(?:times?|timestamps?)(?: (?:is|was|are|not|to|be|yet))* ?"
    r"(?:TBC|TBD|TBA|unknown|unclear|missing|unavailable|recorded|confirmed|determined|lost|n/a|\?)"
    r"|TBC|TBD|TBA|time\?|unknown(?: time)?|unclear time|n/a"
    r"|no (?:exact )?time(?:stamp)?(?: (?:recorded|given|known))?)(?P<close>[)\]]?)(?=[\s,;:.|]|\Z)",
    re.IGNORECASE,
)
_OPEN_END = re.compile(
    r"\s{0,3}(?:-{1,2}>?|→|–|—|to|until|till)\s{0,3}"
    r"(?:\?{1,3}(?::\?\?)?|now|ongoing|present|unknown|on-going|--:--|TBC|TBD|open)(?=\s{0,2}(?:[)\],;:|]|\Z))"
    r"|\s{1,3}on-?wards?\b",
    re.IGNORECASE,
)
_SOMETIME = re.compile(r"(?:(?:at )?some ?(?:time|point|where)(?: in)?|somewhere)\s+", re.IGNORECASE)
_DURING = re.compile(
    r"\b(?:was|were|is|are|been|experienced?|experiencing|suffered|saw|had|have|has|degraded|failing|failed|down"
    r"|unavailable|broken|outage|impact(?:ed)?|unable|could not|couldn.t|lasted|continued|remained)\b",
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


def lead(text: str, place: int) -> Lead:
    """The words before a time that stand at *place*, and where the time itself should begin."""
    about = limit = open_ended = inside = False
    side: Side = ""
    for _ in range(_MOST_WORDS):
        if match := _SOMETIME.match(text, place):
            inside = True
        elif match := _ABOUT.match(text, place):
            about = True
        elif match := _SIDE.match(text, place):
            word = (match["word"] or "").lower()
            if match["from"]:
                open_ended = True
            else:
                side = "after" if word in {"after", "past"} else "before"
                limit = bool(match["limit"])
                about = about or bool(match["near"])
        else:
            match = _FILLER.match(text, place)
        if match is None:
            break
        place = match.end()
    return Lead(place, about, side, limit, open_ended, inside)


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


def only_before(text: str) -> bool:
    """Whether *text* is nothing but what may stand before the time of a line: bullets, brackets, "At"."""
    rest = _NUMBERED.sub("", text, count=1).strip(_BRACKET)
    while match := _FILLER.match(f"{rest} "):
        rest = rest[match.end() :].lstrip(_BRACKET)
    return not rest or bool(_LABEL.fullmatch(rest))


def lasted(text: str) -> bool:
    """Whether a sentence speaks of something that went on, so that "between" is its whole length."""
    return bool(_DURING.search(text[:200]))
