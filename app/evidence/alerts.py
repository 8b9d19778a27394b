"""When alerts fired and were resolved: ``ALERTS`` series, and what Alertmanager and its tools write as JSON.

The event recorder's lines (Alertmanager 0.33 and later) follow ``eventrecorder/eventrecorderpb/
eventrecorder.proto`` of its repository, written by ``protojson``; its second version has labels as a table.
What an alert of ``ALERTS`` says comes from the rules (:mod:`app.evidence.rules`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from app.evidence.facts import Fact
from app.evidence.series import Series, step_of
from app.evidence.times import parse_instant
from app.text import one_line

ALERTS_JSON = "alerts"
SAMPLES = "ALERTS samples"
"""What the answer with every single sample of ``ALERTS`` is called: it makes the edges exact."""
_HIDDEN = ("__name__", "alertstate")


@dataclass(frozen=True)
class Episode:
    """One firing of one alert. *resolved* is nothing while it was still firing where the data ends.

    *within* is how much earlier it may really have fired or been resolved: the step of the series.
    *opened* says that it fired already where the data begins.
    """

    alert: str
    labels: Mapping[str, str]
    fired: datetime
    resolved: datetime | None
    pending: datetime | None = None
    within: timedelta = timedelta(0)
    opened: bool = False
    summary: str = ""
    source: str = ""
    artifact: str = ""


def parse_alerts(content: bytes) -> list[Episode] | None:
    """The alerts in a JSON that Alertmanager or its tools wrote; nothing if it is none of these.

    Four forms: the list of ``amtool alert query`` or ``/api/v2/alerts``; what it posts to webhooks, one
    payload, a list of them, or one a line; the lines of its event recorder. An alert that several
    notifications tell of is one episode, resolved once any of them says so.
    """
    records = _records(content)
    if records is None:
        return None
    try:
        found = [episode for record in records for episode in _from_any(record)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    together: dict[tuple[Any, ...], Episode] = {}
    for episode in found:
        key = (episode.fired, tuple(sorted(episode.labels.items())))
        known = together.setdefault(key, episode)
        together[key] = replace(
            known,
            resolved=min(filter(None, (known.resolved, episode.resolved)), default=None),
            summary=known.summary or episode.summary,
        )
    return list(together.values())


def parse_silences(content: bytes) -> list[Fact]:
    """Who silenced what, out of the lines of the event recorder: a thing that somebody did."""
    found: dict[str, Fact] = {}
    for record in _records(content) or ():
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            fact = _silence(record)
            if fact and fact.key not in found:
                found[fact.key] = fact
    return list(found.values())


def _records(content: bytes) -> list[Any] | None:
    """One value, a list of them, or one a line; a last line that was cut is passed over."""
    try:
        value = json.loads(content)
        return value if isinstance(value, list) else [value]
    except (ValueError, RecursionError):
        pass
    records: list[Any] = []
    bad = 0
    for line in filter(None, (line.strip() for line in content.split(b"\n"))):
        try:
            records.append(json.loads(line))
        except (ValueError, RecursionError):
            bad += 1
    # A file that is rotated or still written has a torn line or two; one that is mostly torn is another thing.
    return records if len(records) > 10 * bad or (records and bad == 1) else None


def _from_any(record: Any) -> Iterator[Episode]:
    if "labels" in record and "startsAt" in record:
        yield _from_record(record)
    elif isinstance(record.get("alerts"), list):
        for alert in record["alerts"]:
            yield _from_record(alert, str(alert.get("status") or record.get("status") or ""))
    elif "@timestamp" in record:
        for alert in _recorded(record.get("data") or {}):
            yield _from_recorder(alert)
    else:
        raise ValueError("no alert")


def _from_record(record: Any, status: str = "") -> Episode:
    """*status* is the word of a webhook: there a firing alert ends in the year 1, or in the future.

    Alertmanager's API gives a firing alert an end in the future, after which it would forget it: no end either.
    """
    labels = {one_line(str(key)): one_line(str(value)) for key, value in record["labels"].items()}
    fired = parse_instant(record["startsAt"])
    if fired is None:
        raise ValueError("startsAt")
    ended = parse_instant(str(record.get("endsAt") or ""))
    updated = parse_instant(str(record.get("updatedAt") or ""))
    if status == "firing" or (ended and (ended <= fired or (updated and ended > updated))):
        ended = None
    annotations = record.get("annotations") or {}
    summary = one_line(str(annotations.get("summary") or annotations.get("description") or ""))
    return Episode(labels.get("alertname", "alert"), labels, fired, ended, summary=summary)


def _recorded(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every snapshot of an alert in one event: the alert itself, or alerts grouped or notified of."""
    for name in ("alertCreated", "alertGrouped", "alertResolved"):
        alert = (data.get(name) or {}).get("alert")
        if alert:
            yield alert.get("details") or alert
    for alert in (data.get("notification") or {}).get("alerts") or ():
        if alert.get("details"):
            yield alert["details"]


def _from_recorder(alert: Mapping[str, Any]) -> Episode:
    """A snapshot: its end counts only where it says that it was resolved."""
    flat = {
        "labels": _pairs(alert["labels"]),
        "annotations": _pairs(alert.get("annotations") or {}),
        "startsAt": alert["startsAt"],
        "endsAt": alert.get("endsAt", ""),
    }
    return _from_record(flat, "resolved" if alert.get("resolved") is True else "firing")


def _pairs(labels: Mapping[str, Any]) -> dict[str, str]:
    """Labels as the first version of the recorder writes them (a list of pairs), or the second (a table)."""
    listed = labels.get("labels")
    if isinstance(listed, list):
        return {str(pair["key"]): str(pair.get("value", "")) for pair in listed}
    return {str(key): str(value) for key, value in labels.items()}


