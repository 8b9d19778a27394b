"""The seven things that make a review complete, each computed from the session.

They are the validation list of the document this product grew from: a timeline that is complete and in
order, several factors, actions with owner, date and priority, blameless language, a report sent within
48 hours, actions in the tracker, and a follow-up four weeks out.
"""

from dataclasses import dataclass
from datetime import timedelta

from app.review.durations import durations, spell
from app.review.language import blaming
from app.review.records import Session
from app.review.timeline import backwards, problems

REPORT_WITHIN = timedelta(hours=48)
FOLLOW_UP_AFTER = timedelta(weeks=4)


@dataclass(frozen=True)
class Item:
    """One item of the list: whether it holds, what is missing, and the screen that can change it."""

    name: str
    text: str
    done: bool
    missing: str
    screen: str


def checklist(session: Session) -> tuple[Item, ...]:
    """The seven items in the order a review reaches them."""
    checks = (
        ("timeline", "Timeline is complete and chronologically accurate", _timeline(session), "timeline"),
        ("factors", "Multiple contributing factors identified", _factors(session), "whys"),
        ("actions", "Action items have owners, deadlines, and priorities", _actions(session), "actions"),
        ("language", "Report uses blameless language", *_language(session)),
        ("distributed", "Report distributed within 48 hours", _distributed(session), "track"),
        ("tracked", "Action items tracked in ticketing system", _tracked(session), "track"),
        ("follow-up", "Follow-up review scheduled for 4 weeks out", _follow_up(session), "track"),
    )
    return tuple(Item(name, text, not missing, missing, screen) for name, text, missing, screen in checks)


def _timeline(session: Session) -> str:
    found = list(problems(session))
    found += [f"{each.label}: {each.problem}." for each in durations(session) if each.contradicts]
    found += [
        f"{later.id} is written after {earlier.id} but is earlier." for earlier, later in backwards(session)
    ]
    return _first(found)


def _factors(session: Session) -> str:
    named = [factor for factor in session.factors if factor.text.strip() and factor.kind != "saver"]
    if not named:
        return "No factor yet: what had to be true for this to happen?"
    if len(named) == 1:
        return "Only one factor: what else had to be true?"
    return ""


def _actions(session: Session) -> str:
    live = [action for action in session.actions if action.status != "declined"]
    if not live:
        return "No action yet: which change would make the biggest difference?"
    found = []
    for action in live:
        fields = {"owner": action.owner.strip(), "due date": action.due, "priority": action.priority.strip()}
        wanting = [name for name, value in fields.items() if not value]
        if wanting:
            found.append(f"{action.id} has no {' and no '.join(wanting)}.")
    return _first(found)


def _language(session: Session) -> tuple[str, str]:
    if not any((session.events, session.factors, session.actions, session.narrative.summary)):
        return "Nothing is written yet.", "report"
    found = blaming(session)
    if not found:
        return "", "report"
    texts = [f"{place.where}: “{place.finding.words}” - {place.finding.rule.say}" for place in found]
    return _first(texts), found[0].screen


def _distributed(session: Session) -> str:
    sent = [each.sent_at for each in session.distribution if each.sent_at and not each.unclear]
    if not sent:
        return "Nobody has received the report yet."
    ended = session.incident.ended_at
    if ended is None:
        return "The incident has no end: set it, so that the 48 hours can be counted."
    late = min(sent) - ended
    return f"The report went out {spell(late)} after the end." if late > REPORT_WITHIN else ""


def _tracked(session: Session) -> str:
    live = [action for action in session.actions if action.status != "declined"]
    if not live:
        return "There is no action to track yet."
    missing = [action.id for action in live if action.ticket is None or not action.ticket.url]
    return f"No ticket yet for {', '.join(missing[:4])}{' …' if len(missing) > 4 else ''}." if missing else ""


def _follow_up(session: Session) -> str:
    return "" if session.follow_up.review_on else "No date for the follow-up review yet."


def _first(found: list[str]) -> str:
    """The first sentence, and how many more there are."""
    if not found:
        return ""
    return found[0] if len(found) == 1 else f"{found[0]} (+{len(found) - 1} more)"
