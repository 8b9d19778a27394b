"""What a Prometheus server knows about its alerts besides ``ALERTS``: what they say, and every single sample.

``ALERTS`` asked with a step is exact to that step. A range selector gives each evaluation of the rule with
its own time instead: heavy over a long time, cheap over the stretches in which something fired.
API: https://prometheus.io/docs/prometheus/latest/querying/api/#rules and ``#range-vectors``
"""

import asyncio
import math
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from app.evidence.alerts import SAMPLES
from app.evidence.rules import RULES, Rule, parse_rules
from app.evidence.series import QUERY_RANGE, Series, parse_matrix
from app.evidence.window import Window
from app.http import Answer, Client, HttpProblem
from app.text import one_line
from collectors.interface import Job

_MOST_SAMPLES = 200_000
"""Samples that are fetched for exact edges, counted as if rules were evaluated every second."""
_MOST_STRETCHES = 20


class AlertHistory:
    """Asks *client* about its alerts; *chosen* are the label matchers that narrow them down."""

    def __init__(self, job: Job, client: Client, chosen: str) -> None:
        self._job = job
        self._client = client
        self._chosen = chosen
        self._rules: list[Rule] | None = None

    async def rules(self) -> list[str]:
        """Keep the rules with their annotations; a server that has none of this is no problem."""
        self._job.report(step="what the alerts say")
        answer = await self._tried(self._client.get("/api/v1/rules", [("type", "alert")]))
        if answer is None:
            return []
        self._rules = await asyncio.to_thread(parse_rules, answer.body)
        if self._rules:
            self._job.keeper.keep(
                "rules.json", answer.body, query=one_line(answer.request), format=RULES, rows=len(self._rules)
            )
        return []

    async def edges(self, series: Sequence[Series], window: Window, step: float) -> list[str]:
        """Keep every sample of what fired in *series*, so that the edges are exact; notes where that costs too much."""
        firing = [one for one in series if one.labels.get("alertstate") == "firing" and one.points]
        stretches = _stretches(firing, step)
        if sum(len(one.points) for one in firing) * step > _MOST_SAMPLES or len(stretches) > _MOST_STRETCHES:
            return [f"So many alerts fired that their times are exact to {step:g} s only."]
        matchers = ",".join(part for part in (self._chosen.rstrip(", "), 'alertstate="firing"') if part)
        for first, last in stretches:
            self._job.report(step=f"when exactly alerts fired: {_instant(first):%H:%M}")
            begin, end = first - step, min(last + step, window.end.timestamp())
            form = [
                ("query", f"ALERTS{{{matchers}}}[{max(1, math.ceil(end - begin))}s]"),
                ("time", f"{end:.3f}"),
            ]
            answer = await self._tried(self._client.query("/api/v1/query", form))
            samples = await asyncio.to_thread(parse_matrix, answer.body, SAMPLES) if answer else None
            if answer and samples:
                self._job.keeper.keep(
                    f"{SAMPLES}.{_instant(begin):%Y%m%dT%H%M%SZ}.json",
                    answer.body,
                    query=one_line(answer.request),
                    format=QUERY_RANGE,
                    rows=sum(len(one.points) for one in samples),
                    from_=_instant(begin),
                    to=_instant(end),
                    note=SAMPLES,
                )
        return []

    def silent(self, series: Sequence[Series]) -> list[str]:
        """What it means that no alert is there: nothing fired, or nobody wrote it down here."""
        if any(one.points for one in series):
            return []
        if self._rules and not self._chosen:
            return [
                f"No alert fired: none of the {len(self._rules)} alerting rules was pending in the window."
            ]
        if self._chosen:
            return ["No alert with these labels is recorded here in the window."]
        return [
            "There are no ALERTS series and no alerting rules here: the rules may be evaluated elsewhere, so "
            "this does not say that nothing fired."
        ]

    async def _tried(self, call: Coroutine[Any, Any, Answer]) -> Answer | None:
        """The answer; nothing where the server refuses: the alert history itself is there already."""
        try:
            return await call
        except HttpProblem as problem:
            if problem.kind == "status" and problem.status < 500:
                return None
            raise


def _stretches(firing: Sequence[Series], step: float) -> list[tuple[float, float]]:
    """From the first to the last point of what fired at the same time, in order; steps between are joined."""
    stretches: list[tuple[float, float]] = []
    for at in sorted({at for one in firing for at, _ in one.points}):
        if stretches and at - stretches[-1][1] <= 4 * step:
            stretches[-1] = (stretches[-1][0], at)
        else:
            stretches.append((at, at))
    return stretches


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
