"""Argo CD and Flux, where a cluster has them: what was synced from which revision, and what failed.

Both keep their history in objects of their own. Their APIs are read from https://argo-cd.readthedocs.io
(``Application``, ``status.history`` and ``status.operationState``) and https://fluxcd.io/flux/components/
(``Kustomization``, ``HelmRelease``; conditions, ``status.history``). A cluster without them has none.
"""

import re
from collections.abc import Iterator
from typing import Any

from app.evidence.facts import Fact
from app.http_answers import HttpProblem
from collectors.kube import fields
from collectors.kube.survey import Survey, Thing
from collectors.kube.target import EVERYWHERE, Kind

APPLICATIONS = Kind("applications", ("apis/argoproj.io/v1alpha1",))
KUSTOMIZATIONS = Kind(
    "kustomizations",
    ("apis/kustomize.toolkit.fluxcd.io/v1", "apis/kustomize.toolkit.fluxcd.io/v1beta2"),
)
HELM_RELEASES = Kind(
    "helmreleases",
    (
        "apis/helm.toolkit.fluxcd.io/v2",
        "apis/helm.toolkit.fluxcd.io/v2beta2",
        "apis/helm.toolkit.fluxcd.io/v2beta1",
    ),
)
_TOOLS = {"applications": "Argo CD", "kustomizations": "Flux", "helmreleases": "Flux"}


def deliveries(survey: Survey) -> list[Fact]:
    """What the delivery tools tell about the namespace."""
    found: list[Fact] = []
    for kind, read in (
        (APPLICATIONS, _application),
        (KUSTOMIZATIONS, _kustomization),
        (HELM_RELEASES, _helm_release),
    ):
        for thing in _reachable(survey, kind):
            if _goes_to(thing.content, survey.namespace):
                found += read(thing)
    return found


def _reachable(survey: Survey, kind: Kind) -> list[Thing]:
    """The objects of *kind* in all namespaces (the tools often have one of their own), or where it is allowed."""
    homes = {"applications": ["argocd"]}.get(kind.plural, ["flux-system"])
    denied = False
    for namespace in dict.fromkeys([EVERYWHERE, *homes, survey.namespace]):
        try:
            found = survey.list_of(kind, namespace=namespace, optional=True)
        except HttpProblem as problem:
            if problem.status != 403:
                raise
            denied = True
            continue
        if found or namespace == EVERYWHERE:
            return found
    if denied and _served(survey, kind):
        survey.deny("list", kind.plural, f"what {_TOOLS[kind.plural]} deployed")
    return []


def _served(survey: Survey, kind: Kind) -> bool:
    """Whether the cluster has the API at all: asking for what does not exist can be forbidden, too."""
    for group in kind.groups:
        try:
            listed = survey.cluster.get(f"/{group}")
        except HttpProblem:
            continue
        return any(
            fields.text(each, "name") == kind.plural for each in fields.many(listed.content, "resources")
        )
    return False


def _goes_to(content: dict[str, Any], namespace: str) -> bool:
    if namespace == EVERYWHERE:
        return True
    home = fields.text(content, "metadata", "namespace")
    places = (
        fields.text(content, "spec", "destination", "namespace"),
        fields.text(content, "spec", "targetNamespace"),
    )
    named = [place for place in places if place]
    # A Kustomization may name its namespaces in its files only: what lies in the tool's own home may be meant.
    return namespace in named if named else home in (namespace, "flux-system", "argocd")


def _revision(text: str) -> str:
    """``main@sha1:0123456789…`` as ``main@sha1:01234567``, a bare commit as eight digits."""
    return re.sub(r"\b([0-9a-f]{8})[0-9a-f]{24,}\b", r"\1", text)


def _application(thing: Thing) -> Iterator[Fact]:
    content = thing.content
    name, key = f"application/{fields.name(content)}", fields.uid(content)
    for each in fields.many(content, "status", "history"):
        at = fields.time(each, "deployedAt")
        if at is None:
            continue
        sources = [fields.find(each, "source"), *fields.many(each, "sources")]
        where = next((url for one in sources if (url := fields.text(one, "repoURL"))), "")
        revisions = find_all(each)
        automatic = fields.find(each, "initiatedBy", "automated") is True
        yield Fact(
            at,
            f"{name} was synced by Argo CD to {revisions or 'an unnamed revision'}{f' of {where}' if where else ''}",
            "change",
            f"{key}.{fields.text(each, 'id')}.{at.isoformat()}",
            actor=fields.text(each, "initiatedBy", "username")
            or ("argocd (automatic)" if automatic else "argocd"),
            object=name,
            ref=thing.ref,
        )
    yield from _operation(thing, name, key)
    health = fields.text(content, "status", "health", "status")
    at = fields.time(content, "status", "health", "lastTransitionTime")
    if at and health in ("Degraded", "Missing", "Unknown"):
        said = fields.text(content, "status", "health", "message")
        yield Fact(
            at,
            f"{name} is {health.lower()}{f' ({said})' if said else ''}",
            "symptom",
            f"{key}.health.{at.isoformat()}",
            object=name,
            ref=thing.ref,
            level="error",
        )


