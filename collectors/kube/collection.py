"""One collection from a cluster, from the login to what is reported; runs in a thread."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from app.evidence.coverage import corrected
from app.evidence.index import Cancel
from app.evidence.window import Window
from app.http_answers import HttpProblem
from app.review.records import Gap
from app.text import one_line
from collectors.interface import Collected, CollectProblem, Job
from collectors.kube import fields, holes
from collectors.kube.cluster import Cluster
from collectors.kube.delivery import deliveries
from collectors.kube.events import chosen as chosen_events
from collectors.kube.events import events
from collectors.kube.instances import instances
from collectors.kube.library import Login
from collectors.kube.login import log_in
from collectors.kube.logs import Instance, oldest_line
from collectors.kube.many import Logs
from collectors.kube.rollouts import rollouts
from collectors.kube.states import states
from collectors.kube.survey import Survey
from collectors.kube.target import Target, parse_target

AT_ONCE = 5
"""Logs at a time, as kubectl has it."""


@dataclass(frozen=True)
class Settings:
    """The source's settings as the collector uses them."""

    context: str = ""
    namespace: str = ""
    target: str = ""
    containers: tuple[str, ...] = ()
    logs: bool = True
    at_once: int = AT_ONCE
    kubeconfig: str = ""
    ca_file: str = ""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """What *settings* say; ``at_once`` is 0 when it is no number."""

        def text(name: str) -> str:
            value = settings.get(name, "")
            return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""

        number = text("at_once") or str(AT_ONCE)
        return cls(
            context=text("context"),
            namespace=text("namespace"),
            target=text("target"),
            containers=tuple(part.strip() for part in text("containers").split(",") if part.strip()),
            logs=settings.get("logs") is not False,
            at_once=int(number) if number.isdecimal() and len(number) < 6 else 0,
            kubeconfig=text("kubeconfig"),
            ca_file=text("ca_file"),
        )


