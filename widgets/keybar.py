"""The last line of every screen: the keys that work here and now, as many as fit, the most useful first.

Textual's footer is a widget per key, a dozen to mount before the first frame; here it is one drawn line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from textual.message import Message

from app.text import cell_len
from widgets.line_widget import LineWidget, Piece


class Key(NamedTuple):
    """One key: how it is written, what it does in a word or two, and the action that a click on it runs."""

    key: str
    label: str
    action: str


class KeyBar(LineWidget):
    """Shows keys; a click runs one."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keybar--key", "keybar--label"}
    DEFAULT_CSS = """
    KeyBar {
        height: 1;
        background: $panel;
        color: $foreground;
        & > .keybar--key { color: $text-accent; text-style: bold; }
        & > .keybar--label { color: $foreground; }
    }
    """

    @dataclass
    class Chosen(Message):
        """A key was clicked."""

        action: str

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._keys: tuple[Key, ...] = ()

    def show(self, keys: Sequence[Key]) -> None:
        """Show *keys*."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.refresh()

    def chosen(self, target: str) -> None:
        """Say which key was clicked."""
        self.post_message(self.Chosen(target))

    def lines(self, width: int) -> Sequence[tuple[Sequence[Piece], Sequence[Piece]]]:
        """The keys that fit as a whole: half a word helps nobody."""
        bare = [cell_len(key.key) + cell_len(key.label) + 2 for key in self._keys]
        # Air between the keys is the first thing to give way.
        air = " " if sum(bare) + len(bare) <= width else ""
        pieces: list[Piece] = []
        room = width
        for key, needed in zip(self._keys, bare, strict=True):
            if needed + len(air) > room:
                break
            room -= needed + len(air)
            pieces.append(Piece(f" {key.key}", "keybar--key", key.action))
            pieces.append(Piece(f" {key.label}{air}", "keybar--label", key.action))
        return [(pieces, ())]
