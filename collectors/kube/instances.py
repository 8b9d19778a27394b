"""Which container instances the logs of a pod come from."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from collectors.kube.logs import Instance
from collectors.kube.stamps import instant
from collectors.kube.target import name_of, uid

_CONTAINERS = (
    ("initContainers", "initContainerStatuses"),
    ("containers", "containerStatuses"),
    ("ephemeralContainers", "ephemeralContainerStatuses"),
)


def statuses(pod: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the pod says about each of its containers, by their names."""
    status = pod.get("status") or {}
    return {
        str(each.get("name")): each
        for _, listed in _CONTAINERS
        for each in status.get(listed) or ()
        if isinstance(each, dict)
    }


def instances(pod: dict[str, Any], only: Iterable[str] = ()) -> Iterator[Instance]:
    """Every log that the cluster may have of *pod*: each container's, and the one before its last restart.

    *only* names containers, where not all are wanted.
    """
    meta, spec = pod.get("metadata") or {}, pod.get("spec") or {}
    known, wanted = statuses(pod), set(only)
    pod_began = instant((pod.get("status") or {}).get("startTime")) or instant(meta.get("creationTimestamp"))
    for listed, _ in _CONTAINERS:
        for container in spec.get(listed) or ():
            name = str(container.get("name") or "")
            if not name or (wanted and name not in wanted):
                continue
            status = known.get(name) or {}
            restarts = int(status.get("restartCount") or 0)
            began, ended = life(status.get("state"))
            now = Instance(
                namespace=str(meta.get("namespace") or "default"),
                pod=name_of(pod),
                pod_uid=uid(pod),
                container=name,
                began=began,
                ended=ended,
                pod_began=pod_began,
                restarts=restarts,
            )
            before = life(status.get("lastState"))
            if restarts > 0 or before != (None, None):
                yield replace(now, previous=True, began=before[0], ended=before[1])
            yield now


def life(state: Any) -> tuple[datetime | None, datetime | None]:
    """When a container's instance began and ended, as its state says."""
    if not isinstance(state, dict):
        return None, None
    running, over = state.get("running") or {}, state.get("terminated") or {}
    return (
        instant(running.get("startedAt")) or instant(over.get("startedAt")),
        instant(over.get("finishedAt")),
    )
