"""What stands around a time changes nothing of what it means: marks of a list, emphasis, and the words behind it."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.review.timewords import named
from app.review.timewords.terms import read_record

DATA = Path(__file__).parents[2] / "data"
LONDON = named("Europe/London")
FILES = (
    "time_vectors.jsonl",
    "time_vectors_more.jsonl",
    "time_vectors_reports.jsonl",
    "time_vectors_public.jsonl",
)
COMPARED = ("kind", "precision", "approx", "lo", "hi", "end_lo", "end_hi")
WORDS_NEEDED = {
    "14.05", "+ 5 min", "15m after", "in 2023", "TBD", "unknown", "n/a", "10:15?", "2 minutes after", "5 minutes after",
    "between the 10th and the 16th",
    "Between October 21 and October 30, 2025",
}  # fmt: skip
"""Expressions that only some settings make a time, or that mean something else as a part of a sentence."""
SETTINGS = (
    "{}: alert fired", "{}: 3 pods restart", "{}:\nalert fired", "{} | alert fired", "{}; alert fired",
    "{} – alert fired", "{} - alert fired", "- {}: x", "* {} - x", "**{}:** x", "**{}** – x", "***{}***: x",
    "* `{}`: x", "| {} | x |", "_{}_: x", "__{}__: x",
)  # fmt: skip


def expressions() -> list[tuple[str, Any]]:
    """The times that begin a vector, without what stands behind them."""
    assert LONDON is not None
    found = []
    for name in FILES:
        for line in (DATA / name).read_text("utf-8").splitlines():
            vector = json.loads(line)
            begin, stop = read_record({"raw": vector["raw"], "context": vector["context"]}, LONDON)["span"]
            time = vector["raw"][:stop].strip()
            if begin == 0 and time and time[0] not in "[(*<" and time not in WORDS_NEEDED:
                found.append((time, vector["context"]))
    return found


GIVEN = expressions()


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_time_means_the_same_in_any_setting(setting: str) -> None:
    assert LONDON is not None
    assert len(GIVEN) > 500
    changed = []
    for time, context in GIVEN:
        alone = read_record({"raw": f"{time}: x", "context": context}, LONDON)
        there = read_record({"raw": setting.format(time), "context": context}, LONDON)
        changed += [
            (time, field, alone[field], there[field]) for field in COMPARED if alone[field] != there[field]
        ]
    assert changed == []


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2025-02-09T10:15:30+02:00: alert", "2025-02-09T08:15:30Z"),
        ("10:15 UTC-05:00: alert", "2025-02-09T15:15:00Z"),
        ("**10:15 CET:** alert", "2025-02-09T09:15:00Z"), ("10:15 +0530: alert", "2025-02-09T04:45:00Z"),
        ("_10:15 CET_ alert", "2025-02-09T09:15:00Z"), ("10:15 am Central - alert", "2025-02-09T16:15:00Z"),
        ("T+5m: alert", "2025-02-09T10:05:00Z"), ("T+00:05: alert", "2025-02-09T10:05:00Z"),
        ("T-0: trigger", "2025-02-09T10:00:00Z"),
        ("T+5m 502s rise", "2025-02-09T10:05:00Z"), ("1. Feb 9 10:15 - alert", "2025-02-09T10:15:00Z"),
    ],
)  # fmt: skip
def test_a_colon_or_a_mark_behind_a_time_takes_nothing_from_it(written: str, instant: str) -> None:
    assert LONDON is not None
    context = {"date": "2025-02-09", "tz": "UTC", "t0": "2025-02-09T10:00:00Z"}
    assert read_record({"raw": written, "context": context}, LONDON)["lo"] == instant
