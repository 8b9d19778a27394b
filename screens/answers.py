"""What a key did, said for a few seconds: the newest answer takes the place of the one before.

Ten undos are ten answers, and only the last one is still true; a pile of them would hide the rows that they are
about. What went wrong with saving is no answer to a key: it stays as long as it may.
"""

from typing import Any, Final
from weakref import WeakKeyDictionary

from textual.app import App
from textual.notifications import Notification, Notify, SeverityLevel

_SEVERITIES: Final[dict[str, SeverityLevel]] = {
    "information": "information",
    "warning": "warning",
    "error": "error",
}

_current: WeakKeyDictionary[App[Any], list[Notification]] = WeakKeyDictionary()
"""What each application answered to the latest key."""
_past: WeakKeyDictionary[App[Any], list[Notification]] = WeakKeyDictionary()
"""What it answered to keys before, and still shows."""


def answered(app: App[Any]) -> None:
    """A key was pressed: what was said until now makes room for what it will be answered."""
    if said := _current.pop(app, None):
        _past.setdefault(app, []).extend(said)


def outdate(app: App[Any]) -> None:
    """The review has changed since: what was said before the latest key is not true any more."""
    for before in _past.pop(app, ()):
        app._unnotify(before)


def answer(app: App[Any], sentence: str, severity: str = "information") -> None:
    """Say *sentence*, as it stands, instead of what was said before the latest key."""
    known = _SEVERITIES.get(severity, "information")
    fresh = Notification(sentence, severity=known, timeout=app.NOTIFICATION_TIMEOUT, markup=False)
    for before in _past.pop(app, ()):
        app._unnotify(before, refresh=False)
    if known != "error":
        _current.setdefault(app, []).append(fresh)
    # At once, not by a message: the next answer must find this one to take its place.
    app._on_notify(Notify(fresh))
