"""What pods, jobs and autoscalers say about themselves: kills, restarts, failures, scaling."""

from collections.abc import Iterator
from typing import Any

from app.evidence.facts import Fact
from collectors.kube import fields
from collectors.kube.survey import Survey, Thing

_CONTAINERS = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
_NO_START = {
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
}


def states(survey: Survey) -> list[Fact]:
    """The facts in the statuses of the chosen objects."""
    found: list[Fact] = []
    for pod in survey.things.get("pod", []):
        found += _pod(pod)
    for job in survey.things.get("job", []):
        found += _job(job)
    for scaler in survey.things.get("horizontalpodautoscaler", []):
        found += _scaler(scaler)
    return found


def _pod(pod: Thing) -> Iterator[Fact]:
    content, name = pod.content, f"pod/{fields.name(pod.content)}"
    key = fields.uid(content)
    node = fields.text(content, "spec", "nodeName")
    if at := fields.created(content):
        where = f" on {node}" if node else ""
        yield Fact(
            at,
            f"{name} is created{where}",
            "change",
            f"{key}.created",
            object=name,
            ref=pod.ref,
            notable=False,
        )
    if at := fields.time(content, "metadata", "deletionTimestamp"):
        yield Fact(
            at,
            f"{name} is being deleted",
            "change",
            f"{key}.deleted",
            object=name,
            ref=pod.ref,
            notable=False,
        )
    over = fields.text(content, "status", "phase") == "Succeeded"
    for each in fields.many(content, "status", "conditions"):
        yield from _condition(pod, name, key, each, over=over)
    for listed in _CONTAINERS:
        for status in fields.many(content, "status", listed):
            yield from _container(pod, name, key, status)


def _condition(pod: Thing, name: str, key: str, condition: dict[str, Any], *, over: bool) -> Iterator[Fact]:
    at = fields.time(condition, "lastTransitionTime")
    kind, value = fields.text(condition, "type"), fields.text(condition, "status")
    why = fields.text(condition, "message") or fields.text(condition, "reason")
    gone = fields.text(pod.content, "status", "reason")
    if at is None:
        return
    told = f" ({why})" if why else ""
    base = f"{key}.{kind}.{at.isoformat()}"
    if kind == "DisruptionTarget" and value == "True":
        yield Fact(at, f"{name} is to be disrupted{told}", "symptom", base, object=name, ref=pod.ref)
    elif kind == "Ready" and value == "False" and gone:
        more = fields.text(pod.content, "status", "message")
        yield Fact(
            at,
            f"{name}: {gone}{f' ({more})' if more else ''}",
            "symptom",
            base,
            object=name,
            ref=pod.ref,
            level="error",
        )
    elif kind == "Ready" and value == "False" and not over:
        yield Fact(at, f"{name} is not ready{told}", "symptom", base, object=name, ref=pod.ref, level="warn")
    elif kind == "Ready" and value == "True":
        yield Fact(at, f"{name} is ready", "context", base, object=name, ref=pod.ref, notable=False)


def _container(pod: Thing, name: str, key: str, status: dict[str, Any]) -> Iterator[Fact]:
    container, restarts = fields.text(status, "name"), fields.number(status, "restartCount")
    title, base = f"{container} of {name}", f"{key}.{container}"
    for state in ("lastState", "state"):
        over = fields.find(status, state, "terminated")
        at = fields.time(over, "finishedAt")
        if at is None:
            continue
        code, reason = fields.number(over, "exitCode"), fields.text(over, "reason")
        bad = code != 0 or reason == "OOMKilled"
        what = "was killed, it ran out of memory" if reason == "OOMKilled" else "failed" if bad else "ended"
        parts = [reason, f"exit code {code}", fields.text(over, "message")[:200]]
        if signal := fields.number(over, "signal"):
            parts.insert(2, f"signal {signal}")
        yield Fact(
            at,
            f"{title} {what} ({', '.join(part for part in parts if part)})",
            "symptom" if bad else "context",
            f"{base}.ended.{at.isoformat()}",
            object=name,
            ref=pod.ref,
            level="error" if bad else "info",
            notable=bad,
        )
    if restarts and (at := fields.time(status, "state", "running", "startedAt")):
        yield Fact(
            at,
            f"{title} started again (restart {restarts})",
            "change",
            f"{base}.started.{at.isoformat()}",
            object=name,
            ref=pod.ref,
        )
    yield from _waiting(pod, name, title, base, status)


