"""Words with the time of their posting on a line of its own behind them, as status pages have their updates."""

import re

from app.importing.blocks import Block
from app.importing.times import Clock

POSTED = re.compile(r"\s*(?:posted|updated|veröffentlicht|publié|publicado)\b", re.IGNORECASE)
"""What stands before such a time."""


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
