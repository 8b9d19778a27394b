"""Sources that a team uses again and again, from its settings into a review and back.

A profile holds what a source's settings hold: the names of variables and keyring entries, never a secret.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.review.records import Source
from app.settings import Profile
from collectors.registry import collectors

_OF_ONE_REVIEW = frozenset(("from", "to"))
"""Settings that mean one incident only."""


def source_of(profile: Profile) -> Source:
    """A source for a review, as the profile describes it; a kind that is not known here keeps its settings."""
    known = collectors().get(profile.kind)
    name = known.describe(profile.settings) if known and not known.check(profile.settings) else profile.name
    return Source(kind=profile.kind, name=name or profile.name, settings=dict(profile.settings))


def profile_of(source: Source, name: str = "") -> Profile:
    """A profile to use *source* again in other reviews, under *name* or one made from its own."""
    settings: Mapping[str, Any] = {
        key: value for key, value in source.settings.items() if key not in _OF_ONE_REVIEW
    }
    return Profile(name or _short(source.name or source.kind), source.kind, settings)


def _short(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:40] or "source"
