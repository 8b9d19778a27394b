"""The field's words that the program knows by name. A session may use others; nothing refuses them.

Event kinds follow field practice (Jeli, PagerDuty, Etsy); milestones and strengths see
:mod:`app.review.durations`; factor kinds and categories are those of a fishbone for software work, with
"People" left out on purpose: it invites names.
"""

from typing import Final

KINDS: Final[dict[str, str]] = {
    "change": "Δ",
    "symptom": "~",
    "alert": "!",
    "page": "@",
    "observation": "?",
    "theory": "*",
    "decision": ">",
    "action": "+",
    "communication": '"',
    "impact": "#",
    "gap": ".",
    "context": "-",
}
"""Kinds of events with the sign that stands before the word."""

MILESTONES: Final[dict[str, str]] = {
    "started": "first effect on users, or the fault becomes active",
    "detected": "a monitor or a person notices",
    "paged": "somebody is called",
    "acknowledged": "a responder takes it",
    "declared": "the incident is opened",
    "identified": "the working theory is confirmed",
    "mitigated": "the effect on users stops or is limited",
    "recovered": "values are normal again",
    "resolved": "no more work under incident rules",
    "closed": "the review is done",
}
"""Moments that durations are counted between; at most one row of the timeline each, in this order."""

FACTOR_KINDS: Final = ("event", "condition", "decision", "absence", "amplifier", "saver")
MARKS: Final = ("immediate", "contributing", "systemic")
CATEGORIES: Final = (
    "Change & code",
    "Data & capacity",
    "Dependencies",
    "Detection & alerting",
    "Response & runbooks",
    "Process & review",
    "Tools & automation",
    "Knowledge & hand-over",
)
PRIORITIES: Final = ("high", "medium", "low")
ACTION_KINDS: Final = ("prevent", "detect", "limit", "recover", "learn")
ACTION_STATUSES: Final = ("open", "in-progress", "done", "declined")
SEVERITIES: Final = ("P1", "P2", "P3", "P4")


def complete(word: str, choices: tuple[str, ...] | list[str]) -> str:
    """The choice that *word* begins, whatever its case, or *word* itself when none or several do."""
    folded = word.casefold()
    exact = [choice for choice in choices if choice.casefold() == folded]
    hits = exact or [choice for choice in choices if choice.casefold().startswith(folded)]
    return hits[0] if folded and len(hits) == 1 else word
