"""What a line proves about the zone of the time that it is written with: a link to a chat message has its instant.

Slack's permalinks end in ``p`` and the microseconds since 1970. Written beside "15:21", a message of
14:21:29Z proves that the author's clock was an hour ahead of UTC.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from app.review.timewords.model import Zone
from app.review.timewords.zonewords import of_offset

_PERMALINK = re.compile(r"/archives/[A-Z0-9]{6,14}/p(?P<seconds>1[0-9]{9})(?P<micros>[0-9]{6})(?![0-9])")
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER: Final = timedelta(minutes=15)
_NEAR: Final = timedelta(minutes=6)
"""How far a written time may be from its message; half a quarter of an hour would fit every offset."""


def message_times(text: str) -> tuple[datetime, ...]:
    """The instants of the chat messages that *text* links to."""
    return tuple(
        _START + timedelta(seconds=int(match["seconds"]), microseconds=int(match["micros"]))
        for match in _PERMALINK.finditer(text)
    )


def proved_zone(local: datetime, text: str) -> Zone | None:
    """The zone in which the naive time *local* is that of a message linked beside it; None without proof."""
    for at in message_times(text):
        ahead = local - at.replace(tzinfo=None)
        quarters = round(ahead / _QUARTER)
        # Zones lie between UTC-12 and UTC+14, and clocks of people on whole or half hours.
        if abs(ahead - quarters * _QUARTER) <= _NEAR and -48 <= quarters <= 56 and quarters % 2 == 0:
            return of_offset(quarters * _QUARTER)
    return None
