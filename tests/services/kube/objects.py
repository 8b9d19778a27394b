"""Objects of a cluster as controllers and kubelets would write them."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.services.kube.servers import Api

SHOP = "/api/v1/namespaces/shop"
APPS = "/apis/apps/v1/namespaces/shop"


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
