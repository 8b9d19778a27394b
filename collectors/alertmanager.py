"""Alertmanager, API v2: what fires now, who silenced what and when, and which groups it still knows.

It is no history: an alert is gone the moment it is resolved. Silences stay for a while after they expire
(five days, unless ``--data.retention`` says otherwise). What fired in the past must come from ``ALERTS`` in
Prometheus, or from the pager. API: ``api/v2/openapi.yaml`` in https://github.com/prometheus/alertmanager
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from app.evidence.alerts import ALERTS_JSON, parse_alerts
from app.evidence.facts import Fact
from app.evidence.formats import ATTACHMENT
from app.evidence.times import parse_instant
from app.http import Answer, Client, HttpProblem, Limits
from app.review.records import Gap
from app.text import one_line
from collectors.interface import Collected, Collector, CollectProblem, Examination, Field, Job, Window
from collectors.served import (
    LOGIN,
    asked_window,
    clock_note,
    examined,
    host_of,
    server_problem,
    setting,
    site_of,
)

_LIMITS = Limits()
_KEPT = timedelta(hours=120)
"""How long an expired silence is listed, unless the server was told otherwise; it does not say."""
_EVERYTHING = [("active", "true"), ("silenced", "true"), ("inhibited", "true")]
_MATCHER = re.compile(r'\s*([A-Za-z_][\w.]*\s*(?:=~|!~|!=|=)\s*(?:"(?:[^"\\]|\\.)*"|[^,"]*?))\s*(?:,|$)')


class AlertmanagerCollector(Collector):
    """The alerts, silences and groups that one server knows now."""

    kind: ClassVar[str] = "alertmanager"
    title: ClassVar[str] = "Alertmanager"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address", required=True, example="http://alertmanager:9093", kind="url"),
        Field("alert_filter", "Only alerts with", example='team="payments", severity=~"critical|page"'),
        *LOGIN,
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """The address, the login and the matchers must make sense."""
        problem = server_problem(settings, "Alertmanager", "http://alertmanager:9093")
        if problem:
            return problem
        if matchers(setting(settings, "alert_filter")) is None:
            return (
                'The labels cannot be understood: write them like team="payments", severity=~"page|critical".'
            )
        return ""

    def describe(self, settings: Mapping[str, Any]) -> str:
        """``alertmanager`` and the server's host and port."""
        return f"alertmanager {host_of(settings)}".strip()

    async def collect(self, job: Job) -> Collected:
        """Ask for alerts, groups and silences; each is kept as it came."""
        window = asked_window(job, "Alertmanager")
        site = await site_of(job, "Alertmanager")
        async with Client(site, _LIMITS, on_wait=lambda text: job.report(step=text)) as client:
            return await _collect(job, window, client)

    async def examine(self, job: Job) -> Examination:
        """Whether it lists alerts. It never covers a window: it forgets what is resolved."""

        async def probe(client: Client) -> Examination:
            await _listed(client, "/api/v2/alerts", _EVERYTHING)
            past = job.window is not None and job.window.end < job.now
            told = (
                f"{client.site.name} forgets an alert once it is resolved: take the history of alerts from "
                "Prometheus.",
            )
            return Examination(True, True, covers=False if past else None, sentences=told)

        return await examined(job, "Alertmanager", _LIMITS, probe)


def matchers(text: str) -> list[str] | None:
    """Label matchers out of ``a="b", c=~"d"``, one each; nothing where *text* is something else."""
    text = text.strip().removeprefix("{").removesuffix("}").strip()
    found: list[str] = []
    position = 0
    while position < len(text):
        match = _MATCHER.match(text, position)
        if match is None:
            return None
        found.append(match[1])
        position = match.end()
    return found


async def _collect(job: Job, window: Window, client: Client) -> Collected:
    chosen = [("filter", one) for one in matchers(setting(job.source.settings, "alert_filter")) or ()]
    keep, read = job.keeper.keep, 0
    job.report(step="alerts", done=0.0)
    answer, alerts = await _listed(client, "/api/v2/alerts", [*_EVERYTHING, ("unprocessed", "true"), *chosen])
    episodes = parse_alerts(answer.body)
    if episodes is None:
        raise CollectProblem(
            f"{client.site.name} listed its alerts in an unknown form: check that the address is an Alertmanager."
        )
    fired = [one.fired for one in episodes]
    keep(
        "alerts.json",
        answer.body,
        query=one_line(answer.request),
        format=ALERTS_JSON,
        rows=len(alerts),
        from_=min(fired, default=None),
        to=max(fired, default=None),
    )
    read += len(answer.body)
    job.report(step="groups", done=1 / 3, rows=len(alerts), bytes=read)
    facts: list[Fact] = []
    answer, groups = await _listed(client, "/api/v2/alerts/groups", [*_EVERYTHING, *chosen])
    kept = keep("groups.json", answer.body, query=one_line(answer.request), format=ATTACHMENT)
    facts += [fact for group in groups for fact in _group(group, kept.path)]
    read += len(answer.body)
    job.report(step="silences", done=2 / 3, rows=len(alerts) + len(groups), bytes=read)
    # The filter of this call means the matchers of a silence, not what they silence: ask for all of them.
    answer, silences = await _listed(client, "/api/v2/silences", [])
    kept = keep("silences.json", answer.body, query=one_line(answer.request), format=ATTACHMENT)
    facts += [fact for silence in silences for fact in _silence(silence, job.now, kept.path)]
    if facts:
        job.keep_facts("facts.jsonl", facts, f"silences and groups of {client.site.name}")
    rows = len(alerts) + len(groups) + len(silences)
    step = f"{len(alerts):,} alerts, {len(silences):,} silences"
    job.report(step=step, done=1.0, rows=rows, bytes=read + len(answer.body))
    return Collected(
        tuple(job.keeper.kept), _gaps(job, window, client.site.name), clock_note(client), client.clock_s
    )


