"""When alerts fired and were resolved, from the two places that know: ``ALERTS`` series and amtool's JSON."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.evidence.series import Series, step_of
from app.evidence.times import parse_instant
from app.text import one_line

ALERTS_JSON = "alerts"
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
    """The alerts in the JSON of ``amtool alert query`` or ``/api/v2/alerts``; nothing if it is neither.

    Alertmanager gives a firing alert an end in the future, after which it would forget it: that is no end.
    """
    try:
        records = json.loads(content)
        if not isinstance(records, list):
            return None
        return [_from_record(record) for record in records]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _from_record(record: Any) -> Episode:
    labels = {one_line(str(key)): one_line(str(value)) for key, value in record["labels"].items()}
    fired = parse_instant(record["startsAt"])
    if fired is None:
        raise ValueError("startsAt")
    ended = parse_instant(str(record.get("endsAt") or ""))
    updated = parse_instant(str(record.get("updatedAt") or ""))
    if ended and (ended <= fired or (updated and ended > updated)):
        ended = None
    annotations = record.get("annotations") or {}
    summary = one_line(str(annotations.get("summary") or annotations.get("description") or ""))
    return Episode(labels.get("alertname", "alert"), labels, fired, ended, summary=summary)


def episodes(
    series: Iterable[Series], reach: Mapping[str, tuple[float, float]] | None = None
) -> list[Episode]:
    """Firings out of ``ALERTS`` series, helped by ``ALERTS_FOR_STATE`` for the moment they became pending.

    *reach* says per source from and to which second since 1970 its data goes: an alert whose last point is
    at that end was still firing. Without it, the first and last point of all the series are taken.
    A hole longer than two steps ends an episode, unless ``ALERTS_FOR_STATE`` says that it is the same one.
    """
    everything = [
        one for one in series if one.labels.get("__name__") in ("ALERTS", "ALERTS_FOR_STATE") and one.points
    ]
    step = step_of(everything)
    since = {_identity(one): one for one in everything if one.labels["__name__"] == "ALERTS_FOR_STATE"}
    firing = [one for one in everything if one.labels.get("alertstate") == "firing"]
    whole = (
        min((one.points[0][0] for one in everything), default=0.0),
        max((one.points[-1][0] for one in everything), default=0.0),
    )
    found: list[Episode] = []
    for one in firing:
        active = since.get(_identity(one))
        begin, end = (reach or {}).get(one.source, whole)
        for first, last in _stretches(one, active, 2 * step):
            pending = _pending(active, first)
            found.append(
                Episode(
                    alert=one.labels.get("alertname", "alert"),
                    labels={key: value for key, value in one.labels.items() if key not in _HIDDEN},
                    fired=_instant(first),
                    resolved=None if last + step > end else _instant(last + step),
                    pending=_instant(pending) if pending else None,
                    within=timedelta(seconds=step),
                    opened=bool(first - begin < step and pending and pending < begin),
                    source=one.source,
                    artifact=one.artifact,
                )
            )
    return sorted(found, key=lambda episode: (episode.fired, episode.alert))


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
