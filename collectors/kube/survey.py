"""Which objects there are: lists, kept as they came, and what may not be listed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.evidence.formats import ATTACHMENT
from app.evidence.window import Window
from app.http_answers import HttpProblem
from app.review.records import Gap
from app.text import one_line
from collectors.interface import CollectProblem, Job
from collectors.kube.cluster import Cluster
from collectors.kube.library import Query
from collectors.kube.target import (
    EVERYWHERE,
    KINDS,
    NEW_EVENTS,
    Kind,
    Target,
    name_of,
    owners,
    selector_of,
    uid,
)

HOW_TO_ALLOW = "apply the role that docs/sources.md shows and bind it to this login"


@dataclass(frozen=True)
class Thing:
    """An object of the cluster, and the artifact that it was read from."""

    content: dict[str, Any]
    ref: str = ""


@dataclass
class Survey:
    """What was found. *things* are the chosen objects by kind."""

    job: Job
    cluster: Cluster
    namespace: str
    window: Window
    things: dict[str, list[Thing]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0
    allowed: int = 0
    denied: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The namespace in words."""
        return "all namespaces" if self.namespace == EVERYWHERE else f"namespace {self.namespace}"

    def choose(self, target: Target) -> None:
        """Find what *target* means, with its pods and everything between; raises CollectProblem."""
        if target.kind == "pod":
            self.things["pod"] = [self._one(target)]
            self._owners_of_pods()
        elif target.kind:
            self._workload(target)
        else:
            query: Query = [("labelSelector", target.selector)] if target.selector else ()
            self.things["pod"] = self.listed("pod", query, "pods and their logs")
            if target.selector:
                self._owners_of_pods()
            else:
                for kind in ("replicaset", "deployment", "statefulset", "daemonset", "job", "cronjob"):
                    self.things[kind] = self.listed(kind)

    def _workload(self, target: Target) -> None:
        found = self._one(target)
        self.things[target.kind] = [found]
        chosen = {uid(found.content)}
        selector = selector_of(found.content)
        query: Query = [("labelSelector", selector)] if selector else ()
        for kind in {"deployment": ["replicaset"], "cronjob": ["job"]}.get(target.kind, []):
            self.things[kind] = [each for each in self.listed(kind, query) if owners(each.content) & chosen]
            chosen |= {uid(each.content) for each in self.things[kind]}
        pods = self.listed("pod", query, "pods and their logs")
        self.things["pod"] = [each for each in pods if owners(each.content) & chosen]

    def _owners_of_pods(self) -> None:
        """The workloads above the chosen pods."""
        wanted = {uid: kind for each in self.things["pod"] for uid, kind in _owner_kinds(each.content)}
        for kind in ("replicaset", "job", "deployment", "statefulset", "daemonset", "cronjob"):
            if kind not in wanted.values():
                continue
            self.things[kind] = [each for each in self.listed(kind) if uid(each.content) in wanted]
            wanted |= {uid: above for each in self.things[kind] for uid, above in _owner_kinds(each.content)}

    def _one(self, target: Target) -> Thing:
        kind = KINDS[target.kind]
        if self.namespace == EVERYWHERE:
            raise CollectProblem(f"{target} needs a namespace: name the one that it is in.")
        for group in kind.groups:
            try:
                reply = self.cluster.get(kind.path(self.namespace, group, target.name))
            except HttpProblem as problem:
                if problem.status == 403:
                    raise CollectProblem(self._may_not("get", kind.plural, "")) from problem
                if problem.status != 404:
                    raise
                continue
            artifact = self.job.keeper.keep(
                f"{target.kind}-{target.name}.json",
                reply.body,
                query=reply.request,
                format=ATTACHMENT,
                rows=1,
            )
            self.allowed += 1
            self._count(1, len(reply.body))
            return Thing(reply.content, artifact.path)
        raise CollectProblem(
            f"There is no {target} in {self.place}: correct it in the settings{self._others(kind)}."
        )

    def _others(self, kind: Kind) -> str:
        """A few that do exist; not knowing any is no reason to fail."""
        try:
            reply = self.cluster.get(kind.path(self.namespace, kind.groups[0]), [("limit", "5")])
        except HttpProblem:
            return ""
        names = [name_of(each) for each in reply.items]
        return f" (there are {', '.join(names)})" if names else ""

    def listed(self, kind: str, query: Query = (), what: str = "") -> list[Thing]:
        """All objects of *kind*, each page kept as it came. What may not be listed becomes a gap."""
        return self.list_of(KINDS[kind], query, what)

    def list_of(
        self, kind: Kind, query: Query = (), what: str = "", *, namespace: str = "", optional: bool = False
    ) -> list[Thing]:
        """The same for any :class:`Kind`. An API that the cluster does not have holds nothing.

        An *optional* kind that may not be listed is no gap: whoever asks knows what to make of it.
        """
        self.job.report(step=f"asking for {kind.plural}")
        for group in kind.groups:
            try:
                return self._pages(kind, group, query, namespace or self.namespace)
            except HttpProblem as problem:
                if problem.status == 404:
                    continue
                if problem.status == 403 and not optional:
                    self._deny(kind, what)
                    return []
                raise
        return []

    def events(self) -> list[Thing]:
        """The events of the namespace, from either of the two APIs: both show the same ones."""
        kinds = (KINDS["event"], NEW_EVENTS)
        for kind in kinds:
            try:
                return self.list_of(kind, optional=True)
            except HttpProblem as problem:
                if problem.status != 403:
                    raise
        self._deny(kinds[0], "events")
        return []

    def _pages(self, kind: Kind, group: str, query: Query, namespace: str) -> list[Thing]:
        found: list[Thing] = []
        for reply in self.cluster.pages(kind.path(namespace, group), query):
            items = reply.items
            self._count(len(items), len(reply.body))
            if items:
                artifact = self.job.keeper.keep(
                    f"{kind.plural}.json",
                    reply.body,
                    query=reply.request,
                    format=ATTACHMENT,
                    rows=len(items),
                )
                found += [Thing(item, artifact.path) for item in items]
        self.allowed += 1
        return found

    def _count(self, rows: int, size: int) -> None:
        self.rows += rows
        self.bytes += size
        self.job.report(rows=self.rows, bytes=self.bytes)

    def _deny(self, kind: Kind, what: str) -> None:
        self.deny("list", kind.plural, what)

    def deny(self, verb: str, resource: str, what: str = "") -> None:
        """Record that the login lacks a permission: a hole in the whole window, and a sentence."""
        sentence = self._may_not(verb, resource, what)
        if sentence not in self.denied:
            self.denied.append(sentence)
            self.gaps.append(Gap(from_=self.window.start, to=self.window.end, why=sentence))

    def _may_not(self, verb: str, resource: str, what: str) -> str:
        lost = f" ({what} are missing)" if what and what != resource else ""
        return one_line(f"This login may not {verb} {resource} in {self.place}{lost}: {HOW_TO_ALLOW}.")

    def chosen(self, kinds: Iterable[str]) -> list[Thing]:
        """The chosen objects of *kinds*."""
        return [each for kind in kinds for each in self.things.get(kind, [])]


def _owner_kinds(thing: dict[str, Any]) -> list[tuple[str, str]]:
    references = (thing.get("metadata") or {}).get("ownerReferences") or ()
    return [(str(each.get("uid")), str(each.get("kind", "")).lower()) for each in references]
