"""What the headings and labels of reports mean, and small things that are read out of their sentences."""

import re
from typing import Final, Literal, get_args

from app.importing.tongues import meaning
from app.review.plain import one_line
from app.review.timewords.tongues import EASTERN

Role = Literal[
    "summary", "impact", "detection", "response", "causes", "factors", "whys", "timeline", "key_events",
    "actions", "went_well", "was_hard", "lucky", "surprises", "lessons", "prevention", "questions",
    "date", "severity", "authors", "reviewed", "status", "services", "facilitator", "id", "zone", "started",
    "ended", "duration", "title",
]  # fmt: skip
"""What a heading, or a label before a colon, says that its words are."""

FIELDS: Final[frozenset[Role]] = frozenset(get_args(Role)[17:])
"""Roles that are one value at the head of a report."""

_ROLES: Final[tuple[tuple[Role, str], ...]] = (
    ("summary", r"(?:(?:executive|incident|management|issue|outage|event|high[- ]level) )?"
     r"(?:summary|overview|abstract|synopsis)|summary of (?:the )?(?:incident|issue|outage|event|impact)|tl;?dr"
     r"|what happened|(?:(?:incident|outage) )?description(?: of (?:the )?(?:incident|outage|issue))?"),
    ("impact", r"(?:(?:customer|user|end[- ]user|business|service|incident) )?"
     r"impact(?: (?:assessment|analysis|statement|summary))?"
     r"|who was affected|blast radius|affected users|impact (?:on|to) .{3,40}"),
    ("detection", r"(?:incident )?detection(?: (?:and|&) (?:monitoring|alerting))?"),
    ("response", r"(?:incident )?response"),
    ("whys", r".*\b(?:(?:five|5)[- ]?whys?|why[- ]tree)\b.*|whys|whys? analysis"),
    ("causes", r"(?:(?:the|primary|main|technical|actual) )*(?:root|underlying)[ -]causes?\b(?! identif).*"
     r"|(?:primary |main |technical )?causes?"
     r"|triggers?(?:\(s\))?"
     r"|what caused (?:the )?(?:incident|issue|outage|problem)"
     r"|why did (?:it|this|that) (?:happen|occur|fail)|what was the (?:root )?cause"),
    ("factors", r"contributing (?:factors?|causes?|conditions?)(?: analysis)?|contributors|factors?"
     r"|(?:immediate|proximate|direct) causes?"
     r"|systemic (?:issues|causes|factors)|further factors"),
    ("key_events", r"key events|key (?:times|moments|timestamps)"),
    ("timeline", r"(?:(?:incident|event|detailed|full|outage|attack|key|symptom|response|recovery|failure|brief|short"
     r"|investigation|complete|approximate|rough|technical|internal|impact|disclosure|mitigation|service|crash) )*"
     r"time ?line\b.*|(?:[a-z'’]+[ -]){1,3}time ?line(?: of\b.*)?"
     r"|(?:(?:detailed|full|incident|event|outage|brief) )?chronology(?: of (?:the )?(?:[a-z]+ ){0,2}[a-z]+)?"
     r"|(?:chronological )?(?:sequence|order|course|log|list|history|chronology) of (?:the )?(?:events|incident|outage)"
     r"|(?:event|events) (?:log|history|sequence)|(?:incident|outage) (?:sequence|progression)"
     r"|what happened,? (?:and )?when|(?:when|how) (?:did )?(?:it|this|that) happen(?:ed)?,? (?:and )?when"
     r"|(?:how|what) (?:it|things|events|the (?:incident|outage|events?)) unfolded"
     r"|(?:blow[- ]by[- ]blow|play[- ]by[- ]play|(?:minute|hour|day)[- ]by[- ](?:minute|hour|day))(?: [a-z]+)?"
     r"|events"),
    ("went_well", r"what (?:went|worked|did go) (?:well|right)|(?:things that )?(?:went|worked) well|what worked"
     r"|successes|positives"),
    ("was_hard", r"what (?:did(?: not|n[’']?t)|could have) (?:go|work|gone)(?: so)?(?: (?:well|right|better))?"
     r"|what went (?:wrong|badly|poorly|less well|not so well)|what was hard|what (?:failed|hurt)"
     r"|(?:things that )?went (?:wrong|badly|poorly)"
     r"|(?:what|where) (?:can|could) we (?:do better|improve)"
     r"|what (?:can|could) (?:be|have been) (?:(?:done )?better|improved)"),
    ("lucky", r"where (?:did )?we (?:got|get|were) lucky|(?:got )?lucky|luck"),
    ("surprises", r"what surprised us|surprises"),
    ("lessons", r"(?:key )?(?:lessons?(?:[ -](?:learned|learnt))?|learnings|take-?aways)"
     r"|what (?:did )?we (?:have )?learn(?:ed|t)?"),
    ("prevention", r"prevention"),
    ("questions", r"open questions|questions|unanswered questions"),
    ("actions", r"(?:(?:review|corrective|follow[- ]?up|immediate|deferred|outstanding|resulting"
     r"|short[- ]?term|medium[- ]?term|mid[- ]?term"
     r"|long[- ]?term|prevent(?:at)?(?:ive|ion)|proposed|agreed|recommended|completed|remedial|mitigati(?:on|ng)|and|&"
     r"|/|,|or) ?)*"
     r"(?:action(?: item| point| plan)?s?|improvements?|remediations?|fixes|measures|tasks|recommendations"
     r"|enhancements)\b.*"
     r"|how (?:do|will|can|are|did) we (?:keep|prevent|avoid|stop|ensure|going to prevent)\b.*"
     r"|follow[- ]?ups?(?: (?:work|items))?|next steps|to-?dos?|what we(?:(?: are|[’']re) (?:doing|going to do)"
     r"|(?:[’']ll| will| plan to) (?:do|change|fix))\b.*"),
    ("date", r"(?:incident )?date(?: ?(?:/|and|&) ?times?)?(?: of (?:the )?(?:incident|outage))?"),
    ("severity", r"(?:incident )?(?:severity|sev)(?: level)?|priority"),
    ("authors", r"authors?|(?:written|prepared|authored) by"
     r"|(?:(?:post-?mortem|report|incident|document) )?(?:owners?|authors?)"),
    ("reviewed", r"review(?:ed)?(?: (?:on|date))?"),
    ("status", r"(?:(?:incident|report|document|post-?mortem) )?status"),
    ("services", r"(?:affected |impacted )?(?:services?|systems?|components?)(?: affected| impacted)?"
     r"|affected|impacted"),
    ("facilitator", r"facilitator|moderator"),
    ("id", r"(?:incident |report |post-?mortem )?(?:id|number|reference)"),
    ("zone", r"time ?zone"),
    ("started", r"(?:incident |outage |impact )?start(?:ed)?(?: (?:time|at|date|date/time))?"
     r"(?: of (?:the )?(?:incident|outage))?|began"),
    ("ended", r"(?:incident |outage |impact )?(?:end(?:ed)?|resol(?:ved|ution)) (?:time|at|date|date/time)"
     r"(?: of (?:the )?(?:incident|outage))?"
     r"|(?:incident |outage |impact )?end(?:ed)?|resolved"),
    ("duration", r"(?:incident |total )?duration(?: of (?:the )?(?:incident|impact|outage))?"
     r"|(?:incident |outage |impact )?(?:time|window|time ?frame|period)"),
    ("title", r"title|subject|post-?mortem(?: report)?|incident(?: (?:name|title))?"),
)  # fmt: skip
_COMPILED: Final = tuple((role, re.compile(pattern, re.IGNORECASE)) for role, pattern in _ROLES)
_DRESSING = re.compile(r"^[\W_\d]+|[\W_]+$")

