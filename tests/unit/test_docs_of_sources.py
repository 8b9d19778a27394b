"""docs/sources.md: every source with its settings, permissions, limits, and an example that works."""

import re
import shlex
from pathlib import Path

import pytest

from app.review.records import Session
from collectors.registry import collectors
from tests.unit.test_cli import Blamefree, blamefree, root, saved, session_in

__all__ = ["blamefree", "root"]

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
SHARED = "".join(part for part in re.split(r"(?m)^(?=## )", PAGE) if "(`" not in part.partition("\n")[0])
"""What holds for several sources: settings of logs, and of servers behind HTTP."""


def section(kind: str) -> str:
    found = re.search(rf"(?ms)^## [^\n]*\(`{kind}`\)\n(.*?)(?=^## |\Z)", PAGE)
    assert found, f"{kind} has no section"
    return found[1]


@pytest.mark.parametrize("kind", sorted(collectors()))
def test_every_source_is_described(kind: str) -> None:
    text = section(kind)
    for field in collectors()[kind].fields:
        assert f"`{field.name}`" in text + SHARED, f"{kind}: {field.name} is not described"
    assert "*Permissions*" in text
    assert "*Limits*" in text or kind == "command"
    assert f"blamefree source api-service add {kind} " in text


def test_every_example_of_a_source_can_be_added(root: Path, blamefree: Blamefree) -> None:
    folder = saved(root, Session())
    lines = [
        line
        for block in re.findall(r"(?s)```sh\n(.*?)```", PAGE)
        for line in block.replace("\\\n", " ").splitlines()
        if line.startswith("blamefree source api-service add ")
    ]
    assert len(lines) >= len(collectors())
    for line in lines:
        words = shlex.split(line)[1:]
        answer = blamefree("source", "review", *words[2:])
        assert answer.code == 0, (line, answer)
    added = session_in(folder).sources
    assert {each.kind for each in added} == set(collectors())
    assert len(added) == len(lines)
