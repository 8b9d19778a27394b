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


@pytest.mark.parametrize("vector", [*vectors("time_vectors.jsonl"), *vectors("time_vectors_more.jsonl")])
def test_an_expression_means_what_its_author_meant(vector: dict[str, Any]) -> None:
    assert LONDON is not None
    answer = read_record({"raw": vector["raw"], "context": vector["context"]}, LONDON)
    wanted = {field: vector.get(field) for field in COMPARED}
    assert {field: answer[field] for field in COMPARED} == wanted
    for field in {"reason", "offset_s"} & vector.keys():
        assert answer[field] == vector[field]
    begin, stop = answer["span"]
    assert vector["raw"][begin:stop].strip() == answer["written"]