MARKS: Final = {
    r"(?:immediate|proximate|direct)\b.*": "immediate",
    r"systemic\b.*": "systemic",
    r"contributing\b.*": "contributing",
}

LABEL = re.compile(
    r"^(?P<open>\*\*|__)(?P<label>[^*_\n][^*\n]{0,79}?)(?P<inner>:?)(?P=open)(?P<outer>\s*:)?(?P<rest>(?:\s.*)?)$",
    re.DOTALL,
)
_PLAIN_LABEL = re.compile(
    rf"^`?(?P<label>[A-ZÀ-ÖØ-Þ{EASTERN}][\w /'’-]{{0,40}})`?(?::\s+|：\s*)(?P<rest>\S.*)$", re.DOTALL
)

MILESTONE_LABELS: Final = (
    (r"(?:(?:incident|impact|problem|issue) )?(?:started|began|start)", "started"),
    (r"(?:first )?detect(?:ed|ion)", "detected"),
    (r"paged", "paged"),
    (r"acknowledged", "acknowledged"),
    (r"(?:incident )?declared", "declared"),
    (r"(?:(?:root )?cause )?identified", "identified"),
    (r"(?:incident )?mitigated", "mitigated"),
    (r"(?:incident )?(?:repaired|recovered|restored)", "recovered"),
    (r"(?:incident )?resolved", "resolved"),
)


