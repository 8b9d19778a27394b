"""What is asked of every record of a long list at every edit, asked only of those that the edit changed.

An edit makes a new list in which all records but one or two are the very same objects. A :class:`Facet` remembers
the list it was asked about last and goes on from there: ten thousand rows cost a fraction of a millisecond.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import compress, count
from operator import attrgetter, is_not
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


def stretch(before: Sequence[Any], after: Sequence[Any]) -> tuple[int, int]:
    """How many records at the beginning and how many at the end of two lists are the very same, and never overlap."""
    global _compared
    known = _compared
    # Several facets ask about the same edit.
    if known[0] is not before or known[1] is not after:
        shorter = min(len(before), len(after))
        start = next(compress(count(), map(is_not, before, after)), shorter)
        end = next(compress(count(), map(is_not, reversed(before), reversed(after))), shorter)
        known = before, after, (start, min(end, shorter - start))
        if isinstance(before, tuple) and isinstance(after, tuple):
            _compared = known
    return known[2]


_compared: tuple[Sequence[Any], Sequence[Any], tuple[int, int]] = ((), (), (0, 0))
"""The two lists that were compared last, neither of which can change, and what they share."""


class Facet(Generic[Value]):
    """One value of each record of a list. What it knows is replaced as a whole, so that threads may ask, too."""

    def __init__(self, ask: Callable[[Any], Value]) -> None:
        """*ask* must depend on nothing but the record."""
        self._ask = ask
        self._last: tuple[Sequence[Any], tuple[Value, ...]] = ((), ())

    def of(self, records: Sequence[Any]) -> tuple[Value, ...]:
        """The values in the order of the records: the very same tuple as last time where none of them differs."""
        known, values = self._last
        if records is known:
            return values
        start, end = stretch(known, records)
        fresh = tuple(map(self._ask, records[start : len(records) - end]))
        if fresh != values[start : len(values) - end]:
            values = (*values[:start], *fresh, *values[len(values) - end :])
        self._last = records, values
        return values


class Places:
    """Where each record of a list stands, by its id."""

    def __init__(self) -> None:
        self._ids: Facet[str] = Facet(attrgetter("id"))
        self._known: tuple[tuple[str, ...], Mapping[str, int]] = ((), {})

    def of(self, records: Sequence[Any]) -> Mapping[str, int]:
        """Places by ids; of an id that is there twice, the last."""
        ids = self._ids.of(records)
        known = self._known
        if known[0] is not ids:
            known = self._known = ids, dict(zip(ids, count()))
        return known[1]
