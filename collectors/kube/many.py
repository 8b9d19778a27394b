"""Many logs at once, with a limit."""

import threading
from queue import Empty, SimpleQueue

from app.evidence.index import Cancel
from app.evidence.window import Window, merged
from app.http_answers import HttpProblem
from collectors.interface import Job
from collectors.kube.cluster import Cluster
from collectors.kube.logs import Instance, LogRead, read_log
from collectors.kube.survey import Survey

_SILENT = 5
"""So many logs in a row that time out mean that it is the cluster that does not answer."""
_LISTS = 0.1
"""The share of a collection that the lists before the logs are taken to be."""


class Logs:
    """Reads logs in threads; progress is counted on top of what *survey* has counted."""

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
        self.total = 0
        """How many there are to be read."""
        self._silent = 0
        self._forbidden = False

    def read(self, wanted: list[Instance]) -> list[LogRead]:
        """Read all of *wanted*; a fault that is not one log's own ends the others and is raised."""
        self.total = len(wanted)
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
        if self.cluster.stopped.is_set():
            raise Cancel
        if self._problems:
            raise self._problems[0]
        return self.reads

    def _work(self, queue: "SimpleQueue[Instance]") -> None:
        while not (self._problems or self._forbidden or self.cluster.stopped.is_set()):
            try:
                instance = queue.get_nowait()
            except Empty:
                return
            try:
                self._one(instance)
            except Exception as error:
                self._problems.append(error)

    def _one(self, instance: Instance) -> None:
        def moved(size: int, rows: int, share: float) -> None:
            with self._lock:
                self.survey.bytes += size
                self.survey.rows += rows
                self._shares[instance] = share
                done = _LISTS + (1 - _LISTS) * sum(self._shares.values()) / self.total
                self.job.report(bytes=self.survey.bytes, rows=self.survey.rows, done=done)

        self.job.report(step=f"log of {instance.name}")
        read = read_log(self.cluster, instance, self.window, self.job, moved)
        with self._lock:
            self.reads.append(read)
            if read.status == 403 and not self._forbidden:
                self._forbidden = True
                self.survey.deny("get", "pods/log", "logs")
            self._silent = self._silent + 1 if read.silent else 0
            if self._silent >= _SILENT:
                raise HttpProblem(read.problem, kind="timeout")
            spans = [(each.first, each.last) for each in self.reads if each.first and each.last]
            self.job.report(covered=merged((first, last) for first, last in spans))