_TIMELINE_INSIDE = re.compile(r"\((?:the )?time ?line\)?$", re.IGNORECASE)


def role_of(heading: str) -> Role | None:
    """What a heading or a label means; None where its words are the author's own."""
    words = _DRESSING.sub("", plain(heading))
    if first := before_dash(words):
        return role_of(first)
    words, inside = re.sub(r"[\W_]*[(\[（［【〔].*$", "", words) or words, words
    known = next((role for role, pattern in _COMPILED if pattern.fullmatch(words)), None)
    other = "" if known else meaning("roles", words)
    other = other or ("timeline" if _TIMELINE_INSIDE.search(inside) else "")
    other = other or (
        "whys" if re.search(r"\((?:the )?(?:five|5)[- ]?whys?\b", inside, re.IGNORECASE) else ""
    )
    return known or next((role for role in get_args(Role) if role == other), None)


def before_dash(heading: str) -> str:
    """What a heading such as “Root cause — systemic” is, where it says more behind a dash; else empty."""
    first, dash, _ = _DRESSING.sub("", heading).partition(" — ")
    return first if dash and (role := role_of(first)) and role not in FIELDS else ""


def mark_of(heading: str) -> str:
    """The mark of the factors below a heading: immediate, contributing or systemic."""
    words = _DRESSING.sub("", plain(heading))
    return next((mark for pattern, mark in MARKS.items() if re.fullmatch(pattern, words, re.IGNORECASE)), "")


def milestone_of(label: str) -> str:
    """The milestone that the label of a key event names: ``First detected``."""
    words = _DRESSING.sub("", plain(label))
    return next(
        (name for pattern, name in MILESTONE_LABELS if re.fullmatch(pattern, words, re.IGNORECASE)), ""
    )


def label_of(text: str, *, plain_too: bool = False) -> tuple[str, str] | None:
    """A label in bold that *text* begins with, and what follows it; with *plain_too* also ``Date: …``."""
    if (found := LABEL.match(text)) and (found["inner"] or found["outer"] or not found["rest"].strip()):
        return found["label"].strip(), found["rest"].strip()
    if plain_too and (found := _PLAIN_LABEL.match(text)):
        return found["label"], found["rest"].strip()
    return None


def plain(text: str) -> str:
    """*text* on one line without the marks of emphasis and links around its words."""
    text = one_line(text.replace("\n", " "))
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"(?<!\w)[*_`]+|[*_`]+(?!\w)", "", text).strip()


def bare(text: str) -> str:
    """*text* on one line without the marks of emphasis; where a link leads to is kept behind its words."""
    text = one_line(text.replace("\n", " "))
    text = re.sub(r"(?<!!)\[([^\[\]]+)\]\((https?://[^\s()]+)\)", r"\1 (\2)", text)
    return re.sub(r"(?<!\w)[*`]+|[*`]+(?!\w)", "", text).strip()


def joined(text: str) -> str:
    """Lines that were broken to fit a page as one line; paragraphs stay apart."""
    return "\n\n".join(
        " ".join(line.strip() for line in part.split("\n") if line.strip())
        for part in re.split(r"\n[ \t]*\n", text)
        if part.strip()
    )