async def _listed(
    client: Client, path: str, params: list[tuple[str, str]]
) -> tuple[Answer, list[Mapping[str, Any]]]:
    """What the server lists at *path*; a server without this version of the API is told as such."""
    try:
        answer = await client.get(path, params)
    except HttpProblem as problem:
        if problem.status == 404:
            raise CollectProblem(
                f"{client.site.name} has no API v2 at this address: Alertmanager 0.16 or newer is needed, and "
                "a prefix (such as /alertmanager) belongs to the address."
            ) from problem
        raise
    content = answer.json()
    if not isinstance(content, list) or not all(isinstance(one, Mapping) for one in content):
        raise CollectProblem(
            f"{client.site.name} answered {path} with something that is no list: check that the address is "
            "an Alertmanager."
        )
    return answer, content


def _silence(silence: Mapping[str, Any], now: datetime, ref: str) -> Iterator[Fact]:
    """When a silence began and when it ended; one that was ended early has that moment as its end."""
    begin, end = _instant(silence.get("startsAt")), _instant(silence.get("endsAt"))
    if begin is None:
        return
    about = ", ".join(_matcher(one) for one in _list(silence.get("matchers")))
    who = one_line(str(silence.get("createdBy") or ""))
    why = one_line(str(silence.get("comment") or ""))
    number = one_line(str(silence.get("id") or about))
    reason = f" (“{why}”)" if why else ""
    over = end is not None and end <= now
    yield Fact(
        at=begin,
        until=end,
        text=f"Silenced: {about}{reason}",
        kind="action",
        key=f"silence {number} begin",
        actor=who,
        object=about,
        ref=ref,
        notable=begin <= now,
    )
    if end is not None and over:
        yield Fact(
            at=end,
            text=f"Silence ends: {about}{reason}",
            kind="action",
            key=f"silence {number} end",
            # Who ended it early is not written down, so nobody is named.
            object=about,
            ref=ref,
        )


def _group(group: Mapping[str, Any], ref: str) -> Iterator[Fact]:
    """A group of alerts as it goes to a receiver; to be searched, since its alerts are offered themselves."""
    alerts = [one for one in _list(group.get("alerts")) if isinstance(one, Mapping)]
    moments = [at for at in (_instant(one.get("startsAt")) for one in alerts) if at]
    if not moments:
        return
    labels = _labels(group.get("labels"))
    receiver = group.get("receiver")
    name = one_line(str(receiver.get("name", "")) if isinstance(receiver, Mapping) else "")
    names = sorted({_labels(one.get("labels")).get("alertname", "alert") for one in alerts})
    muted = sum(1 for one in alerts if _state(one) == "suppressed")
    yield Fact(
        at=min(moments),
        text=f"Group of {len(alerts):,} alerts to “{name}”: {', '.join(names)}"
        + (f" ({muted:,} silenced or inhibited)" if muted else ""),
        kind="alert",
        key=f"group {name} {sorted(labels.items())}",
        object=", ".join(f'{label}="{value}"' for label, value in sorted(labels.items())),
        ref=ref,
        notable=False,
    )


def _gaps(job: Job, window: Window, name: str) -> tuple[Gap, ...]:
    """What it cannot tell: everything resolved, and silences that expired too long ago."""
    correction = job.source.clock_offset_s
    shown = window.shifted(correction)
    forgotten = (
        f"{name} forgets an alert once it is resolved; ask the ALERTS series of Prometheus for the rest"
    )
    gaps = [Gap(from_=shown.start, to=shown.end, why=forgotten)]
    edge = job.now - _KEPT
    if window.start < edge:
        end = min(shown.end, edge + timedelta(seconds=correction))
        why = f"{name} lists a silence for 120 h after it expired, unless --data.retention says otherwise"
        gaps.append(Gap(from_=shown.start, to=end, why=why))
    return tuple(gaps)


def _matcher(one: Any) -> str:
    if not isinstance(one, Mapping):
        return "?"
    sign = (
        ("=~" if one.get("isRegex") else "=")
        if one.get("isEqual", True)
        else "!~"
        if one.get("isRegex")
        else "!="
    )
    return one_line(f'{one.get("name", "")}{sign}"{one.get("value", "")}"')


def _state(alert: Mapping[str, Any]) -> str:
    status = alert.get("status")
    return str(status.get("state", "")) if isinstance(status, Mapping) else ""


def _labels(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {one_line(str(name)): one_line(str(text)) for name, text in value.items()}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _instant(value: Any) -> datetime | None:
    return parse_instant(value) if isinstance(value, str) else None
