"""Garbage is collected in pauses of typing."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from app import garbage


class Node:
    """Something that can be in a cycle."""

    def __init__(self) -> None:
        self.other = self


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before, enabled = gc.get_threshold(), gc.isenabled()
    gc.set_threshold(1_000_000, 1_000, 1_000)
    gc.collect()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()
    if enabled:
        gc.enable()


def _cycles(number: int = 3_000) -> "weakref.ref[Node]":
    references = [weakref.ref(Node()) for _ in range(number)]
    return references[-1]


def test_nothing_is_collected_while_somebody_types() -> None:
    clock = Clock()
    pauses = garbage.Pauses(clock)
    gone = _cycles()
    for _ in range(5):
        clock.now += 0.5
        pauses.key()
        clock.now += 0.3
        assert not pauses.tick()
    assert gone() is not None


def test_what_came_together_is_collected_in_a_pause() -> None:
    clock = Clock()
    pauses = garbage.Pauses(clock)
    gone = _cycles()
    clock.now = 1.5
    assert pauses.tick()
    assert gone() is None


def test_a_program_that_rests_does_not_collect_every_second() -> None:
    clock = Clock()
    pauses = garbage.Pauses(clock)
    _cycles()
    clock.now = 2
    assert pauses.tick()
    clock.now = 3
    assert not pauses.tick()


def test_what_is_there_when_the_first_frame_is_drawn_is_not_visited_again_until_the_review_is_left() -> None:
    garbage.hold_back()
    assert garbage.held_back()
    node = Node()
    gone = weakref.ref(node)
    garbage.settle()
    assert not garbage.held_back()
    del node
    gc.collect()
    assert gone() is not None
    garbage.let_go()
    gc.collect()
    assert gone() is None
