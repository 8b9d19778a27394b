"""The words of a ticket, the same for every tracker that reads Markdown, and the marker that names it.

Free text is escaped so that it shows as written, and its mentions and references are broken, the owner's
too: the handle in a review need not be that person's account there, and the assignee is told anyway.
"""

import hashlib
import json
import re
from typing import Final
from urllib.parse import quote

from app.markdown import inline, link, quiet
from app.review.plain import one_line, visible
from app.review.records import Action, Session

TITLE_LIMIT: Final = 256
BODY_LIMIT: Final = 60_000
"""Characters; GitHub takes 65,536."""
_FIELD_LIMIT: Final = 8_000
_REFERENCE: Final = re.compile(r"https?://\S+/(?:issues|pull|commit|discussions)/")
_MARKER: Final = re.compile(r"<!-- blamefree: (?P<key>[^\s<>]+/[^\s<>]+) -->")


def key(session: Session, action: Action) -> str:
    """The name of an action over all reviews, such as ``PM-2025-02-09/AI-001``."""
    return f"{quote(session.id, safe='')}/{quote(action.id, safe='')}"


def marker(name: str) -> str:
    """The hidden line that finds a ticket again."""
    return f"<!-- blamefree: {name} -->"


def marked(body: str) -> str:
    """The key in the marker of a ticket's *body*; empty where there is none.

    Only a line of its own counts: quoted text is escaped and cannot hold one.
    """
    for line in body.splitlines():
        if found := _MARKER.fullmatch(line.strip()):
            return found["key"]
    return ""


def title(action: Action) -> str:
    """``AI-001: Add connection pool metrics to Grafana``, at most 256 characters."""
    text = quiet(f"{action.id}: {one_line(action.text)}")
    return text if len(text) <= TITLE_LIMIT else f"{text[: TITLE_LIMIT - 1]}…"


def body(session: Session, action: Action, report: str = "") -> str:
    """What the ticket says, as Markdown, with the marker as its last line; *report* is the report's address."""
    facts = [f"From post-mortem {_text(session.id)}."]
    if action.owner:
        facts.append(f"Owner: {_text(action.owner)}.")
    if action.due:
        facts.append(f"Deadline: {action.due:%Y-%m-%d}.")
    details = {"Done when": action.done_when, "Kind": action.kind, "Priority": action.priority}
    parts = [
        " ".join(facts),
        _text(action.text) if "\n" in action.text or len(title(action)) == TITLE_LIMIT else "",
        "\n".join(f"- **{name}**: {_text(value)}" for name, value in details.items() if value),
        _factors(session, action),
        f"Report: {quiet(link(session.incident.title or session.id, report))}" if report else "",
    ]
    text = "\n\n".join(filter(None, parts))
    if len(text) > BODY_LIMIT:
        text = f"{text[:BODY_LIMIT].rpartition(chr(10))[0]}\n\n(cut: the review has the whole text)"
    return f"{text}\n\n{marker(key(session, action))}\n"


def facts(session: Session, action: Action, report: str = "") -> list[tuple[str, str]]:
    """What the ticket says, one name and one value per line, for trackers that do not read Markdown.

    Values are one line each, with nothing escaped: that is up to the tracker's own markup.
    """
    named = [factor for factor in session.factors if factor.id in action.factors]
    lines = [
        ("From post-mortem", session.id),
        ("Action", action.text if "\n" in action.text or len(title(action)) == TITLE_LIMIT else ""),
        ("Owner", action.owner),
        ("Deadline", f"{action.due:%Y-%m-%d}" if action.due else ""),
        ("Done when", action.done_when),
        ("Kind", action.kind),
        ("Priority", action.priority),
        *(("Factor", f"{each.label}: {each.text}" if each.label else each.text) for each in named),
        ("Report", report),
    ]
    return [(name, visible(one_line(value))[:_FIELD_LIMIT]) for name, value in lines if value.strip()]


def digest(heading: str, text: str) -> str:
    """A short fingerprint of what a ticket says, to see later whether the action has changed."""
    return hashlib.sha256(json.dumps([heading, text]).encode()).hexdigest()[:16]


def _factors(session: Session, action: Action) -> str:
    named = [factor for factor in session.factors if factor.id in action.factors]
    lines = [f"- {_text(f'{each.label}: {each.text}' if each.label else each.text)}" for each in named]
    return "\n".join(["Contributing factors it answers:", "", *lines]) if lines else ""


def _text(text: str) -> str:
    # An issue that is linked by its full address gets a link back, for all its readers to see.
    links = not _REFERENCE.search(text)
    return quiet(inline(visible(text)[:_FIELD_LIMIT], links=links))
