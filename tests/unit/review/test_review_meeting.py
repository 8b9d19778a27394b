"""The meeting: its plan, its clock, and what a facilitator can say."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.agenda import LENGTHS, agenda, at
from app.review.language import check
from app.review.prompts import child_prompt, cues, prompts

SCREENS = ("sessions", "collect", "timeline", "whys", "actions", "report", "track")
EVERYTHING = [text for screen in SCREENS for text in prompts(screen)] + list(cues().values())
# Forms that lead to justification, to names, or to a nod.
FORBIDDEN = re.compile(
    r"(?:why|who|whose|should|is|are|was|were|do|does|did|has|have|had|can|could|will|would|may|might)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("minutes", LENGTHS)
def test_the_parts_of_a_meeting_add_up_and_most_of_it_is_the_timeline(minutes: int) -> None:
    parts = agenda(minutes)
    assert sum(part.minutes for part in parts) == minutes
    assert [part.screen for part in parts] == ["collect", "timeline", "timeline", "whys", "actions", "report"]
    assert max(parts, key=lambda part: part.minutes).name == "Walk the timeline"
    assert all(part.goal and part.reminder for part in parts)


def test_the_usual_hour_is_divided_as_facilitators_do() -> None:
    assert [part.minutes for part in agenda(60)] == [5, 3, 30, 10, 8, 4]
    assert [part.minutes for part in agenda(30)] == [3, 2, 13, 6, 4, 2]
    assert [part.minutes for part in agenda(90)] == [5, 5, 45, 18, 12, 5]


def test_there_is_no_plan_for_other_lengths() -> None:
    with pytest.raises(ValueError, match="30, 60, 90 minutes, not for 45"):
        agenda(45)
    with pytest.raises(ValueError):
        at(timedelta(), ())


@pytest.mark.parametrize(
    ("minute", "name", "left"),
    [
        (0, "Open", 5),
        (4, "Open", 1),
        (5, "Read in silence", 3),
        (37, "Walk the timeline", 1),
        (38, "Factors", 10),
        (59, "Close", 1),
        (60, "Close", 0),
        (65, "Close", -5),
    ],
)
def test_the_clock_knows_the_part_and_what_is_left_of_it(minute: int, name: str, left: int) -> None:
    part, remaining = at(timedelta(minutes=minute), agenda(60))
    assert (part.name, remaining) == (name, timedelta(minutes=left))


@given(st.sampled_from(LENGTHS), st.timedeltas(timedelta(), timedelta(minutes=89, seconds=59)))
def test_before_the_end_some_time_is_left_and_never_more_than_the_part_has(
    minutes: int, elapsed: timedelta
) -> None:
    part, left = at(elapsed, agenda(minutes))
    assert left <= timedelta(minutes=part.minutes)
    assert (left > timedelta()) == (elapsed < timedelta(minutes=minutes))


@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_has_something_to_say(screen: str) -> None:
    assert len(prompts(screen)) >= 3
    assert len(set(prompts(screen))) == len(prompts(screen))
    assert prompts("elsewhere") == ()


@pytest.mark.parametrize("text", EVERYTHING)
def test_a_prompt_asks_for_a_description_and_blames_nobody(text: str) -> None:
    sentences = re.split(r"(?<=[.?!:]) ", text)
    assert not [each for each in sentences if each.endswith("?") and FORBIDDEN.match(each)]
    assert check(text) == ()
    assert "root cause" not in text.lower()
    assert len(text) <= 90


def test_the_question_for_the_next_answer_alternates() -> None:
    asked = [child_prompt(count) for count in range(5)]
    assert asked[:4] == [
        "How was that possible?",
        "What else had to be true?",
        "What made it hard to see?",
        "What usually stops this?",
    ]
    assert asked[4] == asked[0]
