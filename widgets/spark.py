"""A series of numbers as one line of blocks."""

import math
from collections.abc import Sequence
from typing import Literal

BLOCKS = "▁▂▃▄▅▆▇█"

Series = Sequence[float | None]
"""Equally spaced values; ``None`` or NaN where there is none."""


def spark(series: Series, width: int, how: Literal["max", "mean"] = "max") -> str:
    """Draw *series* in at most *width* cells: one block per bucket of values, a space where nothing is known.

    Blocks start at zero (or at the lowest value, if that is negative), so that a flat line looks flat. Peaks
    survive with *how* = ``max``; ``mean`` shows the level.
    """
    if width <= 0 or not series:
        return ""
    count = min(width, len(series))
    buckets: list[float | None] = []
    for number in range(count):
        part = series[number * len(series) // count : (number + 1) * len(series) // count]
        known = [value for value in part if value is not None and math.isfinite(value)]
        buckets.append(None if not known else max(known) if how == "max" else sum(known) / len(known))
    values = [value for value in buckets if value is not None]
    low = min(0.0, *values) if values else 0.0
    high = max(values, default=0.0)

    def block(value: float | None) -> str:
        if value is None:
            return " "
        # Halved before subtracting: the distance of two huge numbers may not be a number any more, and
        # that of two tiny ones may be none.
        distance = high / 2 - low / 2
        share = (value / 2 - low / 2) / distance if distance > 0 else 0.0
        return BLOCKS[min(len(BLOCKS) - 1, round(share * (len(BLOCKS) - 1)))]

    return "".join(block(value) for value in buckets)
