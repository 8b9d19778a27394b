"""Reading log lines out of Loki: forward, page after page, each line once, never more than allowed."""

import asyncio
import re
from datetime import datetime, timedelta

from app.evidence.artifacts import Draft
from app.evidence.formats import ATTACHMENT, LINES
from app.evidence.window import Span, Window, merged
from app.http import Answer, Client
from app.review.records import Gap
from app.text import one_line
from collectors.interface import Job
from collectors.loki_answers import (
    QUERY_RANGE_PATH,
    Entry,
    Rejected,
    asked,
    entries,
    moment,
    nanoseconds,
    stamp,
)

PAGE = 5000
"""Lines that one request asks for: the server's own default limit (``max_entries_limit_per_query``)."""
PIECE_NS = 24 * 3600 * 10**9
"""The longest stretch that one request covers; servers refuse more than ``max_query_length``."""
_LIMIT = re.compile(r"max entries limit.*\(\d+ ?> ?(\d+)\)")


class Lines:
    """The lines of one collection, query after query. *most* is how many lines it may come to in all."""

    def __init__(self, job: Job, window: Window, most: int) -> None:
        self._job = job
        self._window = window
        self._start = nanoseconds(window.start)
        # The end of a request is not part of it; that of a window is.
        self._end = nanoseconds(window.end) + 1
        self._page = PAGE
        self._share = (0.0, 1.0)
        self._reached = self._start
        self._covered: tuple[Span, ...] = ()
        self._bytes = 0
        self.most = most
        self.rows = 0
        self.gaps: list[Gap] = []
        self.notes: list[str] = []

    def begin(self, number: int, of: int) -> None:
        """The next query is number *number* from 0, *of* so many: what its progress is a share of."""
        self._share = (number / of, 1 / of)
        self._reached = self._start
        # What an earlier query covered says nothing about this one, should it fail.
        self._covered = ()
        self._job.report(covered=())

    def rest(self, why: str) -> Gap:
        """What is missing of the query under way, from where it had got to."""
        return Gap(from_=self._shown(self._reached), to=self._shown(self._end - 1), why=why)

    async def download(self, client: Client, name: str, query: str) -> bool:
        """Keep every line of *query*; false when there were more than allowed and the rest was left there.

        What the server sent is kept page by page as it came, and the lines once more in order of time, with
        the pod they came from, in the form of ``kubectl logs``.
        """
        with self._job.keeper.open(f"{name}.log") as draft:
            reader = _Reader(self._start, self._end)
            try:
                await self._read(client, name, query, draft, reader)
            finally:
                # Whatever ends this, what was read until then is evidence.
                if reader.rows:
                    draft.commit(
                        # Without times: a later collection of the same query is another copy of it.
                        query=one_line(f"GET {client.site.url.rstrip('/')}{QUERY_RANGE_PATH} query={query}"),
                        format=LINES,
                        rows=reader.rows,
                        from_=moment(reader.first),
                        to=moment(reader.last),
                        note=one_line(name),
                    )
        if not reader.rows and reader.done:
            self.notes.append(f"The query “{one_line(name)}” has no lines in the window.")
        if reader.crowded:
            at = self._shown(reader.crowded)
            why = (
                f"“{one_line(name)}” has {self._page:,} lines or more in one nanosecond, which fill a page: "
                "others may be missing"
            )
            self.gaps.append(Gap(from_=at, to=at, why=why))
        if not reader.done:
            left = f"“{one_line(name)}” has more than {self.most:,} lines: the later ones were left in Loki"
            self.gaps.append(Gap(from_=self._shown(reader.last), to=self._shown(self._end - 1), why=left))
        return reader.done

    async def _read(self, client: Client, name: str, query: str, draft: Draft, reader: "_Reader") -> None:
        number = 0
        while not reader.done and self.rows < self.most:
            limit = min(self._page, self.most - self.rows + len(reader.seen))
            params = [
                ("query", query),
                ("start", str(reader.start)),
                ("end", str(min(reader.start + PIECE_NS, self._end))),
                ("limit", str(limit)),
                ("direction", "forward"),
            ]
            try:
                answer = await asked(client, name, QUERY_RANGE_PATH, params)
            except Rejected as problem:
                lower = _LIMIT.search(str(problem))
                if lower is None or not 0 < int(lower[1]) < self._page:
                    raise
                self._page = int(lower[1])
                continue
            number += 1
            found = await asyncio.to_thread(entries, answer)
            fresh = reader.take(found, limit, PIECE_NS)
            if fresh:
                self._keep(name, number, answer, fresh)
                draft.write("".join(_written(entry) for entry in fresh).encode("utf-8", "replace"))
            self.rows += len(fresh)
            self._bytes += len(answer.body)
            self._tell(name, reader)

    def _keep(self, name: str, number: int, answer: Answer, fresh: list[Entry]) -> None:
        self._job.keeper.keep(
            f"{name}.page-{number:05d}.json",
            answer.body,
            query=one_line(answer.request),
            # Its lines are counted where they can be read.
            format=ATTACHMENT,
            from_=moment(fresh[0].at),
            to=moment(fresh[-1].at),
        )

    def _tell(self, name: str, reader: "_Reader") -> None:
        through = self._end - 1 if reader.done else reader.start
        self._reached = reader.start
        self._covered = merged((*self._covered, (self._shown(self._start), self._shown(through))))
        before, share = self._share
        part = max(
            (through - self._start) / (self._end - self._start), min(1.0, self.rows / max(1, self.most))
        )
        self._job.report(
            step=f"{one_line(name)}: {moment(through):%H:%M:%S}",
            rows=self.rows,
            bytes=self._bytes,
            done=before + share * part,
            covered=self._covered,
        )

    def _shown(self, at: int) -> datetime:
        return moment(max(at, self._start)) + timedelta(seconds=self._job.source.clock_offset_s)


class _Reader:
    """Where a query stands. *seen* are the lines at the very moment at which the next page begins."""

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.seen: set[Entry] = set()
        self.done = start >= end
        self.rows = self.first = self.last = self.crowded = 0
        self._end = end

    def take(self, found: list[Entry], limit: int, piece: int) -> list[Entry]:
        """The lines of a page that were not there before, and where to go on from here."""
        fresh = [entry for entry in found if entry not in self.seen]
        if fresh:
            self.first = self.first or fresh[0].at
            self.last = fresh[-1].at
            self.rows += len(fresh)
        if len(found) < limit:
            # This stretch is exhausted; the next begins where it ended.
            self.start = min(self.start + piece, self._end)
            self.seen = set()
            self.done = self.start >= self._end
        elif found[-1].at > self.start:
            self.start = found[-1].at
            self.seen = {entry for entry in found if entry.at == self.start}
        else:
            # A whole page of one moment: what else happened in it cannot be asked for.
            self.crowded = self.start
            self.start += 1
            self.seen = set()
        return fresh


def _written(entry: Entry) -> str:
    """A line as ``kubectl logs --timestamps --prefix`` writes it; a line break inside stays one."""
    labels = dict(entry.stream)
    pod = labels.get("pod") or labels.get("k8s_pod_name") or labels.get("instance") or ""
    container = labels.get("container") or labels.get("k8s_container_name") or ""
    prefix = f"[pod/{pod}/{container}] " if pod and container else f"[pod/{pod}] " if pod else ""
    return f"{prefix}{stamp(entry.at)} {entry.text.rstrip(chr(10))}\n"
