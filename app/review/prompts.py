"""What a facilitator can say and ask. The words are data, in ``prompts.toml`` beside this file."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any


def prompts(screen: str) -> tuple[str, ...]:
    """The prompts for a screen (``collect``, ``timeline`` …) in the order to offer them; none for another."""
    for each in _data()["screen"]:
        if each["name"] == screen:
            return tuple(each["prompts"])
    return ()


def cues() -> dict[str, str]:
    """What happens in the room (somebody names a person, silence …), and what to ask then."""
    return {each["name"]: each["ask"] for each in _data()["cue"]}


def child_prompt(count: int) -> str:
    """What to ask for the next answer below a factor that has *count* of them: four questions in turn.

    They alternate because one question asked again and again makes a chain, and a chain ends at a person.
    """
    questions: list[str] = _data()["child"]
    return questions[count % len(questions)]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("app.review").joinpath("prompts.toml").read_text("utf-8"))
