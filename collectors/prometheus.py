"""Prometheus, and whatever speaks its HTTP API (Thanos, Mimir, VictoriaMetrics): series and alert history.

Every query is asked with ``query_range`` in pieces below the server's limit of 11,000 points per series.
What fired and when comes from the ``ALERTS`` series, since Alertmanager forgets an alert once it is resolved.
API: https://prometheus.io/docs/prometheus/latest/querying/api/
"""

import asyncio
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from app.evidence.coverage import Coverage, of_series
from app.evidence.series import QUERY_RANGE, Series, joined, parse_matrix, remarks_of
from app.evidence.window import Span, Window, merged
from app.http import Answer, Client, HttpProblem, Limits
from app.review.records import Artifact, Gap
from app.text import one_line
from collectors.interface import Collected, Collector, CollectProblem, Examination, Field, Job
from collectors.prometheus_alerts import AlertHistory
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

MOST_POINTS = 10_000
"""Points per series that one request asks for; the server refuses more than 11,000."""
_AT_ONCE = 4
"""Requests at a time: a server allows 20 in all by default, and people need it during an incident."""
_DEFAULT_STEP = "15s"
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_ALERT_SERIES = ("ALERTS", "ALERTS_FOR_STATE")
_UP = "up"
_LIMITS = Limits(total=120.0, max_bytes=128 * 1024 * 1024)
_LONGEST_S = 100 * 365 * 86_400.0


@dataclass(frozen=True)
class Piece:
    """One request: query *name*, from *start* to *end*, both included, in seconds since 1970."""

    name: str
    query: str
    start: float
    end: float
    step: float


class PrometheusCollector(Collector):
    """Named queries and the alert history of one server."""

    kind: ClassVar[str] = "prometheus"
    title: ClassVar[str] = "Prometheus (also Thanos, Mimir, VictoriaMetrics)"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address", required=True, example="http://prometheus:9090", kind="url"),
        Field(
            "queries",
            "Queries",
            example="requests = rate(http_requests_total[5m])\npool = db_pool_connections",
            kind="pairs",
        ),
        Field("step", "Step", example=_DEFAULT_STEP),
        Field("alerts", "Alert history", example="yes", kind="flag"),
        Field("alert_filter", "Only alerts with", example='team="payments"'),
        *LOGIN,
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """The address, the queries and the step must make sense."""
        problem = server_problem(settings, "Prometheus", "http://prometheus:9090")
        if problem:
            return problem
        queries = settings.get("queries", {})
        if not isinstance(queries, Mapping) or not all(isinstance(query, str) for query in queries.values()):
            return "The queries must be a table of names and PromQL texts."
        if not queries and settings.get("alerts") is False:
            return "There is nothing to ask: add a query, or switch the alert history on."
        if seconds(setting(settings, "step") or _DEFAULT_STEP) is None:
            return f"“{one_line(setting(settings, 'step'))}” is not a step: write it like 15s or 1m."
        return ""

    def describe(self, settings: Mapping[str, Any]) -> str:
        """``prometheus`` and the server's host and port."""
        return f"prometheus {host_of(settings)}".strip()

    async def collect(self, job: Job) -> Collected:
        """Ask everything; a query that the server rejects is noted and the others go on."""
        window = asked_window(job, "Prometheus")
        site = await site_of(job, "Prometheus")
        async with Client(site, _LIMITS, on_wait=lambda text: job.report(step=text)) as client:
            return await _Collection(job, window, client).run()

    async def examine(self, job: Job) -> Examination:
        """Whether the server answers a query, and still keeps what is as old as the window."""

        async def probe(client: Client) -> Examination:
            await client.query("/api/v1/query", [("query", "vector(1)")])
            kept = await _retention(client)
            oldest = job.now - timedelta(seconds=min(seconds(kept.split(" ")[0]) or _LONGEST_S, _LONGEST_S))
            covers = None if not kept or job.window is None else job.window.start >= oldest
            told = (f"{client.site.name} keeps {kept}: the window begins before that.",)
            return Examination(True, True, covers=covers, sentences=told if covers is False else ())

        return await examined(job, "Prometheus", _LIMITS, probe)


