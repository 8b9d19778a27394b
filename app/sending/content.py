"""From a review to what is sent. Here, and nowhere else, the report's formats and its masking are called."""

from app.redaction.session import masked
from app.report.render import render
from app.report.write import file_name
from app.review.durations import durations, spell
from app.review.people import shown
from app.review.plain import one_line
from app.review.records import Session
from app.sending.interface import Content

_LONGEST = 3000
"""Characters of a Slack summary: a block of text takes no more."""


def content(session: Session) -> Content:
    """The report of *session*, ready for every way of sending it: roles in the place of names, secrets masked.

    :func:`app.report.render.render` does both for Markdown and HTML; the summary is made of a masked review, too.
    """
    told = masked(shown(session))
    return Content(
        title=one_line(f"Post-mortem: {told.incident.title or told.id}"),
        name=file_name(told, "x").removesuffix(".x"),
        markdown=render(session, "md"),
        html=render(session, "html"),
        summary=summary(told),
    )


def summary(session: Session) -> str:
    """A few lines of mrkdwn: what happened, how long it lasted, what will be done."""
    incident = session.incident
    facts = [incident.severity, f"{incident.started_at:%Y-%m-%d}" if incident.started_at else ""]
    facts += [
        f"{each.label} {spell(each.value)}"
        for each in durations(session)
        if each.name in {"impact", "TTR"} and each.value is not None
    ]
    open_ = [action for action in session.actions if action.status in {"open", "in-progress"}]
    lines = [
        f"*{escaped(f'Post-mortem: {incident.title or session.id}')}*",
        escaped(" · ".join(filter(None, facts))),
        escaped(" ".join(session.narrative.summary.split())),
        *(f"• {escaped(_action(action.text, action.owner, action.due))}" for action in open_[:10]),
        f"… and {len(open_) - 10} more actions" if len(open_) > 10 else "",
    ]
    text = "\n".join(line for line in lines if line)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _action(text: str, owner: str, due: object) -> str:
    return " ".join(filter(None, (" ".join(text.split()), owner, f"by {due}" if due else "")))


def escaped(text: str) -> str:
    """*text* in mrkdwn: nothing in it is a link, a mention of a person or of ``<!channel>``, or formatting."""
    plain = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Slack has no escape for its own signs: a character of no width keeps them from being read as such.
    for sign in "*_~`":
        plain = plain.replace(sign, f"\u200b{sign}\u200b")
    return plain.replace("@", "@\u200b")
