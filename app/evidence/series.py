"""Series of numbers out of what ``query_range`` answered, and the alerts that are hidden in ``ALERTS``."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from app.evidence.artifacts import EvidenceProblem, blocks
from app.text import one_line

QUERY_RANGE = "query_range"
LARGEST = 256 * 1024 * 1024
"""Bytes of one JSON artifact that are read; more would not be a picture anyway."""


@dataclass(frozen=True)
class Series:
    """One series: its labels, and (seconds since 1970, value) in order. A missing step has no point."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]
    name: str = ""
    source: str = ""
    artifact: str = ""

    @property
    def title(self) -> str:
        """The labels as PromQL writes them."""
        inner = ", ".join(
            f'{key}="{value}"' for key, value in sorted(self.labels.items()) if key != "__name__"
        )
        return one_line(
            f"{self.labels.get('__name__', '')}{{{inner}}}" if inner else self.labels.get("__name__", "")
        )


def content_of(path: Path) -> bytes:
    """All of a JSON artifact; raises :class:`EvidenceProblem` when it is too large to be one."""
    parts: list[bytes] = []
    size = 0
    for block in blocks(path):
        size += len(block)
        if size > LARGEST:
            raise EvidenceProblem(
                f"{path.name} holds over {LARGEST // 1_048_576} MiB of JSON: collect it with a coarser step."
            )
        parts.append(block)
    return b"".join(parts)


def parse_matrix(content: bytes, name: str = "") -> tuple[Series, ...] | None:
    """The series of a ``query_range`` (or raw range) answer; nothing when *content* is no such thing.

    Values that are no number stay as NaN; native histograms have no points.
    """
    try:
        answer = json.loads(content)
        data = answer["data"]
        if data["resultType"] != "matrix":
            return None
        return tuple(
            Series(
                {one_line(str(key)): one_line(str(value)) for key, value in item["metric"].items()},
                tuple((float(at), _number(value)) for at, value in item.get("values", ())),
                name,
            )
            for item in data["result"]
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def warnings_of(content: bytes) -> tuple[str, ...]:
    """What the server said about its own answer: an entry here means that data may be missing."""
    try:
        answer: Any = json.loads(content)
        return tuple(one_line(str(entry)) for entry in answer.get("warnings") or ())
    except (ValueError, AttributeError, TypeError, RecursionError):
        return ()


def remarks_of(content: bytes, name: str) -> tuple[str, ...]:
    """Sentences about an answer to the query *name*: where it may be incomplete, or not what was meant.

    ``warnings`` mean missing data (a store that did not answer), ``infos`` are notes about the query itself;
    native histograms have no points of their own.
    """
    try:
        answer: Any = json.loads(content)
        infos = [one_line(str(entry)) for entry in answer.get("infos") or ()]
        result = answer["data"]["result"]
        native = any("histograms" in item for item in result)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        infos, native = [], False
    remarks = [f"The server warned about “{name}”: {text}." for text in warnings_of(content)]
    remarks += [f"The server remarks on “{name}”: {text}." for text in infos]
    if native:
        remarks.append(
            f"“{name}” is a native histogram, which has no points: ask histogram_quantile(0.99, …)."
        )
    return tuple(remarks)


def joined(parts: Iterable[Series]) -> list[Series]:
    """Series with the same name, labels and source put together: a query may have come in several pieces."""
    together: dict[tuple[Any, ...], list[Series]] = {}
    for part in parts:
        key = (part.source, part.name, tuple(sorted(part.labels.items())))
        together.setdefault(key, []).append(part)
    result: list[Series] = []
    for pieces in together.values():
        first = pieces[0]
        points = first.points if len(pieces) == 1 else tuple(sorted({p for s in pieces for p in s.points}))
        result.append(Series(first.labels, points, first.name, first.source, first.artifact))
    return result


def step_of(series: Iterable[Series]) -> float:
    """The distance between points, in seconds: the smallest that occurs; 0 when there are no two points."""
    smallest = math.inf
    for one in series:
        for (before, _), (after, _) in pairwise(one.points):
            if 0 < after - before < smallest:
                smallest = after - before
    return 0.0 if math.isinf(smallest) else smallest


def _number(value: Any) -> float:
    try:
        return float(value)
    except (ValueError, TypeError):
        return math.nan
