"""The log of one container instance, streamed to disk and cut to the window on the way.

The API has a beginning (``sinceTime``, in whole seconds) but no end: lines before the window are dropped
here, and the answer is hung up on when they pass its end. A broken answer is asked for again from the last
line that came. Never more than a few blocks are in memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from app.evidence.artifacts import Draft
from app.evidence.formats import LINES
from app.evidence.index import Cancel
from app.evidence.window import Window
from app.http_answers import HttpProblem
from app.review.records import Artifact
from app.text import decode, one_line
from collectors.interface import Job
from collectors.kube.cluster import Cluster
from collectors.kube.library import Query
from collectors.kube.stamps import from_ns, line_ns, to_ns, written

_SLACK_NS = 5 * 10**9
"""stdout and stderr may be out of order by this much; only then is the window's end believed to be passed."""
_NEAR_NS = 10 * 10**9
"""A log whose last line is this close to the end has ended."""
_TRIES = 3
_FATAL = {"dns", "refused", "tls"}
"""Faults of the whole cluster, not of one log."""
_LOOK_BACK = 50
_UNSTAMPED = 4096


@dataclass(frozen=True)
class Instance:
    """One container of one pod, in one of its lives. *began* and *ended* are those of that life."""

    namespace: str
    pod: str
    pod_uid: str
    container: str
    previous: bool = False
    began: datetime | None = None
    ended: datetime | None = None
    pod_began: datetime | None = None
    restarts: int = 0

    @property
    def name(self) -> str:
        """What sentences and files call it."""
        return f"{self.pod}.{self.container}" + (".previous" if self.previous else "")

    @property
    def path(self) -> str:
        """Where its log is."""
        return f"/api/v1/namespaces/{self.namespace}/pods/{self.pod}/log"

    def query(self, since: datetime | None) -> Query:
        """The parameters of the request for its log from *since* on."""
        found = [("container", self.container), ("timestamps", "true")]
        if self.previous:
            found.append(("previous", "true"))
        if since:
            found.append(("sinceTime", written(since)))
        return found


@dataclass
class LogRead:
    """What came of a log. *first* and *last* are the stamps of the lines that were kept."""

    instance: Instance
    artifact: Artifact | None = None
    first: datetime | None = None
    last: datetime | None = None
    passed_end: bool = False
    problem: str = ""
    status: int = 0
    silent: bool = False
    refused: str = ""


Moved = Callable[[int, int, float], None]
"""Told of bytes and lines that came since the last time, and the share of this log that is behind us."""


@dataclass
class Cutter:
    """Keeps the lines between *low* and *high* (nanoseconds since 1970, both included)."""

    low: int
    high: int
    rows: int = 0
    first: int | None = None
    last: int | None = None
    passed: bool = False
    _rest: bytes = field(default=b"", repr=False)
    _begun: bool = False
    _loose: bytes = field(default=b"", repr=False)

    def feed(self, block: bytes) -> bytes:
        """What of *block* and of what was left from the one before belongs into the log."""
        if self._rest:
            block = self._rest + block
        end = block.rfind(b"\n") + 1
        if not end and len(block) < 1024 * 1024:
            self._rest = block
            return b""
        # A line longer than a megabyte goes on as it is.
        whole, self._rest = (block[:end], block[end:]) if end else (block, b"")
        return self._cut(whole)

    def finish(self) -> bytes:
        """What the last line without a line end leaves."""
        rest, self._rest = self._rest, b""
        return self._cut(rest) if rest else b""

    def resume(self) -> None:
        """Go on with an answer that begins before the last line kept: only what is newer counts."""
        self._rest = b""
        if self.last is not None:
            self.low, self._begun = self.last + 1, False

    @property
    def loose(self) -> str:
        """The beginning of a body in which no line has a stamp: an excuse of the kubelet, not a log."""
        return "" if self.first is not None else one_line(decode(self._loose)).strip()

    def _cut(self, whole: bytes) -> bytes:
        if self.passed:
            return b""
        newest = _last_stamp(whole)
        if self._begun and newest is not None and newest <= self.high:
            self.last = newest if self.last is None else max(self.last, newest)
            self.rows += whole.count(b"\n") or 1
            return whole
        if newest is not None and newest < self.low - _SLACK_NS:
            return b""
        return self._by_line(whole)

    def _by_line(self, whole: bytes) -> bytes:
        kept: list[bytes] = []
        inside = self._begun
        for line in _split(whole):
            at = line_ns(line)
            if at is not None:
                inside = self.low <= at <= self.high
                if inside:
                    self._begun = True
                    self.first = at if self.first is None else min(self.first, at)
                    self.last = at if self.last is None else max(self.last, at)
                elif at > self.high + _SLACK_NS:
                    self.passed = True
                    break
            elif self.first is None and len(self._loose) < _UNSTAMPED:
                self._loose += line
            if inside:
                kept.append(line)
        self.rows += len(kept)
        return b"".join(kept)


