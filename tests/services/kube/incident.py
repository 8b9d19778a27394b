"""An incident in a real API server: a rollout, a pod that is killed for its memory, probes that fail.

There are no controllers: what these would write (ReplicaSets, statuses, events) is written here in their
words. Objects get their creation time from the server, so the incident happens around *now*.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from collectors.kube import library
from tests.services.kube.objects import (
    APPS,
    SHOP,
    deployment,
    event,
    iso,
    killed,
    owner,
    pod,
    replica_set,
    running,
    template,
    write_log,
)
from tests.services.kube.servers import Api

MANIFEST = Path(library.__file__).with_name("rbac.yaml")


@dataclass(frozen=True)
class Incident:
    api: Api
    began: datetime
    """Half an hour before the test; logs reach half an hour further back."""

    def at(self, minute: float) -> datetime:
        return self.began + timedelta(minutes=minute)


def allow_reading(api: Api) -> None:
    """Exactly the manifest that the product ships."""
    paths = {
        "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings",
    }
    for document in yaml.safe_load_all(MANIFEST.read_text()):
        api.create(paths[document["kind"]], document)


def node(api: Api) -> None:
    """The node whose kubelet has the logs."""
    api.create("/api/v1/nodes", {"metadata": {"name": "node-a"}})
    api.status(
        "/api/v1/nodes/node-a",
        {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": api.kubelet_port}},
        },
    )


def happen(api: Api) -> Incident:
    """Put the incident into *api*."""
    now = datetime.now(UTC).replace(microsecond=0)
    incident = Incident(api, now - timedelta(minutes=30))
    api.create("/api/v1/namespaces", {"metadata": {"name": "shop"}})
    allow_reading(api)
    node(api)
    checkout(incident)
    cart(incident)
    database(incident)
    batch(incident)
    scaling(incident)
    told(incident)
    delivery(incident)
    return incident


def checkout(incident: Incident) -> None:
    """A deployment that was rolled out and whose first pod dies of it."""
    api, at = incident.api, incident.at
    above = deployment(api, "checkout", 2, "1.42.0")
    replica_set(api, above, "old", 1, "1.41.0", **{"kubernetes.io/change-cause": "release 1.41"})
    fresh = owner("ReplicaSet", replica_set(api, above, "new", 2, "1.42.0"))
    app = running(at(10), restartCount=3, ready=False, lastState=killed(at(2), at(9)))
    done = running(at(-29), state=killed(at(-29), at(-28), "Completed", 0))
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
    debugger = {"name": "debug", "image": "registry.example/debug:1"}
    api.call(
        "PUT",
        f"{SHOP}/pods/checkout-new-bbbbb/ephemeralcontainers",
        {"metadata": {"name": "checkout-new-bbbbb"}, "ephemeralContainers": [debugger]},
    )
    write_log(api, "checkout-new-bbbbb", "debug", "current", at(21), at(22), "looking around")
    write_log(api, "checkout-new-aaaaa", "app", "previous", at(2), at(9), "ERROR out of memory soon")
    write_log(api, "checkout-new-aaaaa", "app", "current", at(10), at(30), "INFO GET /checkout 200")
    write_log(api, "checkout-new-aaaaa", "proxy", "current", at(-39), at(30), "proxy ok")
    write_log(api, "checkout-new-aaaaa", "migrate", "current", at(-29), at(-28), "migrated")
    write_log(api, "checkout-new-bbbbb", "app", "current", at(-39), at(30), "INFO GET /checkout 200")


def cart(incident: Incident) -> None:
    """A deployment that went back to its first revision; its pods were made anew while the incident ran."""
    api, at = incident.api, incident.at
    above = deployment(api, "cart", 3, "1.0")
    history = {"deployment.kubernetes.io/revision-history": "1"}
    old = replica_set(api, above, "one", 3, "1.0", **history)
    replica_set(api, above, "two", 2, "1.1")
    pod(
        api,
        "cart-one-ccccc",
        "cart",
        owner("ReplicaSet", old),
        at(5),
        {"app": running(at(5), restartCount=1)},
    )
    write_log(api, "cart-one-ccccc", "app", "current", at(5), at(30), "cart")
    refused = api.logs("shop", "cart-one-ccccc", "app") / "previous.log"
    refused.write_text("#say unable to retrieve container logs for containerd://abc\n")
    up = "Scaled up replica set cart-one to 2"
    event(
        api,
        "cart.up",
        "ScalingReplicaSet",
        up,
        ("Deployment", "cart"),
        type_="Normal",
        firstTimestamp=iso(at(31)),
    )


def database(incident: Incident) -> None:
    """A stateful set with two revisions, whose pod's log was rotated; and a daemon set."""
    api, at = incident.api, incident.at
    labels = {"app": "db"}
    spec = {
        "serviceName": "db",
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            **{k: v for k, v in template("db", "15").items() if k == "spec"},
        },
    }
    above = api.create(f"{APPS}/statefulsets", {"metadata": {"name": "db"}, "spec": spec})
    for number, version in ((1, "14"), (2, "15")):
        data = {"spec": {"template": {"$patch": "replace", **template("db", version)}}}
        meta = {"name": f"db-{number}", "labels": labels, "ownerReferences": owner("StatefulSet", above)}
        api.create(f"{APPS}/controllerrevisions", {"metadata": meta, "data": data, "revision": number})
    pod(api, "db-0", "db", owner("StatefulSet", above), at(-600), {"app": running(at(-600))})
    write_log(api, "db-0", "app", "current", at(12), at(30), "LOG: checkpoint")
    daemon = {"selector": {"matchLabels": {"app": "agent"}}, "template": template("agent", "9")}
    api.create(f"{APPS}/daemonsets", {"metadata": {"name": "agent"}, "spec": daemon})


