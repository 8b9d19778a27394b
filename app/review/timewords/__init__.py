"""Time expressions of real incident reports: an interval, how exact it is, and the author's words beside it.

:func:`find` looks for the time that a line of a report speaks of; :func:`at_start` reads a time that the text
begins with, as in the capture line. Both are pure: no clock, no files. Neither loses a character: a line is
``line[:found.begin] + found.written + line[found.stop:]``.
"""

from app.review.timewords.model import UTC_ZONE, Bounds, Context, Precision, Understood, Zone
from app.review.timewords.reader import at_start, find
from app.review.timewords.rows import follow
from app.review.timewords.zonewords import declared, named

__all__ = [
    "UTC_ZONE",
    "Bounds",
    "Context",
    "Precision",
    "Understood",
    "Zone",
    "at_start",
    "declared",
    "find",
    "follow",
    "named",
]