def find_all(history: dict[str, Any]) -> str:
    """The revision of an entry, or those of an application with several sources."""
    several = fields.find(history, "revisions")
    listed = [str(each) for each in several] if isinstance(several, list) else []
    return ", ".join(_revision(each) for each in [fields.text(history, "revision"), *listed] if each)


def _operation(thing: Thing, name: str, key: str) -> Iterator[Fact]:
    """The last sync, where it did not succeed (those that did are in the history)."""
    state = fields.find(thing.content, "status", "operationState")
    phase = fields.text(state, "phase")
    at = fields.time(state, "finishedAt") or fields.time(state, "startedAt")
    if at is None or phase not in ("Failed", "Error", "Terminating", "Running"):
        return
    said = fields.text(state, "message")
    bad = phase in ("Failed", "Error")
    yield Fact(
        at,
        f"{name}: the sync by Argo CD {'failed' if bad else 'is ' + phase.lower()}{f' ({said})' if said else ''}",
        "symptom" if bad else "change",
        f"{key}.operation.{at.isoformat()}",
        actor=fields.text(state, "operation", "initiatedBy", "username") or "argocd",
        object=name,
        ref=thing.ref,
        level="error" if bad else "info",
    )


def _kustomization(thing: Thing) -> Iterator[Fact]:
    name, key = f"kustomization/{fields.name(thing.content)}", fields.uid(thing.content)
    for each in fields.many(thing.content, "status", "history"):
        at = fields.time(each, "firstReconciled")
        if at is None:
            continue
        revision = _revision(fields.text(each, "metadata", "revision") or fields.text(each, "digest"))
        state = fields.text(each, "lastReconciledStatus")
        bad = "Failed" in state or "Error" in state
        yield Fact(
            at,
            f"{name}: Flux {'failed to apply' if bad else 'applied'} {revision or 'an unnamed revision'}",
            "symptom" if bad else "change",
            f"{key}.{fields.text(each, 'digest')}.{at.isoformat()}",
            actor="flux",
            object=name,
            ref=thing.ref,
            level="error" if bad else "info",
        )
    yield from _readiness(thing, name, key)


def _helm_release(thing: Thing) -> Iterator[Fact]:
    name, key = f"helmrelease/{fields.name(thing.content)}", fields.uid(thing.content)
    for each in fields.many(thing.content, "status", "history"):
        at = fields.time(each, "lastDeployed") or fields.time(each, "firstDeployed")
        if at is None:
            continue
        chart = f"{fields.text(each, 'chartName')} {fields.text(each, 'chartVersion')}".strip()
        state = fields.text(each, "status")
        bad = state == "failed"
        yield Fact(
            at,
            f"{name}: Helm release {fields.text(each, 'version')} of {chart} ({state or 'no status'})",
            "symptom" if bad else "change",
            f"{key}.{fields.text(each, 'version')}.{state}",
            actor="flux",
            object=name,
            ref=thing.ref,
            level="error" if bad else "info",
        )
    yield from _readiness(thing, name, key)


def _readiness(thing: Thing, name: str, key: str) -> Iterator[Fact]:
    """The condition ``Ready``: since when the last reconciliation holds, or fails."""
    for each in fields.many(thing.content, "status", "conditions"):
        at = fields.time(each, "lastTransitionTime")
        if fields.text(each, "type") != "Ready" or at is None:
            continue
        bad = fields.text(each, "status") == "False"
        said = fields.text(each, "message") or fields.text(each, "reason")
        yield Fact(
            at,
            f"{name} {'is not ready' if bad else 'is ready'}{f' ({_revision(said)})' if said else ''}",
            "symptom" if bad else "change",
            f"{key}.Ready.{at.isoformat()}",
            actor="flux",
            object=name,
            ref=thing.ref,
            level="error" if bad else "info",
            # The revision itself is in the history of newer versions; older ones have only this.
            notable=bad or not fields.many(thing.content, "status", "history"),
        )
