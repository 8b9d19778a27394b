"""An incident in a real API server: a rollout, a pod that is killed for its memory, probes that fail.

There are no controllers: what these would write (ReplicaSets, statuses, events) is written here in their
words. Objects get their creation time from the server, so the incident happens around *now*.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from collectors.kube import library
from tests.services.kube.servers import Api

SHOP = "/api/v1/namespaces/shop"
APPS = "/apis/apps/v1/namespaces/shop"
MANIFEST = Path(library.__file__).with_name("rbac.yaml")


@dataclass(frozen=True)
class Incident:
    api: Api
    began: datetime
    """Half an hour before the test; logs reach half an hour further back."""

    def at(self, minute: float) -> datetime:
        return self.began + timedelta(minutes=minute)


def iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def owner(kind: str, thing: dict[str, Any]) -> list[dict[str, Any]]:
    meta = thing["metadata"]
    group = "batch/v1" if kind == "Job" else "apps/v1"
    return [{"apiVersion": group, "kind": kind, "name": meta["name"], "uid": meta["uid"], "controller": True}]


def template(app: str, version: str, *, sidecar: bool = False) -> dict[str, Any]:
    containers = [{"name": "app", "image": f"registry.example/{app}:{version}"}]
    if sidecar:
        containers.append({"name": "proxy", "image": "registry.example/proxy:2.0"})
    return {"metadata": {"labels": {"app": app}}, "spec": {"containers": containers}}


def deployment(api: Api, name: str, revision: int, version: str) -> dict[str, Any]:
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": name}}, "template": template(name, version)}
    annotations = {"deployment.kubernetes.io/revision": str(revision)}
    meta = {"name": name, "labels": {"app": name}, "annotations": annotations}
    return api.create(f"{APPS}/deployments", {"metadata": meta, "spec": spec})


def replica_set(
    api: Api, above: dict[str, Any], suffix: str, revision: int, version: str, **annotations: str
) -> dict[str, Any]:
    app = above["metadata"]["name"]
    labels = {"app": app, "pod-template-hash": suffix}
    pod = template(app, version)
    pod["metadata"]["labels"] = labels
    meta = {
        "name": f"{app}-{suffix}",
        "labels": labels,
        "annotations": {"deployment.kubernetes.io/revision": str(revision), **annotations},
        "ownerReferences": owner("Deployment", above),
    }
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": pod}
    return api.create(f"{APPS}/replicasets", {"metadata": meta, "spec": spec})


def running(began: datetime, **more: Any) -> dict[str, Any]:
    state = {"running": {"startedAt": iso(began)}}
    return {"image": "x", "imageID": "x", "ready": True, "restartCount": 0, "state": state, **more}


def killed(began: datetime, ended: datetime, reason: str = "OOMKilled", code: int = 137) -> dict[str, Any]:
    return {
        "terminated": {"reason": reason, "exitCode": code, "startedAt": iso(began), "finishedAt": iso(ended)}
    }


def pod(
    api: Api,
    name: str,
    app: str,
    above: list[dict[str, Any]],
    began: datetime,
    containers: dict[str, dict[str, Any]],
    init: dict[str, dict[str, Any]] | None = None,
    labels: dict[str, str] | None = None,
) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "nodeName": "node-a",
        "containers": [{"name": each, "image": f"registry.example/{each}:1"} for each in containers],
    }
    if init:
        spec["initContainers"] = [{"name": each, "image": "registry.example/init:1"} for each in init]
    meta = {"name": name, "labels": {"app": app, **(labels or {})}, "ownerReferences": above}
    status = {
        "phase": "Running",
        "startTime": iso(began),
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": iso(began)}],
        "containerStatuses": [{"name": each, **facts} for each, facts in containers.items()],
        "initContainerStatuses": [{"name": each, **facts} for each, facts in (init or {}).items()],
    }
    return api.create(f"{SHOP}/pods", {"metadata": meta, "spec": spec}, status)


def write_log(
    api: Api,
    pod_name: str,
    container: str,
    which: str,
    begin: datetime,
    end: datetime,
    text: str,
    every_s: float = 10,
) -> Path:
    path = api.logs("shop", pod_name, container) / f"{which}.log"
    with path.open("w") as file:
        at, number = begin, 0
        while at < end:
            stamp = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond:06d}{number % 1000:03d}Z"
            file.write(f"{stamp} stdout F {text} {number}\n")
            at += timedelta(seconds=every_s)
            number += 1
    return path


def event(api: Api, name: str, reason: str, message: str, thing: tuple[str, str], **times: Any) -> None:
    kind, of = thing
    body = {
        "metadata": {"name": name},
        "type": times.pop("type_", "Warning"),
        "reason": reason,
        "message": message,
        "involvedObject": {"kind": kind, "name": of, "namespace": "shop", "apiVersion": "v1"},
        "source": {"component": "kubelet"},
        **times,
    }
    api.create(f"{SHOP}/events", body)


def allow_reading(api: Api) -> None:
    """Exactly the manifest that the product ships."""
    paths = {
        "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings",
    }
    for document in yaml.safe_load_all(MANIFEST.read_text()):
        api.create(paths[document["kind"]], document)


def happen(api: Api) -> Incident:
    """Put the incident into *api*."""
    now = datetime.now(UTC).replace(microsecond=0)
    incident = Incident(api, now - timedelta(minutes=30))
    api.create("/api/v1/namespaces", {"metadata": {"name": "shop"}})
    allow_reading(api)
    api.create("/api/v1/nodes", {"metadata": {"name": "node-a"}})
    api.status(
        "/api/v1/nodes/node-a",
        {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": api.kubelet_port}},
        },
    )
    checkout(incident)
    return incident


def checkout(incident: Incident) -> None:
    """A deployment that was rolled out and whose first pod dies of it."""
    api, at = incident.api, incident.at
    above = deployment(api, "checkout", 2, "1.42.0")
    replica_set(api, above, "old", 1, "1.41.0", **{"kubernetes.io/change-cause": "release 1.41"})
    fresh = owner("ReplicaSet", replica_set(api, above, "new", 2, "1.42.0"))
    app = running(at(10), restartCount=3, ready=False, lastState=killed(at(2), at(9)))
    done = running(at(-40), state=killed(at(-40), at(-39), "Completed", 0))
    pod(
        api,
        "checkout-new-aaaaa",
        "checkout",
        fresh,
        at(-40),
        {"app": app, "proxy": running(at(-39))},
        {"migrate": done},
    )
    pod(api, "checkout-new-bbbbb", "checkout", fresh, at(-40), {"app": running(at(-39))})
    write_log(api, "checkout-new-aaaaa", "app", "previous", at(2), at(9), "ERROR out of memory soon")
    write_log(api, "checkout-new-aaaaa", "app", "current", at(10), at(30), "INFO GET /checkout 200")
    write_log(api, "checkout-new-aaaaa", "proxy", "current", at(-39), at(30), "proxy ok")
    write_log(api, "checkout-new-aaaaa", "migrate", "current", at(-40), at(-39), "migrated")
    write_log(api, "checkout-new-bbbbb", "app", "current", at(-39), at(30), "INFO GET /checkout 200")
