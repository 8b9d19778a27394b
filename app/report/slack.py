"""A summary in Slack's mrkdwn: short, one message, and nobody is called by it.

Source of the escapes: https://docs.slack.dev/messaging/formatting-message-text (``&``, ``<`` and ``>`` only; links and
mentions begin with ``<``).
"""

import re
from typing import Final

from app.report.view import Report
from app.review.plain import one_line, visible

LIMIT: Final = 3_000
"""Characters of one section of a message."""
_CALL: Final = re.compile(r"@(?=\w)")
_MARKUP: Final = re.compile(r"(?<!\w)([*_~`]{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)")
_LINK: Final = re.compile(r"\[([^\]\n]*)\]\([^)\s]*\)")
_MOST_POINTS: Final = 8


def as_slack(report: Report) -> str:
    """Title, facts, summary, impact, durations with their definitions, and actions."""
    facts = dict(report.header)
    head = f"*{_text(f'Post-mortem: {report.title}')}*"
    if report.day:
        head += f" ({report.day})"
    parts = [
        head,
        "\n".join(
            f"{name}: {_text(value)}"
            for name, value in (facts | {"Times": report.zone}).items()
            if name in {"Severity", "Duration", "Times"}
        ),
        _block("Summary", _prose(report.narrative.summary)),
        _list("Impact", report.impacts),
        _list(
            "Durations", tuple(f"{each.label}: {each.value} ({each.formula})" for each in report.measures[:5])
        ),
        _list("Contributing factors", _factors(report)),
        _list(
            f"Actions ({len(report.actions)})",
            tuple(f"{each.id}: {each.text} ({each.owner}, {each.due})" for each in report.actions),
        ),
    ]
    text = "\n\n".join(filter(None, parts))
    return (
        text
        if len(text) <= LIMIT
        else f"{text[: LIMIT - 30].rpartition(chr(10))[0]}\n… the report has the rest"
    ) + "\n"


def _factors(report: Report) -> tuple[str, ...]:
    labelled = (f"{label}: {text}" if label else text for label, text in report.contributing)
    return (*report.immediate, *labelled, *report.systemic, *report.further)


def _block(heading: str, text: str) -> str:
    return f"*{heading}*\n{text}" if text else ""


def _list(heading: str, items: tuple[str, ...]) -> str:
    if not items:
        return ""
    lines = [f"• {_text(each)}" for each in items[:_MOST_POINTS]]
    if len(items) > _MOST_POINTS:
        lines.append(f"… and {len(items) - _MOST_POINTS} more")
    return "\n".join([f"*{heading}*", *lines])


def _prose(text: str) -> str:
    """People's Markdown without its marks: Slack has other ones."""
    text = _LINK.sub(r"\1", visible(text))
    while (bare := _MARKUP.sub(r"\2", text)) != text:
        text = bare
    return "\n".join(_text(" ".join(each.split())) for each in text.split("\n\n"))


def _text(text: str) -> str:
    """*text* as it reads: no mention, no link, no mark of Slack's own."""
    text = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _CALL.sub("@\N{ZERO WIDTH SPACE}", text)
    # A mark is one only at the edge of a word; three backticks are one everywhere.
    return re.sub(r"`|(?<!\w)([*_~])(?=\S.*\1)", "\N{ZERO WIDTH SPACE}\\g<0>\N{ZERO WIDTH SPACE}", text)
