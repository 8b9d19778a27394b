"""Time expressions of real reports, and what they mean."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.review.timewords import named
from app.review.timewords.terms import read_record

DATA = Path(__file__).parents[2] / "data"
LONDON = named("Europe/London")
COMPARED = ("kind", "precision", "approx", "lo", "hi", "end_lo", "end_hi")


def vectors(name: str) -> list[Any]:
    lines = (DATA / name).read_text("utf-8").splitlines()
    return [
        pytest.param(json.loads(line), id=f"{json.loads(line)['id']}-{json.loads(line)['raw'][:40]}")
        for line in lines
    ]


FILES = (
    "time_vectors.jsonl",
    "time_vectors_more.jsonl",
    "time_vectors_reports.jsonl",
    "time_vectors_public.jsonl",
)


@pytest.mark.parametrize("name", FILES)
def test_the_share_of_expressions_that_are_read_right_is_printed(name: str) -> None:
    """More than 95 % are asked for; run with ``-s`` to see the share."""
    assert LONDON is not None
    given = [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]
    answers = [read_record({"raw": each["raw"], "context": each["context"]}, LONDON) for each in given]
    right = sum(
        all(answer[field] == vector.get(field) for field in COMPARED)
        for vector, answer in zip(given, answers, strict=True)
    )
    print(f"\n{name}: {right} of {len(given)} right, {right / len(given):.1%}")
    assert right / len(given) > 0.95


@pytest.mark.parametrize("vector", [vector for name in FILES for vector in vectors(name)])
def test_an_expression_means_what_its_author_meant(vector: dict[str, Any]) -> None:
    assert LONDON is not None
    answer = read_record({"raw": vector["raw"], "context": vector["context"]}, LONDON)
    wanted = {field: vector.get(field) for field in COMPARED}
    assert {field: answer[field] for field in COMPARED} == wanted
    for field in {"reason", "offset_s"} & vector.keys():
        assert answer[field] == vector[field]
    begin, stop = answer["span"]
    assert vector["raw"][begin:stop].strip() == answer["written"]
