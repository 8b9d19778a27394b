"""What was rolled out when: ReplicaSets of Deployments, ControllerRevisions of the other two.

The cluster keeps the last ten revisions of each by default. A rollback does not make a new ReplicaSet or
ControllerRevision: an old one gets the next number, and keeps its old creation time.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.evidence.facts import Fact
from collectors.kube import fields
from collectors.kube.survey import Survey, Thing

_REVISION = "deployment.kubernetes.io/revision"
_EARLIER = "deployment.kubernetes.io/revision-history"
_CAUSE = "kubernetes.io/change-cause"
_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_A_MOMENT = timedelta(seconds=2)


@dataclass(frozen=True)
class Revision:
    """A state that a workload once had. *earlier* are numbers that it had before rollbacks to it."""

    number: int
    created: datetime
    images: dict[str, str]
    uid: str
    ref: str
    name: str = ""
    cause: str = ""
    restarted: str = ""
    earlier: tuple[int, ...] = ()


@dataclass
class Workload:
    """Something with revisions."""

    title: str
    thing: Thing
    revisions: list[Revision] = field(default_factory=list)


def rollouts(survey: Survey) -> list[Fact]:
    """A fact for each rollout, rollback and restart that the cluster still knows of."""
    found: list[Fact] = []
    for workload in _workloads(survey):
        found += _told(workload, survey.things.get("event", []))
    return found


def _workloads(survey: Survey) -> Iterator[Workload]:
    sources = (
        ("deployment", "replicaset", _of_replica_set),
        ("statefulset", "controllerrevision", _of_controller_revision),
        ("daemonset", "controllerrevision", _of_controller_revision),
    )
    for kind, history, read in sources:
        for thing in survey.things.get(kind, []):
            workload = Workload(f"{kind}/{fields.name(thing.content)}", thing)
            mine = fields.uid(thing.content)
            for each in survey.things.get(history, []):
                if mine in fields.owners(each.content) and (revision := read(each)):
                    workload.revisions.append(revision)
            workload.revisions.sort(key=lambda each: each.number)
            yield workload


def _of_replica_set(thing: Thing) -> Revision | None:
    content = thing.content
    notes = fields.find(content, "metadata", "annotations")
    at = fields.created(content)
    if at is None or not fields.number(notes, _REVISION):
        return None
    earlier = tuple(int(part) for part in fields.text(notes, _EARLIER).split(",") if part.strip().isdecimal())
    return Revision(
        fields.number(notes, _REVISION),
        at,
        images(fields.find(content, "spec", "template")),
        fields.uid(content),
        thing.ref,
        fields.name(content),
        fields.text(notes, _CAUSE),
        fields.text(content, "spec", "template", "metadata", "annotations", _RESTARTED),
        earlier,
    )


def _of_controller_revision(thing: Thing) -> Revision | None:
    content, at = thing.content, fields.created(thing.content)
    if at is None:
        return None
    template = fields.find(content, "data", "spec", "template")
    return Revision(
        fields.number(content, "revision"),
        at,
        images(template),
        fields.uid(content),
        thing.ref,
        fields.name(content),
        fields.text(content, "metadata", "annotations", _CAUSE),
        fields.text(template, "metadata", "annotations", _RESTARTED),
    )


def images(template: Any) -> dict[str, str]:
    """Container and image of a pod template, the image without its registry."""
    return {
        fields.text(each, "name"): short(fields.text(each, "image"))
        for each in (
            *fields.many(template, "spec", "initContainers"),
            *fields.many(template, "spec", "containers"),
        )
    }


def short(image: str) -> str:
    """``registry.example/team/api@sha256:0123…`` as ``api@sha256:01234567``."""
    plain = image.rpartition("/")[2]
    return re.sub(r"(@sha256:[0-9a-f]{8})[0-9a-f]+", r"\1", plain)


def _told(workload: Workload, events: Iterable[Thing]) -> Iterator[Fact]:
    """The revisions in the order in which they were in force, each compared with the one before."""
    first = [(each.earlier[0] if each.earlier else each.number, each) for each in workload.revisions]
    before: Revision | None = None
    newest = max((each.number for each in workload.revisions), default=0)
    who = fields.writer(workload.thing.content)
    for number, each in sorted(first, key=lambda pair: pair[0]):
        back = _went_back_without_a_trace(each, workload)
        actor = who[0] if each.number == newest and not each.earlier and not back else ""
        yield _rollout(workload, each, number, before, actor)
        before = each
    for each in workload.revisions:
        if each.earlier or _went_back_without_a_trace(each, workload):
            yield _rollback(workload, each, events, who)


def _went_back_without_a_trace(revision: Revision, workload: Workload) -> bool:
    """A ControllerRevision has no list of its earlier numbers: it is the newest by number, but not by time."""
    if revision.earlier or revision.number != max(each.number for each in workload.revisions):
        return False
    # Those of a StatefulSet that was just made may carry the same second.
    return any(each.created > revision.created + _A_MOMENT for each in workload.revisions)


def _rollout(
    workload: Workload, revision: Revision, number: int, before: Revision | None, actor: str
) -> Fact:
    restarted = fields.time({"at": revision.restarted}, "at")
    again = before is not None and before.images == revision.images and before.restarted != revision.restarted
    if restarted and again:
        return Fact(
            at=restarted,
            text=f"{workload.title} is restarted (revision {number})",
            kind="action",
            key=f"{revision.uid}.{number}.restart",
            actor=actor,
            object=workload.title,
            ref=revision.ref,
        )
    what = "rolled out" if before else "first rolled out" if number == 1 else "rolled out"
    return Fact(
        at=revision.created,
        text=f"{workload.title}: revision {number} {what}{_compared(revision, before)}{_because(revision)}",
        kind="change",
        key=f"{revision.uid}.{number}",
        actor=actor,
        object=workload.title,
        ref=revision.ref,
    )


def _rollback(
    workload: Workload, revision: Revision, events: Iterable[Thing], who: tuple[str, datetime | None]
) -> Fact:
    others = [each for each in workload.revisions if each.number < revision.number]
    before = others[-1] if others else None
    after = max((each.created for each in others), default=revision.created)
    at, how = _time_of_rollback(workload, revision, events, who, after)
    known = f"revision {revision.earlier[-1]}" if revision.earlier else "an earlier revision"
    return Fact(
        at=at,
        text=f"{workload.title}: rolled back to {known}, now revision {revision.number}"
        f"{_compared(revision, before)}{_because(revision)}{how}",
        kind="action",
        key=f"{revision.uid}.{revision.number}.back",
        actor=who[0],
        object=workload.title,
        ref=revision.ref,
    )


def _time_of_rollback(
    workload: Workload,
    revision: Revision,
    events: Iterable[Thing],
    who: tuple[str, datetime | None],
    after: datetime,
) -> tuple[datetime, str]:
    """The best time that is left: the scale-up that began it, the last write, the rollout's progress."""
    content = workload.thing.content
    ups = [
        at
        for each in events
        if fields.text(each.content, "reason") == "ScalingReplicaSet"
        and f"Scaled up replica set {revision.name} " in _message(each)
        and (at := _began(each)) is not None
        and at > after
    ]
    if ups:
        return max(ups), ""
    if who[1] and who[1] > after:
        return who[1], ""
    for each in fields.many(content, "status", "conditions"):
        at = fields.time(each, "lastUpdateTime")
        if fields.text(each, "type") == "Progressing" and at and at > after:
            return at, " (at the latest)"
    return after, " (later than this time)"


def _message(thing: Thing) -> str:
    return fields.text(thing.content, "message") or fields.text(thing.content, "note")


def _began(thing: Thing) -> datetime | None:
    names = ("eventTime", "firstTimestamp", "deprecatedFirstTimestamp")
    return next((at for each in names if (at := fields.time(thing.content, each))), None)


def _compared(revision: Revision, before: Revision | None) -> str:
    """The images, or of several those that changed."""
    if before is None or set(before.images) != set(revision.images):
        listed = ", ".join(dict.fromkeys(revision.images.values()))
        return f", {listed}" if listed else ""
    changed = [
        f"{image} (before: {before.images[container]})"
        for container, image in revision.images.items()
        if before.images[container] != image
    ]
    return f", {', '.join(changed)}" if changed else ", same image"


def _because(revision: Revision) -> str:
    return f" (“{revision.cause}”)" if revision.cause else ""
