"""Grafana annotations: the deploy markers, notes and alert state changes that a team sees on its dashboards.

``GET /api/annotations`` has no pages, only a limit: where it is reached, the window is halved and asked
again. API: https://grafana.com/docs/grafana/latest/developers/http_api/annotations/
"""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from app.evidence.facts import Fact
from app.evidence.formats import ATTACHMENT
from app.http import Answer, Client, Limits
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

PAGE = 1000
"""Annotations that one request asks for; the server gives 100 where nothing is said."""
_LIMITS = Limits()
_DEPLOYS = re.compile(r"deploy|release|rollout|rollback|config|migration|version", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,500}>")


class GrafanaCollector(Collector):
    """The annotations of one organisation."""

    kind: ClassVar[str] = "grafana"
    title: ClassVar[str] = "Grafana annotations"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address", required=True, example="https://grafana.example", kind="url"),
        Field("tags", "Only with tags", example="deploy, production"),
        Field("org", "Organisation", example="2, where there are several"),
        *(field for field in LOGIN if field.name != "tenant"),
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """The address and the login must make sense, and the organisation is a number."""
        problem = server_problem(settings, "Grafana", "https://grafana.example")
        org = setting(settings, "org")
        if not problem and org and not re.fullmatch(r"[1-9]\d{0,17}", org):
            return f"“{one_line(org)}” is not an organisation: write its number, as in the address ?orgId=2."
        return problem

    def describe(self, settings: Mapping[str, Any]) -> str:
        """``grafana`` and the server's host and port."""
        return f"grafana {host_of(settings)}".strip()

    async def collect(self, job: Job) -> Collected:
        """Ask for the annotations of the window, and keep every answer."""
        window = asked_window(job, "Grafana")
        site = await site_of(job, "Grafana", _headers(job))
        async with Client(site, _LIMITS, on_wait=lambda text: job.report(step=text)) as client:
            return await _Annotations(job, window, client).run()

    async def examine(self, job: Job) -> Examination:
        """Whether it lists annotations. They stay until somebody cleans up, so the window is not judged."""

        async def probe(client: Client) -> Examination:
            _list(client, await client.get("/api/annotations", [("limit", "1")]))
            return Examination(True, True)

        return await examined(job, "Grafana", _LIMITS, probe, _headers(job))


class _Annotations:
    """One collection under way. Times are milliseconds since 1970, as the server counts them."""

    def __init__(self, job: Job, window: Window, client: Client) -> None:
        self._job = job
        self._client = client
        self._window = window
        self._tags = [
            part.strip() for part in setting(job.source.settings, "tags").split(",") if part.strip()
        ]
        self._facts: dict[str, Fact] = {}
        self._gaps: list[Gap] = []
        self._bytes = 0
        self._first, self._last = _milliseconds(window.start), _milliseconds(window.end)

    async def run(self) -> Collected:
        job = self._job
        job.report(step="annotations", done=0.0)
        await self._ask(self._first, self._last)
        if self._facts:
            job.keep_facts(
                "annotations.jsonl", self._facts.values(), f"annotations of {self._client.site.name}"
            )
        shown = self._window.shifted(job.source.clock_offset_s)
        job.report(step=f"{len(self._facts):,} annotations", done=1.0, covered=((shown.start, shown.end),))
        notes = clock_note(self._client)
        if not self._facts:
            chosen = f" with the tags {one_line(', '.join(self._tags))}" if self._tags else ""
            notes += (f"{self._client.site.name} has no annotations{chosen} in the window.",)
        return Collected(tuple(job.keeper.kept), tuple(self._gaps), notes, self._client.clock_s)

    async def _ask(self, start: int, end: int) -> None:
        """The annotations from *start* to *end*, both included; halves where the limit was reached."""
        params = [("from", str(start)), ("to", str(end)), ("limit", str(PAGE))]
        answer = await self._client.get("/api/annotations", params + [("tags", tag) for tag in self._tags])
        found = _list(self._client, answer)
        self._bytes += len(answer.body)
        if len(found) >= PAGE and end > start:
            middle = (start + end) // 2
            await self._ask(start, middle)
            await self._ask(middle + 1, end)
            return
        if len(found) >= PAGE:
            at = _moment(start) + timedelta(seconds=self._job.source.clock_offset_s)
            why = f"{self._client.site.name} has more annotations in this instant than the {PAGE:,} it gives"
            self._gaps.append(Gap(from_=at, to=at, why=why))
        kept = self._job.keeper.keep(
            f"annotations.{_moment(start):%Y%m%dT%H%M%SZ}.json",
            answer.body,
            query=one_line(answer.request),
            format=ATTACHMENT,
            from_=_moment(start),
            to=_moment(end),
        )
        for annotation in found:
            for fact in _fact(annotation, self._client.site.url, kept.path):
                # A region may touch both halves of the window; it is one annotation all the same.
                self._facts.setdefault(fact.key, fact)
        span = max(1, self._last - self._first)
        self._job.report(rows=len(self._facts), bytes=self._bytes, done=(end - self._first) / span)


def _fact(annotation: Mapping[str, Any], url: str, ref: str) -> Iterator[Fact]:
    """What an annotation says; one without a time says nothing that a timeline could show."""
    begin, end = _at(annotation.get("time")), _at(annotation.get("timeEnd"))
    if begin is None:
        return
    tags = [one_line(str(tag)) for tag in annotation.get("tags") or ()]
    text = one_line(html.unescape(_TAG.sub("", str(annotation.get("text") or ""))).strip())
    state = one_line(str(annotation.get("newState") or ""))
    before = one_line(str(annotation.get("prevState") or ""))
    name = one_line(str(annotation.get("alertName") or ""))
    board = one_line(str(annotation.get("dashboardUID") or ""))
    alert = bool(state or annotation.get("alertId"))
    kind = "alert" if alert else "change" if _DEPLOYS.search(" ".join(tags)) else "observation"
    if alert:
        change = f"{before} → {state}" if before else state
        text = ": ".join(part for part in (name or text or "Alert", change) if part)
    elif not text:
        text = ", ".join(tags) or "Annotation without a text"
    yield Fact(
        at=begin,
        until=end if end and end > begin else None,
        text=text,
        kind=kind,
        key=f"annotation {annotation.get('id')}",
        actor=one_line(str(annotation.get("login") or annotation.get("userName") or "")),
        object=", ".join(tags),
        url=f"{url.rstrip('/')}/d/{board}" if re.fullmatch(r"[\w-]{1,60}", board) else "",
        ref=ref,
        notable=not alert or state.lower() not in ("pending", "unknown", "no_data", "nodata", "paused"),
    )


def _headers(job: Job) -> dict[str, str]:
    org = setting(job.source.settings, "org")
    return {"X-Grafana-Org-Id": org} if org else {}


def _list(client: Client, answer: Answer) -> list[Mapping[str, Any]]:
    content = answer.json()
    if not isinstance(content, list) or not all(isinstance(one, Mapping) for one in content):
        raise CollectProblem(
            f"{client.site.name} listed its annotations in an unknown form: check that the address is Grafana's."
        )
    return content


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _at(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**45:
        return None
    return _moment(int(value))
