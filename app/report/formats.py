"""What a timeline can be written as: names alone, for those who offer them before anything is written."""

from typing import Final, Literal

TimelineFormat = Literal["md", "csv", "json", "timesketch", "mermaid"]
TIMELINE_FORMATS: Final[tuple[TimelineFormat, ...]] = ("md", "csv", "json", "timesketch", "mermaid")
