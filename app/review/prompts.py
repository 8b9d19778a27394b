"""What a facilitator can say and ask. The words are data, in ``prompts.toml`` beside this file."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from app.review.records import Session


def prompts(screen: str) -> tuple[str, ...]:
    """The prompts for a screen (``collect``, ``timeline`` …) in the order to offer them; none for another."""
    for each in _data()["screen"]:
        if each["name"] == screen:
            return tuple(each["prompts"])
    return ()


def cues() -> dict[str, str]:
    """What happens in the room (somebody names a person, silence …), and what to ask then."""
    return {each["name"]: each["ask"] for each in _data()["cue"]}


def child_prompt(count: int, *, hows: bool = False) -> str:
    """What to ask for the next answer below a factor that has *count* of them: the questions in turn.

    They alternate because one question asked again and again makes a chain, and a chain ends at a person. With
    *hows* all of them begin with "how", and lead through the families of questions.
    """
    questions: list[str] = _data()["child"]
    if hows:
        questions = [questions[0], *(family.ask[0] for family in families())]
    return questions[count % len(questions)]


def short(question: str) -> str:
    """A question in a word or two where there is little room, or the question itself."""
    words: dict[str, str] = _data()["short"]
    return words.get(question, question)


class Family(NamedTuple):
    """A family of questions that a review wants covered."""

    name: str
    ask: tuple[str, ...]
    """Ways to ask; the first begins with "how"."""


@cache
def families() -> tuple[Family, ...]:
    """The families of questions, in the order to cover them."""
    return tuple(Family(each["name"], tuple(each["ask"])) for each in _data()["family"])


def hows() -> tuple[str, ...]:
    """Sentences for a facilitator who asks by "how" only."""
    return tuple(dict.fromkeys(child_prompt(count, hows=True) for count in range(len(families()) + 1)))


def covered(session: Session) -> frozenset[str]:
    """The names of the families that were ticked by hand, or one of whose questions has an answer."""
    asked = {factor.question for factor in session.factors}
    return frozenset(
        family.name
        for family in families()
        if family.name in session.analysis.covered or asked.intersection(family.ask)
    )


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("app.review").joinpath("prompts.toml").read_text("utf-8"))
