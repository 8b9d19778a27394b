"""What a person's settings add to a review's: the tracker's address and options, and who is who there.

``config.toml``::

    [people]
    "@bob" = "bob-h"                                  # the account everywhere
    "@eve" = { github = "eve-dev", jira = "5b10a2" }  # or by tracker

    [tracker.acme]
    kind = "jira"
    base_url = "https://acme.atlassian.net"
    repo = "OPS"

The review's own values win; tokens never stand in either.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.review.edits import revise
from app.review.plain import one_line
from app.review.records import Tracking
from app.tracking.interface import Team

if TYPE_CHECKING:
    from app.settings import Settings

_SHARED = ("repo", "base_url", "milestone", "report")


def merged(settings: Tracking, person: "Settings | None") -> tuple[str, Tracking, Team]:
    """The kind of tracker, the settings as a whole, and what concerns people and options."""
    if person is None:
        return settings.tracker, settings, Team()
    table = next((each for each in person.trackers if each.name == settings.tracker), None)
    kind = table.kind if table else settings.tracker
    options = table.settings if table else {}
    changes: dict[str, Any] = {
        name: one_line(str(options[name]))
        for name in _SHARED
        if options.get(name) and not getattr(settings, name)
    }
    labels = options.get("labels")
    if isinstance(labels, list) and not settings.labels:
        changes["labels"] = tuple(one_line(str(each)) for each in labels)
    people = _people(person.people, {kind, settings.tracker}) | _people(options.get("people"), set())
    own = frozenset(
        host for each in person.trackers if (host := _host(each.settings.get("base_url"))) is not None
    )
    whole = revise(settings, **changes) if changes else settings
    return kind, whole, Team(people, options, own)


def _people(table: Any, names: set[str]) -> dict[str, str]:
    """Accounts by handle, the handle without its sign and in small letters."""
    if not isinstance(table, Mapping):
        return {}
    found: dict[str, str] = {}
    for handle, value in table.items():
        if isinstance(value, Mapping):
            value = next((value[name] for name in names if name in value), None)
        if isinstance(value, str | int) and str(value).strip():
            found[bare(handle)] = one_line(str(value)).strip()
    return found


def bare(handle: str) -> str:
    """A handle as the key of the table of people: ``@Bob`` and ``bob`` are one."""
    return one_line(handle).strip().removeprefix("@").casefold()


def _host(url: Any) -> str | None:
    try:
        return urlsplit(str(url or "")).hostname
    except ValueError:
        return None
