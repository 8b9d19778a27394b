"""How a cluster stands before anything is collected from it: reachable, what this login may do, what is left.

Permissions are asked for one by one with ``SelfSubjectAccessReview``, which every login may do and which
changes nothing. https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
"""

from dataclasses import dataclass
from datetime import datetime

from app.evidence.window import Window
from app.http_answers import HttpProblem
from app.text import one_line
from collectors.interface import CollectProblem, Examination
from collectors.kube import fields
from collectors.kube.cluster import Cluster
from collectors.kube.collection import Collection
from collectors.kube.events import read as read_event
from collectors.kube.holes import EDGE, EVENTS_KEPT
from collectors.kube.instances import instances
from collectors.kube.logs import oldest_line
from collectors.kube.survey import HOW_TO_ALLOW, Thing
from collectors.kube.target import EVERYWHERE, KINDS, Target, parse_target, selector_of

_MOST_LOGS = 10
_SAMPLE = 500


@dataclass(frozen=True)
class Right:
    """One permission. *what* says it in words."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    what: str = ""

    def __str__(self) -> str:
        return self.what or f"{self.verb} {self.resource}" + (
            f"/{self.subresource}" if self.subresource else ""
        )


NEEDED = (
    Right("list", "", "pods"),
    Right("get", "", "pods", "log"),
    Right("list", "", "events"),
    Right("list", "apps", "deployments"),
    Right("list", "apps", "replicasets"),
    Right("list", "apps", "statefulsets"),
    Right("list", "apps", "daemonsets"),
    Right("list", "apps", "controllerrevisions"),
    Right("list", "batch", "jobs"),
    Right("list", "batch", "cronjobs"),
    Right("list", "autoscaling", "horizontalpodautoscalers"),
)
TOO_MUCH = (
    Right("get", "", "secrets", what="read secrets"),
    Right("create", "", "pods", "exec", what="run commands in pods"),
    Right("delete", "", "pods", what="delete pods"),
    Right("patch", "apps", "deployments", what="change deployments"),
)


def examine(collection: Collection) -> Examination:
    """Runs in a thread, like :meth:`Collection.run`; a failure is a finding, not an error."""
    try:
        cluster = collection.cluster = collection.connect()
    except CollectProblem as problem:
        return Examination(reachable=None, sentences=(str(problem),))
    except HttpProblem as problem:
        return _refused(problem)
    try:
        return _examined(collection, cluster)
    except HttpProblem as problem:
        return _refused(problem)
    finally:
        cluster.close()


def _refused(problem: HttpProblem) -> Examination:
    reached = problem.status > 0
    authorised = False if problem.status in (401, 403) else None
    return Examination(reachable=reached, authorised=authorised, sentences=(str(problem),))


def _examined(collection: Collection, cluster: Cluster) -> Examination:
    namespace = collection.settings.namespace or cluster.login.namespace
    sentences = list(collection.notes)
    missing = [right for right in NEEDED if not may(cluster, namespace, right)]
    where = "all namespaces" if namespace == EVERYWHERE else f"namespace {namespace}"
    if missing:
        listed = ", ".join(str(right) for right in missing)
        sentences.append(one_line(f"This login may not {listed} in {where}: {HOW_TO_ALLOW}."))
    more = [right for right in TOO_MUCH if may(cluster, namespace, right)]
    if more:
        listed = ", ".join(str(right) for right in more)
        sentences.append(
            one_line(
                f"This login may do more in {where} than a collection needs ({listed}): use one that may only "
                "read; docs/sources.md shows its role."
            )
        )
    covers = None
    if collection.job.window and not {"list pods", "list events"} & {str(right) for right in missing}:
        covers = _covers(collection, cluster, namespace, sentences)
    return Examination(
        reachable=True,
        authorised=not missing,
        clock_s=cluster.ahead_s,
        covers=covers,
        sentences=tuple(sentences),
    )


def may(cluster: Cluster, namespace: str, right: Right) -> bool:
    """Whether the login has *right* in *namespace*."""
    attributes = {"verb": right.verb, "group": right.group, "resource": right.resource}
    if right.subresource:
        attributes["subresource"] = right.subresource
    if namespace != EVERYWHERE:
        attributes["namespace"] = namespace
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    reply = cluster.review("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
    return fields.find(reply.content, "status", "allowed") is True


def _covers(collection: Collection, cluster: Cluster, namespace: str, sentences: list[str]) -> bool:
    """Whether events and logs reach back to the window's start; adds what does not."""
    window = collection.window
    enough = True
    now = collection.job.now
    if window.start < now - EVENTS_KEPT - EDGE:
        oldest = _oldest_event(cluster, namespace)
        if oldest is None or oldest > window.start + EDGE:
            enough = False
            since = f"the oldest is of {oldest:%Y-%m-%d %H:%M:%S}" if oldest else "there are none"
            sentences.append(f"Events do not reach back to the window's start ({since}).")
    late = 0
    known = 0
    for begin in _log_beginnings(collection, cluster, namespace, window):
        known += 1
        late += begin > window.start + EDGE
    if late:
        enough = False
        sentences.append(
            f"Of {known:,} log{'s' if known > 1 else ''} looked at, {late:,} begin{'s' if late == 1 else ''} "
            "after the window's start."
        )
    return enough


def _oldest_event(cluster: Cluster, namespace: str) -> datetime | None:
    kind = KINDS["event"]
    reply = cluster.get(kind.path(namespace, kind.groups[0]), [("limit", str(_SAMPLE))])
    return min((told.last for item in reply.items if (told := read_event(Thing(item)))), default=None)


def _log_beginnings(
    collection: Collection, cluster: Cluster, namespace: str, window: Window
) -> list[datetime]:
    """When the first few logs of what the settings name begin."""
    found: list[datetime] = []
    target = parse_target(collection.settings.target)
    for pod in _some_pods(cluster, namespace, target):
        for each in instances(pod, collection.settings.containers):
            if each.previous or len(found) >= _MOST_LOGS or (each.ended and each.ended < window.start):
                continue
            try:
                begin = oldest_line(cluster, each)
            except HttpProblem:
                continue
            if begin:
                found.append(begin)
    return found


def _some_pods(cluster: Cluster, namespace: str, target: Target) -> list[dict[str, object]]:
    pods = KINDS["pod"]
    selector = target.selector
    if target.kind:
        kind = KINDS[target.kind]
        thing = cluster.get(kind.path(namespace, kind.groups[0], target.name)).content
        if target.kind == "pod":
            return [thing]
        selector = selector_of(thing)
    query = [("limit", str(_MOST_LOGS)), *([("labelSelector", selector)] if selector else [])]
    return cluster.get(pods.path(namespace, pods.groups[0]), query).items
