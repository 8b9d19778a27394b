"""Events: what the parts of a cluster tell about objects, kept by it for an hour unless set otherwise.

Both of their APIs show the same ones, with different field names; an event that came often is one object
with a count, from its first to its last time.
https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.evidence.facts import Fact
from collectors.kube import fields
from collectors.kube.survey import Survey, Thing

_SYMPTOMS = {"NodeNotReady", "Evicted", "Preempted", "TaintManagerEviction", "Killing by OOM", "OOMKilling"}
_CHANGES = {
    "ScalingReplicaSet",
    "SuccessfulRescale",
    "SuccessfulCreate",
    "SuccessfulDelete",
    "Killing",
    "Started",
}
_BY_ROLLOUT = timedelta(minutes=10)
_ABOVE_PODS = ("replicaset", "statefulset", "daemonset", "job")


@dataclass(frozen=True)
class Told:
    """An event in one form, whichever API and version it came from."""

    first: datetime
    last: datetime
    count: int
    warning: bool
    reason: str
    message: str
    kind: str
    name: str
    uid: str
    actor: str
    key: str
    ref: str


def read(thing: Thing) -> Told | None:
    """The event in *thing*; nothing when it has no time at all."""
    content = thing.content
    of = "involvedObject" if "involvedObject" in content else "regarding"
    firsts = ("firstTimestamp", "deprecatedFirstTimestamp", "eventTime")
    lasts = ("lastTimestamp", "deprecatedLastTimestamp")
    first = next((at for each in firsts if (at := fields.time(content, each))), None)
    last = fields.time(content, "series", "lastObservedTime")
    last = last or next((at for each in lasts if (at := fields.time(content, each))), None)
    first = first or last or fields.created(content)
    if first is None:
        return None
    counts = (("series", "count"), ("count",), ("deprecatedCount",))
    actors = (
        ("reportingComponent",),
        ("reportingController",),
        ("source", "component"),
        ("deprecatedSource", "component"),
    )
    return Told(
        first=first,
        last=max(first, last or first),
        count=next((number for path in counts if (number := fields.number(content, *path))), 1),
        warning=fields.text(content, "type") == "Warning",
        reason=fields.text(content, "reason"),
        message=fields.text(content, "message") or fields.text(content, "note"),
        kind=fields.text(content, of, "kind").lower(),
        name=fields.text(content, of, "name"),
        uid=fields.text(content, of, "uid"),
        actor=next((who for path in actors if (who := fields.text(content, *path))), ""),
        key=fields.uid(content) or fields.name(content),
        ref=thing.ref,
    )


def chosen(survey: Survey, *, everything: bool) -> list[Told]:
    """The events of the namespace that are about what was chosen, in order of time.

    Pods that are gone have no object any more; they are known by the name of what made them.
    """
    found = [told for thing in survey.things.get("event", []) if (told := read(thing))]
    if not everything:
        things = [each.content for listed in survey.things.values() for each in listed]
        known = {fields.uid(each) for each in things} - {""}
        names = {
            (kind, fields.name(each.content))
            for kind, listed in survey.things.items()
            if kind != "event"
            for each in listed
        }
        above = tuple(f"{name}-" for kind, name in names if kind in _ABOVE_PODS)
        found = [
            each
            for each in found
            if each.uid in known
            or (each.kind, each.name) in names
            or (each.kind == "pod" and above and each.name.startswith(above))
        ]
    return sorted(found, key=lambda each: (each.first, each.key))


def events(told: Iterable[Told], rollouts: Iterable[Fact], pods: Iterable[Thing]) -> list[Fact]:
    """The events as facts. Of the same warning about pods of one workload, the first is notable."""
    changes: dict[str, list[datetime]] = {}
    for fact in rollouts:
        changes.setdefault(fact.object, []).append(fact.at)
    groups = _groups(pods)
    seen: set[tuple[str, str]] = set()
    found: list[Fact] = []
    for each in told:
        group = (each.reason, groups.get(each.name) or _group(each))
        kind = _kind(each)
        notable = kind == "symptom" and group not in seen
        seen.add(group)
        if each.reason == "SuccessfulRescale":
            notable = True
        if each.reason == "ScalingReplicaSet":
            began = changes.get(f"deployment/{each.name}", ())
            # A rollout scales two ReplicaSets up and down in steps; it is told once, by its revision.
            notable = not any(at - timedelta(seconds=5) <= each.first <= at + _BY_ROLLOUT for at in began)
        found.append(_fact(each, kind, notable=notable))
    return found


def _fact(told: Told, kind: str, *, notable: bool) -> Fact:
    thing = f"{told.kind}/{told.name}" if told.kind else told.name
    times = f" (×{told.count:,})" if told.count > 1 else ""
    return Fact(
        at=told.first,
        until=told.last if told.last > told.first else None,
        text=f"{thing}: {told.reason}{f', {told.message}' if told.message else ''}{times}",
        kind=kind,
        key=told.key,
        actor=told.actor,
        object=thing,
        ref=told.ref,
        level="warn" if told.warning else "info",
        notable=notable,
    )


def _kind(told: Told) -> str:
    if told.warning or told.reason in _SYMPTOMS:
        return "symptom"
    return "change" if told.reason in _CHANGES else "context"


def _groups(pods: Iterable[Thing]) -> Mapping[str, str]:
    return {
        fields.name(pod.content): next(iter(fields.owners(pod.content)), fields.name(pod.content))
        for pod in pods
    }


def _group(told: Told) -> str:
    return told.name.rpartition("-")[0] if told.kind == "pod" and "-" in told.name else told.name
