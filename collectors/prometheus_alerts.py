"""What a Prometheus server knows about its alerts besides ``ALERTS``: what they say, and every single sample.

``ALERTS`` asked with a step is exact to that step, and misses what was shorter. A range selector gives each
evaluation of the rule with its own time instead, which is cheap as long as little fired.
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
"""Samples that are fetched for exact times; the server counts them first."""


class AlertHistory:
    """Asks *client* about its alerts; *chosen* are the label matchers that narrow them down."""

    def __init__(self, job: Job, client: Client, chosen: str) -> None:
        self._job = job
        self._client = client
        self._chosen = chosen
        self._rules: list[Rule] | None = None
        self.notes: list[str] = []

    async def rules(self) -> None:
        """Keep the rules with their annotations; a server that has none of this is no problem."""
        self._job.report(step="what the alerts say")
        answer = await self._tried(self._client.get("/api/v1/rules", [("type", "alert")]))
        if answer is None:
            return
        self._rules = await asyncio.to_thread(parse_rules, answer.body)
        if self._rules:
            self._job.keeper.keep(
                "rules.json", answer.body, query=one_line(answer.request), format=RULES, rows=len(self._rules)
            )

    async def samples(self, window: Window, step: float) -> None:
        """Keep every sample of what fired in *window*; a note where that would be too much."""
        self._job.report(step="when exactly alerts fired")
        start, end = window.start.timestamp(), window.end.timestamp()
        chosen = f",{self._chosen}" if self._chosen else ""
        # A label that is not there is not “pending” either: this takes ALERTS_FOR_STATE along.
        names = f'{{__name__=~"ALERTS|ALERTS_FOR_STATE",alertstate!="pending"{chosen}}}'
        every = f"{names}[{max(1, math.ceil(end - start))}s]"
        moment = ("time", f"{end:.3f}")
        answer = await self._tried(
            self._client.query("/api/v1/query", [("query", f"sum(count_over_time({every}))"), moment])
        )
        many = _number(answer) if answer else None
        if many is None or many == 0:
            return
        if many > _MOST_SAMPLES:
            self.notes.append(
                f"So much fired ({many:,} samples) that the times of alerts are exact to {step:g} s only."
            )
            return
        answer = await self._tried(self._client.query("/api/v1/query", [("query", every), moment]))
        found = await asyncio.to_thread(parse_matrix, answer.body, SAMPLES) if answer else None
        if answer and found:
            self._job.keeper.keep(
                f"{SAMPLES}.{_instant(start):%Y%m%dT%H%M%SZ}.json",
                answer.body,
                query=one_line(answer.request),
                format=QUERY_RANGE,
                rows=sum(len(one.points) for one in found),
                from_=window.start,
                to=window.end,
                note=SAMPLES,
            )

    def silence(self, series: Sequence[Series]) -> None:
        """Say what it means that no alert is there: nothing fired, or nobody wrote it down here."""
        if any(one.points for one in series):
            return
        if self._chosen:
            self.notes.append("No alert with these labels is recorded here in the window.")
        elif self._rules:
            self.notes.append(
                f"No alert fired: none of the {len(self._rules)} alerting rules was pending in the window."
            )
        else:
            self.notes.append(
                "There are no ALERTS series and no alerting rules here: the rules may be evaluated elsewhere, so "
                "this does not say that nothing fired."
            )

    async def _tried(self, call: Coroutine[Any, Any, Answer]) -> Answer | None:
        """The answer; nothing where there is none: the history itself is there already, and worth keeping."""
        try:
            return await call
        except HttpProblem as problem:
            if problem.kind != "status" or problem.status >= 500:
                self.notes.append(str(problem))
            return None


def _number(answer: Answer) -> int | None:
    """The value of a ``vector`` answer with one series; 0 where there is none, nothing for another answer."""
    try:
        data = answer.json()["data"]
        return int(float(data["result"][0]["value"][1])) if data["result"] else 0
    except (HttpProblem, KeyError, TypeError, ValueError, IndexError):
        return None


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