class Collection:
    """Made on the event loop, run in a thread. :meth:`stop` may be called from anywhere."""

    def __init__(self, job: Job, settings: Settings, window: Window, stopped: threading.Event) -> None:
        self.job = job
        self.settings = settings
        # The cluster's clock: what the correction adds to this source's times is taken off the window.
        self.window = window.shifted(-job.source.clock_offset_s)
        self.stopped = stopped
        self.cluster: Cluster | None = None
        self.notes: list[str] = []
        self.logs: Logs | None = None
        """The logs, once they are being read."""

    def stop(self) -> None:
        """End it as soon as possible; what it has so far is kept."""
        self.stopped.set()
        if self.cluster:
            self.cluster.stop()

    def run(self) -> Collected:
        """Everything; raises CollectProblem, HttpProblem or Cancel."""
        self.cluster = cluster = self.connect()
        try:
            return self._collect(cluster)
        except Cancel:
            if not self.job.keeper.kept:
                raise
            # What is kept looks like the whole: it must say what it is not.
            return Collected(
                artifacts=tuple(self.job.keeper.kept),
                gaps=corrected((self._cut_short(),), self.job.source.clock_offset_s),
                notes=tuple(self.notes),
                clock_s=cluster.ahead_s,
            )
        finally:
            cluster.close()

    def _cut_short(self) -> Gap:
        """The hole that a collection leaves which a person ended."""
        said = "before any log was read" if self.settings.logs else "before its end"
        if self.logs is not None:
            said = f"when {len(self.logs.reads):,} of {self.logs.total:,} logs were read to their end"
        why = f"The collection was stopped {said}: collect it again for the rest."
        return Gap(from_=self.window.start, to=self.window.end, why=why)

    def connect(self) -> Cluster:
        """Log in and reach the server."""
        self.job.report(step="logging in", done=0.0)
        login = self._login()
        if login.said:
            self.notes.append(f"The login said “{login.said}”.")
        if not login.verify:
            self.notes.append("The kubeconfig switches the check of the server's certificate off.")
        cluster = Cluster(
            login,
            at_once=self.settings.at_once,
            stopped=self.stopped,
            renew=self._login,
            tell=lambda text: self.job.report(step=text),
        )
        self.job.report(step="asking who is there")
        cluster.get("/version")
        return cluster

    def _login(self) -> Login:
        chosen = self.settings
        path = str(Path(chosen.kubeconfig).expanduser()) if chosen.kubeconfig else ""
        login = log_in(
            path, chosen.context, self.job.environment, self.stopped, lambda text: self.job.report(step=text)
        )
        if not chosen.ca_file:
            return login
        try:
            return replace(login, ca=Path(chosen.ca_file).expanduser().read_text("ascii"))
        except (OSError, UnicodeDecodeError) as error:
            raise CollectProblem(
                f"The certificate file {one_line(chosen.ca_file)} cannot be read: name a PEM file."
            ) from error

    def _collect(self, cluster: Cluster) -> Collected:
        namespace = self.settings.namespace or cluster.login.namespace
        survey = Survey(self.job, cluster, namespace, self.window)
        target: Target = parse_target(self.settings.target)
        survey.choose(target)
        survey.things["event"] = survey.events()
        gaps = self._facts(survey, target)
        if self.settings.logs:
            gaps += self._logs(survey)
        if not survey.allowed:
            raise CollectProblem(survey.denied[0])
        self.job.report(step=self._summary(survey), done=1.0)
        return Collected(
            artifacts=tuple(self.job.keeper.kept),
            gaps=corrected((*survey.gaps, *gaps), self.job.source.clock_offset_s),
            notes=(*self.notes, *survey.denied, *survey.notes),
            clock_s=cluster.ahead_s,
        )

    def _facts(self, survey: Survey, target: Target) -> list[Gap]:
        """Keep what the lists tell, in the form that everything else reads; returns the holes in it."""
        told = chosen_events(survey, everything=target == Target())
        changes = rollouts(survey)
        pods = survey.things.get("pod", [])
        found = [*changes, *states(survey), *events(told, changes, pods), *deliveries(survey)]
        if found:
            self.job.keep_facts(
                "cluster.facts.jsonl", found, f"facts in the lists of {survey.place}, {target}"
            )
        gaps = holes.of_pods(survey, self.window)
        if not any("events" in each for each in survey.denied):
            everything = chosen_events(survey, everything=True)
            gaps += holes.of_events(everything, self.window, self.job.now.astimezone(UTC))
        return gaps

    def _logs(self, survey: Survey) -> list[Gap]:
        pods = survey.things.get("pod", [])
        if not pods and not any("list pods" in each for each in survey.denied):
            target = self.settings.target
            survey.notes.append(
                f"There is no pod{f' of {one_line(target)}' if target else ''} in {survey.place} now: its pods "
                "are gone, or the settings name another place."
            )
        wanted = [each for pod in pods for each in instances(pod.content, self.settings.containers)]
        if not wanted and pods and self.settings.containers:
            names = ", ".join(self.settings.containers)
            survey.notes.append(f"No pod has a container called {names}: correct the settings.")
        self.logs = logs = Logs(self.job, survey.cluster, self.window, self.settings.at_once, survey)
        reads = logs.read(wanted)
        waiting = [each.instance for each in reads if each.status == 400 and not each.instance.previous]
        for each in waiting[:5]:
            survey.notes.append(f"{each.container} of pod {each.pod} has not started and has no log.")
        return holes.of_logs(reads, self.window, self._oldest, self._gone)

    def _oldest(self, instance: Instance) -> datetime | None:
        if self.cluster is None:
            return None
        try:
            return oldest_line(self.cluster, instance)
        except HttpProblem:
            return None

    def _gone(self, instance: Instance) -> bool:
        """Whether the pod is no longer there, or another one has its name."""
        if self.cluster is None:
            return False
        try:
            pod = self.cluster.get(instance.path.removesuffix("/log")).content
        except HttpProblem as problem:
            return problem.status == 404
        return fields.uid(pod) != instance.pod_uid

    @staticmethod
    def _summary(survey: Survey) -> str:
        pods = len(survey.things.get("pod", []))
        return f"{pods:,} pod{'' if pods == 1 else 's'} in {survey.place}"
