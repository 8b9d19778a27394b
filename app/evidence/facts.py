"""Facts that a source declares, one a line: a deployment, a page, a message, a restart, a silence.

Logs are lines and metrics are series; everything else that a source knows arrives in a shape of its own. The
collector keeps that as it came and writes beside it what it says, as JSON lines in one form, so that search,
histogram and suggestions need to know one form only, and a new kind of source is one new file.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.evidence.times import parse_instant
from app.text import one_line, visible

FACTS = "facts"
"""What :class:`~app.review.records.Artifact` calls the format of these lines."""


@dataclass(frozen=True)
class Fact:
    """One thing that happened, as the source tells it.

    *kind* is a kind of timeline row (:mod:`app.review.vocabulary`). *key* names the fact in its source (an
    id, a message's stamp) and stays the same from collection to collection. *object* is what it happened to
    (``deployment/api``, ``acme/api``, ``#incident``), *actor* who or what did it, *url* where people can see
    it, *ref* the artifact that it was read from. *notable* facts are offered as rows of the timeline; the
    others are there to be searched. *level* is a log's word (``error``, ``warn``), where the source has one.
    """

    at: datetime
    text: str
    kind: str
    key: str
    until: datetime | None = None
    actor: str = ""
    object: str = ""
    url: str = ""
    ref: str = ""
    level: str = ""
    notable: bool = True


def dump_facts(facts: Iterable[Fact]) -> bytes:
    """*facts* as JSON lines in order of time, each fact once."""
    once = {fact.key: fact for fact in facts}
    return b"".join(_line(fact) for fact in sorted(once.values(), key=lambda fact: (fact.at, fact.key)))


def _line(fact: Fact) -> bytes:
    record = {
        "time": _written(fact.at),
        "until": _written(fact.until) if fact.until else "",
        "kind": fact.kind,
        "level": fact.level,
        "msg": fact.text,
        "actor": fact.actor,
        "object": fact.object,
        "url": fact.url,
        "ref": fact.ref,
        "key": fact.key,
    }
    kept: dict[str, Any] = {name: value for name, value in record.items() if value}
    if not fact.notable:
        kept["notable"] = False
    return json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_facts(content: bytes) -> Iterator[tuple[int, Fact]]:
    """The facts in JSON lines with their line numbers from 1; what is none is passed over."""
    for number, line in enumerate(content.split(b"\n"), 1):
        try:
            record = json.loads(line)
            fact = Fact(
                at=_instant(record["time"]),
                until=_instant(record["until"]) if record.get("until") else None,
                text=visible(str(record["msg"])),
                kind=one_line(str(record["kind"])),
                key=one_line(str(record["key"])),
                actor=one_line(str(record.get("actor", ""))),
                object=one_line(str(record.get("object", ""))),
                url=one_line(str(record.get("url", ""))),
                ref=one_line(str(record.get("ref", ""))),
                level=one_line(str(record.get("level", ""))),
                notable=record.get("notable") is not False,
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        yield number, fact


def _instant(text: object) -> datetime:
    at = parse_instant(str(text))
    if at is None:
        raise ValueError("not an instant")
    return at


def shifted(fact: Fact, seconds: float) -> tuple[datetime, datetime | None]:
    """When *fact* began and ended, with the clock correction of its source in it."""
    delta = timedelta(seconds=seconds)
    return fact.at + delta, fact.until + delta if fact.until else None
