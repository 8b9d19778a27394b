"""From evidence to suggested rows of the timeline. Machines gather, people decide."""

from app.suggest.facts import Suggestion, suggest

__all__ = ["Suggestion", "suggest"]