class _Collection:
    """One collection under way."""

    def __init__(self, job: Job, asked: Window, client: Client) -> None:
        self.job = job
        self.asked = asked
        self.client = client
        self.alerts = job.source.settings.get("alerts") is not False
        self.filter = setting(job.source.settings, "alert_filter").strip("{} ")
        self.step = seconds(setting(job.source.settings, "step") or _DEFAULT_STEP) or 15.0
        self.pieces = list(self._plan())
        self.artifacts: dict[Piece, Artifact] = {}
        self.series: dict[str, list[Series]] = {}
        self.covered: tuple[Span, ...] = ()
        self.notes: list[str] = []
        self.rejected: dict[Piece, str] = {}
        self.rows = self.bytes = self.finished = 0

    async def run(self) -> Collected:
        retention = await self._greet()
        gate = asyncio.Semaphore(_AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                for piece in self.pieces:
                    group.create_task(self._ask(piece, gate))
        except ExceptionGroup as problems:
            # The group has stopped the others; one sentence is enough, and the first came first.
            raise problems.exceptions[0] from problems
        # Answers come in any order; what is told is in that of the settings.
        rejected = dict.fromkeys(self.rejected[piece] for piece in self.pieces if piece in self.rejected)
        if rejected and not self.artifacts:
            raise CollectProblem(next(iter(rejected)))
        coverage = self._coverage(retention)
        self.job.report(covered=coverage.covered)
        if self.alerts:
            self.notes += await self._about_alerts()
        self.job.report(step=f"{len(self.series):,} queries", rows=self.rows, done=1.0)
        notes = (*rejected, *self.notes, *clock_note(self.client))
        artifacts = [self.artifacts[piece] for piece in self.pieces if piece in self.artifacts]
        artifacts += [each for each in self.job.keeper.kept if each not in artifacts]
        return Collected(tuple(artifacts), coverage.gaps, tuple(dict.fromkeys(notes)), self.client.clock_s)

    async def _about_alerts(self) -> list[str]:
        """What the alerts say, and when exactly they fired; neither is worth losing the rest for."""
        history = AlertHistory(self.job, self.client, self.filter)
        await history.rules()
        await history.samples(self.asked, self.step)
        history.silence([one for name in _ALERT_SERIES for one in self.series.get(name, ())])
        return history.notes

    def _plan(self) -> Iterator[Piece]:
        queries = {_UP: "count(up)", **self.job.source.settings.get("queries", {})}
        if self.alerts:
            for name in _ALERT_SERIES:
                queries[name] = f"{name}{{{self.filter}}}" if self.filter else name
        for name, query in queries.items():
            yield from pieces(name, query, self.asked, self.step)

    async def _greet(self) -> str:
        """Reach the server; returns how long it keeps data, in its own words, where it says so."""
        self.job.report(step="asking who is there", done=0.0)
        await _status(self.client, "buildinfo")
        return await _retention(self.client)

    async def _ask(self, piece: Piece, gate: asyncio.Semaphore) -> None:
        async with gate:
            self.job.report(
                step=f"{piece.name}: {_instant(piece.start):%H:%M} to {_instant(piece.end):%H:%M}"
            )
            form = [
                ("query", piece.query),
                ("start", f"{piece.start:.3f}"),
                ("end", f"{piece.end:.3f}"),
                ("step", f"{piece.step:g}"),
            ]
            try:
                answer = await self._range(form)
            except HttpProblem as problem:
                if problem.kind != "status" or problem.status not in (400, 422):
                    raise
                self._reject(piece, problem)
            else:
                # Parsing and packing a large answer takes a while: not on the event loop.
                artifact, series = await asyncio.to_thread(self._keep, piece, answer)
                self._note(piece, answer, artifact, series)
        self.finished += 1
        self.job.report(
            rows=self.rows,
            bytes=self.bytes,
            done=self.finished / len(self.pieces),
            covered=self.covered,
        )

    async def _range(self, form: list[tuple[str, str]]) -> Answer:
        """POST, for queries longer than an address may be; GET where a proxy allows nothing else."""
        try:
            return await self.client.query("/api/v1/query_range", form)
        except HttpProblem as problem:
            if problem.status != 405:
                raise
            return await self.client.get("/api/v1/query_range", form)

    def _reject(self, piece: Piece, problem: HttpProblem) -> None:
        reason = ""
        if problem.answer:
            try:
                reason = one_line(str(json.loads(problem.answer.body).get("error", "")))[:200]
            except (ValueError, AttributeError):
                reason = ""
        told = f" (“{reason}”)" if reason else ""
        self.rejected[piece] = (
            f"The server cannot answer the query “{one_line(piece.name)}”{told}: correct it in the settings."
        )

    def _keep(self, piece: Piece, answer: Answer) -> tuple[Artifact, tuple[Series, ...]]:
        series = parse_matrix(answer.body, piece.name)
        if series is None:
            answer.json()
            raise CollectProblem(
                f"{self.client.site.name} answered “{one_line(piece.name)}” with something that is no range "
                "of points: check that the address is a Prometheus API."
            )
        start = _instant(piece.start)
        artifact = self.job.keeper.keep(
            f"{piece.name}.{start:%Y%m%dT%H%M%SZ}.json",
            answer.body,
            query=one_line(answer.request),
            format=QUERY_RANGE,
            rows=sum(len(one.points) for one in series),
            from_=start,
            to=_instant(piece.end),
            note=one_line(piece.name),
        )
        return artifact, series

    def _note(self, piece: Piece, answer: Answer, artifact: Artifact, series: tuple[Series, ...]) -> None:
        self.artifacts[piece] = artifact
        self.series.setdefault(piece.name, []).extend(series)
        self.rows += artifact.rows
        self.bytes += len(answer.body)
        self.covered = merged((*self.covered, (_instant(piece.start), _instant(piece.end))))
        self.notes += remarks_of(answer.body, one_line(piece.name))

    def _coverage(self, retention: str) -> Coverage:
        """Where the server has data at all.

        A single query may be silent for good reason: the counter of an error exists from its first error
        on. So the holes are those of ``up``, which has points whenever anything was scraped; where there is
        none (a backfilled server, a narrow tenant), those of all queries together.
        """
        window = self.asked.shifted(self.job.source.clock_offset_s)
        asked = {piece.name for piece in self.pieces if piece in self.artifacts} - {*_ALERT_SERIES, _UP}
        silent = {name for name in asked if not any(one.points for one in self.series[name])}
        self.notes += [
            f"The query “{one_line(name)}” has no series in the window." for name in sorted(silent)
        ]
        witnesses = self.series.get(_UP) or [one for name in asked for one in self.series[name]]
        name = self.client.site.name
        coverage = of_series(joined(witnesses), name, window, self.job.source.clock_offset_s, self.step)
        if not coverage.covered:
            known = any(one.points for series in self.series.values() for one in series)
            if known or not self.artifacts:
                return coverage
            why = f"{name} has no data in the window"
            coverage = Coverage((), (Gap(from_=window.start, to=window.end, why=why),))
        kept = seconds(retention.split(" ")[0])
        if kept is None or not coverage.gaps:
            return coverage
        edge = self.job.now - timedelta(seconds=min(kept, _LONGEST_S))
        why = f"older than what {name} keeps ({retention})"
        return Coverage(
            coverage.covered,
            tuple(
                gap.model_copy(update={"why": why}) if gap.from_ == window.start and gap.from_ < edge else gap
                for gap in coverage.gaps
            ),
        )


def pieces(name: str, query: str, window: Window, step: float) -> Iterator[Piece]:
    """The requests for *query* over *window*, aligned to *step*: another collection gets the same points.

    Both ends of a request are included, therefore the next begins one step after the end of the one before.
    """
    first = math.floor(window.start.timestamp() / step)
    last = max(first, math.floor(window.end.timestamp() / step))
    for begin in range(first, last + 1, MOST_POINTS):
        end = min(begin + MOST_POINTS - 1, last)
        yield Piece(name, query, begin * step, end * step, step)


def seconds(text: str) -> float | None:
    """A duration as Prometheus writes it (``15s``, ``1h30m``, ``0.5``), in seconds; nothing if it is none."""
    text = text.strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,3})?", text):
        value = float(text)
    elif re.fullmatch(r"(?:\d{1,9}(?:ms|[smhdwy]))+", text):
        value = sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhdwy])", text))
    else:
        return None
    return value if value > 0 else None


async def _status(client: Client, what: str) -> Answer | None:
    """A status page; servers that only speak the query part of the API have none."""
    try:
        return await client.get(f"/api/v1/status/{what}")
    except HttpProblem as problem:
        if problem.kind == "status" and problem.status in (400, 403, 404, 405, 501):
            return None
        raise


async def _retention(client: Client) -> str:
    """How long the server keeps data, in its own words; empty where it does not say."""
    answer = await _status(client, "runtimeinfo")
    try:
        return one_line(str(answer.json()["data"]["storageRetention"])) if answer else ""
    except (HttpProblem, KeyError, TypeError):
        return ""


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
