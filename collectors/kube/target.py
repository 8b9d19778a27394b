"""What to collect in a cluster: everything of a namespace, a workload, one pod, or what a selector chooses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.text import one_line
from collectors.kube import fields

_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?")
_SELECTOR = re.compile(r"[-\w./=!, ()]{1,1000}")
_WORDS = {
    "deployment": ("deployments", "deploy"),
    "statefulset": ("statefulsets", "sts"),
    "daemonset": ("daemonsets", "ds"),
    "replicaset": ("replicasets", "rs"),
    "job": ("jobs",),
    "cronjob": ("cronjobs", "cj"),
    "pod": ("pods", "po"),
}
EVERYWHERE = "*"


@dataclass(frozen=True)
class Kind:
    """A kind of object: the paths of its API versions, newest first, and its name in a path."""

    plural: str
    groups: tuple[str, ...]

    def path(self, namespace: str, group: str, name: str = "") -> str:
        """The path of the list, or of the object called *name*."""
        inside = "" if namespace == EVERYWHERE else f"/namespaces/{namespace}"
        return f"/{group}{inside}/{self.plural}" + (f"/{name}" if name else "")


_CORE, _APPS = ("api/v1",), ("apis/apps/v1",)
KINDS = {
    "pod": Kind("pods", _CORE),
    "event": Kind("events", _CORE),
    "deployment": Kind("deployments", _APPS),
    "replicaset": Kind("replicasets", _APPS),
    "statefulset": Kind("statefulsets", _APPS),
    "daemonset": Kind("daemonsets", _APPS),
    "controllerrevision": Kind("controllerrevisions", _APPS),
    "job": Kind("jobs", ("apis/batch/v1",)),
    "cronjob": Kind("cronjobs", ("apis/batch/v1", "apis/batch/v1beta1")),
    "horizontalpodautoscaler": Kind(
        "horizontalpodautoscalers",
        ("apis/autoscaling/v2", "apis/autoscaling/v2beta2", "apis/autoscaling/v1"),
    ),
}
NEW_EVENTS = Kind("events", ("apis/events.k8s.io/v1", "apis/events.k8s.io/v1beta1"))


@dataclass(frozen=True)
class Target:
    """*kind* and *name* of one object, or a *selector*; neither means everything."""

    kind: str = ""
    name: str = ""
    selector: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" if self.kind else self.selector or "everything"


def parse_target(text: str) -> Target:
    """What *text* means; raises ValueError with a sentence."""
    text = text.strip()
    if not text or text in ("everything", EVERYWHERE):
        return Target()
    word, slash, name = text.partition("/")
    kind = next((kind for kind, others in _WORDS.items() if word.lower() in (kind, *others)), "")
    if slash and kind and _NAME.fullmatch(name):
        return Target(kind, name)
    if re.search(r"[=!]| in \(| notin \(", text) and _SELECTOR.fullmatch(text):
        return Target(selector=text)
    kinds = ", ".join(_WORDS)
    raise ValueError(
        f"“{one_line(text)[:80]}” names nothing in a cluster: write deployment/NAME (or {kinds}), a label "
        "selector like app=api, or nothing for everything."
    )


def is_name(text: str) -> bool:
    """Whether *text* can be the name of a namespace or an object."""
    return bool(_NAME.fullmatch(text))


def selector_of(workload: Mapping[str, Any]) -> str:
    """The label selector of a workload as a query parameter; empty when it has none."""
    selector = fields.find(workload, "spec", "selector")
    if not isinstance(selector, Mapping):
        return ""
    labels = fields.find(selector, "matchLabels")
    parts = [f"{key}={value}" for key, value in labels.items()] if isinstance(labels, Mapping) else []
    for each in fields.many(selector, "matchExpressions"):
        key, listed = fields.text(each, "key"), fields.find(each, "values")
        values = ",".join(map(str, listed)) if isinstance(listed, list) else ""
        match fields.text(each, "operator"):
            case "In":
                parts.append(f"{key} in ({values})")
            case "NotIn":
                parts.append(f"{key} notin ({values})")
            case "Exists":
                parts.append(key)
            case "DoesNotExist":
                parts.append(f"!{key}")
    return ",".join(parts)