def _waiting(pod: Thing, name: str, title: str, base: str, status: dict[str, Any]) -> Iterator[Fact]:
    """A container that cannot start has no time of its own: the pod's readiness changed with it."""
    reason = fields.text(status, "state", "waiting", "reason")
    if reason not in _NO_START:
        return
    at = fields.time(status, "lastState", "terminated", "finishedAt")
    known = at is not None
    for each in fields.many(pod.content, "status", "conditions"):
        if at is None and fields.text(each, "type") == "ContainersReady":
            at = fields.time(each, "lastTransitionTime")
    at = at or fields.created(pod.content)
    if at:
        said = fields.text(status, "state", "waiting", "message")
        told = f" ({said[:200]})" if said else ""
        yield Fact(
            at,
            f"{title} does not start: {reason}{told}",
            "symptom",
            f"{base}.waiting.{at.isoformat()}",
            object=name,
            ref=pod.ref,
            level="error",
            notable=not known,
        )


def _job(job: Thing) -> Iterator[Fact]:
    content, name, key = job.content, f"job/{fields.name(job.content)}", fields.uid(job.content)
    if at := fields.time(content, "status", "startTime"):
        yield Fact(at, f"{name} started", "change", f"{key}.started", object=name, ref=job.ref, notable=False)
    for each in fields.many(content, "status", "conditions"):
        at = fields.time(each, "lastTransitionTime")
        if at is None or fields.text(each, "status") != "True":
            continue
        kind = fields.text(each, "type")
        why = fields.text(each, "message") or fields.text(each, "reason")
        bad = kind == "Failed"
        if bad or kind in ("Complete", "Suspended"):
            said = {"Failed": "failed", "Complete": "completed", "Suspended": "was suspended"}[kind]
            yield Fact(
                at,
                f"{name} {said}{f' ({why})' if why else ''}",
                "symptom" if bad else "context" if kind == "Complete" else "change",
                f"{key}.{kind}",
                object=name,
                ref=job.ref,
                level="error" if bad else "info",
                notable=kind != "Complete",
            )


def _scaler(scaler: Thing) -> Iterator[Fact]:
    content, key = scaler.content, fields.uid(scaler.content)
    kind = fields.text(content, "spec", "scaleTargetRef", "kind").lower()
    name = f"{kind}/{fields.text(content, 'spec', 'scaleTargetRef', 'name')}"
    low, high = (
        fields.number(content, "spec", "minReplicas") or 1,
        fields.number(content, "spec", "maxReplicas"),
    )
    now, wanted = (fields.number(content, "status", f"{word}Replicas") for word in ("current", "desired"))
    if at := fields.time(content, "status", "lastScaleTime"):
        yield Fact(
            at,
            f"{name} is scaled to {wanted} by its autoscaler (from {low} to {high} are allowed; {now} run)",
            "change",
            f"{key}.scaled.{at.isoformat()}",
            object=name,
            ref=scaler.ref,
        )
    for each in fields.many(content, "status", "conditions"):
        at = fields.time(each, "lastTransitionTime")
        why = fields.text(each, "message") or fields.text(each, "reason")
        kind, value = fields.text(each, "type"), fields.text(each, "status")
        limited = kind == "ScalingLimited" and value == "True" and now >= high > 0
        stuck = kind in ("AbleToScale", "ScalingActive") and value == "False"
        if at and (limited or stuck):
            what = f"is at its most of {high}" if limited else "cannot be scaled"
            yield Fact(
                at,
                f"{name} {what}{f' ({why})' if why else ''}",
                "symptom",
                f"{key}.{kind}.{at.isoformat()}",
                object=name,
                ref=scaler.ref,
                level="warn",
            )
