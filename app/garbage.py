"""When garbage is collected: while nobody types, and not between a key and its frame.

Python looks for garbage when enough objects were made, which is in the middle of somebody's keys. A full look visits
every object that there is, 20 to 40 ms where a review has ten thousand rows. Most of what a frame makes is in no
cycle and gone without any look.
"""

import gc
from collections.abc import Callable
from time import monotonic
from typing import Final

_YOUNG: Final = (4_000, 10, 200)
"""Objects that are made between two looks at young ones; such looks between those at older ones; and so on."""
_PAUSE_S: Final = 1.0
"""Seconds without a key after which a full look disturbs nobody."""
_ENOUGH: Final = 2_000
"""Objects made since the last look that are worth another."""


def hold_back() -> None:
    """Look for nothing: what is made until :func:`settle` is there to stay."""
    gc.disable()


def settle() -> None:
    """What is there now stays, and is not visited again; look for garbage in what comes from now on."""
    gc.set_threshold(*_YOUNG)
    gc.freeze()
    gc.enable()


def held_back() -> bool:
    """Whether :func:`hold_back` was called, and :func:`settle` was not."""
    return not gc.isenabled()


def let_go() -> None:
    """What was to stay may be garbage now."""
    gc.unfreeze()


class Pauses:
    """Collects garbage in the pauses between keys."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last_key = clock()

    def key(self) -> None:
        """A person did something."""
        self._last_key = self._clock()

    def tick(self) -> bool:
        """Called about once a second: collect, if nobody types and there is enough; tell whether that was done."""
        young, older, _ = gc.get_count()
        if self._clock() - self._last_key < _PAUSE_S or not (older or young >= _ENOUGH) or not gc.isenabled():
            return False
        gc.collect()
        return True