def batch(incident: Incident) -> None:
    """A cron job whose job failed."""
    api, at = incident.api, incident.at
    never = {
        "spec": {
            "restartPolicy": "Never",
            "containers": [{"name": "app", "image": "registry.example/report:3"}],
        }
    }
    cron = api.create(
        "/apis/batch/v1beta1/namespaces/shop/cronjobs",
        {
            "metadata": {"name": "report"},
            "spec": {"schedule": "0 * * * *", "jobTemplate": {"spec": {"template": never}}},
        },
    )
    failed = {
        "type": "Failed",
        "status": "True",
        "reason": "BackoffLimitExceeded",
        "lastTransitionTime": iso(at(6)),
    }
    job = api.create(
        "/apis/batch/v1/namespaces/shop/jobs",
        {
            "metadata": {"name": "report-1", "ownerReferences": owner("CronJob", cron)},
            "spec": {"template": never},
        },
        {"startTime": iso(at(1)), "conditions": [failed], "failed": 1},
    )
    over = running(at(1), ready=False, state=killed(at(1), at(6), "Error", 2))
    pod(
        api,
        "report-1-ddddd",
        "report",
        owner("Job", job),
        at(1),
        {"app": over},
        labels={"job-name": "report-1", "controller-uid": job["metadata"]["uid"]},
    )
    write_log(api, "report-1-ddddd", "app", "current", at(1), at(6), "no such table")


def scaling(incident: Incident) -> None:
    """An autoscaler at its limit."""
    limited = {
        "type": "ScalingLimited",
        "status": "True",
        "reason": "TooManyReplicas",
        "message": "the desired replica count is more than the maximum replica count",
        "lastTransitionTime": iso(incident.at(4)),
    }
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"}
    incident.api.create(
        "/apis/autoscaling/v2beta2/namespaces/shop/horizontalpodautoscalers",
        {
            "metadata": {"name": "checkout"},
            "spec": {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 2},
        },
        {
            "currentReplicas": 2,
            "desiredReplicas": 2,
            "lastScaleTime": iso(incident.at(3)),
            "conditions": [limited],
            "currentMetrics": None,
        },
    )


def told(incident: Incident) -> None:
    """Events in each of their forms."""
    api, at = incident.api, incident.at
    first = ("Pod", "checkout-new-aaaaa")
    event(
        api, "probe", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", first,
        firstTimestamp=iso(at(3)), lastTimestamp=iso(at(20)), count=214,
    )  # fmt: skip
    event(
        api,
        "probe-2",
        "Unhealthy",
        "Readiness probe failed",
        ("Pod", "checkout-new-bbbbb"),
        firstTimestamp=iso(at(4)),
    )
    event(
        api,
        "gone",
        "Killing",
        "Stopping container app",
        ("Pod", "checkout-old-zzzzz"),
        type_="Normal",
        firstTimestamp=iso(at(1)),
    )
    api.create(
        "/apis/events.k8s.io/v1/namespaces/shop/events",
        {
            "metadata": {"name": "new-style"},
            "eventTime": at(2).strftime("%Y-%m-%dT%H:%M:%S.123456Z"),
            "series": {"count": 4, "lastObservedTime": at(7).strftime("%Y-%m-%dT%H:%M:%S.000000Z")},
            "reason": "FailedScheduling",
            "note": "0/1 nodes are available",
            "type": "Warning",
            "action": "Scheduling",
            "reportingController": "default-scheduler",
            "reportingInstance": "scheduler-0",
            "regarding": {
                "apiVersion": "v1",
                "kind": "Pod",
                "name": "checkout-new-eeeee",
                "namespace": "shop",
            },
        },
    )


def custom(api: Api, group: str, version: str, plural: str, kind: str) -> str:
    """A kind of the delivery tools, as loosely typed as a test needs it; returns the path of its list."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    api.create(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        {
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {
                "group": group,
                "scope": "Namespaced",
                "names": {"plural": plural, "kind": kind},
                "versions": [
                    {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
                ],
            },
        },
    )
    path = f"/apis/{group}/{version}"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(AssertionError):
            api.call("GET", f"{path}/{plural}")
            return f"{path}/namespaces/shop/{plural}"
        time.sleep(0.05)
    raise AssertionError(f"{plural} are not served")


def delivery(incident: Incident) -> None:
    """An application of Argo CD that was synced and then failed, and two objects of Flux."""
    api, at = incident.api, incident.at
    path = custom(api, "argoproj.io", "v1alpha1", "applications", "Application")
    commit = "0123456789abcdef0123456789abcdef01234567"
    source = {"repoURL": "https://git.example/shop.git", "path": "checkout", "targetRevision": "main"}
    api.create(
        path,
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": "checkout"},
            "spec": {"source": source, "destination": {"namespace": "shop"}},
            "status": {
                "history": [
                    {
                        "id": 7,
                        "revision": commit,
                        "deployedAt": iso(at(-1)),
                        "source": source,
                        "initiatedBy": {"username": "alice"},
                    }
                ],
                "operationState": {"phase": "Failed", "finishedAt": iso(at(8)), "message": "one hook failed"},
                "health": {"status": "Degraded", "lastTransitionTime": iso(at(3))},
            },
        },
    )
    path = custom(api, "kustomize.toolkit.fluxcd.io", "v1", "kustomizations", "Kustomization")
    ready = {
        "type": "Ready",
        "reason": "ReconciliationSucceeded",
        "status": "True",
        "lastTransitionTime": iso(at(-2)),
    }
    api.create(
        path,
        {
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": {"name": "shop"},
            "spec": {"targetNamespace": "shop"},
            "status": {"conditions": [{**ready, "message": f"Applied revision: main@sha1:{commit}"}]},
        },
    )
