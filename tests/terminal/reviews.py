"""What a review holds on disk."""

from pathlib import Path

from app.history import Desk


def rows(review: Path) -> list[str]:
    """The texts of the timeline, read beside the program that may have the review open."""
    with Desk.open(review, read_only=True) as desk:
        return [event.text for event in desk.session.events]
