"""Any document: what kind it is, by its shape rather than its name, and the reader for that kind."""

import json
import re
from pathlib import PurePath
from typing import Any, Final

from app.importing.document import Options, read_markdown
from app.importing.draft import Draft
from app.importing.own import is_own, read_own
from app.review.plain import visible
from app.review.records import Event

SIZE_LIMIT: Final = 16 * 1024 * 1024
"""Bytes of the largest document that is read; reports are a thousand times smaller."""


class ImportProblem(Exception):
    """A document cannot be read; ``str()`` is one sentence that says what to do."""


def read(text: str, options: Options, name: str = "") -> Draft:
    """Read a document. *name* is that of its file, whose ending counts where the shape leaves a choice."""
    text = visible(text.removeprefix("\ufeff"))
    suffix = PurePath(name).suffix.lower()
    lines = text.split("\n")
    if is_own(lines):
        return read_own(lines, options)
    value = _json(text)
    if isinstance(value, dict | list):
        draft = _json_document(value, options)
        draft.placed = False
        return draft
    if suffix in {".jsonl", ".ndjson"} or _is_json_lines(lines):
        from app.importing.records import read_json_lines

        return read_json_lines(text, options)
    if suffix in {".csv", ".tsv"} or _is_csv(lines):
        from app.importing.records import read_csv

        return read_csv(text, options)
    from app.importing.html import looks_like_html, to_markdown

    if suffix in {".html", ".htm"} or looks_like_html(text):
        draft = read_markdown(to_markdown(text), options)
        draft.placed = False
        return draft
    return read_markdown(text, options)


def _json(text: str) -> Any:
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_json_lines(lines: list[str]) -> bool:
    first = [line for line in lines[:50] if line.strip()][:5]
    return len(first) > 1 and all(
        line.lstrip().startswith("{") and isinstance(_json(line), dict) for line in first
    )


def _is_csv(lines: list[str]) -> bool:
    """A head of names with commas, and as many commas in the rows; a sentence with commas is no table."""
    head = lines[0] if lines else ""
    names = [each.strip().strip('"') for each in head.split(",")]
    known = {
        "message",
        "datetime",
        "timestamp_desc",
        "time",
        "timestamp",
        "date",
        "event",
        "at",
        "action",
        "owner",
    }
    named = sum(re.sub(r"\s*\(.*", "", each).casefold() in known for each in names)
    return len(names) > 1 and named > 1 and len(lines) > 1 and "," in lines[1]


def _json_document(value: Any, options: Options) -> Draft:
    from app.importing.exports import read_json

    if isinstance(value, dict) and isinstance(value.get("session"), dict) and "schema" in value["session"]:
        return _own_json(value, options)
    if (
        isinstance(value, dict)
        and isinstance(value.get("events"), list)
        and "timezone" in value
        and "zone" in value
    ):
        return _own_timeline(value, options)
    return read_json(value, options)


def _own_json(value: dict[str, Any], options: Options) -> Draft:
    """A report as JSON holds the whole review."""
    from app.importing.exports import read_json
    from app.review.records import Session

    try:
        session = Session.model_validate(value["session"])
    except ValueError:
        return read_json(value, options)
    draft = Draft([])
    draft.review_id = session.id
    draft.incident = {name: getattr(session.incident, name) for name in session.incident.model_fields_set}
    narrative = session.narrative
    for name in ("summary", "trigger", "detection", "response", "prevention"):
        draft.prose[name] = getattr(narrative, name)
    for name in ("went_well", "was_hard", "lucky", "surprises", "lessons"):
        draft.listed[name] = list(getattr(narrative, name))
    draft.passages = list(narrative.passages)
    draft.events, draft.event_lines = list(session.events), [1] * len(session.events)
    draft.factors, draft.actions = list(session.factors), list(session.actions)
    draft.impacts, draft.parked = list(session.impacts), list(session.parked)
    draft.accepted = list(session.accepted)
    return draft


def _own_timeline(value: dict[str, Any], options: Options) -> Draft:
    """The timeline as JSON, as ``blamefree export`` writes it."""
    from app.importing.exports import read_json

    known = set(Event.model_fields)
    try:
        rows = [row for each in value["events"] for row in (each, *each.get("folded", ()))]
        events = [Event.model_validate({key: each[key] for key in each if key in known}) for each in rows]
    except (ValueError, TypeError, AttributeError):
        return read_json(value, options)
    draft = Draft([])
    draft.incident = {"title": str(value.get("title") or options.name), "timezone": str(value["timezone"])}
    draft.review_id = str(value.get("id") or "")
    draft.events, draft.event_lines = events, [1] * len(events)
    return draft
