"""The shape of the JSON report as JSON Schema (2020-12): ``docs/report.schema.json`` is its text."""

from typing import Any

from app.review.records import Session


def json_schema() -> dict[str, Any]:
    """What every report in JSON keeps to. Further keys may come under the same ``format``; none goes."""
    session = Session.model_json_schema(by_alias=True, mode="serialization", ref_template="#/$defs/{model}")
    text, flag = {"type": "string"}, {"type": "boolean"}
    duration = {
        "type": "object",
        "required": ["name", "label", "formula", "seconds", "problem", "about"],
        "properties": {
            "name": text,
            "label": text,
            "formula": text | {"description": "How it was counted: a milestone minus a milestone."},
            "seconds": {
                "type": ["number", "null"],
                "description": "Null where it is not known; never zero for that.",
            },
            "problem": text | {"description": "Why it is not known."},
            "about": flag,
        },
    }
    item = {
        "type": "object",
        "required": ["name", "text", "done", "missing"],
        "properties": {"name": text, "text": text, "done": flag, "missing": text},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A report of blamefree",
        "type": "object",
        "required": ["format", "session", "durations", "checklist"],
        "properties": {
            "format": {"const": 1},
            "zone": {
                "type": "string",
                "description": "Of the times as they are shown; whether anybody declared it.",
            },
            "session": {"$ref": "#/$defs/Session"},
            "durations": {"type": "array", "items": duration},
            "checklist": {"type": "array", "items": item},
            "bases": {
                "type": "array",
                "description": "What a number stands on that the records do not give.",
                "items": {
                    "type": "object",
                    "required": ["where", "words", "basis"],
                    "properties": {"where": text, "words": text, "basis": text},
                },
            },
        },
        "$defs": session.pop("$defs", {}) | {"Session": session},
    }
