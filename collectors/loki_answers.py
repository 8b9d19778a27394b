"""What Loki's API is asked and what it answers, in its own units: nanoseconds since 1970, LogQL, streams."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.http import Answer, Client, HttpProblem, Pairs
from app.text import one_line
from collectors.interface import CollectProblem

QUERY_RANGE_PATH = "/loki/api/v1/query_range"
_SELECTOR = re.compile(r'\s*(\{(?:[^{}"`]|"(?:[^"\\]|\\.)*"|`[^`]*`)*\})')

_LIMITS = (
    ("the query time range exceeds the limit", "give this source a shorter window of its own (from, to)"),
    ("past now - max_query_lookback", "it no longer shows what is that old; ask whoever keeps it"),
    (
        "the query hit the max number of",
        "name fewer streams, or give this source a shorter window (from, to)",
    ),
)
"""Parts of what Loki says when a limit stands in the way (its constants ``ErrQueryTooLong``, ``ErrQueryTooOld`` and
``ErrMaxChunksPerQuery``, package ``validation`` of grafana/loki), and what helps."""


@dataclass(frozen=True)
class Entry:
    """One log line. *at* is in nanoseconds, which a ``datetime`` cannot hold."""

    at: int
    stream: tuple[tuple[str, str], ...]
    text: str


def selector(query: str) -> str:
    """The stream selector that *query* begins with, braces included; empty when there is none."""
    found = _SELECTOR.match(query)
    return found[1] if found else ""


def nanoseconds(at: datetime) -> int:
    """*at* as Loki counts time, exact to the microsecond."""
    delta = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 10**9 + delta.microseconds * 1000


def stamp(at: int) -> str:
    """*at* as RFC 3339 with all nine digits."""
    seconds, rest = divmod(at, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def moment(at: int) -> datetime:
    """*at* as a datetime, cut to the microsecond."""
    seconds, rest = divmod(at, 10**9)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)


def entries(answer: Answer) -> list[Entry]:
    """The lines of a ``streams`` answer in order of time; raises :class:`CollectProblem` for anything else."""
    content = answer.json()
    try:
        data = content["data"]
        if data["resultType"] != "streams":
            raise CollectProblem(
                f"The query asks {answer.site} for numbers, not for lines: leave out count_over_time and rate, "
                "which is what Loki counts with anyway."
            )
        found = [
            Entry(int(value[0]), stream, str(value[1]))
            for stream, values in _streams(data["result"])
            for value in values
        ]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise CollectProblem(
            f"{answer.site} answered with something that is no list of streams: check that the address is Loki's."
        ) from error
    # Each stream is in order; together they are only after sorting, which keeps the order of equal times.
    return sorted(found, key=lambda entry: entry.at)


def _streams(result: list[Any]) -> Iterator[tuple[tuple[tuple[str, str], ...], list[Any]]]:
    for one in result:
        labels: Mapping[str, Any] = one["stream"]
        yield tuple(sorted((str(name), str(value)) for name, value in labels.items())), one["values"]


async def asked(client: Client, name: str, path: str, params: Pairs) -> Answer:
    """The answer to a query called *name*; one that Loki rejects raises :class:`CollectProblem` with its words."""
    try:
        return await client.get(path, params)
    except HttpProblem as problem:
        if problem.kind != "status" or problem.status not in (400, 422):
            raise
        said = problem.answer.body[:300].decode("utf-8", "replace").strip() if problem.answer else ""
        what = next((told for mark, told in _LIMITS if mark in said), "correct it in the settings")
        raise Rejected(
            f"Loki cannot answer the query “{one_line(name)}” (“{one_line(said)[:200]}”): {what}."
        ) from problem


class Rejected(CollectProblem):
    """Loki understood the request and refuses it; ``str()`` has its words."""
