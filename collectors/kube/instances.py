"""Which container instances the logs of a pod come from."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from collectors.kube import fields
from collectors.kube.logs import Instance
from collectors.kube.target import is_name

_CONTAINERS = (
    ("initContainers", "initContainerStatuses"),
    ("containers", "containerStatuses"),
    ("ephemeralContainers", "ephemeralContainerStatuses"),
)


def instances(pod: dict[str, Any], only: Iterable[str] = ()) -> Iterator[Instance]:
    """Every log that the cluster may have of *pod*: each container's, and the one before its last restart.

    *only* names containers, where not all are wanted.
    """
    known = {
        fields.text(each, "name"): each
        for _, said in _CONTAINERS
        for each in fields.many(pod, "status", said)
    }
    wanted = set(only)
    if not is_name(fields.name(pod)):
        return
    pod_began = fields.time(pod, "status", "startTime") or fields.created(pod)
    for listed, _ in _CONTAINERS:
        for container in fields.many(pod, "spec", listed):
            name = fields.text(container, "name")
            if not name or (wanted and name not in wanted):
                continue
            status = known.get(name)
            began, ended = life(fields.find(status, "state"))
            now = Instance(
                namespace=fields.text(pod, "metadata", "namespace") or "default",
                pod=fields.name(pod),
                pod_uid=fields.uid(pod),
                container=name,
                began=began,
                ended=ended,
                pod_began=pod_began,
                restarts=fields.number(status, "restartCount"),
            )
            before = life(fields.find(status, "lastState"))
            if now.restarts > 0 or before != (None, None):
                yield replace(now, previous=True, began=before[0], ended=before[1])
            if not _between_lives(status):
                yield now


def _between_lives(status: Any) -> bool:
    """Whether a container waits for its next start: then the last life's log answers for the present one, too.

    See ``validateContainerLogStatus`` in pkg/kubelet/kubelet_pods.go.
    """
    state = fields.find(status, "state")
    present = fields.find(state, "running") or fields.find(state, "terminated")
    return bool(not present and fields.find(status, "lastState", "terminated"))


def life(state: Any) -> tuple[datetime | None, datetime | None]:
    """When a container's instance began and ended, as its state says."""
    began = fields.time(state, "running", "startedAt") or fields.time(state, "terminated", "startedAt")
    return began, fields.time(state, "terminated", "finishedAt")
