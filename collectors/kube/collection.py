"""One collection from a cluster, from the login to what is reported; runs in a thread."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Self

from app.evidence.index import Cancel
from app.evidence.window import Window, merged
from app.text import one_line
from collectors.interface import Collected, CollectProblem, Job
from collectors.kube.cluster import Cluster
from collectors.kube.instances import instances
from collectors.kube.library import Login
from collectors.kube.login import log_in
from collectors.kube.logs import Instance, LogRead, read_log
from collectors.kube.survey import Survey
from collectors.kube.target import Target, parse_target

AT_ONCE = 5
"""Logs at a time, as kubectl has it."""
_SKEW_S = 5.0


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
        finally:
            cluster.close()

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
        ahead = cluster.ahead_s
        if ahead is not None and abs(ahead) > _SKEW_S:
            side = "ahead of" if ahead > 0 else "behind"
            self.notes.append(f"The server's clock is {abs(ahead):.0f} s {side} this one.")
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
        logs = _Logs(self.job, cluster, self.window, self.settings.at_once, survey)
        if self.settings.logs:
            pods = survey.things.get("pod", [])
            found = [each for pod in pods for each in instances(pod.content, self.settings.containers)]
            logs.read(found)
        if not survey.allowed:
            raise CollectProblem(survey.denied[0])
        self.job.report(step="done", done=1.0)
        return Collected(
            tuple(self.job.keeper.kept), tuple(survey.gaps), (*self.notes, *survey.denied, *survey.notes)
        )


class _Logs:
    """Many logs at once, with a limit."""

    def __init__(self, job: Job, cluster: Cluster, window: Window, at_once: int, survey: Survey) -> None:
        self.job = job
        self.cluster = cluster
        self.window = window
        self.at_once = at_once
        self.survey = survey
        self.reads: list[LogRead] = []
        self._lock = threading.Lock()
        self._shares: dict[Instance, float] = {}
        self._problems: list[Exception] = []
        self._total = 0

    def read(self, wanted: list[Instance]) -> list[LogRead]:
        """Read all of *wanted*; the first fault that is not one log's own ends the others."""
        self._total = len(wanted)
        queue: SimpleQueue[Instance] = SimpleQueue()
        for each in wanted:
            queue.put(each)
        workers = [
            threading.Thread(target=self._work, args=(queue,), daemon=True)
            for _ in range(min(self.at_once, len(wanted)))
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if self._problems:
            raise self._problems[0]
        return self.reads

    def _work(self, queue: "SimpleQueue[Instance]") -> None:
        while not self._problems and not self.cluster.stopped.is_set():
            try:
                instance = queue.get_nowait()
            except Empty:
                return
            try:
                self._one(instance)
            except Exception as error:
                self._problems.append(error)
                return
        if self.cluster.stopped.is_set():
            self._problems.append(Cancel())

    def _one(self, instance: Instance) -> None:
        def moved(size: int, rows: int, share: float) -> None:
            with self._lock:
                self.survey.bytes += size
                self.survey.rows += rows
                self._shares[instance] = share
                done = 0.1 + 0.9 * sum(self._shares.values()) / self._total
                self.job.report(bytes=self.survey.bytes, rows=self.survey.rows, done=done)

        self.job.report(step=f"log of {instance.name}")
        read = read_log(self.cluster, instance, self.window, self.job, moved)
        with self._lock:
            self._shares[instance] = 1.0
            self.reads.append(read)
            spans = [(each.first, each.last) for each in self.reads if each.first and each.last]
            self.job.report(covered=merged((a, b) for a, b in spans))
