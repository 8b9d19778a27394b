"""Loki: the log lines of the window; where there are too many, what Loki itself counts of them.

Lines are read forward, a page after the other. Where the volume is above what the settings allow, Loki counts
by level and finds the patterns, and only the lines that a narrower filter leaves are downloaded: that what was
left out stays on the server is a record.
API: https://grafana.com/docs/loki/latest/reference/loki-http-api/ (no published schema).
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from app.http import Client, Limits
from app.text import one_line
from collectors.interface import Collected, Collector, CollectProblem, Examination, Field, Job
from collectors.loki_answers import entries, nanoseconds, selector
from collectors.loki_lines import Lines
from collectors.loki_volume import Volume
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

_LIMITS = Limits(read=30.0, total=180.0, max_bytes=128 * 1024 * 1024)
_MOST_LINES = 200_000
_MOST_MB = 200
_PROBED_NS = 600 * 10**9


class LokiCollector(Collector):
    """The lines of named LogQL queries, or what Loki counts of them."""

    kind: ClassVar[str] = "loki"
    title: ClassVar[str] = "Loki"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address", required=True, example="http://loki:3100", kind="url"),
        Field(
            "queries",
            "Queries",
            required=True,
            example='api = {namespace="prod", app="api"}\nerrors = {app="web"} |= "error"',
            kind="pairs",
        ),
        Field("most_lines", "Most lines", example=f"{_MOST_LINES}, beyond that Loki counts"),
        Field("most_mb", "Most megabytes", example=f"{_MOST_MB}, beyond that Loki counts"),
        Field("narrow", "When too many", example='|~ "(?i)error|fatal"'),
        *LOGIN,
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """The address, the login, the queries and the thresholds must make sense."""
        problem = server_problem(settings, "Loki", "http://loki:3100")
        if problem:
            return problem
        queries = settings.get("queries", {})
        if not isinstance(queries, Mapping) or not all(isinstance(query, str) for query in queries.values()):
            return "The queries must be a table of names and LogQL texts."
        if not queries:
            return 'There is nothing to ask: add a query, such as api = {namespace="prod", app="api"}.'
        for name, query in queries.items():
            if not selector(query):
                return (
                    f"The query “{one_line(name)}” does not begin with the streams that it reads: write it "
                    'like {app="api"} |= "error".'
                )
        for threshold in ("most_lines", "most_mb"):
            text = setting(settings, threshold)
            if text and not re.fullmatch(r"\d{1,9}", text):
                return f"“{one_line(text)}” is not a number: write how many at most, such as {_MOST_LINES}."
        return ""

    def describe(self, settings: Mapping[str, Any]) -> str:
        """``loki`` and the server's host and port."""
        return f"loki {host_of(settings)}".strip()

    async def collect(self, job: Job) -> Collected:
        """Read or count every query; one that the server rejects is told and the others go on."""
        window = asked_window(job, "Loki")
        settings = job.source.settings
        lines = Lines(job, window, int(setting(settings, "most_lines") or _MOST_LINES))
        volume = Volume(job, window, int(setting(settings, "most_mb") or _MOST_MB) * 1_000_000, lines.most)
        site = await site_of(job, "Loki")
        rejected: list[str] = []
        queries: Mapping[str, str] = settings.get("queries", {})
        async with Client(site, _LIMITS, on_wait=lambda text: job.report(step=text)) as client:
            for number, (name, query) in enumerate(queries.items()):
                lines.begin(number, len(queries))
                try:
                    size = await volume.measure(client, name, query)
                    narrow = setting(settings, "narrow")
                    if not size.large:
                        whole = await lines.download(client, name, query)
                    elif narrow:
                        whole = await lines.download(client, f"{name} narrowed", f"{query} {narrow}")
                    else:
                        whole = False
                    if size.large or not whole:
                        await volume.count(client, name, query, size, lines)
                except CollectProblem as problem:
                    rejected.append(str(problem))
                    lines.gaps.append(lines.rest(str(problem)))
            notes = (*rejected, *volume.notes, *lines.notes, *_clock(client))
        if rejected and not job.keeper.kept:
            raise CollectProblem(rejected[0])
        shown = window.shifted(job.source.clock_offset_s)
        whole_window = () if lines.gaps or volume.gaps else ((shown.start, shown.end),)
        job.report(step=f"{lines.rows:,} lines", done=1.0, covered=whole_window)
        # Its server's clock is not reported: whoever wrote the lines stamped them, not Loki.
        return Collected(tuple(job.keeper.kept), (*lines.gaps, *volume.gaps), tuple(dict.fromkeys(notes)))

    async def examine(self, job: Job) -> Examination:
        """Whether it answers the queries, and still has lines from the beginning of the window."""
        queries: Mapping[str, str] = job.source.settings.get("queries", {})

        async def probe(client: Client) -> Examination:
            if job.window is None:
                await client.get("/loki/api/v1/labels")
                return Examination(True, True)
            start = nanoseconds(asked_window(job, "Loki").start)
            for query in queries.values():
                params = [("query", query), ("start", str(start)), ("end", str(start + _PROBED_NS))]
                answer = await client.get("/loki/api/v1/query_range", [*params, ("limit", "1")])
                if entries(answer):
                    return Examination(True, True, covers=True)
            told = (
                f"{client.site.name} has no line in the first ten minutes of the window: it was quiet then, or "
                "they are older than what it keeps.",
            )
            return Examination(True, True, sentences=told)

        return await examined(job, "Loki", _LIMITS, probe)


def _clock(client: Client) -> tuple[str, ...]:
    """What the server's clock says of itself, and that it says nothing of the lines."""
    return tuple(f"{note} Its lines have the clocks of what wrote them." for note in clock_note(client))
