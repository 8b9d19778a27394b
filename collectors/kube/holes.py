"""What the cluster could not give: a record with its reason for each hole.

Of a container there are two logs at most, the running one's and the one before its last restart; a log is
rotated away from 10 MiB on; with a pod its logs go; events go after an hour. All of these are defaults.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.evidence.window import Window, merged
from app.review.records import Gap
from collectors.kube import fields
from collectors.kube.events import Told
from collectors.kube.logs import Instance, LogRead
from collectors.kube.survey import Survey

EDGE = timedelta(seconds=60)
"""A hole shorter than this is not worth a record."""
EVENTS_KEPT = timedelta(hours=1)
_MOST_ALONE = 8
"""More holes of one kind than this are told together."""

Oldest = Callable[[Instance], datetime | None]
Gone = Callable[[Instance], bool]


@dataclass(frozen=True)
class Hole:
    """A hole in one log. *kind* is what several of them are called together."""

    kind: str
    start: datetime
    end: datetime
    why: str


def of_logs(reads: Iterable[LogRead], window: Window, oldest: Oldest, gone: Gone) -> list[Gap]:
    """The holes in the logs that were read.

    *oldest* asks for the stamp of the oldest line there is; *gone* whether the pod has vanished meanwhile.
    """
    lives: dict[tuple[str, str, str], list[LogRead]] = defaultdict(list)
    for read in sorted(reads, key=lambda each: (each.instance.name, each.instance.namespace)):
        lives[read.instance.namespace, read.instance.pod, read.instance.container].append(read)
    holes: list[Hole] = []
    for both in lives.values():
        for read in both:
            holes += _of_log(read, window, oldest, gone)
        holes += _earlier_lives(both, window)
    return _told(holes, window)


def _of_log(read: LogRead, window: Window, oldest: Oldest, gone: Gone) -> Iterator[Hole]:
    instance = read.instance
    start = max(window.start, instance.began or instance.pod_began or window.start)
    end = min(window.end, instance.ended or window.end)
    name = f"{instance.container} of pod {instance.pod}"
    if start >= end or read.status == 403:
        return
    if instance.previous and (read.refused or read.status in (400, 404)):
        said = f" (“{read.refused}”)" if read.refused else ""
        yield Hole(
            "logs from before a restart are gone",
            start,
            end,
            f"The log of {name} from before its last restart is gone{said}.",
        )
    elif read.status == 400 and instance.began is None:
        # It has not started, and so has nothing to say.
        return
    elif read.refused:
        yield Hole(
            "logs were refused by their node",
            start,
            end,
            f"The node has no log of {name} (“{read.refused}”).",
        )
    elif read.problem:
        since = read.last or start
        at = f" at {since:%H:%M:%S}" if read.last else ""
        if gone(instance):
            yield Hole(
                "pods were deleted while their logs were read",
                since,
                end,
                f"Pod {instance.pod} was deleted while the log of {instance.container} was read: it ends"
                f"{at or ' there'}.",
            )
        else:
            yield Hole("logs broke off", since, end, f"The log of {name} breaks off{at}: {read.problem}")
    else:
        yield from _beginning(read, name, start, end, oldest)
        last = read.last or start
        if not read.passed_end and not instance.ended and end - last > EDGE and gone(instance):
            yield Hole(
                "pods were deleted while their logs were read",
                last,
                end,
                f"Pod {instance.pod} was deleted while the log of {instance.container} was read: it ends at "
                f"{last:%H:%M:%S}.",
            )


def _beginning(read: LogRead, name: str, start: datetime, end: datetime, oldest: Oldest) -> Iterator[Hole]:
    """A log that begins late may have been rotated, or had nothing to say: older lines would tell."""
    first = min(read.first or end, end)
    if read.instance.began is None or first - start <= EDGE:
        # Nobody knows when it began to run: its first line may be just that.
        return
    known = oldest(read.instance)
    if known is None or known <= start or (read.first and known < read.first - EDGE):
        return
    known = min(known, end)
    since = f" although it runs since {read.instance.began:%Y-%m-%d %H:%M:%S}"
    if known - start > EDGE:
        yield Hole(
            "logs begin late: what was before has been rotated away, or was never written",
            start,
            known,
            f"The log of {name} begins at {known:%Y-%m-%d %H:%M:%S}{since}: what was before has been "
            "rotated away, or was never written.",
        )


def _earlier_lives(both: list[LogRead], window: Window) -> Iterator[Hole]:
    """Lives before the last two have no log any more."""
    first = min(both, key=lambda each: each.instance.began or each.first or window.end).instance
    lives = len(both)
    began = min((at for each in both if (at := each.instance.began or each.first)), default=None)
    start = max(window.start, first.pod_began or window.start)
    if first.restarts >= lives and began and min(began, window.end) - start > EDGE:
        times = f"{first.restarts} time{'s' if first.restarts > 1 else ''}"
        yield Hole(
            "containers restarted too often",
            start,
            min(began, window.end),
            f"{first.container} of pod {first.pod} was restarted {times}: a cluster keeps the logs of the "
            "last two lives only.",
        )


def _told(holes: list[Hole], window: Window) -> list[Gap]:
    kinds: dict[str, list[Hole]] = defaultdict(list)
    for hole in holes:
        kinds[hole.kind].append(hole)
    gaps: list[Gap] = []
    for kind, alike in kinds.items():
        if len(alike) <= _MOST_ALONE:
            gaps += [Gap(from_=each.start, to=each.end, why=each.why) for each in alike]
            continue
        for start, end in merged((each.start, each.end) for each in alike):
            count = sum(start <= each.start and each.end <= end for each in alike)
            gaps.append(Gap(from_=start, to=end, why=f"{count:,} logs: {kind}. {alike[0].why}"))
    return gaps


def of_pods(survey: Survey, window: Window) -> list[Gap]:
    """Workloads of which no pod is left from before: the logs of the earlier ones went with them."""
    pods = survey.things.get("pod", [])
    above = {
        fields.uid(each.content): list(fields.owners(each.content))
        for each in survey.things.get("replicaset", [])
    }
    gaps: list[Gap] = []
    for kind in ("deployment", "statefulset", "daemonset"):
        for workload in survey.things.get(kind, []):
            mine = fields.uid(workload.content)
            began = [
                at
                for pod in pods
                if mine
                in {top for owner in fields.owners(pod.content) for top in (owner, *above.get(owner, []))}
                and (at := fields.time(pod.content, "status", "startTime") or fields.created(pod.content))
            ]
            born = fields.created(workload.content) or window.start
            oldest = min([*began, window.end])
            start = max(window.start, born)
            if oldest - start > EDGE:
                name = f"{kind}/{fields.name(workload.content)}"
                why = (
                    f"The pods of {name} from before {oldest:%H:%M:%S} are gone, and their logs with them: a log "
                    "store such as Loki may have them."
                    if began
                    else f"{name} has no pods any more, and their logs are gone with them: a log store such as "
                    "Loki may have them."
                )
                gaps.append(Gap(from_=start, to=oldest, why=why))
    return gaps


def of_events(told: Iterable[Told], window: Window, now: datetime) -> list[Gap]:
    """Events that the cluster has forgotten. *told* are all that it has of the namespace."""
    begin = now - EVENTS_KEPT
    oldest = min((each.last for each in told), default=None)
    if window.start >= begin - EDGE or (oldest and oldest <= window.start + EDGE):
        return []
    until = min(window.end, begin, oldest or begin)
    still = f"the oldest that it still has is of {oldest:%Y-%m-%d %H:%M:%S}" if oldest else "it has none left"
    return [
        Gap(
            from_=window.start,
            to=until,
            why=f"A cluster keeps events for an hour unless it is set otherwise, and {still}.",
        )
    ]
