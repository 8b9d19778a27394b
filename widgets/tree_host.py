"""What a tree asks of the screen that shows it while somebody types.

These are calls, not messages: a fast typist's next letter is on its way before a message comes back, and it
belongs into the field that the last key opened.
"""

from typing import NamedTuple, Protocol


class Written(NamedTuple):
    """The end of an edit in a tree."""

    key: str
    old: str
    text: str
    """What stands in the field, on one line."""
    step: str
    """How it ended: ``stay`` (Enter), ``next`` (Tab), ``previous`` (Shift+Tab), ``up``, ``down``, ``leave``
    (the focus went elsewhere), or ``cancel`` (Esc)."""


class TreeHost(Protocol):
    """The screen, as a tree sees it. It changes the session, and gives the tree its new nodes."""

    def node_wanted(self, key: str, where: str) -> None:
        """A new node is wanted: *where* is ``child`` or ``sibling`` of the node *key*."""

    def node_written(self, written: Written) -> bool:
        """An edit ended; True when the host took care of where the cursor goes on."""
