"""How sources stand: each asked alone, each answer a fact or a sentence, nothing kept."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from app.review.records import Source
from collectors.doctor import UNASKED, examine, facts_of, healthy
from collectors.interface import Collected, Collector, CollectProblem, Examination, Field, Job

NOW = datetime(2025, 2, 9, tzinfo=UTC)


class Fake(Collector):
    kind: ClassVar[str] = "fake"
    title: ClassVar[str] = "fake"
    fields: ClassVar[tuple[Field, ...]] = ()

    def __init__(self, does: str) -> None:
        self.does = does

    def check(self, settings: Mapping[str, Any]) -> str:
        return "It needs an address." if self.does == "unset" else ""

    def describe(self, settings: Mapping[str, Any]) -> str:
        return "fake"

    async def collect(self, job: Job) -> Collected:
        raise AssertionError("nothing is collected")

    async def examine(self, job: Job) -> Examination | None:
        match self.does:
            case "well":
                return Examination(True, True, 42.4, True, ("It is well.",))
            case "refuses":
                raise CollectProblem("The login was refused: set the token.")
            case "breaks":
                raise KeyError("[red]")
            case "sleeps":
                await asyncio.sleep(60)
            case "keeps":
                job.keeper.keep("a", b"x")
                return Examination(True, True)
        return None


async def asked(does: str, folder: Path | None = None, kind: str = "fake") -> Examination:
    source = Source(id="S1", kind=kind, name="the fake")
    pairs = [
        pair async for pair in examine([source], folder, now=NOW, kinds={"fake": Fake(does)}, longest_s=0.05)
    ]
    (pair,) = pairs
    return pair[1]


@pytest.mark.parametrize(
    ("does", "sentence"),
    [
        ("refuses", "The login was refused: set the token."),
        ("breaks", "The collector “fake” broke down (KeyError: '[red]'): report this to its maker."),
        ("sleeps", "the fake did not answer within 0 s: look at its address."),
        ("unset", "It needs an address."),
    ],
)
async def test_whatever_goes_wrong_is_a_sentence(does: str, sentence: str) -> None:
    found = await asked(does)
    assert found.sentences == (sentence,)
    assert not healthy(found)


async def test_what_is_well_says_its_facts() -> None:
    found = await asked("well")
    assert healthy(found)
    assert facts_of(found) == {"reachable": "yes", "authorised": "yes", "clock": "+42 s", "window": "yes"}


async def test_a_kind_that_cannot_be_asked_says_so_and_an_unknown_one_too() -> None:
    assert await asked("nothing") == UNASKED
    assert "install its package" in (await asked("well", kind="other")).sentences[0]


async def test_nothing_is_kept_in_the_review(tmp_path: Path) -> None:
    await asked("keeps", tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_all_are_asked_at_once() -> None:
    sources = [Source(id=f"S{n}", kind="slow") for n in range(20)]
    at_once = 0
    most = 0

    class Slow(Fake):
        async def examine(self, job: Job) -> Examination | None:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0.01)
            at_once -= 1
            return Examination(True)

    pairs = [pair async for pair in examine(sources, now=NOW, kinds={"slow": Slow("")})]
    assert len(pairs) == 20
    assert most == 20