def _split(whole: bytes) -> Iterator[bytes]:
    begin = 0
    while begin < len(whole):
        end = whole.find(b"\n", begin) + 1 or len(whole)
        yield whole[begin:end]
        begin = end


def _last_stamp(whole: bytes) -> int | None:
    """The stamp of the last line that has one."""
    end = len(whole.rstrip(b"\n"))
    for _ in range(_LOOK_BACK):
        begin = whole.rfind(b"\n", 0, end) + 1
        at = line_ns(whole[begin : begin + 64])
        if at is not None or begin == 0:
            return at
        end = begin - 1
    return None


def read_log(cluster: Cluster, instance: Instance, window: Window, job: Job, moved: Moved) -> LogRead:
    """Keep the log of *instance* in the *window* (the cluster's clock) and say how that went.

    What came before a failure or a cancellation is kept.
    """
    read = LogRead(instance)
    cutter = Cutter(to_ns(window.start), to_ns(window.end))
    span = max(1, cutter.high - cutter.low)
    with job.keeper.open(f"{instance.name}.log") as draft:

        def take(block: bytes) -> None:
            rows = cutter.rows
            kept = cutter.feed(block)
            if kept:
                draft.write(kept)
            share = (cutter.last - to_ns(window.start)) / span if cutter.last else 0.0
            moved(len(block), cutter.rows - rows, min(1.0, share))

        try:
            _receive(cluster, instance, window, cutter, take)
            draft.write(cutter.finish())
        except HttpProblem as problem:
            draft.write(cutter.finish())
            if problem.kind in _FATAL or problem.status == 401:
                _commit(read, cutter, draft, instance, window)
                raise
            read.problem, read.status, read.silent = str(problem), problem.status, problem.kind == "timeout"
        except Cancel:
            draft.write(cutter.finish())
            _commit(read, cutter, draft, instance, window)
            raise
        read.passed_end = cutter.passed
        if cutter.loose:
            read.refused = cutter.loose[:200]
        _commit(read, cutter, draft, instance, window)
    moved(0, 0, 1.0)
    return read


def _receive(
    cluster: Cluster, instance: Instance, window: Window, cutter: Cutter, take: Callable[[bytes], None]
) -> None:
    """Everything up to the window's end or the log's, in as many answers as that takes.

    A server whose own connection to the node breaks ends its answer as if the log had ended. Therefore an
    answer that stops before the window does is asked for again from its last line, until nothing new comes.
    """
    broken = 0
    end = to_ns(min(window.end, instance.ended or window.end)) - _NEAR_NS
    while True:
        rows = cutter.rows
        since = from_ns(cutter.last) if cutter.last is not None else window.start
        try:
            with cluster.stream(instance.path, instance.query(since)) as blocks:
                for block in blocks:
                    take(block)
                    if cutter.passed:
                        return
            if cutter.rows == rows or cutter.last is None or cutter.last >= end:
                return
        except HttpProblem as problem:
            broken += 1
            if problem.status or problem.kind not in ("cut", "timeout") or broken == _TRIES:
                raise
        cutter.resume()


def _commit(read: LogRead, cutter: Cutter, draft: Draft, instance: Instance, window: Window) -> None:
    if cutter.first is None or cutter.last is None:
        return
    read.first, read.last = from_ns(cutter.first), from_ns(cutter.last)
    query = "&".join(f"{name}={value}" for name, value in instance.query(window.start))
    read.artifact = draft.commit(
        query=f"GET {instance.path}?{query}",
        format=LINES,
        rows=cutter.rows,
        from_=read.first,
        to=read.last,
        note=f"{instance.pod} {instance.container}"
        + (" (before its last restart)" if instance.previous else ""),
    )


def oldest_line(cluster: Cluster, instance: Instance) -> datetime | None:
    """The stamp of the oldest line that the cluster still has of *instance*; ``limitBytes`` counts from there."""
    query = [*instance.query(None), ("limitBytes", "64")]
    with cluster.stream(instance.path, query, read_s=15.0) as blocks:
        head = b"".join(blocks)
    at = line_ns(head)
    return None if at is None else from_ns(at)
