"""What alerts say: the rules of a server with their annotations, filled with the labels of one firing.

``ALERTS`` has no annotations. ``/api/v1/rules`` has them as templates, and filled in for what fires now.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.evidence.alerts import Episode
from app.text import one_line

RULES = "rules"
"""What :class:`~app.review.records.Artifact` calls the answer of ``/api/v1/rules``."""
_SAID = ("summary", "description", "message", "title")
_LABEL = re.compile(
    r"\{\{-?\s*(?:(?:\$labels|\.Labels)\.([A-Za-z_]\w*)|index\s+(?:\$labels|\.Labels)\s+\"([^\"]*)\")\s*-?\}\}"
)
_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)


@dataclass(frozen=True)
class Rule:
    """An alerting rule: its name, the labels that it sets, and its annotation for people as a template.

    *now* is what it says of the alerts that fired when the server was asked: their labels and the text.
    """

    alert: str
    labels: Mapping[str, str]
    template: str
    now: tuple[tuple[Mapping[str, str], str], ...] = ()


def parse_rules(content: bytes) -> list[Rule] | None:
    """The alerting rules in an answer of ``/api/v1/rules``; nothing if it is no such answer."""
    try:
        groups = json.loads(content)["data"]["groups"]
        return [
            Rule(
                alert=one_line(str(rule["name"])),
                labels=_labels(rule.get("labels")),
                template=_said(rule.get("annotations")),
                now=tuple(
                    (_labels(alert.get("labels")), _said(alert.get("annotations")))
                    for alert in rule.get("alerts") or ()
                ),
            )
            for group in groups
            for rule in group.get("rules") or ()
            if rule.get("type") == "alerting"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def filled(template: str, labels: Mapping[str, str]) -> str:
    """*template* with its labels; what only the server could compute (``$value``) becomes an ellipsis."""
    text = _LABEL.sub(lambda found: labels.get(found[1] or found[2] or "", ""), template)
    return one_line(_ACTION.sub("…", text))


def described(episode: Episode, rules: Iterable[Rule]) -> Episode:
    """*episode* with what its rule says, where *rules* has one; a text of its own stays."""
    if episode.summary:
        return episode
    for rule in rules:
        # A rule may set a label from a template: its name must fit then, not its value.
        if rule.alert != episode.alert or not all(
            name in episode.labels and ("{{" in value or episode.labels[name] == value)
            for name, value in rule.labels.items()
        ):
            continue
        for labels, text in rule.now:
            if text and dict(labels) == dict(episode.labels):
                return replace(episode, summary=text)
        if rule.template:
            return replace(episode, summary=filled(rule.template, episode.labels))
    return episode


def _labels(value: Any) -> dict[str, str]:
    return {one_line(str(name)): one_line(str(text)) for name, text in (value or {}).items()}


def _said(annotations: Any) -> str:
    texts = annotations or {}
    return next((str(texts[name]) for name in _SAID if texts.get(name)), "")
