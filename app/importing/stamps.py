"""Words with the time of their posting on a line of its own behind them, as status pages have their updates."""

import re
from itertools import pairwise
from typing import Final

from app.importing.blocks import Block
from app.importing.times import Clock

POSTED = re.compile(r"\s*(?:posted|updated|veröffentlicht|publié|publicado)\b", re.IGNORECASE)
"""What stands before such a time."""


_LONGEST_POST: Final = 60
_TRACKED = re.compile(r"(?P<words>\S.*?)\s*\{\{<\s*track\s+\"(?P<moment>\d[^\"]+)\"\s*>\}\}\\?", re.DOTALL)
_WHO = re.compile(r"@?[^\W\d_][\w.'’-]*(?: [\w.'’-]+){0,2}(?: \(?APP\)?)?")


def tracked(block: Block) -> re.Match[str] | None:
    """The words of an update, and the moment in the shortcode behind them: ``{{< track "2016-11-22 14:34" >}}``."""
    return _TRACKED.fullmatch(block.text.strip()) if block.kind == "paragraph" else None


def stamps_of(block: Block, clock: Clock) -> list[int]:
    """The lines of a paragraph that are no more than the time of the words above them.

    Behind the last of them may stand what is said of all ("This incident affected: …") where the stamps say that they
    are such: ``Posted Oct 06, 2022 - 17:31 UTC``.
    """
    lines = block.text.split("\n")
    if block.kind != "paragraph" or len(lines) != block.end - block.begin:
        return []
    looked = [clock.look(line) for line in lines]
    posted = [bool(POSTED.match(line)) for line in lines]
    stamps = [
        number
        for number, timed in enumerate(looked)
        if (timed.leads or posted[number])
        and timed.ends
        and timed.has_clock
        and not (timed.text if timed.leads else "").strip(" .")
    ]
    leads = [number for number, timed in enumerate(looked) if timed.leads or number in stamps]
    last = stamps and (stamps[-1] == len(lines) - 1 or all(posted[number] for number in stamps))
    return stamps if last and stamps[0] > 0 and leads == stamps else []


def posts_of(block: Block, lines: list[str], clock: Clock) -> list[tuple[int, str]]:
    """The lines of a copied chat that say who wrote and when (``alice  10:02``, ``Bob Lee [10:04 AM]``), with the name.

    Every line of the block must belong to one of two at least, and none may be without words below it.
    """
    inside = range(block.begin + (block.kind == "fence"), block.end - (block.kind == "fence"))
    found: list[tuple[int, str]] = []
    for number in inside:
        timed = clock.look(lines[number]) if len(lines[number]) < _LONGEST_POST else None
        if timed is None or not timed.ends or timed.leads or not timed.has_clock:
            continue
        name = lines[number][: timed.understood.begin].strip(" \t[(,-–—|*_`>")
        if _WHO.fullmatch(name):
            found.append((number, name))
    bodies = all(two[0] - one[0] > 1 for one, two in pairwise(found)) and found and found[-1][0] < inside[-1]
    return found if len(found) > 1 and bodies and found[0][0] == inside[0] else []