def _silence(record: Any) -> Fact | None:
    data = record.get("data") or {}
    name = next((name for name in ("silenceCreated", "silenceUpdated") if data.get(name)), "")
    at = parse_instant(str(record.get("@timestamp", "")))
    if not name or at is None:
        return None
    silence = data[name]["silence"]
    sets = [each.get("matchers") or () for each in silence.get("matcherSets") or ()]
    matchers = [one for each in [silence.get("matchers") or (), *sets] for one in each]
    what = ", ".join(dict.fromkeys(str(one.get("rendered") or one.get("name") or "") for one in matchers))
    comment = str(silence.get("comment") or "")
    done = "created" if name == "silenceCreated" else "changed"
    return Fact(
        at=at,
        until=parse_instant(str(silence.get("endsAt") or "")),
        text=one_line(f"Silence {done} for {what or 'alerts'}" + (f": {comment}" if comment else "")),
        kind="action",
        key=f"{name} {silence.get('id', '')} {at.isoformat()}",
        actor=one_line(str(silence.get("createdBy") or "")),
        object=one_line(what),
    )


def episodes(
    series: Iterable[Series], reach: Mapping[str, tuple[float, float]] | None = None
) -> list[Episode]:
    """Firings out of ``ALERTS`` series, helped by ``ALERTS_FOR_STATE`` for the moment they became pending.

    *reach* says per source from and to which second since 1970 its data goes: an alert whose last point is
    at that end was still firing. Without it, the first and last point of all the series are taken.
    A hole longer than two steps ends an episode, unless ``ALERTS_FOR_STATE`` says that it is the same one.
    Where every sample was collected (:data:`SAMPLES`), those count: their times are those of the evaluation,
    and an alert shorter than a step is there, too.
    """
    everything = [
        one for one in series if one.labels.get("__name__") in ("ALERTS", "ALERTS_FOR_STATE") and one.points
    ]
    samples = [one for one in everything if one.name == SAMPLES]
    stepped = [one for one in everything if one.name != SAMPLES]
    whole = (
        min((one.points[0][0] for one in everything), default=0.0),
        max((one.points[-1][0] for one in everything), default=0.0),
    )
    # Evaluations come late now and then: theirs is the usual distance, not the smallest one.
    exact = _found(samples, _usual_distance(samples), 2.5, reach or {}, whole)
    coarse = _found(stepped, step_of(stepped), 1.0, reach or {}, whole)
    missed = [one for one in coarse if not any(same_firing(one, other) for other in exact)]
    return sorted([*exact, *missed], key=lambda episode: (episode.fired, episode.alert))


def _found(
    known: list[Series],
    step: float,
    patience: float,
    reach: Mapping[str, tuple[float, float]],
    whole: tuple[float, float],
) -> list[Episode]:
    """The firings in series whose points are *step* apart; after *patience* steps without one it was over."""
    since = {_identity(one): one for one in known if one.labels["__name__"] == "ALERTS_FOR_STATE"}
    found: list[Episode] = []
    for one in known:
        if one.labels.get("alertstate") != "firing":
            continue
        active = since.get(_identity(one))
        begin, end = reach.get(one.source, whole)
        for first, last in _stretches(one, active, max(2.0, patience) * step):
            pending = _pending(active, first)
            found.append(
                Episode(
                    alert=one.labels.get("alertname", "alert"),
                    labels={key: value for key, value in one.labels.items() if key not in _HIDDEN},
                    fired=_instant(first),
                    resolved=None if last + patience * step > end else _instant(last + step),
                    pending=_instant(pending) if pending else None,
                    within=timedelta(seconds=step),
                    opened=bool(first - begin < step and pending and pending < begin),
                    source=one.source,
                    artifact=one.artifact,
                )
            )
    return found


def _usual_distance(series: Iterable[Series]) -> float:
    """The distance between points that is usual, in seconds; 0 when there are no two points."""
    distances = [after - before for one in series for (before, _), (after, _) in pairwise(one.points)]
    return median(distances) if distances else 0.0


def same_firing(one: Episode, other: Episode) -> bool:
    """Whether both speak of one firing: the same alert of the same source, and they touch."""
    if (one.source, one.alert, one.labels) != (other.source, other.alert, other.labels):
        return False
    slack = max(one.within, other.within)
    return (other.resolved is None or one.fired <= other.resolved + slack) and (
        one.resolved is None or other.fired <= one.resolved + slack
    )


def _identity(one: Series) -> tuple[Any, ...]:
    return one.source, tuple(sorted((key, value) for key, value in one.labels.items() if key not in _HIDDEN))


def _stretches(one: Series, active: Series | None, longest: float) -> list[tuple[float, float]]:
    """First and last point of each episode."""
    stretches: list[tuple[float, float]] = []
    for at, value in one.points:
        if value != 1:
            continue
        if stretches and (at - stretches[-1][1] <= longest or _same_activation(active, stretches[-1][1], at)):
            stretches[-1] = (stretches[-1][0], at)
        else:
            stretches.append((at, at))
    return stretches


def _same_activation(active: Series | None, before: float, after: float) -> bool:
    """Whether the alert became pending once for both points: the server was away, not the alert."""
    if active is None:
        return False
    first, second = _value_at(active, before), _value_at(active, after)
    return first is not None and first == second


def _pending(active: Series | None, at: float) -> float | None:
    value = _value_at(active, at) if active else None
    return value if value is not None and 0 < value <= at else None


def _value_at(series: Series, at: float) -> float | None:
    return next((value for moment, value in series.points if moment == at), None)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
