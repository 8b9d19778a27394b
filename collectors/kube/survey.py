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
from collectors.kube import fields
from collectors.kube.cluster import Cluster
from collectors.kube.library import Query
from collectors.kube.target import EVERYWHERE, KINDS, NEW_EVENTS, Kind, Target, selector_of

HOW_TO_ALLOW = "apply the role that docs/sources.md shows and bind it to this login"

_PODS = "pods and their logs"
_SCALER = "horizontalpodautoscaler"
_WORKLOADS = ("replicaset", "job", "deployment", "statefulset", "daemonset", "cronjob")
"""What owns pods, from below to above."""


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
    _all_sets: list[Thing] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The namespace in words."""
        return "all namespaces" if self.namespace == EVERYWHERE else f"namespace {self.namespace}"

    def choose(self, target: Target) -> None:
        """Find what *target* means, with its pods and everything between; raises CollectProblem."""
        if target.kind == "pod":
            self.things["pod"] = [self._one(target)]
            self._above(self.things["pod"])
        elif target.kind:
            self._workload(target)
        else:
            query: Query = [("labelSelector", target.selector)] if target.selector else ()
            self.things["pod"] = self.listed("pod", query, _PODS)
            if target.selector:
                self._above(self.things["pod"])
            else:
                for kind in (*_WORKLOADS, "controllerrevision", _SCALER):
                    self.things[kind] = self.listed(kind)
                return
        self._beside()

    def _workload(self, target: Target) -> None:
        found = self._one(target)
        self.things[target.kind] = [found]
        chosen = {fields.uid(found.content)}
        selector = selector_of(found.content)
        query: Query = [("labelSelector", selector)] if selector else ()
        for kind in {"deployment": ["replicaset"], "cronjob": ["job"]}.get(target.kind, []):
            self.things[kind] = _owned(self.listed(kind, query), chosen)
            chosen |= {fields.uid(each.content) for each in self.things[kind]}
        # A selector may fit pods of others, too.
        self.things["pod"] = _owned(self.listed("pod", query, _PODS), chosen)
        if target.kind in ("replicaset", "job"):
            self._above([found])

    def _above(self, things: list[Thing]) -> None:
        """The workloads that own *things*, and those that own these; with the other revisions of each."""
        wanted = {uid: kind for each in things for uid, kind in fields.owners(each.content).items()}
        for kind in _WORKLOADS:
            if kind not in wanted.values():
                continue
            found = self.listed(kind)
            self.things[kind] = [each for each in found if fields.uid(each.content) in wanted]
            wanted |= {
                uid: above for each in self.things[kind] for uid, above in fields.owners(each.content).items()
            }
            if kind == "deployment":
                mine = {fields.uid(each.content) for each in self.things[kind]}
                self.things["replicaset"] = _owned(self._all_sets, mine)
            elif kind == "replicaset":
                self._all_sets = found

    def _beside(self) -> None:
        """The history and the autoscalers of the chosen workloads."""
        with_history = self.chosen(("statefulset", "daemonset"))
        if with_history:
            mine = {fields.uid(each.content) for each in with_history}
            self.things["controllerrevision"] = _owned(self.listed("controllerrevision"), mine)
        workloads = {
            (kind, fields.name(each.content)) for kind in _WORKLOADS for each in self.things.get(kind, [])
        }
        if workloads:
            self.things[_SCALER] = [
                each for each in self.listed(_SCALER) if _scaled(each.content) in workloads
            ]

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
        names = [fields.name(each) for each in reply.items]
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
                if kind is KINDS["pod"] or problem.status == 403 or not _of_one_list(problem):
                    raise
                self.lose(kind, problem)
                return []
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

    def lose(self, kind: Kind, problem: HttpProblem) -> None:
        """Record that a list could not be had; the others may."""
        sentence = one_line(f"The {kind.plural} of {self.place} are missing: {problem}")
        self.notes.append(sentence)
        self.gaps.append(Gap(from_=self.window.start, to=self.window.end, why=sentence))

    def _may_not(self, verb: str, resource: str, what: str) -> str:
        lost = f" ({what} are missing)" if what and what != resource else ""
        return one_line(f"This login may not {verb} {resource} in {self.place}{lost}: {HOW_TO_ALLOW}.")

    def chosen(self, kinds: Iterable[str]) -> list[Thing]:
        """The chosen objects of *kinds*."""
        return [each for kind in kinds for each in self.things.get(kind, [])]


def _of_one_list(problem: HttpProblem) -> bool:
    """Whether a failure may be one list's own (a broken extension, say), and not the whole cluster's."""
    return problem.kind in ("too-large", "cut", "not-json") or (
        problem.status >= 400 and problem.status != 401
    )


def _owned(things: Iterable[Thing], uids: set[str]) -> list[Thing]:
    return [each for each in things if not uids.isdisjoint(fields.owners(each.content))]


def _scaled(scaler: dict[str, Any]) -> tuple[str, str]:
    target = fields.find(scaler, "spec", "scaleTargetRef")
    return fields.text(target, "kind").lower(), fields.text(target, "name")
