"""Kubernetes: logs of all containers, events, rollouts, restarts and scaling of what a team runs there.

The cluster is asked with raw GET requests (:mod:`collectors.kube.cluster`); logs are streamed to disk, many
at once. What the cluster no longer has, or does not let this login read, becomes a gap with its reason.
"""

import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from app.evidence.window import Window
from app.text import one_line
from collectors.apart import apart
from collectors.interface import Collected, Collector, CollectProblem, Examination, Field, Job, Lent
from collectors.kube.collection import Collection, Settings
from collectors.kube.examination import examine
from collectors.kube.target import EVERYWHERE, is_name, parse_target

_MOST_AT_ONCE = 50


class KubernetesCollector(Collector):
    """A namespace of a cluster, or a part of it."""

    kind: ClassVar[str] = "kubernetes"
    title: ClassVar[str] = "Kubernetes"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("context", "Context", example="prod; empty for the current one, in-cluster inside a pod"),
        Field("namespace", "Namespace", example="shop; empty for the context's own, * for all"),
        Field("target", "What", example="deployment/api, pod/api-0, app=api; empty for everything"),
        Field("containers", "Containers", example="api, worker; empty for all"),
        Field("logs", "Logs", example="yes", kind="flag"),
        Field("at_once", "Logs at once", example="5"),
        Field("kubeconfig", "Kubeconfig", example="~/.kube/config", kind="path"),
        Field("ca_file", "CA file", example="instead of the kubeconfig's", kind="path"),
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """Names must be names, and the target must mean something."""
        chosen = Settings.of(settings)
        if chosen.namespace and chosen.namespace != EVERYWHERE and not is_name(chosen.namespace):
            return f"“{one_line(chosen.namespace)[:60]}” cannot be a namespace: use small letters, digits and “-”."
        try:
            target = parse_target(chosen.target)
        except ValueError as problem:
            return str(problem)
        if target.kind and chosen.namespace == EVERYWHERE:
            return f"{target} needs a namespace: name the one that it is in."
        wrong = next((name for name in chosen.containers if not is_name(name)), "")
        if wrong:
            return f"“{one_line(wrong)[:60]}” cannot be a container: separate their names by commas."
        if not 1 <= chosen.at_once <= _MOST_AT_ONCE:
            return f"Logs at once must be a number from 1 to {_MOST_AT_ONCE}."
        return ""

    def describe(self, settings: Mapping[str, Any]) -> str:
        """Context, namespace and target, as far as they are named."""
        chosen = Settings.of(settings)
        parts = (chosen.context, chosen.namespace, chosen.target)
        return one_line(f"kubernetes {' / '.join(part for part in parts if part)}".strip())

    def lent(self, settings: Mapping[str, Any]) -> tuple[Lent, ...]:
        """A kubeconfig that is named: its login plug-ins are programs."""
        path = Settings.of(settings).kubeconfig
        return (Lent("kubeconfig", str(Path(path).expanduser().absolute())),) if path else ()

    async def collect(self, job: Job) -> Collected:
        """Log in, list, stream the logs; see the modules in :mod:`collectors.kube`."""
        if job.window is None:
            raise CollectProblem("Kubernetes needs a window to ask for: enter when the incident started.")
        collection = Collection(job, Settings.of(job.source.settings), job.window, threading.Event())
        return await apart(collection.run, collection.stop)

    async def examine(self, job: Job) -> Examination | None:
        """Log in, ask what this login may do, and how far back logs and events reach."""
        # Without a window nothing is asked about the past; the collection only lends its login.
        window = job.window or Window(job.now, job.now)
        collection = Collection(job, Settings.of(job.source.settings), window, threading.Event())
        return await apart(partial(examine, collection), collection.stop)
