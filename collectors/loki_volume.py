"""How much there is in Loki, and what Loki counts of it where that is too much to download."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.evidence.facts import Fact
from app.evidence.formats import ATTACHMENT
from app.evidence.series import QUERY_RANGE, parse_matrix
from app.evidence.window import Window
from app.http import Answer, Client, HttpProblem
from app.review.records import Gap
from app.text import one_line
from collectors.interface import CollectProblem, Job
from collectors.loki_answers import QUERY_RANGE_PATH, asked, nanoseconds, selector
from collectors.loki_lines import Lines

_MOST_POINTS = 10_000
_MOST_PATTERNS = 200


@dataclass(frozen=True)
class Size:
    """What a query comes to, as far as the index knows: it does not know what has just come in."""

    lines: int = 0
    bytes: int = 0
    large: bool = False


class Volume:
    """Measures queries, and lets Loki count those that are beyond *most_bytes* or *most_lines*."""

    def __init__(self, job: Job, window: Window, most_bytes: int, most_lines: int) -> None:
        self._job = job
        self._window = window
        self._most_bytes = most_bytes
        self._most_lines = most_lines
        self._start, self._end = nanoseconds(window.start), nanoseconds(window.end) + 1
        self.gaps: list[Gap] = []
        self.notes: list[str] = []

    async def measure(self, client: Client, name: str, query: str) -> Size:
        """The size of *query* by the index; a filter is counted by Loki where the index says too much."""
        self._job.report(step=f"{one_line(name)}: how much is it?")
        chosen = selector(query)
        try:
            answer = await client.get("/loki/api/v1/index/stats", [("query", chosen), *self._span()])
            stats = answer.json()
            size = Size(int(stats["entries"]), int(stats["bytes"]))
        except (KeyError, TypeError, ValueError):
            return Size()
        except HttpProblem as problem:
            if problem.kind == "status" and problem.status in (400, 404, 405, 501):
                return Size()
            raise
        if size.lines <= self._most_lines and size.bytes <= self._most_bytes:
            return size
        if query.strip() != chosen:
            lines = await self._counted(client, name, query)
            share = size.bytes * lines // max(1, size.lines)
            size = Size(lines, share)
        return Size(size.lines, size.bytes, size.lines > self._most_lines or size.bytes > self._most_bytes)

    async def count(self, client: Client, name: str, query: str, size: Size, lines: Lines) -> None:
        """Keep what Loki counts of *query*: lines by level and time, and the patterns, where it finds them."""
        known = f"{size.lines:,} lines, {size.bytes / 1_000_000:,.0f} MB" if size.large else "the rest"
        step = max(60, math.ceil((self._end - self._start) / 10**9 / _MOST_POINTS))
        counted = f"sum by (level, detected_level) (count_over_time({query} [{step}s]))"
        self._job.report(step=f"{one_line(name)}: Loki counts")
        answer = await asked(
            client,
            name,
            QUERY_RANGE_PATH,
            [("query", counted), *self._span(), ("step", f"{step}s")],
        )
        series = parse_matrix(answer.body, name)
        if series is None:
            raise CollectProblem(
                f"{client.site.name} did not count the lines of “{one_line(name)}”: check that the address is Loki's."
            )
        self._job.keeper.keep(
            f"{name} lines by level.json",
            answer.body,
            query=one_line(answer.request),
            format=QUERY_RANGE,
            rows=sum(len(one.points) for one in series),
            from_=self._window.start,
            to=self._window.end,
            note=f"{one_line(name)}: lines by level",
        )
        patterns = await self._patterns(client, name, query)
        if size.large:
            shown = self._window.shifted(self._job.source.clock_offset_s)
            what = " and its patterns" if patterns else ""
            why = (
                f"“{one_line(name)}” is too large to download ({known}): Loki counted its lines{what} instead"
            )
            self.gaps.append(Gap(from_=shown.start, to=shown.end, why=why))

    async def _counted(self, client: Client, name: str, query: str) -> int:
        """How many lines *query* has in the window, counted by Loki with its filters."""
        seconds = max(1, math.ceil((self._end - self._start) / 10**9))
        text = f"sum(count_over_time({query} [{seconds}s]))"
        answer = await asked(client, name, "/loki/api/v1/query", [("query", text), ("time", str(self._end))])
        try:
            result = answer.json()["data"]["result"]
            return int(float(result[0]["value"][1])) if result else 0
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise CollectProblem(
                f"{client.site.name} did not count the lines of “{one_line(name)}”: check that the address is Loki's."
            ) from error

    async def _patterns(self, client: Client, name: str, query: str) -> int:
        """Keep the patterns of the streams; 0 where the server does not look for them."""
        try:
            answer = await client.get("/loki/api/v1/patterns", [("query", selector(query)), *self._span()])
        except HttpProblem as problem:
            if problem.kind == "status" and problem.status in (400, 404, 405, 500, 501):
                self.notes.append(
                    f"{client.site.name} does not look for patterns (pattern_ingester is not enabled there)."
                )
                return 0
            raise
        found = list(_patterns(answer))
        if not found:
            return 0
        kept = self._job.keeper.keep(
            f"{name} patterns.json",
            answer.body,
            query=one_line(answer.request),
            format=ATTACHMENT,
            from_=self._window.start,
            to=self._window.end,
            note=f"{one_line(name)}: patterns",
        )
        found.sort(key=lambda one: -one[3])
        facts = [
            Fact(
                at=first,
                until=last if last > first else None,
                text=f"{count:,} lines like: {pattern}",
                kind="symptom",
                key=f"pattern {name} {pattern}",
                object=one_line(name),
                ref=kept.path,
                # To be searched. Whether a pattern matters is for people to say.
                notable=False,
            )
            for pattern, first, last, count in found[:_MOST_PATTERNS]
        ]
        self._job.keep_facts(f"{name} patterns.jsonl", facts, f"patterns of {one_line(name)}")
        return len(found)

    def _span(self) -> list[tuple[str, str]]:
        return [("start", str(self._start)), ("end", str(self._end))]


def _patterns(answer: Answer) -> Iterator[tuple[str, datetime, datetime, int]]:
    """Text, first and last time, and count of each pattern."""
    try:
        data: Any = json.loads(answer.body)["data"] or []
        for one in data:
            samples = [(int(at), int(count)) for at, count in one["samples"] if int(count) > 0]
            if samples:
                moments = [datetime.fromtimestamp(at, UTC) for at, _ in samples]
                count = sum(count for _, count in samples)
                yield one_line(str(one["pattern"])), min(moments), max(moments), count
    except (ValueError, KeyError, TypeError, OSError, OverflowError, RecursionError):
        return
